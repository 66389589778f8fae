//! `close`: ends a wait that its workflow gives up, on a timeout or an error; and
//! the waits of a workflow that was stopped, and one that was left behind.
//!
//! A stored outcome beats whatever went wrong. Without one the third party is
//! looked at a last time. A job that is still under way is called off there, but
//! only after the wait was marked: the event by which the third party confirms
//! that must not be taken for the job's own end.

use crate::aftermath::{clear_up, take_out};
use crate::direct::begun;
use crate::ports::{Clock, Ports};
use crate::settle::{claim, keep_large, mailed};
use crate::third_party::look;
use crate::{Book, StepError};
use stepwait_core::decide::check::Verdict;
use stepwait_core::message::{CaughtError, CloseInput, DirectClose, Settled, Stopped, WaitRef};
use stepwait_core::plan::direct_wait;
use stepwait_core::request::Job;
use stepwait_core::wait::due::due_from;
use stepwait_core::wait::{
    Awaited, Change, Generation, Guarded, JobId, Outcome, OutcomeKind, Registration, Source, WaitId, WaitRow,
};
use stepwait_core::{ErrorName, Timestamp};

/// Ends a wait and returns how it ended.
///
/// # Errors
/// [`StepError`], when the table could not be read or written; closing can be repeated.
pub async fn close<P: Ports>(ports: &P, book: &Book, input: CloseInput) -> Result<Settled, StepError> {
    let CloseInput { wait, job_id, error, retry_count } = input;
    let row = match ports.read(&wait.id).await? {
        Some(row) => row,
        None => register_closing(ports, &wait).await?,
    };
    give_up_one(ports, book, row, job_id, error, retry_count).await
}

/// Ends a wait that a workflow of one's own began without a plan.
///
/// # Errors
/// As [`close`].
pub async fn close_direct<P: Ports>(ports: &P, book: &Book, input: DirectClose) -> Result<Settled, StepError> {
    let DirectClose { direct, job_id, error, retry_count } = input;
    let row = match (begun(ports, &direct).await?, book.current(&direct.integration)) {
        (Some(row), _) => row,
        (None, Some((integration, _))) => register_closing(ports, &direct_wait(integration, &direct)).await?,
        // Nobody can have begun it, nor will.
        (None, None) => {
            let reason = error.message();
            return Ok(Settled {
                outcome: "failed".to_owned(),
                job_id: None,
                output: None,
                error: Some(error.error),
                reason: Some(reason),
            });
        }
    };
    give_up_one(ports, book, row, job_id, error, retry_count).await
}

async fn give_up_one<P: Ports>(
    ports: &P,
    book: &Book,
    mut row: WaitRow,
    job_id: Option<JobId>,
    error: CaughtError,
    retry_count: u64,
) -> Result<Settled, StepError> {
    // The workflow may know what its last attempt died before it noted.
    row.job_id = row.job_id.or(job_id);
    if row.outcome.is_none() {
        let by = By { source: Source::Close, awaited: Awaited::ByWorkflow, retry_count };
        let deadline = row.deadline;
        row = end(ports, book, row, by, |is_late| given_up(&error, deadline, is_late)).await?;
    }
    let outcome = outcome(&row)?;
    // Also when an earlier attempt stored the end and died before it did this; who
    // else gave the wait up calls its job off too.
    clear_up(ports, book, &row, outcome.gave_up() && outcome.source == Source::Close).await;
    Ok(Settled::of(outcome))
}

/// Why the reconciler ends a wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Because {
    /// Its deadline is long over, and its workflow has not closed it.
    Overdue,
    /// As many looks as its schedule allows were made.
    LookedEnough,
}

