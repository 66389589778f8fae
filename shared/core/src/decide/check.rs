//! How is the job doing? Reads the answer to a status check.
//!
//! The order is that of Smithy's waiters
//! (<https://smithy.io/2.0/additional-specs/waiters.html>): the file's acceptors
//! first, whatever the code; then what is no success is an error; then the map
//! of status values; and what nothing speaks of is asked about again.

use super::retry_after;
use crate::answer::{Answer, BodyError, Document, TransportError};
use crate::integration::{AcceptorState, Integration, JobState, Locator, UnknownStatus, first_acceptor};
use crate::wait::OutcomeKind;
use crate::{ErrorName, Timestamp};
use serde_json::Value;
use std::time::Duration;

/// The most characters of a third party's own text that are passed on: a
/// sentence or two, not a page.
const MAX_SAID_CHARS: usize = 300;

/// What the answer to a check means for the wait.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    /// The job is under way.
    Pending {
        /// How long the third party asks to be left alone.
        retry_after: Option<Duration>,
    },
    /// No usable answer, of a kind after which the file says to ask again.
    AskAgain {
        /// What was wrong.
        reason: String,
        /// How long the third party asks to be left alone.
        retry_after: Option<Duration>,
    },
    /// Any other error: some in a row end the wait.
    Refused {
        /// What it said.
        reason: String,
        /// How long the third party asks to be left alone.
        retry_after: Option<Duration>,
    },
    /// The job has ended.
    Ended(OutcomeKind),
}

impl Verdict {
    /// How long the third party asks to be left alone.
    #[must_use]
    pub const fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Pending { retry_after } | Self::AskAgain { retry_after, .. } | Self::Refused { retry_after, .. } => {
                *retry_after
            }
            Self::Ended(_) => None,
        }
    }
}

/// What one look found.
#[derive(Clone, Debug, PartialEq)]
pub struct Look {
    /// What it means.
    pub reading: Reading,
    /// What was seen, for people.
    pub seen: Seen,
}

/// What an answer means, before the result of a job that is done is collected.
#[derive(Clone, Debug, PartialEq)]
pub enum Reading {
    /// All that there is to say.
    Verdict(Verdict),
    /// The job is done; its result is still to be read.
    Done,
}

/// What was seen in an answer, and which rule of the file decided.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// The status value.
    pub value: Option<String>,
    /// How far the job is, where the file says where that stands.
    pub progress: Option<String>,
    /// Which rule decided.
    pub rule: Rule,
}

/// Which rule decided what an answer means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Rule {
    /// An acceptor, counted from 1.
    Acceptor(usize),
    /// The status value stands in one of the lists.
    Listed,
    /// The status value stands in none of the lists.
    Unlisted,
    /// A job that is missing so soon after its submit is not visible yet.
    MissingGrace,
    /// The error policy.
    Errors,
    /// Nothing in the file speaks of such an answer: ask again.
    #[default]
    Nothing,
}

/// Reads the answer to a check. `since_submit` is the time since the submit, where it is known.
#[must_use]
pub fn read(
    integration: &Integration,
    received: &Result<Answer, TransportError>,
    since_submit: Option<Duration>,
    now: Timestamp,
) -> Look {
    match received {
        Ok(answer) => {
            read_document(integration, &Document::of_answer(answer), answer.status, answer.truncated, since_submit, now)
        }
        Err(error) => {
            let again = integration.errors.asks_again_after_transport(*error);
            verdict(no_answer(again, error.to_string(), None), Seen { rule: Rule::Errors, ..Seen::default() })
        }
    }
}

/// Reads an answer about many jobs that says of this one nothing that could be read, and why.
#[must_use]
pub fn unreadable(integration: &Integration, answer: &Answer, why: String, now: Timestamp) -> Look {
    let retry_after = answer.header("retry-after").and_then(|h| retry_after::parse(h, now));
    let again = integration.errors.asks_again_after_bad_body();
    verdict(no_answer(again, why, retry_after), Seen { rule: Rule::Errors, ..Seen::default() })
}

