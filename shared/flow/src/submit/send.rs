//! The exchange itself: sends the request at most as often as is safe, and notes
//! what the third party said.

use super::{
    Linked, Taken, awaited, hand_over, link, make, refuse, too_late, try_later, unknown_fate, vanished, wait_for,
};
use crate::pace::leave_place;
use crate::ports::Ports;
use crate::settle::{claim, keep_large};
use crate::third_party::{collect_result, exchange};
use crate::{Book, StepError};
use std::time::Duration;
use stepwait_core::answer::Answer;
use stepwait_core::decide::check::Verdict;
use stepwait_core::decide::submit::{Found, SubmitVerdict, TakenJob, read, read_look_up, without_request};
use stepwait_core::integration::{Bindings, CallbackAddress, Integration, Jobs, LookUp, WhenUnknown};
use stepwait_core::message::{SubmitInput, WaitRef};
use stepwait_core::request::{look_up_request, submit_request};
use stepwait_core::wait::{Change, Kept, Outcome, OutcomeKind, Source, WaitId};
use stepwait_core::{ErrorName, Timestamp};

/// Sends the request, under the right taken with `operation`. `earlier` attempts
/// began to send and did not say how it went.
pub(super) async fn post<P: Ports>(
    ports: &P,
    book: &Book,
    integration: &Integration,
    input: &SubmitInput,
    operation: &str,
    earlier: u32,
) -> Result<Option<Taken>, StepError> {
    let began = ports.now();
    let wait = &input.wait;
    let callback_url = match callback_url(ports, book, integration, wait).await {
        Ok(url) => url,
        Err(error) => {
            // Nothing was sent: the next attempt may.
            release(ports, &wait.id, operation).await?;
            return Err(error);
        }
    };
    let mut secrets = Vec::new();
    for name in integration.submit.secrets() {
        match ports.secret(name).await {
            Ok(value) => secrets.push((name.to_owned(), value)),
            Err(error) => {
                // Nothing was sent: the next attempt may.
                release(ports, &wait.id, operation).await?;
                return Err(error.into());
            }
        }
    }
    let bindings = Bindings {
        payload: &input.payload,
        jobs: Jobs::Unknown,
        wait_id: Some(wait.id.as_str()),
        callback_url: callback_url.as_deref(),
        kept: &Kept::default(),
        answer: None,
        secrets: &secrets,
    };
    let take = async |job, retry_after| taken(ports, book, integration, input, operation, job, retry_after).await;
    // Where nothing is sent there is nothing that could have arrived.
    if earlier > 0 && integration.submit.request.is_some() {
        // The attempt before this one died with the right to send in its hands, or did not learn what became of it.
        match &integration.submit.when_unknown {
            WhenUnknown::Resend => {}
            WhenUnknown::Fail => {
                return unknown(ports, input, operation, "an earlier attempt ended while it was sending").await;
            }
            WhenUnknown::LookUp(look_up) => match find(ports, book, integration, look_up, &bindings).await {
                Ok(Found::Job(job)) => return take(job, None).await,
                Ok(Found::Nothing) => {}
                Ok(Found::Unknown(why)) => {
                    release(ports, &wait.id, operation).await?;
                    return Err(try_later(ports, integration, &why).await);
                }
                Err(error) => {
                    release(ports, &wait.id, operation).await?;
                    return Err(error);
                }
            },
        }
    }
    let request = match submit_request(integration, book.base_url(integration), &bindings, Some(&wait.id)) {
        Ok(Some(request)) => request,
        Ok(None) => {
            return match without_request(integration, &input.payload) {
                Ok(job) => take(job, None).await,
                Err(why) => refuse(ports, integration, input, ErrorName::InvalidRequest, &why).await,
            };
        }
        Err(missing) => {
            return refuse(ports, integration, input, ErrorName::InvalidRequest, &missing.to_string()).await;
        }
    };
    if ports.now() >= wait.deadline {
        // Reading secrets and looking the job up took what was left.
        release(ports, &wait.id, operation).await?;
        return Err(too_late(input));
    }
    let received = match exchange(ports, integration, request).await {
        Ok(received) => received,
        Err(error) => {
            // Nothing was sent: the next attempt may.
            release(ports, &wait.id, operation).await?;
            return Err(error.into());
        }
    };
    match read(integration, &received, &input.payload, ports.now()) {
        SubmitVerdict::Taken { job, retry_after } => take(job, retry_after).await,
        SubmitVerdict::Done(job) => match &received {
            Ok(answer) => done(ports, book, integration, input, operation, job, answer, &bindings, began).await,
            Err(error) => unknown(ports, input, operation, &error.to_string()).await,
        },
        SubmitVerdict::NotTaken(why) => {
            if earlier == 0 {
                // Before the right is given back: the next attempt may take the place again.
                leave_place(ports, integration, &wait.id).await;
            }
            release(ports, &wait.id, operation).await?;
            Err(try_later(ports, integration, &why).await)
        }
        SubmitVerdict::Unknown(why) => match &integration.submit.when_unknown {
            WhenUnknown::Resend => {
                release(ports, &wait.id, operation).await?;
                Err(try_later(
                    ports,
                    integration,
                    &format!("{why}; the request is sent again under the same idempotency key"),
                )
                .await)
            }
            // The right is kept until it runs out: by then a job that was taken can be found.
            WhenUnknown::LookUp(_) => Err(try_later(
                ports,
                integration,
                &format!("{why}; the job is looked up before the request is sent again"),
            )
            .await),
            WhenUnknown::Fail => unknown(ports, input, operation, &why).await,
        },
        SubmitVerdict::Refused(name, why) => refuse(ports, integration, input, name, &why).await,
    }
}

