//! Submits, status checks and cancels that go as they should.

use std::time::Instant;

use serde_json::json;

use super::super::{Script, Seen, ThirdParty, millis};
use super::peers::{PATIENCE, ask_checks, ask_transcripts, check, send, transcript};

#[tokio::test]
async fn a_transcript_is_queued_then_completed_with_its_text() {
    let third_party = ThirdParty::start().await.unwrap();
    third_party.script("r1", Script::succeeds_with(json!("hello"), millis(20)));

    let submitted = ask_transcripts(&third_party, "POST /v1/transcripts", &transcript("r1")).await.unwrap();
    assert_eq!(submitted.status(), 201);
    let id = submitted.json()["id"].as_str().unwrap().to_owned();
    assert!(id.starts_with("tr_"), "{id}");
    assert_eq!(submitted.json(), json!({"id": id, "status": "queued"}));

    third_party.wait_until("r1", |seen| seen.done_at_ms.is_some(), PATIENCE).await.unwrap();
    let path = format!("GET /v1/transcripts/{id}");
    let status = ask_transcripts(&third_party, &path, &json!(null)).await.unwrap();
    assert_eq!(status.status(), 200);
    assert_eq!(status.json(), json!({"id": id, "status": "completed", "text": "hello"}));

    let seen = third_party.seen("r1");
    assert_eq!(
        seen,
        Seen {
            submits: 1,
            submitted_from: seen.submitted_from.clone(),
            jobs: vec![id],
            most_under_way: 1,
            checks: seen.checks.clone(),
            done_at_ms: seen.done_at_ms,
            ..Seen::default()
        }
    );
    assert_eq!(seen.checks.len(), 1);
    assert_eq!(seen.submitted_from.len(), 1);
    assert!(seen.submitted_from[0].ip().is_loopback());
}

#[tokio::test]
async fn checks_that_come_together_are_answered_when_all_are_there() {
    let third_party = ThirdParty::start().await.unwrap();
    third_party.script("r1", Script::never_ends().checks_together(2));
    let submitted = ask_transcripts(&third_party, "POST /v1/transcripts", &transcript("r1")).await.unwrap();
    let path = format!("GET /v1/transcripts/{}", submitted.json()["id"].as_str().unwrap());
    let nothing = json!(null);
    let first = ask_transcripts(&third_party, &path, &nothing);
    let second = async {
        third_party.wait_until("r1", |seen| seen.checks.len() == 1, PATIENCE).await.unwrap();
        ask_transcripts(&third_party, &path, &nothing).await
    };
    // Held back until the other came, the first was not answered before.
    let (first, second) = tokio::time::timeout(PATIENCE, async { tokio::join!(first, second) }).await.unwrap();
    assert_eq!((first.unwrap().status(), second.unwrap().status()), (200, 200));
    let third = ask_transcripts(&third_party, &path, &nothing).await.unwrap();
    assert_eq!(third.status(), 200);
}

#[tokio::test]
async fn a_job_is_done_by_its_timer_and_not_by_the_first_look() {
    let third_party = ThirdParty::start().await.unwrap();
    third_party.script("r1", Script::succeeds_after(millis(200)));

    let before = Instant::now();
    ask_transcripts(&third_party, "POST /v1/transcripts", &transcript("r1")).await.unwrap();
    let seen = third_party.wait_until("r1", |seen| seen.done_at_ms.is_some(), PATIENCE).await.unwrap();

    assert!(before.elapsed() >= millis(200), "{:?}", before.elapsed());
    assert_eq!(seen.checks, Vec::<i64>::new());
}

#[tokio::test]
async fn a_failed_transcript_says_why() {
    let third_party = ThirdParty::start().await.unwrap();
    third_party.script("r1", Script::fails_after(millis(0), "no speech found"));
    let submitted = ask_transcripts(&third_party, "POST /v1/transcripts", &transcript("r1")).await.unwrap();
    let id = submitted.json()["id"].as_str().unwrap().to_owned();
    third_party.wait_until("r1", |seen| seen.done_at_ms.is_some(), PATIENCE).await.unwrap();

    let path = format!("GET /v1/transcripts/{id}");
    let status = ask_transcripts(&third_party, &path, &json!(null)).await.unwrap();

    assert_eq!(status.json(), json!({"id": id, "status": "error", "error": "no speech found"}));
}

