use super::{HandshakeAnswer, Reply, Shake, Subscription, Unshaken, begin, reply};
use crate::SecretValue;
use crate::integration::Callback;
use crate::test_support::render;
use crate::webhook::Delivery;
use serde_json::{Value, json};

const TOPIC: &str = "arn:aws:sns:eu-central-1:123456789012:films";

fn callback(handshake: &str) -> Callback {
    let job_id = "job_id = \"body:/job/id\"";
    render(&[(job_id, &format!("{job_id}\nhandshake = {handshake}"))]).callback.unwrap()
}

fn delivery(query: &str, headers: &[(&str, &str)], body: &Value) -> Delivery {
    let headers: serde_json::Map<String, Value> =
        headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).into())).collect();
    let body = if body.is_null() { String::new() } else { body.to_string() };
    let event = json!({"rawPath": "/webhooks/render", "rawQueryString": query, "headers": headers, "body": body});
    Delivery::from_event(event).unwrap()
}

/// What becomes of a delivery whose proof was found right.
fn shaken(handshake: &str, delivery: &Delivery, secret: Option<&str>) -> Result<Reply, Unshaken> {
    let callback = callback(handshake);
    assert!(begin(&callback, delivery, true).is_some(), "it is no handshake");
    reply(callback.handshake.as_ref().unwrap(), delivery, secret.map(SecretValue::new).as_ref())
}

fn text(body: &str) -> Result<Reply, Unshaken> {
    answer("text/plain; charset=utf-8", &[], body)
}

fn answer(content_type: &str, more: &[(&str, &str)], body: &str) -> Result<Reply, Unshaken> {
    let headers = [("content-type", content_type), ("x-content-type-options", "nosniff")];
    let headers = headers.iter().chain(more).map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Ok(Reply::Answer(HandshakeAnswer { headers: headers.collect(), body: body.to_owned() }))
}

#[test]
fn what_must_be_verified_is_not_looked_at_before_it_was() {
    let slack = delivery("", &[], &json!({"type": "url_verification", "challenge": "c1"}));
    for handshake in ["{ preset = \"slack\" }", "{ when = { at = \"body:/type\", exists = true }, answer = { a = 1 } }"]
    {
        let callback = callback(handshake);
        assert_eq!(begin(&callback, &slack, false), None);
        assert_eq!(begin(&callback, &slack, true), Some(Shake::Verified));
    }
}

#[test]
fn what_cannot_be_verified_is_told_apart_before_and_after() {
    let graph = callback("{ preset = \"microsoft-graph\" }");
    let asks = delivery("validationToken=t", &[], &Value::Null);
    assert_eq!(begin(&graph, &asks, false), Some(Shake::Nothing));
    assert_eq!(begin(&graph, &delivery("", &[], &json!({"value": []})), false), None);
    let meta = callback("{ preset = \"meta\", secret = \"render/meta\" }");
    assert_eq!(
        begin(&meta, &delivery("hub.mode=subscribe", &[], &Value::Null), false),
        Some(Shake::Token("render/meta"))
    );
    assert_eq!(begin(&render(&[]).callback.unwrap(), &asks, true), None);
}

