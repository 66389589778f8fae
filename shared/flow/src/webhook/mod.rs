//! `webhook`: verifies a delivery, stores what it says, resumes the task, and
//! only then answers the sender.
//!
//! An event answered with 2xx is durable. An unknown job is not an error: its
//! submit may not have returned yet, so the event is kept for it.
//!
//! | file | |
//! |---|---|
//! | `route` | which integration, and with an address of its own which wait |
//! | `handshake` | deliveries that only ask whether we are the right listener |
//! | `known` | what the event says, by the file that its wait started with |
//! | `reply` | what is answered |

mod handshake;
mod known;
mod reply;
mod route;

pub use reply::Reply;

use crate::metric::{DELIVERY_REFUSED, EARLY_EVENT, LATE_EVENT, UNLISTED_STATUS};
use crate::pace::leave_place;
use crate::ports::{Ports, Resumed};
use crate::settle::{claim, deliver, keep_large, keep_late};
use crate::third_party::{Patience, look_within};
use crate::{Book, StepError, keys};
use known::{Known, known};
use reply::not_stored;
use route::{Routed, route};
use std::time::Duration;
use stepwait_core::decide::check::Verdict;
use stepwait_core::integration::{Integration, Verification};
use stepwait_core::request::Job;
use stepwait_core::wait::update::Meeting;
use stepwait_core::wait::{Awaited, Guarded, JobId, Kept, Outcome, OutcomeKind, Source, Status, WaitRow};
use stepwait_core::webhook::{Delivery, News, Verified, examine, verify};
use stepwait_core::{SecretValue, Timestamp};

/// How long a sender may be kept waiting for its answer, 10 seconds: some give up
/// after 3, most after 10 to 30, and what was not answered in time they send
/// again. It is a target that an idle deployment meets and not a limit that is
/// enforced: what is being stored is not given up.
pub const ANSWER_TIME: Duration = Duration::from_secs(10);

/// How much of it is for storing an outcome and resuming the task. What is asked
/// of the third party meanwhile must have ended before that.
const STORE_TIME: Duration = Duration::from_secs(5);

/// How long an event is kept whose job nobody here has started, 3 days: longer
/// than a sender tries again (Stripe's three days are the longest met), and far
/// longer than a submit takes to return. Once the job is known, its link is kept
/// as long as its wait.
const EARLY_EVENT_KEPT: Duration = Duration::from_hours(3 * 24);

/// The most characters of a delivery's own id that are stored.
const MAX_EVENT_ID_CHARS: usize = 256;

/// Receives one delivery.
pub async fn receive<P: Ports>(ports: &P, book: &Book, delivery: &Delivery) -> Reply {
    // An error is an answer too; only its way here is shorter.
    answer(ports, book, delivery).await.unwrap_or_else(|reply| reply)
}

async fn answer<P: Ports>(ports: &P, book: &Book, delivery: &Delivery) -> Result<Reply, Reply> {
    let until = ports.now().checked_add(ANSWER_TIME.saturating_sub(STORE_TIME)).unwrap_or(Timestamp::MAX);
    let routed = route(ports, book, delivery).await?;
    if let Some(answered) = handshake::answer_unverified(ports, &routed, delivery).await {
        return answered;
    }
    let routed = routed.into_event()?;
    let (verified, first_secret) = match &routed.callback().verify {
        Some(verification) => vouched(ports, book, &routed, verification, delivery, until).await?,
        None => (Verified::default(), None),
    };
    if let Some(answered) = handshake::answer_verified(ports, &routed, delivery, first_secret.as_ref(), until).await {
        return answered;
    }
    let Some(known) = known(ports, book, routed, delivery).await? else {
        return Ok(Reply::new(200, "ignored: the integration takes other events"));
    };
    let kind = match &known.news {
        News::Ended(kind) => kind.clone(),
        News::Pending => return under_way(ports, &known, "noted: the job is still under way").await,
        News::Unlisted(status) => {
            tracing::warn!(metric = UNLISTED_STATUS, integration = %known.integration.name, status, "a status that the integration file does not list");
            return under_way(ports, &known, "noted: the job is taken to be under way").await;
        }
        News::Look { has_ended } => {
            if let Some(row) = known.row.as_ref().filter(|row| row.outcome.is_some()) {
                // The stored outcome counts, whatever the job looks like by now.
                return Ok(delivered(ports, &known.integration, row).await);
            }
            match look_there(ports, book, &known, until).await? {
                Some(kind) => kind,
                None if *has_ended => {
                    tracing::warn!(integration = %known.integration.name, "the event says that the job has ended, and the job that it is under way");
                    return Err(Reply::new(503, "the job is still under way there; please send again"));
                }
                None => return under_way(ports, &known, "noted: the job is still under way").await,
            }
        }
    };
    store(ports, &known, kind, verified).await
}

