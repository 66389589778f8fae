//! Events as the engine writes them, and one definition that waits both ways.

use serde_json::{Value, json};

use super::super::{Kind, Step};

pub(super) const INVOKE: &str = "arn:aws:states:::lambda:invoke";
pub(super) const TOKEN: &str = "arn:aws:states:::lambda:invoke.waitForTaskToken";
pub(super) const POLL: &str = "arn:aws:states:::aws-sdk:sfn:startSyncExecution";

/// Prepares, then waits by token or in rounds; what fails is closed, and may
/// still turn out well.
pub(super) fn waits_both_ways() -> Value {
    let retry = json!([
        {"ErrorEquals": ["Stop"], "MaxAttempts": 0},
        {"ErrorEquals": ["Throttled"], "MaxAttempts": 1},
        {"ErrorEquals": ["States.TaskFailed"]},
    ]);
    let catch = json!([
        {"ErrorEquals": ["Refused"], "Next": "Failed"},
        {"ErrorEquals": ["States.ALL"], "Next": "Close"},
    ]);
    json!({"StartAt": "Prepare", "States": {
        "Prepare": {"Type": "Task", "Resource": INVOKE, "Next": "How to wait?", "Retry": retry},
        "How to wait?": {
            "Type": "Choice",
            "Choices": [
                {"Variable": "$.strategy", "StringEquals": "callback", "Next": "Await"},
                {"Condition": "{% $strategy = 'pooled' %}", "Next": "Await"},
            ],
            "Default": "Submit",
        },
        "Await": {"Type": "Task", "Resource": TOKEN, "Next": "Done", "Retry": retry, "Catch": catch},
        "Submit": {"Type": "Task", "Resource": INVOKE, "Next": "Poll", "Catch": catch},
        "Poll": {"Type": "Task", "Resource": POLL, "Next": "Finished?", "Catch": catch},
        "Finished?": {
            "Type": "Choice",
            "Choices": [{"Next": "Done"}, {"Next": "Failed"}],
            "Default": "Wait for next round",
        },
        "Wait for next round": {"Type": "Wait", "Seconds": 60, "Next": "Poll"},
        "Close": {"Type": "Task", "Resource": INVOKE, "Next": "Closed"},
        "Closed": {"Type": "Choice", "Choices": [{"Next": "Done"}], "Default": "Failed"},
        "Done": {"Type": "Pass", "End": true},
        "Failed": {"Type": "Pass", "End": true},
    }})
}

pub(super) fn scheduled(resource: &str) -> Value {
    json!({"type": "TaskScheduled", "taskScheduledEventDetails": {"resource": resource, "resourceType": "states"}})
}

pub(super) fn succeeded(resource: &str, output: &Value) -> Value {
    let details = json!({"resource": resource, "output": output.to_string()});
    json!({"type": "TaskSucceeded", "taskSucceededEventDetails": details})
}

pub(super) fn failed(resource: &str, error: &str) -> Value {
    json!({"type": "TaskFailed", "taskFailedEventDetails": {"resource": resource, "error": error, "cause": ""}})
}

pub(super) fn entered(kind: &str, name: &str) -> Value {
    json!({"type": format!("{kind}StateEntered"), "stateEnteredEventDetails": {"name": name, "input": "{}"}})
}

/// A task that succeeds at once.
pub(super) fn done(resource: &str) -> [Value; 2] {
    [scheduled(resource), succeeded(resource, &json!({}))]
}

/// A task that fails at once.
pub(super) fn fails(resource: &str, error: &str) -> [Value; 2] {
    [scheduled(resource), failed(resource, error)]
}

/// Events in order, numbered as a history numbers them.
pub(super) fn history(parts: &[&[Value]]) -> Vec<Value> {
    let mut events = parts.concat();
    for (index, event) in events.iter_mut().enumerate() {
        event["id"] = json!(index + 1);
    }
    events
}

pub(super) fn step(state: &str, kind: Kind) -> Step {
    Step::new(state, kind)
}

pub(super) fn task(state: &str, retries: u32) -> Step {
    Step { retries, ..Step::new(state, Kind::Task) }
}