#[tokio::test]
async fn the_same_idempotency_key_gives_the_same_job_and_another_key_another() {
    let third_party = ThirdParty::start().await.unwrap();
    let bearer = format!("Bearer {}", third_party.checks_token());
    let body = check("r1").to_string();
    let mut answers = Vec::new();
    for key in ["k1", "k1", "k2"] {
        let headers = [("authorization", bearer.as_str()), ("idempotency-key", key)];
        let answer = send(&third_party, "POST /v1/checks", &headers, &body).await.unwrap();
        let id = answer.json()["check_id"].as_str().unwrap().to_owned();
        answers.push((answer.status(), id));
    }

    assert_eq!(answers[0].0, 202);
    assert_eq!(answers[1], (200, answers[0].1.clone()));
    assert_eq!(answers[2].0, 202);
    let seen = third_party.seen("r1");
    assert_eq!(seen.submits, 3);
    assert_eq!(seen.idempotency_keys, ["k1", "k2"]);
    assert_eq!(seen.jobs, [answers[0].1.clone(), answers[2].1.clone()]);
}

#[tokio::test]
async fn a_canceled_job_stays_canceled_and_is_never_done() {
    let third_party = ThirdParty::start().await.unwrap();
    third_party.script("r1", Script::never_ends());
    let submitted = ask_transcripts(&third_party, "POST /v1/transcripts", &transcript("r1")).await.unwrap();
    let id = submitted.json()["id"].as_str().unwrap().to_owned();

    let path = format!("DELETE /v1/transcripts/{id}");
    for _ in 0..2 {
        let canceled = ask_transcripts(&third_party, &path, &json!(null)).await.unwrap();
        assert_eq!(canceled.status(), 200);
        assert_eq!(canceled.json(), json!({"id": id, "status": "canceled"}));
    }

    let seen = third_party.seen("r1");
    assert_eq!((seen.cancels, seen.done_at_ms), (2, None));
}

#[tokio::test]
async fn a_job_that_is_done_can_no_longer_be_withdrawn() {
    let third_party = ThirdParty::start().await.unwrap();
    let submitted = ask_checks(&third_party, "POST /v1/checks", &check("r1")).await.unwrap();
    let id = submitted.json()["check_id"].as_str().unwrap().to_owned();
    third_party.wait_until("r1", |seen| seen.done_at_ms.is_some(), PATIENCE).await.unwrap();

    let path = format!("POST /v1/checks/{id}/withdraw");
    let refused = ask_checks(&third_party, &path, &json!(null)).await.unwrap();

    assert_eq!(refused.status(), 409);
    assert_eq!(refused.json(), json!({"error": "the job is already done"}));
    let path = format!("GET /v1/checks/{id}");
    let status = ask_checks(&third_party, &path, &json!(null)).await.unwrap();
    assert_eq!(status.json(), json!({"check_id": id, "state": "approved", "report": {"score": 97, "reference": "r1"}}));
}

#[tokio::test]
async fn requests_that_make_no_sense_are_refused_and_not_counted() {
    let third_party = ThirdParty::start().await.unwrap();
    let submit = transcript("r1").to_string();
    let checks_token = format!("Bearer {}", third_party.checks_token());
    let wrong_token = [("authorization", checks_token.as_str())];

    let start = "POST /v1/transcripts";
    let unauthorized = send(&third_party, start, &[], &submit).await.unwrap();
    let crossed = send(&third_party, start, &wrong_token, &submit).await.unwrap();
    let incomplete = ask_transcripts(&third_party, start, &json!({"reference": "r1"})).await.unwrap();
    let unknown_path = ask_transcripts(&third_party, "GET /v2/transcripts", &json!(null)).await.unwrap();
    let unknown_job = ask_transcripts(&third_party, "GET /v1/transcripts/tr_1", &json!(null)).await.unwrap();

    assert_eq!(unauthorized.status(), 401);
    assert_eq!(unauthorized.json(), json!({"error": "the bearer token is missing or wrong"}));
    assert_eq!(crossed.status(), 401);
    assert_eq!(incomplete.status(), 422);
    assert_eq!(incomplete.json(), json!({"error": "`audio_url` is required, as a text that is not empty"}));
    assert_eq!(unknown_path.status(), 404);
    assert_eq!(unknown_job.status(), 404);
    assert_eq!(unknown_job.json(), json!({"error": "there is no job `tr_1`"}));
    assert_eq!(third_party.seen("r1"), Seen::default());
}

#[tokio::test]
async fn waiting_for_what_never_comes_tells_what_came_instead() {
    let third_party = ThirdParty::start().await.unwrap();
    ask_checks(&third_party, "POST /v1/checks", &check("r1")).await.unwrap();

    let error = third_party.wait_until("r1", |seen| seen.cancels == 1, millis(10)).await.unwrap_err();

    assert_eq!(error.reference, "r1");
    assert_eq!(error.waited, millis(10));
    assert_eq!(error.seen.submits, 1);
    assert!(error.to_string().contains("waited 10ms"), "{error}");
}
