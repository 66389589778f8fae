//! What the history of an execution tells about its wait.

use std::fmt;

use serde::Serialize;
use serde_json::Value;
use stepwait_local::history::event_time_ms;

/// How an execution waits, as its history shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Strategy {
    /// Rounds of the Express workflow.
    Poll,
    /// A task token.
    Callback,
}

impl Strategy {
    /// Tells a waiting Task by the integration it calls.
    fn of_resource(resource: &str) -> Option<Self> {
        if resource.ends_with(".waitForTaskToken") {
            Some(Self::Callback)
        } else if resource.ends_with(":startSyncExecution") {
            Some(Self::Poll)
        } else {
            None
        }
    }
}

impl fmt::Display for Strategy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Poll => "poll",
            Self::Callback => "callback",
        })
    }
}

/// How it waits; `None` as long as it has not begun to.
pub(super) fn strategy(events: &[Value]) -> Option<Strategy> {
    events
        .iter()
        .rev()
        .find_map(|event| Strategy::of_resource(event["taskScheduledEventDetails"]["resource"].as_str()?))
}

/// When the last waiting Task ended, in milliseconds since 1970: from then on
/// the workflow knows.
pub(super) fn known_at_ms(events: &[Value]) -> Option<i64> {
    let last = events.iter().rev().find(|event| {
        ["taskSucceededEventDetails", "taskFailedEventDetails"]
            .into_iter()
            .filter_map(|details| event[details]["resource"].as_str())
            .any(|resource| Strategy::of_resource(resource).is_some())
    })?;
    event_time_ms(last).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const INVOKE: &str = "arn:aws:states:::lambda:invoke";
    const AWAIT: &str = "arn:aws:states:::lambda:invoke.waitForTaskToken";
    const ROUND: &str = "arn:aws:states:::aws-sdk:sfn:startSyncExecution";

    fn scheduled(resource: &str) -> Value {
        json!({ "type": "TaskScheduled", "taskScheduledEventDetails": { "resource": resource } })
    }

    fn succeeded(resource: &str, timestamp: f64) -> Value {
        json!({
            "type": "TaskSucceeded",
            "timestamp": timestamp,
            "taskSucceededEventDetails": { "resource": resource },
        })
    }

    #[test]
    fn an_execution_that_only_prepares_does_not_wait_yet() {
        assert_eq!(strategy(&[scheduled(INVOKE)]), None);
        assert_eq!(known_at_ms(&[succeeded(INVOKE, 1.0)]), None);
    }

    #[test]
    fn the_last_waiting_task_tells_how_and_until_when() {
        let events = [
            scheduled(ROUND),
            succeeded(ROUND, 1_795_466_140.806),
            scheduled(ROUND),
            succeeded(ROUND, 1_795_466_150.001),
            scheduled(INVOKE),
            succeeded(INVOKE, 1_795_466_151.0),
        ];
        assert_eq!(strategy(&events), Some(Strategy::Poll));
        assert_eq!(known_at_ms(&events), Some(1_795_466_150_001));
        assert_eq!(known_at_ms(&events[..2]), Some(1_795_466_140_806));
    }

    #[test]
    fn a_token_that_failed_is_known_too() {
        let failed = json!({
            "type": "TaskFailed",
            "timestamp": 2.5,
            "taskFailedEventDetails": { "resource": AWAIT, "error": "JobFailed" },
        });
        assert_eq!(known_at_ms(&[scheduled(AWAIT), failed]), Some(2_500));
    }
}
