//! One state that submits, holds a token, and is resumed by a webhook or by the
//! reconciler; and what closes the wait if it is not.

use crate::names::Names;
use crate::{Options, shipped};
use serde_json::{Value, json};
use stepwait_core::integration::{Integration, Strategy};
use stepwait_core::plan::TokenBounds;

pub(crate) fn states(integration: &Integration, options: &Options) -> Vec<(String, Value)> {
    let names = Names::of(integration, options);
    let mut states = vec![(names.wait(), wait(&names))];
    states.extend(closing(&names));
    // Named only where a choice leads to it.
    states.extend(names.end().filter(|_| names.on_failure().is_some()));
    states
}

fn wait(names: &Names<'_>) -> Value {
    let bounds = TokenBounds::of(names.integration);
    let who = match names.integration.strategy {
        Strategy::Pooled => "the reconciler, which looks at the job,",
        Strategy::Callback | Strategy::Poll => "its webhook, or the reconciler that looks in its place,",
    };
    let direct = |payload: Option<&str>| {
        let mut direct = json!({
            "integration": names.integration.name.as_str(),
            "key": expression(&names.key()),
            "execution_arn": "{% $states.context.Execution.Id %}",
            "started_at": "{% $states.context.State.EnteredTime %}",
            "deadline_seconds": names.deadline_seconds(),
        });
        if let Some(payload) = payload {
            direct["payload"] = json!(expression(payload));
        }
        direct
    };
    let mut state = json!({
        "Comment": format!(
            "Stores this task's token, sends the request to {} once, and stays lit until {who} resumes it: one transition, however long it takes.",
            names.integration.name
        ),
        "Type": "Task",
        "QueryLanguage": "JSONata",
        "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken",
        "Arguments": {
            "FunctionName": "${SubmitFunctionArn}",
            "Payload": {
                "direct": direct(Some(&names.payload())),
                "attempt": {
                    "entered_at": "{% $states.context.State.EnteredTime %}",
                    "retry_count": "{% $states.context.State.RetryCount %}",
                },
                "token": "{% $states.context.Task.Token %}",
            },
        },
        "Output": expression(&format!("$merge([$states.input, {{ '{}': $states.result }}])", names.field())),
        "TimeoutSeconds": bounds.timeout_seconds,
        "Retry": shipped::retry_of_token_state(),
        "Catch": [{
            "ErrorEquals": ["States.ALL"],
            "Output": {
                "input": "{% $states.input %}",
                "stepwait": { "direct": direct(None), "error": "{% $states.errorOutput %}" },
            },
            "Next": names.close(),
        }],
    });
    if let Some(silence) = bounds.heartbeat_seconds {
        state["HeartbeatSeconds"] = json!(silence);
    }
    names.go_on(&mut state);
    state
}

/// The state that closes the wait, and what comes of that.
fn closing(names: &Names<'_>) -> Vec<(String, Value)> {
    let Some(on_failure) = names.on_failure() else {
        return vec![(names.close(), close(names, None))];
    };
    let choice = json!({
        "Comment": "Also a wait that had to be closed may have succeeded: a stored outcome wins.",
        "Type": "Choice",
        "QueryLanguage": "JSONata",
        "Choices": [{
            "Condition": expression(&format!("$states.input.{}.outcome = 'succeeded'", names.field())),
            "Next": names.next(),
        }],
        "Default": on_failure,
    });
    vec![(names.close(), close(names, Some(&names.succeeded()))), (names.succeeded(), choice)]
}

/// The state that closes a wait, on both ways to wait; it goes on to that state, if it must.
pub(crate) fn close(names: &Names<'_>, next: Option<&str>) -> Value {
    let mut state = json!({
        "Comment": "Time is up, the job failed, or something broke. A stored outcome wins; else the third party is looked at once more, the wait is marked so that nothing can resume it any more, and the job is called off.",
        "Type": "Task",
        "QueryLanguage": "JSONata",
        "Resource": "arn:aws:states:::lambda:invoke",
        "Arguments": {
            "FunctionName": "${CloseFunctionArn}",
            "Payload": "{% $merge([{ 'direct': $states.input.stepwait.direct, 'error': $states.input.stepwait.error, 'retry_count': $states.context.State.RetryCount }, $exists($states.input.stepwait.job_id) ? { 'job_id': $states.input.stepwait.job_id } : {}]) %}",
        },
        "Output": expression(&format!(
            "$merge([$states.input.input, {{ '{}': $states.result.Payload }}])",
            names.field()
        )),
        "TimeoutSeconds": shipped::timeout_of_close(),
        "Retry": shipped::retry_of_close(),
    });
    match next {
        Some(next) => state["Next"] = json!(next),
        None => names.go_on(&mut state),
    }
    state
}

pub(crate) fn expression(inside: &str) -> String {
    format!("{{% {inside} %}}")
}
