//! `[status]`: how a job is looked at, and what the answer means.

use super::acceptor::{self, Acceptor, AcceptorState, RawAcceptor};
use super::batch::{self, Batch, RawBatch};
use super::condition::Scalar;
use super::locator::Locators;
use super::placeholder::{Leg, Scope};
use super::request::{RequestTemplate, leg};
use super::{KeyError, Locator, Method, Values};
use schemars::JsonSchema;
use serde::Deserialize;

/// How a job is looked at.
#[derive(Clone, Debug)]
pub struct StatusLeg {
    /// The request.
    pub request: RequestTemplate,
    /// How one answer tells of many jobs, if it asks for many.
    pub batch: Option<Batch>,
    /// What answers mean, whatever their code; the first that applies decides.
    pub accept: Vec<Acceptor>,
    /// What the values of one field mean, in answers that no acceptor decided.
    pub map: Option<StatusMap>,
    /// Where a failed job, or a refusal, says why.
    pub error: Locators,
    /// Where the answer says how far the job is.
    pub progress: Option<Locator>,
}

/// What the values of one field mean.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatusMap {
    /// The field.
    pub value: Locator,
    /// Values that mean success.
    pub succeeded: Vec<String>,
    /// Values that mean failure.
    pub failed: Vec<String>,
    /// Values that mean that the job is still under way.
    pub pending: Vec<String>,
    /// What to make of any other value.
    pub unknown: UnknownStatus,
}

/// What a status value means that the file does not list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum UnknownStatus {
    /// The job is taken to be under way; the deadline bounds the wait.
    #[default]
    Retry,
    /// The job is taken to have failed.
    Failure,
}

/// What one status value means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JobState {
    /// The job is done.
    Succeeded,
    /// The job failed.
    Failed,
    /// The job is under way.
    Pending,
    /// The file does not list the value.
    Unknown(UnknownStatus),
}

impl StatusMap {
    /// What a status value means.
    #[must_use]
    pub fn state_of(&self, value: &str) -> JobState {
        let is_in = |list: &[String]| list.iter().any(|v| v == value);
        if is_in(&self.succeeded) {
            JobState::Succeeded
        } else if is_in(&self.failed) {
            JobState::Failed
        } else if is_in(&self.pending) {
            JobState::Pending
        } else {
            JobState::Unknown(self.unknown)
        }
    }
}

leg! {
    /// `[status]`: looks at a job. What the answer means is said by `value` with the lists `succeeded`, `failed` and `pending`, by acceptors, or by both: acceptors come first.
    RawStatus {
        /// The field that tells the state, for example `body:/status`.
        value: Option<Locator>,
        /// Values that mean that the job is done. Numbers and truth values may stand here too.
        #[serde(default)]
        succeeded: Vec<Scalar>,
        /// Values that mean that the job failed.
        #[serde(default)]
        failed: Vec<Scalar>,
        /// Values that mean that the job is under way.
        #[serde(default)]
        pending: Vec<Scalar>,
        /// What a value means that stands in no list: `retry`, that the job is under way (with a warning in the log), or `failure`.
        #[serde(default)]
        #[schemars(extend("default" = "retry"))]
        unknown: UnknownStatus,
        /// Where a failed job, or a refusal, says why: one place or a list, of which the first found counts.
        #[serde(default)]
        error: Locators,
        /// Where the answer says how far the job is. It decides nothing: it is shown to people.
        progress: Option<Locator>,
        /// Asks for many jobs in one request.
        batch: Option<RawBatch>,
        /// Acceptors on the answer, whatever its HTTP code; the first whose condition holds decides.
        #[serde(default)]
        accept: Vec<RawAcceptor>,
    }
}

impl RawStatus {
    pub(super) fn check(mut self, kept: &[String], values: &Values) -> Result<StatusLeg, KeyError> {
        let scope = Scope { leg: Leg::Status, kept, values, has_callback: false, has_batch: self.batch.is_some() };
        let request = self.request().check("status", scope, Method::Get)?;
        let batch = self.batch.take().map(RawBatch::check).transpose()?;
        batch::check(&request, batch.as_ref())?;
        let accept = acceptor::check(self.accept, "status.accept")?;
        let can_succeed = accept.iter().any(|a| a.state == AcceptorState::Success);
        let texts = |list: Vec<Scalar>| list.into_iter().map(|Scalar(text)| text).collect::<Vec<_>>();
        let (succeeded, failed, pending) = (texts(self.succeeded), texts(self.failed), texts(self.pending));
        let map = match self.value {
            Some(value) => {
                if succeeded.is_empty() && !can_succeed {
                    return Err((
                        "status.succeeded".to_owned(),
                        "needs at least one value, or no wait could ever succeed".to_owned(),
                    ));
                }
                check_lists(&succeeded, &failed, &pending)?;
                Some(StatusMap { value, succeeded, failed, pending, unknown: self.unknown })
            }
            None if !(succeeded.is_empty() && failed.is_empty() && pending.is_empty()) => {
                return Err((
                    "status.value".to_owned(),
                    "is missing: it says in which field the values of `succeeded`, `failed` and `pending` stand, for example \"body:/status\"".to_owned(),
                ));
            }
            None if !can_succeed => {
                return Err((
                    "status".to_owned(),
                    "says no success: write `value` and `succeeded`, or an acceptor with state = \"success\" in [[status.accept]]".to_owned(),
                ));
            }
            None => None,
        };
        Ok(StatusLeg { request, batch, accept, map, error: self.error, progress: self.progress })
    }
}

fn check_lists(succeeded: &[String], failed: &[String], pending: &[String]) -> Result<(), KeyError> {
    let lists = [("succeeded", succeeded), ("failed", failed), ("pending", pending)];
    for (i, (name, values)) in lists.iter().enumerate() {
        for (other, others) in lists.iter().skip(i + 1) {
            if let Some(value) = values.iter().find(|v| others.contains(v)) {
                return Err((
                    format!("status.{other}"),
                    format!("{value:?} stands in both `{name}` and `{other}`; leave it in one of them"),
                ));
            }
        }
    }
    Ok(())
}