/// Gives the right to send back.
async fn release<P: Ports>(ports: &P, id: &WaitId, operation: &str) -> Result<(), StepError> {
    // Refused, it was given back or taken over before.
    make(ports, id, Change::ReleaseSubmit { operation: operation.to_owned() }).await.map(|_| ())
}

/// Where the third party is to send its webhooks. A wait's own address holds what
/// its row was registered with, which is the first attempt's.
async fn callback_url<P: Ports>(
    ports: &P,
    book: &Book,
    integration: &Integration,
    wait: &WaitRef,
) -> Result<Option<String>, StepError> {
    let has_own = integration.callback.as_ref().is_some_and(|callback| callback.address == CallbackAddress::Wait);
    if !has_own {
        return Ok(book.callback_url(integration, None));
    }
    let row = ports.read(&wait.id).await?;
    let capability = row
        .and_then(|row| row.capability)
        .ok_or_else(|| StepError::new(ErrorName::Defect, format!("wait {} has no address of its own", wait.id)))?;
    Ok(book.callback_url(integration, Some((&wait.id, &capability))))
}

/// Looks whether the job exists.
async fn find<P: Ports>(
    ports: &P,
    book: &Book,
    integration: &Integration,
    look_up: &LookUp,
    bindings: &Bindings<'_>,
) -> Result<Found, StepError> {
    match look_up_request(integration, look_up, book.base_url(integration), bindings) {
        Err(missing) => Ok(Found::Unknown(missing.to_string())),
        Ok(request) => {
            let received = exchange(ports, integration, request).await?;
            Ok(read_look_up(integration, look_up, &received, bindings.payload))
        }
    }
}

/// The third party has the job.
async fn taken<P: Ports>(
    ports: &P,
    book: &Book,
    integration: &Integration,
    input: &SubmitInput,
    operation: &str,
    job: TakenJob,
    retry_after: Option<Duration>,
) -> Result<Option<Taken>, StepError> {
    match link(ports, integration, input, &job.id).await? {
        Linked::Ours => wait_for(ports, book, integration, input, operation, job, retry_after).await,
        Linked::NotOurs(row) => hand_over(ports, integration, &row).await,
    }
}

/// The third party has done the job at once. Its id is linked first: a job of
/// another wait must not end this one.
#[expect(clippy::too_many_arguments, reason = "the attempt's own four, and what was received")]
async fn done<P: Ports>(
    ports: &P,
    book: &Book,
    integration: &Integration,
    input: &SubmitInput,
    operation: &str,
    job: Option<TakenJob>,
    answer: &Answer,
    bindings: &Bindings<'_>,
    began: Timestamp,
) -> Result<Option<Taken>, StepError> {
    let wait = &input.wait;
    if let Some(job) = &job
        && let Linked::NotOurs(row) = link(ports, integration, input, &job.id).await?
    {
        return hand_over(ports, integration, &row).await;
    }
    let nothing_kept = Kept::default();
    let bindings = Bindings {
        jobs: job.as_ref().map_or(Jobs::Unknown, |job| Jobs::One(job.id.as_str())),
        kept: job.as_ref().map_or(&nothing_kept, |job| &job.kept),
        ..*bindings
    };
    let base_url = book.base_url(integration);
    let collected = collect_result(ports, integration, base_url, &bindings, answer, true, began).await;
    let result = match collected {
        Ok(Verdict::Ended(kind)) => keep_large(ports, integration, Some(&wait.id), kind).await.map_err(StepError::from),
        Ok(Verdict::AskAgain { reason, .. } | Verdict::Refused { reason, .. }) => {
            Err(StepError::new(ErrorName::BadAnswer, reason))
        }
        Ok(Verdict::Pending { .. }) => Err(StepError::new(ErrorName::BadAnswer, "the job is done, but has no result")),
        Err(error) => Err(error.into()),
    };
    let store = async |kind, job_id| {
        let outcome =
            Outcome { kind, source: Source::Submit, at: ports.now(), pending_at: None, job_id, event_id: None };
        claim(ports, &wait.id, &wait.integration, &outcome, awaited(input)).await?.ok_or_else(vanished)
    };
    match job {
        Some(job) => {
            // Without its result the job is looked at later, as any other.
            if let Ok(kind) = result {
                store(kind, Some(job.id.clone())).await?;
            }
            wait_for(ports, book, integration, input, operation, job, None).await
        }
        None => {
            let kind = match result {
                Ok(kind) => kind,
                // Sent again, the request is answered with the result again.
                Err(error) if error.name.is_retryable() && integration.submit.may_resend() => {
                    release(ports, &wait.id, operation).await?;
                    return Err(error);
                }
                Err(error) => OutcomeKind::failed(ErrorName::BadAnswer, &error.message),
            };
            hand_over(ports, integration, &store(kind, None).await?).await
        }
    }
}

/// The request may have arrived, and sending it twice could start two jobs.
async fn unknown<P: Ports>(
    ports: &P,
    input: &SubmitInput,
    operation: &str,
    why: &str,
) -> Result<Option<Taken>, StepError> {
    // Refused, somebody else has noted meanwhile what became of it.
    make(ports, &input.wait.id, Change::SubmitUnknown { operation: operation.to_owned() }).await?.ok();
    Err(unknown_fate(input, why))
}
