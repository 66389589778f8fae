//! Scripted answers, each given once, in order.

use std::time::Instant;

use http::header::RETRY_AFTER;
use http::{HeaderValue, StatusCode};
use serde_json::json;

use super::super::{Answer, Script, ThirdParty, millis};
use super::peers::{ask_checks, ask_transcripts, check, transcript};

#[tokio::test]
async fn a_submit_that_went_wrong_makes_no_job_and_the_next_one_does() {
    let third_party = ThirdParty::start().await.unwrap();
    let unavailable = Answer::status(StatusCode::SERVICE_UNAVAILABLE, &json!({"error": "later"}));
    let script = Script::never_ends().submit_answers([unavailable, Answer::hang_up()]);
    third_party.script("r1", script);

    let start = "POST /v1/transcripts";
    let first = ask_transcripts(&third_party, start, &transcript("r1")).await;
    let second = ask_transcripts(&third_party, start, &transcript("r1")).await;
    assert_eq!(third_party.seen("r1").jobs, Vec::<String>::new());
    let third = ask_transcripts(&third_party, start, &transcript("r1")).await;

    let first = first.unwrap();
    assert_eq!(first.status(), 503);
    assert_eq!(first.json(), json!({"error": "later"}));
    assert!(second.is_none());
    assert_eq!(third.unwrap().status(), 201);
    let seen = third_party.seen("r1");
    assert_eq!((seen.submits, seen.jobs.len()), (3, 1));
}

#[tokio::test]
async fn a_submit_whose_answer_was_lost_has_made_a_job() {
    let third_party = ThirdParty::start().await.unwrap();
    let lost = Answer::hang_up().although_it_took_effect();
    third_party.script("r1", Script::never_ends().submit_answers([lost]));

    let answer = ask_checks(&third_party, "POST /v1/checks", &check("r1")).await;

    assert!(answer.is_none());
    let seen = third_party.seen("r1");
    assert_eq!((seen.submits, seen.jobs.len()), (1, 1));
}

#[tokio::test]
async fn status_checks_get_the_scripted_answers_and_then_the_truth() {
    let third_party = ThirdParty::start().await.unwrap();
    let script = Script::never_ends().check_answers([
        Answer::throttled(HeaderValue::from_static("1e300")),
        Answer::html(),
        Answer::cut_off_json(),
        Answer::empty(),
        Answer::oversized(300_000),
        Answer::normal(),
        Answer::hang_up(),
    ]);
    third_party.script("r1", script);
    let submitted = ask_transcripts(&third_party, "POST /v1/transcripts", &transcript("r1")).await.unwrap();
    let id = submitted.json()["id"].as_str().unwrap().to_owned();

    let path = format!("GET /v1/transcripts/{id}");
    let mut answers = Vec::new();
    for _ in 0..8 {
        answers.push(ask_transcripts(&third_party, &path, &json!(null)).await);
    }

    let throttled = answers[0].as_ref().unwrap();
    assert_eq!(throttled.status(), 429);
    assert_eq!(throttled.header(RETRY_AFTER.as_str()), Some("1e300"));
    let html = answers[1].as_ref().unwrap();
    assert_eq!(html.status(), 200);
    assert_eq!(html.header("content-type"), Some("text/html"));
    let cut_off = answers[2].as_ref().unwrap();
    assert_eq!(cut_off.status(), 200);
    assert_eq!(cut_off.body, br#"{"id":"tr_1","stat"#);
    let empty = answers[3].as_ref().unwrap();
    assert_eq!((empty.status(), empty.body.len()), (200, 0));
    let oversized = answers[4].as_ref().unwrap();
    assert_eq!(oversized.body.len(), 300_000 + r#"{"padding":""}"#.len());
    let processing = json!({"id": id, "status": "processing"});
    assert_eq!(answers[5].as_ref().unwrap().json(), processing);
    assert!(answers[6].is_none());
    assert_eq!(answers[7].as_ref().unwrap().json(), processing);
    assert_eq!(third_party.seen("r1").checks.len(), 8);
}

#[tokio::test]
async fn a_slow_answer_is_late_and_otherwise_normal() {
    let third_party = ThirdParty::start().await.unwrap();
    let script = Script::never_ends().submit_answers([Answer::slow(millis(150))]);
    third_party.script("r1", script);

    let before = Instant::now();
    let answer = ask_checks(&third_party, "POST /v1/checks", &check("r1")).await.unwrap();

    assert!(before.elapsed() >= millis(150), "{:?}", before.elapsed());
    assert_eq!(answer.status(), 202);
}

#[tokio::test]
async fn a_cancel_that_is_refused_cancels_nothing() {
    let third_party = ThirdParty::start().await.unwrap();
    let refused = Answer::status(StatusCode::INTERNAL_SERVER_ERROR, &json!({}));
    third_party.script("r1", Script::never_ends().cancel_answers([refused]));
    let submitted = ask_checks(&third_party, "POST /v1/checks", &check("r1")).await.unwrap();
    let id = submitted.json()["check_id"].as_str().unwrap().to_owned();

    let path = format!("POST /v1/checks/{id}/withdraw");
    let first = ask_checks(&third_party, &path, &json!(null)).await.unwrap();
    let second = ask_checks(&third_party, &path, &json!(null)).await.unwrap();

    assert_eq!(first.status(), 500);
    assert_eq!(second.status(), 200);
    assert_eq!(second.json(), json!({"check_id": id, "state": "withdrawn"}));
    assert_eq!(third_party.seen("r1").cancels, 2);
}
