//! Times as they occur in histories: text in ISO 8601, or seconds since 1970.

use jiff::{SignedDuration, Timestamp, Unit};
use serde_json::Value;

use super::DeriveError;
use super::attempt::malformed;

/// When an event happened, in milliseconds since 1970.
///
/// # Errors
/// When it does not say, or not in a way that can be read.
pub fn event_time_ms(event: &Value) -> Result<i64, DeriveError> {
    event
        .get("timestamp")
        .and_then(instant_ms)
        .ok_or_else(|| malformed(event, "`timestamp` is missing, or neither ISO 8601 nor seconds since 1970"))
}

/// Reads a time, to the nearest millisecond: seconds come as floating point.
pub(super) fn instant_ms(time: &Value) -> Option<i64> {
    let timestamp = match (time.as_str(), time.as_f64()) {
        (Some(text), _) => text.parse().ok()?,
        (None, Some(seconds)) => Timestamp::from_duration(SignedDuration::try_from_secs_f64(seconds).ok()?).ok()?,
        (None, None) => return None,
    };
    Some(timestamp.round(Unit::Millisecond).ok()?.as_millisecond())
}