fn kept_early_until(at: Timestamp) -> Timestamp {
    at.checked_add(EARLY_EVENT_KEPT).unwrap_or(Timestamp::MAX)
}

/// Stores how a job has ended, and resumes the task that waits for it.
async fn store<P: Ports>(ports: &P, known: &Known<'_>, kind: OutcomeKind, by: Verified) -> Result<Reply, Reply> {
    let Known { integration, row, .. } = known;
    let kind = keep_large(ports, integration, row.as_ref().map(|row| &row.id), kind).await;
    let outcome = Outcome {
        kind: kind.map_err(|e| not_stored(&e))?,
        source: Source::Webhook,
        at: ports.now(),
        pending_at: None,
        job_id: known.job_id().cloned(),
        event_id: by.delivery_id.map(|id| id.chars().take(MAX_EVENT_ID_CHARS).collect()),
    };
    let (wait_id, first) = match (&known.by_job, row) {
        (Some(job_id), _) => {
            let mail = Meeting::Mail { event: Box::new(outcome.clone()), keep_until: kept_early_until(outcome.at) };
            // The first event is kept without a condition, so this is never refused.
            let stored = match ports.meet(&integration.name, job_id, &mail).await.map_err(|e| not_stored(&e))? {
                Guarded::Applied(rendezvous) => rendezvous,
                Guarded::Refused(rendezvous) => rendezvous.unwrap_or_default(),
            };
            let Some(wait_id) = stored.wait_id else {
                tracing::info!(metric = EARLY_EVENT, integration = %integration.name, job = %job_id, "event kept for a job that is not known yet");
                return Ok(Reply::new(202, "kept: the job is not known yet"));
            };
            // The first terminal event counts, also when its own delivery died before it could claim.
            (wait_id, stored.event.unwrap_or_else(|| outcome.clone()))
        }
        (None, Some(row)) => (row.id.clone(), outcome.clone()),
        // Nobody is named: an event has a job or a wait.
        (None, None) => return Err(Reply::new(400, "the event names no job")),
    };
    let Some(row) =
        claim(ports, &wait_id, &integration.name, &first, Awaited::ByToken).await.map_err(|e| not_stored(&e))?
    else {
        // The link outlived its wait: the event is kept, and nobody waits for it.
        tracing::info!(metric = LATE_EVENT, integration = %integration.name, wait = %wait_id, "an event of a wait that is not there any more");
        return Ok(Reply::new(202, "kept: nothing waits for this job any more"));
    };
    if row.outcome.as_ref().is_some_and(|stored| stored.source != Source::Webhook) {
        tracing::info!(metric = LATE_EVENT, integration = %integration.name, wait = %row.id, "an event of a wait that had ended without it");
    }
    if Status::of(&first.kind) != Status::of(&outcome.kind) {
        keep_late(ports, &row, &outcome).await;
    }
    Ok(delivered(ports, integration, &row).await)
}

/// Resumes the task of a wait that has its outcome.
async fn delivered<P: Ports>(ports: &P, integration: &Integration, row: &WaitRow) -> Reply {
    let delivered = deliver(ports, row).await;
    leave_place(ports, integration, &row.id).await;
    match delivered {
        Ok(()) => Reply::new(200, "stored and delivered"),
        Err(error) => {
            tracing::error!(wait = %row.id, %error, "the outcome is stored and not delivered");
            Reply::new(503, "stored; please send again, so that it is delivered")
        }
    }
}

