//! The account of one verification.

use super::cases::{CASES, Case, SENT};
use super::{URL, delivery, examine_case, preset};
use crate::SecretValue;
use crate::test_support::at;
use crate::webhook::{Delivery, Keys, examine};
use serde_json::{Value, json};

fn told(case: &Case, delivery: &Delivery) -> Value {
    serde_json::to_value(examine_case(case, delivery)).unwrap()
}

fn github() -> (&'static Case, Delivery) {
    (&CASES[4], CASES[4].genuine())
}

#[test]
fn a_genuine_delivery_is_told_from_what_is_signed_to_who_signed() {
    let case = CASES.iter().find(|case| case.preset == "stripe").unwrap();
    let mut account = told(case, &case.genuine());
    let signature = account["signatures"][0]["sha256_begins"].take();
    assert_eq!(signature.as_str().map(str::len), Some(12));
    let content = account["content"]["sha256"].take();
    assert_eq!(content.as_str().map(str::len), Some(64));
    let body = "2f2cd1ef6d3f0e6e5f2e4ac1a1d5fa0f";
    let told_body = account["body"]["sha256"].take();
    assert!(told_body.as_str().is_some_and(|hash| hash.len() == 64 && !hash.starts_with(body)));
    let rule = account["rule"].take();
    assert_eq!(rule, json!(case.verification().to_string()));
    let expected = json!({
        "genuine": true,
        "ours": false,
        "now": SENT,
        "rule": null,
        "signatures": [{"place": "the header \"stripe-signature\"", "readable": true, "bytes": 32, "sha256_begins": null, "matched": true}],
        "keys": [{"name": "a", "outcome": "matched"}],
        "content": {"bytes": 69, "sha256": null},
        "body": {"bytes": 58, "sha256": null},
        "timestamp": {"place": "the field \"t\"", "sent": SENT, "apart_ms": 0, "past_s": 300, "future_s": 300, "within": true},
    });
    assert_eq!(account, expected);
}

#[test]
fn a_refused_delivery_is_told_with_what_did_not_match_is_missing_or_is_too_old() {
    let (case, genuine) = github();
    let changed = told(case, &Delivery { body: b"{}".to_vec(), ..genuine });
    assert_eq!(changed["refusal"], json!("none of the 1 signatures matches any of the 1 secrets"));
    assert_eq!(changed["keys"], json!([{"name": "a", "outcome": "did-not-match"}]));
    assert_eq!(changed["signatures"][0]["matched"], json!(false));

    let slack = CASES.iter().find(|case| case.preset == "slack").unwrap();
    let mut without_time = slack.genuine();
    without_time.headers.remove("x-slack-request-timestamp");
    let account = told(slack, &without_time);
    assert_eq!(account["missing"], json!(["the header \"x-slack-request-timestamp\" is missing"]));
    assert_eq!((account.get("content"), account.get("timestamp")), (None, None));

    let mut late = slack.genuine();
    late.headers.insert("x-slack-request-timestamp".to_owned(), "1614260000".to_owned());
    let account = told(slack, &late);
    let time = json!({"place": "the header \"x-slack-request-timestamp\"", "sent": "2021-02-25T13:33:20Z", "apart_ms": 5_330_000, "past_s": 300, "future_s": 300, "within": false});
    assert_eq!(account["timestamp"], time);

    let unreadable = told(case, &delivery(&[("x-hub-signature-256", "sha256=zz")], b"{}"));
    let seen = json!([{"place": "the header \"x-hub-signature-256\"", "readable": false, "matched": false}]);
    assert_eq!(unreadable["signatures"], seen);
}

#[test]
fn an_account_tells_what_a_key_should_have_been_and_which_was_not_loaded() {
    let mut verification = preset("github");
    let mut second = verification.secrets[0].clone();
    second.name = "b".to_owned();
    verification.secrets.push(second);
    let secrets = [("a", SecretValue::new("short"))];
    let keys = Keys { secrets: &secrets, fetched: None };
    let examination = examine(&verification, &github().1, &keys, Some(URL), at(SENT));
    let account = serde_json::to_value(&examination).unwrap();
    let expected = json!([
        {"name": "a", "outcome": "malformed", "needed": "at least 8 bytes of text"},
        {"name": "b", "outcome": "not-loaded"},
    ]);
    assert_eq!((&account["keys"], &account["ours"]), (&expected, &json!(true)));
}

#[test]
fn no_account_holds_a_secret_a_signature_or_a_piece_of_the_body() {
    for case in &CASES {
        let genuine = case.genuine();
        let marked = super::flips(&genuine.body).next().unwrap();
        for delivery in [genuine.clone(), Delivery { body: marked, ..genuine.clone() }] {
            let examination = examine_case(case, &delivery);
            let text = format!("{}{examination:?}", serde_json::to_string(&examination).unwrap());
            assert!(text.len() < 16_384, "{}", case.name());
            for secret in case.secret.iter().filter(|secret| secret.len() > 20 && **secret == case.signs) {
                assert!(!text.contains(*secret), "{}", case.name());
            }
            for (name, value) in &delivery.headers {
                let says_nothing =
                    value.len() < 24 || name == "content-type" || name.ends_with("timestamp") || name.ends_with("time");
                assert!(says_nothing || !text.contains(value.as_str()), "{}: {name}", case.name());
            }
            let body = String::from_utf8_lossy(&delivery.body);
            for at in (0..body.len().saturating_sub(24)).step_by(12) {
                let piece = body.get(at..at + 24).unwrap_or("no piece at a boundary of characters");
                let is_config = case.verification().to_string().contains(piece);
                assert!(is_config || !text.contains(piece), "{}: {piece}", case.name());
            }
        }
    }
}

#[test]
fn a_shown_secret_leaves_no_trace_in_an_account() {
    let verification = super::verification(r#"{ preset = "shared-header", secrets = ["a"], header = "X-Secret" }"#);
    let secrets = [("a", SecretValue::new("correct-horse"))];
    let keys = Keys { secrets: &secrets, fetched: None };
    for value in ["correct-horse", "battery-staple"] {
        let examination = examine(&verification, &delivery(&[("x-secret", value)], b"{}"), &keys, None, at(SENT));
        let account = serde_json::to_value(&examination).unwrap();
        let matched = value == "correct-horse";
        let seen = json!([{"place": "the header \"x-secret\"", "readable": true, "matched": matched}]);
        assert_eq!((&account["signatures"], &account["genuine"]), (&seen, &json!(matched)));
        assert!(!account.to_string().contains(value));
    }
}
