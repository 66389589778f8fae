//! Acceptors and the map of statuses, alone and together.

use crate::ErrorName;
use crate::answer::{Answer, Document};
use crate::decide::check::{Look, Reading, Rule, Verdict, read};
use crate::integration::Integration;
use crate::test_support::{answer, at, raw_answer, render, verdict_of, with_header};
use crate::wait::OutcomeKind;
use serde_json::{Value, json};

const MAP: &str = r#"value = "body:/state"
succeeded = ["done"]
failed = ["broken"]
pending = ["queued", "running"]
"#;

/// The integration with these acceptors beside its map of statuses.
fn with_map(accept: &str) -> Integration {
    render(&[("[result]", &format!("{accept}\n[result]"))])
}

/// The integration with these acceptors instead of its map, and without webhooks.
fn alone(accept: &str) -> Integration {
    let callback = "[callback]\njob_id = \"body:/job/id\"\nverify = { preset = \"standard-webhooks\", secrets = [\"render/webhook\"] }\n";
    render(&[(MAP, ""), (callback, ""), ("output = \"body:/film\"", ""), ("[result]", &format!("{accept}\n[result]"))])
}

fn look(integration: &Integration, received: Answer) -> Look {
    read(integration, &Ok(received), None, at("2026-11-23T12:00:00Z"))
}

fn rule(integration: &Integration, received: Answer) -> Rule {
    look(integration, received).seen.rule
}

fn pending() -> Verdict {
    Verdict::Pending { retry_after: None }
}

fn failed(reason: &str) -> Verdict {
    Verdict::Ended(OutcomeKind::Failed { error: ErrorName::JobFailed, reason: reason.to_owned() })
}

fn succeeded(output: Value) -> Verdict {
    Verdict::Ended(OutcomeKind::Succeeded { output })
}

const ORDERED: &str = r#"
[[status.accept]]
state = "retry"
when = { at = "body:/n", at_most = 5 }
[[status.accept]]
state = "success"
when = { at = "body:/n", at_most = 10 }
[[status.accept]]
state = "failure"
when = { at = "body:/n", exists = true }
"#;

#[test]
fn the_first_acceptor_that_holds_decides_and_is_named() {
    let integration = alone(ORDERED);
    let cases =
        [(3, 1, pending()), (5, 1, pending()), (7, 2, succeeded(json!({"n": 7}))), (11, 3, failed("body:/n exists"))];
    for (n, place, verdict) in cases {
        let received = answer(200, &json!({"n": n}));
        assert_eq!(rule(&integration, received.clone()), Rule::Acceptor(place), "{n}");
        assert_eq!(verdict_of(&integration, Ok(received)), verdict, "{n}");
    }
}

#[test]
fn acceptors_look_at_answers_of_any_code() {
    let integration = alone(ORDERED);
    for code in [100, 200, 302, 404, 422, 500, 503, 600] {
        assert_eq!(verdict_of(&integration, Ok(answer(code, &json!({"n": 3})))), pending(), "{code}");
        assert_eq!(rule(&integration, answer(code, &json!({"n": 3}))), Rule::Acceptor(1), "{code}");
    }
}

#[test]
fn what_no_acceptor_takes_is_an_error_by_its_code_or_else_pending() {
    let integration = alone(ORDERED);
    let nothing = json!({"m": 1});
    assert_eq!(verdict_of(&integration, Ok(answer(200, &nothing))), pending());
    assert_eq!(rule(&integration, answer(200, &nothing)), Rule::Nothing);
    let again = Verdict::AskAgain { reason: "HTTP 503".to_owned(), retry_after: None };
    assert_eq!(verdict_of(&integration, Ok(answer(503, &nothing))), again);
    let refused = Verdict::Refused { reason: "HTTP 404".to_owned(), retry_after: None };
    assert_eq!(verdict_of(&integration, Ok(answer(404, &nothing))), refused);
    assert_eq!(rule(&integration, answer(404, &nothing)), Rule::Errors);
}

