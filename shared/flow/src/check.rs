//! `check-status`: one look at one job, and what the round does next.

use crate::pace::{admit, leave_place};
use crate::ports::{Ports, WaitStore};
use crate::settle::{claim, keep_large};
use crate::third_party::{call_off, look};
use crate::{Book, StepError};
use std::time::Duration;
use stepwait_core::decide::check::Verdict;
use stepwait_core::decide::in_a_row::InARow;
use stepwait_core::decide::round::{Next, Position, later, next};
use stepwait_core::integration::Integration;
use stepwait_core::message::{Action, CheckInput, Checked, PollState, Settled, WaitRef};
use stepwait_core::pace::Admission;
use stepwait_core::request::Job;
use stepwait_core::wait::{Awaited, JobId, Kept, Outcome, OutcomeKind, Source, WaitId};
use stepwait_core::{ErrorName, Timestamp};

/// Looks at the job once.
///
/// # Errors
/// [`StepError`], when the look itself could not be made.
pub async fn check<P: Ports>(ports: &P, book: &Book, input: CheckInput) -> Result<Checked, StepError> {
    let CheckInput { wait, job_id, mut poll } = input;
    let begins_round = poll.round_started_at.is_none();
    let round_started_at = poll.round_started_at.unwrap_or_else(|| ports.now());
    if ports.now() >= wait.deadline {
        // Closing the wait begins with a last look; one here would be the same twice.
        poll.round_started_at = None;
        return Ok(Checked { action: Action::Expired, seconds: 0, poll, settled: None });
    }
    let integration = book.pinned(ports, &wait).await?;
    if let Admission::Later(why) = admit(ports, &integration).await? {
        tracing::info!(wait = %wait.id, job = %job_id, %why, "not looked at yet");
        let position = position(book, &poll, round_started_at, wait.deadline, ports.now());
        return Ok(going_on(later(why.away(), position), poll, round_started_at));
    }
    let kept = kept(ports, &integration, &wait.id).await?;
    let since_submit = poll.submitted_at.and_then(|at| Duration::try_from(ports.now().duration_since(at)).ok());
    let job = Job { wait_id: Some(&wait.id), job_id: job_id.as_str(), kept: &kept };
    let looked_at = ports.now();
    let looked = look(ports, &integration, book.base_url(&integration), job, since_submit).await;
    poll.checks = poll.checks.saturating_add(1);
    let given_up = async |error, reason: &str, poll| {
        let kind = OutcomeKind::failed(error, reason);
        let checked = ended(ports, &integration, kind, &wait, job_id.clone(), poll).await?;
        if checked.settled.as_ref().is_some_and(|settled| settled.error.as_deref() == Some(error.as_str())) {
            // The wait has ended without its job.
            call_off(ports, book, &integration, &wait.id, &job_id, &kept).await;
        }
        Ok(checked)
    };
    let verdict = match looked {
        Ok(looked) => looked.verdict,
        // The request cannot be made, and neither could any later one.
        Err(error) if error.name == ErrorName::BadAnswer => return given_up(error.name, &error.message, poll).await,
        Err(error) => return Err(error),
    };
    let before = InARow { failures: poll.failures, refusals: poll.refusals };
    let (in_a_row, is_over) = before.after(&verdict, &integration.errors);
    InARow { failures: poll.failures, refusals: poll.refusals } = in_a_row;
    match &verdict {
        Verdict::Ended(kind) => return ended(ports, &integration, kind.clone(), &wait, job_id, poll).await,
        Verdict::Pending { .. } => {
            poll.pending_at = Some(looked_at);
            tracing::info!(wait = %wait.id, job = %job_id, check = poll.checks, "pending");
        }
        Verdict::AskAgain { reason, .. } | Verdict::Refused { reason, .. } => {
            let refused = in_a_row.refusals > before.refusals;
            let what = if refused { "refused" } else { "no usable answer" };
            tracing::warn!(wait = %wait.id, job = %job_id, check = poll.checks, ?in_a_row, "{what}");
            if let Some(error) = is_over {
                return given_up(error, reason, poll).await;
            }
        }
    }
    if begins_round && let Some(stored) = ended_otherwise(ports, &wait.id).await? {
        return Ok(done(ports, &integration, &wait.id, &stored, poll).await);
    }
    let position = position(book, &poll, round_started_at, wait.deadline, ports.now());
    let step = next(&integration.schedule, &verdict, position, ports.random());
    Ok(going_on(step, poll, round_started_at))
}

/// Where the wait stands.
const fn position(
    book: &Book,
    poll: &PollState,
    round_started_at: Timestamp,
    deadline: Timestamp,
    now: Timestamp,
) -> Position {
    let PollState { checks, submitted_at, .. } = *poll;
    Position { checks, submitted_at, round_started_at, deadline, now, break_even: book.break_even() }
}

/// The wait goes on. A round that is left forgets its beginning; the next sets its own.
fn going_on(step: Next, mut poll: PollState, round_started_at: Timestamp) -> Checked {
    poll.round_started_at = (step.action == Action::Wait).then_some(round_started_at);
    Checked { action: step.action, seconds: step.seconds, poll, settled: None }
}

/// What the submit kept, read only where the look needs it.
pub(crate) async fn kept<P: WaitStore>(ports: &P, integration: &Integration, wait: &WaitId) -> Result<Kept, StepError> {
    if !integration.look_needs_kept() {
        return Ok(Kept::default());
    }
    let row = ports.read(wait).await?;
    row.map(|row| row.kept).ok_or_else(|| StepError::new(ErrorName::Defect, format!("wait {wait} has no row")))
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
    let kind = keep_large(ports, integration, Some(&wait.id), kind).await?;
    let outcome = Outcome {
        kind,
        source: Source::Poll,
        at: ports.now(),
        pending_at: poll.pending_at,
        job_id: Some(job_id),
        event_id: None,
    };
    let row = claim(ports, &wait.id, &wait.integration, &outcome, Awaited::ByWorkflow).await?;
    let stored = row.and_then(|row| row.outcome).ok_or_else(|| {
        StepError::new(ErrorName::Defect, format!("wait {} has no row to store its outcome in", wait.id))
    })?;
    Ok(done(ports, integration, &wait.id, &stored, poll).await)
}

/// The outcome of a wait that somebody else has ended: a person, by hand. Read once a
/// round, so that such a wait goes on within minutes and a check costs no read.
async fn ended_otherwise<P: WaitStore>(ports: &P, wait: &WaitId) -> Result<Option<Outcome>, StepError> {
    Ok(ports.read(wait).await?.and_then(|row| row.outcome))
}

/// The round ends with the stored outcome.
async fn done<P: Ports>(
    ports: &P,
    integration: &Integration,
    wait: &WaitId,
    stored: &Outcome,
    poll: PollState,
) -> Checked {
    leave_place(ports, integration, wait).await;
    Checked { action: Action::Done, seconds: 0, poll, settled: Some(Settled::of(stored)) }
}
