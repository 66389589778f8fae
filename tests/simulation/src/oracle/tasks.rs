//! Rules of tasks: what they are resumed with.

use super::Rule;
use super::rows::stored;
use crate::world::State;
use stepwait_core::ErrorName;
use stepwait_core::message::Settled;
use stepwait_core::wait::WaitId;

/// A task succeeded: with the stored outcome, and no other has before.
pub(crate) fn succeeded_with(state: &mut State, wait: &WaitId, output: &str) {
    let settled: Option<Settled> = serde_json::from_str(output).ok();
    let expected = stored(state, wait).map(|(_, outcome)| Settled::of(outcome));
    if settled.is_none() || settled != expected {
        state.breaks(Rule::StoredOutcome, || format!("{wait} was resumed with {output}, and stored is {expected:?}"));
    }
    if !state.promises.completed.insert(wait.clone()) {
        state.breaks(Rule::OneCompletion, || format!("{wait} completed twice"));
    }
}

/// A task failed: by the stored outcome, or an attempt to submit did, after which
/// Retry or Close looks at the row.
pub(crate) fn failed_with(state: &mut State, wait: &WaitId, error: &str, cause: &str) {
    let name = ErrorName::parse(error);
    let of_attempt = name.is_some_and(|name| {
        name.is_retryable() || matches!(name, ErrorName::SubmitUnknown | ErrorName::DeadlinePassed)
    });
    let of_outcome = stored(state, wait)
        .and_then(|(_, outcome)| outcome.kind.failure())
        .is_some_and(|(stored, why)| stored.as_str() == error && cause.contains(why));
    if !of_attempt && !of_outcome {
        state.breaks(Rule::StoredOutcome, || format!("{wait} was failed by {error}: {cause}"));
    }
}
