//! The two kinds of row, as read back from the store.

use super::{Capability, Generation, JobId, Kept, Outcome, OutcomeKind, WaitId};
use crate::integration::IntegrationName;
use crate::{TaskToken, Timestamp};

/// Where a wait stands. The four last absorb: afterwards only the token, the
/// delivery mark and the late events may change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Status {
    /// The wait (and its token) is stored; nothing was sent yet.
    Registered,
    /// The third party took the job.
    Submitted,
    /// The submit may or may not have reached the third party.
    SubmitUnknown,
    /// Ended well.
    Succeeded,
    /// Ended badly.
    Failed,
    /// The deadline passed.
    Expired,
    /// Given up.
    Cancelled,
}

impl Status {
    /// The status as the table spells it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Registered => "REGISTERED",
            Self::Submitted => "SUBMITTED",
            Self::SubmitUnknown => "SUBMIT_UNKNOWN",
            Self::Succeeded => "SUCCEEDED",
            Self::Failed => "FAILED",
            Self::Expired => "EXPIRED",
            Self::Cancelled => "CANCELLED",
        }
    }

    /// The statuses in which a wait has not ended.
    pub const OPEN: &'static [Self] = &[Self::Registered, Self::Submitted, Self::SubmitUnknown];

    /// Every status.
    pub const ALL: [Self; 7] = [
        Self::Registered,
        Self::Submitted,
        Self::SubmitUnknown,
        Self::Succeeded,
        Self::Failed,
        Self::Expired,
        Self::Cancelled,
    ];

    /// The status that the table's text stands for.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.as_str() == text)
    }

    /// The status of a wait that ended so.
    #[must_use]
    pub const fn of(outcome: &OutcomeKind) -> Self {
        match outcome {
            OutcomeKind::Succeeded { .. } => Self::Succeeded,
            OutcomeKind::Failed { .. } => Self::Failed,
            OutcomeKind::Expired { .. } => Self::Expired,
            OutcomeKind::Cancelled { .. } => Self::Cancelled,
        }
    }
}

/// A wait's row, keyed by its id.
#[derive(Clone, Debug, PartialEq)]
pub struct WaitRow {
    /// The wait.
    pub id: WaitId,
    /// Where it stands.
    pub status: Status,
    /// The attempt that the token belongs to.
    pub generation: Generation,
    /// The token of the waiting task; absent where a nested workflow polls.
    pub token: Option<TaskToken>,
    /// The integration.
    pub integration: IntegrationName,
    /// The version of the integration that the wait started with.
    pub digest: String,
    /// When the wait began.
    pub started_at: Timestamp,
    /// When the wait is given up.
    pub deadline: Timestamp,
    /// The execution that waits.
    pub execution_arn: String,
    /// What the path of the wait's own callback URL proves to know, if it has one.
    pub capability: Option<Capability>,
    /// The third party's job, once taken.
    pub job_id: Option<JobId>,
    /// What the submit kept for later requests.
    pub kept: Kept,
    /// Who is or was sending the submit.
    pub submit: Option<SubmitMark>,
    /// When the job was noted.
    pub submitted_at: Option<Timestamp>,
    /// How the wait ended.
    pub outcome: Option<Outcome>,
    /// A nonce of the update that stored the outcome, by which its writer
    /// recognizes its own write when the answer to it was lost.
    pub outcome_operation: Option<String>,
    /// The attempt to which the outcome was delivered.
    pub delivered: Option<Generation>,
    /// Outcomes that came too late and say something else.
    pub late: Vec<Outcome>,
    /// From when the reconciler looks at the wait; absent when nothing is left to do.
    pub due: Option<Timestamp>,
    /// The reconciler's checks in a row that got no usable answer.
    pub failures: u32,
    /// The reconciler's checks in a row that were refused.
    pub refusals: u32,
}

/// The mark of an attempt to submit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubmitMark {
    /// A nonce of the attempt.
    pub operation: String,
    /// Until when no other attempt may send.
    pub lock_until: Timestamp,
    /// How many attempts have begun.
    pub attempts: u32,
}

/// What an attempt stores before it sends anything.
#[derive(Clone, Debug, PartialEq)]
pub struct Registration {
    /// The wait.
    pub id: WaitId,
    /// The attempt.
    pub generation: Generation,
    /// Its token, on the token path.
    pub token: Option<TaskToken>,
    /// The integration.
    pub integration: IntegrationName,
    /// The pinned version.
    pub digest: String,
    /// When the wait began.
    pub started_at: Timestamp,
    /// When the wait is given up.
    pub deadline: Timestamp,
    /// The execution that waits.
    pub execution_arn: String,
    /// A capability for the wait's own callback URL; the first attempt's counts.
    pub capability: Option<Capability>,
    /// From when the reconciler looks at the wait.
    pub due_from: Timestamp,
}

/// A rendezvous row, keyed by the integration and the third party's job id.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rendezvous {
    /// The wait that the job belongs to, once known.
    pub wait_id: Option<WaitId>,
    /// The version of the integration that this wait started with; absent from links
    /// of earlier deployments, which did not note it.
    pub digest: Option<String>,
    /// The first terminal event, once received.
    pub event: Option<Outcome>,
}

/// What became of a conditional update.
#[derive(Clone, Debug, PartialEq)]
pub enum Guarded<T> {
    /// The condition held; the row as it is now.
    Applied(T),
    /// The condition did not hold; the row as it is, if there is one.
    Refused(Option<T>),
}
