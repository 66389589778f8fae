use super::{Step, begin};
use crate::answer::{Answer, Document, MAX_RESULT_BYTES, TransportError};
use crate::decide::check::Verdict;
use crate::integration::Integration;
use crate::request::{Job, OutgoingRequest};
use crate::test_support::{answer, at, cut_off, raw_answer, render, wait_id, with_header};
use crate::wait::{Kept, OutcomeKind};
use crate::{ErrorName, SecretValue};
use serde_json::{Value, json};
use std::time::Duration;

/// The integration with this section for its result.
fn with_result(lines: &str) -> Integration {
    render(&[("output = \"body:/film\"", lines)])
}

/// Begins with this status answer.
fn begun<'i>(integration: &'i Integration, received: &Answer, at_once: bool) -> Step<'i> {
    let (id, kept) = (wait_id(), Kept::default());
    let bindings = Job { wait_id: Some(&id), job_id: "j1", kept: &kept }.bindings();
    begin(integration, &integration.base_url, &bindings, &Document::of_answer(received), at_once)
}

fn done() -> Answer {
    with_header(answer(200, &json!({"state": "done", "film": 1, "result": {"id": "r 1"}})), "x-film", "f1")
}

fn over(step: Step<'_>) -> Verdict {
    match step {
        Step::Over(verdict) => verdict,
        Step::Send(request, _) => panic!("one more request: {request:?}"),
    }
}

fn request(step: Step<'_>) -> OutgoingRequest {
    match step {
        Step::Send(request, _) => *request,
        Step::Over(verdict) => panic!("no request, but {verdict:?}"),
    }
}

/// What the answer to the second request comes to.
fn fetched(integration: &Integration, received: &Result<Answer, TransportError>) -> Verdict {
    match begun(integration, &done(), false) {
        Step::Send(_, collector) => over(collector.receive(received, at("2026-11-23T12:00:00Z"))),
        Step::Over(verdict) => panic!("no request, but {verdict:?}"),
    }
}

fn succeeded(output: Value) -> Verdict {
    Verdict::Ended(OutcomeKind::Succeeded { output })
}

fn failed(error: ErrorName, reason: &str) -> Verdict {
    Verdict::Ended(OutcomeKind::Failed { error, reason: reason.to_owned() })
}

#[test]
fn a_result_in_place_is_a_part_of_the_answer_or_all_of_it() {
    assert_eq!(over(begun(&render(&[]), &done(), false)), succeeded(json!(1)));
    let whole = json!({"state": "done", "film": 1, "result": {"id": "r 1"}});
    assert_eq!(over(begun(&with_result(""), &done(), false)), succeeded(whole));
    let header = with_result("output = \"header:X-Film\"");
    assert_eq!(over(begun(&header, &done(), false)), succeeded(json!("f1")));
    let null = answer(200, &json!({"state": "done", "film": null}));
    assert_eq!(over(begun(&render(&[]), &null, false)), succeeded(Value::Null));
}

#[test]
fn a_job_that_is_done_at_once_may_have_its_result_elsewhere() {
    let at_once = render(&[("job_id = \"body:/id\"", "job_id = \"body:/id\"\noutput = \"body:/result\"")]);
    assert_eq!(over(begun(&at_once, &done(), true)), succeeded(json!({"id": "r 1"})));
    assert_eq!(over(begun(&at_once, &done(), false)), succeeded(json!(1)));
    assert_eq!(over(begun(&render(&[]), &done(), true)), succeeded(json!(1)));
    let missing =
        failed(ErrorName::BadAnswer, "the job is done, but there is no result at body:/result; check submit.output");
    assert_eq!(over(begun(&at_once, &answer(200, &json!({})), true)), missing);
    let html = failed(
        ErrorName::BadAnswer,
        "the job is done, but there is no result at body:/result: the body is not JSON (6 bytes of HTML or XML); check submit.output",
    );
    assert_eq!(over(begun(&at_once, &raw_answer(200, b"<html>"), true)), html);
}

#[test]
fn a_second_request_may_use_the_answer_that_said_that_the_job_is_done() {
    let lines = r#"path = "/v1/results/{answer:/result/id}"
query = { film = "{answer_header:X-Film}", job = "{job_id}" }"#;
    let sent = request(begun(&with_result(lines), &done(), false));
    assert_eq!(sent.url, "https://render.example.com/api/v1/results/r%201?film=f1&job=j1");
    assert_eq!((sent.method.as_str(), sent.most_bytes, sent.credentials), ("GET", MAX_RESULT_BYTES, true));
    assert_eq!(sent.header("accept").map(SecretValue::expose), Some("application/json"));
    let text = request(begun(&with_result("path = \"/x\"\nformat = \"text\""), &done(), false));
    assert_eq!(text.header("accept").map(SecretValue::expose), Some("*/*"));
}

#[test]
fn a_second_request_that_cannot_be_made_is_a_bad_answer() {
    let cases = [
        ("path = \"/v1/{answer:/nothing}\"", "there is no value for {answer:/nothing}"),
        (
            "path = \"/v1/{answer:/result}\"",
            "the value for {answer:/result} must be a text, a number, true or false, as it becomes part of a text",
        ),
        ("url = \"{answer:/result/id}\"", ""),
        ("path = \"/v1/{answer_header:Location}\"", "there is no value for {answer_header:location}"),
    ];
    for (lines, why) in cases {
        let integration = with_result(lines);
        let step = begun(&integration, &done(), false);
        if why.is_empty() {
            // A relative address: "r 1" below the base URL.
            assert_eq!(request(step).url, "https://render.example.com/api/r%201");
        } else {
            let reason = format!("the job is done, but its result cannot be asked for: {why}");
            assert_eq!(over(step), failed(ErrorName::BadAnswer, &reason));
        }
    }
}

