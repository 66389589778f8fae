//! `[status.batch]`: a status request that asks for many jobs at once.

use super::locator::Locator;
use super::placeholder::Placeholder;
use super::{KeyError, RequestTemplate};
use schemars::JsonSchema;
use serde::Deserialize;

/// The most jobs of one request, 500: what the reconciler finds due in a page of
/// its index; their ids still fit into an address of 32 KB.
pub(super) const MOST_JOBS: u16 = 500;

/// How one answer tells of many jobs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    /// How many jobs one request asks for at most.
    pub most: u16,
    /// Where the answer holds them: a list, or an object by their ids.
    pub items: Locator,
    /// Where each of a list says whose it is; `None` where their keys do.
    pub job_id: Option<Locator>,
}

/// `[status.batch]`: asks for many jobs in one request, where the reconciler looks at them (`engine = "pooled"`, or beside webhooks). The request names them by `{job_ids}`, which is a list in JSON and joined by commas in a text, or by `{each_job_id}`, which repeats its query key or form field. Every other key of `[status]` and `[result]` then speaks of one job's part of the answer: `body:/status` is the status within it. A job that has no part counts as one that is answered 404.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Batch")]
pub(super) struct RawBatch {
    /// How many jobs one request asks for at most, 2 to 500: what the third party allows.
    most: u16,
    /// Where the answer holds the jobs, for example `body:/jobs`: a list, or an object by their ids.
    items: Locator,
    /// Where each of a list says whose it is, for example `body:/id`. Absent where `items` is an object by ids.
    job_id: Option<Locator>,
}

impl RawBatch {
    pub(super) fn check(self) -> Result<Batch, KeyError> {
        let fail = |key: &str, what: String| Err((format!("status.batch.{key}"), what));
        if !(2..=MOST_JOBS).contains(&self.most) {
            return fail("most", format!("must lie between 2 and {MOST_JOBS}"));
        }
        let is_elsewhere = |at: &Locator| !at.is_in_body();
        if is_elsewhere(&self.items) {
            return fail("items", format!("{} is no place in a body; write for example \"body:/jobs\"", self.items));
        }
        if let Some(at) = self.job_id.as_ref().filter(|at| is_elsewhere(at)) {
            return fail(
                "job_id",
                format!("{at} is no place in a job's part of the body; write for example \"body:/id\""),
            );
        }
        Ok(Batch { most: self.most, items: self.items, job_id: self.job_id })
    }
}

/// Checks that a status request names its jobs in the way that the file says.
pub(super) fn check(request: &RequestTemplate, batch: Option<&Batch>) -> Result<(), KeyError> {
    let fail = |what: &str| Err(("status".to_owned(), what.to_owned()));
    let is_each = |hole: &&Placeholder| matches!(hole, Placeholder::EachJobId);
    let each = request.holes().filter(is_each).count();
    if each > request.repeated().count() {
        return fail(
            "{each_job_id} repeats its query key or form field, so it stands alone in one: `query = { id = \"{each_job_id}\" }`",
        );
    }
    if batch.is_none() {
        return Ok(());
    }
    if let Some(hole) = request.holes().find(|hole| hole.is_of_one_wait()) {
        let name = hole.name();
        return fail(&format!(
            "{{{name}}} belongs to one job, and [status.batch] asks for many in one request; name them by {{job_ids}} or {{each_job_id}}"
        ));
    }
    let names_them = |hole: &Placeholder| matches!(hole, Placeholder::JobIds | Placeholder::EachJobId);
    if !request.holes().any(names_them) {
        return fail("has a [status.batch], but its request names no jobs: put {job_ids} or {each_job_id} into it");
    }
    Ok(())
}
