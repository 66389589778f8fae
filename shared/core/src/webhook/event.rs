//! What a genuine webhook says: which job, and whether it has ended.

use crate::ErrorName;
use crate::answer::Document;
use crate::decide::check::{output, said};
use crate::integration::{
    Callback, CallbackAddress, EventState, HandshakeReply, Integration, JobState, Locator, UnknownStatus,
    first_acceptor,
};
use crate::wait::{JobId, OutcomeKind};
use crate::webhook::Delivery;
use serde_json::Value;

/// What an event says.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// It is about something else, as the file's `only` or `accept` says.
    Other,
    /// It is about a job.
    OfJob {
        /// The job.
        job_id: JobId,
        /// What it says of it.
        news: News,
    },
    /// It came to a wait's own address, and is about that wait's job.
    OfWait {
        /// The job that it names, if it names one.
        named: Option<JobId>,
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
    Look {
        /// Whether the event says that the job has ended.
        has_ended: bool,
    },
}

/// Why an event cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EventError {
    /// The body is neither JSON nor a form.
    #[error("{0}")]
    NotJson(String),
    /// There is no job id where the integration says.
    #[error("the event has no job id at {0}; check callback.job_id")]
    NoJobId(String),
}

/// Reads a delivery that was verified before.
///
/// # Errors
/// [`EventError`] when the body cannot be read, or names no job where it must.
pub fn read(integration: &Integration, callback: &Callback, delivery: &Delivery) -> Result<Event, EventError> {
    let document = delivery.document(content(integration, callback, delivery)?);
    if is_of_other_topic(callback, &document) || callback.only.as_ref().is_some_and(|only| !only.holds(&document)) {
        return Ok(Event::Other);
    }
    let said = state(integration, callback, &document);
    if said == Said::Ignored {
        return Ok(Event::Other);
    }
    let found = callback.job_id.as_ref().and_then(|at| at.find(&document, &Value::Null));
    let job_id = found.and_then(|text| JobId::parse(&text).ok());
    let news = news(integration, callback, delivery, document, said);
    match (callback.address, job_id) {
        (CallbackAddress::Integration, Some(job_id)) => Ok(Event::OfJob { job_id, news }),
        (CallbackAddress::Integration, None) => {
            Err(EventError::NoJobId(callback.job_id.as_ref().map_or_else(String::new, ToString::to_string)))
        }
        (CallbackAddress::Wait, named) => Ok(Event::OfWait { named, news }),
    }
}

/// The body as locators see it. One that nothing is sought in may be anything,
/// and there is none in an event that says all in its query string.
fn content(integration: &Integration, callback: &Callback, delivery: &Delivery) -> Result<Value, EventError> {
    let is_bare = delivery.body.is_empty() && !delivery.query.is_empty();
    match delivery.content() {
        Ok(content) => Ok(content),
        Err(_) if is_bare || !looks_into_body(integration, callback) => Ok(Value::Null),
        Err(error) => Err(EventError::NotJson(error.to_string())),
    }
}

/// Whether anything that the file says of events stands in their bodies. Where
/// it does not say where the result stands, the whole event is.
fn looks_into_body(integration: &Integration, callback: &Callback) -> bool {
    let map = integration.status.map.as_ref();
    let value = callback.value.as_ref().or(map.map(|map| &map.value));
    let result = callback.output.as_ref().or(integration.result.output.as_ref());
    callback.job_id.as_ref().and_then(|at| at.place()).is_some_and(Locator::is_in_body)
        || callback.only.as_ref().is_some_and(|only| only.looks_into_body())
        || callback.accept.iter().any(|acceptor| acceptor.when.looks_into_body())
        || value.is_some_and(Locator::is_in_body)
        || (!callback.thin && result.is_none_or(Locator::is_in_body))
}

/// Whether SNS sent it for a topic of somebody else's: its signature says only that SNS did.
fn is_of_other_topic(callback: &Callback, document: &Document<'_>) -> bool {
    match callback.handshake.as_ref().map(|handshake| &handshake.reply) {
        Some(HandshakeReply::Sns { topic }) => {
            document.body().and_then(|body| body.get("TopicArn")).and_then(Value::as_str) != Some(topic)
        }
        Some(
            HandshakeReply::Echo { .. }
            | HandshakeReply::Header { .. }
            | HandshakeReply::Hmac { .. }
            | HandshakeReply::Constant { .. },
        )
        | None => false,
    }
}

/// What an event says of the job's state.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Said {
    /// Nothing: it has no status, and no acceptor applies.
    Nothing,
    /// That it is none of our business.
    Ignored,
    /// The job is under way.
    Pending,
    /// The job is taken to be under way, by a status that the file does not list.
    Unlisted(String),
    /// The job is done.
    Done,
    /// The job failed, in these words.
    Failed(String),
}

fn state(integration: &Integration, callback: &Callback, document: &Document<'_>) -> Said {
    if let Some((_, acceptor)) = first_acceptor(&callback.accept, document) {
        return match acceptor.state {
            EventState::Success => Said::Done,
            EventState::Failure => Said::Failed(acceptor.when.to_string()),
            EventState::Retry => Said::Pending,
            EventState::Ignore => Said::Ignored,
        };
    }
    let Some(map) = &integration.status.map else {
        return Said::Nothing;
    };
    let Some(value) = callback.value.as_ref().unwrap_or(&map.value).find_text(document) else {
        return Said::Nothing;
    };
    match map.state_of(&value) {
        JobState::Succeeded => Said::Done,
        JobState::Failed | JobState::Unknown(UnknownStatus::Failure) => Said::Failed(format!("status {value:?}")),
        JobState::Pending => Said::Pending,
        JobState::Unknown(UnknownStatus::Retry) => Said::Unlisted(value),
    }
}

fn news(
    integration: &Integration,
    callback: &Callback,
    delivery: &Delivery,
    document: Document<'_>,
    state: Said,
) -> News {
    match state {
        Said::Nothing if callback.thin => News::Look { has_ended: false },
        // An event without a status reports something else about the job.
        Said::Nothing | Said::Ignored | Said::Pending => News::Pending,
        Said::Unlisted(value) => News::Unlisted(said(&value)),
        Said::Done | Said::Failed(_) if callback.thin => News::Look { has_ended: true },
        Said::Failed(what) => News::Ended(failed(integration, callback, &document, &what)),
        Said::Done => match (&callback.output, &integration.result) {
            (Some(at), _) => News::Ended(output(&document, Some(at), "callback.output")),
            // The result is somewhere else, and only an answer says where.
            (None, result) if result.fetch.is_some() => News::Look { has_ended: true },
            (None, result) => {
                let at = result.output.as_ref();
                let whole = if at.is_none() && delivery.body.is_empty() {
                    delivery.document(delivery.query_object())
                } else {
                    document
                };
                News::Ended(output(&whole, at, "result.output"))
            }
        },
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