fn read_document(
    integration: &Integration,
    document: &Document<'_>,
    code: u16,
    truncated: bool,
    since_submit: Option<Duration>,
    now: Timestamp,
) -> Look {
    let status = &integration.status;
    let errors = &integration.errors;
    let retry_after = document.header("retry-after").and_then(|h| retry_after::parse(h, now));
    let found = status.map.as_ref().and_then(|map| map.value.find_text(document));
    let progress = status.progress.as_ref().and_then(|place| place.find_text(document)).map(|text| said(&text));
    let seen = |rule| Seen { value: found.as_deref().map(said), progress: progress.clone(), rule };

    if let Some((n, acceptor)) = first_acceptor(&status.accept, document) {
        let value = found.as_deref().map_or_else(|| format!("{}", acceptor.when), |value| format!("status {value:?}"));
        return match acceptor.state {
            AcceptorState::Success => Look { reading: Reading::Done, seen: seen(Rule::Acceptor(n)) },
            AcceptorState::Retry => verdict(Verdict::Pending { retry_after }, seen(Rule::Acceptor(n))),
            AcceptorState::Failure => verdict(failed(integration, document, &value), seen(Rule::Acceptor(n))),
        };
    }
    if !(200..=299).contains(&code) {
        if code == 404 && since_submit.is_some_and(|since| since < errors.missing_grace) {
            return verdict(Verdict::Pending { retry_after }, seen(Rule::MissingGrace));
        }
        let reason = error_text(integration, document, code);
        return verdict(no_answer(errors.asks_again_after(code), reason, retry_after), seen(Rule::Errors));
    }
    let bad_body = document.body_error().filter(|error| truncated || is_needed(integration, error));
    if let Some(error) = bad_body {
        return verdict(
            no_answer(errors.asks_again_after_bad_body(), error.to_string(), retry_after),
            seen(Rule::Errors),
        );
    }
    let Some(map) = &status.map else {
        return verdict(Verdict::Pending { retry_after }, seen(Rule::Nothing));
    };
    let Some(value) = &found else {
        let reason = format!("no status at {}", map.value);
        return verdict(no_answer(errors.asks_again_after_bad_body(), reason, retry_after), seen(Rule::Errors));
    };
    match map.state_of(value) {
        JobState::Succeeded => Look { reading: Reading::Done, seen: seen(Rule::Listed) },
        JobState::Pending => verdict(Verdict::Pending { retry_after }, seen(Rule::Listed)),
        JobState::Unknown(UnknownStatus::Retry) => verdict(Verdict::Pending { retry_after }, seen(Rule::Unlisted)),
        state @ (JobState::Failed | JobState::Unknown(UnknownStatus::Failure)) => {
            let rule = if state == JobState::Failed { Rule::Listed } else { Rule::Unlisted };
            verdict(failed(integration, document, &format!("status {value:?}")), seen(rule))
        }
    }
}

fn verdict(verdict: Verdict, seen: Seen) -> Look {
    Look { reading: Reading::Verdict(verdict), seen }
}

/// An error, after which the file says to ask again, or not.
pub(super) const fn no_answer(again: bool, reason: String, retry_after: Option<Duration>) -> Verdict {
    if again { Verdict::AskAgain { reason, retry_after } } else { Verdict::Refused { reason, retry_after } }
}

/// Whether the body should have been JSON: the map's value stands in it, or an
/// acceptor looks into it and it is not empty. An empty one says nothing, and
/// where only acceptors speak of bodies, what says nothing is pending.
fn is_needed(integration: &Integration, error: &BodyError) -> bool {
    let status = &integration.status;
    status.map.as_ref().is_some_and(|map| map.value.is_in_body())
        || (!error.is_empty() && status.accept.iter().any(|acceptor| acceptor.when.looks_into_body()))
}

fn failed(integration: &Integration, document: &Document<'_>, what: &str) -> Verdict {
    let reason = match integration.status.error.find_text(document) {
        Some(text) => format!("{}: {text}", said(what)),
        None => said(what),
    };
    Verdict::Ended(OutcomeKind::failed(ErrorName::JobFailed, &reason))
}

/// The result within a document that says that the job is done, or the failure
/// that there is none where the file says.
#[must_use]
pub fn output(document: &Document<'_>, at: Option<&Locator>, key: &str) -> OutcomeKind {
    let found = match at {
        // Not every answer that says that a job is done has a body.
        None if document.body_error().is_none_or(BodyError::is_empty) => {
            Some(document.body().cloned().unwrap_or(Value::Null))
        }
        None => None,
        // A result of null is one.
        Some(Locator::Body(pointer)) => document.body().and_then(|body| pointer.find(body)).cloned(),
        Some(place @ (Locator::Code | Locator::Header(_) | Locator::Query(_))) => place.find(document),
    };
    if let Some(output) = found {
        return OutcomeKind::Succeeded { output };
    }
    let place = at.map_or_else(|| "body:".to_owned(), Locator::to_string);
    let error = document.body_error().filter(|_| at.is_none_or(Locator::is_in_body));
    let name = match error {
        Some(BodyError::TooLarge(_) | BodyError::TooManyValues(_)) => ErrorName::ResultTooLarge,
        Some(BodyError::NotJson(..)) | None => ErrorName::BadAnswer,
    };
    let why = error.map(|error| format!(": {error}")).unwrap_or_default();
    OutcomeKind::failed(name, &format!("the job is done, but there is no result at {place}{why}; check {key}"))
}

/// "HTTP 422: …", with what the third party says where the integration knows where it says it.
pub(crate) fn error_text(integration: &Integration, document: &Document<'_>, code: u16) -> String {
    match integration.status.error.find_text(document) {
        Some(text) => format!("HTTP {code}: {}", said(&text)),
        None => format!("HTTP {code}"),
    }
}

/// A third party's own text, cut to a sentence or two.
pub(crate) fn said(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(MAX_SAID_CHARS).collect()
}

#[cfg(test)]
#[path = "check_tests.rs"]
mod tests;
