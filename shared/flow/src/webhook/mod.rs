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
//! | `store` | keeping it, ending the wait with it, resuming the task |
//! | `reply` | what is answered |

mod handshake;
mod known;
mod reply;
mod route;
mod store;

pub use reply::Reply;

use crate::metric::{DELIVERY_REFUSED, UNLISTED_STATUS};
use crate::ports::{Ports, Resumed};
use crate::third_party::{Patience, look_within};
use crate::{Book, StepError, keys};
use known::{Known, known, read};
use reply::not_stored;
use route::{Routed, route};
use std::time::Duration;
use stepwait_core::decide::check::Verdict;
use stepwait_core::integration::Verification;
use stepwait_core::request::Job;
use stepwait_core::wait::{JobId, Kept, OutcomeKind};
use stepwait_core::webhook::{Delivery, Event, News, Verified, examine, verify};
use stepwait_core::{SecretValue, Timestamp};
use store::{delivered, store, store_at_once};

/// How long a sender may be kept waiting for its answer, 10 seconds: some give up
/// after 3, most after 10 to 30, and what was not answered in time they send
/// again. It is a target that an idle deployment meets and not a limit that is
/// enforced: what is being stored is not given up.
pub const ANSWER_TIME: Duration = Duration::from_secs(10);

/// How much of it is for storing an outcome and resuming the task. What is asked
/// of the third party meanwhile must have ended before that.
const STORE_TIME: Duration = Duration::from_secs(5);

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
    let event = read(&routed.integration, routed.callback(), delivery)?;
    if let Event::OfJob { job_id, news: News::Ended(kind) } = &event
        && let Some(answered) = store_at_once(ports, &routed.integration, job_id, kind, &verified).await
    {
        return answered;
    }
    let Some(known) = known(ports, book, routed, event, delivery).await? else {
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
    store(ports, &known, kind, &verified).await
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
