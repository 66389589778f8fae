//! Rules of the rows, held against each change.

use super::{Broken, Rule};
use crate::fault::Witness;
use crate::world::State;
use serde_json::Value;
use stepwait_core::integration::IntegrationName;
use stepwait_core::wait::update::Meeting;
use stepwait_core::wait::{Change, Guarded, JobId, Outcome, OutcomeKind, Rendezvous, Source, Status, WaitId, WaitRow};

/// A change was answered: cases that are counted.
pub(crate) fn answered(state: &mut State, change: &Change, answer: &Guarded<WaitRow>) {
    let witness = match (change, answer) {
        (Change::Register(new), Guarded::Refused(Some(row))) if row.generation > new.generation => Witness::LostAttempt,
        (Change::Register(_), Guarded::Applied(row)) if row.generation.as_u64() % 1_000 > 0 => Witness::SecondAttempt,
        (Change::BeginSubmit { .. }, Guarded::Refused(Some(row))) if row.status == Status::Registered => {
            Witness::LockHeld
        }
        (Change::SubmitUnknown { .. }, Guarded::Applied(_)) => Witness::SubmitUnknown,
        (Change::Delivered { .. }, Guarded::Refused(Some(_))) => Witness::Redelivered,
        (Change::KeepLate(_), Guarded::Applied(_)) => Witness::Contradiction,
        (Change::Claim { outcome, .. }, Guarded::Applied(_)) => match (&outcome.source, &outcome.kind) {
            (Source::Reconciler, OutcomeKind::Expired { .. }) => Witness::ClosedByReconciler,
            (_, OutcomeKind::Expired { .. }) => Witness::Expired,
            (Source::Reconciler, _) => Witness::ByReconciler,
            (Source::Operator, _) => Witness::ByHand,
            (_, OutcomeKind::Failed { error: stepwait_core::ErrorName::JobIdTaken, .. }) => Witness::IdOfAnother,
            _ => return,
        },
        (Change::Claim { outcome, .. }, Guarded::Refused(Some(_))) if outcome.source == Source::Close => {
            Witness::StoredWins
        }
        _ => return,
    };
    state.saw(witness);
}

/// A row has changed.
pub(crate) fn changed(state: &mut State, before: Option<&WaitRow>, after: &WaitRow, change: &Change) {
    let id = &after.id;
    if let Some(before) = before {
        if after.generation < before.generation {
            state.breaks(Rule::GenerationGrows, || format!("the generation of {id} went back"));
        }
        if before.outcome.is_some() && (after.outcome != before.outcome || after.status != before.status) {
            state.breaks(Rule::FirstOutcomeStays, || {
                format!("{id} was {} and is {}", before.status.as_str(), after.status.as_str())
            });
        }
        if before.job_id.is_some() && after.job_id != before.job_id {
            state.breaks(Rule::JobStays, || format!("{id} had {:?} and has {:?}", before.job_id, after.job_id));
        }
        if before.capability.is_some() && after.capability != before.capability {
            state.breaks(Rule::Transition, || format!("{id} has another address than before"));
        }
    }
    let from = before.map_or(Status::Registered, |row| row.status);
    if !is_transition(from, after.status) {
        state.breaks(Rule::Transition, || format!("{id} went from {} to {}", from.as_str(), after.status.as_str()));
    }
    if after.outcome.is_some() != (Status::ALL[3..].contains(&after.status)) {
        state.breaks(Rule::Transition, || format!("{id} is {} and its outcome is not", after.status.as_str()));
    }
    if let Change::Delivered { to } = change
        && (*to != after.generation || after.delivered != Some(*to))
    {
        state.breaks(Rule::DeliveredToCurrent, || format!("{id} is marked for another attempt than its own"));
    }
    if let Change::Claim { outcome, .. } = change {
        if let Some(how) = foreign(state, after, outcome) {
            state.breaks(Rule::OwnOutcome, || how);
        }
        super::endings::stored(state, after);
    }
}

/// The table of transitions.
fn is_transition(from: Status, to: Status) -> bool {
    use Status::{Cancelled, Expired, Failed, Registered, SubmitUnknown, Submitted, Succeeded};
    match from {
        Registered => true,
        Submitted => to != Registered && to != SubmitUnknown,
        SubmitUnknown => to != Registered,
        Succeeded | Failed | Expired | Cancelled => to == from,
    }
}

/// How an outcome is not the wait's own.
fn foreign(state: &State, row: &WaitRow, outcome: &Outcome) -> Option<String> {
    let by_third_party = match outcome.source {
        Source::Operator => false,
        Source::Submit | Source::Poll | Source::Webhook | Source::Close | Source::Reconciler => true,
    };
    let job_id = outcome.job_id.as_ref().filter(|_| by_third_party)?;
    let vendor = state.vendors.iter().find(|vendor| vendor.name == row.integration.as_str())?;
    let Some(job) = vendor.jobs.iter().find(|job| job.id == *job_id) else {
        return Some(format!("{} ended with {job_id}, which there is not", row.id));
    };
    let linked = state.store.table.rendezvous.get(&(row.integration.clone(), job_id.clone()));
    let is_linked_elsewhere = linked.and_then(|r| r.wait_id.as_ref()).is_some_and(|wait| *wait != row.id);
    // What came to the wait's own address is its own, whoever else was given the job's id.
    let at_own_address = job.webhook.as_ref().is_some_and(|url| url.contains(row.id.as_str()));
    let is_foreign = job.reference != row.id && !job.is_confused;
    if is_foreign || (is_linked_elsewhere && !at_own_address) {
        return Some(format!("{} ended with {job_id} of {}", row.id, job.reference));
    }
    let OutcomeKind::Succeeded { output } = &outcome.kind else { return None };
    let expected = format!("{}/{job_id}/{}", vendor.name, job.reference);
    let of = match output.get("stored_at").and_then(Value::as_str) {
        Some(address) => {
            let stored = state.store.results.get(address)?;
            serde_json::from_slice::<Value>(stored).ok()?["of"].as_str().map(str::to_owned)
        }
        None => output["of"].as_str().map(str::to_owned),
    };
    (of.as_deref() != Some(&expected)).then(|| format!("{} ended with the result {of:?}", row.id))
}

/// A rendezvous row was updated.
pub(crate) fn met(
    state: &mut State,
    key: &(IntegrationName, JobId),
    before: Option<&Rendezvous>,
    after: Option<&Rendezvous>,
    meeting: &Meeting,
) {
    let Some(after) = after else { return };
    let (integration, job_id) = key;
    if after.wait_id.is_some() {
        let now = state.now;
        state.promises.linked.entry(key.clone()).or_insert(now);
    }
    if let Some(before) = before {
        let was_linked = before.wait_id.is_some() && after.wait_id != before.wait_id;
        let had_event = before.event.is_some() && after.event != before.event;
        if was_linked || had_event {
            state.breaks(Rule::RendezvousStays, || format!("what is known of {integration} {job_id} was replaced"));
        }
    }
    if matches!(meeting, Meeting::Mail { .. }) && after.wait_id.is_none() {
        state.saw(Witness::UnboundMail);
    }
}

/// The outcome that is stored of a wait, and when that was.
pub(crate) fn stored<'s>(state: &'s State, id: &WaitId) -> Option<(u64, &'s Outcome)> {
    let row = state.store.past.get(id)?.iter().find(|(_, row)| row.outcome.is_some())?;
    Some((row.0, row.1.outcome.as_ref()?))
}

impl Broken {
    /// Whether it is that rule.
    #[must_use]
    pub fn is(&self, rule: Rule) -> bool {
        self.rule == rule
    }
}
