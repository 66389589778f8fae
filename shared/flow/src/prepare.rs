//! `prepare`: checks a request and plans its wait, before anything is sent.

use crate::ports::{Clock, WaitStore};
use crate::{Book, StepError};
use stepwait_core::message::{Plan, PrepareInput};
use stepwait_core::plan::plan;

/// Plans a wait, and keeps the integration file that it goes by.
///
/// # Errors
/// [`StepError`]: `UnknownIntegration`, `InvalidRequest` or `TooManyRounds`
/// when the request cannot be served; `StoreUnavailable` when it should be tried again.
pub async fn prepare<P: WaitStore + Clock>(ports: &P, book: &Book, input: PrepareInput) -> Result<Plan, StepError> {
    let (integration, text) = book.asked_for(&input.integration)?;
    let plan = plan(integration, input, ports.now(), book.break_even())
        .map_err(|e| StepError::new(e.name(), e.to_string()))?;
    ports.pin(&integration.name, &integration.digest, text).await?;
    tracing::info!(wait = %plan.wait.id, integration = %integration.name, deadline = %plan.wait.deadline, "planned");
    Ok(plan)
}
