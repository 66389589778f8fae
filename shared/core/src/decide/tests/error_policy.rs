//! Answers that say nothing about the job: asked for again, or refused.

use crate::ErrorName;
use crate::answer::{Answer, TransportError};
use crate::decide::check::{Reading, Rule, Verdict, read};
use crate::integration::Integration;
use crate::test_support::{answer, at, cut_off, raw_answer, render, verdict_of, with_header};
use crate::wait::OutcomeKind;
use serde_json::{Value, json};
use std::time::Duration;

/// The integration with this error policy.
fn with_errors(lines: &str) -> Integration {
    render(&[("[result]", &format!("[errors]\n{lines}\n\n[result]"))])
}

fn ask_again(reason: &str) -> Verdict {
    Verdict::AskAgain { reason: reason.to_owned(), retry_after: None }
}

fn refused(reason: &str) -> Verdict {
    Verdict::Refused { reason: reason.to_owned(), retry_after: None }
}

fn pending() -> Verdict {
    Verdict::Pending { retry_after: None }
}

#[test]
fn the_file_says_after_which_codes_to_ask_again() {
    let integration = with_errors("ask_again = [404, 500, \"3xx\"]");
    for code in [404, 500, 300, 301, 399] {
        assert_eq!(verdict_of(&integration, Ok(raw_answer(code, b""))), ask_again(&format!("HTTP {code}")));
    }
    for code in [400, 408, 425, 429, 501, 503] {
        assert_eq!(verdict_of(&integration, Ok(raw_answer(code, b""))), refused(&format!("HTTP {code}")));
    }
}

#[test]
fn the_file_says_whether_to_ask_again_when_there_is_no_answer() {
    let (none, broken) = ("could not connect", "the connection broke or timed out before the answer was complete");
    let connect = with_errors("ask_again = [\"connect\"]");
    assert_eq!(verdict_of(&connect, Err(TransportError::NotConnected)), ask_again(none));
    assert_eq!(verdict_of(&connect, Err(TransportError::Broken)), refused(broken));
    let cut = with_errors("ask_again = [\"broken\"]");
    assert_eq!(verdict_of(&cut, Err(TransportError::NotConnected)), refused(none));
    assert_eq!(verdict_of(&cut, Err(TransportError::Broken)), ask_again(broken));
}

/// Bodies that are no status answer, and what is said of each.
fn bad_bodies() -> Vec<(Answer, String)> {
    let deep = "[".repeat(100_000);
    let huge = cut_off(raw_answer(200, &vec![b' '; 1024 * 1024]));
    let not_json = |bytes: usize, kind: &str| format!("the body is not JSON ({bytes} bytes of {kind})");
    vec![
        (raw_answer(200, b"<!doctype html><title>Sign in</title>"), not_json(37, "HTML or XML")),
        (raw_answer(200, b"{\"state\": \"done\", \"fi"), not_json(21, "cut-off or malformed JSON")),
        (raw_answer(200, deep.as_bytes()), not_json(100_000, "cut-off or malformed JSON")),
        (raw_answer(200, b"{\"state\": \"\xff\"}"), not_json(14, "binary data")),
        (raw_answer(200, b"done"), not_json(4, "plain text")),
        (huge, "the body is larger than 1048576 bytes".to_owned()),
    ]
}

#[test]
fn a_body_that_is_not_what_it_should_be_follows_the_policy() {
    let strict = with_errors("ask_again = []");
    for (received, reason) in bad_bodies() {
        assert_eq!(verdict_of(&render(&[]), Ok(received.clone())), ask_again(&reason));
        assert_eq!(verdict_of(&strict, Ok(received)), refused(&reason));
    }
    let empty = "the body is not JSON (0 bytes of nothing)";
    assert_eq!(verdict_of(&render(&[]), Ok(raw_answer(204, b""))), ask_again(empty));
    assert_eq!(verdict_of(&strict, Ok(answer(200, &json!({"state": null})))), refused("no status at body:/state"));
}

/// An integration whose acceptors look into the body, and that has no map.
fn by_acceptors() -> Integration {
    let map =
        "value = \"body:/state\"\nsucceeded = [\"done\"]\nfailed = [\"broken\"]\npending = [\"queued\", \"running\"]\n";
    let accept = "accept = [{ state = \"success\", when = { at = \"body:/done\", equals = true } }]\n";
    render(&[(map, accept), ("job_id = \"body:/job/id\"", "job_id = \"body:/job/id\"\nthin = true")])
}

#[test]
fn where_only_acceptors_look_into_the_body_an_empty_one_is_pending_and_another_follows_the_policy() {
    let integration = by_acceptors();
    for (received, reason) in bad_bodies() {
        assert_eq!(verdict_of(&integration, Ok(received)), ask_again(&reason));
    }
    assert_eq!(verdict_of(&integration, Ok(raw_answer(202, b""))), pending());
    assert_eq!(verdict_of(&integration, Ok(answer(200, &json!({"done": false})))), pending());
}

