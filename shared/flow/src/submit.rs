//! `submit`: stores the wait and its token, sends the request once, and links
//! the third party's id to the wait.
//!
//! Every step can be repeated: an attempt that comes after a crash finds how far
//! the one before it got. On the token path a failure is sent to the task by
//! its token, so that Retry and Catch see the same names on both paths.

use crate::pace::{admit, leave_place, pause, peek, take_place};
use crate::ports::{Clock, Ports, Resumption};
use crate::settle::{claim, deliver, nonce};
use crate::third_party::{call_off, send};
use crate::{Book, StepError};
use stepwait_core::ErrorName;
use stepwait_core::decide::round::begin;
use stepwait_core::decide::submit::{SubmitVerdict, read};
use stepwait_core::integration::{Bindings, Integration, Schedule};
use stepwait_core::message::{Action, PollState, SubmitInput, Submitted, WaitRef};
use stepwait_core::pace::{Admission, Later};
use stepwait_core::request::submit_request;
use stepwait_core::wait::protocol::{AfterRegister, MaySubmit, after_register, may_submit};
use stepwait_core::wait::{Guarded, JobId, Outcome, OutcomeKind, Registration, Source, WaitRow};

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
    let Some(token) = &input.token else {
        return Err(failed);
    };
    // An attempt that was overtaken holds a token that nobody waits for.
    if failed.name != ErrorName::Superseded {
        let with = Resumption::Failure { error: failed.name.to_string(), cause: failed.message.clone() };
        ports.resume(token, &with).await.map_err(|_| failed)?;
    }
    Ok(settled())
}

/// The third party has the job; polling, if it is polled, begins with the schedule's first delay.
fn waiting<P: Clock>(ports: &P, input: &SubmitInput, job_id: JobId, schedule: &Schedule) -> Submitted {
    let now = ports.now();
    let first = begin(schedule, input.wait.deadline, now);
    // A first delay that is waited for inside the round counts towards the round.
    let round_started_at = (first.action == Action::Wait).then_some(now);
    let poll = PollState { round_started_at, ..PollState::default() };
    Submitted { job_id: Some(job_id), action: first.action, seconds: first.seconds, poll }
}

/// The task has its outcome already, or has failed by its token.
fn settled() -> Submitted {
    Submitted { job_id: None, action: Action::Done, seconds: 0, poll: PollState::default() }
}

/// One attempt.
async fn attempt<P: Ports>(ports: &P, book: &Book, input: &SubmitInput) -> Result<Submitted, StepError> {
    let integration = book.pinned(ports, &input.wait).await?;
    let job_id = register_and_send(ports, book, &integration, input).await?;
    Ok(job_id.map_or_else(settled, |job_id| waiting(ports, input, job_id, &integration.schedule)))
}

/// The third party's job, or `None` if the task has its outcome already.
async fn register_and_send<P: Ports>(
    ports: &P,
    book: &Book,
    integration: &Integration,
    input: &SubmitInput,
) -> Result<Option<JobId>, StepError> {
    let SubmitInput { wait, attempt, token, .. } = input;
    let mine = attempt.generation();
    let registration = Registration {
        id: wait.id.clone(),
        generation: mine,
        token: token.clone(),
        integration: wait.integration.clone(),
        digest: wait.digest.clone(),
        deadline: wait.deadline,
        execution_arn: wait.execution_arn.clone(),
    };
    match after_register(ports.register(&registration).await?, mine) {
        AfterRegister::Submit => {}
        // The attempt before may have died before it looked into the mailbox.
        AfterRegister::AlreadySubmitted(job_id) => {
            return taken(ports, book, integration, input, job_id, NO_OPERATION).await;
        }
        AfterRegister::Settled(row) => return hand_over(ports, integration, &row).await,
        AfterRegister::Superseded => return Err(superseded()),
    }
    let operation = nonce(ports);
    if ports.now() >= wait.deadline {
        return Err(StepError::new(
            ErrorName::DeadlinePassed,
            format!("{}: the request was not sent before the deadline, {}", wait.integration, wait.deadline),
        ));
    }
    enter(ports, integration, wait).await?;
    let begun = ports.begin_submit(&wait.id, mine, &operation, ports.now()).await?;
    match may_submit(begun, mine, &operation) {
        MaySubmit::Send { earlier } => post(ports, book, integration, input, &operation, earlier).await,
        MaySubmit::InProgress(until) => Err(StepError::new(
            ErrorName::SubmitInProgress,
            format!("another attempt of this task is sending the request, until {until} at the latest"),
        )),
        MaySubmit::AlreadySubmitted(job_id) => taken(ports, book, integration, input, job_id, &operation).await,
        MaySubmit::FateUnknown => Err(unknown_fate(input, "an earlier attempt did not learn whether it arrived")),
        MaySubmit::Settled(row) => hand_over(ports, integration, &row).await,
        MaySubmit::Superseded => Err(superseded()),
    }
}

/// Asks the third party's limits to be let in, before the right to send is taken:
/// who must come later has nothing to release then, and who dies here has
/// certainly sent nothing. The gate is looked at before a place is taken, so that
/// nobody holds a place who would then have to wait for the gate.
async fn enter<P: Ports>(ports: &P, integration: &Integration, wait: &WaitRef) -> Result<(), StepError> {
    let let_in = |admission| match admission {
        Admission::Go => Ok(()),
        Admission::Later(why) => Err(at_capacity(integration, why)),
    };
    let_in(peek(ports, integration).await?)?;
    let_in(take_place(ports, integration, &wait.id).await?)?;
    let_in(admit(ports, integration).await?)
}

