//! One exchange with a third party, credentials included.

use crate::ports::{Ports, SecretError};
use crate::{Book, StepError};
use stepwait_core::ErrorName;
use stepwait_core::answer::{Answer, TransportError};
use stepwait_core::decide::check::{self, Verdict};
use stepwait_core::integration::Integration;
use stepwait_core::message::WaitRef;
use stepwait_core::request::{OutgoingRequest, status_request};
use stepwait_core::wait::JobId;

/// Adds the integration's credentials and sends the request.
pub(crate) async fn send<P: Ports>(
    ports: &P,
    integration: &Integration,
    mut request: OutgoingRequest,
) -> Result<Result<Answer, TransportError>, SecretError> {
    if let Some(auth) = &integration.auth {
        let value = ports.secret(auth.secret()).await?;
        request.headers.push(auth.header(&value));
    }
    Ok(ports.send(request).await)
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
    Ok(check::read(integration, &received, wait.started_at, ports.now()))
}
