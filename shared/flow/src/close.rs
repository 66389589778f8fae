//! `close`: ends a wait that its workflow gives up, on a timeout or an error.
//!
//! A stored outcome beats whatever went wrong. Without one the third party is
//! looked at a last time. A job that is still under way is called off there, but
//! only after the wait was marked: the event by which the third party confirms
//! that must not be taken for the job's own end.

use crate::pace::leave_place;
use crate::ports::Ports;
use crate::settle::{claim, keep_large};
use crate::third_party::{call_off, look};
use crate::{Book, StepError};
use std::time::Duration;
use stepwait_core::ErrorName;
use stepwait_core::decide::check::Verdict;
use stepwait_core::message::{CloseInput, Settled, WaitRef};
use stepwait_core::request::Job;
use stepwait_core::wait::due::due_from;
use stepwait_core::wait::{
    Awaited, Change, Generation, Guarded, JobId, Kept, Outcome, OutcomeKind, Registration, Source, WaitRow,
};

/// Ends a wait and returns how it ended.
///
/// # Errors
/// [`StepError`], when the table could not be read or written; closing can be repeated.
pub async fn close<P: Ports>(ports: &P, book: &Book, input: CloseInput) -> Result<Settled, StepError> {
    let wait = &input.wait;
    let mut row = row(ports, wait).await?;
    if row.outcome.is_none() {
        let job_id = row.job_id.clone().or_else(|| input.job_id.clone());
        let kind = match &job_id {
            Some(job_id) => last_look(ports, book, wait, job_id, &row.kept, input.retry_count).await?,
            None => None,
        };
        let kind = kind.unwrap_or_else(|| given_up(&input, ports.now() >= row.deadline));
        let outcome = Outcome { kind, source: Source::Close, at: ports.now(), job_id, event_id: None };
        // The row as it is now: an attempt to submit may have noted its job since it was read.
        row = claim(ports, &wait.id, &wait.integration, &outcome, Awaited::ByWorkflow).await?.ok_or_else(|| {
            StepError::new(ErrorName::Defect, format!("wait {} belongs to another integration", wait.id))
        })?;
    }
    let stored = row
        .outcome
        .ok_or_else(|| StepError::new(ErrorName::Defect, format!("wait {} was not given its outcome", wait.id)))?;
    // Also when an earlier attempt stored the end and died before it did this.
    match book.pinned(ports, wait).await {
        Ok(integration) => {
            if let Some(job_id) = row.job_id.or(input.job_id).filter(|_| was_given_up(&stored)) {
                call_off(ports, book, &integration, wait, &job_id, &row.kept).await;
            }
            leave_place(ports, &integration, &wait.id).await;
        }
        Err(error) => {
            tracing::warn!(wait = %wait.id, name = %error.name, "no job was called off, and no place given back");
        }
    }
    Ok(Settled::of(&stored))
}

/// The wait's row. One that was never registered is registered now, so that an
/// attempt to submit that comes late finds the wait closed.
async fn row<P: Ports>(ports: &P, wait: &WaitRef) -> Result<WaitRow, StepError> {
    if let Some(row) = ports.read(&wait.id).await? {
        return Ok(row);
    }
    let registration = Registration {
        id: wait.id.clone(),
        // Smaller than any attempt's, so that no attempt is fenced off by it.
        generation: Generation::from_u64(0),
        token: None,
        integration: wait.integration.clone(),
        digest: wait.digest.clone(),
        started_at: wait.started_at,
        deadline: wait.deadline,
        execution_arn: wait.execution_arn.clone(),
        capability: None,
        due_from: due_from(false, Duration::ZERO, wait.deadline, ports.now()),
    };
    match ports.update(&wait.id, &Change::Register(Box::new(registration)), ports.now()).await? {
        Guarded::Applied(row) | Guarded::Refused(Some(row)) => Ok(row),
        Guarded::Refused(None) => {
            Err(StepError::new(ErrorName::Defect, format!("wait {} can be neither found nor made", wait.id)))
        }
    }
}

/// Whether the wait ended here without its job having ended.
fn was_given_up(outcome: &Outcome) -> bool {
    use ErrorName::{BadAnswer, JobFailed, ResultTooLarge};
    outcome.source == Source::Close
        && match &outcome.kind {
            OutcomeKind::Succeeded { .. } => false,
            OutcomeKind::Expired { .. } | OutcomeKind::Cancelled { .. } => true,
            // The last look found that the job had ended.
            OutcomeKind::Failed { error, .. } => !matches!(error, JobFailed | BadAnswer | ResultTooLarge),
        }
}

/// How many attempts to close may fail for want of a usable answer to the last
/// look, three: a job that is done should not be lost to one bad second, and a
/// third party that is down must not keep the wait from being closed.
const LOOKS: u64 = 3;

/// Asks once more.
async fn last_look<P: Ports>(
    ports: &P,
    book: &Book,
    wait: &WaitRef,
    job_id: &JobId,
    kept: &Kept,
    retry_count: u64,
) -> Result<Option<OutcomeKind>, StepError> {
    let looked = match book.pinned(ports, wait).await {
        Ok(integration) => {
            let job = Job { wait_id: Some(&wait.id), job_id: job_id.as_str(), kept };
            match look(ports, &integration, book.base_url(&integration), job, None).await.map(|looked| looked.verdict) {
                Ok(Verdict::Ended(kind)) => match keep_large(ports, &integration, Some(&wait.id), kind).await {
                    Ok(kind) => Ok(Verdict::Ended(kind)),
                    Err(error) if retry_count < LOOKS => Err(error.into()),
                    // A wait whose result nobody can store must end all the same.
                    Err(error) => Ok(Verdict::Ended(OutcomeKind::failed(
                        ErrorName::ResultTooLarge,
                        &format!(
                            "the job is done, but its result is too large to travel and was not stored apart: {error}"
                        ),
                    ))),
                },
                other => other,
            }
        }
        Err(error) => Err(error),
    };
    let no_answer = match looked {
        Ok(Verdict::Ended(kind)) => return Ok(Some(kind)),
        Ok(Verdict::Pending { .. }) => return Ok(None),
        Ok(Verdict::AskAgain { reason, .. } | Verdict::Refused { reason, .. }) => {
            StepError::new(ErrorName::ThirdPartyUnavailable, format!("{}: the last look: {reason}", wait.integration))
        }
        Err(error) => error,
    };
    tracing::warn!(wait = %wait.id, name = %no_answer.name, retry_count, "the last look got no usable answer");
    if no_answer.name.is_retryable() && retry_count < LOOKS { Err(no_answer) } else { Ok(None) }
}

/// How Step Functions calls it that a task had no heartbeat in time.
const HEARTBEAT_TIMEOUT: &str = "States.HeartbeatTimeout";

/// What becomes of a wait whose job has not ended: it expires if its time is up,
/// fails by an error of ours, and is cancelled by anything else.
fn given_up(input: &CloseInput, is_late: bool) -> OutcomeKind {
    let message = input.error.message();
    match input.error.name() {
        _ if is_late && input.error.is_timeout() => {
            OutcomeKind::expired(&format!("not done by {}", input.wait.deadline))
        }
        Some(name) => OutcomeKind::failed(name, &message),
        None if input.error.error == HEARTBEAT_TIMEOUT => OutcomeKind::cancelled(
            "no event said in time that the job is under way; see callback.heartbeat of the integration",
        ),
        None if message.is_empty() => OutcomeKind::cancelled(&input.error.error),
        None => OutcomeKind::cancelled(&format!("{}: {message}", input.error.error)),
    }
}
