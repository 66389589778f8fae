//! Single steps, in states that a run reaches rarely or not at all.

mod attempts;
mod closing;
mod deliveries;
mod limits;
mod requests;

use crate::finish;
use crate::scenarios::{Scenario, book};
use crate::world::gate::Fault;
use crate::world::{TaskState, World};
use std::collections::BTreeMap;
use std::task::{Context, Poll, Waker};
use stepwait_core::integration::IntegrationName;
use stepwait_core::message::{Attempt, CaughtError, CloseInput, Plan, Settled, SubmitInput};
use stepwait_core::wait::{Registration, WaitRow};
use stepwait_core::webhook::Delivery;
use stepwait_flow::Book;
use stepwait_flow::close::close;
use stepwait_flow::ports::Resumption;
use stepwait_flow::submit::submit;
use stepwait_flow::webhook::{Reply, receive};

/// A wait that was prepared, and one step after the other.
struct Bench {
    world: World,
    book: Book,
    plan: Plan,
}

impl Bench {
    fn new(scenario: &Scenario) -> Self {
        let (world, book) = (World::new(&scenario.script), book());
        let plan = scenario.plan(&world, &book);
        Self { world, book, plan }
    }

    /// What a new attempt is given, with a token of its own.
    fn attempt(&self, retry_count: u64) -> SubmitInput {
        SubmitInput {
            wait: self.plan.wait.clone(),
            payload: self.plan.payload.clone(),
            attempt: Attempt { entered_at: self.plan.wait.started_at, retry_count },
            token: Some(self.world.state().tokens.issue(&self.plan.wait.id)),
        }
    }

    /// What an attempt stores before it sends anything.
    fn registration(&self, input: &SubmitInput) -> Registration {
        Registration {
            id: input.wait.id.clone(),
            generation: input.attempt.generation(),
            token: input.token.clone(),
            integration: input.wait.integration.clone(),
            digest: input.wait.digest.clone(),
            deadline: input.wait.deadline,
            execution_arn: input.wait.execution_arn.clone(),
        }
    }

    /// Runs an attempt to its end; returns what became of its task.
    fn submit(&self, retry_count: u64) -> TaskState {
        let input = self.attempt(retry_count);
        let token = input.token.clone().unwrap();
        finish(submit(&self.world, &self.book, input)).unwrap();
        self.world.state().tokens.state(&token).clone()
    }

    /// An attempt that dies instead of its effect of that number.
    fn submit_dies_before(&self, retry_count: u64, effect: usize) {
        self.world.state().gate.open(BTreeMap::from([(effect, Fault::CrashBefore)]));
        let mut step = Box::pin(submit(&self.world, &self.book, self.attempt(retry_count)));
        for _ in 0..=effect + 1 {
            assert_eq!(step.as_mut().poll(&mut Context::from_waker(Waker::noop())), Poll::Pending);
        }
        assert_eq!(self.world.state().gate.passed().len(), effect + 1);
    }

    fn close(&self, error: &str) -> Settled {
        let error = CaughtError { error: error.to_owned(), cause: String::new() };
        finish(close(
            &self.world,
            &self.book,
            CloseInput { wait: self.plan.wait.clone(), job_id: None, error, retry_count: 0 },
        ))
        .unwrap()
    }

    /// Sends the event of that number of the script.
    fn deliver(&self, event: usize) -> Reply {
        let delivery = {
            let state = self.world.state();
            state.vendor.delivery(event, self.plan.wait.integration.as_str(), state.now)
        };
        self.receive(&delivery)
    }

    fn receive(&self, delivery: &Delivery) -> Reply {
        finish(receive(&self.world, &self.book, delivery))
    }

    fn row(&self) -> WaitRow {
        self.world.state().store.waits[&self.plan.wait.id].clone()
    }

    fn integration(&self) -> IntegrationName {
        self.plan.wait.integration.clone()
    }
}

/// The error that a task failed with.
fn error(task: &TaskState) -> Option<&str> {
    match task {
        TaskState::Resumed(Resumption::Failure { error, .. }) => Some(error),
        TaskState::Resumed(Resumption::Success(_)) | TaskState::Waiting | TaskState::Retired => None,
    }
}
