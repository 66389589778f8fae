//! Requests to a third party, made from its integration, ready to be sent by the edge.

use crate::integration::{Bindings, Integration, Jobs, LookUp, Method, MissingValue};
use crate::wait::{Kept, WaitId};
use crate::{SecretValue, Timestamp};
use serde_json::Value;
use std::fmt;
use url::Url;

/// One HTTP request. Its `Debug` shows no header value and no secret query
/// value, as one of them may be a credential.
#[derive(Clone, PartialEq, Eq)]
pub struct OutgoingRequest {
    /// The method.
    pub method: Method,
    /// The absolute URL, without its secret query values.
    pub url: String,
    /// Headers by name in lower case; values may be credentials.
    pub headers: Vec<(String, SecretValue)>,
    /// Query values that are credentials, to be appended when it is sent.
    pub secret_query: Vec<(String, SecretValue)>,
    /// The body.
    pub body: Option<String>,
    /// Whether the credentials may go to this host.
    pub credentials: bool,
    /// Whether redirects within the same host are followed.
    pub redirects: bool,
    /// The most bytes of the answer's body that are read, decoded.
    pub most_bytes: usize,
    /// When its sender has no more use for an answer: it is given up then, also
    /// where it may take longer otherwise.
    pub until: Option<Timestamp>,
}

impl OutgoingRequest {
    /// Sets a header, in place of one of that name.
    pub fn set_header(&mut self, name: &str, value: SecretValue) {
        self.headers.retain(|(known, _)| known != name);
        self.headers.push((name.to_owned(), value));
    }

    /// Sets a header unless there is one of that name.
    pub(crate) fn default_header(&mut self, name: &str, value: &str) {
        if !self.headers.iter().any(|(known, _)| known == name) {
            self.headers.push((name.to_owned(), SecretValue::new(value)));
        }
    }

    /// A header's value, by its name in lower case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&SecretValue> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value)
    }
}

impl fmt::Debug for OutgoingRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Only the host and the path: a signed URL out of an answer has its signature in the query.
        let url = self.url.split('?').next().unwrap_or_default();
        f.debug_struct("OutgoingRequest")
            .field("method", &self.method.as_str())
            .field("url", &url)
            .field("headers", &self.headers)
            .field("body_bytes", &self.body.as_ref().map(String::len))
            .finish_non_exhaustive()
    }
}

/// The request that starts the job; `None` where nothing is to be sent, as the
/// job exists already. Credentials are added by whoever sends it.
///
/// # Errors
/// [`MissingValue`] when a placeholder cannot be filled.
pub fn submit_request(
    integration: &Integration,
    base_url: &Url,
    bindings: &Bindings<'_>,
    idempotency_key: Option<&WaitId>,
) -> Result<Option<OutgoingRequest>, MissingValue> {
    let submit = &integration.submit;
    let Some(template) = &submit.request else {
        return Ok(None);
    };
    let mut request = template.render(integration, base_url, bindings)?;
    if let (Some(header), Some(key)) = (&submit.idempotency_header, idempotency_key) {
        request.set_header(header, SecretValue::new(key.as_str()));
    }
    Ok(Some(request))
}

/// The request that finds out whether a job was started for a wait.
///
/// # Errors
/// [`MissingValue`] when a placeholder cannot be filled.
pub fn look_up_request(
    integration: &Integration,
    look_up: &LookUp,
    base_url: &Url,
    bindings: &Bindings<'_>,
) -> Result<OutgoingRequest, MissingValue> {
    look_up.request.render(integration, base_url, bindings)
}

/// A job as requests about it name it.
#[derive(Clone, Copy, Debug)]
pub struct Job<'a> {
    /// The wait, if it is known.
    pub wait_id: Option<&'a WaitId>,
    /// The third party's id.
    pub job_id: &'a str,
    /// What the submit kept.
    pub kept: &'a Kept,
}

impl<'a> Job<'a> {
    /// What placeholders of later requests stand for.
    #[must_use]
    pub fn bindings(self) -> Bindings<'a> {
        Bindings {
            payload: &Value::Null,
            jobs: Jobs::One(self.job_id),
            wait_id: self.wait_id.map(WaitId::as_str),
            callback_url: None,
            kept: self.kept,
            answer: None,
            secrets: &[],
        }
    }
}

/// The request that looks at a job.
///
/// # Errors
/// [`MissingValue`] when a placeholder cannot be filled.
pub fn status_request(
    integration: &Integration,
    base_url: &Url,
    job: Job<'_>,
) -> Result<OutgoingRequest, MissingValue> {
    integration.status.request.render(integration, base_url, &job.bindings())
}

/// The request that looks at several jobs at once, of an integration whose file says how.
///
/// # Errors
/// [`MissingValue`] when a placeholder cannot be filled.
pub fn batch_request(
    integration: &Integration,
    base_url: &Url,
    job_ids: &[&str],
) -> Result<OutgoingRequest, MissingValue> {
    let of_none = Job { wait_id: None, job_id: "", kept: &Kept::default() };
    let bindings = Bindings { jobs: Jobs::Together(job_ids), ..of_none.bindings() };
    integration.status.request.render(integration, base_url, &bindings)
}

/// The request that calls a job off, if the third party can.
///
/// # Errors
/// [`MissingValue`] when a placeholder cannot be filled.
pub fn cancel_request(
    integration: &Integration,
    base_url: &Url,
    job: Job<'_>,
) -> Result<Option<OutgoingRequest>, MissingValue> {
    integration.cancel.as_ref().map(|c| c.request.render(integration, base_url, &job.bindings())).transpose()
}

#[cfg(test)]
#[path = "request_tests.rs"]
mod tests;
