//! Whether a delivery was sent just now. What it says of that counts only once
//! the signature over it was found genuine.

use super::Refusal;
use crate::Timestamp;
use crate::integration::verify::{TimeUnit, TimestampRule};

/// When a delivery says it was sent, beside now. Milliseconds in 128 bits: nothing
/// overflows that an `i64` can count, whatever a sender claims.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct TimeSeen {
    pub(super) place: String,
    /// Milliseconds since 1970; `None` if it cannot be read.
    pub(super) sent_ms: Option<i128>,
    /// How long before now it lies, in milliseconds; after now if negative.
    pub(super) apart_ms: Option<i128>,
}

impl TimeSeen {
    pub(super) fn of(rule: &TimestampRule, text: &str, now: Timestamp) -> Self {
        let sent_ms = rule.unit.milliseconds(text.trim());
        let apart_ms = sent_ms.map(|sent| i128::from(now.as_millisecond()) - sent);
        Self { place: rule.at.to_string(), sent_ms, apart_ms }
    }

    /// Accepts what was sent within the rule's tolerance of now.
    pub(super) fn check(&self, rule: &TimestampRule) -> Result<(), Refusal> {
        let Some(apart_ms) = self.apart_ms else {
            return Err(Refusal::BadTimestamp { place: self.place.clone(), unit: rule.unit.description() });
        };
        let tolerance = if apart_ms < 0 { rule.future } else { rule.past };
        if apart_ms.unsigned_abs() > tolerance.as_millis() {
            return Err(Refusal::OutsideTolerance {
                place: self.place.clone(),
                apart_ms,
                tolerance: tolerance.as_secs(),
            });
        }
        Ok(())
    }
}

impl TimeUnit {
    fn milliseconds(self, text: &str) -> Option<i128> {
        let count = || text.parse::<i64>().ok().map(i128::from);
        match self {
            Self::Seconds => count().map(|seconds| seconds * 1_000),
            Self::Milliseconds => count(),
            Self::Rfc3339 => text.parse::<Timestamp>().ok().map(|time| i128::from(time.as_millisecond())),
        }
    }

    const fn description(self) -> &'static str {
        match self {
            Self::Seconds => "a number of seconds",
            Self::Milliseconds => "a number of milliseconds",
            Self::Rfc3339 => "a date and time as RFC 3339 has it",
        }
    }
}
