//! Connects a step with the Lambda runtime: events in, answers out, errors by
//! the names that the state machines know.

use lambda_runtime::{Diagnostic, LambdaEvent, service_fn};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::future::Future;
use stepwait_core::ErrorName;
use stepwait_flow::StepError;

/// The most characters of an error message that leave the function.
const MAX_MESSAGE_CHARS: usize = 2_000;

/// A step's error, as the Lambda runtime reports it: `errorType` is the name in
/// [`ErrorName`], which is what Retry and Catch match.
#[derive(Debug)]
pub struct Failure(StepError);

impl From<StepError> for Failure {
    fn from(error: StepError) -> Self {
        Self(error)
    }
}

impl From<Failure> for Diagnostic {
    fn from(Failure(error): Failure) -> Self {
        Self {
            error_type: error.name.to_string(),
            error_message: error.message.chars().take(MAX_MESSAGE_CHARS).collect(),
        }
    }
}

/// Serves invocations with `handle` until the environment is taken away.
///
/// # Errors
/// When the Lambda runtime interface cannot be reached.
pub async fn serve<I, O, F, R>(handle: F) -> Result<(), lambda_runtime::Error>
where
    I: DeserializeOwned,
    O: Serialize,
    F: Fn(I) -> R,
    R: Future<Output = Result<O, StepError>>,
{
    tracing_subscriber::fmt().json().with_target(false).with_ansi(false).without_time().init();
    let handle = &handle;
    lambda_runtime::run(service_fn(move |event: LambdaEvent<Value>| async move {
        let input = serde_json::from_value::<I>(event.payload).map_err(|e| Failure(unreadable(&e)))?;
        handle(input).await.map_err(|error| {
            tracing::error!(name = %error.name, message = error.message, "step failed");
            Failure(error)
        })
    }))
    .await
}

/// The error names a field, never its value: an event may hold a task token.
fn unreadable(error: &serde_json::Error) -> StepError {
    let text = error.to_string();
    let what = text.split("value:").next().unwrap_or_default();
    let what =
        if text.starts_with("missing field") || text.starts_with("unknown variant") { text.as_str() } else { what };
    StepError::new(
        ErrorName::Defect,
        format!(
            "the state machine passed an event of another shape ({}); deploy both together",
            what.lines().next().unwrap_or_default()
        ),
    )
}