#[test]
fn acceptors_come_before_the_map_and_leave_the_rest_to_it() {
    let failure = "[[status.accept]]\nstate = \"failure\"\nwhen = { at = \"body:/errors/0\", exists = true }";
    let integration = with_map(failure);
    let cases = [
        (json!({"state": "done", "film": 1, "errors": []}), Rule::Listed, succeeded(json!(1))),
        (json!({"state": "done", "film": 1, "errors": [{}]}), Rule::Acceptor(1), failed(r#"status "done""#)),
        (json!({"state": "done", "why": "no", "errors": [{}]}), Rule::Acceptor(1), failed(r#"status "done": no"#)),
        (json!({"state": "running", "errors": null}), Rule::Listed, pending()),
        (json!({"state": "paused"}), Rule::Unlisted, pending()),
        (json!({"state": "broken"}), Rule::Listed, failed(r#"status "broken""#)),
        (json!({"errors": [{}]}), Rule::Acceptor(1), failed("body:/errors/0 exists")),
    ];
    for (body, rule_, verdict) in cases {
        assert_eq!(rule(&integration, answer(200, &body)), rule_, "{body}");
        assert_eq!(verdict_of(&integration, Ok(answer(200, &body))), verdict, "{body}");
    }
}

#[test]
fn the_code_alone_can_tell_the_state() {
    let accept = r#"
[[status.accept]]
state = "retry"
when = { at = "code", equals = 202 }
[[status.accept]]
state = "success"
when = { at = "code", equals = 200 }
[[status.accept]]
state = "failure"
when = { at = "code", equals = 422 }
"#;
    let integration = alone(accept);
    let cases = [
        (raw_answer(202, b""), pending()),
        (raw_answer(204, b""), pending()),
        (raw_answer(200, b""), succeeded(Value::Null)),
        (answer(200, &json!({"film": 1})), succeeded(json!({"film": 1}))),
        (raw_answer(422, b""), failed(r#"code is "422""#)),
        (answer(422, &json!({"why": "no light"})), failed(r#"code is "422": no light"#)),
    ];
    for (received, verdict) in cases {
        assert_eq!(verdict_of(&integration, Ok(received.clone())), verdict, "{received:?}");
    }
}

#[test]
fn the_map_can_look_at_the_code() {
    let integration = render(&[(MAP, "value = \"code\"\nsucceeded = [200]\nfailed = []\npending = [202]\n")]);
    assert_eq!(verdict_of(&integration, Ok(raw_answer(202, b""))), pending());
    assert_eq!(verdict_of(&integration, Ok(answer(200, &json!({"film": 1})))), succeeded(json!(1)));
}

#[test]
fn a_job_under_way_may_be_dressed_as_an_error_and_a_failed_one_as_a_success() {
    let accept = r#"
[[status.accept]]
state = "retry"
when = { all = [{ at = "code", equals = 400 }, { at = "body:/error/code", equals = "not_ready" }] }
[[status.accept]]
state = "failure"
when = { at = "body:/errors/0", exists = true }
"#;
    let integration = with_map(accept);
    let dressed = answer(400, &json!({"error": {"code": "not_ready"}}));
    assert_eq!(verdict_of(&integration, Ok(dressed)), pending());
    let other = Verdict::Refused { reason: "HTTP 400".to_owned(), retry_after: None };
    assert_eq!(verdict_of(&integration, Ok(answer(400, &json!({"error": {"code": "no"}})))), other);
    let errors = answer(200, &json!({"data": null, "errors": [{"message": "no"}], "why": "no light"}));
    assert_eq!(verdict_of(&integration, Ok(errors)), failed("body:/errors/0 exists: no light"));
}

#[test]
fn the_first_place_that_has_an_error_text_counts() {
    let integration =
        render(&[("error = \"body:/why\"", "error = [\"body:/why\", \"body:/error/message\", \"header:X-Error\"]")]);
    let broken = |body: Value| verdict_of(&integration, Ok(with_header(answer(200, &body), "x-error", "c")));
    assert_eq!(
        broken(json!({"state": "broken", "why": "a", "error": {"message": "b"}})),
        failed(r#"status "broken": a"#)
    );
    assert_eq!(
        broken(json!({"state": "broken", "why": null, "error": {"message": "b"}})),
        failed(r#"status "broken": b"#)
    );
    assert_eq!(broken(json!({"state": "broken", "why": {}})), failed(r#"status "broken": c"#));
}

#[test]
fn a_look_shows_the_value_and_the_progress_without_control_characters() {
    let integration = render(&[("error = \"body:/why\"", "error = \"body:/why\"\nprogress = \"body:/percent\"")]);
    let seen = look(&integration, answer(200, &json!({"state": "running\u{1b}[0m", "percent": 42.5}))).seen;
    assert_eq!(
        (seen.value.as_deref(), seen.progress.as_deref(), seen.rule),
        (Some("running[0m"), Some("42.5"), Rule::Unlisted)
    );
    let seen = look(&integration, raw_answer(502, b"")).seen;
    assert_eq!((seen.value, seen.progress, seen.rule), (None, None, Rule::Errors));
}

#[test]
fn a_success_is_done_before_its_result_is_collected() {
    let found = look(&render(&[]), answer(200, &json!({"state": "done"})));
    assert_eq!((found.reading, found.seen.rule), (Reading::Done, Rule::Listed));
    assert_eq!(Document::of_answer(&answer(200, &json!(1))).code(), Some(200));
}
