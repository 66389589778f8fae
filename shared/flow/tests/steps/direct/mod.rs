//! Single steps, in states that a run reaches rarely or not at all.

mod attempts;
mod closing;
mod deliveries;
mod limits;
mod operating;
mod pinned_plans;
mod pooling;
mod reconciling;
mod requests;
mod unplanned;

use crate::finish;
use crate::scenarios::{Scenario, book};
use crate::world::gate::{Fault, Mishap};
use crate::world::{TaskState, World};
use std::collections::BTreeMap;
use std::task::{Context, Poll, Waker};
use stepwait_core::Timestamp;
use stepwait_core::integration::IntegrationName;
use stepwait_core::message::{Attempt, CaughtError, CloseInput, Plan, Settled, SubmitInput};
use stepwait_core::wait::update::Meeting;
use stepwait_core::wait::{Change, JobId, Outcome, OutcomeKind, Registration, Source, WaitId, WaitRow};
use stepwait_core::webhook::Delivery;
use stepwait_flow::Book;
use stepwait_flow::close::close;
use stepwait_flow::ports::{Resumption, WaitStore as _};
use stepwait_flow::submit::submit;
use stepwait_flow::webhook::{Reply, receive};

/// A wait that was prepared, and one step after the other.
pub(crate) struct Bench {
    pub(crate) world: World,
    pub(crate) book: Book,
    pub(crate) plan: Plan,
}

impl Bench {
    pub(crate) fn new(scenario: &Scenario) -> Self {
        Self::with_book(scenario, book())
    }

    /// A wait for an integration of that book.
    pub(crate) fn with_book(scenario: &Scenario, book: Book) -> Self {
        let world = World::new(&scenario.script);
        let plan = scenario.plan(&world, &book);
        Self { world, book, plan }
    }

    /// What a new attempt is given, with a token of its own.
    pub(crate) fn attempt(&self, retry_count: u64) -> SubmitInput {
        SubmitInput {
            wait: self.plan.wait.clone(),
            payload: self.plan.payload.clone(),
            attempt: Attempt { entered_at: self.plan.wait.started_at, retry_count },
            token: Some(self.world.state().tokens.issue(&self.plan.wait.id)),
        }
    }

    /// What an attempt stores before it sends anything.
    pub(crate) fn registration(&self, input: &SubmitInput) -> Registration {
        Registration {
            id: input.wait.id.clone(),
            generation: input.attempt.generation(),
            token: input.token.clone(),
            integration: input.wait.integration.clone(),
            digest: input.wait.digest.clone(),
            started_at: input.wait.started_at,
            deadline: input.wait.deadline,
            execution_arn: input.wait.execution_arn.clone(),
            capability: None,
            due_from: input.wait.deadline,
        }
    }

    /// Another process registers an attempt.
    pub(crate) fn register(&self, registration: Registration) {
        let (id, now) = (registration.id.clone(), self.world.state().now);
        finish(self.world.update(&id, &Change::Register(Box::new(registration)), now)).unwrap();
    }

    /// A listener keeps a terminal event of the job, and dies before it can do more with it.
    pub(crate) fn mail(&self, job_id: &JobId, kind: OutcomeKind) {
        let at = self.world.state().now;
        let event = Outcome {
            kind,
            source: Source::Webhook,
            at,
            pending_at: None,
            job_id: Some(job_id.clone()),
            event_id: None,
        };
        let mail = Meeting::Mail { event: Box::new(event), read_by: None, keep_until: self.plan.wait.deadline };
        finish(self.world.meet(&self.integration(), job_id, &mail)).unwrap();
    }

    /// Another process links a job to a wait.
    pub(crate) fn bind(&self, job_id: &JobId, wait: &WaitId) {
        let digest = self.plan.wait.digest.clone();
        let bind = Meeting::Bind { wait: wait.clone(), digest, keep_until: self.plan.wait.deadline };
        finish(self.world.meet(&self.integration(), job_id, &bind)).unwrap();
    }

    /// Runs an attempt to its end; returns what became of its task.
    pub(crate) fn submit(&self, retry_count: u64) -> TaskState {
        let input = self.attempt(retry_count);
        let token = input.token.clone().unwrap();
        finish(submit(&self.world, &self.book, input)).unwrap();
        self.world.state().tokens.state(&token).clone()
    }

    /// An attempt that dies instead of its effect of that number.
    pub(crate) fn submit_dies_before(&self, retry_count: u64, effect: usize) {
        self.world.state().gate.open(BTreeMap::from([(effect, Fault::CrashBefore)]));
        let mut step = Box::pin(submit(&self.world, &self.book, self.attempt(retry_count)));
        for _ in 0..=effect + 1 {
            assert_eq!(step.as_mut().poll(&mut Context::from_waker(Waker::noop())), Poll::Pending);
        }
        let mut state = self.world.state();
        assert_eq!(state.gate.passed().len(), effect + 1);
        assert_eq!(state.gate.take_mishap(), Some(Mishap::Crashed));
    }

    pub(crate) fn close(&self, error: &str) -> Settled {
        let error = CaughtError { error: error.to_owned(), cause: String::new() };
        finish(close(
            &self.world,
            &self.book,
            CloseInput { wait: self.plan.wait.clone(), job_id: None, error, retry_count: 0 },
        ))
        .unwrap()
    }

    /// Sends the event of that number of the script.
    pub(crate) fn deliver(&self, event: usize) -> Reply {
        let delivery = {
            let state = self.world.state();
            state.vendor.delivery(event, self.plan.wait.integration.as_str(), state.now)
        };
        self.receive(&delivery)
    }

    pub(crate) fn receive(&self, delivery: &Delivery) -> Reply {
        finish(receive(&self.world, &self.book, delivery))
    }

    pub(crate) fn row(&self) -> WaitRow {
        self.world.state().store.table.waits[&self.plan.wait.id].clone()
    }

    pub(crate) fn world_now(&self) -> Timestamp {
        self.world.state().now
    }

    pub(crate) fn integration(&self) -> IntegrationName {
        self.plan.wait.integration.clone()
    }
}

/// The error that a task failed with.
pub(crate) fn error(task: &TaskState) -> Option<&str> {
    match task {
        TaskState::Resumed(Resumption::Failure { error, .. }) => Some(error),
        TaskState::Resumed(Resumption::Success(_)) | TaskState::Waiting | TaskState::Retired => None,
    }
}
