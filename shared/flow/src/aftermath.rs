//! What is left to do of a wait that has its outcome: its task is resumed, a job
//! that nobody waits for any more is called off, its place is given back, and the
//! reconciler's index is rid of it. All of it can be repeated.

use crate::Book;
use crate::pace::leave_place;
use crate::ports::{Clock, Ports, StoreError, Tasks, WaitStore};
use crate::settle::{DeliveryError, deliver};
use crate::third_party::call_off;
use stepwait_core::wait::transition::{Handover, handover};
use stepwait_core::wait::{Change, WaitRow};

/// Calls the wait's job off, if nobody waits for it any more, and gives its place back.
/// Whether either works changes nothing for the wait.
pub(crate) async fn clear_up<P: Ports>(ports: &P, book: &Book, row: &WaitRow, call_job_off: bool) {
    match book.version(ports, &row.integration, &row.digest).await {
        Ok(integration) => {
            if let Some(job_id) = row.job_id.as_ref().filter(|_| call_job_off) {
                call_off(ports, book, &integration, &row.id, job_id, &row.kept).await;
            }
            leave_place(ports, &integration, &row.id).await;
        }
        Err(error) => {
            tracing::warn!(wait = %row.id, name = %error.name, "no job was called off, and no place given back");
        }
    }
}

/// Hands the row's outcome over to a task that waits for it, and takes the wait
/// out of the index; returns whether a task was still without it.
///
/// # Errors
/// [`DeliveryError`], when it is to be tried again.
pub(crate) async fn hand_over<P: WaitStore + Tasks + Clock>(ports: &P, row: &WaitRow) -> Result<bool, DeliveryError> {
    match handover(row) {
        Handover::Send { .. } => {
            deliver(ports, row).await?;
            Ok(true)
        }
        Handover::NoToken | Handover::Done => {
            take_out(ports, row).await?;
            Ok(false)
        }
        Handover::NoOutcome => Ok(false),
    }
}

/// Takes a wait that has ended out of the reconciler's index. Refused, a later
/// attempt of its task has taken over, and gets the outcome itself.
///
/// # Errors
/// [`StoreError`], when it may be there still.
pub(crate) async fn take_out<P: WaitStore + Clock>(ports: &P, row: &WaitRow) -> Result<(), StoreError> {
    ports.update(&row.id, &Change::Delivered { to: row.generation }, ports.now()).await.map(|_| ())
}
