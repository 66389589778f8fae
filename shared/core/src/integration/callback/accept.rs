//! `callback.accept`: what events mean, beside the lists of `[status]`.

use crate::integration::KeyError;
use crate::integration::acceptor::{self, Acceptor, AcceptorState};
use crate::integration::condition::RawCondition;
use schemars::JsonSchema;
use serde::Deserialize;

/// What an event means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum EventState {
    /// The job is done.
    Success,
    /// The job failed.
    Failure,
    /// The job is under way.
    Retry,
    /// It is about something else: acknowledged and ignored.
    Ignore,
}

impl EventState {
    /// What it says of the job, if it is about the job.
    #[must_use]
    pub const fn of_job(self) -> Option<AcceptorState> {
        match self {
            Self::Success => Some(AcceptorState::Success),
            Self::Failure => Some(AcceptorState::Failure),
            Self::Retry => Some(AcceptorState::Retry),
            Self::Ignore => None,
        }
    }
}

/// One acceptor of events: the first whose condition holds decides what an event means.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "EventAcceptor")]
pub(super) struct RawEventAcceptor {
    /// What the event means: `success`, `failure`, `retry` (the job is under way) or `ignore` (it says nothing of the job).
    state: EventState,
    /// When this acceptor applies.
    when: RawCondition,
}

/// Checks a list; the error names the acceptor, counted from 1.
pub(super) fn check(list: Vec<RawEventAcceptor>) -> Result<Vec<Acceptor<EventState>>, KeyError> {
    acceptor::check_pairs(list.into_iter().map(|raw| (raw.state, raw.when)).collect(), "callback.accept")
}