#[test]
fn a_result_elsewhere_goes_without_credentials_to_a_host_that_is_only_followed() {
    let to = |url: &str| answer(200, &json!({"state": "done", "url": url}));
    let integration = render(&[
        ("[auth]", "[hosts]\nfollow = [\"*.blob.example.net\"]\n\n[auth]"),
        ("output = \"body:/film\"", "url = \"{answer:/url}\""),
    ]);
    let signed = request(begun(&integration, &to("https://a.blob.example.net/film?sig=x%2By"), false));
    assert_eq!((signed.url.as_str(), signed.credentials), ("https://a.blob.example.net/film?sig=x%2By", false));
    let foreign = over(begun(&integration, &to("https://evil.example/film"), false));
    let reason = "the job is done, but its result cannot be asked for: the address is on \"https://evil.example\", but requests go to that of `base_url` only, and by https to the hosts of [hosts]; name its host there if they may go to it";
    assert_eq!(foreign, failed(ErrorName::BadAnswer, reason));
}

#[test]
fn the_body_of_a_second_answer_is_read_in_the_format_of_the_file() {
    let read = |lines: &str, body: &[u8]| {
        fetched(&with_result(&format!("path = \"/x\"\n{lines}")), &Ok(raw_answer(200, body)))
    };
    assert_eq!(read("", b"{\"a\": [1]}"), succeeded(json!({"a": [1]})));
    assert_eq!(read("output = \"body:/a/0\"", b"{\"a\": [1]}"), succeeded(json!(1)));
    assert_eq!(read("", b""), succeeded(Value::Null));
    assert_eq!(read("format = \"text\"", "ä\n<b>".as_bytes()), succeeded(json!("ä\n<b>")));
    assert_eq!(read("format = \"text\"", b""), succeeded(json!("")));
    assert_eq!(read("format = \"lines\"", b"{\"a\": 1}\r\n\n  \n2\n"), succeeded(json!([{"a": 1}, 2])));
    assert_eq!(read("format = \"lines\"", b""), succeeded(json!([])));
    assert_eq!(read("format = \"base64\"", b"\x89PNG\xff"), succeeded(json!("iVBOR/8=")));
}

#[test]
fn a_second_answer_that_cannot_be_read_follows_the_error_policy() {
    let cases = [
        ("", &b"<html>"[..], "the result: the body is not JSON (6 bytes of HTML or XML)"),
        ("output = \"body:/a\"", b"", "the result: the body is not JSON (0 bytes of nothing)"),
        (
            "format = \"text\"",
            b"\xff",
            "the result: the body is not UTF-8; write format = \"base64\" for binary results",
        ),
        ("format = \"lines\"", b"1\n\n{\"a\":", "the result: line 3: the body is not JSON (5 bytes of cut-off or malformed JSON)"),
    ];
    for (lines, body, reason) in cases {
        let lines = format!("path = \"/x\"\n{lines}");
        let again = fetched(&with_result(&lines), &Ok(raw_answer(200, body)));
        assert_eq!(again, Verdict::AskAgain { reason: reason.to_owned(), retry_after: None });
        let strict = with_result(&format!("{lines}\n[errors]\nask_again = []"));
        let refused = fetched(&strict, &Ok(raw_answer(200, body)));
        assert_eq!(refused, Verdict::Refused { reason: reason.to_owned(), retry_after: None });
    }
}

#[test]
fn an_error_on_the_way_to_the_result_follows_the_error_policy_too() {
    let integration = with_result("path = \"/x\"");
    let busy = with_header(raw_answer(503, b""), "retry-after", "9");
    let expected =
        Verdict::AskAgain { reason: "the result: HTTP 503".to_owned(), retry_after: Some(Duration::from_secs(9)) };
    assert_eq!(fetched(&integration, &Ok(busy)), expected);
    let expected = Verdict::Refused { reason: "the result: HTTP 404".to_owned(), retry_after: None };
    assert_eq!(fetched(&integration, &Ok(raw_answer(404, b""))), expected);
    let expected = Verdict::AskAgain { reason: "the result: could not connect".to_owned(), retry_after: None };
    assert_eq!(fetched(&integration, &Err(TransportError::NotConnected)), expected);
}

#[test]
fn a_result_that_is_too_large_or_absent_fails_the_wait() {
    let too_large = failed(
        ErrorName::ResultTooLarge,
        "the job is done, but its result has more than 2097152 bytes; let [result] ask for a smaller part, or return the address alone",
    );
    assert_eq!(fetched(&with_result("path = \"/x\""), &Ok(cut_off(answer(200, &json!(1))))), too_large);
    let absent =
        failed(ErrorName::BadAnswer, "the job is done, but there is no result at body:/a; check result.output");
    assert_eq!(
        fetched(&with_result("path = \"/x\"\noutput = \"body:/a\""), &Ok(answer(200, &json!({"b": 1})))),
        absent
    );
}
