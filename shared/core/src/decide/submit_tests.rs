use super::{SubmitVerdict, TakenJob};
use crate::ErrorName;
use crate::answer::{Answer, TransportError};
use crate::integration::Integration;
use crate::test_support::{answer, at, cut_off, job, raw_answer, render, with_header};
use crate::wait::Kept;
use serde_json::json;

fn verdict(answer: Answer) -> SubmitVerdict {
    read(&render(&[]), &Ok(answer))
}

fn read(integration: &Integration, received: &Result<Answer, TransportError>) -> SubmitVerdict {
    super::read(integration, received, &json!({"scene": 1}), at("2026-11-23T12:00:00Z"))
}

fn taken(id: &str) -> SubmitVerdict {
    SubmitVerdict::Taken { job: TakenJob { id: job(id), kept: Kept::default() }, retry_after: None }
}

fn refused(why: &str) -> SubmitVerdict {
    SubmitVerdict::Refused(ErrorName::SubmitRefused, why.to_owned())
}

fn bad_answer(why: &str) -> SubmitVerdict {
    SubmitVerdict::Refused(ErrorName::BadAnswer, why.to_owned())
}

#[test]
fn a_job_is_taken_when_a_success_names_it() {
    for status in [200, 201, 202, 299] {
        assert_eq!(verdict(answer(status, &json!({"id": "j1"}))), taken("j1"), "{status}");
    }
    assert_eq!(verdict(answer(201, &json!({"id": 42}))), taken("42"));
}

#[test]
fn a_job_may_be_named_by_a_header_of_an_answer_without_a_body() {
    let integration = render(&[(r#"job_id = "body:/id""#, r#"job_id = "header:X-Job""#)]);
    let accepted = with_header(raw_answer(202, b""), "x-job", "j1");
    assert_eq!(read(&integration, &Ok(accepted)), taken("j1"));
}

#[test]
fn only_answers_that_deny_processing_allow_the_same_request_again() {
    let later = with_header(raw_answer(503, b""), "retry-after", "5");
    assert_eq!(verdict(raw_answer(429, b"")), SubmitVerdict::NotTaken("HTTP 429".to_owned()));
    assert_eq!(verdict(later), SubmitVerdict::NotTaken("HTTP 503".to_owned()));
    for status in [408, 500, 502, 503, 504, 599] {
        let expected = SubmitVerdict::Unknown(format!("HTTP {status}"));
        assert_eq!(verdict(raw_answer(status, b"")), expected);
    }
}

#[test]
fn a_conflict_under_an_idempotency_key_says_that_the_earlier_request_is_still_being_served() {
    let unkeyed = render(&[("idempotency_header = \"Idempotency-Key\"\n", "")]);
    for status in [409, 425] {
        let expected = SubmitVerdict::Unknown(format!("HTTP {status}"));
        assert_eq!(verdict(raw_answer(status, b"")), expected);
        assert_eq!(read(&unkeyed, &Ok(raw_answer(status, b""))), refused(&format!("HTTP {status}")));
    }
}

#[test]
fn any_other_status_is_a_refusal_with_what_the_third_party_said() {
    for status in [100, 301, 400, 401, 403, 404, 418, 600] {
        assert_eq!(verdict(raw_answer(status, b"<html>")), refused(&format!("HTTP {status}")));
    }
    assert_eq!(verdict(answer(422, &json!({"why": "no scene"}))), refused("HTTP 422: no scene"));
}

#[test]
fn what_a_third_party_says_is_cut_to_300_characters() {
    let said = format!("HTTP 400: {}", "ä".repeat(300));
    assert_eq!(verdict(answer(400, &json!({"why": "ä".repeat(5_000)}))), refused(&said));
}

#[test]
fn a_request_that_never_left_may_be_sent_again_and_one_that_broke_may_have_arrived() {
    let integration = render(&[]);
    let cases = [
        (TransportError::NotConnected, SubmitVerdict::NotTaken("could not connect".to_owned())),
        (
            TransportError::Broken,
            SubmitVerdict::Unknown("the connection broke or timed out before the answer was complete".to_owned()),
        ),
        (
            TransportError::Refused,
            refused("the address is not allowed: use https, or plain http to loopback where the deployment allows it"),
        ),
    ];
    for (error, expected) in cases {
        assert_eq!(read(&integration, &Err(error)), expected);
    }
}

#[test]
fn a_success_without_a_usable_job_id_is_a_bad_answer_that_says_where_it_was_sought() {
    let without = |why: &str| bad_answer(&format!("HTTP 200: no job_id at body:/id: {why}; check submit.job_id"));
    let no_scalar = without("there is no text and no number");
    let no_id = |bytes: usize| {
        bad_answer(&format!(
            "HTTP 200: body:/id: a job id must have 1 to 1024 bytes and no control characters; this one has {bytes} bytes"
        ))
    };
    let too_large = cut_off(answer(200, &json!({"id": "j1"})));
    let cases = [
        (answer(200, &json!({"job": "j1"})), no_scalar.clone()),
        (raw_answer(200, b""), without("the body is not JSON (0 bytes of nothing)")),
        (raw_answer(200, b"<html></html>"), without("the body is not JSON (13 bytes of HTML or XML)")),
        (raw_answer(200, b"{\"id\": \"j"), without("the body is not JSON (9 bytes of cut-off or malformed JSON)")),
        (too_large, without("the body is larger than 11 bytes")),
        (answer(200, &json!({"id": null})), no_scalar.clone()),
        (answer(200, &json!({"id": {"v": 1}})), no_scalar),
        (answer(200, &json!({"id": ""})), no_id(0)),
        (answer(200, &json!({"id": "a\nb"})), no_id(3)),
        (answer(200, &json!({"id": "x".repeat(1_025)})), no_id(1_025)),
    ];
    for (received, expected) in cases {
        assert_eq!(verdict(received), expected);
    }
}
