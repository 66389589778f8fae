//! Which attempt of a task a token belongs to.

use crate::Timestamp;

/// An attempt's place in time. Step Functions gives every attempt a new token;
/// a token of a smaller generation than the stored one belongs to an attempt
/// that is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct Generation(u64);

/// Retries within one entry of a state; more of them than this share a number.
/// Step Functions allows far more, the shipped definitions fewer than ten.
const RETRIES_PER_ENTRY: u64 = 1_000;

impl Generation {
    /// The attempt that entered its state at `entered` and has been retried
    /// `retries` times since.
    #[must_use]
    pub fn of(entered: Timestamp, retries: u64) -> Self {
        let millis = u64::try_from(entered.as_millisecond()).unwrap_or(0);
        Self(millis.saturating_mul(RETRIES_PER_ENTRY).saturating_add(retries.min(RETRIES_PER_ENTRY - 1)))
    }

    /// As a number, for the table.
    #[must_use]
    pub const fn as_u64(self) -> u64 {
        self.0
    }

    /// From the table's number.
    #[must_use]
    pub const fn from_u64(number: u64) -> Self {
        Self(number)
    }
}

#[cfg(test)]
mod tests {
    use super::Generation;

    #[test]
    fn a_later_entry_is_greater_than_any_retry_of_an_earlier_one() {
        let early = "2026-01-01T00:00:00.000Z".parse().unwrap();
        let late = "2026-01-01T00:00:00.001Z".parse().unwrap();
        assert!(Generation::of(early, 0) < Generation::of(early, 1));
        assert!(Generation::of(early, 5_000) < Generation::of(late, 0));
    }
}
