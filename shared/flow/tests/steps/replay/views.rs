//! What is to be seen of each wait, in the model's words, and where the two differ.

use super::files::number;
use super::names::effect;
use super::stage::{Returned, Stage, Standing};
use stepwait_core::ErrorName;
use stepwait_core::message::{Attempt, Plan};
use stepwait_core::wait::{self, Generation, OutcomeKind, Rendezvous, Source};
use stepwait_model::state::{End, Outcome, World};
use stepwait_model::walk::View;
use stepwait_model::{Operation, Protocol, Strategy, Who};

/// An outcome in the model's words. A wait that is given up by an error of ours is
/// told apart from others in the table and not in the model.
pub(super) fn outcome(integration: &str, outcome: &wait::Outcome) -> Outcome {
    let end = match &outcome.kind {
        OutcomeKind::Succeeded { .. } if outcome.source == Source::Operator => End::ByHand,
        OutcomeKind::Succeeded { .. } => End::Succeeded,
        OutcomeKind::Failed { error: ErrorName::JobFailed, reason } if reason.contains("canceled") => End::CalledOff,
        OutcomeKind::Failed { error: ErrorName::JobFailed, .. } => End::Failed,
        OutcomeKind::Failed { error: ErrorName::JobIdTaken, .. } => End::JobIdTaken,
        OutcomeKind::Failed { .. } if outcome.source == Source::Close && outcome.gave_up() => End::Cancelled,
        OutcomeKind::Failed { error, reason } => panic!("no walk ends a wait by {error}: {reason}"),
        OutcomeKind::Expired { .. } if outcome.source == Source::Reconciler => End::Overdue,
        OutcomeKind::Expired { .. } => End::Expired,
        OutcomeKind::Cancelled { .. } => End::Cancelled,
    };
    Outcome { end, job: outcome.job_id.as_ref().map(|id| number(integration, id)) }
}

/// The attempt of a generation, from one; zero is the generation of a row that `Close` made.
pub(super) fn attempt(plan: &Plan, generation: Generation) -> u8 {
    let first = Attempt { entered_at: plan.wait.started_at, retry_count: 0 }.generation();
    let attempt = generation.as_u64().checked_sub(first.as_u64());
    attempt.map_or(0, |behind| u8::try_from(behind + 1).unwrap())
}

impl Stage<'_> {
    /// What is to be seen of a wait.
    fn view(&self, wait: u8) -> View {
        let task = &self.tasks[usize::from(wait)];
        let plan = &task.plan;
        let name = plan.wait.integration.as_str();
        let state = self.world.state();
        let row = state.store.table.waits.get(&plan.wait.id);
        let is_bound = |rendezvous: &Rendezvous| rendezvous.wait_id.as_ref() == Some(&plan.wait.id);
        let bound = state.store.table.rendezvous.iter().find(|(_, rendezvous)| is_bound(rendezvous));
        let stored = row.and_then(|row| row.outcome.as_ref()).map(|stored| outcome(name, stored));
        let status = row.map(|row| match stored {
            Some(Outcome { end: End::Cancelled, .. }) => "CANCELLED",
            Some(_) | None => row.status.as_str(),
        });
        View {
            status,
            generation: row.map_or(0, |row| attempt(plan, row.generation)),
            has_token: row.is_some_and(|row| row.token.is_some()),
            job: row.and_then(|row| row.job_id.as_ref()).map(|id| number(name, id)),
            bound: bound.map(|((name, id), _)| number(name.as_str(), id)),
            mailbox: bound.and_then(|((name, _), row)| Some(outcome(name.as_str(), row.event.as_ref()?))),
            outcome: stored,
            // The generation of no attempt has nothing delivered to it.
            is_delivered: row
                .is_some_and(|row| row.delivered == Some(row.generation) && attempt(plan, row.generation) != 0),
            is_indexed: row.is_some_and(|row| row.due.is_some()),
            resumed: task.resumed,
            course: task.course,
        }
    }

    /// Where the functions' world differs from what the walk shows.
    pub(super) fn compare(&self, views: &[View], protocol: &Protocol, model: &World) -> Result<(), String> {
        for (wait, view) in views.iter().enumerate() {
            let seen = self.view(u8::try_from(wait).unwrap());
            if seen != *view {
                return Err(format!("wait {wait}: the model has {view:?}, and the functions have {seen:?}"));
            }
        }
        for who in protocol.processes() {
            self.compare_process(*who, model.process(*who).at)?;
        }
        Ok(())
    }

    /// Whether a function stands where the model says that it does.
    fn compare_process(&self, who: Who, what: Operation) -> Result<(), String> {
        let standing = self.processes.get(&who).map(|process| &process.standing);
        let expected = effect(&self.c, who, what, self.c.strategy == Strategy::Callback);
        let agrees = match (what, standing) {
            // Between two looks nothing runs.
            (Operation::Look, None) => matches!(who, Who::Check { .. }),
            (Operation::Idle | Operation::Over, standing) => standing.is_none(),
            // It returns without a word.
            (Operation::Superseded, Some(Standing::Returned(returned))) => matches!(**returned, Returned::Submit(_)),
            (Operation::Superseded, Some(Standing::Before(_)) | None) => false,
            (_, Some(Standing::Before(effect))) => expected == Some(*effect),
            (_, Some(Standing::Returned(_))) => expected.is_none(),
            (_, None) => false,
        };
        let stands = match standing {
            Some(Standing::Before(effect)) => *effect,
            Some(Standing::Returned(_)) => "its end",
            None => "nothing",
        };
        if agrees {
            Ok(())
        } else {
            Err(format!("{who}: the model is before {what:?}, and the function before {stands}"))
        }
    }
}
