//! Waiting tasks, resumed through Step Functions.

use crate::{Edges, at_once};
use aws_sdk_sfn::error::{DisplayErrorContext, ProvideErrorMetadata};
use stepwait_core::TaskToken;
use stepwait_flow::ports::{Resumed, Resumption, TaskError, Tasks};

/// Step Functions takes at most 256 characters of an error and 32,768 of a
/// cause (API reference, SendTaskFailure).
const MAX_ERROR_CHARS: usize = 256;
const MAX_CAUSE_CHARS: usize = 32_768;

/// Answers after which a token is of no use, however often it is tried. A late
/// and a repeated call look the same (`TaskTimedOut`).
const FINAL: [&str; 3] = ["TaskTimedOut", "TaskDoesNotExist", "InvalidToken"];

impl Tasks for Edges {
    async fn heartbeat(&self, token: &TaskToken) -> Result<Resumed, TaskError> {
        settled(self.sfn.send_task_heartbeat().task_token(token.expose()).send().await)
    }

    async fn resume(&self, token: &TaskToken, with: &Resumption) -> Result<Resumed, TaskError> {
        let _leave = at_once::call_tasks().await;
        match with {
            Resumption::Success(output) => {
                let answer = self.sfn.send_task_success().task_token(token.expose()).output(output).send().await;
                settled(answer)
            }
            Resumption::Failure { error, cause } => {
                let cut = |text: &str, most| text.chars().take(most).collect::<String>();
                let answer = self
                    .sfn
                    .send_task_failure()
                    .task_token(token.expose())
                    .error(cut(error, MAX_ERROR_CHARS))
                    .cause(cut(cause, MAX_CAUSE_CHARS))
                    .send()
                    .await;
                settled(answer)
            }
        }
    }
}

fn settled<T, E>(answer: Result<T, E>) -> Result<Resumed, TaskError>
where
    E: ProvideErrorMetadata + std::error::Error,
{
    match answer {
        Ok(_) => Ok(Resumed::Taken),
        Err(e) if e.code().is_some_and(|code| FINAL.contains(&code)) => Ok(Resumed::Gone),
        // The error's own text names the call and the code; the token is in neither.
        Err(e) => Err(TaskError(e.code().map_or_else(|| DisplayErrorContext(&e).to_string(), str::to_owned))),
    }
}
