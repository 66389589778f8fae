//! Connects a step with the Lambda runtime: events in, answers out, errors by
//! the names that the state machines know.

use crate::{Edges, Settings};
use lambda_runtime::{Diagnostic, LambdaEvent, service_fn};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use stepwait_catalog::Catalog;
use stepwait_core::ErrorName;
use stepwait_flow::{Book, StepError};

/// The most characters of an error message that leave the function.
const MAX_MESSAGE_CHARS: usize = 2_000;

/// A step's error, as the Lambda runtime reports it: `errorType` is the name in
/// [`ErrorName`], which is what Retry and Catch match. The runtime logs its
/// `Debug`, which is the name alone: a message may repeat what a third party said
/// of somebody.
pub struct Failure(StepError);

impl std::fmt::Debug for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "step failed: {}", self.0.name)
    }
}

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

/// Makes the clients and reads the bundled integrations, then serves
/// invocations with `handle` until the environment is taken away.
///
/// # Errors
/// When a setting cannot be used, or the Lambda runtime interface cannot be reached.
pub async fn serve<I, O>(
    handle: impl AsyncFn(&Edges, &Book, I) -> Result<O, StepError>,
) -> Result<(), lambda_runtime::Error>
where
    I: DeserializeOwned,
    O: Serialize,
{
    tracing_subscriber::fmt().json().flatten_event(true).with_target(false).with_ansi(false).without_time().init();
    let settings = Settings::from_env()?;
    let book = Book::new(Catalog::load()?, settings.for_steps());
    let edges = Edges::start(settings)?;
    let (handle, edges, book) = (&handle, &edges, &book);
    lambda_runtime::run(service_fn(move |event: LambdaEvent<Value>| async move {
        let input = serde_json::from_value::<I>(event.payload).map_err(|e| Failure(unreadable(&e)))?;
        handle(edges, book, input).await.map_err(Failure)
    }))
    .await
}

/// Only the name of a missing field is passed on: any other text of the parser
/// quotes a value, and the event may hold a task token.
fn unreadable(error: &serde_json::Error) -> StepError {
    let text = error.to_string();
    let what = if text.starts_with("missing field") { text.as_str() } else { "a field of another type" };
    StepError::new(
        ErrorName::Defect,
        format!("the state machine passed an event of another shape ({what}); deploy both together"),
    )
}
