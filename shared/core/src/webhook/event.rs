//! What a genuine webhook says: which job, and whether it has ended.

use crate::ErrorName;
use crate::answer::{Document, parse_json};
use crate::decide::check::{output, said};
use crate::integration::{AcceptorState, Callback, Integration, JobState, StatusMap, UnknownStatus, first_acceptor};
use crate::wait::{JobId, OutcomeKind};
use crate::webhook::Delivery;
use serde_json::Value;

/// What an event says.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// It is about something else, as the file's `only` says.
    Other,
    /// It is about a job.
    OfJob {
        /// The job.
        job_id: JobId,
        /// What it says of it.
        news: News,
    },
}

/// What an event says of its job.
#[derive(Clone, Debug, PartialEq)]
pub enum News {
    /// The job is under way.
    Pending,
    /// Its status is one that the file does not list, which it takes for under way.
    Unlisted(String),
    /// The job has ended so.
    Ended(OutcomeKind),
    /// Something happened: look at the job.
    Look,
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
    let document = Document::of_event(&delivery.headers, body);
    if callback.only.as_ref().is_some_and(|only| !only.holds(&document)) {
        return Ok(Event::Other);
    }
    let job_id = callback
        .job_id
        .find(&document, &Value::Null)
        .and_then(|text| JobId::parse(&text).ok())
        .ok_or_else(|| EventError::NoJobId(callback.job_id.to_string()))?;
    Ok(Event::OfJob { job_id, news: news(integration, callback, &document) })
}

fn news(integration: &Integration, callback: &Callback, document: &Document<'_>) -> News {
    let state = state(integration, callback, document);
    match state {
        // An event without a status reports something else about the job.
        None if !callback.thin => News::Pending,
        None => News::Look,
        Some((AcceptorState::Retry, _)) => match unlisted(integration, callback, document) {
            Some(value) => News::Unlisted(said(&value)),
            None => News::Pending,
        },
        Some((AcceptorState::Success | AcceptorState::Failure, _)) if callback.thin => News::Look,
        Some((AcceptorState::Failure, what)) => News::Ended(failed(integration, callback, document, &what)),
        Some((AcceptorState::Success, _)) => match (&callback.output, &integration.result) {
            (Some(at), _) => News::Ended(output(document, Some(at), "callback.output")),
            // The result is somewhere else, and only an answer says where.
            (None, result) if result.fetch.is_some() => News::Look,
            (None, result) => News::Ended(output(document, result.output.as_ref(), "result.output")),
        },
    }
}

/// What the event says of the job's state, and in which words.
fn state(integration: &Integration, callback: &Callback, document: &Document<'_>) -> Option<(AcceptorState, String)> {
    if let Some((_, acceptor)) = first_acceptor(&callback.accept, document) {
        return Some((acceptor.state, acceptor.when.to_string()));
    }
    let map = integration.status.map.as_ref()?;
    let value = callback.value.as_ref().unwrap_or(&map.value).find_text(document)?;
    Some((meaning(map, &value), format!("status {value:?}")))
}

/// The status value, if no acceptor and no list speaks of it.
fn unlisted(integration: &Integration, callback: &Callback, document: &Document<'_>) -> Option<String> {
    if first_acceptor(&callback.accept, document).is_some() {
        return None;
    }
    let map = integration.status.map.as_ref()?;
    let value = callback.value.as_ref().unwrap_or(&map.value).find_text(document)?;
    matches!(map.state_of(&value), JobState::Unknown(_)).then_some(value)
}

fn meaning(map: &StatusMap, value: &str) -> AcceptorState {
    match map.state_of(value) {
        JobState::Succeeded => AcceptorState::Success,
        JobState::Failed | JobState::Unknown(UnknownStatus::Failure) => AcceptorState::Failure,
        JobState::Pending | JobState::Unknown(UnknownStatus::Retry) => AcceptorState::Retry,
    }
}

fn failed(integration: &Integration, callback: &Callback, document: &Document<'_>, what: &str) -> OutcomeKind {
    let text = callback.error.find_text(document).or_else(|| integration.status.error.find_text(document));
    let reason = text.map_or_else(|| said(what), |text| format!("{}: {text}", said(what)));
    OutcomeKind::failed(ErrorName::JobFailed, &reason)
}

#[cfg(test)]
#[path = "event_tests.rs"]
mod tests;
