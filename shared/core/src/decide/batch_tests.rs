use super::{Part, Parts};
use crate::answer::Answer;
use crate::decide::check::{Reading, Verdict, read, unreadable};
use crate::integration::Integration;
use crate::test_support::{at, try_render};
use serde_json::{Value, json};

const PATH: &str = "path = \"/v1/jobs/{job_id}\"\nvalue";

fn file(batch: &str) -> Integration {
    let status = format!("path = \"/v1/jobs\"\nquery = {{ ids = \"{{job_ids}}\" }}\nbatch = {{ {batch} }}\nvalue");
    try_render(&[(PATH, &status)]).unwrap()
}

fn listed() -> Integration {
    file("most = 10, items = \"body:/jobs\", job_id = \"body:/id\"")
}

fn keyed() -> Integration {
    file("most = 10, items = \"body:/jobs\"")
}

fn answer(status: u16, body: &Value) -> Answer {
    let headers = vec![("retry-after".to_owned(), "7".to_owned())];
    Answer { status, headers, body: body.to_string().into_bytes(), truncated: false }
}

fn parts(integration: &Integration, answer: Answer) -> Parts {
    Parts::of(integration.status.batch.as_ref().unwrap(), answer)
}

/// What the answer says of a job, alone.
fn of_job(integration: &Integration, body: &Value, job_id: &str) -> (u16, String) {
    match parts(integration, answer(200, body)).of_job(job_id) {
        Part::Answer(answer) => (answer.status, String::from_utf8(answer.body).unwrap()),
        Part::Unreadable(_, why) => (0, why),
    }
}

fn verdict(integration: &Integration, answer: Answer, job_id: &str) -> Reading {
    match parts(integration, answer).of_job(job_id) {
        Part::Answer(answer) => read(integration, &Ok(answer), None, at("2026-11-26T12:00:00Z")).reading,
        Part::Unreadable(answer, why) => unreadable(integration, &answer, why, at("2026-11-26T12:00:00Z")).reading,
    }
}

#[test]
fn each_job_gets_its_own_part_in_whatever_order_they_come() {
    let jobs = json!({ "jobs": [{ "id": "b", "state": "done" }, { "id": "a", "state": "queued" }, { "id": 3, "state": "x" }] });
    assert_eq!(of_job(&listed(), &jobs, "a"), (200, r#"{"id":"a","state":"queued"}"#.to_owned()));
    assert_eq!(of_job(&listed(), &jobs, "b"), (200, r#"{"id":"b","state":"done"}"#.to_owned()));
    assert_eq!(of_job(&listed(), &jobs, "3"), (200, r#"{"id":3,"state":"x"}"#.to_owned()));
    let by_id = json!({ "jobs": { "b": { "state": "done" }, "a": { "state": "queued" } } });
    assert_eq!(of_job(&keyed(), &by_id, "a"), (200, r#"{"state":"queued"}"#.to_owned()));
}

#[test]
fn a_part_counts_for_the_very_id_alone_and_the_first_of_two_counts() {
    let jobs = json!({ "jobs": [{ "id": "ab", "state": "done" }, { "id": "A", "state": "done" }, { "state": "done" }, "a", 7] });
    assert_eq!(of_job(&listed(), &jobs, "a").0, 404);
    let twice = json!({ "jobs": [{ "id": "a", "state": "queued" }, { "id": "a", "state": "done" }] });
    assert_eq!(of_job(&listed(), &twice, "a"), (200, r#"{"id":"a","state":"queued"}"#.to_owned()));
}

#[test]
fn a_job_without_a_part_is_read_as_one_that_is_answered_404_and_not_by_what_the_whole_says() {
    // Were the whole taken for the job's own, it would be done.
    let none = json!({ "state": "done", "jobs": [] });
    assert_eq!(
        verdict(&listed(), answer(200, &none), "a"),
        Reading::Verdict(Verdict::Refused {
            reason: "HTTP 404".to_owned(),
            retry_after: Some(std::time::Duration::from_secs(7))
        })
    );
}

#[test]
fn an_answer_that_holds_no_jobs_where_the_file_says_so_says_what_is_wrong() {
    let ask_again = |why: &str| {
        Reading::Verdict(Verdict::AskAgain {
            reason: why.to_owned(),
            retry_after: Some(std::time::Duration::from_secs(7)),
        })
    };
    let cases = [
        (listed(), json!({ "state": "done" }), "no jobs at body:/jobs"),
        (listed(), json!({ "state": "done", "jobs": { "a": {} } }), "body:/jobs is no list"),
        (keyed(), json!({ "jobs": [] }), "body:/jobs is no object by job ids; see status.batch.job_id"),
        (listed(), json!({ "jobs": null }), "body:/jobs is no list"),
    ];
    for (integration, body, why) in cases {
        assert_eq!(verdict(&integration, answer(200, &body), "a"), ask_again(why));
    }
    let html = Answer { body: b"<html>".to_vec(), ..answer(200, &Value::Null) };
    assert_eq!(verdict(&listed(), html, "a"), ask_again("the body is not JSON (6 bytes of HTML or XML)"));
    let cut = Answer { truncated: true, ..answer(200, &json!({ "jobs": [] })) };
    assert_eq!(verdict(&listed(), cut, "a"), ask_again("the body is larger than 11 bytes"));
}

#[test]
fn an_error_is_everybodys_with_what_it_says() {
    let error = answer(400, &json!({ "why": "too many ids", "jobs": [{ "id": "a", "state": "done" }] }));
    for job_id in ["a", "b"] {
        assert!(matches!(
            verdict(&listed(), error.clone(), job_id),
            Reading::Verdict(Verdict::Refused { reason, .. }) if reason == "HTTP 400: too many ids"
        ));
    }
}
