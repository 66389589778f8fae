//! Whether a delivery was sent just now. Only called once the signature over
//! the timestamp was found genuine.

use super::signature::field;
use super::{Delivery, Refusal};
use crate::Timestamp;
use crate::answer::parse_json;
use crate::integration::scalar_text;
use crate::integration::verify::{SignatureRule, TimeUnit, TimestampAt, TimestampRule};

/// Accepts a delivery that was sent within the rule's tolerance of `now`.
pub(super) fn check(
    rule: &TimestampRule,
    signature: &SignatureRule,
    delivery: &Delivery,
    now: Timestamp,
) -> Result<(), Refusal> {
    let (place, text) = match &rule.at {
        TimestampAt::Header(name) => (format!("the header {name:?}"), delivery.required(name)?.to_owned()),
        TimestampAt::Field(name) => (format!("the field {name:?}"), field(signature, delivery, name)?.to_owned()),
        TimestampAt::Body(pointer) => {
            let place = format!("the body's {:?}", pointer.to_string());
            let body = parse_json(&delivery.body).ok();
            let text = body.as_ref().and_then(|body| pointer.find(body)).and_then(scalar_text);
            let text = text.ok_or_else(|| Refusal::MissingTimestamp(place.clone()))?;
            (place, text)
        }
    };
    let Some(sent_ms) = rule.unit.milliseconds(text.trim()) else {
        return Err(Refusal::BadTimestamp { place, unit: rule.unit.description() });
    };
    let apart_ms = i128::from(now.as_millisecond()) - sent_ms;
    if apart_ms.unsigned_abs() > rule.tolerance.as_millis() {
        return Err(Refusal::OutsideTolerance { place, apart_ms, tolerance: rule.tolerance.as_secs() });
    }
    Ok(())
}

impl TimeUnit {
    /// Milliseconds since 1970. In 128 bits nothing overflows that an `i64` can
    /// count, whatever a sender claims.
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
