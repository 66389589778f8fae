//! The exact JSON that state machines read and write.

use super::{
    Action, Attempt, CaughtError, CheckInput, Checked, CloseEvent, CloseInput, Plan, PollState, PrepareInput, Settled,
    SubmitAnswer, SubmitEvent, SubmitInput, Submitted,
};
use crate::ErrorName;
use crate::integration::Strategy;
use crate::test_support::{at, job, outcome, wait_ref};
use crate::wait::{Generation, OutcomeKind};
use serde::de::DeserializeOwned;
use serde_json::{Value, from_value, json, to_value};

/// The wait as it travels through the workflow.
fn wait_json() -> Value {
    json!({
        "id": "w-967e048fc2a7b3e9e037f1444bf6f1e7",
        "integration": "render",
        "digest": "d1",
        "key": "film-1",
        "execution_arn": "arn:execution",
        "started_at": "2026-11-23T12:00:00Z",
        "deadline": "2026-11-23T13:00:00Z",
    })
}

/// Why a message of this shape is refused.
fn refusal<T: DeserializeOwned>(message: Value) -> String {
    from_value::<T>(message).map(|_| ()).unwrap_err().to_string()
}

#[test]
fn prepare_takes_a_request_and_its_place_in_the_execution() {
    let input: PrepareInput = from_value(json!({
        "integration": "render", "payload": {"scene": 1}, "key": "film-1", "execution_arn": "arn:execution", "requests": 3,
    }))
    .unwrap();
    assert_eq!((input.integration.as_str(), input.key.as_str(), input.requests), ("render", "film-1", 3));
    assert_eq!(input.payload, json!({"scene": 1}));
}

#[test]
fn prepare_takes_a_request_without_a_payload() {
    let message = json!({"integration": "render", "key": "k", "execution_arn": "arn:execution", "requests": 1});
    assert_eq!(from_value::<PrepareInput>(message).unwrap().payload, Value::Null);
    let message = json!({"integration": "render", "execution_arn": "arn:execution", "requests": 1});
    assert_eq!(refusal::<PrepareInput>(message), "missing field `key`");
}

#[test]
fn a_plan_reads_the_same_on_both_sides() {
    let plan = Plan {
        waiting_on: "render by callback until 2026-11-23T13:00:00Z".to_owned(),
        strategy: Strategy::Callback,
        wait: wait_ref(),
        payload: json!({"scene": 1}),
        timeout_seconds: 3_601,
        heartbeat_seconds: 1_800,
        max_rounds: 0,
    };
    let expected = json!({
        "waiting_on": "render by callback until 2026-11-23T13:00:00Z",
        "strategy": "callback",
        "wait": wait_json(),
        "payload": {"scene": 1},
        "timeout_seconds": 3_601,
        "heartbeat_seconds": 1_800,
        "max_rounds": 0,
    });
    assert_eq!(to_value(&plan).unwrap(), expected);
    assert_eq!(from_value::<Plan>(expected).unwrap(), plan);
}

#[test]
fn the_two_strategies_are_spelt_as_the_choice_state_compares_them() {
    for (strategy, text) in [(Strategy::Poll, "poll"), (Strategy::Callback, "callback")] {
        assert_eq!(to_value(strategy).unwrap(), text);
        assert_eq!(strategy.as_str(), text);
    }
}

#[test]
fn submit_takes_a_token_on_the_token_path_and_none_on_the_nested_one() {
    let attempt = json!({"entered_at": "2026-11-23T12:00:01.500Z", "retry_count": 2});
    let message = |token: Value| json!({"wait": wait_json(), "payload": {}, "attempt": attempt, "token": token});
    let input: SubmitInput = from_value(message(json!("AQC8"))).unwrap();
    assert_eq!(input.token.as_ref().map(|token| token.expose()), Some("AQC8"));
    assert_eq!(input.wait, wait_ref());
    assert!(!format!("{input:?}").contains("AQC8"));
    assert_eq!(from_value::<SubmitInput>(message(Value::Null)).unwrap().token, None);
    let absent = json!({"wait": wait_json(), "attempt": attempt});
    let input: SubmitInput = from_value(absent).unwrap();
    assert_eq!((input.token, input.payload), (None, Value::Null));
}

