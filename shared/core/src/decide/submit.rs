//! Was the job taken? The answer decides whether sending again is safe.

use super::check::error_text;
use super::retry_after;
use crate::answer::{Answer, Document, TransportError};
use crate::integration::{AcceptorState, Extract, Integration, LookUp, first_acceptor};
use crate::wait::{JobId, Kept, MAX_KEPT_BYTES};
use crate::{ErrorName, Timestamp};
use serde_json::Value;
use std::time::Duration;

/// What the answer to a submit means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SubmitVerdict {
    /// The job was taken.
    Taken {
        /// The job, and what is kept of the answer.
        job: TakenJob,
        /// How long the third party asks to be left alone.
        retry_after: Option<Duration>,
    },
    /// The job was taken and is done; its result is to be read from this answer
    /// as from a status answer.
    Done(Option<TakenJob>),
    /// The job was certainly not taken; the same request may be sent later.
    NotTaken(String),
    /// The job may have been taken.
    Unknown(String),
    /// The request was refused, or its answer is of no use; sending it again will not help.
    Refused(ErrorName, String),
}

/// A job that the third party took.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TakenJob {
    /// Its id.
    pub id: JobId,
    /// What is kept for later requests.
    pub kept: Kept,
}

/// Reads the answer to a submit.
#[must_use]
pub fn read(
    integration: &Integration,
    received: &Result<Answer, TransportError>,
    payload: &Value,
    now: Timestamp,
) -> SubmitVerdict {
    let answer = match received {
        Ok(answer) => answer,
        Err(e @ TransportError::NotConnected) => return SubmitVerdict::NotTaken(e.to_string()),
        Err(e @ TransportError::Broken) => return SubmitVerdict::Unknown(e.to_string()),
        Err(e @ (TransportError::Refused | TransportError::Unsendable)) => {
            return SubmitVerdict::Refused(ErrorName::SubmitRefused, e.to_string());
        }
    };
    let document = Document::of_answer(answer);
    let status = answer.status;
    if let Some((_, acceptor)) = first_acceptor(&integration.submit.accept, &document) {
        return match acceptor.state {
            AcceptorState::Success => done(integration, &document, payload),
            AcceptorState::Retry => SubmitVerdict::NotTaken(error_text(integration, &document, status)),
            AcceptorState::Failure => {
                SubmitVerdict::Refused(ErrorName::SubmitRefused, error_text(integration, &document, status))
            }
        };
    }
    match status {
        200..=299 => match job(integration, &document, payload) {
            Ok(job) => {
                let retry_after = document.header("retry-after").and_then(|h| retry_after::parse(h, now));
                SubmitVerdict::Taken { job, retry_after }
            }
            Err(why) => SubmitVerdict::Refused(ErrorName::BadAnswer, format!("HTTP {status}: {why}")),
        },
        // Too many requests: RFC 6585 section 4. A 503 only means that when it says when to
        // come back (RFC 9110 section 15.6.4); a proxy also sends it after it passed the request on.
        429 => SubmitVerdict::NotTaken(format!("HTTP {status}")),
        503 if answer.header("retry-after").is_some() => SubmitVerdict::NotTaken(format!("HTTP {status}")),
        // An earlier request with the same idempotency key is still being processed.
        409 | 425 if integration.submit.may_resend() => SubmitVerdict::Unknown(format!("HTTP {status}")),
        408 | 500..=599 => SubmitVerdict::Unknown(format!("HTTP {status}")),
        _ => SubmitVerdict::Refused(ErrorName::SubmitRefused, error_text(integration, &document, status)),
    }
}

/// The job of a wait for which nothing is sent: the payload names it.
///
/// # Errors
/// What is missing in the payload.
pub fn without_request(integration: &Integration, payload: &Value) -> Result<TakenJob, String> {
    let nothing = Answer { status: 0, headers: Vec::new(), body: Vec::new(), truncated: false };
    job(integration, &Document::of_answer(&nothing), payload)
}

/// What a look-up found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// The job was taken.
    Job(TakenJob),
    /// There is no such job.
    Nothing,
    /// It is still not known.
    Unknown(String),
}

/// Reads the answer to a look-up. Only an answer that is a success and says
/// nothing where the job would stand means that there is none.
#[must_use]
pub fn read_look_up(
    integration: &Integration,
    look_up: &LookUp,
    received: &Result<Answer, TransportError>,
    payload: &Value,
) -> Found {
    let answer = match received {
        Ok(answer) if (200..=299).contains(&answer.status) => answer,
        Ok(answer) => return Found::Unknown(format!("the look-up answered HTTP {}", answer.status)),
        Err(error) => return Found::Unknown(format!("the look-up: {error}")),
    };
    let document = Document::of_answer(answer);
    if look_up.job_id.is_in_body()
        && let Some(error) = document.body_error()
    {
        return Found::Unknown(format!("the look-up: {error}"));
    }
    let Some(text) = look_up.job_id.find_text(&document) else {
        return Found::Nothing;
    };
    match JobId::parse(&text) {
        Ok(id) => Found::Job(TakenJob { id, kept: kept_of_payload(integration, payload) }),
        Err(error) => Found::Unknown(format!("the look-up: {}: {error}", look_up.job_id)),
    }
}

/// What is kept of the payload alone: the answer to the submit was never seen.
fn kept_of_payload(integration: &Integration, payload: &Value) -> Kept {
    let nothing = Answer { status: 0, headers: Vec::new(), body: Vec::new(), truncated: false };
    let document = Document::of_answer(&nothing);
    let keep = integration.submit.keep.iter();
    keep.filter_map(|(name, extract)| Some((name.clone(), extract.find(&document, payload)?))).collect()
}

/// A job that is done already may be one that never got an id.
fn done(integration: &Integration, document: &Document<'_>, payload: &Value) -> SubmitVerdict {
    SubmitVerdict::Done(job(integration, document, payload).ok())
}

fn job(integration: &Integration, document: &Document<'_>, payload: &Value) -> Result<TakenJob, String> {
    let submit = &integration.submit;
    let text = found(&submit.job_id, document, payload, "job_id")?;
    let id = JobId::parse(&text).map_err(|e| format!("{}: {e}", submit.job_id))?;
    let keep = submit.keep.iter().map(|(name, extract)| {
        let value = found(extract, document, payload, &format!("keep.{name}"))?;
        if value.len() > MAX_KEPT_BYTES {
            return Err(format!(
                "the value at {extract} has {} bytes, and at most {MAX_KEPT_BYTES} are kept; check submit.keep.{name}",
                value.len()
            ));
        }
        Ok((name.clone(), value))
    });
    Ok(TakenJob { id, kept: keep.collect::<Result<_, _>>()? })
}

fn found(extract: &Extract, document: &Document<'_>, payload: &Value, key: &str) -> Result<String, String> {
    if let Some(text) = extract.find(document, payload) {
        return Ok(text);
    }
    let why = match (extract.place(), document.body_error()) {
        (Some(place), Some(error)) if place.is_in_body() => error.to_string(),
        _ => "there is no text and no number".to_owned(),
    };
    Err(format!("no {key} at {extract}: {why}; check submit.{key}"))
}

#[cfg(test)]
#[path = "submit_tests.rs"]
mod tests;
