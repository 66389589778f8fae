//! Jobs that one request asks for together, where the integration file says how.
//!
//! Of a page of the index, the waits whose jobs are to be looked at are gathered by
//! the version of their integration, and asked for as many at a time as the third
//! party allows. What it answers is then acted on wait by wait (`entry.rs`), as if
//! each had been asked for alone. One id that a third party does not like must not
//! be the others' ruin: a request that is refused is made again in two halves, down
//! to single jobs.

use super::entry::{Run, stand_in_line};
use crate::StepError;
use crate::ports::{Ports, Rest};
use crate::third_party::{ExchangeError, exchange};
use std::collections::BTreeMap;
use std::sync::Arc;
use stepwait_core::Timestamp;
use stepwait_core::answer::{Answer, TransportError};
use stepwait_core::decide::batch::Parts;
use stepwait_core::decide::sweep::{Task, Times, Window, what};
use stepwait_core::integration::{Batch, Integration};
use stepwait_core::pace::Later;
use stepwait_core::request::batch_request;
use stepwait_core::wait::due::DueWait;

/// Jobs of one version of an integration that are asked for in one request.
pub(super) struct Group<'w> {
    integration: &'w Integration,
    batch: &'w Batch,
    pub(super) waits: Vec<&'w DueWait>,
}

/// What became of a request for many.
pub(super) enum Asked {
    /// What the third party answered.
    Received(Result<Parts, TransportError>),
    /// It is not to be asked now.
    InLine(Later),
    /// There was no access token to ask with, and why.
    NoToken(String),
    /// It could not be asked.
    Failed(StepError),
    /// Nobody was asked: each is to be looked at alone.
    Alone,
}

/// Of these waits, with the integrations they go by, those that are asked for
/// together, group by group, and all others.
pub(super) fn gather<'w>(
    waits: &'w [DueWait],
    version: impl Fn(&DueWait) -> Option<&'w Integration>,
    window: Window,
    now: Timestamp,
) -> (Vec<Group<'w>>, Vec<&'w DueWait>) {
    let mut open: BTreeMap<(&str, &str), Group<'w>> = BTreeMap::new();
    let (mut groups, mut others) = (Vec::new(), Vec::new());
    for wait in waits {
        let asked_together = version(wait).and_then(|integration| {
            let batch = integration.status.batch.as_ref().filter(|_| has_answers(wait))?;
            let times = Times::of(wait, integration);
            matches!(what(wait, Some(&times), window, now), Task::Check { .. }).then_some((integration, batch))
        });
        let Some((integration, batch)) = asked_together else {
            others.push(wait);
            continue;
        };
        let key = (wait.integration.as_str(), wait.digest.as_str());
        let group = open.entry(key).or_insert_with(|| Group { integration, batch, waits: Vec::new() });
        group.waits.push(wait);
        if group.waits.len() >= usize::from(batch.most) {
            groups.extend(open.remove(&key));
        }
    }
    groups.extend(open.into_values());
    (groups, others)
}

/// How often in a row a look may get no usable answer before its job is looked at
/// alone, three times: it may be what spoils the answer for all that are asked for with it.
const FAILURES_TOGETHER: u32 = 3;

fn has_answers(wait: &DueWait) -> bool {
    wait.refusals == 0 && wait.failures < FAILURES_TOGETHER
}

/// Asks for a group; returns what was answered to whom.
pub(super) async fn ask<'w, P: Ports + Rest>(run: &Run<'_, P>, group: &Group<'w>) -> Vec<(&'w DueWait, Arc<Asked>)> {
    let Group { integration, batch, waits } = group;
    let (mut open, mut answered) = (vec![waits.clone()], Vec::new());
    // Bounded: each round answers a part, or halves it.
    while let Some(waits) = open.pop() {
        let asked = ask_once(run, integration, batch, &waits).await;
        if waits.len() > 1 && asked.as_ref().is_err_and(|answer| is_about_the_jobs(integration, answer)) {
            let (first, second) = waits.split_at(waits.len() / 2);
            open.extend([second.to_vec(), first.to_vec()]);
            continue;
        }
        let asked = Arc::new(asked.unwrap_or_else(|answer| Asked::Received(Ok(Parts::of(batch, answer)))));
        answered.extend(waits.into_iter().map(|wait| (wait, Arc::clone(&asked))));
    }
    answered
}

/// Whether an error may be one of the jobs' own: not one of credentials, and none
/// after which the file says to ask again.
fn is_about_the_jobs(integration: &Integration, answer: &Answer) -> bool {
    !matches!(answer.status, 401 | 403) && !integration.errors.asks_again_after(answer.status)
}

/// One request; an error that the third party answers is given apart.
async fn ask_once<P: Ports + Rest>(
    run: &Run<'_, P>,
    integration: &Integration,
    batch: &Batch,
    waits: &[&DueWait],
) -> Result<Asked, Answer> {
    let mut ids: Vec<&str> = waits.iter().filter_map(|wait| Some(wait.job_id.as_ref()?.as_str())).collect();
    // Several waits may wait for one job.
    ids.sort_unstable();
    ids.dedup();
    // An id that no request can hold is told to its own wait, when that is looked at.
    let Ok(request) = batch_request(integration, run.book.base_url(integration), &ids) else {
        return Ok(Asked::Alone);
    };
    match stand_in_line(run, integration).await {
        Ok(None) => {}
        Ok(Some(later)) => return Ok(Asked::InLine(later)),
        Err(error) => return Ok(Asked::Failed(error.into())),
    }
    match exchange(run.ports, integration, request).await {
        Ok(Ok(answer)) if !(200..=299).contains(&answer.status) => Err(answer),
        Ok(received) => Ok(Asked::Received(received.map(|answer| Parts::of(batch, answer)))),
        Err(ExchangeError::Token { why, .. }) => Ok(Asked::NoToken(why)),
        Err(error) => Ok(Asked::Failed(error.into())),
    }
}
