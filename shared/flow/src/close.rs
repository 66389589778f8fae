//! `close`: ends a wait that its workflow gives up, on a timeout or an error.
//!
//! A stored outcome beats whatever went wrong. Without one the third party is
//! looked at a last time; a job that is still under way is called off there
//! and the wait is marked, so that nothing resumes it afterwards.

use crate::ports::Ports;
use crate::settle::claim;
use crate::third_party::{look, send};
use crate::{Book, StepError};
use stepwait_core::ErrorName;
use stepwait_core::decide::check::Verdict;
use stepwait_core::integration::Integration;
use stepwait_core::message::{CloseInput, Settled, WaitRef};
use stepwait_core::request::cancel_request;
use stepwait_core::wait::{JobId, Outcome, OutcomeKind, Source};

/// Ends a wait and returns how it ended.
///
/// # Errors
/// [`StepError`], when the table could not be read or written; closing can be repeated.
pub async fn close<P: Ports>(ports: &P, book: &Book, input: CloseInput) -> Result<Settled, StepError> {
    let wait = &input.wait;
    let row = ports.read(&wait.id).await?;
    if let Some(stored) = row.as_ref().and_then(|row| row.outcome.as_ref()) {
        tracing::info!(wait = %wait.id, "an outcome was stored already");
        return Ok(Settled::of(stored));
    }
    let job_id = row.as_ref().and_then(|row| row.job_id.clone()).or_else(|| input.job_id.clone());
    let last_look = match &job_id {
        Some(job_id) => last_look(ports, book, wait, job_id).await,
        None => None,
    };
    let kind = last_look.unwrap_or_else(|| given_up(&input));
    let outcome = Outcome { kind, source: Source::Close, at: ports.now(), job_id, event_id: None };
    if row.is_none() {
        // Nothing was registered, so nothing was sent and nothing can be resumed.
        return Ok(Settled::of(&outcome));
    }
    let row = claim(ports, &wait.id, &wait.integration, &outcome).await?;
    let stored = row
        .and_then(|row| row.outcome)
        .ok_or_else(|| StepError::new(ErrorName::Defect, format!("wait {} belongs to another integration", wait.id)))?;
    Ok(Settled::of(&stored))
}

/// Asks once more; a job that is not done is called off. Trouble here must not
/// keep the wait from being closed.
async fn last_look<P: Ports>(ports: &P, book: &Book, wait: &WaitRef, job_id: &JobId) -> Option<OutcomeKind> {
    let integration = match book.pinned(ports, wait).await {
        Ok(integration) => integration,
        Err(error) => {
            tracing::warn!(wait = %wait.id, %error, "no last look");
            return None;
        }
    };
    match look(ports, book, &integration, wait, job_id).await {
        Ok(Verdict::Ended(kind)) => return Some(kind),
        Ok(Verdict::Pending { .. }) => {}
        Ok(Verdict::AskAgain { reason, .. }) => {
            tracing::warn!(wait = %wait.id, reason, "the last look got no usable answer")
        }
        Err(error) => tracing::warn!(wait = %wait.id, %error, "no last look"),
    }
    call_off(ports, book, &integration, wait, job_id).await;
    None
}

async fn call_off<P: Ports>(ports: &P, book: &Book, integration: &Integration, wait: &WaitRef, job_id: &JobId) {
    let request = match cancel_request(integration, book.base_url(integration), &wait.id, job_id.as_str()) {
        Ok(Some(request)) => request,
        Ok(None) => return,
        Err(error) => {
            tracing::warn!(wait = %wait.id, %error, "the job was not called off");
            return;
        }
    };
    match send(ports, integration, request).await {
        Ok(Ok(answer)) => {
            tracing::info!(wait = %wait.id, job = %job_id, status = answer.status, "the job was called off")
        }
        Ok(Err(error)) => tracing::warn!(wait = %wait.id, job = %job_id, %error, "the job was not called off"),
        Err(error) => tracing::warn!(wait = %wait.id, job = %job_id, %error, "the job was not called off"),
    }
}

fn given_up(input: &CloseInput) -> OutcomeKind {
    if input.error.is_timeout() {
        OutcomeKind::expired(&format!("not done by {}", input.wait.deadline))
    } else {
        OutcomeKind::cancelled(&input.error.reason())
    }
}