/// Ends a wait that the reconciler gives up. `failures` last looks got no usable
/// answer before this one.
///
/// # Errors
/// As [`close`].
pub(crate) async fn by_reconciler<P: Ports>(
    ports: &P,
    book: &Book,
    row: WaitRow,
    because: Because,
    failures: u32,
) -> Result<WaitRow, StepError> {
    let by = By { source: Source::Reconciler, awaited: Awaited::ByToken, retry_count: u64::from(failures) };
    let deadline = row.deadline;
    let given_up = move |_| match because {
        Because::Overdue => OutcomeKind::expired(&format!("not done by {deadline}, and not closed")),
        Because::LookedEnough => OutcomeKind::failed(
            ErrorName::RoundsExhausted,
            "the job was not done after as many looks as schedule.checks allows",
        ),
    };
    end(ports, book, row, by, given_up).await
}

/// Ends the waits of an execution that was stopped, or that failed elsewhere: none
/// of its tasks waits any more. Returns how many it ended.
///
/// The waits are found by an index that may be a moment late, and an attempt to
/// submit may be running still; a wait that is missed here is closed by the
/// reconciler after its deadline.
///
/// # Errors
/// [`StepError`], after all waits were tried, when one of them could not be ended;
/// it can be repeated.
pub async fn stopped<P: Ports>(ports: &P, book: &Book, input: &Stopped) -> Result<u64, StepError> {
    let (mut ended, mut failed) = (0, None);
    for id in ports.waits_of(&input.execution_arn).await? {
        match give_up(ports, book, &id, input).await {
            Ok(true) => ended += 1,
            Ok(false) => {}
            Err(error) => {
                tracing::warn!(wait = %id, name = %error.name, "a wait of a stopped execution was not ended");
                failed = Some(error);
            }
        }
    }
    tracing::info!(execution = input.execution_arn, status = input.status, ended, "an execution was stopped");
    failed.map_or(Ok(ended), Err)
}

/// Ends one wait of a stopped execution; whether it had not ended before.
async fn give_up<P: Ports>(ports: &P, book: &Book, id: &WaitId, input: &Stopped) -> Result<bool, StepError> {
    let Some(row) = ports.read(id).await?.filter(|row| row.outcome.is_none()) else {
        return Ok(false);
    };
    // Until it is cleared up, the reconciler finds it, should this process die.
    let by = By { source: Source::Close, awaited: Awaited::ByToken, retry_count: LOOKS };
    let reason = format!("the execution is {}", input.status);
    let row = end(ports, book, row, by, |_| OutcomeKind::cancelled(&reason)).await?;
    clear_up(ports, book, &row, outcome(&row)?.gave_up()).await;
    // Its token is of no use any more.
    take_out(ports, &row).await?;
    Ok(true)
}

fn outcome(row: &WaitRow) -> Result<&Outcome, StepError> {
    let missing = || StepError::new(ErrorName::Defect, format!("wait {} was not given its outcome", row.id));
    row.outcome.as_ref().ok_or_else(missing)
}

/// The row of a wait that was never registered: it is registered now, so that an
/// attempt to submit that comes late finds the wait closed.
async fn register_closing<P: Ports>(ports: &P, wait: &WaitRef) -> Result<WaitRow, StepError> {
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
        due_from: due_from(None, wait.deadline, ports.now()),
    };
    match ports.update(&wait.id, &Change::Register(Box::new(registration)), ports.now()).await? {
        Guarded::Applied(row) | Guarded::Refused(Some(row)) => Ok(row),
        Guarded::Refused(None) => {
            Err(StepError::new(ErrorName::Defect, format!("wait {} can be neither found nor made", wait.id)))
        }
    }
}

/// Who ends a wait that has no outcome.
struct By {
    source: Source,
    awaited: Awaited,
    /// How many attempts to end it came before.
    retry_count: u64,
}

impl By {
    fn outcome<P: Clock>(&self, ports: &P, row: &WaitRow, kind: OutcomeKind) -> Outcome {
        Outcome {
            kind,
            source: self.source,
            at: ports.now(),
            pending_at: None,
            job_id: row.job_id.clone(),
            event_id: None,
        }
    }
}

