//! `webhook`: verifies a delivery, stores what it says, resumes the task, and
//! only then answers the sender.
//!
//! An event answered with 2xx is durable. An unknown job is not an error: its
//! submit may not have returned yet, so the event is kept for it.

use crate::pace::leave_place;
use crate::ports::Ports;
use crate::settle::{claim, deliver, keep_large, keep_late};
use crate::third_party::{UNLISTED_STATUS, look};
use crate::{Book, StepError, keys};
use std::borrow::Cow;
use stepwait_core::decide::check::Verdict;
use stepwait_core::integration::{Callback, Integration};
use stepwait_core::request::Job;
use stepwait_core::wait::update::Meeting;
use stepwait_core::wait::{Awaited, Guarded, JobId, Kept, Outcome, OutcomeKind, Source, Status, WaitRow, kept_until};
use stepwait_core::webhook::{Delivery, Event, EventError, News, examine, read_event, verify};

/// The answer to a sender: a status, and a sentence for the person who reads
/// the sender's log. It never repeats what the sender sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// What happened.
    pub message: String,
}

impl Reply {
    fn new(status: u16, message: impl Into<String>) -> Self {
        Self { status, message: message.into() }
    }
}

/// Receives one delivery.
pub async fn receive<P: Ports>(ports: &P, book: &Book, delivery: &Delivery) -> Reply {
    let Some((integration, callback)) = delivery
        .integration()
        .and_then(|name| book.current(name))
        .and_then(|(integration, _)| integration.callback.as_ref().map(|callback| (integration, callback)))
    else {
        return Reply::new(404, "no integration receives webhooks at this path; the path is /webhooks/INTEGRATION");
    };
    let keys = keys::load(ports, &callback.verify, delivery).await;
    // The listener is not told its own address, which is made after it.
    let url = book.callback_url(integration).or_else(|| delivery.url());
    let now = ports.now();
    let verified = match keys.with(|keys| verify(&callback.verify, delivery, keys, url.as_deref(), now)) {
        Ok(verified) => verified,
        Err(refusal) => {
            let account = keys.with(|keys| examine(&callback.verify, delivery, keys, url.as_deref(), now));
            let account = serde_json::to_string(&account).unwrap_or_default();
            tracing::warn!(integration = %integration.name, %refusal, examination = account, "delivery refused");
            // What is our fault is mended here, and the sender should try again then.
            return if refusal.is_ours() {
                Reply::new(503, "the listener cannot verify deliveries at the moment; please send again")
            } else {
                Reply::new(401, refusal.to_string())
            };
        }
    };
    for secret in &verified.unusable {
        tracing::warn!(integration = %integration.name, secret, "a signing secret is of no use; another vouched for the delivery");
    }
    let known = match known(ports, book, integration, callback, delivery).await {
        Ok(Some(known)) => known,
        Ok(None) => return Reply::new(200, "ignored: the integration takes other events"),
        Err(reply) => return reply,
    };
    let kind = match &known.news {
        News::Ended(kind) => kind.clone(),
        News::Pending => return Reply::new(200, "noted: the job is still under way"),
        News::Unlisted(status) => {
            tracing::warn!(metric = UNLISTED_STATUS, integration = %known.integration.name, status, "a status that the integration file does not list");
            return Reply::new(200, "noted: the job is taken to be under way");
        }
        News::Look { has_ended } => {
            if let Some(row) = known.row.as_ref().filter(|row| row.outcome.is_some()) {
                // The stored outcome counts, whatever the job looks like by now.
                return delivered(ports, book, row).await;
            }
            match look_there(ports, book, &known).await {
                Ok(Some(kind)) => kind,
                Ok(None) if *has_ended => {
                    tracing::warn!(integration = %integration.name, job = %known.job_id, "the event says that the job has ended, and the job that it is under way");
                    return Reply::new(503, "the job is still under way there; please send again");
                }
                Ok(None) => return Reply::new(200, "noted: the job is still under way"),
                Err(reply) => return reply,
            }
        }
    };
    let kind = match keep_large(ports, &known.integration, known.row.as_ref().map(|row| &row.id), kind).await {
        Ok(kind) => kind,
        Err(error) => return not_stored(&error),
    };
    let event = known;
    let outcome = Outcome {
        kind,
        source: Source::Webhook,
        at: ports.now(),
        job_id: Some(event.job_id.clone()),
        event_id: verified.delivery_id.map(|id| id.chars().take(256).collect()),
    };
    let mail = Meeting::Mail { event: Box::new(outcome.clone()), keep_until: kept_until(outcome.at) };
    let stored = match ports.meet(&integration.name, &event.job_id, &mail).await {
        Ok(Guarded::Applied(rendezvous)) => rendezvous,
        // The first event is kept without a condition; this cannot be.
        Ok(Guarded::Refused(rendezvous)) => rendezvous.unwrap_or_default(),
        Err(error) => return not_stored(&error),
    };
    let Some(wait_id) = stored.wait_id else {
        tracing::info!(integration = %integration.name, job = %event.job_id, "event kept for a job that is not known yet");
        return Reply::new(202, "kept: the job is not known yet");
    };
    // The first terminal event counts, also when its own delivery died before it could claim.
    let first = stored.event.unwrap_or_else(|| outcome.clone());
    let row = match claim(ports, &wait_id, &integration.name, &first, Awaited::ByToken).await {
        Ok(Some(row)) => row,
        // The link outlived its wait: the event is kept, and nobody waits for it.
        Ok(None) => return Reply::new(202, "kept: nothing waits for this job any more"),
        Err(error) => return not_stored(&error),
    };
    if Status::of(&first.kind) != Status::of(&outcome.kind) {
        keep_late(ports, &row, &outcome).await;
    }
    delivered(ports, book, &row).await
}

