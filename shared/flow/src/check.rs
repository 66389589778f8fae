//! `check-status`: one look at one job, and what the round does next.

use crate::pace::{admit, leave_place};
use crate::ports::Ports;
use crate::settle::claim;
use crate::third_party::look;
use crate::{Book, StepError};
use stepwait_core::decide::check::{MAX_REFUSALS, Verdict};
use stepwait_core::decide::round::{Next, Position, later, next};
use stepwait_core::integration::Integration;
use stepwait_core::message::{Action, CheckInput, Checked, PollState, Settled, WaitRef};
use stepwait_core::pace::Admission;
use stepwait_core::wait::{JobId, Outcome, OutcomeKind, Source};
use stepwait_core::{ErrorName, Timestamp};

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
    if let Admission::Later(why) = admit(ports, &integration).await? {
        tracing::info!(wait = %wait.id, job = %job_id, %why, "not looked at yet");
        let position = Position { checks: poll.checks, round_started_at, deadline: wait.deadline, now: ports.now() };
        return Ok(going_on(later(why.away(), position), poll, round_started_at));
    }
    let verdict = look(ports, book, &integration, &wait, &job_id).await?;
    poll.checks = poll.checks.saturating_add(1);
    match &verdict {
        Verdict::Ended(kind) => return ended(ports, &integration, kind.clone(), &wait, job_id, poll).await,
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
                return ended(ports, &integration, kind, &wait, job_id, poll).await;
            }
        }
    }
    let position = Position { checks: poll.checks, round_started_at, deadline: wait.deadline, now: ports.now() };
    let step = next(&integration.schedule, &verdict, position, ports.random());
    Ok(going_on(step, poll, round_started_at))
}

/// The wait goes on. A round that is left forgets its beginning; the next sets its own.
fn going_on(step: Next, mut poll: PollState, round_started_at: Timestamp) -> Checked {
    poll.round_started_at = (step.action == Action::Wait).then_some(round_started_at);
    Checked { action: step.action, seconds: step.seconds, poll, settled: None }
}

/// The wait has ended: the outcome is stored before it is returned.
async fn ended<P: Ports>(
    ports: &P,
    integration: &Integration,
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
    leave_place(ports, integration, &wait.id).await;
    Ok(Checked { action: Action::Done, seconds: 0, poll, settled: Some(Settled::of(&stored)) })
}
