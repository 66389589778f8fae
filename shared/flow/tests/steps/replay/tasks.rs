//! Step Functions' part of a walk: attempts and their tokens, errors that are
//! retried or caught, and what a workflow goes on with.

use super::stage::{Returned, Stage};
use super::views::outcome;
use crate::world::TaskState;
use stepwait_core::message::{Attempt, CaughtError, CheckInput, CloseInput, Plan, PollState, Settled, SubmitInput};
use stepwait_core::wait::{JobId, Outcome};
use stepwait_core::{ErrorName, TaskToken};
use stepwait_flow::StepError;
use stepwait_flow::check::check;
use stepwait_flow::close::close;
use stepwait_flow::ports::Resumption;
use stepwait_flow::submit::submit;
use stepwait_model::state::Course;
use stepwait_model::{Strategy, Who, state};

/// The error of a function that died, as Step Functions names it.
const DIED: &str = "Lambda.Unknown";

/// After how many attempts `Close` waits no longer for an answer to its last look, three.
const PATIENCE: u64 = 3;

/// The task of a wait.
pub(super) struct Task {
    pub(super) plan: Plan,
    pub(super) course: Course,
    attempt: u8,
    /// The token of the current attempt, while it is good.
    token: Option<TaskToken>,
    pub(super) is_late: bool,
    pub(super) resumed: Option<state::Outcome>,
    /// The job, which a workflow without a token learns.
    job_id: Option<JobId>,
    /// Why the current attempt failed.
    error: CaughtError,
}

impl Task {
    pub(super) fn new(plan: Plan) -> Self {
        let error = CaughtError { error: DIED.to_owned(), cause: String::new() };
        Self {
            plan,
            course: Course::Waiting,
            attempt: 0,
            token: None,
            is_late: false,
            resumed: None,
            job_id: None,
            error,
        }
    }

    /// Whether its attempts have tokens.
    pub(super) fn token_of_attempt(&self) -> bool {
        self.plan.strategy == stepwait_core::integration::Strategy::Callback
    }
}

fn caught(error: &StepError) -> CaughtError {
    CaughtError { error: error.name.to_string(), cause: error.message.clone() }
}

/// What an attempt's error means for its task: `Retry` names those that are retryable.
fn course(error: &CaughtError) -> Course {
    let name = ErrorName::parse(&error.error);
    if error.error == DIED || name.is_some_and(ErrorName::is_retryable) {
        Course::FailedForNow
    } else if error.is_timeout() {
        Course::OutOfTime
    } else {
        Course::FailedForGood
    }
}

