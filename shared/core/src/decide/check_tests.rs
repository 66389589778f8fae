use super::Verdict;
use crate::ErrorName;
use crate::answer::{Answer, TransportError};
use crate::test_support::{answer, cut_off, raw_answer, render, verdict_of, with_header};
use crate::wait::OutcomeKind;
use serde_json::{Value, json};
use std::time::Duration;

fn verdict(received: Answer) -> Verdict {
    verdict_with(&[], received)
}

fn verdict_with(changes: &[(&str, &str)], received: Answer) -> Verdict {
    verdict_of(&render(changes), Ok(received))
}

fn pending() -> Verdict {
    Verdict::Pending { retry_after: None }
}

fn ask_again(reason: &str) -> Verdict {
    Verdict::AskAgain { reason: reason.to_owned(), retry_after: None }
}

fn refused(reason: &str) -> Verdict {
    Verdict::Refused { reason: reason.to_owned(), retry_after: None }
}

fn failed(error: ErrorName, reason: &str) -> Verdict {
    Verdict::Ended(OutcomeKind::Failed { error, reason: reason.to_owned() })
}

fn succeeded(output: Value) -> Verdict {
    Verdict::Ended(OutcomeKind::Succeeded { output })
}

#[test]
fn each_status_value_leads_to_its_verdict() {
    let cases = [
        (json!({"state": "queued"}), pending()),
        (json!({"state": "running", "film": 1}), pending()),
        (json!({"state": "done", "film": {"url": "u"}}), succeeded(json!({"url": "u"}))),
        (json!({"state": "done", "film": null}), succeeded(Value::Null)),
        (json!({"state": "broken"}), failed(ErrorName::JobFailed, r#"status "broken""#)),
        (json!({"state": "broken", "why": "no light"}), failed(ErrorName::JobFailed, r#"status "broken": no light"#)),
        (json!({"state": "broken", "why": {"code": 1}}), failed(ErrorName::JobFailed, r#"status "broken""#)),
    ];
    for (body, expected) in cases {
        assert_eq!(verdict(answer(200, &body)), expected, "{body}");
    }
}

#[test]
fn a_status_never_seen_before_is_pending_or_a_failure_as_the_file_says() {
    let paused = || answer(200, &json!({"state": "paused"}));
    assert_eq!(verdict(paused()), pending());
    let strict = ("[result]", "unknown = \"failure\"\n[result]");
    assert_eq!(verdict_with(&[strict], paused()), failed(ErrorName::JobFailed, r#"status "paused""#));
}

#[test]
fn numbers_and_flags_are_compared_as_texts() {
    let numeric = [(r#"["done"]"#, r#"["100", "true"]"#)];
    for state in [json!(100), json!("100"), json!(true)] {
        let body = json!({"state": state, "film": 1});
        assert_eq!(verdict_with(&numeric, answer(200, &body)), succeeded(json!(1)), "{state}");
    }
}

#[test]
fn a_status_may_stand_in_a_header() {
    let in_header = [(r#"value = "body:/state""#, r#"value = "header:X-State""#)];
    let received = with_header(answer(200, &json!({"film": 1})), "x-state", "done");
    assert_eq!(verdict_with(&in_header, received), succeeded(json!(1)));
}

#[test]
fn without_an_output_in_the_file_the_whole_body_is_the_result() {
    let body = json!({"state": "done", "film": 1});
    assert_eq!(verdict_with(&[("output = \"body:/film\"\n", "")], answer(200, &body)), succeeded(body));
}

#[test]
fn a_success_without_its_result_is_a_bad_answer() {
    let expected =
        failed(ErrorName::BadAnswer, "the job is done, but there is no result at body:/film; check result.output");
    assert_eq!(verdict(answer(200, &json!({"state": "done"}))), expected);
}

#[test]
fn an_answer_that_cannot_be_read_is_asked_for_again() {
    let too_large = cut_off(answer(200, &json!({"state": "done"})));
    let cases = [
        (raw_answer(200, b"<html>busy</html>"), "the body is not JSON (17 bytes of HTML or XML)"),
        (raw_answer(200, b"{\"state\": \"do"), "the body is not JSON (13 bytes of cut-off or malformed JSON)"),
        (raw_answer(204, b""), "the body is not JSON (0 bytes of nothing)"),
        (raw_answer(200, b"\xff\xfe"), "the body is not JSON (2 bytes of binary data)"),
        (too_large, "the body is larger than 16 bytes"),
        (answer(200, &json!({"status": "done"})), "no status at body:/state"),
        (answer(200, &json!({"state": null})), "no status at body:/state"),
        (answer(200, &json!({"state": ["done"]})), "no status at body:/state"),
        (answer(200, &json!("done")), "no status at body:/state"),
    ];
    for (received, reason) in cases {
        assert_eq!(verdict(received), ask_again(reason));
    }
}

#[test]
fn a_third_party_that_is_busy_or_down_is_asked_again() {
    for status in [408, 425, 429, 500, 502, 503, 504, 599] {
        assert_eq!(verdict(raw_answer(status, b"{\"state\":\"broken\"}")), ask_again(&format!("HTTP {status}")));
    }
}

#[test]
fn a_refusal_to_answer_says_what_the_third_party_said_and_ends_nothing_by_itself() {
    for status in [301, 400, 401, 403, 404, 409, 410, 422] {
        assert_eq!(verdict(raw_answer(status, b"nothing here")), refused(&format!("HTTP {status}")));
    }
    assert_eq!(verdict(answer(401, &json!({"why": "token expired"}))), refused("HTTP 401: token expired"));
}

#[test]
fn retry_after_is_passed_on_with_pending_and_with_unusable_answers() {
    let asked = Some(Duration::from_secs(30));
    let busy = with_header(raw_answer(429, b""), "Retry-After", "30");
    assert_eq!(verdict(busy), Verdict::AskAgain { reason: "HTTP 429".to_owned(), retry_after: asked });
    let running =
        with_header(answer(200, &json!({"state": "running"})), "retry-after", "Mon, 23 Nov 2026 12:10:30 GMT");
    assert_eq!(verdict(running), Verdict::Pending { retry_after: asked });
    let nonsense = with_header(raw_answer(503, b""), "retry-after", "1e300");
    assert_eq!(verdict(nonsense), ask_again("HTTP 503"));
}

#[test]
fn without_an_answer_it_is_asked_again_and_a_request_that_cannot_be_made_counts_as_refused() {
    let without = |error| verdict_of(&render(&[]), Err(error));
    assert_eq!(without(TransportError::NotConnected), ask_again("could not connect"));
    let broken = "the connection broke or timed out before the answer was complete";
    assert_eq!(without(TransportError::Broken), ask_again(broken));
    let forbidden = "the address is not allowed: use https, or plain http to loopback where the deployment allows it";
    assert_eq!(without(TransportError::Refused), refused(forbidden));
    let unsendable = "it cannot be written as HTTP; look for a line break in a header's value or its secret, or for a value too long for an address";
    assert_eq!(without(TransportError::Unsendable), refused(unsendable));
}

#[test]
fn what_a_third_party_says_is_cut_and_loses_its_control_characters() {
    let long = failed(ErrorName::JobFailed, &format!(r#"status "broken": {}"#, "x".repeat(983)));
    assert_eq!(verdict(answer(200, &json!({"state": "broken", "why": "x".repeat(5_000)}))), long);
    let plain = failed(ErrorName::JobFailed, "status \"broken\": a[31mb\nc");
    assert_eq!(verdict(answer(200, &json!({"state": "broken", "why": "a\u{1b}[31mb\nc\u{0}"}))), plain);
}
