//! What happens to waits from outside: executions are stopped, and people end
//! waits by hand.

use super::Run;
use super::process::{Returned, Role};
use crate::fault::{Step, Witness};
use crate::time::{MINUTE, SECOND};
use crate::world::Event;
use serde_json::json;
use stepwait_core::message::Stopped;
use stepwait_core::wait::OutcomeKind;
use stepwait_flow::close::stopped;
use stepwait_flow::operate::finish;

/// How often Lambda tries again what an event started, twice: after a minute, and after two
/// (<https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html>).
const RETRIES: u32 = 2;

impl Run<'_> {
    /// An execution is stopped: none of its tasks waits any more, and what its
    /// functions are doing they go on doing.
    pub(super) fn stop(&mut self, execution: usize) {
        let numbers: Vec<usize> = (0..self.workflows.len())
            .filter(|number| self.workflows[*number].execution == execution && !self.workflows[*number].has_ended())
            .collect();
        if numbers.is_empty() {
            return;
        }
        self.world.state().say(|| format!("execution {execution} is stopped"));
        for number in numbers {
            self.end(number, None);
        }
        let mut state = self.world.state();
        state.saw(Witness::ExecutionStopped);
        let delay = state.chance.magnitude(50, 10 * SECOND);
        state.after(delay, Event::Stopped(execution, 0));
    }

    /// `Close` is told that an execution was stopped.
    pub(super) fn close_stopped(&mut self, execution: usize, attempt: u32) {
        let input = Stopped { execution_arn: self.arn(execution), status: "ABORTED".to_owned() };
        self.start(Role::Queue(execution, attempt), Step::Stopped, |ports, book| {
            let input = input.clone();
            async move { Returned::Stopped(stopped(&ports, book, &input).await) }
        });
    }

    /// Lambda tries again.
    pub(super) fn try_stopped_again(&mut self, execution: usize, attempt: u32) {
        if attempt < RETRIES {
            self.after(u64::from(attempt + 1) * MINUTE, Event::Stopped(execution, attempt + 1));
        }
    }

    /// Somebody ends a wait by hand.
    pub(super) fn end_by_hand(&mut self, number: usize) {
        let Some(terms) = &self.workflows[number].terms else { return };
        let id = terms.id().clone();
        let kind = if self.world.state().chance.happens(0.5) {
            OutcomeKind::cancelled("nobody needs it any more")
        } else {
            OutcomeKind::Succeeded { output: json!({ "by": "hand" }) }
        };
        self.start(Role::Nobody, Step::Finish, |ports, _| {
            let (id, kind) = (id.clone(), kind.clone());
            async move {
                // That there is no such wait yet, or that it was not delivered, is told to the person.
                let _told = finish(&ports, &id, kind).await;
                Returned::Nothing
            }
        });
    }
}
