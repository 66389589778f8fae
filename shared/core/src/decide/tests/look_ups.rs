//! Looking whether a job was started whose submit got no answer.

use crate::answer::{Answer, TransportError};
use crate::decide::submit::{Found, TakenJob, read_look_up};
use crate::integration::WhenUnknown;
use crate::test_support::{answer, cut_off, job, raw_answer, render};
use serde_json::json;

fn found(received: &Result<Answer, TransportError>) -> Found {
    let lines = "keep = { owner = \"request:/owner\" }\nwhen_unknown = \"look_up\"\n[submit.look_up]\npath = \"/v1/jobs\"\nquery = { reference = \"{wait_id}\" }\njob_id = \"body:/data/0/id\"\n";
    let integration = render(&[("idempotency_header = \"Idempotency-Key\"\n", lines)]);
    assert!(!integration.submit.may_resend());
    let WhenUnknown::LookUp(look_up) = &integration.submit.when_unknown else {
        panic!("{:?}", integration.submit.when_unknown);
    };
    read_look_up(&integration, look_up, received, &json!({"owner": "me"}))
}

fn unknown(why: &str) -> Found {
    Found::Unknown(why.to_owned())
}

#[test]
fn a_job_that_is_found_has_its_id_and_what_the_payload_gives_to_keep() {
    let kept = [("owner".to_owned(), "me".to_owned())].into_iter().collect();
    let expected = Found::Job(TakenJob { id: job("j1"), kept });
    assert_eq!(found(&Ok(answer(200, &json!({"data": [{"id": "j1"}, {"id": "j2"}]})))), expected);
}

#[test]
fn a_success_that_names_no_job_says_that_there_is_none() {
    for body in [json!({"data": []}), json!({}), json!({"data": [{"id": null}]})] {
        assert_eq!(found(&Ok(answer(200, &body))), Found::Nothing, "{body}");
    }
}

#[test]
fn anything_else_leaves_it_unknown() {
    for code in [301, 404, 429, 500] {
        let expected = unknown(&format!("the look-up answered HTTP {code}"));
        assert_eq!(found(&Ok(answer(code, &json!({"data": [{"id": "j1"}]})))), expected);
    }
    let cases = [
        (raw_answer(200, b"<html>"), "the look-up: the body is not JSON (6 bytes of HTML or XML)"),
        (raw_answer(200, b""), "the look-up: the body is not JSON (0 bytes of nothing)"),
        (cut_off(answer(200, &json!({"data": []}))), "the look-up: the body is larger than 11 bytes"),
        (
            answer(200, &json!({"data": [{"id": ""}]})),
            "the look-up: body:/data/0/id: a job id must have 1 to 1024 bytes and no control characters; this one has 0 bytes",
        ),
    ];
    for (received, why) in cases {
        assert_eq!(found(&Ok(received)), unknown(why));
    }
    assert_eq!(found(&Err(TransportError::NotConnected)), unknown("the look-up: could not connect"));
}
