//! What senders were promised: an event answered with 2xx is durable.

use super::Rule;
use super::rows::stored;
use crate::world::State;
use std::collections::{BTreeMap, BTreeSet};
use stepwait_core::integration::IntegrationName;
use stepwait_core::wait::WaitId;

/// What is remembered beside the table, to hold the table against.
#[derive(Debug, Default)]
pub(crate) struct Promises {
    /// The waits whose tasks were completed.
    pub(crate) completed: BTreeSet<WaitId>,
    /// When the first event of a wait's job was acknowledged that ends it.
    pub(crate) acknowledged: BTreeMap<WaitId, u64>,
    /// Faults and mishaps so far.
    pub(crate) faults: u32,
}

/// A sender was told that its event is kept, which says how a job has ended.
pub(crate) fn acknowledged(state: &mut State, vendor: usize, event: usize) {
    let this = &state.vendors[vendor];
    let job = &this.jobs[this.events[event].job];
    let (name, id, reference) = (this.name, job.id.clone(), job.reference.clone());
    let key = state.store.table.rendezvous.iter().find(|((integration, job_id), _)| is(integration, name) && *job_id == id);
    let rendezvous = key.map(|(_, row)| row.clone()).unwrap_or_default();
    let wait = rendezvous.wait_id.clone().unwrap_or_else(|| reference.clone());
    let has_outcome = stored(state, &wait).is_some();
    let is_kept = rendezvous.event.is_some() || has_outcome;
    if !is_kept {
        state.breaks(Rule::Durable, || format!("{name} was told that the end of {id} is kept, and it is not"));
    }
    if rendezvous.wait_id.is_some() && !has_outcome {
        state.breaks(Rule::Durable, || format!("{name} was told that {wait} has ended, and it has not"));
    }
    let now = state.now;
    state.promises.acknowledged.entry(reference).or_insert(now);
}

fn is(integration: &IntegrationName, name: &str) -> bool {
    integration.as_str() == name
}
