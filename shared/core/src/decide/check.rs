//! How is the job doing? Reads the answer to a status check.

use super::retry_after;
use crate::answer::{Answer, TransportError};
use crate::integration::{Integration, JobState, Locator, StatusLeg, scalar_text};
use crate::wait::OutcomeKind;
use crate::{ErrorName, Timestamp};
use serde_json::Value;
use std::time::Duration;

/// The most bytes of a result on its way, 160 KiB: it is text within the text
/// that a polling round returns, so each quote in it takes four bytes, and a
/// state of the workflow holds 256 KiB with everything else in it.
pub const MAX_TRAVELLING_BYTES: usize = 160 * 1024;

/// How often in a row a third party may refuse a look before the wait fails,
/// ten: a rotated token, a job that is not visible yet and a firewall's bad hour
/// pass, a wrong path does not. The delays between them grow as the schedule says.
pub const MAX_REFUSALS: u32 = 10;

/// The most characters of a third party's own error text that are passed on: a
/// sentence or two, not a page.
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
    /// The third party refuses to answer this request; [`MAX_REFUSALS`] in a row end the wait.
    Refused {
        /// What it said.
        reason: String,
        /// How long the third party asks to be left alone.
        retry_after: Option<Duration>,
    },
    /// The job has ended.
    Ended(OutcomeKind),
}

/// Reads the answer to a check.
#[must_use]
pub fn read(integration: &Integration, received: &Result<Answer, TransportError>, now: Timestamp) -> Verdict {
    let answer = match received {
        Ok(answer) => answer,
        Err(e @ (TransportError::NotConnected | TransportError::Broken)) => {
            return Verdict::AskAgain { reason: e.to_string(), retry_after: None };
        }
        Err(e @ (TransportError::Refused | TransportError::Unsendable)) => {
            return Verdict::Refused { reason: e.to_string(), retry_after: None };
        }
    };
    let retry_after = answer.header("retry-after").and_then(|h| retry_after::parse(h, now));
    let ask_again = |reason: String| Verdict::AskAgain { reason, retry_after };
    match answer.status {
        200..=299 => {}
        408 | 425 | 429 | 500..=599 => return ask_again(format!("HTTP {}", answer.status)),
        _ => return Verdict::Refused { reason: error_text(integration, answer), retry_after },
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
        output_key: "result.output",
    };
    match read_state(&integration.status, place, &body, header) {
        Reading::Pending => Verdict::Pending { retry_after },
        Reading::NoStatus => ask_again(format!("no status at {}", integration.status.value)),
        Reading::Ended(kind) => Verdict::Ended(kind),
    }
}

/// Where a document (an answer or an event) says what.
#[derive(Clone, Copy)]
pub(crate) struct Places<'a> {
    pub(crate) value: &'a Locator,
    pub(crate) error: Option<&'a Locator>,
    pub(crate) output: Option<&'a Locator>,
    /// The key of the file that says where the result stands, for error messages.
    pub(crate) output_key: &'static str,
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
            None => bounded(body.clone(), place.output_key),
            Some(at) => find(at).map_or_else(
                || {
                    let reason =
                        format!("status {value:?}, but there is no result at {at}; check {}", place.output_key);
                    OutcomeKind::failed(ErrorName::BadAnswer, &reason)
                },
                |output| bounded(output, place.output_key),
            ),
        }),
    }
}

fn bounded(output: Value, key: &str) -> OutcomeKind {
    let within_settled = Value::String(output.to_string()).to_string();
    let within_a_round = Value::String(within_settled).to_string().len();
    if within_a_round <= MAX_TRAVELLING_BYTES {
        return OutcomeKind::Succeeded { output };
    }
    let reason = format!(
        "the job succeeded, but its result takes {within_a_round} bytes on its way through the workflow, and at most {MAX_TRAVELLING_BYTES} fit; let {key} point to a smaller part"
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
