//! Webhooks as they arrive.

use std::net::SocketAddr;

use serde_json::json;

use super::super::{
    Delivery, DeliveryAnswer, DeliveryError, Script, Signing, ThirdParty, WebhookOutcome, WebhookSecret, millis, secs,
};
use super::peers::{PATIENCE, Receiver, ask_checks, check};

const WEBHOOK_URL: &str = "https://hooks.example.com/identity-check?v=1";

async fn delivering_to(receiver: &Receiver) -> ThirdParty {
    let third_party = ThirdParty::start().await.unwrap();
    third_party.deliver_via(receiver.address);
    third_party
}

async fn submit(third_party: &ThirdParty, reference: &str) -> String {
    let answer = ask_checks(third_party, "POST /v1/checks", &check(reference)).await.unwrap();
    assert_eq!(answer.json()["state"], "pending");
    answer.json()["check_id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_finished_check_is_announced_signed_with_the_urls_own_host_and_path() {
    let receiver = Receiver::answering(&[200]).await;
    let third_party = delivering_to(&receiver).await;

    let id = submit(&third_party, "r1").await;
    let seen = third_party.wait_until("r1", |seen| seen.webhooks.len() == 1, PATIENCE).await.unwrap();

    assert_eq!(seen.webhooks[0].event, "check.finished");
    assert_eq!(seen.webhooks[0].outcome, WebhookOutcome::Status(200));
    assert!(seen.webhooks[0].sent_at_ms >= seen.done_at_ms.unwrap());
    let webhook = &receiver.received()[0];
    assert_eq!(webhook.start, "POST /identity-check?v=1 HTTP/1.1");
    assert_eq!(webhook.header("host"), Some("hooks.example.com"));
    assert_eq!(
        webhook.json(),
        json!({"type": "check.finished", "data": {
            "check_id": id,
            "state": "approved",
            "report": {"score": 97, "reference": "r1"},
        }})
    );
    let timestamp = webhook.header("webhook-timestamp").unwrap();
    let expected = third_party.webhook_secret().sign(
        webhook.header("webhook-id").unwrap(),
        timestamp.parse().unwrap(),
        &webhook.body,
    );
    assert_eq!(webhook.header("webhook-signature"), Some(expected.as_str()));
}

#[tokio::test]
async fn copies_share_their_id_and_are_sent_whatever_they_are_answered() {
    let receiver = Receiver::answering(&[200, 500, 202]).await;
    let third_party = delivering_to(&receiver).await;
    third_party.script("r1", Script::succeeds_after(millis(10)).webhook_copies(3));

    submit(&third_party, "r1").await;
    let seen = third_party.wait_until("r1", |seen| seen.webhooks.len() == 3, PATIENCE).await.unwrap();

    assert_eq!(seen.webhook_statuses(), [Some(200), Some(500), Some(202)]);
    let received = receiver.received();
    assert_eq!(received.len(), 3);
    let id = received[0].header("webhook-id");
    assert!(received.iter().all(|copy| copy.header("webhook-id") == id));
}

#[tokio::test]
async fn a_refused_webhook_is_sent_again_only_if_the_script_says_so() {
    let receiver = Receiver::answering(&[503, 503, 200]).await;
    let third_party = delivering_to(&receiver).await;
    let script = Script::succeeds_after(millis(0)).webhook_retries(5, millis(1));
    third_party.script("r1", script);

    submit(&third_party, "r1").await;
    let seen =
        third_party.wait_until("r1", |seen| seen.webhook_statuses().contains(&Some(200)), PATIENCE).await.unwrap();

    assert_eq!(seen.webhook_statuses(), [Some(503), Some(503), Some(200)]);
}

#[tokio::test]
async fn a_webhook_before_the_answer_arrives_while_the_submit_is_still_waiting() {
    let receiver = Receiver::answering(&[202]).await;
    let third_party = delivering_to(&receiver).await;
    let script = Script::succeeds_after(millis(20)).webhook_before_answer();
    third_party.script("r1", script);

    let id = submit(&third_party, "r1").await;

    // Counted before the answer came: no waiting here.
    assert_eq!(third_party.seen("r1").webhook_statuses(), [Some(202)]);
    assert_eq!(receiver.received()[0].json()["data"]["check_id"], id);
}

#[tokio::test]
async fn a_progress_event_comes_before_the_final_one() {
    let receiver = Receiver::answering(&[200]).await;
    let third_party = delivering_to(&receiver).await;
    let script = Script::fails_after(millis(20), "under age").progress_event_first();
    third_party.script("r1", script);

    let id = submit(&third_party, "r1").await;
    third_party.wait_until("r1", |seen| seen.webhooks.len() == 2, PATIENCE).await.unwrap();

    let received = receiver.received();
    assert_eq!(received[0].json(), json!({"type": "check.updated", "data": {"check_id": id, "state": "in_review"}}));
    assert_eq!(
        received[1].json(),
        json!({"type": "check.finished", "data": {
            "check_id": id, "state": "declined", "reason": "under age",
        }})
    );
    assert_ne!(received[0].header("webhook-id"), received[1].header("webhook-id"));
}

#[tokio::test]
async fn a_lost_webhook_is_never_sent_and_a_later_job_still_sends_its_own() {
    let receiver = Receiver::answering(&[200]).await;
    let third_party = delivering_to(&receiver).await;
    third_party.script("lost", Script::succeeds_after(millis(0)).webhook_lost());

    submit(&third_party, "lost").await;
    third_party.wait_until("lost", |seen| seen.done_at_ms.is_some(), PATIENCE).await.unwrap();
    submit(&third_party, "sent").await;
    third_party.wait_until("sent", |seen| seen.webhooks.len() == 1, PATIENCE).await.unwrap();

    assert_eq!(third_party.seen("lost").webhooks, []);
    assert_eq!(receiver.received().len(), 1);
}

#[tokio::test]
async fn a_wrongly_signed_webhook_does_not_verify() {
    let receiver = Receiver::answering(&[401]).await;
    let third_party = delivering_to(&receiver).await;
    let script = Script::succeeds_after(millis(0)).webhook_wrongly_signed();
    third_party.script("r1", script);

    submit(&third_party, "r1").await;
    third_party.wait_until("r1", |seen| seen.webhooks.len() == 1, PATIENCE).await.unwrap();

    let webhook = &receiver.received()[0];
    let right = third_party.webhook_secret().sign(
        webhook.header("webhook-id").unwrap(),
        webhook.header("webhook-timestamp").unwrap().parse().unwrap(),
        &webhook.body,
    );
    let sent = webhook.header("webhook-signature").unwrap();
    assert_eq!(sent.len(), right.len());
    assert_ne!(sent, right);
}

#[tokio::test]
async fn a_webhook_by_hand_is_signed_as_told() {
    let receiver = Receiver::answering(&[200]).await;
    let third_party = delivering_to(&receiver).await;
    let other = WebhookSecret::parse("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
    let raw = ("webhook-id".to_owned(), "w1".to_owned());
    let ways = [
        Signing::Valid,
        Signing::WithSecret(other.clone()),
        Signing::At(1_000),
        Signing::None,
        Signing::Raw(vec![raw]),
    ];

    for sign in ways {
        let answer =
            third_party.deliver(Delivery { url: WEBHOOK_URL.to_owned(), body: b"not json".to_vec(), sign }).await;
        let ok = DeliveryAnswer { status: 200, body: b"ok".to_vec() };
        assert_eq!(answer, Ok(ok));
    }

    let received = receiver.received();
    let secrets = [third_party.webhook_secret(), &other, third_party.webhook_secret()];
    for (webhook, secret) in received.iter().zip(secrets) {
        let signature = secret.sign(
            webhook.header("webhook-id").unwrap(),
            webhook.header("webhook-timestamp").unwrap().parse().unwrap(),
            b"not json",
        );
        assert_eq!(webhook.header("webhook-signature"), Some(signature.as_str()));
    }
    assert_eq!(received[2].header("webhook-timestamp"), Some("1000"));
    assert_eq!(received[3].header("webhook-id"), None);
    assert_eq!(received[4].header("webhook-id"), Some("w1"));
    assert_eq!(received[4].header("webhook-signature"), None);
}

#[tokio::test]
async fn a_delivery_that_cannot_be_made_says_where_and_why() {
    let third_party = ThirdParty::start().await.unwrap();
    let to = |url: &str| Delivery { url: url.to_owned(), body: Vec::new(), sign: Signing::None };
    assert_eq!(
        third_party.deliver(to(WEBHOOK_URL)).await,
        Err(DeliveryError::NoAddress { url: WEBHOOK_URL.to_owned() })
    );

    let receiver = Receiver::answering(&[200]).await;
    third_party.deliver_via(receiver.address);
    assert_eq!(
        third_party.deliver(to("/path")).await,
        Err(DeliveryError::Malformed { url: "/path".to_owned(), reason: "the URL names no host".to_owned() })
    );

    // Port 1 is the multiplexer nobody runs.
    let nobody = SocketAddr::from(([127, 0, 0, 1], 1));
    third_party.deliver_via(nobody);
    let error = third_party.deliver(to(WEBHOOK_URL)).await.unwrap_err();
    assert!(matches!(&error, DeliveryError::Broken { address, .. } if *address == nobody), "{error}");
    assert_eq!(receiver.received().len(), 0);
}

#[tokio::test]
async fn a_withdrawn_check_sends_no_webhook() {
    let receiver = Receiver::answering(&[200]).await;
    let third_party = delivering_to(&receiver).await;
    third_party.script("r1", Script::succeeds_after(secs(3_600)));

    let id = submit(&third_party, "r1").await;
    let path = format!("POST /v1/checks/{id}/withdraw");
    let withdrawn = ask_checks(&third_party, &path, &json!(null)).await.unwrap();
    third_party.stop().await;

    assert_eq!(withdrawn.json(), json!({"check_id": id, "state": "withdrawn"}));
    assert_eq!(receiver.received().len(), 0);
}
