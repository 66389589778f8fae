//! `engine` and `expected`: by which of two ways a job is polled.

use super::duration::DurationText;
use super::{KeyError, Strategy};
use schemars::JsonSchema;
use serde::Deserialize;
use std::time::Duration;

/// What part of its deadline a wait is expected to take where the file does not
/// say, a quarter: deadlines are set for the slowest job, with room to spare.
const EXPECTED_PART: u32 = 4;

/// How to wait, as files say it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub(super) enum RawStrategy {
    /// The job is asked for again and again.
    Poll,
    /// The third party's webhook resumes the task.
    Callback,
}

/// Who polls.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub(super) enum Engine {
    /// An Express workflow of the wait's own.
    #[default]
    Nested,
    /// The reconciler, once a minute, for all waits together.
    Pooled,
    /// Whichever costs less for a job that takes as long as is expected.
    Auto,
}

/// How long a job is expected to take.
pub(super) fn expected(asked: Option<DurationText>, deadline: Duration) -> Result<Duration, KeyError> {
    let Some(DurationText(expected)) = asked else {
        return Ok(deadline / EXPECTED_PART);
    };
    if expected.is_zero() || expected > deadline {
        return Err(("expected".to_owned(), "must be over 0s and no longer than `deadline`".to_owned()));
    }
    Ok(expected)
}

/// How to wait; `None` where that is still to be calculated.
pub(super) const fn strategy(strategy: RawStrategy, engine: Engine) -> Option<Strategy> {
    match (strategy, engine) {
        (RawStrategy::Callback, _) => Some(Strategy::Callback),
        (RawStrategy::Poll, Engine::Nested) => Some(Strategy::Poll),
        (RawStrategy::Poll, Engine::Pooled) => Some(Strategy::Pooled),
        (RawStrategy::Poll, Engine::Auto) => None,
    }
}
