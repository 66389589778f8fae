//! Task events, put together to attempts.

use serde_json::Value;

use super::DeriveError;

/// One call of one task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Attempt {
    /// The event it begins with.
    pub(super) id: u64,
    pub(super) resource: String,
    pub(super) outcome: Outcome,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// The list ends before the task did.
    Open,
    Succeeded,
    Failed {
        error: String,
    },
}

/// Groups the task events in a list; other events are passed over.
pub(super) fn attempts(events: &[Value]) -> Result<Vec<Attempt>, DeriveError> {
    let mut attempts: Vec<Attempt> = Vec::new();
    for event in events {
        match kind(event)? {
            "TaskScheduled" => {
                let resource = detail(event, "taskScheduledEventDetails", "resource")?;
                attempts.push(Attempt { id: id(event), resource, outcome: Outcome::Open });
            }
            "TaskSucceeded" => match attempts.last_mut() {
                Some(attempt) if attempt.outcome == Outcome::Open => attempt.outcome = Outcome::Succeeded,
                Some(_) | None => return Err(malformed(event, "a task succeeds that was not scheduled")),
            },
            "TaskFailed" => {
                let error = detail(event, "taskFailedEventDetails", "error")?;
                let resource = detail(event, "taskFailedEventDetails", "resource")?;
                fail(&mut attempts, id(event), resource, error);
            }
            "TaskTimedOut" => {
                let resource = detail(event, "taskTimedOutEventDetails", "resource")?;
                fail(&mut attempts, id(event), resource, "States.Timeout".to_owned());
            }
            _ => {}
        }
    }
    Ok(attempts)
}

/// A failure ends the attempt under way, or spoils one whose output could not be
/// evaluated. A failure that follows a failure is an attempt that never was
/// scheduled, because its arguments could not be evaluated.
fn fail(attempts: &mut Vec<Attempt>, id: u64, resource: String, error: String) {
    let outcome = Outcome::Failed { error };
    match attempts.last_mut() {
        Some(attempt) if attempt.resource == resource && !matches!(attempt.outcome, Outcome::Failed { .. }) => {
            attempt.outcome = outcome;
        }
        Some(_) | None => attempts.push(Attempt { id, resource, outcome }),
    }
}

pub(super) fn kind(event: &Value) -> Result<&str, DeriveError> {
    event.get("type").and_then(Value::as_str).ok_or_else(|| malformed(event, "it has no `type`"))
}

pub(super) fn id(event: &Value) -> u64 {
    event.get("id").and_then(Value::as_u64).unwrap_or(0)
}

pub(super) fn detail(event: &Value, details: &str, field: &str) -> Result<String, DeriveError> {
    event
        .get(details)
        .and_then(|details| details.get(field))
        .and_then(Value::as_str)
        .map(str::to_owned)
        .ok_or_else(|| malformed(event, &format!("`{details}.{field}` is missing or no text")))
}

pub(super) fn malformed(event: &Value, reason: &str) -> DeriveError {
    DeriveError::Event { id: id(event), reason: reason.to_owned() }
}
