//! How a wait ended.

use super::JobId;
use crate::encoding::short_digest;
use crate::integration::Format;
use crate::{ErrorName, Timestamp};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

/// The end of a wait. The first one stored is the only one there ever is.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Outcome {
    /// How it ended, with what belongs to that end.
    pub kind: OutcomeKind,
    /// Who brought it.
    pub source: Source,
    /// When it was decided.
    pub at: Timestamp,
    /// When the job was last looked at and found pending, or submitted if it never was,
    /// as far as whoever looked knows that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pending_at: Option<Timestamp>,
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
    /// The reconciler's look at what is due.
    Reconciler,
    /// A person, by hand.
    Operator,
}

/// The most characters of a reason. Step Functions allows 32,768 in a cause;
/// a person reads the first few hundred.
const MAX_REASON_CHARS: usize = 1_000;

/// The most bytes of a result, as JSON, that travels with its outcome, 32 KiB:
/// it is text within text on its way through a workflow, whose states hold 256
/// KiB with everything else, and a row of the table costs by the KiB.
pub const MAX_INLINE_BYTES: usize = 32 * 1024;

impl Outcome {
    /// Whether the wait was given up without its job having ended, so that the job
    /// is to be called off.
    #[must_use]
    pub const fn gave_up(&self) -> bool {
        use ErrorName::{BadAnswer, JobFailed, ResultTooLarge};
        match self.source {
            // What they bring is what the third party said. A check that gives up
            // calls the job off itself.
            Source::Submit | Source::Poll | Source::Webhook => false,
            Source::Close | Source::Reconciler | Source::Operator => match &self.kind {
                OutcomeKind::Succeeded { .. } => false,
                OutcomeKind::Expired { .. } | OutcomeKind::Cancelled { .. } => true,
                // A last look found that the job had ended.
                OutcomeKind::Failed { error, .. } => !matches!(error, JobFailed | BadAnswer | ResultTooLarge),
            },
        }
    }
}

impl OutcomeKind {
    /// The result as it is to be stored apart, if it is too large to travel.
    #[must_use]
    pub fn too_large(&self, format: Format) -> Option<StoredResult> {
        let Self::Succeeded { output } = self else {
            return None;
        };
        let json = output.to_string();
        if json.len() <= MAX_INLINE_BYTES {
            return None;
        }
        let bytes = output.as_str().and_then(|text| match format {
            Format::Base64 => STANDARD.decode(text).ok().map(|bytes| ("application/octet-stream", "bin", bytes)),
            Format::Text => Some(("text/plain; charset=utf-8", "txt", text.as_bytes().to_vec())),
            Format::Json | Format::Lines => None,
        });
        let (content_type, extension, body) = bytes.unwrap_or(("application/json", "json", json.into_bytes()));
        Some(StoredResult { name: format!("{}.{extension}", short_digest(&body)), content_type, body })
    }
}

/// A result that is stored apart; its name tells its content, so that two
/// finishers with different results never overwrite each other's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredResult {
    /// The last part of its key.
    pub name: String,
    /// Its content type.
    pub content_type: &'static str,
    /// Its bytes.
    pub body: Vec<u8>,
}

impl StoredResult {
    /// What travels instead of it: where it is, and what.
    #[must_use]
    pub fn pointer(&self, stored_at: &str) -> OutcomeKind {
        OutcomeKind::Succeeded {
            output: json!({ "stored_at": stored_at, "content_type": self.content_type, "bytes": self.body.len() }),
        }
    }
}

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
