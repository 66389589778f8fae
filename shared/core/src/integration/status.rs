//! `[status]`: how a job is looked at, and what its status values mean.

use super::Method;
use super::template::{Allowed, Template};
use super::{KeyError, Locator};
use serde::Deserialize;

/// How a job is looked at.
#[derive(Clone, Debug)]
pub struct StatusLeg {
    /// The method; GET unless the file says otherwise.
    pub method: Method,
    /// The path below `base_url`.
    pub path: Template,
    /// Where the status value stands, in answers.
    pub value: Locator,
    /// Values that mean success.
    pub succeeded: Vec<String>,
    /// Values that mean failure.
    pub failed: Vec<String>,
    /// Values that mean that the job is still under way.
    pub pending: Vec<String>,
    /// What to make of any other value.
    pub unknown: UnknownStatus,
    /// Where a failed job says why.
    pub error: Option<Locator>,
}

/// What a status value means that the file does not list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
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
}

impl StatusLeg {
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
            match self.unknown {
                UnknownStatus::Retry => JobState::Pending,
                UnknownStatus::Failure => JobState::Failed,
            }
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawStatus {
    #[serde(default = "get")]
    method: Method,
    path: String,
    value: Locator,
    succeeded: Vec<String>,
    failed: Vec<String>,
    #[serde(default)]
    pending: Vec<String>,
    #[serde(default)]
    unknown: UnknownStatus,
    error: Option<Locator>,
}

const fn get() -> Method {
    Method::Get
}

impl RawStatus {
    pub(super) fn check(self) -> Result<StatusLeg, KeyError> {
        if self.succeeded.is_empty() {
            return Err(("status.succeeded", "needs at least one value, or no wait could ever succeed".to_owned()));
        }
        let lists = [("succeeded", &self.succeeded), ("failed", &self.failed), ("pending", &self.pending)];
        for (i, (name, values)) in lists.iter().enumerate() {
            for (other, others) in lists.iter().skip(i + 1) {
                if let Some(value) = values.iter().find(|v| others.contains(v)) {
                    return Err((
                        "status",
                        format!("{value:?} stands in both `{name}` and `{other}`; leave it in one of them"),
                    ));
                }
            }
        }
        let allowed = Allowed { request: false, job_id: true, callback_url: false };
        Ok(StatusLeg {
            method: self.method,
            path: Template::parse_path(&self.path, allowed).map_err(|e| ("status.path", e))?,
            value: self.value,
            succeeded: self.succeeded,
            failed: self.failed,
            pending: self.pending,
            unknown: self.unknown,
            error: self.error,
        })
    }
}
