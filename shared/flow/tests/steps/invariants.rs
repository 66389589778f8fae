//! What must hold after every run, whatever went wrong in it.

use crate::run::Ending;
use crate::world::{End, State, Taken, World};
use stepwait_core::ErrorName;
use stepwait_core::message::Settled;
use stepwait_core::wait::{Outcome, OutcomeKind, Source, WaitRow};
use stepwait_flow::ports::Resumption;

/// A sentence for each invariant that the run has broken.
pub(crate) fn broken(world: &World, ending: &Ending) -> Vec<&'static str> {
    let state = world.state();
    let rules: [(&'static str, bool); 11] = [
        ("a generation went back", generations_grow(&state.store.history)),
        ("a wait that had ended changed its outcome", outcomes_stay(&state.store.history)),
        ("the workflow ended, and the wait is pending", wait_is_over(&state, ending)),
        ("the workflow went on with something else than the stored outcome", went_on_with_stored(&state, ending)),
        ("the task was resumed with something else than the stored outcome", resumed_with_stored(&state)),
        ("the task succeeded more than once", state.tokens.taken.iter().filter(|t| is_success(t)).count() <= 1),
        ("the outcome is not of the wait's own job", is_own(&state, ending)),
        ("more than one job was started", state.vendor.jobs.len() <= 1),
        ("a webhook has ended the wait that was not kept first", is_first_event(&state, ending)),
        ("more than one place was held", state.shared.most_places <= 1),
        ("an acknowledged event is lost", acknowledged_events_are_kept(&state, ending)),
    ];
    rules.into_iter().filter(|(_, holds)| !holds).map(|(what, _)| what).collect()
}

fn generations_grow(history: &[WaitRow]) -> bool {
    history.is_sorted_by_key(|row| row.generation)
}

/// Never completed and expired: the first outcome is the only one.
fn outcomes_stay(history: &[WaitRow]) -> bool {
    let ended = history.iter().skip_while(|row| row.outcome.is_none());
    let first = ended.clone().next();
    ended.into_iter().all(|row| first.is_some_and(|f| row.status == f.status && row.outcome == f.outcome))
}

fn stored<'s>(state: &'s State, ending: &Ending) -> Option<&'s Outcome> {
    state.store.table.waits.get(&ending.plan.wait.id).and_then(|row| row.outcome.as_ref())
}

fn wait_is_over(state: &State, ending: &Ending) -> bool {
    stored(state, ending).is_some()
}

fn went_on_with_stored(state: &State, ending: &Ending) -> bool {
    stored(state, ending).is_some_and(|outcome| Settled::of(outcome) == ending.settled)
}

/// With the outcome that was stored at that moment, or with the failure of an
/// attempt, after which Retry or Close looks at the row.
fn resumed_with_stored(state: &State) -> bool {
    state.tokens.taken.iter().all(|Taken { with, stored }| match (with, stored) {
        (Resumption::Success(output), Some(outcome)) => {
            serde_json::from_str(output).is_ok_and(|settled: Settled| settled == Settled::of(outcome))
        }
        (Resumption::Success(_), None) => false,
        (Resumption::Failure { error, cause }, Some(outcome)) => {
            is_retryable(error)
                || outcome.kind.failure().is_some_and(|(name, why)| name.as_str() == error && cause.contains(why))
        }
        (Resumption::Failure { error, .. }, None) => {
            is_retryable(error)
                || [ErrorName::SubmitUnknown, ErrorName::DeadlinePassed].iter().any(|e| e.as_str() == error)
        }
    })
}

fn is_retryable(error: &str) -> bool {
    ErrorName::parse(error).is_some_and(ErrorName::is_retryable)
}

fn is_success(taken: &Taken) -> bool {
    matches!(taken.with, Resumption::Success(_))
}

fn is_own(state: &State, ending: &Ending) -> bool {
    let Some(outcome) = stored(state, ending) else {
        return true;
    };
    match (&outcome.job_id, &outcome.kind) {
        (Some(job_id), _) => state.vendor.jobs.iter().any(|job| job.id == *job_id),
        // An event at the wait's own address may come before the job has an id.
        (None, _) if has_own_address(state) && outcome.source == Source::Webhook => state.vendor.jobs.len() == 1,
        // A job that is done at once may never have an id.
        (None, OutcomeKind::Succeeded { .. }) => state.vendor.jobs.is_empty() && !state.vendor.submits.is_empty(),
        (None, OutcomeKind::Failed { .. } | OutcomeKind::Expired { .. } | OutcomeKind::Cancelled { .. }) => true,
    }
}

/// Whether the third party was told an address that is the wait's own. Events
/// that come there are kept in the wait's row alone.
fn has_own_address(state: &State) -> bool {
    state.vendor.told_path().is_some()
}

/// What a webhook has ended a wait with is the event in the job's rendezvous row.
fn is_first_event(state: &State, ending: &Ending) -> bool {
    if has_own_address(state) {
        return state.store.table.rendezvous.values().all(|row| row.event.is_none());
    }
    stored(state, ending).filter(|outcome| outcome.source == Source::Webhook).is_none_or(|outcome| {
        let job_id = outcome.job_id.clone();
        let key = job_id.map(|job_id| (ending.plan.wait.integration.clone(), job_id));
        let row = key.and_then(|key| state.store.table.rendezvous.get(&key));
        row.is_some_and(|row| row.event.as_ref() == Some(outcome))
    })
}

/// An event that ends a job and was answered with 2xx stands in its rendezvous
/// row, unless another one came first; at the wait's own address the wait has ended.
fn acknowledged_events_are_kept(state: &State, ending: &Ending) -> bool {
    if has_own_address(state) {
        let mut ends = state.vendor.events.iter().filter(|event| event.is_acknowledged() && event.says != End::Pending);
        return ends.next().is_none() || stored(state, ending).is_some();
    }
    let ends = state.vendor.events.iter().filter(|event| event.is_acknowledged() && event.says != End::Pending);
    let mut kept = ends.map(|event| {
        let key = (ending.plan.wait.integration.clone(), state.vendor.job_of(event).clone());
        state.store.table.rendezvous.get(&key).is_some_and(|row| row.event.is_some())
    });
    kept.all(|kept| kept)
}
