//! `submit`: stores the wait and its token, sends the request once, and links
//! the third party's id to the wait.
//!
//! This file keeps the attempts apart and notes what became of them; `send.rs`
//! asks the third party. Every step can be repeated: an attempt that comes after
//! a crash finds how far the one before it got. On the token path a failure is
//! sent to the task by its token, so that Retry and Catch see the same names on
//! both paths.

mod direct;
mod send;

pub use direct::submit_direct;

use crate::pace::{admit, leave_place, pause, peek, take_place};
use crate::ports::{Clock, Ports, Resumption};
use crate::settle::{claim, deliver, nonce};
use crate::third_party::call_off;
use crate::{Book, StepError};
use std::time::Duration;
use stepwait_core::decide::round::begin;
use stepwait_core::decide::submit::TakenJob;
use stepwait_core::decide::sweep::put_off;
use stepwait_core::integration::{Integration, Schedule, Strategy};
use stepwait_core::message::{Action, PollState, SubmitInput, Submitted, WaitRef};
use stepwait_core::pace::Admission;
use stepwait_core::wait::change::TakenJob as NotedJob;
use stepwait_core::wait::due::{DueWait, due_from, first_look};
use stepwait_core::wait::transition::{Effect, Illegal, follow};
use stepwait_core::wait::update::Meeting;
use stepwait_core::wait::{
    Awaited, Change, Guarded, JobId, Kept, Outcome, OutcomeKind, Registration, Source, WaitId, WaitRow, kept_until,
};
use stepwait_core::{ErrorName, TaskToken, Timestamp};

/// Stands for the nonce of an attempt that never held the right to send; no
/// nonce looks like it.
const NO_OPERATION: &str = "none";

/// Runs one attempt of the submit.
///
/// # Errors
/// [`StepError`]. On the token path only when the failure could not be sent to the task.
pub async fn submit<P: Ports>(ports: &P, book: &Book, input: SubmitInput) -> Result<Submitted, StepError> {
    let failed = match attempt(ports, book, &input).await {
        Ok(submitted) => return Ok(submitted),
        Err(error) => error,
    };
    // The name alone: a message may repeat what the third party said of somebody.
    tracing::warn!(wait = %input.wait.id, name = %failed.name, "submit attempt failed");
    tell(ports, input.token.as_ref(), failed).await
}

/// A failure of an attempt: sent to its task, if that holds a token.
async fn tell<P: Ports>(ports: &P, token: Option<&TaskToken>, failed: StepError) -> Result<Submitted, StepError> {
    let Some(token) = token else {
        return Err(failed);
    };
    // An attempt that was overtaken holds a token that nobody waits for.
    if failed.name != ErrorName::Superseded {
        let with = Resumption::Failure { error: failed.name.to_string(), cause: failed.message.clone() };
        ports.resume(token, &with).await.map_err(|_| failed)?;
    }
    Ok(settled())
}

/// A job that the third party has, and how long it asks to be left alone.
struct Taken {
    job_id: JobId,
    retry_after: Option<Duration>,
}

/// The third party has the job; polling, if it is polled, begins with the first delay.
fn waiting<P: Clock>(ports: &P, book: &Book, input: &SubmitInput, taken: Taken, schedule: &Schedule) -> Submitted {
    let now = ports.now();
    // The first look goes by chance only where a plan was learned that may be left.
    let random = schedule.learning.as_ref().map_or(0, |_| ports.random());
    let first = begin(schedule, taken.retry_after, input.wait.deadline, now, book.break_even(), random);
    // A first delay that is waited for inside the round counts towards the round.
    let round_started_at = (first.action == Action::Wait).then_some(now);
    let poll = PollState { round_started_at, submitted_at: Some(now), pending_at: Some(now), ..PollState::default() };
    Submitted { job_id: Some(taken.job_id), action: first.action, seconds: first.seconds, poll }
}

/// The task has its outcome already, or has failed by its token.
fn settled() -> Submitted {
    Submitted { job_id: None, action: Action::Done, seconds: 0, poll: PollState::default() }
}