#[test]
fn where_the_status_stands_in_a_header_the_body_matters_only_once_the_job_is_done() {
    let integration = render(&[("value = \"body:/state\"", "value = \"header:X-State\"")]);
    let html = |state| with_header(raw_answer(200, b"<html>"), "x-state", state);
    assert_eq!(verdict_of(&integration, Ok(html("running"))), pending());
    let reason = "the job is done, but the body is not JSON (6 bytes of HTML or XML)";
    assert_eq!(verdict_of(&integration, Ok(html("done"))), ask_again(reason));
    let cut = cut_off(with_header(answer(200, &json!({"film": 1})), "x-state", "done"));
    assert_eq!(verdict_of(&integration, Ok(cut)), ask_again("the body is larger than 10 bytes"));
    let nothing = with_header(raw_answer(200, b""), "x-state", "done");
    let reason = "the job is done, but there is no result at body:/film: the body is not JSON (0 bytes of nothing); check result.output";
    let failed = OutcomeKind::Failed { error: ErrorName::BadAnswer, reason: reason.to_owned() };
    assert_eq!(verdict_of(&integration, Ok(nothing)), Verdict::Ended(failed));
}

#[test]
fn a_success_whose_body_is_cut_off_is_too_large_where_an_acceptor_knew_it_by_its_code() {
    let accept = "accept = [{ state = \"success\", when = { at = \"code\", equals = 200 } }]\n";
    let integration = render(&[("error = \"body:/why\"\n", &format!("error = \"body:/why\"\n{accept}"))]);
    let cut = cut_off(answer(200, &json!({"film": 1})));
    let reason =
        "the job is done, but there is no result at body:/film: the body is larger than 10 bytes; check result.output";
    let failed = OutcomeKind::Failed { error: ErrorName::ResultTooLarge, reason: reason.to_owned() };
    assert_eq!(verdict_of(&integration, Ok(cut)), Verdict::Ended(failed));
}

#[test]
fn a_job_that_is_missing_soon_after_its_submit_is_not_visible_yet() {
    let integration = with_errors("missing_grace = \"30s\"");
    let look = |code, since_ms: Option<u64>| {
        let since = since_ms.map(Duration::from_millis);
        let found = read(&integration, &Ok(raw_answer(code, b"")), since, at("2026-11-23T12:00:00Z"));
        (found.reading, found.seen.rule)
    };
    let visible_soon = (Reading::Verdict(pending()), Rule::MissingGrace);
    let missing = |code| (Reading::Verdict(refused(&format!("HTTP {code}"))), Rule::Errors);
    assert_eq!(look(404, Some(0)), visible_soon);
    assert_eq!(look(404, Some(29_999)), visible_soon);
    assert_eq!(look(404, Some(30_000)), missing(404));
    assert_eq!(look(404, None), missing(404));
    assert_eq!(look(410, Some(0)), missing(410));
}

#[test]
fn without_a_grace_a_missing_job_is_refused_at_once() {
    let found = read(&render(&[]), &Ok(raw_answer(404, b"")), Some(Duration::ZERO), at("2026-11-23T12:00:00Z"));
    assert_eq!(found.reading, Reading::Verdict(refused("HTTP 404")));
}

#[test]
fn retry_after_is_read_from_answers_of_every_kind() {
    let asked = Some(Duration::from_secs(7));
    let with =
        |received: Answer| verdict_of(&by_acceptors(), Ok(with_header(received, "Retry-After", "7"))).retry_after();
    assert_eq!(with(answer(200, &json!({"done": false}))), asked);
    assert_eq!(with(raw_answer(202, b"")), asked);
    assert_eq!(with(raw_answer(200, b"<html>")), asked);
    for code in [301, 404, 429, 500] {
        assert_eq!(with(raw_answer(code, b"")), asked, "{code}");
    }
    assert_eq!(with(answer(200, &json!({"done": true, "film": 1}))), None);
}

#[test]
fn what_a_file_leaves_out_of_its_policy_has_the_documented_default() {
    let policy = render(&[]).errors;
    let named: Vec<String> = policy.ask_again.iter().map(ToString::to_string).collect();
    assert_eq!(named, ["408", "425", "429", "5xx", "connect", "broken", "body"]);
    assert_eq!((policy.budget, policy.refusals, policy.missing_grace), (None, 10, Duration::ZERO));
    let policy = with_errors("budget = 5\nrefusals = 1").errors;
    assert_eq!((policy.budget, policy.refusals, policy.ask_again.len()), (Some(5), 1, 7));
    assert_eq!(verdict_of(&render(&[]), Ok(answer(200, &Value::Null))), ask_again("no status at body:/state"));
}