#[test]
fn submit_and_close_tell_a_wait_without_a_plan_by_the_field_that_holds_it() {
    let attempt = json!({"entered_at": "2026-11-23T12:00:01.500Z", "retry_count": 2});
    let direct = json!({
        "integration": "render", "key": "k", "payload": {"scene": 1}, "execution_arn": "arn:execution",
        "started_at": "2026-11-23T12:00:00Z", "deadline_seconds": 60,
    });
    let submit = json!({"direct": direct, "attempt": attempt, "token": "AQC8"});
    let SubmitEvent::Direct(input) = from_value(submit).unwrap() else { panic!("it has no plan") };
    assert_eq!((input.direct.deadline_seconds, input.round_started_at), (60, None));
    assert!(!format!("{input:?}").contains("AQC8"));
    let planned = json!({"wait": wait_json(), "attempt": attempt});
    assert!(matches!(from_value(planned).unwrap(), SubmitEvent::Planned(_)));
    let error = json!({"Error": "States.Timeout"});
    let close = json!({"direct": direct, "error": error, "retry_count": 0});
    assert!(matches!(from_value(close).unwrap(), CloseEvent::Direct(_)));
    let close = json!({"wait": wait_json(), "error": error, "retry_count": 0});
    assert!(matches!(from_value(close).unwrap(), CloseEvent::GivenUp(_)));
    let close = json!({"stopped": {"execution_arn": "arn", "status": "ABORTED"}});
    assert!(matches!(from_value(close).unwrap(), CloseEvent::Stopped(_)));
}

#[test]
fn the_answer_to_a_submit_names_the_wait_to_those_who_did_not_know_it() {
    let poll = json!({"checks": 0, "refusals": 0, "failures": 0});
    let submitted = Submitted { job_id: Some(job("j1")), action: Action::Wait, seconds: 2, poll: PollState::default() };
    let answer = SubmitAnswer::from(submitted);
    assert_eq!(to_value(&answer).unwrap(), json!({"job_id": "j1", "action": "wait", "seconds": 2, "poll": poll}));
    let answer = SubmitAnswer { wait: Some(wait_ref()), ..answer };
    assert_eq!(to_value(answer).unwrap()["wait"], wait_json());
}

#[test]
fn an_attempt_has_the_generation_of_its_entry_and_retry() {
    let attempt: Attempt = from_value(json!({"entered_at": "1970-01-01T00:00:01.500Z", "retry_count": 2})).unwrap();
    assert_eq!(attempt.generation(), Generation::from_u64(1_500_002));
}

#[test]
fn submit_answers_with_the_job_and_the_place_where_polling_starts() {
    let poll = json!({"checks": 0, "refusals": 0, "failures": 0});
    let at = |job_id, action, seconds| Submitted { job_id, action, seconds, poll: PollState::default() };
    assert_eq!(
        to_value(at(Some(job("j1")), Action::Wait, 2)).unwrap(),
        json!({"job_id": "j1", "action": "wait", "seconds": 2, "poll": poll})
    );
    assert_eq!(to_value(at(None, Action::Done, 0)).unwrap(), json!({"action": "done", "seconds": 0, "poll": poll}));
}

#[test]
fn what_a_check_answers_can_be_handed_to_the_next_check() {
    let poll = PollState {
        checks: 3,
        refusals: 1,
        failures: 2,
        submitted_at: Some(at("2026-11-23T12:00:00Z")),
        pending_at: Some(at("2026-11-23T12:00:03Z")),
        round_started_at: Some(at("2026-11-23T12:00:05Z")),
    };
    let checked = to_value(Checked { action: Action::Wait, seconds: 8, poll, settled: None }).unwrap();
    let expected = json!({
        "action": "wait",
        "seconds": 8,
        "poll": {
            "checks": 3,
            "refusals": 1,
            "failures": 2,
            "submitted_at": "2026-11-23T12:00:00Z",
            "pending_at": "2026-11-23T12:00:03Z",
            "round_started_at": "2026-11-23T12:00:05Z",
        },
    });
    assert_eq!(checked, expected);
    let next = json!({"wait": wait_json(), "job_id": "j1", "poll": checked["poll"]});
    let next: CheckInput = from_value(next).unwrap();
    assert_eq!((next.wait, next.job_id, next.poll), (wait_ref(), job("j1"), poll));
}

#[test]
fn the_five_actions_are_spelt_as_the_choice_states_compare_them() {
    let all = [Action::Wait, Action::Leave, Action::Done, Action::Expired, Action::Exhausted];
    let spelt = all.map(|action| to_value(action).unwrap());
    assert_eq!(spelt, ["wait", "leave", "done", "expired", "exhausted"]);
}

#[test]
fn a_check_refuses_a_job_id_that_cannot_be_one() {
    let message = json!({"wait": wait_json(), "job_id": "", "poll": {"checks": 0, "refusals": 0}});
    assert_eq!(
        refusal::<CheckInput>(message),
        "a job id must have 1 to 1024 bytes and no control characters; this one has 0 bytes"
    );
}