/// Resumes the task of a wait that has its outcome.
async fn delivered<P: Ports>(ports: &P, book: &Book, row: &WaitRow) -> Reply {
    let delivered = deliver(ports, row).await;
    match book.version(ports, &row.integration, &row.digest).await {
        Ok(integration) => leave_place(ports, &integration, &row.id).await,
        Err(error) => tracing::warn!(wait = %row.id, name = %error.name, "the wait's place was not given back"),
    }
    match delivered {
        Ok(()) => Reply::new(200, "stored and delivered"),
        Err(error) => {
            tracing::error!(wait = %row.id, %error, "the outcome is stored and not delivered");
            Reply::new(503, "stored; please send again, so that it is delivered")
        }
    }
}

/// An event, with all that is known of its job.
struct Known<'a> {
    job_id: JobId,
    news: News,
    /// The version of the integration that the wait started with, or the deployed one.
    integration: Cow<'a, Integration>,
    /// The wait, if the job is known.
    row: Option<WaitRow>,
}

/// Reads the event as the version of the integration says with which its wait
/// started; as the deployed one says if no wait is known yet. `None` if the
/// event is about something else.
async fn known<'a, P: Ports>(
    ports: &P,
    book: &'a Book,
    current: &'a Integration,
    callback: &Callback,
    delivery: &Delivery,
) -> Result<Option<Known<'a>>, Reply> {
    let unreadable = |error: EventError| {
        tracing::warn!(integration = %current.name, %error, "genuine delivery that cannot be read");
        Reply::new(400, error.to_string())
    };
    let (job_id, news) = match read_event(current, callback, delivery).map_err(unreadable)? {
        Event::Other => return Ok(None),
        Event::OfJob { job_id, news } => (job_id, news),
    };
    let lost = |error: StepError| not_stored(&error);
    let rendezvous = ports.rendezvous(&current.name, &job_id).await.map_err(|e| not_stored(&e))?;
    let row = match rendezvous.wait_id {
        Some(id) => ports.read(&id).await.map_err(|e| not_stored(&e))?,
        None => None,
    };
    let Some(digest) = row.as_ref().map(|row| row.digest.clone()).filter(|digest| *digest != current.digest) else {
        return Ok(Some(Known { job_id, news, integration: Cow::Borrowed(current), row }));
    };
    let pinned = book.version(ports, &current.name, &digest).await.map_err(lost)?;
    let again = pinned.callback.as_ref().map(|callback| read_event(&pinned, callback, delivery)).transpose();
    Ok(match again.map_err(unreadable)? {
        Some(Event::Other) => None,
        Some(Event::OfJob { job_id: named, news }) => {
            // The wait that was found is not about a job that only its own version names.
            let row = row.filter(|_| named == job_id);
            Some(Known { job_id: named, news, integration: pinned, row })
        }
        None => Some(Known { job_id, news, integration: Cow::Borrowed(current), row }),
    })
}

/// The event says only that something happened, or not where the result is: asks
/// the third party itself. `None` if the job is still under way.
async fn look_there<P: Ports>(ports: &P, book: &Book, known: &Known<'_>) -> Result<Option<OutcomeKind>, Reply> {
    let again = |why: &str| {
        tracing::warn!(integration = %known.integration.name, job = %known.job_id, why, "the job could not be looked at");
        Reply::new(503, "the job could not be looked at; please send again")
    };
    let nothing_kept = Kept::default();
    let job = Job {
        wait_id: known.row.as_ref().map(|row| &row.id),
        job_id: known.job_id.as_str(),
        kept: known.row.as_ref().map_or(&nothing_kept, |row| &row.kept),
    };
    let looked = look(ports, &known.integration, book.base_url(&known.integration), job, None).await;
    match looked.map(|looked| looked.verdict) {
        Ok(Verdict::Ended(kind)) => Ok(Some(kind)),
        Ok(Verdict::Pending { .. }) => Ok(None),
        // Without the reason: it may repeat what the third party said of somebody.
        Ok(Verdict::AskAgain { .. }) => Err(again("no usable answer")),
        Ok(Verdict::Refused { .. }) => Err(again("refused")),
        Err(error) => Err(again(error.name.as_str())),
    }
}

fn not_stored(error: &dyn std::error::Error) -> Reply {
    tracing::error!(%error, "the event is not stored");
    Reply::new(503, "not stored; please send again")
}
