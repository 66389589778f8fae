//! Step Functions' part of a run, as the main workflow's definition has it: the
//! attempts of the submit with a token each, the rounds of checks, the deadline,
//! and `Close`, each with its retries.

use super::{Returned, Role, Run, Timer};
use crate::world::{End, TaskState};
use std::time::Duration;
use stepwait_core::integration::Strategy;
use stepwait_core::message::{
    Action, Attempt, CaughtError, CheckInput, CloseInput, Direct, DirectClose, DirectSubmit, Plan, PollState, Settled,
    SubmitAnswer, SubmitInput, Submitted, WaitRef,
};
use stepwait_core::wait::JobId;
use stepwait_core::{ErrorName, TaskToken, Timestamp};
use stepwait_flow::StepError;
use stepwait_flow::check::check;
use stepwait_flow::close::{close, close_direct};
use stepwait_flow::ports::Resumption;
use stepwait_flow::submit::{submit, submit_direct};

/// Retries of a state, as its definition has them; a `Submit` that is in
/// progress has four more, half a minute apart.
const MAX_RETRIES: u32 = 6;
const MAX_RETRIES_IN_PROGRESS: u32 = 4;
const IN_PROGRESS_INTERVAL: Duration = Duration::from_secs(30);

/// A submit that stands in line has forty retries, from 10 seconds up to 10
/// minutes apart.
pub(crate) const MAX_RETRIES_IN_LINE: u32 = 40;
const FIRST_IN_LINE: Duration = Duration::from_secs(10);
const LONGEST_IN_LINE: Duration = Duration::from_mins(10);

/// Before the first retry, 2 seconds; it doubles.
const RETRY_INTERVAL: Duration = Duration::from_secs(2);

/// Where the workflow is.
enum Stage {
    Submitting,
    Polling(PollState),
    Closing(CaughtError),
    Ended(Settled),
}

/// The workflow of one wait.
pub(super) struct Workflow {
    plan: Plan,
    /// Whether `submit` and `close` are told the request instead of the plan.
    is_direct: bool,
    stage: Stage,
    /// Counts everything that the workflow waits for; what belongs to an
    /// earlier number is ignored.
    step: u32,
    /// The token of the current attempt, on the token path.
    token: Option<TaskToken>,
    /// The job, which the workflow learns on the nested path only.
    job_id: Option<JobId>,
    entered_at: Option<Timestamp>,
    attempts: u32,
    retries: u32,
    retries_in_progress: u32,
    retries_in_line: u32,
    was_left: bool,
}

/// How a run ended.
#[derive(Debug)]
pub(crate) struct Ending {
    pub(crate) plan: Plan,
    /// What the workflow goes on with.
    pub(crate) settled: Settled,
    /// Attempts of the submit.
    pub(crate) attempts: u32,
    /// Whether the task timed out although the wait's outcome was stored, or
    /// the sender had been told that it is kept.
    pub(crate) was_left_to_its_deadline: bool,
}

impl Workflow {
    pub(super) fn new(plan: Plan) -> Self {
        Self {
            plan,
            is_direct: false,
            stage: Stage::Submitting,
            step: 0,
            token: None,
            job_id: None,
            entered_at: None,
            attempts: 0,
            retries: 0,
            retries_in_progress: 0,
            retries_in_line: 0,
            was_left: false,
        }
    }

    /// One whose plan is not passed on.
    pub(super) fn direct(plan: Plan) -> Self {
        Self { is_direct: true, ..Self::new(plan) }
    }

    /// What `submit` and `close` are told instead of the plan.
    fn request(&self, started_at: Timestamp) -> Direct {
        let WaitRef { integration, key, execution_arn, .. } = self.plan.wait.clone();
        Direct {
            integration: integration.to_string(),
            key,
            payload: self.plan.payload.clone(),
            execution_arn,
            started_at,
            deadline_seconds: self.plan.timeout_seconds - 1,
        }
    }

    pub(super) fn is_at(&self, step: u32) -> bool {
        self.step == step
    }

    pub(super) fn has_ended(&self) -> bool {
        matches!(self.stage, Stage::Ended(_))
    }

    pub(super) fn integration(&self) -> &str {
        self.plan.wait.integration.as_str()
    }

    pub(super) fn ending(self) -> Ending {
        let Stage::Ended(settled) = self.stage else {
            panic!("only a workflow that has ended has an ending");
        };
        Ending { plan: self.plan, settled, attempts: self.attempts, was_left_to_its_deadline: self.was_left }
    }

