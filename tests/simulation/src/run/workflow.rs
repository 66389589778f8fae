//! Step Functions' part: one request of an execution, as the main workflow's
//! definition has it, or one of a workflow of one's own (`own.rs`).

use super::Run;
use super::process::{Returned, Role};
use super::round::Input;
use super::terms::Terms;
use super::turns::named;
use crate::course;
use crate::definition::{Definition, Retries, Task};
use crate::fault::Step;
use crate::integrations::FILES;
use crate::time::shown;
use crate::world::{Event, Tasks};
use serde_json::{Value, json};
use stepwait_core::message::{
    Action, Attempt, CaughtError, CloseInput, Direct, DirectClose, DirectSubmit, PollState, PrepareInput, SubmitAnswer,
    SubmitInput, WaitRef,
};
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
    /// Which of [`FILES`].
    pub(super) integration: usize,
    pub(super) execution: usize,
    /// Whether its states are of a workflow of one's own.
    pub(super) is_own: bool,
    pub(super) terms: Option<Terms>,
    pub(super) stage: Stage,
    /// What it waits for; what belongs to another number is ignored.
    pub(super) step: u64,
    pub(super) entered_at: u64,
    pub(super) retries: Retries,
    pub(super) token: Option<usize>,
    /// The job, and its wait, once the workflow knows of them.
    pub(super) job: Option<(WaitRef, JobId)>,
    pub(super) round: Option<usize>,
    pub(super) next: (Option<Action>, u64),
    pub(super) poll: PollState,
    pub(super) rounds: u64,
    pub(super) failed_rounds: u64,
    /// Rounds that stood in line.
    pub(super) in_line: u64,
    pub(super) error: CaughtError,
}

impl Workflow {
    pub(super) fn new(number: usize, wait: &course::Wait, is_own: bool) -> Self {
        Self {
            number,
            integration: wait.integration,
            execution: wait.execution,
            is_own,
            terms: None,
            stage: Stage::NotBegun,
            step: 0,
            entered_at: 0,
            retries: Retries::default(),
            token: None,
            job: None,
            round: None,
            next: (None, 0),
            poll: PollState::default(),
            rounds: 0,
            failed_rounds: 0,
            in_line: 0,
            error: CaughtError { error: String::new(), cause: String::new() },
        }
    }

    pub(super) fn has_ended(&self) -> bool {
        self.stage == Stage::Ended
    }

    pub(super) fn name(&self) -> String {
        format!("{} #{} ({:?})", FILES[self.integration].0, self.number, self.stage)
    }

    pub(super) fn task(&self) -> &'static Task {
        let definition = Definition::get();
        if let Some(Terms::Own(own)) = &self.terms {
            return match self.stage {
                Stage::Closing | Stage::Ended => &own.states.close,
                Stage::NotBegun | Stage::Preparing | Stage::Submitting | Stage::Polling | Stage::Resting => {
                    &own.states.wait
                }
            };
        }
        let has_token = self.terms.as_ref().is_some_and(Terms::has_token);
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
        if self.workflows[number].stage != Stage::NotBegun {
            return;
        }
        if self.workflows[number].is_own {
            return self.begin_own(number);
        }
        self.enter(number, Stage::Preparing);
        self.act(number);
    }

    pub(super) fn enter(&mut self, number: usize, stage: Stage) {
        let step = self.step();
        let now = self.world.state().now;
        let workflow = &mut self.workflows[number];
        (workflow.stage, workflow.step, workflow.entered_at, workflow.retries) = (stage, step, now, Retries::default());
        let (integration, number) = (FILES[workflow.integration].0, workflow.number);
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
            integration: FILES[integration].0.to_owned(),
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
        let Some(terms) = workflow.terms.clone() else { return };
        let attempt = Attempt { entered_at: shown(workflow.entered_at, 0), retry_count: workflow.retries.count() };
        if terms.has_token() {
            let mut state = self.world.state();
            let now = state.now;
            workflow.token = Some(state.tasks.issue(terms.id(), number, now));
            state.after(terms.timeout_ms(), Event::StateTimesOut(number, workflow.step));
            if let Some(silence) = terms.silence_ms() {
                state.after(silence, Event::Silence(number, workflow.step, now));
            }
        }
        let token = workflow.token.map(Tasks::text);
        match terms {
            Terms::Planned(plan) => {
                let input = SubmitInput { wait: plan.wait, payload: plan.payload, attempt, token };
                self.start(role, Step::Submit, |ports, book| {
                    let input = input.clone();
                    async move { Returned::Submit(submit(&ports, book, input).await.map(SubmitAnswer::from)) }
                });
            }
            Terms::Own(own) => {
                let direct = self.told(&own, attempt.retry_count);
                let input = DirectSubmit { direct, attempt, token, round_started_at: None };
                self.submit_unplanned(role, Step::SubmitUnplanned, &input);
            }
        }
    }

    pub(super) fn close(&mut self, number: usize) {
        let role = self.role(number);
        let workflow = &self.workflows[number];
        let job_id = workflow.job.as_ref().map(|(_, job_id)| job_id.clone());
        let (error, retry_count) = (workflow.error.clone(), workflow.retries.count());
        let plan = match workflow.terms.clone() {
            None => return,
            Some(Terms::Planned(plan)) => plan,
            Some(Terms::Own(own)) => {
                let direct = Direct { payload: Value::Null, ..self.told(&own, 0) };
                return self.close_unplanned(role, &DirectClose { direct, job_id, error, retry_count });
            }
        };
        let input = CloseInput { wait: plan.wait, job_id, error, retry_count };
        self.start(role, Step::Close, |ports, book| {
            let input = input.clone();
            async move { Returned::Close(close(&ports, book, input).await) }
        });
    }

    pub(super) fn poll_round(&mut self, number: usize) {
        let workflow = &self.workflows[number];
        let input = match (workflow.job.clone(), &workflow.terms) {
            (Some(job), _) => Input::Check { job: Box::new(job), next: workflow.next, poll: workflow.poll },
            (None, Some(Terms::Own(own))) => Input::Submit { own: own.clone(), in_line: workflow.in_line },
            (None, Some(Terms::Planned(_)) | None) => return,
        };
        match self.begin_round(number, input) {
            Some(round) => self.workflows[number].round = Some(round),
            None => self.failed(number, named("Sfn.SfnException")),
        }
    }

    /// The ARN of an execution: another one in each seed, and with it the ids of its waits.
    pub(super) fn arn(&self, execution: usize) -> String {
        let machine = if self.world.state().course.own[execution] { "own" } else { "main" };
        format!("arn:aws:states:eu-central-1:123456789012:execution:{machine}:{}-{execution}", self.seed)
    }
}
