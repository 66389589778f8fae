//! Answers to a submit: acceptors, what is kept of them, and jobs that exist already.

use crate::ErrorName;
use crate::answer::Answer;
use crate::decide::submit::{SubmitVerdict, TakenJob, read, without_request};
use crate::integration::Integration;
use crate::test_support::{answer, at, job, raw_answer, render, with_header};
use crate::wait::Kept;
use serde_json::{Value, json};
use std::time::Duration;

/// The integration with these lines in its submit.
fn with_lines(lines: &str) -> Integration {
    render(&[("job_id = \"body:/id\"", lines)])
}

fn verdict(integration: &Integration, received: Answer) -> SubmitVerdict {
    read(integration, &Ok(received), &json!({"owner": "me", "n": 7}), at("2026-11-23T12:00:00Z"))
}

fn kept(values: &[(&str, &str)]) -> Kept {
    values.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn taken(id: &str, values: &[(&str, &str)]) -> SubmitVerdict {
    SubmitVerdict::Taken { job: TakenJob { id: job(id), kept: kept(values) }, retry_after: None }
}

fn bad_answer(reason: &str) -> SubmitVerdict {
    SubmitVerdict::Refused(ErrorName::BadAnswer, reason.to_owned())
}

const ACCEPT: &str = r#"job_id = "body:/id"
[[submit.accept]]
state = "failure"
when = { at = "body:/userErrors/0", exists = true }
[[submit.accept]]
state = "retry"
when = { at = "body:/reason", equals = "locked" }
[[submit.accept]]
state = "success"
when = { at = "body:/state", equals = "done" }
"#;

/// The integration with these acceptors; their tables end the section.
fn with_acceptors() -> Integration {
    let key = "idempotency_header = \"Idempotency-Key\"\n";
    render(&[(key, ""), ("job_id = \"body:/id\"\n", &format!("{key}{ACCEPT}"))])
}

#[test]
fn a_job_may_be_done_at_once_with_an_id_or_without() {
    let integration = with_acceptors();
    let done = |body: Value| verdict(&integration, answer(200, &body));
    let with_id = TakenJob { id: job("j1"), kept: Kept::default() };
    assert_eq!(done(json!({"id": "j1", "state": "done"})), SubmitVerdict::Done(Some(with_id)));
    assert_eq!(done(json!({"state": "done", "film": 1})), SubmitVerdict::Done(None));
    assert_eq!(done(json!({"id": "j1", "state": "queued"})), taken("j1", &[]));
}

#[test]
fn an_acceptor_refuses_or_puts_off_a_submit_whatever_its_code() {
    let integration = with_acceptors();
    for code in [200, 409, 503] {
        let refused = answer(code, &json!({"id": "j1", "userErrors": [{}], "why": "no scene"}));
        let expected = SubmitVerdict::Refused(ErrorName::SubmitRefused, format!("HTTP {code}: no scene"));
        assert_eq!(verdict(&integration, refused), expected);
        let locked = answer(code, &json!({"reason": "locked"}));
        assert_eq!(verdict(&integration, locked), SubmitVerdict::NotTaken(format!("HTTP {code}")));
    }
    let both = answer(200, &json!({"userErrors": [{}], "reason": "locked", "state": "done"}));
    let expected = SubmitVerdict::Refused(ErrorName::SubmitRefused, "HTTP 200".to_owned());
    assert_eq!(verdict(&integration, both), expected);
}

#[test]
fn a_submit_that_asks_to_be_left_alone_is_taken_with_that_wish() {
    let received = with_header(answer(202, &json!({"id": "j1"})), "retry-after", "30");
    let expected = SubmitVerdict::Taken {
        job: TakenJob { id: job("j1"), kept: Kept::default() },
        retry_after: Some(Duration::from_secs(30)),
    };
    assert_eq!(verdict(&render(&[]), received), expected);
}

#[test]
fn an_id_may_be_a_part_of_what_stands_at_its_place() {
    let integration = with_lines(r#"job_id = { from = "header:Location", pattern = "/jobs/([^/?]+)" }"#);
    let at_location = |location| verdict(&integration, with_header(raw_answer(202, b""), "location", location));
    assert_eq!(at_location("https://render.example.com/v1/jobs/j%201?x=1"), taken("j%201", &[]));
    assert_eq!(at_location("/v1/jobs/j1/jobs/j2"), taken("j1", &[]));
    let missing = r#"HTTP 202: no job_id at header:location by "/jobs/([^/?]+)": there is no text and no number; check submit.job_id"#;
    assert_eq!(at_location("/v1/tasks/j1"), bad_answer(missing));
    assert_eq!(at_location(&format!("{}/jobs/j1", "x".repeat(4_096))), bad_answer(missing));
}

const KEEP: &str = r#"job_id = "body:/id"
keep = { url = "header:Operation-Location", token = { from = "body:/poll", pattern = "token=(\\w+)" }, owner = "request:/owner", n = "request:/n" }"#;

#[test]
fn values_of_the_answer_and_of_the_payload_are_kept() {
    let integration = with_lines(KEEP);
    let received =
        with_header(answer(201, &json!({"id": 7, "poll": "/x?token=abc&y"})), "Operation-Location", "/status/7");
    let values = [("url", "/status/7"), ("token", "abc"), ("owner", "me"), ("n", "7")];
    assert_eq!(verdict(&integration, received), taken("7", &values));
}

#[test]
fn a_value_that_is_to_be_kept_and_is_absent_or_too_long_makes_the_answer_useless() {
    let integration = with_lines(KEEP);
    let body = json!({"id": "j1", "poll": "token=a"});
    let without = verdict(&integration, answer(201, &body));
    assert_eq!(
        without,
        bad_answer(
            "HTTP 201: no keep.url at header:operation-location: there is no text and no number; check submit.keep.url"
        )
    );
    let with =
        |bytes: usize| verdict(&integration, with_header(answer(201, &body), "operation-location", &"x".repeat(bytes)));
    assert!(matches!(with(4_096), SubmitVerdict::Taken { .. }));
    assert_eq!(
        with(4_097),
        bad_answer(
            "HTTP 201: the value at header:operation-location has 4097 bytes, and at most 4096 are kept; check submit.keep.url"
        )
    );
}

#[test]
fn kept_values_are_not_printed() {
    let shown = format!("{:?}", kept(&[("url", "https://hunter2")]));
    assert_eq!(shown, r#"{"url": "[REDACTED]"}"#);
}

/// The integration without a submit: the payload names the job.
fn existing() -> Integration {
    render(&[(
        "path = \"/v1/jobs\"\nbody = { scene = \"{request:/scene}\" }\njob_id = \"body:/id\"\nidempotency_header = \"Idempotency-Key\"\n",
        "job_id = \"request:/job\"\nkeep = { region = \"request:/region\" }\n",
    )])
}

#[test]
fn without_a_request_the_payload_names_the_job() {
    let integration = existing();
    assert!(integration.submit.request.is_none() && integration.submit.may_resend());
    let named = without_request(&integration, &json!({"job": 42, "region": "eu"}));
    assert_eq!(named, Ok(TakenJob { id: job("42"), kept: kept(&[("region", "eu")]) }));
    let missing = "no keep.region at request:/region: there is no text and no number; check submit.keep.region";
    assert_eq!(without_request(&integration, &json!({"job": 42})), Err(missing.to_owned()));
    let bad = "request:/job: a job id must have 1 to 1024 bytes and no control characters; this one has 0 bytes";
    assert_eq!(without_request(&integration, &json!({"job": "", "region": "eu"})), Err(bad.to_owned()));
}
