//! Every preset: what is genuine is accepted, and nothing that differs from it in one bit.

use super::cases::{CASES, Case, Covers, SENT};
use super::{flips, header_flips};
use crate::integration::Verification;
use crate::test_support::at;
use crate::webhook::{Delivery, KeyOutcome, Refusal};
use jiff::SignedDuration;
use serde_json::Value;
use url::form_urlencoded;

/// The text that is the signature, wherever it stands.
fn signature(case: &Case, delivery: &Delivery) -> String {
    match case.signature.split_at(1) {
        ("/", _) => serde_json::from_slice::<Value>(&delivery.body)
            .unwrap()
            .pointer(case.signature)
            .unwrap()
            .as_str()
            .unwrap()
            .to_owned(),
        ("?", name) => delivery.query_fields().find(|(key, _)| key == name).unwrap().1.into_owned(),
        _ => delivery.headers[case.signature].clone(),
    }
}

/// The delivery with another text there.
fn with_signature(case: &Case, delivery: &Delivery, text: &str) -> Delivery {
    let mut delivery = delivery.clone();
    match case.signature.split_at(1) {
        ("/", _) => {
            let mut body: Value = serde_json::from_slice(&delivery.body).unwrap();
            *body.pointer_mut(case.signature).unwrap() = Value::from(text);
            delivery.body = body.to_string().into_bytes();
        }
        ("?", name) => {
            let fields = delivery.query_fields().map(|(key, value)| {
                let value = if key == name { text.to_owned() } else { value.into_owned() };
                (key.into_owned(), value)
            });
            let fields: Vec<_> = fields.collect();
            delivery.query = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        }
        _ => {
            delivery.headers.insert(case.signature.to_owned(), text.to_owned());
        }
    }
    delivery
}

/// Whether another body says the same as far as it is signed.
fn says_the_same(case: &Case, verification: &Verification, genuine: &Delivery, other: &Delivery) -> bool {
    match case.covers {
        Covers::Body => genuine.body == other.body,
        Covers::Form => {
            let fields = |delivery: &Delivery| {
                let mut fields: Vec<_> = form_urlencoded::parse(&delivery.body).into_owned().collect();
                fields.sort();
                fields.dedup();
                fields
            };
            fields(genuine) == fields(other)
        }
        Covers::Places(places) => {
            let values = |delivery: &Delivery| {
                let body: Value = serde_json::from_slice(&delivery.body).ok()?;
                let said = |at: &&str| {
                    let text = body
                        .pointer(at)
                        .filter(|value| !value.is_null())
                        .map(|value| crate::integration::scalar_text(value).unwrap_or_else(|| "no scalar".to_owned()));
                    // Mailgun writes its signature in hex, which says the same in capitals.
                    if *at == "/signature/signature" { text.map(|text| text.to_ascii_lowercase()) } else { text }
                };
                let key = verification.key_request(delivery).ok()?;
                Some((places.iter().map(said).collect::<Vec<_>>(), key))
            };
            values(other).is_some() && values(genuine) == values(other)
        }
    }
}

#[test]
fn what_a_sender_signs_is_accepted_and_named() {
    for case in &CASES {
        let verified = case.check(&case.genuine(), at(SENT));
        assert!(verified.is_ok(), "{}: {verified:?}", case.name());
        assert_eq!(verified.unwrap().unusable, Vec::<String>::new(), "{}", case.name());
    }
}

#[test]
fn no_single_bit_of_a_body_can_change_unless_nothing_that_is_signed_changes() {
    let (mut refused, mut accepted) = (0, Vec::new());
    for case in &CASES {
        let (genuine, verification, check) = (case.genuine(), case.verification(), case.checker());
        let mut same = 0;
        for body in flips(&genuine.body) {
            let other = Delivery { body, ..genuine.clone() };
            let verified = check(&other, at(SENT));
            let is_same = says_the_same(case, &verification, &genuine, &other);
            assert_eq!(
                verified.is_ok(),
                is_same,
                "{}: {verified:?} {}",
                case.name(),
                String::from_utf8_lossy(&other.body)
            );
            if is_same { same += 1 } else { refused += 1 }
        }
        if same > 0 {
            accepted.push((case.name(), same));
        }
    }
    println!("{refused} flips of bodies refused; accepted, as nothing signed changed: {accepted:?}");
    let with_unsigned: Vec<&str> = accepted.iter().map(|(name, _)| *name).collect();
    assert_eq!(with_unsigned, ["twilio", "adyen", "mailgun", "aws-sns", "aws-sns-v1"]);
}

#[test]
fn no_single_bit_of_a_signature_can_change() {
    let (mut refused, mut capitals) = (0, 0);
    for case in &CASES {
        let (genuine, check) = (case.genuine(), case.checker());
        let text = signature(case, &genuine);
        for other in header_flips(&text) {
            let verified = check(&with_signature(case, &genuine, &other), at(SENT));
            if verified.is_ok() {
                // Hex says the same in capitals.
                assert!(text.eq_ignore_ascii_case(&other), "{}: {other:?}", case.name());
                capitals += 1;
            } else {
                refused += 1;
            }
        }
    }
    println!("{refused} flips of signatures refused, {capitals} wrote hex in capitals");
    assert!(refused > 25_000 && capitals > 0, "{refused} {capitals}");
}