/// Ends a wait with the event that is kept for it or with what a last look finds,
/// or else as it is `given_up`, which is told whether its deadline is over. Returns the row with the outcome that counts.
async fn end<P: Ports>(
    ports: &P,
    book: &Book,
    row: WaitRow,
    by: By,
    given_up: impl FnOnce(bool) -> OutcomeKind,
) -> Result<WaitRow, StepError> {
    let outcome = match &row.job_id {
        Some(job_id) => found(ports, book, &row, job_id, &by).await?,
        None => None,
    };
    let outcome = outcome.unwrap_or_else(|| by.outcome(ports, &row, given_up(ports.now() >= row.deadline)));
    let known = row.job_id;
    let claimed = claim(ports, &row.id, &row.integration, &outcome, by.awaited).await?;
    // The row as it is now: an attempt to submit may have noted its job since it was read.
    let mut row = claimed.ok_or_else(|| {
        StepError::new(ErrorName::Defect, format!("wait {} has gone while it was being closed", row.id))
    })?;
    row.job_id = row.job_id.or(known);
    Ok(row)
}

/// How many attempts to close may fail for want of a usable answer to the last
/// look, three: a job that is done should not be lost to one bad second, and a
/// third party that is down must not keep the wait from being closed.
const LOOKS: u64 = 3;

/// How the job has ended: by an event that nobody has claimed, or as the third
/// party says.
async fn found<P: Ports>(
    ports: &P,
    book: &Book,
    row: &WaitRow,
    job_id: &JobId,
    by: &By,
) -> Result<Option<Outcome>, StepError> {
    if let Some(event) = mailed(ports, &row.id, &row.integration, job_id).await? {
        return Ok(Some(event));
    }
    let kind = last_look(ports, book, row, job_id, by.retry_count).await?;
    Ok(kind.map(|kind| by.outcome(ports, row, kind)))
}

/// Asks once more.
async fn last_look<P: Ports>(
    ports: &P,
    book: &Book,
    row: &WaitRow,
    job_id: &JobId,
    retry_count: u64,
) -> Result<Option<OutcomeKind>, StepError> {
    let looked = match book.version(ports, &row.integration, &row.digest).await {
        Ok(integration) => {
            let job = Job { wait_id: Some(&row.id), job_id: job_id.as_str(), kept: &row.kept };
            match look(ports, &integration, book.base_url(&integration), job, None).await.map(|looked| looked.verdict) {
                Ok(Verdict::Ended(kind)) => match keep_large(ports, &integration, Some(&row.id), kind).await {
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
            StepError::new(ErrorName::ThirdPartyUnavailable, format!("{}: the last look: {reason}", row.integration))
        }
        Err(error) => error,
    };
    tracing::warn!(wait = %row.id, name = %no_answer.name, retry_count, "the last look got no usable answer");
    if no_answer.name.is_retryable() && retry_count < LOOKS { Err(no_answer) } else { Ok(None) }
}

/// How Step Functions calls it that a task had no heartbeat in time.
const HEARTBEAT_TIMEOUT: &str = "States.HeartbeatTimeout";

/// What becomes of a wait whose job has not ended: it expires if its time is up,
/// fails by an error of ours, and is cancelled by anything else.
fn given_up(error: &CaughtError, deadline: Timestamp, is_late: bool) -> OutcomeKind {
    let message = error.message();
    match error.name() {
        _ if is_late && error.is_timeout() => OutcomeKind::expired(&format!("not done by {deadline}")),
        Some(name) => OutcomeKind::failed(name, &message),
        None if error.error == HEARTBEAT_TIMEOUT => OutcomeKind::cancelled(
            "no event said in time that the job is under way; see callback.heartbeat of the integration",
        ),
        None if message.is_empty() => OutcomeKind::cancelled(&error.error),
        None => OutcomeKind::cancelled(&format!("{}: {message}", error.error)),
    }
}
