//! `webhook`: verifies a delivery, stores what it says, resumes the task, and
//! only then answers the sender.
//!
//! An event answered with 2xx is durable. An unknown job is not an error: its
//! submit may not have returned yet, so the event is kept for it.

use crate::pace::leave_place;
use crate::ports::{Ports, SecretError};
use crate::settle::{claim, deliver, keep_late};
use crate::{Book, StepError};
use stepwait_core::SecretValue;
use stepwait_core::integration::{Callback, Integration, Verification};
use stepwait_core::wait::{Outcome, Source, Status};
use stepwait_core::webhook::{Delivery, Event, EventError, Refusal, read_event, verify_standard_webhooks};

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
    let secrets = match secrets(ports, &callback.verify).await {
        Ok(secrets) => secrets,
        Err(error) => {
            tracing::error!(integration = %integration.name, %error, "a signing secret is missing");
            return Reply::new(503, "the listener cannot verify deliveries at the moment");
        }
    };
    let event_id = match verify_standard_webhooks(delivery, &secrets, ports.now()) {
        Ok(id) => id,
        Err(refusal) => {
            tracing::warn!(integration = %integration.name, %refusal, "delivery refused");
            // A key that is no key is our fault, and the sender should try again once it is mended.
            let status = if refusal == Refusal::BadSecret { 503 } else { 401 };
            return Reply::new(status, refusal.to_string());
        }
    };
    let event = match read(ports, book, integration, callback, delivery).await {
        Ok(event) => event,
        Err(reply) => return reply,
    };
    let Some(kind) = event.ended else {
        return Reply::new(200, "noted: the job is still under way");
    };
    let outcome = Outcome {
        kind,
        source: Source::Webhook,
        at: ports.now(),
        job_id: Some(event.job_id.clone()),
        event_id: Some(event_id.chars().take(256).collect()),
    };
    let stored = match ports.mail(&integration.name, &event.job_id, &outcome).await {
        Ok(rendezvous) => rendezvous,
        Err(error) => return not_stored(&error),
    };
    let Some(wait_id) = stored.wait_id else {
        tracing::info!(integration = %integration.name, job = %event.job_id, "event kept for a job that is not known yet");
        return Reply::new(202, "kept: the job is not known yet");
    };
    // The first terminal event counts, also when its own delivery died before it could claim.
    let first = stored.event.unwrap_or_else(|| outcome.clone());
    let row = match claim(ports, &wait_id, &integration.name, &first).await {
        Ok(Some(row)) => row,
        // The link outlived its wait: the event is kept, and nobody waits for it.
        Ok(None) => return Reply::new(202, "kept: nothing waits for this job any more"),
        Err(error) => return not_stored(&error),
    };
    if Status::of(&first.kind) != Status::of(&outcome.kind) {
        keep_late(ports, &row, &outcome).await;
    }
    let delivered = deliver(ports, &row).await;
    match book.version(ports, &row.integration, &row.digest).await {
        Ok(integration) => leave_place(ports, &integration, &wait_id).await,
        Err(error) => tracing::warn!(wait = %wait_id, name = %error.name, "the wait's place was not given back"),
    }
    match delivered {
        Ok(()) => Reply::new(200, "stored and delivered"),
        Err(error) => {
            tracing::error!(wait = %wait_id, %error, "the outcome is stored and not delivered");
            Reply::new(503, "stored; please send again, so that it is delivered")
        }
    }
}

/// Reads the event as the version of the integration says with which its wait
/// started; as the deployed one says if no wait is known yet.
async fn read<P: Ports>(
    ports: &P,
    book: &Book,
    current: &Integration,
    callback: &Callback,
    delivery: &Delivery,
) -> Result<Event, Reply> {
    let unreadable = |error: EventError| {
        tracing::warn!(integration = %current.name, %error, "genuine delivery that cannot be read");
        Reply::new(400, error.to_string())
    };
    let event = read_event(current, callback, delivery).map_err(unreadable)?;
    let known = async {
        let Some(wait_id) = ports.rendezvous(&current.name, &event.job_id).await?.wait_id else {
            return Ok(None);
        };
        let Some(row) = ports.read(&wait_id).await?.filter(|row| row.digest != current.digest) else {
            return Ok(None);
        };
        book.version(ports, &current.name, &row.digest).await.map(Some)
    };
    let pinned = known.await.map_err(|error: StepError| not_stored(&error))?;
    match pinned.as_deref().and_then(|pinned| pinned.callback.as_ref().map(|callback| (pinned, callback))) {
        Some((pinned, callback)) => read_event(pinned, callback, delivery).map_err(unreadable),
        None => Ok(event),
    }
}

async fn secrets<P: Ports>(ports: &P, verify: &Verification) -> Result<Vec<SecretValue>, SecretError> {
    let Verification::StandardWebhooks { secrets } = verify;
    let mut values = Vec::with_capacity(secrets.len());
    for name in secrets {
        values.push(ports.secret(name).await?);
    }
    Ok(values)
}

fn not_stored(error: &dyn std::error::Error) -> Reply {
    tracing::error!(%error, "the event is not stored");
    Reply::new(503, "not stored; please send again")
}
