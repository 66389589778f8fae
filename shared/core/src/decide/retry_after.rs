//! `Retry-After` ([RFC 9110, section 10.2.3](https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3)):
//! whole seconds or an HTTP date. Vendors have sent `inf`, `1e300` and `-5`;
//! what is neither form counts as absent.

use crate::Timestamp;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The longest `Retry-After` that is believed, one day: an answer must not
/// silence a wait until its deadline.
const MAX_RETRY_AFTER: Duration = Duration::from_hours(24);

/// How long a third party asks to be left alone; `None` if it does not say so
/// in a form that means anything. A date in the past means now.
#[must_use]
pub fn parse(header: &str, now: Timestamp) -> Option<Duration> {
    let text = header.trim();
    if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) {
        // Too many digits for a number is still a long time.
        return Some(text.parse().map_or(MAX_RETRY_AFTER, Duration::from_secs).min(MAX_RETRY_AFTER));
    }
    let date = httpdate::parse_http_date(text).ok()?;
    let now = UNIX_EPOCH + Duration::from_millis(u64::try_from(now.as_millisecond()).ok()?);
    Some(since(date, now).min(MAX_RETRY_AFTER))
}

fn since(date: SystemTime, now: SystemTime) -> Duration {
    date.duration_since(now).unwrap_or(Duration::ZERO)
}

#[cfg(test)]
mod tests {
    use super::parse;
    use std::time::Duration;

    #[test]
    fn seconds_and_dates_are_understood_and_nonsense_counts_as_absent() {
        let now = "2026-11-23T12:00:00Z".parse().unwrap();
        let day = Duration::from_hours(24);
        let cases = [
            ("30", Some(Duration::from_secs(30))),
            (" 0 ", Some(Duration::ZERO)),
            ("99999999999999999999999", Some(day)),
            ("604800", Some(day)),
            ("Mon, 23 Nov 2026 12:01:00 GMT", Some(Duration::from_secs(60))),
            ("Mon, 23 Nov 2026 11:59:00 GMT", Some(Duration::ZERO)),
            ("Tue, 23 Nov 9999 11:59:00 GMT", Some(day)),
            ("inf", None),
            ("NaN", None),
            ("1e300", None),
            ("-5", None),
            ("1.5", None),
            ("", None),
            ("soon", None),
        ];
        for (text, expected) in cases {
            assert_eq!(parse(text, now), expected, "{text:?}");
        }
    }
}
