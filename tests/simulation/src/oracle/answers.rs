//! What senders were promised: an event answered with 2xx is durable.

use super::Rule;
use super::rows::stored;
use crate::world::State;
use std::collections::{BTreeMap, BTreeSet};
use stepwait_core::integration::IntegrationName;
use stepwait_core::wait::{JobId, WaitId};

/// What is remembered beside the table, to hold the table against.
#[derive(Debug, Default)]
pub(crate) struct Promises {
    /// The waits whose tasks were completed.
    pub(crate) completed: BTreeSet<WaitId>,
    /// When a sender was first told that the end of a job is kept.
    pub(crate) kept: BTreeMap<(IntegrationName, JobId), u64>,
    /// When a job was linked to its wait.
    pub(crate) linked: BTreeMap<(IntegrationName, JobId), u64>,
    /// The waits whose workflows have gone without them.
    pub(crate) left: BTreeSet<WaitId>,
    /// Faults and mishaps so far.
    pub(crate) faults: u32,
}

/// A sender was told, by that status, that its event is kept, which says how a job
/// has ended. 202 means that it waits for its job to be known, anything else that it
/// is the wait's end, or came after it.
pub(crate) fn acknowledged(state: &mut State, vendor: usize, event: usize, status: u16) {
    let this = &state.vendors[vendor];
    let job = &this.jobs[this.events[event].job];
    let (name, id, reference) = (this.name, job.id.clone(), &job.reference);
    let key =
        state.store.table.rendezvous.iter().find(|((integration, job_id), _)| is(integration, name) && *job_id == id);
    let key = key.map(|(key, row)| (key.clone(), row.clone()));
    let rendezvous = key.as_ref().map(|(_, row)| row.clone()).unwrap_or_default();
    // What comes to a wait's own address is that wait's, whatever job it names.
    let has_own_address = job.webhook.as_ref().is_some_and(|url| url.contains(reference.as_str()));
    let linked = rendezvous.wait_id.clone().filter(|_| !has_own_address);
    let wait = linked.unwrap_or_else(|| reference.clone());
    let has_outcome = stored(state, &wait).is_some();
    let is_kept = (rendezvous.event.is_some() && !has_own_address) || has_outcome;
    if !is_kept {
        state.breaks(Rule::Durable, || format!("{name} was told that the end of {id} is kept, and it is not"));
    }
    if status != 202 && !has_outcome {
        state.breaks(Rule::Durable, || format!("{name} was told that {wait} has ended, and it has not"));
    }
    if let Some((key, _)) = key.filter(|_| !has_own_address) {
        let now = state.now;
        state.promises.kept.entry(key).or_insert(now);
    }
}

fn is(integration: &IntegrationName, name: &str) -> bool {
    integration.as_str() == name
}
