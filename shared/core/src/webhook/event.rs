//! What a genuine webhook says: which job, and whether it has ended.

use crate::answer::parse_json;
use crate::decide::check::{Places, Reading, read_state};
use crate::integration::{Callback, Integration, scalar_text};
use crate::wait::{JobId, OutcomeKind};
use crate::webhook::Delivery;

/// An event about a job.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// The job.
    pub job_id: JobId,
    /// Its end; absent when the event only reports progress.
    pub ended: Option<OutcomeKind>,
}

/// Why an event cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EventError {
    /// The body is not JSON.
    #[error("{0}")]
    NotJson(String),
    /// There is no job id where the integration says.
    #[error("the event has no job id at {0}; check callback.job_id")]
    NoJobId(String),
}

/// Reads a delivery that was verified before.
///
/// # Errors
/// [`EventError`] when the body is not JSON or names no job.
pub fn read(integration: &Integration, callback: &Callback, delivery: &Delivery) -> Result<Event, EventError> {
    let body = parse_json(&delivery.body).map_err(|e| EventError::NotJson(e.to_string()))?;
    let header = |name: &str| delivery.header(name).map(str::to_owned);
    let job_id = callback
        .job_id
        .find(Some(&body), header)
        .as_ref()
        .and_then(scalar_text)
        .and_then(|text| JobId::parse(&text).ok())
        .ok_or_else(|| EventError::NoJobId(callback.job_id.to_string()))?;
    let places = Places {
        value: callback.value.as_ref().unwrap_or(&integration.status.value),
        error: callback.error.as_ref().or(integration.status.error.as_ref()),
        output: callback.output.as_ref().or(integration.result.output.as_ref()),
        output_key: if callback.output.is_some() { "callback.output" } else { "result.output" },
    };
    let ended = match read_state(&integration.status, places, &body, header) {
        Reading::Ended(kind) => Some(kind),
        // An event without a status reports something else about the job.
        Reading::Pending | Reading::NoStatus => None,
    };
    Ok(Event { job_id, ended })
}

#[cfg(test)]
#[path = "event_tests.rs"]
mod tests;
