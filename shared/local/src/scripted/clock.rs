//! The only clock of the third party: a vendor has one, and stamps what it does.

use std::time::{SystemTime, UNIX_EPOCH};

/// Milliseconds since 1970, signed so that two of them can be subtracted.
pub(super) fn epoch_ms() -> i64 {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX)
}

/// Seconds since 1970, as `webhook-timestamp` wants them.
pub(super) fn epoch_s() -> i64 {
    epoch_ms() / 1_000
}