/// One attempt.
async fn attempt<P: Ports>(ports: &P, book: &Book, input: &SubmitInput) -> Result<Submitted, StepError> {
    let integration = book.pinned(ports, &input.wait).await?;
    let taken = register_and_send(ports, book, &integration, input).await?;
    Ok(taken.map_or_else(settled, |taken| waiting(ports, book, input, taken, &integration.schedule)))
}

/// The third party's job, or `None` if the task has its outcome already.
async fn register_and_send<P: Ports>(
    ports: &P,
    book: &Book,
    integration: &Integration,
    input: &SubmitInput,
) -> Result<Option<Taken>, StepError> {
    let SubmitInput { wait, attempt, token, .. } = input;
    let mine = attempt.generation();
    let registration = Registration {
        id: wait.id.clone(),
        generation: mine,
        token: token.clone(),
        integration: wait.integration.clone(),
        digest: wait.digest.clone(),
        started_at: wait.started_at,
        deadline: wait.deadline,
        execution_arn: wait.execution_arn.clone(),
        capability: integration.callback.as_ref().and_then(|_| ports.capability()),
        due_from: due_from(token.as_ref().map(|_| first_look(&wait.id, integration)), wait.deadline, ports.now()),
    };
    let register = Change::Register(Box::new(registration));
    let answer = ports.update(&wait.id, &register, ports.now()).await?;
    if let Guarded::Applied(row) | Guarded::Refused(Some(row)) = &answer
        && row.outcome.is_none()
        && row.digest != wait.digest
    {
        // Both saw no wait, and a new version of the file was deployed between them.
        let why = "another attempt has begun this wait by another version of the integration file";
        return Err(StepError::new(ErrorName::SubmitInProgress, why));
    }
    match follow(&register, answer) {
        Ok(Effect::LookIntoMailbox(job_id)) => {
            // The attempt before may have died before it looked into the mailbox.
            return taken_before(ports, book, integration, input, job_id, NO_OPERATION).await;
        }
        Ok(Effect::HandOver(row)) => return hand_over(ports, integration, &row).await,
        Ok(Effect::BeginSubmit | Effect::Send { .. } | Effect::Await(_) | Effect::Nothing) => {}
        Err(_) => return Err(superseded()),
    }
    let operation = nonce(ports);
    if ports.now() >= wait.deadline {
        return Err(too_late(input));
    }
    enter(ports, integration, wait).await?;
    match make(ports, &wait.id, Change::BeginSubmit { mine, operation: operation.clone() }).await? {
        Ok(Effect::Send { earlier }) => send::post(ports, book, integration, input, &operation, earlier).await,
        Ok(
            Effect::BeginSubmit | Effect::LookIntoMailbox(_) | Effect::Await(_) | Effect::HandOver(_) | Effect::Nothing,
        ) => Err(superseded()),
        Err(Illegal::SubmitInProgress(until)) => Err(StepError::new(
            ErrorName::SubmitInProgress,
            format!("another attempt of this task is sending the request, until {until} at the latest"),
        )),
        Err(Illegal::AlreadySubmitted(job_id)) => {
            taken_before(ports, book, integration, input, job_id, &operation).await
        }
        Err(Illegal::FateUnknown) => Err(unknown_fate(input, "an earlier attempt did not learn whether it arrived")),
        Err(Illegal::Ended { row, .. }) => hand_over(ports, integration, &row).await,
        Err(
            Illegal::NoSuchWait
            | Illegal::OtherIntegration
            | Illegal::Superseded(_)
            | Illegal::NotTheSender
            | Illegal::LateIsFull,
        ) => Err(superseded()),
    }
}

/// Makes a change of the wait, and says what follows.
async fn make<P: Ports>(ports: &P, id: &WaitId, change: Change) -> Result<Result<Effect, Illegal>, StepError> {
    let answer = ports.update(id, &change, ports.now()).await?;
    Ok(follow(&change, answer))
}

