//! What must be true of what is said about any answer, event or row.

use serde::de::DeserializeOwned;
use std::fmt::Debug;
use std::time::Duration;
use stepwait_core::wait::{JobId, Outcome, OutcomeKind, Source};

/// The most characters that are said of what went wrong, as `wait/outcome.rs` has it.
const MAX_REASON_CHARS: usize = 1_000;

/// The most bytes of a job's id, as `wait/id.rs` has it.
const MAX_JOB_ID_BYTES: usize = 1_024;

/// The longest that any third party is left alone because it asked for it.
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// A text for people is short and cannot steer their terminal.
///
/// # Panics
/// If it is not so.
pub fn readable(text: &str) {
    assert!(!text.is_empty(), "nothing is said");
    assert!(text.chars().count() <= MAX_REASON_CHARS, "{} characters are said", text.chars().count());
    assert!(!text.chars().any(|c| c.is_control() && c != '\n'), "{text:?} holds a control character");
}

/// A job's id can be stored and written into a request.
///
/// # Panics
/// If it is not so.
pub fn job_id(id: &JobId) {
    assert!((1..=MAX_JOB_ID_BYTES).contains(&id.as_str().len()), "an id of {} bytes", id.as_str().len());
    assert!(!id.as_str().chars().any(char::is_control), "{id:?} holds a control character");
}

/// What a third party asks for stays within a day.
///
/// # Panics
/// If it does not.
pub fn pause(pause: Option<Duration>) {
    assert!(pause.is_none_or(|pause| pause <= DAY), "{pause:?} is longer than a day");
}

/// An end of a wait says something readable, and is read back from the table as
/// it was written: whoever finds another outcome there takes it for somebody else's.
///
/// # Panics
/// If it is not so.
pub fn outcome(kind: &OutcomeKind) {
    if let Some((_, reason)) = kind.failure() {
        readable(reason);
    }
    let outcome = Outcome {
        kind: kind.clone(),
        source: Source::Poll,
        at: crate::now(),
        pending_at: None,
        job_id: None,
        event_id: None,
    };
    same_again(&outcome);
}

/// A value is the same after it was written as JSON and read.
///
/// # Panics
/// If it is not.
pub fn same_again<T: serde::Serialize + DeserializeOwned + PartialEq + Debug>(value: &T) {
    let text = serde_json::to_string(value).expect("it is written");
    let read = serde_json::from_str(&text);
    assert_eq!(read.as_ref().ok(), Some(value), "written as {text}, read as {read:?}");
}
