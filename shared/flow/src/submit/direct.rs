//! The submit of a workflow of one's own, which has no plan: it is made here, from the
//! file as it is deployed, unless an attempt before this one has begun the wait.

use super::{submit, tell};
use crate::direct::begun;
use crate::ports::Ports;
use crate::{Book, StepError};
use stepwait_core::Timestamp;
use stepwait_core::decide::round::{Next, begun_inside};
use stepwait_core::message::{Action, DirectSubmit, SubmitAnswer, SubmitInput, Submitted, WaitRef};
use stepwait_core::plan::plan_direct;

/// Runs one attempt of the submit of a wait without a plan.
///
/// # Errors
/// [`StepError`], as [`submit`]; `UnknownIntegration`, `InvalidRequest` or
/// `OutdatedFragment` when the request cannot be served, and nothing was sent.
pub async fn submit_direct<P: Ports>(ports: &P, book: &Book, input: DirectSubmit) -> Result<SubmitAnswer, StepError> {
    let wait = match planned(ports, book, &input).await {
        Ok(wait) => wait,
        Err(error) => return tell(ports, input.token.as_ref(), error).await.map(SubmitAnswer::from),
    };
    let DirectSubmit { direct, attempt, token, round_started_at } = input;
    let input = SubmitInput { wait: wait.clone(), payload: direct.payload, attempt, token };
    let mut submitted = submit(ports, book, input).await?;
    if let Some(round_started_at) = round_started_at {
        stay_within(&mut submitted, round_started_at, ports.now());
    }
    Ok(SubmitAnswer { wait: Some(wait), ..submitted.into() })
}

/// The wait as it was begun, or as it is to begin.
async fn planned<P: Ports>(ports: &P, book: &Book, input: &DirectSubmit) -> Result<WaitRef, StepError> {
    if let Some(row) = begun(ports, &input.direct).await? {
        return Ok(WaitRef::of_row(&row, &input.direct.key));
    }
    let (integration, text) = book.asked_for(&input.direct.integration)?;
    let wait = plan_direct(integration, &input.direct, input.token.is_some())
        .map_err(|e| StepError::new(e.name(), e.to_string()))?;
    // Before the wait is there that goes by it.
    ports.pin(&integration.name, &integration.digest, text).await?;
    tracing::info!(wait = %wait.id, integration = %integration.name, deadline = %wait.deadline, "planned");
    Ok(wait)
}

/// The submit stood in a round, which began before it.
fn stay_within(submitted: &mut Submitted, round_started_at: Timestamp, now: Timestamp) {
    let next = Next { action: submitted.action, seconds: submitted.seconds };
    submitted.action = begun_inside(next, round_started_at, now).action;
    submitted.poll.round_started_at = (submitted.action == Action::Wait).then_some(round_started_at);
}
