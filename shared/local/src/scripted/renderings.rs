//! The vendor that says little: a job is named by a signed URL alone, its state
//! half by the HTTP status, and its result comes in pages.

use bytes::Bytes;
use http::header::{HOST, HeaderName, RETRY_AFTER};
use http::{HeaderMap, HeaderValue, Response, StatusCode};
use http_body_util::Full;
use serde_json::{Value, json};

use super::ledger::{Job, JobState};

/// Where a submit's answer says how to look at the job.
const OPERATION_LOCATION: HeaderName = HeaderName::from_static("operation-location");

/// How long a submit asks to be left alone, 2 seconds: longer than the first
/// delay of the integration file, so that it shows who heeds it.
const PATIENCE_S: u16 = 2;

/// Frames on one page, as many as let a result of 100 KiB take some pages.
const PAGE_FRAMES: usize = 100;

/// The answer to a submit: no body, and the job only in a URL whose key nobody
/// else knows.
pub(super) fn accepted(job: &Job, headers: &HeaderMap) -> Response<Full<Bytes>> {
    let host = headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let url = format!("http://{host}/v1/operations/{}?key={}", job.id, job.key);
    let mut response = Response::new(Full::default());
    *response.status_mut() = StatusCode::ACCEPTED;
    response.headers_mut().insert(RETRY_AFTER, PATIENCE_S.into());
    // Made of a header's text and two names of our own, it always is one.
    if let Ok(url) = HeaderValue::from_str(&url) {
        response.headers_mut().insert(OPERATION_LOCATION, url);
    }
    response
}

/// Whether a request to look at the job, or to call it off, came by its URL.
pub(super) fn is_keyed(job: &Job, query: Option<&str>) -> bool {
    parameter(query, "key") == Some(&job.key)
}

/// 202 says that the job is under way.
pub(super) fn status(job: &Job) -> StatusCode {
    if job.state.is_final() { StatusCode::OK } else { StatusCode::ACCEPTED }
}

/// The job as an operation.
pub(super) fn show(job: &Job) -> Value {
    match &job.state {
        JobState::Queued | JobState::InProgress => json!({}),
        JobState::Succeeded(_) => {
            json!({"state": "rendered", "frames_url": format!("/v1/renderings/{}/frames", job.id)})
        }
        JobState::Failed(reason) => json!({"state": "broken", "error": reason}),
        JobState::Canceled => json!({"state": "called_off"}),
    }
}

/// One page of the frames, from the one that the cursor names; `None` while
/// there are no frames, or for a cursor that no page gave.
pub(super) fn page(job: &Job, query: Option<&str>) -> Option<Value> {
    let frames = match &job.state {
        JobState::Succeeded(Some(Value::Array(frames))) => frames.clone(),
        JobState::Succeeded(Some(frame)) => vec![frame.clone()],
        JobState::Succeeded(None) => vec![json!({"frame": 1, "film": job.subject})],
        JobState::Queued | JobState::InProgress | JobState::Failed(_) | JobState::Canceled => return None,
    };
    let from = match parameter(query, "cursor") {
        None => 0,
        Some(cursor) => cursor.strip_prefix("from-")?.parse().ok()?,
    };
    let rest = frames.get(from..)?;
    let next = (rest.len() > PAGE_FRAMES).then(|| format!("from-{}", from + PAGE_FRAMES));
    Some(json!({"frames": rest.get(..PAGE_FRAMES).unwrap_or(rest), "next": next}))
}

/// A parameter of the query; none here needs decoding.
fn parameter<'q>(query: Option<&'q str>, name: &str) -> Option<&'q str> {
    query?.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
}
