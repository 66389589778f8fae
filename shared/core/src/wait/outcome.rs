//! How a wait ended.

use super::JobId;
use crate::{ErrorName, Timestamp};
use serde_json::Value;

/// The end of a wait. The first one stored is the only one there ever is.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Outcome {
    /// How it ended, with what belongs to that end.
    pub kind: OutcomeKind,
    /// Who brought it.
    pub source: Source,
    /// When it was decided.
    pub at: Timestamp,
    /// The job it is about; absent if the third party never took one.
    pub job_id: Option<JobId>,
    /// The delivery id of the webhook that brought it.
    pub event_id: Option<String>,
}

/// The four ends of a wait.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(tag = "outcome", rename_all = "lowercase")]
pub enum OutcomeKind {
    /// The job is done.
    Succeeded {
        /// Its result.
        output: Value,
    },
    /// The job failed, or could not be started or looked at.
    Failed {
        /// The error's name.
        error: ErrorName,
        /// What the third party said, or what stepwait found.
        reason: String,
    },
    /// The deadline passed.
    Expired {
        /// Until when it was waited for.
        reason: String,
    },
    /// The wait was given up.
    Cancelled {
        /// Why.
        reason: String,
    },
}

/// Who brought an outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Source {
    /// The answer to the submit.
    Submit,
    /// A status check.
    Poll,
    /// A webhook.
    Webhook,
    /// The last look before giving up, or the giving up.
    Close,
}

/// The most characters of a reason. Step Functions allows 32,768 in a cause;
/// a person reads the first few hundred.
const MAX_REASON_CHARS: usize = 1_000;

impl OutcomeKind {
    /// A failure, with its reason cut to a readable length.
    #[must_use]
    pub fn failed(error: ErrorName, reason: &str) -> Self {
        Self::Failed { error, reason: cut(reason) }
    }

    /// An expiry, with its reason cut to a readable length.
    #[must_use]
    pub fn expired(reason: &str) -> Self {
        Self::Expired { reason: cut(reason) }
    }

    /// A cancellation, with its reason cut to a readable length.
    #[must_use]
    pub fn cancelled(reason: &str) -> Self {
        Self::Cancelled { reason: cut(reason) }
    }

    /// The error and the reason, of an end that is not a success.
    #[must_use]
    pub fn failure(&self) -> Option<(ErrorName, &str)> {
        match self {
            Self::Succeeded { .. } => None,
            Self::Failed { error, reason } => Some((*error, reason)),
            Self::Expired { reason } => Some((ErrorName::DeadlinePassed, reason)),
            Self::Cancelled { reason } => Some((ErrorName::WaitCancelled, reason)),
        }
    }
}

fn cut(text: &str) -> String {
    text.chars().filter(|c| !c.is_control() || *c == '\n').take(MAX_REASON_CHARS).collect()
}
