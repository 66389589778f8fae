//! Step Functions' part: one request of an execution, as the main workflow's
//! definition has it.

use super::Run;
use super::process::{Returned, Role};
use super::turns::named;
use crate::course;
use crate::definition::{Definition, Retries, Task};
use crate::fault::Step;
use crate::integrations::FILES;
use crate::time::{SECOND, shown};
use crate::world::{Event, Tasks};
use serde_json::json;
use stepwait_core::integration::Strategy;
use stepwait_core::message::{Action, Attempt, CaughtError, CloseInput, Plan, PollState, PrepareInput, SubmitInput};
use stepwait_core::wait::JobId;
use stepwait_flow::close::close;
use stepwait_flow::prepare::prepare;
use stepwait_flow::submit::submit;

/// Where a workflow is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    NotBegun,
    Preparing,
    Submitting,
    Polling,
    Resting,
    Closing,
    Ended,
}

/// The workflow of one wait.
#[derive(Clone, Debug)]
pub(super) struct Workflow {
    pub(super) number: usize,
    pub(super) integration: &'static str,
    pub(super) execution: usize,
    pub(super) plan: Option<Plan>,
    pub(super) stage: Stage,
    /// What it waits for; what belongs to another number is ignored.
    pub(super) step: u64,
    pub(super) entered_at: u64,
    pub(super) retries: Retries,
    pub(super) token: Option<usize>,
    pub(super) job_id: Option<JobId>,
    pub(super) round: Option<usize>,
    pub(super) next: (Option<Action>, u64),
    pub(super) poll: PollState,
    pub(super) rounds: u64,
    pub(super) failed_rounds: u32,
    pub(super) error: CaughtError,
}

impl Workflow {
    pub(super) fn new(number: usize, wait: &course::Wait) -> Self {
        Self {
            number,
            integration: FILES[wait.integration].0,
            execution: wait.execution,
            plan: None,
            stage: Stage::NotBegun,
            step: 0,
            entered_at: 0,
            retries: Retries::default(),
            token: None,
            job_id: None,
            round: None,
            next: (None, 0),
            poll: PollState::default(),
            rounds: 0,
            failed_rounds: 0,
            error: CaughtError { error: String::new(), cause: String::new() },
        }
    }

    pub(super) fn has_ended(&self) -> bool {
        self.stage == Stage::Ended
    }

    pub(super) fn name(&self) -> String {
        format!("{} #{} ({:?})", self.integration, self.number, self.stage)
    }

    pub(super) fn task(&self) -> &'static Task {
        let definition = Definition::get();
        let has_token = self.plan.as_ref().is_some_and(|plan| plan.strategy != Strategy::Poll);
        match self.stage {
            Stage::NotBegun | Stage::Preparing => &definition.prepare,
            Stage::Submitting if has_token => &definition.submit_and_await,
            Stage::Submitting => &definition.submit,
            Stage::Polling | Stage::Resting => &definition.poll,
            Stage::Closing | Stage::Ended => &definition.close,
        }
    }
}

impl Run<'_> {
    /// An execution reaches a request.
    pub(super) fn begin(&mut self, number: usize) {
        if self.workflows[number].stage == Stage::NotBegun {
            self.enter(number, Stage::Preparing);
            self.act(number);
        }
    }

    pub(super) fn enter(&mut self, number: usize, stage: Stage) {
        let step = self.step();
        let now = self.world.state().now;
        let workflow = &mut self.workflows[number];
        (workflow.stage, workflow.step, workflow.entered_at, workflow.retries) = (stage, step, now, Retries::default());
        let (integration, number) = (workflow.integration, workflow.number);
        self.world.state().say(|| format!("workflow {integration} #{number}: {stage:?}"));
    }

    /// The pause before a retry is over, or a Wait state is.
    pub(super) fn go_on(&mut self, number: usize, step: u64) {
        if self.workflows[number].step == step {
            self.act(number);
        }
    }

    /// Does what the current state does.
    pub(super) fn act(&mut self, number: usize) {
        match self.workflows[number].stage {
            Stage::Preparing => self.prepare(number),
            Stage::Submitting => self.submit(number),
            Stage::Resting => {
                self.enter(number, Stage::Polling);
                self.poll_round(number);
            }
            Stage::Polling => self.poll_round(number),
            Stage::Closing => self.close(number),
            Stage::NotBegun | Stage::Ended => {}
        }
    }

    fn role(&mut self, number: usize) -> Role {
        let step = self.step();
        self.workflows[number].step = step;
        Role::Workflow(number, step)
    }

    fn prepare(&mut self, number: usize) {
        let role = self.role(number);
        let Workflow { integration, execution, .. } = self.workflows[number];
        let requests = self.workflows.iter().filter(|workflow| workflow.execution == execution).count();
        let input = PrepareInput {
            integration: integration.to_owned(),
            payload: json!({}),
            key: format!("#{number}"),
            execution_arn: self.arn(execution),
            requests: u64::try_from(requests).unwrap_or(1),
        };
        self.start(role, Step::Prepare, |ports, book| {
            let input = input.clone();
            async move { Returned::Plan(Box::new(prepare(&ports, book, input).await)) }
        });
    }

    pub(super) fn submit(&mut self, number: usize) {
        let role = self.role(number);
        let workflow = &mut self.workflows[number];
        let Some(plan) = workflow.plan.clone() else { return };
        let attempt = Attempt { entered_at: shown(workflow.entered_at, 0), retry_count: workflow.retries.count() };
        {
            let mut state = self.world.state();
            let now = state.now;
            if plan.strategy != Strategy::Poll {
                let token = state.tasks.issue(&plan.wait.id, number, now);
                workflow.token = Some(token);
                state.after(plan.timeout_seconds * SECOND, Event::StateTimesOut(number, workflow.step));
                state.after(plan.heartbeat_seconds * SECOND, Event::Silence(number, workflow.step, now));
            }
        }
        let token = workflow.token.map(Tasks::text);
        let input = SubmitInput { wait: plan.wait, payload: plan.payload, attempt, token };
        self.start(role, Step::Submit, |ports, book| {
            let input = input.clone();
            async move { Returned::Submit(submit(&ports, book, input).await) }
        });
    }

    pub(super) fn close(&mut self, number: usize) {
        let role = self.role(number);
        let workflow = &self.workflows[number];
        let Some(plan) = workflow.plan.clone() else { return };
        let input = CloseInput {
            wait: plan.wait,
            job_id: workflow.job_id.clone(),
            error: workflow.error.clone(),
            retry_count: workflow.retries.count(),
        };
        self.start(role, Step::Close, |ports, book| {
            let input = input.clone();
            async move { Returned::Close(close(&ports, book, input).await) }
        });
    }

    pub(super) fn poll_round(&mut self, number: usize) {
        let workflow = &self.workflows[number];
        let (Some(plan), Some(job_id)) = (workflow.plan.clone(), workflow.job_id.clone()) else { return };
        let (next, poll) = (workflow.next, workflow.poll);
        match self.begin_round(number, plan.wait, job_id, next, poll) {
            Some(round) => self.workflows[number].round = Some(round),
            None => self.failed(number, named("Sfn.SfnException")),
        }
    }

    /// The ARN of an execution: another one in each seed, and with it the ids of its waits.
    pub(super) fn arn(&self, execution: usize) -> String {
        format!("arn:aws:states:eu-central-1:123456789012:execution:main:{}-{execution}", self.seed)
    }
}
