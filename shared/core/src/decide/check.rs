//! How is the job doing? Reads the answer to a status check.

use super::retry_after;
use crate::answer::{Answer, TransportError};
use crate::integration::{Integration, JobState, Locator, StatusLeg, scalar_text};
use crate::wait::OutcomeKind;
use crate::{ErrorName, Timestamp};
use serde_json::Value;
use std::time::Duration;

/// The most bytes of a result, 128 KiB: it is stored in the wait's row (400 KiB
/// in DynamoDB) beside the rendezvous' copy, and passes through the workflow's
/// state (256 KiB).
pub const MAX_OUTPUT_BYTES: usize = 128 * 1024;

/// How long after the wait began a 404 may mean that the job is not visible
/// yet, 60 seconds: some third parties answer a submit before all their
/// replicas know the job.
pub const NOT_FOUND_GRACE: Duration = Duration::from_secs(60);

/// The most characters of a third party's own error text that are passed on.
const MAX_ERROR_CHARS: usize = 300;

/// What the answer to a check means.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    /// The job is under way.
    Pending {
        /// How long the third party asks to be left alone.
        retry_after: Option<Duration>,
    },
    /// No usable answer; the next look may get one.
    AskAgain {
        /// What was wrong.
        reason: String,
        /// How long the third party asks to be left alone.
        retry_after: Option<Duration>,
    },
    /// The job has ended.
    Ended(OutcomeKind),
}

/// Reads the answer to a check of a job whose wait began at `started_at`.
#[must_use]
pub fn read(
    integration: &Integration,
    received: &Result<Answer, TransportError>,
    started_at: Timestamp,
    now: Timestamp,
) -> Verdict {
    let answer = match received {
        Ok(answer) => answer,
        Err(e @ (TransportError::NotConnected | TransportError::Broken)) => {
            return Verdict::AskAgain { reason: e.to_string(), retry_after: None };
        }
        Err(e @ TransportError::Refused) => {
            return Verdict::Ended(OutcomeKind::failed(ErrorName::CheckRefused, &e.to_string()));
        }
    };
    let retry_after = answer.header("retry-after").and_then(|h| retry_after::parse(h, now));
    let ask_again = |reason: String| Verdict::AskAgain { reason, retry_after };
    match answer.status {
        200..=299 => {}
        408 | 429 | 500..=599 => return ask_again(format!("HTTP {}", answer.status)),
        404 if is_young(started_at, now) => return ask_again("HTTP 404, soon after the submit".to_owned()),
        _ => {
            return Verdict::Ended(OutcomeKind::failed(ErrorName::CheckRefused, &error_text(integration, answer)));
        }
    }
    let body = match answer.json() {
        Ok(body) => body,
        Err(e) => return ask_again(e.to_string()),
    };
    let header = |name: &str| answer.header(name).map(str::to_owned);
    let place = Places {
        value: &integration.status.value,
        error: integration.status.error.as_ref(),
        output: integration.result.output.as_ref(),
    };
    match read_state(&integration.status, place, &body, header) {
        Reading::Pending => Verdict::Pending { retry_after },
        Reading::NoStatus => ask_again(format!("no status at {}", integration.status.value)),
        Reading::Ended(kind) => Verdict::Ended(kind),
    }
}

fn is_young(started_at: Timestamp, now: Timestamp) -> bool {
    now.duration_since(started_at) < crate::plan::signed(NOT_FOUND_GRACE)
}

/// Where a document (an answer or an event) says what.
#[derive(Clone, Copy)]
pub(crate) struct Places<'a> {
    pub(crate) value: &'a Locator,
    pub(crate) error: Option<&'a Locator>,
    pub(crate) output: Option<&'a Locator>,
}

/// What a document says about a job.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Reading {
    Pending,
    NoStatus,
    Ended(OutcomeKind),
}

/// Reads a job's state from a document: the one rule for answers and webhooks.
pub(crate) fn read_state(
    status: &StatusLeg,
    place: Places<'_>,
    body: &Value,
    header: impl Fn(&str) -> Option<String>,
) -> Reading {
    let find = |locator: &Locator| locator.find(Some(body), &header);
    let Some(value) = find(place.value).as_ref().and_then(scalar_text) else {
        return Reading::NoStatus;
    };
    match status.state_of(&value) {
        JobState::Pending => Reading::Pending,
        JobState::Failed => {
            let said = place.error.and_then(find).as_ref().and_then(scalar_text);
            let reason = said.map_or_else(|| format!("status {value:?}"), |said| format!("status {value:?}: {said}"));
            Reading::Ended(OutcomeKind::failed(ErrorName::JobFailed, &reason))
        }
        JobState::Succeeded => Reading::Ended(match place.output {
            None => bounded(body.clone()),
            Some(at) => find(at).map_or_else(
                || {
                    let reason = format!("status {value:?}, but there is no result at {at}; check result.output");
                    OutcomeKind::failed(ErrorName::BadAnswer, &reason)
                },
                bounded,
            ),
        }),
    }
}

fn bounded(output: Value) -> OutcomeKind {
    let bytes = output.to_string().len();
    if bytes <= MAX_OUTPUT_BYTES {
        return OutcomeKind::Succeeded { output };
    }
    let reason = format!(
        "the job succeeded, but its result has {bytes} bytes and at most {MAX_OUTPUT_BYTES} fit into the workflow; let result.output point to a smaller part"
    );
    OutcomeKind::failed(ErrorName::ResultTooLarge, &reason)
}

/// "HTTP 422: …", with what the third party says where the integration knows where it says it.
pub(crate) fn error_text(integration: &Integration, answer: &Answer) -> String {
    let said = integration.status.error.as_ref().and_then(|at| at.find_in(answer, answer.json().ok().as_ref()));
    match said.as_ref().and_then(scalar_text) {
        Some(said) => {
            format!("HTTP {}: {}", answer.status, said.chars().take(MAX_ERROR_CHARS).collect::<String>())
        }
        None => format!("HTTP {}", answer.status),
    }
}

#[cfg(test)]
#[path = "check_tests.rs"]
mod tests;
