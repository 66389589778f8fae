//! Outcome first: store an outcome, then deliver the stored one. Webhook, poll,
//! submit and close all end a wait through here.

use crate::StepError;
use crate::metric::CONTRADICTION;
use crate::ports::{Clock, ResultStore, Resumed, Resumption, StoreError, TaskError, Tasks, WaitStore};
use stepwait_core::ErrorName;
use stepwait_core::integration::{Integration, IntegrationName};
use stepwait_core::message::Settled;
use stepwait_core::wait::transition::{Effect, Handover, Illegal, follow, handover};
use stepwait_core::wait::{Awaited, Change, Generation, JobId, Outcome, OutcomeKind, WaitId, WaitRow};

/// How often an outcome is sent again because the task got a new token
/// meanwhile; each round needs another retry of the task, which takes seconds.
const MAX_REDELIVERIES: u32 = 3;

/// Stores `outcome` unless the wait has one; returns the row with the outcome
/// that counts. `None` if there is no such wait of that integration.
///
/// # Errors
/// [`StoreError`], when it is not known whether the outcome is stored.
pub async fn claim<P: WaitStore + Clock>(
    ports: &P,
    id: &WaitId,
    integration: &IntegrationName,
    outcome: &Outcome,
    awaited: Awaited,
) -> Result<Option<WaitRow>, StoreError> {
    let change = Change::Claim {
        integration: integration.clone(),
        outcome: Box::new(outcome.clone()),
        operation: nonce(ports),
        awaited,
    };
    let answer = ports.update(id, &change, ports.now()).await?;
    Ok(match follow(&change, answer) {
        Ok(Effect::HandOver(row)) => {
            tracing::info!(wait = %id, status = row.status.as_str(), "outcome stored");
            Some(*row)
        }
        Err(Illegal::Ended { row, contradicts }) => {
            if contradicts {
                keep_late(ports, &row, outcome).await;
            }
            Some(*row)
        }
        Ok(_) | Err(_) => None,
    })
}

/// The event that a listener kept for the wait's job and died before it could end
/// the wait with it, if there is one.
///
/// # Errors
/// [`StoreError`], when it is not known.
pub(crate) async fn mailed<P: WaitStore>(
    ports: &P,
    id: &WaitId,
    integration: &IntegrationName,
    job_id: &JobId,
) -> Result<Option<Outcome>, StoreError> {
    let rendezvous = ports.rendezvous(integration, job_id).await?;
    Ok(rendezvous.event.filter(|_| rendezvous.wait_id.as_ref() == Some(id)))
}

/// Stores a result apart that is too large to travel, and puts its address in its place.
///
/// # Errors
/// [`StoreError`], when it could not be stored.
pub(crate) async fn keep_large<P: ResultStore>(
    ports: &P,
    integration: &Integration,
    wait: Option<&WaitId>,
    kind: OutcomeKind,
) -> Result<OutcomeKind, StoreError> {
    let Some(large) = kind.too_large(integration.result.format()) else {
        return Ok(kind);
    };
    // An event may come before its wait is known.
    let wait = wait.map_or("early", WaitId::as_str);
    let key = format!("{}/{wait}/{}", integration.name, large.name);
    let stored_at = ports.keep_result(&key, large.content_type, large.body.clone()).await?;
    tracing::info!(integration = %integration.name, wait, bytes = large.body.len(), "a large result is stored apart");
    Ok(large.pointer(&stored_at))
}

/// Keeps an outcome that contradicts the stored one, for people to look at.
/// Whether that works changes nothing for the wait.
pub(crate) async fn keep_late<P: WaitStore + Clock>(ports: &P, row: &WaitRow, late: &Outcome) {
    tracing::warn!(metric = CONTRADICTION, integration = %row.integration, wait = %row.id, stored = row.status.as_str(), from = ?late.source, "a later outcome contradicts the stored one");
    if let Err(error) = ports.update(&row.id, &Change::KeepLate(Box::new(late.clone())), ports.now()).await {
        tracing::warn!(wait = %row.id, %error, "the late outcome was not kept");
    }
}

/// Why an outcome is stored but not delivered.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DeliveryError {
    /// Step Functions did not take it.
    #[error(transparent)]
    Task(#[from] TaskError),
    /// The mark could not be written.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<DeliveryError> for StepError {
    fn from(error: DeliveryError) -> Self {
        match error {
            DeliveryError::Store(error) => error.into(),
            DeliveryError::Task(error) => Self::new(ErrorName::TaskUnavailable, error.to_string()),
        }
    }
}

/// Resumes the task with the row's stored outcome, if a task holds a token and
/// has not been resumed yet. A token that is gone counts as delivered: its task
/// went on without us, and asks the table itself.
///
/// # Errors
/// [`DeliveryError`], when the outcome is stored and the task may not have it.
pub async fn deliver<P: WaitStore + Tasks + Clock>(ports: &P, row: &WaitRow) -> Result<(), DeliveryError> {
    let mut row = row.clone();
    for _ in 0..=MAX_REDELIVERIES {
        let (token, generation, outcome) = match handover(&row) {
            Handover::NoToken | Handover::Done | Handover::NoOutcome => return Ok(()),
            Handover::Send { token, generation, outcome } => (token, generation, outcome),
        };
        let resumed = ports.resume(&token, &resumption(&row.integration, &outcome)).await?;
        tracing::info!(wait = %row.id, taken = resumed == Resumed::Taken, "outcome sent");
        match mark(ports, &row.id, generation).await? {
            None => return Ok(()),
            Some(moved) => row = moved,
        }
    }
    Err(TaskError("the task kept getting new tokens".to_owned()).into())
}

/// Marks the delivery; returns the row if a later attempt has a new token.
async fn mark<P: WaitStore + Clock>(ports: &P, id: &WaitId, to: Generation) -> Result<Option<WaitRow>, StoreError> {
    let change = Change::Delivered { to };
    let answer = ports.update(id, &change, ports.now()).await?;
    Ok(match follow(&change, answer) {
        Err(Illegal::Superseded(row)) => Some(*row),
        Ok(_) | Err(_) => None,
    })
}

/// A task is resumed with the stored outcome: its result, or an error that
/// names the integration, the job and the reason.
fn resumption(integration: &IntegrationName, outcome: &Outcome) -> Resumption {
    match outcome.kind.failure() {
        None => Resumption::Success(serde_json::to_value(Settled::of(outcome)).unwrap_or_default().to_string()),
        Some((error, reason)) => Resumption::Failure {
            error: error.to_string(),
            cause: match &outcome.job_id {
                Some(job_id) => format!("{integration} job {job_id}: {reason}"),
                None => format!("{integration}: {reason}"),
            },
        },
    }
}

/// A text by which an update is recognized as one's own: 64 bits of chance
/// within one wait, whose row sees a handful of updates.
pub(crate) fn nonce<P: Clock>(ports: &P) -> String {
    format!("{:016x}", ports.random())
}
