//! Exchanges with a third party, credentials included.

use crate::pace::note;
use crate::ports::{Ports, SecretError};
use crate::{Book, StepError};
use stepwait_core::ErrorName;
use stepwait_core::answer::{Answer, TransportError};
use stepwait_core::decide::check::{self, Verdict};
use stepwait_core::integration::Integration;
use stepwait_core::message::WaitRef;
use stepwait_core::request::{OutgoingRequest, cancel_request, status_request};
use stepwait_core::wait::JobId;

/// Adds the integration's credentials, sends the request, and tells the others
/// what the answer says of the third party.
pub(crate) async fn send<P: Ports>(
    ports: &P,
    integration: &Integration,
    mut request: OutgoingRequest,
) -> Result<Result<Answer, TransportError>, SecretError> {
    if let Some(auth) = &integration.auth {
        let value = ports.secret(auth.secret()).await?;
        request.headers.push(auth.header(&value));
    }
    let received = ports.send(request).await;
    if let (Some(auth), Ok(Answer { status: 401 | 403, .. })) = (&integration.auth, &received) {
        // It may have been rotated; the next request reads it anew.
        ports.forget_secret(auth.secret());
    }
    note(ports, integration, &received).await;
    Ok(received)
}

/// Looks at a job once.
pub(crate) async fn look<P: Ports>(
    ports: &P,
    book: &Book,
    integration: &Integration,
    wait: &WaitRef,
    job_id: &JobId,
) -> Result<Verdict, StepError> {
    let request = status_request(integration, book.base_url(integration), &wait.id, job_id.as_str())
        .map_err(|e| StepError::new(ErrorName::Defect, e.to_string()))?;
    let received = send(ports, integration, request).await?;
    Ok(check::read(integration, &received, ports.now()))
}

/// Calls a job off, if the third party can. Whether that works changes nothing
/// for the wait, which has its outcome already.
pub(crate) async fn call_off<P: Ports>(
    ports: &P,
    book: &Book,
    integration: &Integration,
    wait: &WaitRef,
    job_id: &JobId,
) {
    let request = match cancel_request(integration, book.base_url(integration), &wait.id, job_id.as_str()) {
        Ok(Some(request)) => request,
        Ok(None) => return,
        Err(error) => {
            tracing::warn!(wait = %wait.id, %error, "the job was not called off");
            return;
        }
    };
    match send(ports, integration, request).await {
        Ok(Ok(answer @ Answer { status: 200..=299, .. })) => {
            tracing::info!(wait = %wait.id, job = %job_id, status = answer.status, "the job was called off");
        }
        Ok(Ok(answer)) => {
            tracing::warn!(wait = %wait.id, job = %job_id, status = answer.status, "the job was not called off");
        }
        Ok(Err(error)) => tracing::warn!(wait = %wait.id, job = %job_id, %error, "the job was not called off"),
        Err(error) => tracing::warn!(wait = %wait.id, job = %job_id, %error, "the job was not called off"),
    }
}
