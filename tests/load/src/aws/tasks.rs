//! Step Functions, as those see it who resume its tasks.

use super::answer::Answer;
use serde::Deserialize;
use std::collections::HashMap;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Waiting tasks, by token.
#[derive(Default)]
pub struct Tasks(Mutex<HashMap<String, Task>>);

#[derive(Clone, Default)]
struct Task {
    calls: u64,
    end: Option<End>,
}

/// How a task was ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// By `SendTaskSuccess`, with this output.
    Success(String),
    /// By `SendTaskFailure`.
    Failure {
        /// The error's name.
        error: String,
        /// The cause.
        cause: String,
    },
}

/// What the three calls send.
#[derive(Deserialize)]
struct Call {
    #[serde(rename = "taskToken")]
    token: String,
    #[serde(default)]
    output: Option<String>,
    #[serde(default)]
    error: String,
    #[serde(default)]
    cause: String,
}

impl Tasks {
    /// A task begins to wait.
    pub fn open(&self, token: &str) {
        self.tasks().insert(token.to_owned(), Task::default());
    }

    /// How the task was ended, if it was.
    #[must_use]
    pub fn end(&self, token: &str) -> Option<End> {
        self.tasks().get(token).and_then(|task| task.end.clone())
    }

    /// How often somebody tried to end the task, the time that succeeded included.
    #[must_use]
    pub fn calls(&self, token: &str) -> u64 {
        self.tasks().get(token).map_or(0, |task| task.calls)
    }

    /// How many tasks were ended.
    #[must_use]
    pub fn ended(&self) -> u64 {
        self.tasks().values().map(|task| u64::from(task.end.is_some())).sum()
    }

    pub(super) fn call(&self, operation: &str, body: &[u8]) -> Answer {
        let Ok(call) = serde_json::from_slice::<Call>(body) else {
            return Answer::misunderstood("ValidationException", "the request has no taskToken");
        };
        let end = match (operation, call.output) {
            ("SendTaskSuccess", Some(output)) => Some(End::Success(output)),
            ("SendTaskFailure", None) => Some(End::Failure { error: call.error, cause: call.cause }),
            ("SendTaskHeartbeat", None) => None,
            _ => return Answer::unknown_operation(),
        };
        let mut tasks = self.tasks();
        let Some(task) = tasks.get_mut(&call.token) else {
            return Answer::misunderstood("TaskDoesNotExist", "no task was ever given this token");
        };
        task.calls += u64::from(end.is_some());
        if task.end.is_some() {
            // Late and repeated calls look the same (API reference, SendTaskSuccess).
            return Answer::refused("TaskTimedOut", "Provided task does not exist anymore");
        }
        task.end = end;
        Answer::Done("{}".to_owned())
    }

    fn tasks(&self) -> MutexGuard<'_, HashMap<String, Task>> {
        // Each call changes one task, whole.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Tasks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tasks({} [REDACTED])", self.tasks().len())
    }
}