#[test]
fn no_single_bit_of_a_time_can_change() {
    let mut refused = 0;
    for case in CASES.iter().filter(|case| case.time.is_some()) {
        let (genuine, check) = (case.genuine(), case.checker());
        let name = case.time.unwrap();
        for value in header_flips(&genuine.headers[name]) {
            let mut other = genuine.clone();
            other.headers.insert(name.to_owned(), value);
            let refusal = check(&other, at(SENT)).unwrap_err();
            assert!(matches!(refusal, Refusal::NoMatch { .. }), "{}: {refusal}", case.name());
            refused += 1;
        }
    }
    println!("{refused} flips of times refused");
    assert!(refused > 1_000, "{refused}");
}

#[test]
fn another_key_is_refused() {
    for case in &CASES {
        let (secret, document) = match case.document {
            Some(_) => (case.secret, Some(case.other)),
            None => (Some(case.other), None),
        };
        let verified = case.check_with(&case.verification(), &case.genuine(), secret, document, at(SENT));
        assert_eq!(verified, Err(Refusal::NoMatch { signatures: 1, secrets: 1 }), "{}", case.name());
    }
}

#[test]
fn a_key_that_could_not_be_had_is_our_fault() {
    for case in &CASES {
        let verification = case.verification();
        let refusal = case.check_with(&verification, &case.genuine(), None, None, at(SENT)).unwrap_err();
        assert!(refusal.is_ours(), "{}: {refusal}", case.name());
        let is_expected = match case.document {
            Some(_) => matches!(refusal, Refusal::KeysNotFetched(_)),
            None => matches!(refusal, Refusal::SecretsNotLoaded(_)),
        };
        assert!(is_expected, "{}: {refusal}", case.name());
        if case.secret.is_some() {
            for useless in ["", " ", "seven!!"] {
                let refusal = case.check_with(&verification, &case.genuine(), Some(useless), None, at(SENT));
                assert!(matches!(refusal, Err(Refusal::BadSecret(_))), "{}: {refusal:?}", case.name());
            }
        }
    }
}

#[test]
fn without_its_signature_or_its_headers_a_delivery_is_refused() {
    for case in &CASES {
        let genuine = case.genuine();
        let id = case.verification().id.map(|id| id.to_string()).unwrap_or_default();
        for name in genuine.headers.keys() {
            let mut other = genuine.clone();
            other.headers.remove(name);
            let verified = case.check(&other, at(SENT));
            let is_unsigned_name = id == format!("header:{name}") && verified.is_ok();
            assert!(verified.is_err() || is_unsigned_name, "{}: {name}", case.name());
        }
        let empty = with_signature(case, &genuine, "");
        assert!(case.check(&empty, at(SENT)).is_err(), "{}", case.name());
    }
}

#[test]
fn a_delivery_is_too_old_or_too_new_by_a_day_wherever_its_time_is_signed() {
    let without_time =
        ["github", "shopify", "docusign", "onfido", "square", "twilio", "twilio-json", "adyen", "authorize-net"];
    for case in &CASES {
        for days in [-1, 1] {
            let now = at(SENT) + SignedDuration::from_hours(24 * days);
            let verified = case.check(&case.genuine(), now);
            let is_outside = matches!(verified, Err(Refusal::OutsideTolerance { .. }));
            assert_eq!(is_outside, !without_time.contains(&case.name()), "{}: {verified:?}", case.name());
            assert_eq!(verified.is_ok(), !is_outside, "{}", case.name());
        }
    }
}

#[test]
fn a_body_with_the_same_checksum_is_accepted_of_paypal_which_is_why_its_events_are_not_believed() {
    let bodies = [
        br#"{"id":"WH-1","resource":{"id":"j1","state":"PENDING"}}"#.as_slice(),
        br#"{"id":"WH-1","resource":{"id":"j9","state":"SUCCESS"}, "x":"aacaccaccacaccaccccccaaacaaccaccaaaaaaaaaaaaaaaa"}"#,
    ];
    let case = CASES.iter().find(|case| case.preset == "paypal").unwrap();
    let [pending, forged] = bodies;
    let genuine = super::sign_body(case, pending);
    assert!(case.check(&genuine, at(SENT)).is_ok());
    assert!(case.check(&Delivery { body: forged.to_vec(), ..genuine }, at(SENT)).is_ok());
    assert!(!case.verification().covers_body());
}

#[test]
fn the_examination_says_the_same_as_the_verification() {
    for case in &CASES {
        let genuine = case.genuine();
        let others = flips(&genuine.body).step_by(41).map(|body| Delivery { body, ..genuine.clone() });
        for delivery in std::iter::once(genuine.clone()).chain(others) {
            let examination = super::examine_case(case, &delivery);
            let verified = case.check(&delivery, at(SENT));
            assert_eq!(examination.verdict(), verified.as_ref(), "{}", case.name());
            assert_eq!(examination.genuine, verified.is_ok());
            let matched = examination.keys.iter().any(|key| key.outcome == KeyOutcome::Matched);
            assert_eq!(examination.signatures.iter().any(|seen| seen.matched), matched, "{}", case.name());
        }
    }
}
