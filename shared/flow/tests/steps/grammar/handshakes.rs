//! Handshakes: answered before events are read, and never touching a wait.

use super::changed;
use crate::direct::Bench;
use crate::world::{TaskState, signed};
use serde_json::{Value, json};
use stepwait_core::answer::{Answer, TransportError};
use stepwait_core::webhook::Delivery;
use stepwait_flow::webhook::Reply;

const TOPIC: &str = "arn:aws:sns:eu-central-1:123456789012:jobs";

/// A wait for a third party with that handshake, submitted.
fn shaking(handshake: &str) -> Bench {
    let bench = changed("thin", |text| text.replace("[callback]\n", &format!("[callback]\nhandshake = {handshake}\n")));
    assert_eq!(bench.submit(0), TaskState::Waiting);
    bench
}

/// What becomes of a delivery; asserts that no row has changed.
fn answered(bench: &Bench, delivery: &Delivery) -> Reply {
    let rows = |bench: &Bench| {
        let state = bench.world.state();
        (state.store.table.waits.clone(), state.store.table.rendezvous.clone(), state.vendor.looks)
    };
    let before = rows(bench);
    let reply = bench.receive(delivery);
    assert_eq!(rows(bench), before);
    reply
}

fn genuine(bench: &Bench, body: &Value) -> Delivery {
    signed("hello", "thin", &body.to_string(), bench.world.state().now)
}

fn asks(query: &str, headers: &Value) -> Delivery {
    let context = json!({ "http": { "method": "GET" } });
    let event = json!({
        "rawPath": "/webhooks/thin", "rawQueryString": query, "headers": headers, "requestContext": context
    });
    Delivery::from_event(event).unwrap()
}

fn body(reply: &Reply) -> Option<&str> {
    reply.handshake.as_ref().map(|answer| answer.body.as_str())
}

#[test]
fn a_signed_challenge_is_answered_and_an_unsigned_one_is_refused() {
    let bench = shaking("{ preset = \"slack\" }");
    let challenge = genuine(&bench, &json!({ "type": "url_verification", "challenge": "3eZbrw1aB" }));
    let reply = answered(&bench, &challenge);
    assert_eq!((reply.status, body(&reply)), (200, Some("3eZbrw1aB")));

    let mut unsigned = challenge;
    unsigned.headers.remove("webhook-signature");
    assert_eq!(answered(&bench, &unsigned), Reply::new(401, "the header \"webhook-signature\" is missing"));
}

#[test]
fn nothing_is_signed_for_somebody_who_did_not_prove_himself() {
    let bench = shaking("{ preset = \"zoom\" }");
    let body_of = json!({ "event": "endpoint.url_validation", "payload": { "plainToken": "v0:1794474000:{}" } });
    let mut forged = genuine(&bench, &body_of);
    forged.headers.insert("webhook-signature".to_owned(), "v1,AAAA".to_owned());
    assert_eq!(answered(&bench, &forged).status, 401);

    let reply = answered(&bench, &genuine(&bench, &body_of));
    let answer: Value = serde_json::from_str(body(&reply).unwrap()).unwrap();
    assert_eq!((reply.status, &answer["plainToken"]), (200, &json!("v0:1794474000:{}")));
    assert_eq!(answer["encryptedToken"].as_str().map(str::len), Some(64));
}

#[test]
fn a_handshake_that_nothing_can_vouch_for_is_answered_without_reading_a_secret() {
    let bench = shaking("{ preset = \"microsoft-graph\" }");
    bench.world.state().gate.open(std::collections::BTreeMap::new());
    let reply = answered(&bench, &asks("validationToken=a%20b", &json!({})));
    assert_eq!((reply.status, body(&reply)), (200, Some("a b")));
    assert_eq!(bench.world.state().gate.passed().len(), 0);
    // What is none is an event as any other.
    assert_eq!(answered(&bench, &asks("token=a", &json!({}))).status, 401);

    let asana = shaking("{ preset = \"asana\" }");
    let reply = answered(&asana, &asks("", &json!({ "X-Hook-Secret": "b537207f" })));
    let sent_back = reply.handshake.unwrap().headers.pop();
    assert_eq!(sent_back, Some(("x-hook-secret".to_owned(), "b537207f".to_owned())));
}

#[test]
fn a_token_that_was_agreed_on_is_compared() {
    let bench = shaking("{ preset = \"meta\", secret = \"vendor/login\" }");
    let challenge =
        |token: &str| asks(&format!("hub.mode=subscribe&hub.challenge=77&hub.verify_token={token}"), &json!({}));
    let reply = answered(&bench, &challenge("api-token"));
    assert_eq!((reply.status, body(&reply)), (200, Some("77")));
    let refused = Reply::new(401, "the handshake's token is not the one that was agreed on");
    assert_eq!(answered(&bench, &challenge("api-tokem")), refused);
}

fn subscription(topic: &str) -> Value {
    let url = format!("https://sns.eu-central-1.amazonaws.com/?Action=ConfirmSubscription&TopicArn={TOPIC}&Token=2336");
    json!({ "Type": "SubscriptionConfirmation", "TopicArn": topic, "SubscribeURL": url })
}

#[test]
fn a_subscription_is_confirmed_once_its_signature_was_verified() {
    let bench = shaking(&format!("{{ preset = \"sns\", topic = \"{TOPIC}\" }}"));
    bench.world.state().vendor.api = Some(|_, request, _, _| {
        assert!(request.url.starts_with("https://sns.eu-central-1.amazonaws.com/?Action="), "{}", request.url);
        assert!(request.until.is_some() && request.headers.is_empty());
        Ok(Answer { status: 200, headers: Vec::new(), body: Vec::new(), truncated: false })
    });
    let sent = || bench.world.state().vendor.requests.len();
    let before = sent();
    let mut forged = genuine(&bench, &subscription(TOPIC));
    forged.headers.remove("webhook-signature");
    assert_eq!((answered(&bench, &forged).status, sent()), (401, before));
    let other = genuine(&bench, &subscription("arn:aws:sns:eu-central-1:999999999999:jobs"));
    let refused = Reply::new(401, "the subscription is one of another topic than callback.handshake.topic");
    assert_eq!((answered(&bench, &other), sent()), (refused, before));

    let reply = answered(&bench, &genuine(&bench, &subscription(TOPIC)));
    assert_eq!((reply.status, body(&reply), sent()), (200, Some("subscribed"), before + 1));

    bench.world.state().vendor.api = Some(|_, _, _, _| Err(TransportError::Broken));
    let again = Reply::new(503, "the subscription could not be confirmed; please send again");
    assert_eq!(answered(&bench, &genuine(&bench, &subscription(TOPIC))), again);
}