impl Stage<'_> {
    pub(super) fn task(&mut self, wait: u8) -> &mut Task {
        &mut self.tasks[usize::from(wait)]
    }

    fn drop_token(&mut self, wait: u8) {
        if let Some(token) = self.task(wait).token.take() {
            self.world.state().tokens.retire(&token);
        }
    }

    /// The next attempt, with a token of its own.
    pub(super) fn begin_attempt(&mut self, wait: u8) {
        self.drop_token(wait);
        let (c, world, book) = (self.c, self.world, self.book);
        let task = self.task(wait);
        task.course = Course::Waiting;
        task.attempt += 1;
        let attempt = task.attempt;
        if c.strategy == Strategy::Callback {
            task.token = Some(world.state().tokens.issue(&task.plan.wait.id));
        }
        let input = SubmitInput {
            wait: task.plan.wait.clone(),
            payload: task.plan.payload.clone(),
            attempt: Attempt { entered_at: task.plan.wait.started_at, retry_count: u64::from(attempt - 1) },
            token: task.token.clone(),
        };
        let who = Who::Submit { wait, attempt };
        self.start(who, None, async move { Returned::Submit(submit(world, book, input).await) });
    }

    /// An attempt has failed, for its own task only.
    pub(super) fn attempt_failed(&mut self, wait: u8, attempt: u8, error: Option<CaughtError>) {
        let task = self.task(wait);
        if task.course == Course::Waiting && task.attempt == attempt {
            task.error = error.unwrap_or(CaughtError { error: DIED.to_owned(), cause: String::new() });
            task.course = course(&task.error);
            self.drop_token(wait);
        }
    }

    /// The function of an attempt returned, and Step Functions hears it, unless
    /// the answer `is_lost`.
    pub(super) fn attempt_returned(&mut self, wait: u8, attempt: u8, returned: Returned, is_lost: bool) {
        let is_current = self.task(wait).course == Course::Waiting && self.task(wait).attempt == attempt;
        match returned {
            _ if is_lost => self.attempt_failed(wait, attempt, None),
            Returned::Submit(Err(error)) => self.attempt_failed(wait, attempt, Some(caught(&error))),
            Returned::Submit(Ok(submitted)) if is_current && self.c.strategy == Strategy::Poll => {
                self.task(wait).job_id = submitted.job_id;
            }
            // A task with a token waits for it.
            Returned::Submit(Ok(_))
            | Returned::Check(_)
            | Returned::Close(_)
            | Returned::Reply(_)
            | Returned::Nothing => {}
        }
    }

    /// The nested workflow makes its next check, as the first of a round.
    pub(super) fn begin_check(&mut self, wait: u8) -> Result<(), String> {
        let (world, book) = (self.world, self.book);
        let task = self.task(wait);
        let job_id = task.job_id.clone().ok_or("a job is looked at that no submit has returned")?;
        let poll = PollState { submitted_at: Some(task.plan.wait.started_at), ..PollState::default() };
        let input = CheckInput { wait: task.plan.wait.clone(), job_id, poll };
        let who = Who::Check { wait };
        self.start(who, None, async move { Returned::Check(check(world, book, input).await) });
        Ok(())
    }

    /// `Close` is entered, for the reason that was caught.
    pub(super) fn enter_close(&mut self, wait: u8, error: Option<&str>) {
        self.drop_token(wait);
        let task = self.task(wait);
        if let Some(error) = error {
            task.error = CaughtError { error: error.to_owned(), cause: String::new() };
        }
        task.course = Course::Closing;
        self.begin_close(wait);
    }

    /// `Close`, or its next attempt. How many came before is time, which a walk
    /// leaves out: where no look is answered, so many that none is waited for any more.
    pub(super) fn begin_close(&mut self, wait: u8) {
        let (world, book) = (self.world, self.book);
        let retry_count = if self.c.has_looks { 0 } else { PATIENCE };
        let task = self.task(wait);
        let (wait_ref, job_id, error) = (task.plan.wait.clone(), task.job_id.clone(), task.error.clone());
        let input = CloseInput { wait: wait_ref, job_id, error, retry_count };
        let who = Who::Close { wait };
        self.start(who, None, async move { Returned::Close(close(world, book, input).await) });
    }

    /// Somebody stops the execution, and with it the nested one.
    pub(super) fn stop(&mut self, wait: u8) {
        self.drop_token(wait);
        self.task(wait).course = Course::Stopped;
        self.end(Who::Check { wait });
    }

    /// The workflow goes on with what one of its functions returned.
    pub(super) fn go_on(&mut self, wait: u8, settled: &Settled) -> Result<(), String> {
        let stored = self.stored(wait).filter(|stored| Settled::of(stored) == *settled);
        let stored = stored.ok_or_else(|| format!("wait {wait} goes on with what is not stored: {settled:?}"))?;
        let with = outcome(self.task(wait).plan.wait.integration.as_str(), &stored);
        self.task(wait).course = Course::Over(with);
        Ok(())
    }

    fn stored(&self, wait: u8) -> Option<Outcome> {
        let id = &self.tasks[usize::from(wait)].plan.wait.id;
        self.world.state().store.table.waits.get(id).and_then(|row| row.outcome.clone())
    }

    /// Step Functions notices that a task was resumed by its token.
    pub(super) fn watch(&mut self, wait: u8) -> Result<(), String> {
        let Some(token) = &self.task(wait).token else { return Ok(()) };
        let token = token.clone();
        let state = self.world.state().tokens.state(&token).clone();
        let stored = self.stored(wait);
        match state {
            TaskState::Waiting | TaskState::Retired => Ok(()),
            TaskState::Resumed(Resumption::Success(output)) => {
                self.task(wait).token = None;
                self.go_on(wait, &serde_json::from_str(&output).unwrap())?;
                let task = self.task(wait);
                if let Course::Over(with) = task.course {
                    task.resumed = Some(with);
                }
                Ok(())
            }
            TaskState::Resumed(Resumption::Failure { error, cause }) => {
                self.task(wait).token = None;
                let is_of = |stored: &Outcome| {
                    stored.kind.failure().is_some_and(|(name, why)| name.as_str() == error && cause.ends_with(why))
                };
                if let Some(stored) = stored.filter(is_of) {
                    let with = outcome(self.task(wait).plan.wait.integration.as_str(), &stored);
                    self.task(wait).resumed = Some(with);
                    self.enter_close(wait, Some(&error));
                } else {
                    let attempt = self.task(wait).attempt;
                    self.attempt_failed(wait, attempt, Some(CaughtError { error, cause }));
                }
                Ok(())
            }
        }
    }
}
