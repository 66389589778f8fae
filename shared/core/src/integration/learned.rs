//! `learned` of `[schedule]`: how long earlier jobs took, as `stepwait learn` writes it.

use super::schedule::{MAX_INTERVAL, MIN_INTERVAL};
use super::{KeyError, duration};
use crate::Timestamp;
use crate::learn::{Learning, Promptness};
use schemars::JsonSchema;
use serde::Deserialize;

/// How long earlier jobs took.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline)]
pub(super) struct RawLearned {
    /// How many jobs took how long, such as `"128 per doubling, 4m 58s: 12.5, 5m: 30"`: the buckets in each doubling of time, then each bucket by its upper bound with its jobs. Below 20 jobs the schedule counts as it is written.
    jobs: String,
    /// When the last wait ended whose job is counted, such as `"2026-11-24T09:30:00Z"`: `stepwait learn` counts those that ended later.
    until: Option<String>,
    /// How soon after its end a job is to be found on average, 1s to 1day; as soon as by the schedule as it is written if absent, with fewer looks.
    delay: Option<String>,
    /// The plan that comes of it. It is no key of a file: a bundle alone says it.
    #[schemars(skip)]
    pub(super) plan: Option<String>,
}

impl RawLearned {
    pub(super) fn check(self) -> Result<Learning, KeyError> {
        let at = |key: &str, what: String| (format!("schedule.learned.{key}"), what);
        let jobs = self.jobs.parse().map_err(|e| at("jobs", format!("{e}")))?;
        let until = self.until.map(|text| moment(&text)).transpose().map_err(|e| at("until", e))?;
        let delay = self.delay.map(|text| duration::parse(&text)).transpose().map_err(|e| at("delay", e))?;
        if delay.is_some_and(|delay| delay < MIN_INTERVAL || delay > MAX_INTERVAL) {
            return Err(at("delay", "must lie between 1s and 1day".to_owned()));
        }
        Ok(Learning::new(jobs, delay.map_or(Promptness::AsTheBackoff, Promptness::Within), until))
    }
}

fn moment(text: &str) -> Result<Timestamp, String> {
    text.parse().map_err(|_| format!("{text:?} is no moment; write for example \"2026-11-24T09:30:00Z\""))
}
