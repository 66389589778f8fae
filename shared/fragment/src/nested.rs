//! A short loop around rounds of the nested Express workflow. The first round
//! submits, so that a wait of one round enters two states.
//!
//! Between rounds, what the next one needs stands in the field `stepwait` of the
//! state's data, and the workflow's own data in `input`; neither is there before the
//! first round or after the last.

use crate::names::Names;
use crate::shipped::{self, FAILED_ROUNDS};
use crate::token::{close, expression};
use crate::{Options, token};
use serde_json::{Value, json};
use stepwait_core::integration::Integration;
use stepwait_core::plan::{PlanError, RETRIES_IN_LINE, rounds_of_fragment};

pub(crate) fn states(integration: &Integration, options: &Options) -> Result<Vec<(String, Value)>, PlanError> {
    let names = Names::of(integration, options);
    let rounds = rounds_of_fragment(integration, options.break_even)?;
    let after_close = names.on_failure().map(|_| names.finished());
    let mut states = vec![
        (names.wait(), round(&names)),
        (names.finished(), finished(&names, rounds)),
        (names.pause(), pause(&names)),
        (names.close(), close(&names, Some(after_close.as_ref().unwrap_or(&names.next())))),
    ];
    states.extend(names.end());
    Ok(states)
}

/// What the state's data holds of the wait, and what beside it.
fn begin(names: &Names<'_>) -> String {
    format!(
        "$waiting := $exists($states.input.stepwait) ? $states.input.stepwait : {{ 'direct': {}, 'rounds': 0, 'failed_rounds': 0, 'in_line': 0 }}; $input := $exists($states.input.stepwait) ? $states.input.input : $states.input",
        names.direct(Some(&names.payload()))
    )
}

fn round(names: &Names<'_>) -> Value {
    let begin = begin(names);
    let next_round = format!(
        "( {begin}; $string($exists($waiting.job_id) ? {{ 'action': 'check', 'seconds': 0, 'wait': $waiting.wait, 'job_id': $waiting.job_id, 'poll': $waiting.poll }} : {{ 'action': 'submit', 'direct': $waiting.direct, 'in_line': $waiting.in_line }}) )"
    );
    let name = format!(
        "$substring($states.context.Execution.Name, 0, 24) & '-{}-round-' & $string($exists($states.input.stepwait) ? $states.input.stepwait.rounds + 1 : 1)",
        names.integration.name
    );
    json!({
        "Comment": format!(
            "One round of the nested Express workflow: the first one sends the request to {}, and each looks at the job. A failed round answers with a status, not with an error, so the status is read first.",
            names.integration.name
        ),
        "Type": "Task",
        "QueryLanguage": "JSONata",
        "Resource": "arn:aws:states:::aws-sdk:sfn:startSyncExecution",
        "Arguments": {
            "StateMachineArn": "${PollStateMachineArn}",
            "Name": expression(&name),
            "Input": expression(&next_round),
        },
        "Output": expression(&after(names, &begin)),
        "TimeoutSeconds": shipped::timeout_of_round(),
        "Retry": shipped::retry_of_round(),
        "Catch": [{
            "ErrorEquals": ["States.ALL"],
            "Output": expression(&format!(
                "( {begin}; {{ 'input': $input, 'stepwait': $merge([$waiting, {{ 'error': $states.errorOutput }}]) }} )"
            )),
            "Next": names.close(),
        }],
        "Next": names.finished(),
    })
}

/// What is there after a round: how the wait ended, or what the next round needs.
fn after(names: &Names<'_>, begin: &str) -> String {
    let deadline = deadline(names, "$waiting");
    let failed = format!(
        "{{ 'action': 'failed', 'seconds': $max([1, $min([3600, 75 * $power(2, $waiting.failed_rounds), $ceil(({deadline} - $millis()) / 1000)])]) }}"
    );
    let error = "$failed ? { 'Error': 'RoundsFailed', 'Cause': $exists($states.result.Cause) ? $states.result.Cause : '' } : $exists($round.error) ? $round.error : { 'Error': $round.action = 'expired' ? 'DeadlinePassed' : 'RoundsExhausted', 'Cause': '' }";
    // Standing in line is counted by itself; once the job is there, its payload is not needed any more.
    let so_far = format!(
        "$merge([$waiting, {{ 'action': $round.action, 'seconds': $round.seconds, 'rounds': $waiting.rounds + ($exists($round.in_line) ? 0 : 1), 'failed_rounds': $failed ? $waiting.failed_rounds + 1 : 0, 'error': {error} }}, $exists($round.in_line) ? {{ 'in_line': $round.in_line }} : {{}}, $exists($round.job_id) ? {{ 'direct': $merge([$waiting.direct, {{ 'payload': {{}} }}]), 'wait': $round.wait, 'job_id': $round.job_id, 'poll': $round.poll }} : {{}}])"
    );
    format!(
        "( {begin}; $round := $states.result.Status = 'SUCCEEDED' ? $parse($states.result.Output) : {failed}; $failed := $round.action = 'failed'; $round.action = 'done' ? $merge([$input, {{ '{}': $round.settled }}]) : {{ 'input': $input, 'stepwait': {so_far} }} )",
        names.field()
    )
}

/// When the wait is given up, in milliseconds.
fn deadline(names: &Names<'_>, waiting: &str) -> String {
    format!("$toMillis({waiting}.direct.started_at) + {}000", names.deadline_seconds())
}

fn finished(names: &Names<'_>, rounds: u64) -> Value {
    const WAITING: &str = "$states.input.stepwait";
    let mut choices = Vec::new();
    let mut choice = |condition: String, next: &str| {
        choices.push(json!({ "Condition": token::expression(&condition), "Next": next }));
    };
    let over = format!("$not($exists({WAITING}))");
    if let Some(on_failure) = names.on_failure() {
        choice(format!("{over} and $states.input.{}.outcome != 'succeeded'", names.field()), on_failure);
    }
    choice(over, &names.next());
    choice(
        format!(
            "{WAITING}.action = 'leave' and {WAITING}.in_line <= {RETRIES_IN_LINE} and {WAITING}.rounds < {rounds}"
        ),
        &names.pause(),
    );
    choice(
        format!(
            "{WAITING}.action = 'failed' and {WAITING}.failed_rounds < {FAILED_ROUNDS} and {WAITING}.rounds < {rounds} and $millis() < {}",
            deadline(names, WAITING)
        ),
        &names.pause(),
    );
    json!({
        "Comment": format!(
            "Done, or another round: at most {rounds} of them, {RETRIES_IN_LINE} more that stand in line, and {FAILED_ROUNDS} in a row that fail."
        ),
        "Type": "Choice",
        "QueryLanguage": "JSONata",
        "Choices": choices,
        "Default": names.close(),
    })
}

fn pause(names: &Names<'_>) -> Value {
    json!({
        "Comment": "Costs nothing while it lasts; a nearer look is waited for inside the round.",
        "Type": "Wait",
        "QueryLanguage": "JSONata",
        "Seconds": "{% $states.input.stepwait.seconds %}",
        "Next": names.wait(),
    })
}
