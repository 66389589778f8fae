//! `[limits]`: how much the third party is asked for, by all executions together.
//!
//! Files that name the same `group` share one budget: one account at a vendor
//! that serves several kinds of job. Each file of a group should state the same
//! numbers, as each request keeps to those of its own file.

use super::{IntegrationName, KeyError};
use schemars::JsonSchema;
use serde::Deserialize;
use std::time::Duration;

/// The most jobs that `in_flight` may allow, 200: their waits' ids are one set
/// in one item of the table, which is written whenever a job begins or ends.
pub const MAX_IN_FLIGHT: u16 = 200;

/// The rates that `per_second` may name: one request in 100 seconds is slower
/// than any schedule needs, and one item of the table takes 1,000 writes a second.
const RATES: std::ops::RangeInclusive<f64> = 0.01..=1000.0;

/// What a third party may be asked for, by all executions together. At least
/// one of the three limits something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Whose budget it is.
    pub group: IntegrationName,
    /// The most jobs at the third party at a time.
    pub in_flight: Option<u16>,
    /// The time between two requests, in the long run; at least a millisecond.
    pub interval: Option<Duration>,
    /// Whether everybody stays away while the third party is down.
    pub breaker: bool,
}

/// `[limits]`: how much the third party may be asked for, by all executions together.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline)]
pub(super) struct RawLimits {
    /// The most jobs that are at the third party at a time, 1 to 200. A submit
    /// beyond them stands in line: it is tried again for some hours, and fails with
    /// `AtCapacity` then. A job counts until its wait has ended. Absent: no limit.
    in_flight: Option<i64>,
    /// The most requests a second, 0.01 to 1000, in the long run; after a quiet
    /// second, as many as a second allows may go at once. Submits and status
    /// checks keep to it and come later instead. For a third party that counts
    /// each second strictly, write half of what it allows. Absent: no limit.
    per_second: Option<f64>,
    /// Whether everybody stays away while the third party is down: five requests
    /// in a row without an answer, or answered with 5xx, open the breaker for 5
    /// seconds, later for up to 5 minutes; then one request tries it out.
    #[schemars(extend("default" = true))]
    breaker: Option<bool>,
    /// Whose budget it is: files with the same group share one, and should state
    /// the same numbers. The default is the file's own name.
    group: Option<String>,
}

impl RawLimits {
    pub(super) fn check(self, own: &IntegrationName) -> Result<Limits, KeyError> {
        let group = match self.group {
            Some(text) => IntegrationName::parse(&text).map_err(|e| ("limits.group".to_owned(), e.to_string()))?,
            None => own.clone(),
        };
        let in_flight = self.in_flight.map(places).transpose().map_err(|e| ("limits.in_flight".to_owned(), e))?;
        let interval = self.per_second.map(interval).transpose().map_err(|e| ("limits.per_second".to_owned(), e))?;
        if in_flight.is_none() && interval.is_none() && self.breaker != Some(true) {
            return Err((
                "limits".to_owned(),
                "limits nothing: set in_flight, per_second or breaker = true".to_owned(),
            ));
        }
        Ok(Limits { group, in_flight, interval, breaker: self.breaker.unwrap_or(true) })
    }
}

fn places(number: i64) -> Result<u16, String> {
    let places = u16::try_from(number).ok().filter(|places| (1..=MAX_IN_FLIGHT).contains(places));
    places.ok_or_else(|| format!("{number} jobs at a time cannot be kept: write 1 to {MAX_IN_FLIGHT}"))
}

/// The time between two requests, in whole microseconds.
fn interval(per_second: f64) -> Result<Duration, String> {
    if !RATES.contains(&per_second) {
        return Err(format!("{per_second} requests a second cannot be kept: write 0.01 to 1000"));
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "1,000 to 100,000,000 by the range")]
    let micros = (1_000_000.0 / per_second).floor() as u64;
    Ok(Duration::from_micros(micros))
}