/// The job is under way. Where the file counts on that being said from time to
/// time, the task is told.
async fn under_way<P: Ports>(ports: &P, known: &Known<'_>, noted: &'static str) -> Result<Reply, Reply> {
    let counts = known.integration.callback.as_ref().is_some_and(|callback| callback.heartbeat.is_some());
    let waiting = known.row.as_ref().filter(|row| counts && row.outcome.is_none());
    if let Some((row, token)) = waiting.and_then(|row| Some((row, row.token.as_ref()?))) {
        match ports.heartbeat(token).await {
            Ok(Resumed::Taken) => tracing::info!(wait = %row.id, "the task knows that the job is under way"),
            Ok(Resumed::Gone) => tracing::info!(wait = %row.id, "no task waits with this token any more"),
            Err(error) => {
                tracing::warn!(wait = %row.id, %error, "the task was not told that the job is under way");
                return Err(Reply::new(503, "not passed on; please send again"));
            }
        }
    }
    Ok(Reply::new(200, noted))
}

/// Accepts a delivery that somebody vouches for; returns the first secret too,
/// which handshakes are answered with.
async fn vouched<P: Ports>(
    ports: &P,
    book: &Book,
    routed: &Routed<'_>,
    verification: &Verification,
    delivery: &Delivery,
    until: Timestamp,
) -> Result<(Verified, Option<SecretValue>), Reply> {
    let name = &routed.integration.name;
    let keys = keys::load(ports, verification, delivery, until).await;
    let (url, now) = (book.called(delivery), ports.now());
    match keys.with(|keys| verify(verification, delivery, keys, url.as_deref(), now)) {
        Ok(verified) => {
            for secret in &verified.unusable {
                tracing::warn!(integration = %name, secret, "a signing secret is of no use; another vouched for the delivery");
            }
            Ok((verified, keys.first().cloned()))
        }
        Err(refusal) => {
            let account = keys.with(|keys| examine(verification, delivery, keys, url.as_deref(), now));
            let account = serde_json::to_string(&account).unwrap_or_default();
            // What is our fault is mended here, and the sender should try again then.
            if refusal.is_ours() {
                tracing::warn!(integration = %name, %refusal, examination = account, "delivery not verified");
                return Err(Reply::new(503, "the listener cannot verify deliveries at the moment; please send again"));
            }
            tracing::warn!(metric = DELIVERY_REFUSED, integration = %name, %refusal, examination = account, "delivery refused");
            Err(Reply::new(401, refusal.to_string()))
        }
    }
}

/// The event says only that something happened, or not where the result is: asks
/// the third party itself. `None` if the job is still under way.
async fn look_there<P: Ports>(
    ports: &P,
    book: &Book,
    known: &Known<'_>,
    until: Timestamp,
) -> Result<Option<OutcomeKind>, Reply> {
    let name = &known.integration.name;
    let again = |why: &str| {
        tracing::warn!(integration = %name, job = known.job_id().map(JobId::as_str), why, "the job could not be looked at");
        Reply::new(503, "the job could not be looked at; please send again")
    };
    let Some(job_id) = known.job_id() else {
        tracing::info!(integration = %name, "an event of a wait whose job is not known yet");
        return Err(Reply::new(503, "the job is not known yet; please send again"));
    };
    let nothing_kept = Kept::default();
    let job = Job {
        wait_id: known.row.as_ref().map(|row| &row.id),
        job_id: job_id.as_str(),
        kept: known.row.as_ref().map_or(&nothing_kept, |row| &row.kept),
    };
    let base_url = book.base_url(&known.integration);
    let looked = look_within(ports, &known.integration, base_url, job, None, Patience::until(until)).await;
    match looked.map(|looked| looked.verdict) {
        Ok(Verdict::Ended(kind)) => Ok(Some(kind)),
        Ok(Verdict::Pending { .. }) => Ok(None),
        // Without the reason: it may repeat what the third party said of somebody.
        Ok(Verdict::AskAgain { .. }) => Err(again("no usable answer")),
        Ok(Verdict::Refused { .. }) => Err(again("refused")),
        Err(error) => Err(again(error.name.as_str())),
    }
}

/// What went wrong on our side, for the log; the sender is asked to send again.
fn ours(error: &StepError) -> Reply {
    not_stored(error)
}
