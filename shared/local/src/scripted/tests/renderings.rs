//! The vendor whose jobs are named by a URL alone.

use serde_json::{Value, json};

use super::super::{Script, Seen, ThirdParty, millis};
use super::peers::{PATIENCE, ask_renderings, rendering};

const START: &str = "POST /v1/renderings";

/// Submits, and gives the operation's URL as path and query.
async fn submit(third_party: &ThirdParty, reference: &str) -> String {
    let submitted = ask_renderings(third_party, START, &rendering(reference)).await.unwrap();
    assert_eq!((submitted.status(), submitted.body.len()), (202, 0));
    assert_eq!(submitted.header("retry-after"), Some("2"));
    let url = submitted.header("operation-location").unwrap();
    url.strip_prefix(&third_party.base_url()).unwrap().to_owned()
}

#[tokio::test]
async fn a_rendering_is_named_by_its_operation_alone_and_202_until_it_is_done() {
    let third_party = ThirdParty::start().await.unwrap();
    third_party.script("r1", Script::fails_after(millis(200), "the reel is torn"));
    let operation = submit(&third_party, "r1").await;
    let look = format!("GET {operation}");

    let pending = ask_renderings(&third_party, &look, &json!(null)).await.unwrap();
    assert_eq!((pending.status(), pending.json()), (202, json!({})));
    let seen = third_party.wait_until("r1", |seen| seen.done_at_ms.is_some(), PATIENCE).await.unwrap();
    let failed = ask_renderings(&third_party, &look, &json!(null)).await.unwrap();
    assert_eq!((failed.status(), failed.json()), (200, json!({"state": "broken", "error": "the reel is torn"})));
    assert!(operation.starts_with(&format!("/v1/operations/{}?key=", seen.jobs[0])), "{operation}");
}

#[tokio::test]
async fn the_same_idempotency_key_gives_the_same_operation() {
    let third_party = ThirdParty::start().await.unwrap();
    let bearer = format!("Bearer {}", third_party.renderings_token());
    let headers = [("authorization", bearer.as_str()), ("idempotency-key", "k1")];
    let body = rendering("r1").to_string();
    let mut operations = Vec::new();
    for _ in 0..2 {
        let answer = super::peers::send(&third_party, START, &headers, &body).await.unwrap();
        operations.push(answer.header("operation-location").map(str::to_owned));
    }
    assert!(operations[0].is_some());
    assert_eq!(operations[0], operations[1]);
}

#[tokio::test]
async fn an_operation_is_looked_at_and_called_off_by_its_key_only() {
    let third_party = ThirdParty::start().await.unwrap();
    third_party.script("r1", Script::never_ends());
    let operation = submit(&third_party, "r1").await;
    let (without_key, _) = operation.split_once('?').unwrap();
    for path in [without_key.to_owned(), format!("{without_key}?key=0")] {
        for method in ["GET", "DELETE"] {
            let refused = ask_renderings(&third_party, &format!("{method} {path}"), &json!(null)).await.unwrap();
            assert_eq!(refused.status(), 403);
        }
    }
    let canceled = ask_renderings(&third_party, &format!("DELETE {operation}"), &json!(null)).await.unwrap();
    assert_eq!((canceled.status(), canceled.json()), (200, json!({"state": "called_off"})));

    let seen = third_party.seen("r1");
    let (submitted_from, jobs) = (seen.submitted_from.clone(), seen.jobs.clone());
    assert_eq!(seen, Seen { submits: 1, submitted_from, jobs, most_under_way: 1, cancels: 1, ..Seen::default() });
}

#[tokio::test]
async fn frames_come_in_pages_of_a_hundred() {
    let third_party = ThirdParty::start().await.unwrap();
    let frames: Vec<Value> = (0..250).map(|number| json!({"frame": number})).collect();
    third_party.script("r1", Script::succeeds_with(frames.clone().into(), millis(0)));
    let operation = submit(&third_party, "r1").await;
    third_party.wait_until("r1", |seen| seen.done_at_ms.is_some(), PATIENCE).await.unwrap();
    let rendered = ask_renderings(&third_party, &format!("GET {operation}"), &json!(null)).await.unwrap().json();
    let frames_url = rendered["frames_url"].as_str().unwrap();

    let mut pages = Vec::new();
    let mut path = frames_url.to_owned();
    loop {
        let page = ask_renderings(&third_party, &format!("GET {path}"), &json!(null)).await.unwrap().json();
        pages.push(page["frames"].as_array().unwrap().clone());
        let Some(next) = page["next"].as_str() else { break };
        path = format!("{frames_url}?cursor={next}");
    }
    assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), [100, 100, 50]);
    assert_eq!(pages.concat(), frames);
    assert_eq!(third_party.seen("r1").pages, 3);
}

#[tokio::test]
async fn jobs_under_way_are_counted_until_they_are_done_or_canceled() {
    let third_party = ThirdParty::start().await.unwrap();
    third_party.script("r1", Script::never_ends());
    let first = submit(&third_party, "r1").await;
    submit(&third_party, "r1").await;
    ask_renderings(&third_party, &format!("DELETE {first}"), &json!(null)).await.unwrap();
    submit(&third_party, "r1").await;
    assert_eq!(third_party.seen("r1").most_under_way, 2);
}
