//! Was the job taken? The answer decides whether sending again is safe.

use super::check::error_text;
use crate::ErrorName;
use crate::answer::{Answer, TransportError};
use crate::integration::{Integration, scalar_text};
use crate::wait::JobId;

/// What the answer to a submit means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SubmitVerdict {
    /// The job was taken.
    Taken(JobId),
    /// The job was certainly not taken; the same request may be sent later.
    NotTaken(String),
    /// The job may have been taken.
    Unknown(String),
    /// The request was refused, or its answer is of no use; sending it again will not help.
    Refused(ErrorName, String),
}

/// Reads the answer to a submit.
#[must_use]
pub fn read(integration: &Integration, received: &Result<Answer, TransportError>) -> SubmitVerdict {
    let answer = match received {
        Ok(answer) => answer,
        Err(e @ TransportError::NotConnected) => return SubmitVerdict::NotTaken(e.to_string()),
        Err(e @ TransportError::Broken) => return SubmitVerdict::Unknown(e.to_string()),
        Err(e @ (TransportError::Refused | TransportError::Unsendable)) => {
            return SubmitVerdict::Refused(ErrorName::SubmitRefused, e.to_string());
        }
    };
    let status = answer.status;
    match status {
        200..=299 => job_id(integration, answer),
        // Too many requests: RFC 6585 section 4. A 503 only means that when it says when to
        // come back (RFC 9110 section 15.6.4); a proxy also sends it after it passed the request on.
        429 => SubmitVerdict::NotTaken(format!("HTTP {status}")),
        503 if answer.header("retry-after").is_some() => SubmitVerdict::NotTaken(format!("HTTP {status}")),
        // An earlier request with the same idempotency key is still being processed.
        409 | 425 if integration.submit.idempotency_header.is_some() => {
            SubmitVerdict::Unknown(format!("HTTP {status}"))
        }
        408 | 500..=599 => SubmitVerdict::Unknown(format!("HTTP {status}")),
        _ => SubmitVerdict::Refused(ErrorName::SubmitRefused, error_text(integration, answer)),
    }
}

fn job_id(integration: &Integration, answer: &Answer) -> SubmitVerdict {
    let bad = |what: String| SubmitVerdict::Refused(ErrorName::BadAnswer, what);
    let place = &integration.submit.job_id;
    let body = answer.json();
    let Some(value) = place.find_in(answer, body.as_ref().ok()) else {
        let why = body.err().map_or_else(|| "there is nothing".to_owned(), |e| e.to_string());
        return bad(format!("HTTP {} without a job id at {place}: {why}; check submit.job_id", answer.status));
    };
    let Some(text) = scalar_text(&value) else {
        return bad(format!("the job id at {place} is neither a text nor a number; check submit.job_id"));
    };
    JobId::parse(&text).map_or_else(|e| bad(format!("{place}: {e}")), SubmitVerdict::Taken)
}

#[cfg(test)]
#[path = "submit_tests.rs"]
mod tests;