fn at_capacity(integration: &Integration, why: Later) -> StepError {
    StepError::new(ErrorName::AtCapacity, format!("{}: {why}", integration.name))
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

/// Sends the request, under the right taken with `operation`.
async fn post<P: Ports>(
    ports: &P,
    book: &Book,
    integration: &Integration,
    input: &SubmitInput,
    operation: &str,
    earlier: u32,
) -> Result<Option<JobId>, StepError> {
    let wait = &input.wait;
    let may_resend = integration.submit.idempotency_header.is_some();
    if earlier > 0 && !may_resend {
        // The attempt before this one died with the right to send in its hands.
        return unknown(ports, input, operation, "an earlier attempt ended while it was sending").await;
    }
    let callback_url = book.callback_url(integration);
    let bindings = Bindings {
        payload: &input.payload,
        job_id: None,
        wait_id: wait.id.as_str(),
        callback_url: callback_url.as_deref(),
    };
    let request = submit_request(integration, book.base_url(integration), &bindings, Some(&wait.id));
    let request = match request {
        Ok(request) => request,
        Err(missing) => {
            return refuse(ports, integration, input, ErrorName::InvalidRequest, &missing.to_string()).await;
        }
    };
    let received = match send(ports, integration, request).await {
        Ok(received) => received,
        Err(secret) => {
            // Nothing was sent: the next attempt may.
            ports.release_submit(&wait.id, operation).await?;
            return Err(secret.into());
        }
    };
    match read(integration, &received) {
        SubmitVerdict::Taken(job_id) => taken(ports, book, integration, input, job_id, operation).await,
        SubmitVerdict::NotTaken(why) => {
            if earlier == 0 {
                // Before the right is given back: the next attempt may take the place again.
                leave_place(ports, integration, &wait.id).await;
            }
            ports.release_submit(&wait.id, operation).await?;
            Err(try_later(ports, integration, &why).await)
        }
        SubmitVerdict::Unknown(why) if may_resend => {
            ports.release_submit(&wait.id, operation).await?;
            let why = format!("{why}; the request is sent again under the same idempotency key");
            Err(try_later(ports, integration, &why).await)
        }
        SubmitVerdict::Unknown(why) => unknown(ports, input, operation, &why).await,
        SubmitVerdict::Refused(name, why) => refuse(ports, integration, input, name, &why).await,
    }
}

/// The third party has the job: link its id, end the wait if an event was there
/// first, then note the id on the wait. The event comes before the note, as an
/// attempt that was overtaken may still claim, and must not drop what it found.
async fn taken<P: Ports>(
    ports: &P,
    book: &Book,
    integration: &Integration,
    input: &SubmitInput,
    job_id: JobId,
    operation: &str,
) -> Result<Option<JobId>, StepError> {
    let wait = &input.wait;
    let rendezvous = match ports.bind(&wait.integration, &job_id, &wait.id, wait.deadline).await? {
        Guarded::Applied(rendezvous) => rendezvous,
        Guarded::Refused(_) => {
            let why = format!("the third party answered with job id {job_id}, which belongs to another wait");
            return refuse(ports, integration, input, ErrorName::JobIdTaken, &why).await;
        }
    };
    tracing::info!(wait = %wait.id, job = %job_id, early_event = rendezvous.event.is_some(), "submitted");
    if let Some(event) = rendezvous.event {
        claim(ports, &wait.id, &wait.integration, &event).await?.ok_or_else(vanished)?;
    }
    let row = match ports.submitted(&wait.id, input.attempt.generation(), operation, &job_id).await? {
        Guarded::Applied(row) => row,
        Guarded::Refused(_) => return Err(superseded()),
    };
    match &row.outcome {
        None => Ok(Some(job_id)),
        Some(outcome) => {
            if outcome.source == Source::Close {
                // The workflow gave the wait up while the request was on its way.
                call_off(ports, book, integration, wait, &job_id).await;
            }
            hand_over(ports, integration, &row).await
        }
    }
}

/// The wait has ended: a task with a token gets its outcome; a nested workflow
/// learns by the error that `Close` has it.
async fn hand_over<P: Ports>(ports: &P, integration: &Integration, row: &WaitRow) -> Result<Option<JobId>, StepError> {
    leave_place(ports, integration, &row.id).await;
    if row.token.is_none() {
        return Err(StepError::new(ErrorName::OutcomeStored, "the wait has its outcome already"));
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
) -> Result<Option<JobId>, StepError> {
    let outcome = failure(ports, OutcomeKind::failed(name, why));
    let row = claim(ports, &input.wait.id, &input.wait.integration, &outcome).await?.ok_or_else(vanished)?;
    leave_place(ports, integration, &row.id).await;
    if row.token.is_none() {
        return Err(StepError::new(name, why));
    }
    deliver(ports, &row).await?;
    Ok(None)
}

/// The request may have arrived, and sending it twice could start two jobs.
async fn unknown<P: Ports>(
    ports: &P,
    input: &SubmitInput,
    operation: &str,
    why: &str,
) -> Result<Option<JobId>, StepError> {
    ports.submit_unknown(&input.wait.id, operation).await?;
    Err(unknown_fate(input, why))
}

fn unknown_fate(input: &SubmitInput, why: &str) -> StepError {
    StepError::new(
        ErrorName::SubmitUnknown,
        format!(
            "{}: {why}; the job may have been started. It is not sent again, as the integration names no submit.idempotency_header",
            input.wait.integration
        ),
    )
}

fn failure<P: Clock>(ports: &P, kind: OutcomeKind) -> Outcome {
    Outcome { kind, source: Source::Submit, at: ports.now(), job_id: None, event_id: None }
}

fn superseded() -> StepError {
    StepError::new(ErrorName::Superseded, "a later attempt of this task has taken over")
}

fn vanished() -> StepError {
    StepError::new(ErrorName::Defect, "the wait's row has gone")
}
