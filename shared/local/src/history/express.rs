//! How long the nested Express executions ran.

use std::time::Duration;

use serde_json::Value;

use super::DeriveError;
use super::attempt::{detail, kind, malformed};
use super::instant::instant_ms;

/// How every partition's resource for a nested synchronous execution ends.
const START_SYNC_EXECUTION: &str = "aws-sdk:sfn:startSyncExecution";

/// One Express execution that a Standard one has waited for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Round {
    /// Which one.
    pub execution_arn: String,
    /// From its start to its stop; waiting is billed.
    pub lasted: Duration,
}

/// The Express executions that were called in this history, in order.
///
/// # Errors
/// When the answer of one of these calls does not say when it ran.
pub fn express_rounds(events: &[Value]) -> Result<Vec<Round>, DeriveError> {
    let mut rounds = Vec::new();
    for event in events {
        if kind(event)? != "TaskSucceeded" {
            continue;
        }
        if detail(event, "taskSucceededEventDetails", "resource")?.ends_with(START_SYNC_EXECUTION) {
            rounds.push(round(event)?);
        }
    }
    Ok(rounds)
}

fn round(event: &Value) -> Result<Round, DeriveError> {
    let output = detail(event, "taskSucceededEventDetails", "output")?;
    let output: Value = serde_json::from_str(&output).map_err(|_| malformed(event, "the task's output is not JSON"))?;
    let arn = output.get("ExecutionArn").and_then(Value::as_str);
    let started_ms = output.get("StartDate").and_then(instant_ms);
    let stopped_ms = output.get("StopDate").and_then(instant_ms);
    match (arn, started_ms, stopped_ms) {
        (Some(arn), Some(started_ms), Some(stopped_ms)) => {
            let lasted_ms = u64::try_from(stopped_ms.saturating_sub(started_ms))
                .map_err(|_| malformed(event, "the nested execution stopped before it started"))?;
            Ok(Round { execution_arn: arn.to_owned(), lasted: Duration::from_millis(lasted_ms) })
        }
        (None, _, _) | (_, None, _) | (_, _, None) => {
            Err(malformed(event, "the task's output lacks `ExecutionArn`, `StartDate` or `StopDate`"))
        }
    }
}
