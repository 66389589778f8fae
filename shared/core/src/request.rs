//! Requests to a third party, made from its integration, ready to be sent by the edge.

use crate::SecretValue;
use crate::answer::MAX_BODY_BYTES;
use crate::integration::{Bindings, Integration, JsonTemplate, Method, MissingValue, Template};
use crate::wait::WaitId;
use serde_json::Value;
use std::fmt;
use url::Url;

/// One HTTP request. Its `Debug` shows no header value, as one of them may be a credential.
#[derive(Clone, PartialEq, Eq)]
pub struct OutgoingRequest {
    /// The method.
    pub method: Method,
    /// The absolute URL.
    pub url: String,
    /// Headers; values may be credentials.
    pub headers: Vec<(String, SecretValue)>,
    /// The JSON body, if the method carries one.
    pub body: Option<String>,
    /// Whether redirects on the same host are followed (GET only).
    pub redirects: bool,
    /// The most decoded bytes of the answer's body that are read.
    pub most_bytes: usize,
}

impl fmt::Debug for OutgoingRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OutgoingRequest")
            .field("method", &self.method.as_str())
            .field("url", &self.url)
            .field("headers", &self.headers)
            .field("body_bytes", &self.body.as_ref().map(String::len))
            .finish()
    }
}

/// The request that starts the job. Credentials are added by whoever sends it.
///
/// # Errors
/// [`MissingValue`] when a placeholder cannot be filled.
pub fn submit_request(
    integration: &Integration,
    base_url: &Url,
    bindings: &Bindings<'_>,
    idempotency_key: Option<&WaitId>,
) -> Result<OutgoingRequest, MissingValue> {
    let submit = &integration.submit;
    let mut request = request(base_url, submit.method, &submit.path, submit.body.as_ref(), bindings)?;
    if let (Some(header), Some(key)) = (&submit.idempotency_header, idempotency_key) {
        request.headers.push((header.clone(), SecretValue::new(key.as_str())));
    }
    Ok(request)
}

/// The request that looks at a job.
///
/// # Errors
/// [`MissingValue`] when a placeholder cannot be filled.
pub fn status_request(
    integration: &Integration,
    base_url: &Url,
    wait_id: &WaitId,
    job_id: &str,
) -> Result<OutgoingRequest, MissingValue> {
    let bindings = job_bindings(wait_id, job_id);
    request(base_url, integration.status.method, &integration.status.path, None, &bindings)
}

/// The request that calls a job off, if the third party can.
///
/// # Errors
/// [`MissingValue`] when a placeholder cannot be filled.
pub fn cancel_request(
    integration: &Integration,
    base_url: &Url,
    wait_id: &WaitId,
    job_id: &str,
) -> Result<Option<OutgoingRequest>, MissingValue> {
    let Some(cancel) = &integration.cancel else {
        return Ok(None);
    };
    let bindings = job_bindings(wait_id, job_id);
    request(base_url, cancel.method, &cancel.path, cancel.body.as_ref(), &bindings).map(Some)
}

fn job_bindings<'a>(wait_id: &'a WaitId, job_id: &'a str) -> Bindings<'a> {
    Bindings { payload: &Value::Null, job_id: Some(job_id), wait_id: wait_id.as_str(), callback_url: None }
}

fn request(
    base_url: &Url,
    method: Method,
    path: &Template,
    body: Option<&JsonTemplate>,
    bindings: &Bindings<'_>,
) -> Result<OutgoingRequest, MissingValue> {
    let mut headers = vec![("accept".to_owned(), SecretValue::new("application/json"))];
    let body = body.map(|b| b.render(bindings)).transpose()?.map(|v| v.to_string());
    if body.is_some() {
        headers.push(("content-type".to_owned(), SecretValue::new("application/json")));
    }
    let url = format!("{}{}", base_url.as_str().trim_end_matches('/'), path.render_path(bindings)?);
    Ok(OutgoingRequest { method, url, headers, body, redirects: false, most_bytes: MAX_BODY_BYTES })
}

#[cfg(test)]
#[path = "request_tests.rs"]
mod tests;
