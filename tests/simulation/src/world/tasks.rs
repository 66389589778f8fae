//! Waiting tasks of Step Functions. A token is taken once; after that, and after
//! its attempt is over, every call with it answers that it is gone. Calls come out
//! of one bucket, and are throttled when it is empty.

use super::effect::Errors;
use super::{Ports, State};
use crate::fault::{Effect, Fault, Witness};
use crate::oracle::tasks::{failed_with, succeeded_with};
use stepwait_core::TaskToken;
use stepwait_core::wait::WaitId;
use stepwait_flow::ports::{Resumed, Resumption, TaskError, Tasks as TasksPort};

/// What a token is good for.
#[derive(Clone, Debug, PartialEq, Eq)]
enum TaskState {
    /// Its task waits.
    Waiting,
    /// Its task was resumed, or its attempt is over.
    Over,
}

/// One token.
#[derive(Clone, Debug)]
struct Issued {
    wait: WaitId,
    /// Whose it is.
    workflow: usize,
    state: TaskState,
    heard_at: u64,
}

/// All tokens that were ever issued.
pub(crate) struct Tasks {
    issued: Vec<Issued>,
    bucket: Bucket,
    /// The tasks that were resumed, and of which their workflows do not know yet.
    pub(crate) news: Vec<(usize, usize, Resumption)>,
}

/// Step Functions' token bucket for `SendTask*`: 3,000 calls at once, and 500 a
/// second (<https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html>),
/// or a smaller one that a few waits can empty.
pub(crate) struct Bucket {
    most: u64,
    refill_ms: u64,
    left: u64,
    filled_at: u64,
}

impl Bucket {
    pub(crate) fn new((most, refill_ms): (u64, u64)) -> Self {
        Self { most, refill_ms, left: most, filled_at: 0 }
    }

    fn take(&mut self, now: u64) -> bool {
        let more = (now - self.filled_at) / self.refill_ms;
        self.left = self.left.saturating_add(more).min(self.most);
        self.filled_at += more * self.refill_ms;
        let has_one = self.left > 0;
        self.left -= u64::from(has_one);
        has_one
    }
}

impl Tasks {
    pub(crate) fn new(bucket: Bucket) -> Self {
        Self { issued: Vec::new(), bucket, news: Vec::new() }
    }

    /// The token of a new attempt.
    pub(crate) fn issue(&mut self, wait: &WaitId, workflow: usize, now: u64) -> usize {
        self.issued.push(Issued { wait: wait.clone(), workflow, state: TaskState::Waiting, heard_at: now });
        self.issued.len() - 1
    }

    /// A token as it is given to a function.
    pub(crate) fn text(token: usize) -> TaskToken {
        TaskToken::new(format!("token-{token}"))
    }

    /// Ends a token's attempt.
    pub(crate) fn retire(&mut self, token: usize) {
        self.issued[token].state = TaskState::Over;
    }

    /// When a token's task was last told that its job is under way.
    pub(crate) fn heard_at(&self, token: usize) -> u64 {
        self.issued[token].heard_at
    }

    fn index(token: &TaskToken) -> usize {
        token.expose().trim_start_matches("token-").parse().unwrap()
    }
}

impl State {
    /// Takes a call out of the bucket.
    fn call(&mut self, effect: Effect) -> Result<(), TaskError> {
        if self.tasks.bucket.take(self.now) {
            return Ok(());
        }
        self.coverage.fault(effect, Fault::Throttled);
        self.say(|| "    throttled".to_owned());
        Err(TaskError("ThrottlingException".to_owned()))
    }

    fn resume(&mut self, token: &TaskToken, with: &Resumption) -> Result<Resumed, TaskError> {
        self.call(Effect::Resume)?;
        let index = Tasks::index(token);
        let Issued { wait, workflow, state, .. } = self.tasks.issued[index].clone();
        if state == TaskState::Over {
            self.saw(Witness::GoneToken);
            self.say(|| format!("    token {index} of {wait} is gone"));
            return Ok(Resumed::Gone);
        }
        self.tasks.issued[index].state = TaskState::Over;
        self.say(|| format!("    token {index} of {wait} taken"));
        match with {
            Resumption::Success(output) => succeeded_with(self, &wait, output),
            Resumption::Failure { error, cause } => failed_with(self, &wait, error, cause),
        }
        self.tasks.news.push((workflow, index, with.clone()));
        Ok(Resumed::Taken)
    }

    fn heartbeat(&mut self, token: &TaskToken) -> Result<Resumed, TaskError> {
        self.call(Effect::Heartbeat)?;
        let now = self.now;
        let issued = &mut self.tasks.issued[Tasks::index(token)];
        if issued.state == TaskState::Over {
            return Ok(Resumed::Gone);
        }
        issued.heard_at = now;
        self.saw(Witness::HeardAlive);
        Ok(Resumed::Taken)
    }
}

fn errors() -> Errors<TaskError> {
    let error = |why: &str| TaskError(why.to_owned());
    Errors { not_done: error("InternalServerError"), lost: error("the connection broke") }
}

impl TasksPort for Ports<'_> {
    async fn heartbeat(&self, token: &TaskToken) -> Result<Resumed, TaskError> {
        self.effect(Effect::Heartbeat, errors(), |state| state.heartbeat(token)).await
    }

    async fn resume(&self, token: &TaskToken, with: &Resumption) -> Result<Resumed, TaskError> {
        self.effect(Effect::Resume, errors(), |state| state.resume(token, with)).await
    }
}
