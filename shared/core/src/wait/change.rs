//! What may happen to a wait, and the guarded update that each change is. The
//! conditions here are the protocol's; nothing else guards a wait.

use super::update::{Condition, MAX_LATE, Set, Update};
use super::{DELIVERY_GRACE, Generation, JobId, Kept, Outcome, Registration, SUBMIT_LOCK, Status};
use crate::integration::IntegrationName;
use crate::{Timestamp, duration::signed};
use std::time::Duration;

/// Something that happens to a wait.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// An attempt stores its generation and token, if the wait is new or its generation smaller.
    Register(Box<Registration>),
    /// An attempt takes the right to send, if the submit is open and nobody else holds the right.
    BeginSubmit {
        /// The attempt.
        mine: Generation,
        /// Its nonce.
        operation: String,
    },
    /// It gives the right back: the third party certainly did not take the job, or sending again is safe.
    ReleaseSubmit {
        /// Its nonce.
        operation: String,
    },
    /// The submit may have arrived and must not be sent again.
    SubmitUnknown {
        /// The nonce of the attempt that sent it.
        operation: String,
    },
    /// The third party took the job. Noted by the current attempt, or by the one
    /// that sent the request last: the job is a fact, not a right.
    Submitted(TakenJob),
    /// The same of a wait that has ended meanwhile: its status stays.
    NoteJob(TakenJob),
    /// The wait ends, if it has not ended and is on the integration.
    Claim {
        /// The integration that the outcome was found by.
        integration: IntegrationName,
        /// How it ends.
        outcome: Box<Outcome>,
        /// A nonce of whoever ends it.
        operation: String,
        /// Who waits for it.
        awaited: Awaited,
    },
    /// An outcome that came too late and says something else is kept.
    KeepLate(Box<Outcome>),
    /// The outcome was delivered to an attempt, if it is still the current one.
    Delivered {
        /// The attempt.
        to: Generation,
    },
    /// A check found something to remember: how often in a row it got no usable
    /// answer, and until when the third party is left alone.
    Postpone {
        /// From when the reconciler looks again.
        until: Timestamp,
        /// Checks in a row without a usable answer.
        failures: u32,
        /// Checks in a row that were refused.
        refusals: u32,
    },
}

/// Who waits for an outcome that is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Awaited {
    /// A task may hold a token: whoever stores the outcome delivers it, and if
    /// that fails, the reconciler does.
    ByToken,
    /// The workflow itself asked, and is answered.
    ByWorkflow,
}

impl Awaited {
    /// From when the reconciler delivers what is stored now, if nobody has by then.
    fn deliver_from(self, now: Timestamp) -> Option<Timestamp> {
        match self {
            Self::ByToken => Some(later(now, DELIVERY_GRACE)),
            Self::ByWorkflow => None,
        }
    }
}

/// A job, as an attempt notes it on its wait.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TakenJob {
    /// The attempt.
    pub mine: Generation,
    /// Its nonce.
    pub operation: String,
    /// The job.
    pub job_id: JobId,
    /// What the submit kept. What was kept first stays.
    pub kept: Kept,
}

impl TakenJob {
    fn may_note(&self) -> Condition {
        Condition::Any(vec![Condition::GenerationIs(self.mine), Condition::OperationIs(self.operation.clone())])
    }

    fn note(&self, now: Timestamp) -> Vec<Set> {
        vec![Set::Job(self.job_id.clone()), Set::Kept(self.kept.clone(), now)]
    }
}

impl Change {
    /// The guarded update that this change is.
    #[must_use]
    pub fn update(&self, now: Timestamp) -> Update {
        use Condition::{All, Any, Exists, GenerationBelow, GenerationIs, IntegrationIs, LateBelow, LockFree, New};
        let registered = || Condition::StatusIn(&[Status::Registered]);
        let open = || Condition::StatusIn(Status::OPEN);
        let sender = |operation: &str| Condition::OperationIs(operation.to_owned());
        let (when, then) = match self {
            Self::Register(new) => (
                Any(vec![New, GenerationBelow(new.generation)]),
                vec![
                    Set::Origin(new.clone()),
                    Set::Generation(new.generation),
                    Set::Token(new.token.clone()),
                    Set::Due(Some(whole_milliseconds(new.due_from))),
                ],
            ),
            Self::BeginSubmit { mine, operation } => {
                let until = later(now, SUBMIT_LOCK);
                (
                    All(vec![GenerationIs(*mine), registered(), LockFree(now)]),
                    vec![Set::SubmitBegun { operation: operation.clone(), until }],
                )
            }
            Self::ReleaseSubmit { operation } => (sender(operation), vec![Set::SubmitReleased]),
            Self::SubmitUnknown { operation } => {
                (All(vec![sender(operation), registered()]), vec![Set::Status(Status::SubmitUnknown)])
            }
            Self::Submitted(job) => {
                let mut then = job.note(now);
                then.push(Set::Status(Status::Submitted));
                (All(vec![job.may_note(), open()]), then)
            }
            Self::NoteJob(job) => (job.may_note(), job.note(now)),
            Self::Claim { integration, outcome, operation, awaited } => (
                All(vec![open(), IntegrationIs(integration.clone())]),
                vec![
                    Set::Status(Status::of(&outcome.kind)),
                    Set::Outcome(outcome.clone(), operation.clone()),
                    Set::Due(awaited.deliver_from(now)),
                ],
            ),
            Self::KeepLate(outcome) => (All(vec![Exists, LateBelow(MAX_LATE)]), vec![Set::Late(outcome.clone())]),
            Self::Delivered { to } => (GenerationIs(*to), vec![Set::Delivered(*to), Set::Due(None)]),
            Self::Postpone { until, failures, refusals } => (
                open(),
                vec![
                    Set::Due(Some(whole_milliseconds(*until))),
                    Set::Trouble { failures: *failures, refusals: *refusals },
                ],
            ),
        };
        Update { when, then }
    }
}

fn later(now: Timestamp, by: Duration) -> Timestamp {
    whole_milliseconds(now.saturating_add(signed(by)).unwrap_or(Timestamp::MAX))
}

/// Tables hold times that are compared as whole milliseconds.
fn whole_milliseconds(time: Timestamp) -> Timestamp {
    Timestamp::from_millisecond(time.as_millisecond()).unwrap_or(time)
}
