//! What a workflow knows of its wait: the plan that `prepare` made, or, where it is
//! one's own, what its definition says.

use crate::definition::{Own, Rounds};
use crate::time::{SECOND, of};
use stepwait_core::integration::Strategy;
use stepwait_core::message::{Direct, Plan};
use stepwait_core::wait::WaitId;

/// Rounds in a row that may fail, as the main workflow's `Finished?` has it.
const FAILED_ROUNDS: u64 = 12;

/// What a workflow knows of its wait.
#[derive(Clone, Debug)]
pub(super) enum Terms {
    Planned(Box<Plan>),
    Own(Box<Unplanned>),
}

/// A wait without a plan.
#[derive(Clone, Debug)]
pub(super) struct Unplanned {
    pub(super) states: &'static Own,
    pub(super) direct: Direct,
    /// The wait that it is for the rules, whatever `submit` makes of it.
    pub(super) id: WaitId,
}

impl Terms {
    pub(super) fn id(&self) -> &WaitId {
        match self {
            Self::Planned(plan) => &plan.wait.id,
            Self::Own(own) => &own.id,
        }
    }

    pub(super) fn has_token(&self) -> bool {
        match self {
            Self::Planned(plan) => plan.strategy != Strategy::Poll,
            Self::Own(own) => own.states.has_token,
        }
    }

    /// How long the token's state may take, in milliseconds.
    pub(super) fn timeout_ms(&self) -> u64 {
        match self {
            Self::Planned(plan) => plan.timeout_seconds * SECOND,
            Self::Own(own) => own.states.timeout_ms,
        }
    }

    /// For how long its task may be told nothing, in milliseconds.
    pub(super) fn silence_ms(&self) -> Option<u64> {
        match self {
            Self::Planned(plan) => Some(plan.heartbeat_seconds * SECOND),
            Self::Own(own) => own.states.silence_ms,
        }
    }

    /// When no further round is begun, as the workflow reckons.
    pub(super) fn deadline(&self) -> u64 {
        match self {
            Self::Planned(plan) => of(plan.wait.deadline),
            Self::Own(own) => of(own.direct.started_at) + own.direct.deadline_seconds * SECOND,
        }
    }

    pub(super) fn rounds(&self) -> Rounds {
        match self {
            Self::Planned(plan) => Rounds { most: plan.max_rounds, most_failed: FAILED_ROUNDS, most_in_line: 0 },
            Self::Own(own) => own.states.rounds,
        }
    }
}