    fn enter(&mut self, stage: Stage) {
        self.stage = stage;
        self.step += 1;
        self.retries = 0;
    }
}

/// A process that died without an answer, as the Lambda integration reports it.
fn died() -> CaughtError {
    CaughtError { error: "Lambda.Unknown".to_owned(), cause: String::new() }
}

fn caught(error: &StepError) -> CaughtError {
    CaughtError { error: error.name.to_string(), cause: error.message.clone() }
}

fn is_retryable(error: &CaughtError) -> bool {
    let name = ErrorName::parse(&error.error);
    *error == died() || name.is_some_and(|name| name.is_retryable())
}

/// The longest that Step Functions waits before that retry in line.
pub(crate) fn in_line(retry: u32) -> Duration {
    let delay = (1..retry).fold(FIRST_IN_LINE, |delay, _| delay * 3 / 2);
    delay.min(LONGEST_IN_LINE)
}

impl Run<'_> {
    /// `Submit and await`, or `Submit`: the next attempt.
    pub(super) fn begin_attempt(&mut self) {
        let mut state = self.world.state();
        let workflow = &mut self.workflow;
        workflow.step += 1;
        workflow.attempts += 1;
        let plan = &workflow.plan;
        workflow.token = (plan.strategy != Strategy::Poll).then(|| state.tokens.issue(&plan.wait.id));
        let entered_at = *workflow.entered_at.get_or_insert(state.now);
        let attempt = Attempt { entered_at, retry_count: u64::from(workflow.attempts - 1) };
        let token = workflow.token.clone();
        let timeout = Duration::from_secs(plan.timeout_seconds);
        let round_started_at = token.is_none().then_some(state.now);
        drop(state);
        let (world, book, number) = (self.world, self.book, workflow.step);
        let (wait, payload) = (plan.wait.clone(), plan.payload.clone());
        let direct = workflow.is_direct.then(|| workflow.request(entered_at));
        if token.is_some() {
            self.set_timer(timeout, Timer::TimesUp(number));
        }
        let step = async move {
            Returned::Submit(match direct {
                None => submit(world, book, SubmitInput { wait, payload, attempt, token }).await,
                Some(direct) => {
                    let answer =
                        submit_direct(world, book, DirectSubmit { direct, attempt, token, round_started_at }).await;
                    answer.map(|SubmitAnswer { job_id, action, seconds, poll, .. }| Submitted {
                        job_id,
                        action,
                        seconds,
                        poll,
                    })
                }
            })
        };
        self.start(Role::Step(number), step);
    }

    /// The step's Retry interval is over, or a Wait state is.
    pub(super) fn go_on(&mut self) {
        let (world, book, number) = (self.world, self.book, self.workflow.step);
        let wait = self.workflow.plan.wait.clone();
        match &self.workflow.stage {
            Stage::Submitting => self.begin_attempt(),
            Stage::Polling(poll) => {
                let Some(job_id) = self.workflow.job_id.clone() else {
                    self.fail("a job is polled before it is known");
                };
                let input = CheckInput { wait, job_id, poll: *poll };
                self.start(Role::Step(number), async move { Returned::Check(check(world, book, input).await) });
            }
            Stage::Closing(error) => {
                let job_id = self.workflow.job_id.clone();
                let retry_count = u64::from(self.workflow.retries);
                let error = error.clone();
                let entered_at = self.workflow.entered_at.unwrap_or(wait.started_at);
                let direct = self.workflow.is_direct.then(|| self.workflow.request(entered_at));
                let step = async move {
                    Returned::Close(match direct {
                        None => close(world, book, CloseInput { wait, job_id, error, retry_count }).await,
                        Some(direct) => {
                            close_direct(world, book, DirectClose { direct, job_id, error, retry_count }).await
                        }
                    })
                };
                self.start(Role::Step(number), step);
            }
            Stage::Ended(_) => {}
        }
    }

    /// Step Functions notices at once that a task was resumed by its token.
    pub(super) fn watch_task(&mut self) {
        let Some(token) = &self.workflow.token else {
            return;
        };
        let task = self.world.state().tokens.state(token).clone();
        match task {
            TaskState::Waiting | TaskState::Retired => {}
            TaskState::Resumed(Resumption::Success(output)) => {
                self.workflow.token = None;
                self.workflow.enter(Stage::Ended(serde_json::from_str(&output).unwrap()));
            }
            TaskState::Resumed(Resumption::Failure { error, cause }) => {
                self.attempt_failed(CaughtError { error, cause });
            }
        }
    }

    /// The current step's function returned.
    pub(super) fn step_returned(&mut self, returned: Returned) {
        match returned {
            // The task has a token and waits for it.
            Returned::Submit(Ok(_)) if self.workflow.token.is_some() => {}
            Returned::Submit(Ok(Submitted { job_id, seconds, poll, .. })) => {
                if job_id.is_none() {
                    self.fail("without a token a submit that returns names its job");
                }
                self.workflow.job_id = job_id;
                self.look_in(seconds, poll);
            }
            Returned::Check(Ok(checked)) => match (checked.action, checked.settled) {
                (Action::Done, Some(settled)) => self.workflow.enter(Stage::Ended(settled)),
                (Action::Wait | Action::Leave, None) => self.look_in(checked.seconds, checked.poll),
                (Action::Expired, None) => {
                    self.close(CaughtError { error: "DeadlinePassed".to_owned(), cause: String::new() });
                }
                (Action::Exhausted, None) => {
                    self.close(CaughtError { error: "RoundsExhausted".to_owned(), cause: String::new() });
                }
                (action, settled) => self.fail(&format!("a check returned {action:?} with {settled:?}")),
            },
            Returned::Close(Ok(settled)) => self.workflow.enter(Stage::Ended(settled)),
            Returned::Submit(Err(error)) => self.attempt_failed(caught(&error)),
            Returned::Check(Err(error)) | Returned::Close(Err(error)) => self.retry(caught(&error)),
            Returned::Reply(_) | Returned::Reconciled => self.fail("a step returned what no step of a workflow does"),
        }
    }

    /// The current step's function gave no answer.
    pub(super) fn step_died(&mut self) {
        match self.workflow.stage {
            Stage::Submitting => self.attempt_failed(died()),
            Stage::Polling(_) | Stage::Closing(_) => self.retry(died()),
            Stage::Ended(_) => {}
        }
    }

    /// The token's task has waited as long as its state may.
    pub(super) fn time_is_up(&mut self) {
        {
            let state = self.world.state();
            let row = state.store.table.waits.get(&self.workflow.plan.wait.id);
            let is_told = state.vendor.events.iter().any(|e| e.is_acknowledged() && e.says != End::Pending);
            self.workflow.was_left = is_told || row.is_some_and(|row| row.outcome.is_some());
        }
        self.drop_token();
        self.close(CaughtError { error: "States.Timeout".to_owned(), cause: String::new() });
    }

    fn attempt_failed(&mut self, error: CaughtError) {
        self.drop_token();
        if error.error == ErrorName::SubmitInProgress.as_str() {
            self.workflow.retries_in_progress += 1;
            if self.workflow.retries_in_progress <= MAX_RETRIES_IN_PROGRESS {
                return self.go_on_in(IN_PROGRESS_INTERVAL);
            }
            return self.close(error);
        }
        if error.error == ErrorName::AtCapacity.as_str() {
            self.workflow.retries_in_line += 1;
            if self.workflow.retries_in_line <= MAX_RETRIES_IN_LINE {
                return self.go_on_in(in_line(self.workflow.retries_in_line));
            }
            return self.close(error);
        }
        self.retry(error);
    }

    /// An attempt that is over has no token any more.
    fn drop_token(&mut self) {
        if let Some(token) = self.workflow.token.take() {
            self.world.state().tokens.retire(&token);
        }
    }

    fn retry(&mut self, error: CaughtError) {
        self.workflow.retries += 1;
        if is_retryable(&error) && self.workflow.retries <= MAX_RETRIES {
            self.go_on_in(RETRY_INTERVAL * 2_u32.pow(self.workflow.retries - 1));
        } else if matches!(self.workflow.stage, Stage::Closing(_)) {
            self.fail(&format!("the wait could not be closed: {error:?}"));
        } else {
            self.close(error);
        }
    }

    fn close(&mut self, error: CaughtError) {
        self.workflow.enter(Stage::Closing(error));
        self.go_on();
    }

    fn look_in(&mut self, seconds: u64, poll: PollState) {
        self.workflow.enter(Stage::Polling(poll));
        self.go_on_in(Duration::from_secs(seconds));
    }

    fn go_on_in(&mut self, delay: Duration) {
        self.workflow.step += 1;
        self.set_timer(delay, Timer::Workflow(self.workflow.step));
    }
}