#[test]
fn a_message_with_another_kind_of_name_is_refused() {
    let mut wait = wait_json();
    wait["integration"] = json!("../etc");
    let refusal = refusal::<CloseInput>(
        json!({"wait": wait, "job_id": null, "error": {"Error": "States.Timeout"}, "retry_count": 0}),
    );
    assert_eq!(
        refusal,
        r#""../etc" is not an integration name: use 1 to 40 lower-case letters, digits and hyphens, starting with a letter"#
    );
}

#[test]
fn close_takes_an_error_as_step_functions_catches_it() {
    let error = json!({"Error": "States.TaskFailed", "Cause": "{\"errorType\":\"JobFailed\"}"});
    let input: CloseInput =
        from_value(json!({"wait": wait_json(), "job_id": "j1", "error": error, "retry_count": 2})).unwrap();
    let expected =
        CaughtError { error: "States.TaskFailed".to_owned(), cause: "{\"errorType\":\"JobFailed\"}".to_owned() };
    assert_eq!((input.job_id, input.error), (Some(job("j1")), expected));
    let input: CloseInput =
        from_value(json!({"wait": wait_json(), "error": {"Error": "States.Timeout"}, "retry_count": 0})).unwrap();
    assert_eq!((input.job_id, input.error.cause.as_str()), (None, ""));
}

#[test]
fn an_error_tells_its_message_without_its_wrapping_and_its_name_if_it_is_ours() {
    let wrapped = r#"{"errorType":"SubmitUnknown","errorMessage":"it may be there","trace":[]}"#;
    let cases = [
        ("SubmitUnknown", wrapped, Some(ErrorName::SubmitUnknown), "it may be there"),
        ("States.Timeout", "", None, ""),
        ("Lambda.Unknown", "it died", None, "it died"),
    ];
    for (error, cause, name, message) in cases {
        let caught = CaughtError { error: error.to_owned(), cause: cause.to_owned() };
        assert_eq!((caught.name(), caught.message().as_str()), (name, message), "{error}");
    }
}

#[test]
fn time_is_up_by_these_errors_and_by_no_others() {
    let cases = [
        ("States.Timeout", true),
        ("States.HeartbeatTimeout", true),
        ("DeadlinePassed", true),
        ("States.TaskFailed", false),
        ("RoundsExhausted", false),
        ("Defect", false),
        ("", false),
    ];
    for (error, expected) in cases {
        let caught = CaughtError { error: error.to_owned(), cause: String::new() };
        assert_eq!(caught.is_timeout(), expected, "{error:?}");
    }
    assert_eq!(ErrorName::DeadlinePassed.as_str(), "DeadlinePassed");
}

#[test]
fn each_end_of_a_wait_has_the_same_shape_without_what_it_does_not_have() {
    let bad = |outcome: &str, error: &str, reason: &str| json!({"outcome": outcome, "job_id": "j1", "error": error, "reason": reason});
    let cases = [
        (
            OutcomeKind::Succeeded { output: json!({"film": 1}) },
            json!({"outcome": "succeeded", "job_id": "j1", "output": "{\"film\":1}"}),
        ),
        (OutcomeKind::failed(ErrorName::JobFailed, "no light"), bad("failed", "JobFailed", "no light")),
        (OutcomeKind::expired("still running"), bad("expired", "DeadlinePassed", "still running")),
        (OutcomeKind::cancelled("by hand"), bad("cancelled", "WaitCancelled", "by hand")),
    ];
    for (kind, expected) in cases {
        let shape = Settled::of(&outcome(kind));
        assert_eq!(to_value(&shape).unwrap(), expected);
        assert_eq!(from_value::<Settled>(expected).unwrap(), shape);
    }
}

#[test]
fn a_result_of_null_is_still_written_as_a_result() {
    let shape = Settled::of(&outcome(OutcomeKind::Succeeded { output: Value::Null }));
    assert_eq!(to_value(shape).unwrap(), json!({"outcome": "succeeded", "job_id": "j1", "output": "null"}));
}

#[test]
fn a_wait_that_never_had_a_job_ends_without_one() {
    let mut ended = outcome(OutcomeKind::failed(ErrorName::SubmitRefused, "HTTP 422"));
    ended.job_id = None;
    let expected = json!({"outcome": "failed", "error": "SubmitRefused", "reason": "HTTP 422"});
    assert_eq!(to_value(Settled::of(&ended)).unwrap(), expected);
}