/// Asks the third party's limits to be let in, before the right to send is taken:
/// who must come later has nothing to release then, and who dies here has
/// certainly sent nothing. The gate is looked at before a place is taken, so that
/// nobody holds a place who would then have to wait for the gate.
async fn enter<P: Ports>(ports: &P, integration: &Integration, wait: &WaitRef) -> Result<(), StepError> {
    let let_in = |admission| match admission {
        Admission::Go => Ok(()),
        Admission::Later(why) => Err(StepError::new(ErrorName::AtCapacity, format!("{}: {why}", integration.name))),
    };
    let_in(peek(ports, integration).await?)?;
    let_in(take_place(ports, integration, &wait.id).await?)?;
    let_in(admit(ports, integration).await?)
}

/// How an attempt fails that did not reach the third party, or may repeat what it
/// sent: where everybody stays away now, it goes back in line, which is longer
/// than it would try alone.
async fn try_later<P: Ports>(ports: &P, integration: &Integration, why: &str) -> StepError {
    match pause(ports, integration).await {
        Some(later) => StepError::new(ErrorName::AtCapacity, format!("{}: {why}; {later}", integration.name)),
        None => StepError::new(ErrorName::ThirdPartyUnavailable, format!("{}: {why}", integration.name)),
    }
}

/// An attempt before this one noted the job, and what it kept.
async fn taken_before<P: Ports>(
    ports: &P,
    book: &Book,
    integration: &Integration,
    input: &SubmitInput,
    job_id: JobId,
    operation: &str,
) -> Result<Option<Taken>, StepError> {
    match link(ports, integration, input, &job_id).await? {
        Linked::Ours => {
            let job = TakenJob { id: job_id, kept: Kept::default() };
            wait_for(ports, book, integration, input, operation, job, None).await
        }
        Linked::NotOurs(row) => hand_over(ports, integration, &row).await,
    }
}

/// Whose job it is.
enum Linked {
    /// The wait's own.
    Ours,
    /// Another wait's; ours has ended by that.
    NotOurs(Box<WaitRow>),
}

/// The third party has the job: link its id, and end the wait if an event was
/// there first. That comes before the note on the wait, as an attempt that was
/// overtaken may still claim, and must not drop what it found.
async fn link<P: Ports>(
    ports: &P,
    integration: &Integration,
    input: &SubmitInput,
    job_id: &JobId,
) -> Result<Linked, StepError> {
    let wait = &input.wait;
    let bind =
        Meeting::Bind { wait: wait.id.clone(), digest: wait.digest.clone(), keep_until: kept_until(wait.deadline) };
    let event = match ports.meet(&wait.integration, job_id, &bind).await? {
        Guarded::Applied(rendezvous) => rendezvous.event,
        // Nothing was started for this wait alone: others may wait for the same job, if no event has to find them.
        Guarded::Refused(_) if integration.submit.request.is_none() && integration.callback.is_none() => None,
        Guarded::Refused(_) => {
            let why = format!("the third party answered with job id {job_id}, which belongs to another wait");
            let outcome = failure(ports, OutcomeKind::failed(ErrorName::JobIdTaken, &why));
            let row =
                claim(ports, &wait.id, &wait.integration, &outcome, awaited(input)).await?.ok_or_else(vanished)?;
            return Ok(Linked::NotOurs(Box::new(row)));
        }
    };
    tracing::info!(wait = %wait.id, job = %job_id, early_event = event.is_some(), "submitted");
    if let Some(event) = event {
        claim(ports, &wait.id, &wait.integration, &event, awaited(input)).await?.ok_or_else(vanished)?;
    }
    Ok(Linked::Ours)
}

/// Notes the job that is linked; what follows is waiting for it, unless the wait has ended.
async fn wait_for<P: Ports>(
    ports: &P,
    book: &Book,
    integration: &Integration,
    input: &SubmitInput,
    operation: &str,
    job: TakenJob,
    retry_after: Option<Duration>,
) -> Result<Option<Taken>, StepError> {
    let noted = NotedJob {
        mine: input.attempt.generation(),
        operation: operation.to_owned(),
        job_id: job.id.clone(),
        kept: job.kept,
    };
    let id = &input.wait.id;
    let mut followed = make(ports, id, Change::Submitted(noted.clone())).await?;
    if let Err(Illegal::Ended { .. }) = followed {
        // The wait ended before this note: its status stays.
        followed = make(ports, id, Change::NoteJob(noted)).await?;
    }
    let Ok(Effect::Await(row) | Effect::HandOver(row)) = followed else {
        return Err(superseded());
    };
    let Some(outcome) = &row.outcome else {
        leave_alone(ports, integration, &row, retry_after).await?;
        return Ok(Some(Taken { job_id: job.id, retry_after }));
    };
    if outcome.gave_up() {
        // That was while the request was on its way.
        call_off(ports, book, integration, &input.wait.id, &job.id, &row.kept).await;
    }
    hand_over(ports, integration, &row).await
}

