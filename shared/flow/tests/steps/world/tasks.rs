//! Waiting tasks. A token is taken once; after that, and after its attempt is
//! over, every call with it answers that it is gone.

use super::{Errors, State, World};
use stepwait_core::TaskToken;
use stepwait_core::wait::{Outcome, WaitId};
use stepwait_flow::ports::{Resumed, Resumption, TaskError, Tasks};

/// What a token is good for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum TaskState {
    /// Its task waits.
    Waiting,
    /// Its task was resumed.
    Resumed(Resumption),
    /// Its attempt is over: it failed, or timed out.
    Retired,
}

/// A resumption that a task took.
#[derive(Clone, Debug)]
pub(crate) struct Taken {
    /// With what.
    pub(crate) with: Resumption,
    /// The outcome that was stored at that moment.
    pub(crate) stored: Option<Outcome>,
}

/// All tokens that were ever issued.
#[derive(Default)]
pub(crate) struct Tokens {
    issued: Vec<(WaitId, TaskState)>,
    pub(crate) taken: Vec<Taken>,
    /// How often a task that waits was told that its job is under way.
    pub(crate) heartbeats: usize,
}

impl Tokens {
    /// The token of a new attempt.
    pub(crate) fn issue(&mut self, wait: &WaitId) -> TaskToken {
        self.issued.push((wait.clone(), TaskState::Waiting));
        TaskToken::new(format!("token-{}", self.issued.len() - 1))
    }

    fn index(token: &TaskToken) -> usize {
        token.expose().trim_start_matches("token-").parse().unwrap()
    }

    /// How a token's task is doing.
    pub(crate) fn state(&self, token: &TaskToken) -> &TaskState {
        &self.issued[Self::index(token)].1
    }

    /// Ends a token's attempt.
    pub(crate) fn retire(&mut self, token: &TaskToken) {
        self.issued[Self::index(token)].1 = TaskState::Retired;
    }
}

impl State {
    fn resume(&mut self, token: &TaskToken, with: &Resumption) -> Resumed {
        let (wait, task) = &mut self.tokens.issued[Tokens::index(token)];
        if *task != TaskState::Waiting {
            return Resumed::Gone;
        }
        *task = TaskState::Resumed(with.clone());
        let stored = self.store.table.waits.get(wait).and_then(|row| row.outcome.clone());
        self.tokens.taken.push(Taken { with: with.clone(), stored });
        Resumed::Taken
    }
}

impl Tasks for World {
    async fn heartbeat(&self, token: &TaskToken) -> Result<Resumed, TaskError> {
        let error = |why: &str| TaskError(why.to_owned());
        let errors = Errors { not_done: error("ThrottlingException"), lost: error("the connection broke") };
        self.effect("heartbeat", errors, |state| {
            let is_waiting = *state.tokens.state(token) == TaskState::Waiting;
            state.tokens.heartbeats += usize::from(is_waiting);
            Ok(if is_waiting { Resumed::Taken } else { Resumed::Gone })
        })
        .await
    }

    async fn resume(&self, token: &TaskToken, with: &Resumption) -> Result<Resumed, TaskError> {
        let error = |why: &str| TaskError(why.to_owned());
        let errors = Errors { not_done: error("ThrottlingException"), lost: error("the connection broke") };
        self.effect("resume", errors, |state| Ok(state.resume(token, with))).await
    }
}
