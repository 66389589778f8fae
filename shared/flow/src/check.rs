//! `check-status`: one look at one job, and what the round does next.

use crate::ports::Ports;
use crate::settle::claim;
use crate::third_party::look;
use crate::{Book, StepError};
use stepwait_core::ErrorName;
use stepwait_core::decide::check::{MAX_REFUSALS, Verdict};
use stepwait_core::decide::round::{Position, next};
use stepwait_core::message::{Action, CheckInput, Checked, PollState, Settled, WaitRef};
use stepwait_core::wait::{JobId, Outcome, OutcomeKind, Source};

/// Looks at the job once.
///
/// # Errors
/// [`StepError`], when the look itself could not be made.
pub async fn check<P: Ports>(ports: &P, book: &Book, input: CheckInput) -> Result<Checked, StepError> {
    let CheckInput { wait, job_id, mut poll } = input;
    let round_started_at = poll.round_started_at.unwrap_or_else(|| ports.now());
    if ports.now() >= wait.deadline {
        // Closing the wait begins with a last look; one here would be the same twice.
        poll.round_started_at = None;
        return Ok(Checked { action: Action::Expired, seconds: 0, poll, settled: None });
    }
    let integration = book.pinned(ports, &wait).await?;
    let verdict = look(ports, book, &integration, &wait, &job_id).await?;
    poll.checks = poll.checks.saturating_add(1);
    poll.round_started_at = Some(round_started_at);
    match &verdict {
        Verdict::Ended(kind) => return ended(ports, kind.clone(), &wait, job_id, poll).await,
        Verdict::Pending { .. } => {
            poll.refusals = 0;
            tracing::info!(wait = %wait.id, job = %job_id, check = poll.checks, "pending");
        }
        Verdict::AskAgain { .. } => {
            tracing::warn!(wait = %wait.id, job = %job_id, check = poll.checks, "no usable answer");
        }
        Verdict::Refused { reason, .. } => {
            poll.refusals = poll.refusals.saturating_add(1);
            tracing::warn!(wait = %wait.id, job = %job_id, check = poll.checks, in_a_row = poll.refusals, "refused");
            if poll.refusals >= MAX_REFUSALS {
                let kind = OutcomeKind::failed(ErrorName::CheckRefused, reason);
                return ended(ports, kind, &wait, job_id, poll).await;
            }
        }
    }
    let position = Position { checks: poll.checks, round_started_at, deadline: wait.deadline, now: ports.now() };
    let step = next(&integration.schedule, &verdict, position, ports.random());
    if step.action != Action::Wait {
        // The next round sets its own beginning.
        poll.round_started_at = None;
    }
    Ok(Checked { action: step.action, seconds: step.seconds, poll, settled: None })
}

/// The wait has ended: the outcome is stored before it is returned.
async fn ended<P: Ports>(
    ports: &P,
    kind: OutcomeKind,
    wait: &WaitRef,
    job_id: JobId,
    poll: PollState,
) -> Result<Checked, StepError> {
    let outcome = Outcome { kind, source: Source::Poll, at: ports.now(), job_id: Some(job_id), event_id: None };
    let row = claim(ports, &wait.id, &wait.integration, &outcome).await?;
    let stored = row.and_then(|row| row.outcome).ok_or_else(|| {
        StepError::new(ErrorName::Defect, format!("wait {} has no row to store its outcome in", wait.id))
    })?;
    Ok(Checked { action: Action::Done, seconds: 0, poll, settled: Some(Settled::of(&stored)) })
}
