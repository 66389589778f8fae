//! What becomes of an event that says how a job has ended: it is kept beside the link
//! from the job to its wait, the wait ends with the first that was kept, and its task
//! is resumed.

use super::Reply;
use super::known::Known;
use super::reply::not_stored;
use crate::metric::{EARLY_EVENT, LATE_EVENT};
use crate::pace::leave_place;
use crate::ports::{Ports, StoreError};
use crate::settle::{claim, deliver, keep_large, keep_late};
use std::time::Duration;
use stepwait_core::Timestamp;
use stepwait_core::integration::Integration;
use stepwait_core::wait::update::Meeting;
use stepwait_core::wait::{Awaited, Guarded, JobId, Outcome, OutcomeKind, Rendezvous, Source, Status, WaitId, WaitRow};
use stepwait_core::webhook::Verified;

/// How long an event is kept whose job nobody here has started, 3 days: longer
/// than a sender tries again (Stripe's three days are the longest met), and far
/// longer than a submit takes to return. Once the job is known, its link is kept
/// as long as its wait.
const EARLY_EVENT_KEPT: Duration = Duration::from_hours(3 * 24);

/// The most characters of a delivery's own id that are stored.
const MAX_EVENT_ID_CHARS: usize = 256;

fn kept_early_until(at: Timestamp) -> Timestamp {
    at.checked_add(EARLY_EVENT_KEPT).unwrap_or(Timestamp::MAX)
}

/// How a job has ended, by an event.
fn by_event<P: Ports>(ports: &P, kind: OutcomeKind, job_id: Option<&JobId>, by: &Verified) -> Outcome {
    Outcome {
        kind,
        source: Source::Webhook,
        at: ports.now(),
        pending_at: None,
        job_id: job_id.cloned(),
        event_id: by.delivery_id.as_ref().map(|id| id.chars().take(MAX_EVENT_ID_CHARS).collect()),
    }
}

/// Stores how a job has ended, and resumes the task, without the two reads that show
/// its wait first: most waits started with the deployed version, by which the event
/// was read, and the update that keeps it makes sure of that. `None` where it is not
/// so, or where the wait must be known before, as a large result is stored under its
/// name; nothing is stored then.
pub(super) async fn store_at_once<P: Ports>(
    ports: &P,
    integration: &Integration,
    job_id: &JobId,
    kind: &OutcomeKind,
    by: &Verified,
) -> Option<Result<Reply, Reply>> {
    if kind.too_large(integration.result.format()).is_some() {
        return None;
    }
    let outcome = by_event(ports, kind.clone(), Some(job_id), by);
    match mail(ports, integration, job_id, &outcome, Some(&integration.digest)).await {
        Ok(Guarded::Applied(stored)) => Some(met(ports, integration, job_id, stored, outcome).await),
        Ok(Guarded::Refused(_)) => None,
        Err(error) => Some(Err(not_stored(&error))),
    }
}

/// Stores how a job has ended, and resumes the task that waits for it.
pub(super) async fn store<P: Ports>(
    ports: &P,
    known: &Known<'_>,
    kind: OutcomeKind,
    by: &Verified,
) -> Result<Reply, Reply> {
    let Known { integration, row, .. } = known;
    let kind = keep_large(ports, integration, row.as_ref().map(|row| &row.id), kind).await;
    let kind = kind.map_err(|e| not_stored(&e))?;
    let outcome = by_event(ports, kind, known.job_id(), by);
    match (&known.by_job, row) {
        (Some(job_id), _) => {
            // The event was read by the version of its wait, so this is never refused.
            let stored = match mail(ports, integration, job_id, &outcome, None).await.map_err(|e| not_stored(&e))? {
                Guarded::Applied(rendezvous) => rendezvous,
                Guarded::Refused(rendezvous) => rendezvous.unwrap_or_default(),
            };
            met(ports, integration, job_id, stored, outcome).await
        }
        (None, Some(row)) => end(ports, integration, &row.id, &outcome, &outcome).await,
        // Nobody is named: an event has a job or a wait.
        (None, None) => Err(Reply::new(400, "the event names no job")),
    }
}

/// Keeps an event beside the link from its job to the wait, if it is the first.
async fn mail<P: Ports>(
    ports: &P,
    integration: &Integration,
    job_id: &JobId,
    event: &Outcome,
    read_by: Option<&str>,
) -> Result<Guarded<Rendezvous>, StoreError> {
    let keep_until = kept_early_until(event.at);
    let mail = Meeting::Mail { event: Box::new(event.clone()), read_by: read_by.map(str::to_owned), keep_until };
    ports.meet(&integration.name, job_id, &mail).await
}

/// The event is kept: ends the wait that it met, if it met one.
async fn met<P: Ports>(
    ports: &P,
    integration: &Integration,
    job_id: &JobId,
    stored: Rendezvous,
    outcome: Outcome,
) -> Result<Reply, Reply> {
    let Some(wait_id) = stored.wait_id else {
        tracing::info!(metric = EARLY_EVENT, integration = %integration.name, job = %job_id, "event kept for a job that is not known yet");
        return Ok(Reply::new(202, "kept: the job is not known yet"));
    };
    // The first terminal event counts, also when its own delivery died before it could claim.
    let first = stored.event.unwrap_or_else(|| outcome.clone());
    end(ports, integration, &wait_id, &first, &outcome).await
}

/// Ends a wait as the `first` event says, and resumes its task; `outcome` is what
/// this delivery says.
async fn end<P: Ports>(
    ports: &P,
    integration: &Integration,
    wait_id: &WaitId,
    first: &Outcome,
    outcome: &Outcome,
) -> Result<Reply, Reply> {
    let Some(row) =
        claim(ports, wait_id, &integration.name, first, Awaited::ByToken).await.map_err(|e| not_stored(&e))?
    else {
        // The link outlived its wait: the event is kept, and nobody waits for it.
        tracing::info!(metric = LATE_EVENT, integration = %integration.name, wait = %wait_id, "an event of a wait that is not there any more");
        return Ok(Reply::new(202, "kept: nothing waits for this job any more"));
    };
    if row.outcome.as_ref().is_some_and(|stored| stored.source != Source::Webhook) {
        tracing::info!(metric = LATE_EVENT, integration = %integration.name, wait = %row.id, "an event of a wait that had ended without it");
    }
    if Status::of(&first.kind) != Status::of(&outcome.kind) {
        keep_late(ports, &row, outcome).await;
    }
    Ok(delivered(ports, integration, &row).await)
}

/// Resumes the task of a wait that has its outcome.
pub(super) async fn delivered<P: Ports>(ports: &P, integration: &Integration, row: &WaitRow) -> Reply {
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