#[test]
fn a_challenge_goes_back_as_plain_text_or_under_a_key() {
    let slack = delivery("", &[], &json!({"type": "url_verification", "challenge": "<b>c1</b>"}));
    assert_eq!(shaken("{ preset = \"slack\" }", &slack, None), text("<b>c1</b>"));
    let described = "{ when = { at = \"body:/type\", equals = \"url_verification\" }, echo = \"body:/challenge\", key = \"challenge\" }";
    assert_eq!(shaken(described, &slack, None), answer("application/json", &[], r#"{"challenge":"<b>c1</b>"}"#));
    let graph = delivery("validationToken=Validation%3A+a%2Bb", &[], &Value::Null);
    assert_eq!(shaken("{ preset = \"microsoft-graph\" }", &graph, None), text("Validation: a+b"));
}

#[test]
fn a_token_is_compared_with_the_secret_that_was_agreed_on() {
    let meta = "{ preset = \"meta\", secret = \"render/meta\" }";
    let asks = |token: &str| {
        delivery(&format!("hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token={token}"), &[], &Value::Null)
    };
    assert_eq!(shaken(meta, &asks("meatyhamhock"), Some("meatyhamhock\n")), text("1158201444"));
    for token in ["meatyhamhoc", "meatyhamhockk", "MEATYHAMHOCK"] {
        assert_eq!(shaken(meta, &asks(token), Some("meatyhamhock")), Err(Unshaken::WrongToken), "{token}");
    }
    assert_eq!(shaken(meta, &asks(""), Some("")), Err(Unshaken::BadSecret));
    assert_eq!(shaken(meta, &asks("short"), Some("short")), Err(Unshaken::BadSecret));
    assert_eq!(shaken(meta, &asks("meatyhamhock"), None), Err(Unshaken::BadSecret));
}

#[test]
fn a_header_goes_back_as_a_header() {
    let asana = delivery("", &[("X-Hook-Secret", "b537207f20cbfa02357cf448134da559")], &json!({}));
    let header = [("x-hook-secret", "b537207f20cbfa02357cf448134da559")];
    assert_eq!(shaken("{ preset = \"asana\" }", &asana, None), answer("text/plain; charset=utf-8", &header, ""));
}

#[test]
fn a_plain_token_goes_back_with_its_hmac() {
    let body = json!({"event": "endpoint.url_validation", "payload": {"plainToken": "qgg8vlvZRS6UYooatFL8Aw"}});
    // printf qgg8vlvZRS6UYooatFL8Aw | openssl dgst -sha256 -hmac "a secret token"
    let expected = r#"{"encryptedToken":"a06dceb1de2cfd931d0c4cf987e1197ff72762d5b7b97128d3a7b9f209ffbd77","plainToken":"qgg8vlvZRS6UYooatFL8Aw"}"#;
    let answered = shaken("{ preset = \"zoom\" }", &delivery("", &[], &body), Some("a secret token"));
    assert_eq!(answered, answer("application/json", &[], expected));
    assert_eq!(shaken("{ preset = \"zoom\" }", &delivery("", &[], &body), Some("")), Err(Unshaken::BadSecret));
}

#[test]
fn a_ping_is_answered_by_a_pong() {
    let ping = delivery("", &[], &json!({"type": 1, "application_id": "1"}));
    assert_eq!(shaken("{ preset = \"discord\" }", &ping, None), answer("application/json", &[], r#"{"type":1}"#));
    assert_eq!(begin(&callback("{ preset = \"discord\" }"), &delivery("", &[], &json!({"type": 2})), true), None);
}

#[test]
fn a_value_that_is_missing_too_long_or_not_printable_is_not_sent_back() {
    let slack = |challenge: Value| delivery("", &[], &json!({"type": "url_verification", "challenge": challenge}));
    let at = || "body:/challenge".to_owned();
    let longest = "x".repeat(1_024);
    assert_eq!(shaken("{ preset = \"slack\" }", &slack(json!(longest)), None), text(&longest));
    for bad in ["", "a\r\nb", &"x".repeat(1_025)] {
        let answered = shaken("{ preset = \"slack\" }", &slack(json!(bad)), None);
        assert_eq!(answered, Err(Unshaken::BadValue(at())), "{bad:?}");
    }
    for none in [Value::Null, json!({"a": 1})] {
        assert_eq!(shaken("{ preset = \"slack\" }", &slack(none), None), Err(Unshaken::NoValue(at())));
    }
}

fn subscribe(topic: &str, url: &str) -> Result<Reply, Unshaken> {
    let body = json!({"Type": "SubscriptionConfirmation", "TopicArn": topic, "SubscribeURL": url});
    shaken(&format!("{{ preset = \"sns\", topic = \"{TOPIC}\" }}"), &delivery("", &[], &body), None)
}

#[test]
fn a_subscription_is_confirmed_at_the_address_that_came_and_nothing_of_ours_goes_there() {
    let url = format!("https://sns.eu-central-1.amazonaws.com/?Action=ConfirmSubscription&TopicArn={TOPIC}&Token=2336");
    let Ok(Reply::Confirm(subscription)) = subscribe(TOPIC, &url) else {
        panic!("it is not confirmed");
    };
    let request = subscription.request();
    assert_eq!((request.method.as_str(), request.url.as_str()), ("GET", url.as_str()));
    assert_eq!((request.headers.len(), request.secret_query.len(), request.body), (0, 0, None));
    assert!(!request.credentials && !request.redirects);
    assert_eq!(Ok(Reply::Answer(Subscription::confirmed())), text("subscribed"));
}

#[test]
fn a_subscription_of_another_topic_or_at_another_address_is_not_confirmed() {
    let query = format!("/?Action=ConfirmSubscription&TopicArn={TOPIC}&Token=2336");
    let right = format!("https://sns.eu-central-1.amazonaws.com{query}");
    let other = "arn:aws:sns:eu-central-1:999999999999:films";
    assert_eq!(subscribe(other, &right), Err(Unshaken::OtherTopic));
    let addresses = [
        format!("http://sns.eu-central-1.amazonaws.com{query}"),
        format!("https://sns.us-east-1.amazonaws.com{query}"),
        format!("https://sns.eu-central-1.amazonaws.com.evil.example{query}"),
        format!("https://sns.eu-central-1.amazonaws.com@evil.example{query}"),
        format!("https://evil.example@sns.eu-central-1.amazonaws.com{query}"),
        format!("https://sns.eu-central-1.amazonaws.com:8443{query}"),
        format!("https://s3.eu-central-1.amazonaws.com{query}"),
        right.replace("ConfirmSubscription", "DeleteTopic"),
        right.replace(TOPIC, other),
        "not an address".to_owned(),
    ];
    for address in addresses {
        assert_eq!(subscribe(TOPIC, &address), Err(Unshaken::ForeignAddress), "{address}");
    }
    let mut statuses =
        [Unshaken::OtherTopic, Unshaken::ForeignAddress, Unshaken::BadSecret].iter().map(Unshaken::status);
    assert_eq!([statuses.next(), statuses.next(), statuses.next()], [Some(401), Some(400), Some(503)]);
}
