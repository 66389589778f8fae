//! Durations as timestamps count them.

use jiff::SignedDuration;

/// A duration within what a timestamp can take.
pub(crate) fn signed(duration: std::time::Duration) -> SignedDuration {
    SignedDuration::try_from(duration).unwrap_or(SignedDuration::MAX)
}