/// A third party may ask, as it takes a job, to be left alone for longer than until
/// the first look. Who polls in a workflow of its own keeps that there; for the
/// reconciler it is stored, as any exception from the schedule.
async fn leave_alone<P: Ports>(
    ports: &P,
    integration: &Integration,
    row: &WaitRow,
    asked: Option<Duration>,
) -> Result<(), StepError> {
    let longer =
        asked.filter(|asked| integration.strategy == Strategy::Pooled && *asked > first_look(&row.id, integration));
    let (Some(asked), Some(wait)) = (longer, DueWait::of(row)) else {
        return Ok(());
    };
    let until = put_off(&wait, ports.now().saturating_add(asked).unwrap_or(Timestamp::MAX));
    let change = Change::Postpone { until, failures: row.failures, refusals: row.refusals };
    // Refused, the wait has ended.
    ports.update(&row.id, &change, ports.now()).await?;
    Ok(())
}

/// The wait has ended: a task with a token gets its outcome; a nested workflow
/// learns by the error what it failed by, or that `Close` has its outcome.
async fn hand_over<P: Ports>(ports: &P, integration: &Integration, row: &WaitRow) -> Result<Option<Taken>, StepError> {
    leave_place(ports, integration, &row.id).await;
    if row.token.is_none() {
        let refused = row.outcome.as_ref().filter(|outcome| outcome.source == Source::Submit);
        return Err(match refused.and_then(|outcome| outcome.kind.failure()) {
            Some((name, why)) => StepError::new(name, why),
            None => StepError::new(ErrorName::OutcomeStored, "the wait has its outcome already"),
        });
    }
    deliver(ports, row).await?;
    Ok(None)
}

/// The request was refused for good: that is the wait's outcome.
async fn refuse<P: Ports>(
    ports: &P,
    integration: &Integration,
    input: &SubmitInput,
    name: ErrorName,
    why: &str,
) -> Result<Option<Taken>, StepError> {
    let outcome = failure(ports, OutcomeKind::failed(name, why));
    let row =
        claim(ports, &input.wait.id, &input.wait.integration, &outcome, awaited(input)).await?.ok_or_else(vanished)?;
    hand_over(ports, integration, &row).await
}

/// Who waits for what an attempt finds.
fn awaited(input: &SubmitInput) -> Awaited {
    if input.token.is_some() { Awaited::ByToken } else { Awaited::ByWorkflow }
}

fn unknown_fate(input: &SubmitInput, why: &str) -> StepError {
    StepError::new(
        ErrorName::SubmitUnknown,
        format!(
            "{}: {why}; the job may have been started. It is not sent again, as the integration gives no safe way to (submit.idempotency_header, submit.when_unknown)",
            input.wait.integration
        ),
    )
}

fn too_late(input: &SubmitInput) -> StepError {
    let wait = &input.wait;
    StepError::new(
        ErrorName::DeadlinePassed,
        format!("{}: the request was not sent before the deadline, {}", wait.integration, wait.deadline),
    )
}

fn failure<P: Clock>(ports: &P, kind: OutcomeKind) -> Outcome {
    Outcome { kind, source: Source::Submit, at: ports.now(), pending_at: None, job_id: None, event_id: None }
}

fn superseded() -> StepError {
    StepError::new(ErrorName::Superseded, "a later attempt of this task has taken over")
}

fn vanished() -> StepError {
    StepError::new(ErrorName::Defect, "the wait's row has gone")
}
