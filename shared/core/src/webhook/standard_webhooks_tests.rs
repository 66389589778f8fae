use super::{MAX_SIGNATURES, Refusal, verify};
use crate::test_support::at;
use crate::webhook::Delivery;
use crate::{SecretValue, Timestamp};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::SignedDuration;
use sha2::Sha256;

// The specification's own example.
const SECRET: &str = "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const ID: &str = "msg_p5jXN8AQM9LWM0D4loKWxJek";
const TIMESTAMP: &str = "1614265330";
const BODY: &[u8] = br#"{"test": 2432232314}"#;
const SIGNATURE: &str = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";

/// Another key, base64 of 24 bytes.
const OTHER: &str = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX";

fn signed_at() -> Timestamp {
    at("2021-02-25T15:02:10Z")
}

fn delivery(id: &str, timestamp: &str, signature: &str, body: &[u8]) -> Delivery {
    let headers = [("webhook-id", id), ("webhook-timestamp", timestamp), ("webhook-signature", signature)];
    Delivery {
        path: "/webhooks/render".to_owned(),
        headers: headers.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
        body: body.to_vec(),
    }
}

/// The published delivery with another signature header.
fn signed_by(signatures: &str) -> Delivery {
    delivery(ID, TIMESTAMP, signatures, BODY)
}

fn check(delivery: &Delivery, secrets: &[&str], now: Timestamp) -> Result<String, Refusal> {
    let secrets: Vec<SecretValue> = secrets.iter().copied().map(SecretValue::new).collect();
    verify(delivery, &secrets, now).map(str::to_owned)
}

fn accepted() -> Result<String, Refusal> {
    Ok(ID.to_owned())
}

const fn no_match(signatures: usize, secrets: usize) -> Result<String, Refusal> {
    Err(Refusal::NoMatch { signatures, secrets })
}

/// What a sender would put into its header, at any time.
fn sign(secret: &str, timestamp: &str) -> String {
    let key = STANDARD.decode(secret.trim_start_matches("whsec_")).unwrap();
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).unwrap();
    mac.update(format!("{ID}.{timestamp}.").as_bytes());
    mac.update(BODY);
    format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
}

#[test]
fn the_published_example_is_accepted_with_and_without_the_secrets_prefix() {
    let delivery = signed_by(SIGNATURE);
    assert_eq!(check(&delivery, &[SECRET], signed_at()), accepted());
    assert_eq!(check(&delivery, &[&format!("whsec_{SECRET}")], signed_at()), accepted());
    assert_eq!(check(&delivery, &[&format!("  whsec_{SECRET}\n")], signed_at()), accepted());
    assert_eq!(sign(SECRET, TIMESTAMP), SIGNATURE);
}

/// Each text that differs from `text` in one bit.
fn flips(text: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    (0..text.len() * 8).map(|bit| {
        let mut flipped = text.to_vec();
        flipped[bit / 8] ^= 1 << (bit % 8);
        flipped
    })
}

/// The same for a header: bytes beyond ASCII become the characters of Latin-1.
fn header_flips(text: &str) -> impl Iterator<Item = String> {
    flips(text.as_bytes()).map(|bytes| bytes.into_iter().map(char::from).collect())
}

#[test]
fn a_flip_of_any_bit_of_the_body_is_refused() {
    for body in flips(BODY) {
        let delivery = delivery(ID, TIMESTAMP, SIGNATURE, &body);
        assert_eq!(check(&delivery, &[SECRET], signed_at()), no_match(1, 1), "{body:?}");
    }
}

#[test]
fn a_flip_of_any_bit_of_the_id_is_refused() {
    for id in header_flips(ID) {
        let delivery = delivery(&id, TIMESTAMP, SIGNATURE, BODY);
        assert_eq!(check(&delivery, &[SECRET], signed_at()), no_match(1, 1), "{id:?}");
    }
}

#[test]
fn a_flip_of_any_bit_of_the_timestamp_is_refused() {
    for timestamp in header_flips(TIMESTAMP) {
        // At the very time that it claims, so that only the signature can refuse a number.
        let claimed = timestamp.trim().parse::<i64>().map(|second| Timestamp::from_second(second).unwrap());
        let expected = if claimed.is_ok() { no_match(1, 1) } else { Err(Refusal::BadTimestamp) };
        let delivery = delivery(ID, &timestamp, SIGNATURE, BODY);
        assert_eq!(check(&delivery, &[SECRET], claimed.unwrap_or(signed_at())), expected, "{timestamp:?}");
    }
}

#[test]
fn a_flip_of_any_bit_of_the_signature_is_refused() {
    let decoded = STANDARD.decode(SIGNATURE.trim_start_matches("v1,")).unwrap();
    for signature in flips(&decoded) {
        let delivery = signed_by(&format!("v1,{}", STANDARD.encode(&signature)));
        assert_eq!(check(&delivery, &[SECRET], signed_at()), no_match(1, 1), "{signature:?}");
    }
    for header in header_flips(SIGNATURE) {
        let refusal = check(&signed_by(&header), &[SECRET], signed_at()).unwrap_err();
        assert!(matches!(refusal, Refusal::NoMatch { signatures: 0 | 1, secrets: 1 }), "{header:?}: {refusal:?}");
    }
}

#[test]
fn a_signature_that_is_cut_short_or_empty_is_refused() {
    let half = STANDARD.encode(&STANDARD.decode(&SIGNATURE[3..]).unwrap()[..16]);
    for (signature, signatures) in [(format!("v1,{half}"), 1), ("v1,".to_owned(), 1), ("v1".to_owned(), 0)] {
        assert_eq!(check(&signed_by(&signature), &[SECRET], signed_at()), no_match(signatures, 1), "{signature}");
    }
}

#[test]
fn any_one_of_several_signatures_may_match_and_other_versions_are_passed_over() {
    let wrong = sign(OTHER, TIMESTAMP);
    let header = format!("v1a,abcd {wrong} v1,%%% v2,{} {SIGNATURE}", &SIGNATURE[3..]);
    assert_eq!(check(&signed_by(&header), &[SECRET], signed_at()), accepted());
    let without = format!("v1a,{} v2,{} {wrong}", &SIGNATURE[3..], &SIGNATURE[3..]);
    assert_eq!(check(&signed_by(&without), &[SECRET], signed_at()), no_match(1, 1));
}

#[test]
fn while_secrets_rotate_either_may_have_signed() {
    for secrets in [[SECRET, OTHER], [OTHER, SECRET]] {
        assert_eq!(check(&signed_by(SIGNATURE), &secrets, signed_at()), accepted());
        assert_eq!(check(&signed_by(&sign(OTHER, TIMESTAMP)), &secrets, signed_at()), accepted());
    }
    assert_eq!(check(&signed_by(SIGNATURE), &[OTHER], signed_at()), no_match(1, 1));
}

#[test]
fn no_more_signatures_are_looked_at_than_the_limit() {
    let wrong = format!("{} ", sign(OTHER, TIMESTAMP));
    let last = format!("{}{SIGNATURE}", wrong.repeat(MAX_SIGNATURES - 1));
    assert_eq!(check(&signed_by(&last), &[SECRET], signed_at()), accepted());
    let beyond = format!("{}{SIGNATURE}", wrong.repeat(MAX_SIGNATURES));
    assert_eq!(check(&signed_by(&beyond), &[SECRET], signed_at()), no_match(MAX_SIGNATURES, 1));
}

#[test]
fn a_secret_that_is_empty_short_or_no_base64_is_refused_even_beside_a_good_one() {
    let fifteen_bytes = STANDARD.encode([7; 15]);
    for secret in ["", "whsec_", "   ", "whsec_AAAA", "not base64!", &fifteen_bytes] {
        assert_eq!(check(&signed_by(SIGNATURE), &[secret], signed_at()), Err(Refusal::BadSecret), "{secret:?}");
        assert_eq!(check(&signed_by(SIGNATURE), &[SECRET, secret], signed_at()), Err(Refusal::BadSecret));
    }
    let sixteen_bytes = STANDARD.encode([7; 16]);
    let signature = sign(&sixteen_bytes, TIMESTAMP);
    assert_eq!(check(&signed_by(&signature), &[&sixteen_bytes], signed_at()), accepted());
}

#[test]
fn without_a_secret_nothing_is_accepted() {
    assert_eq!(check(&signed_by(SIGNATURE), &[], signed_at()), no_match(1, 0));
}

#[test]
fn each_header_is_needed_and_named_when_it_is_missing_or_empty() {
    for name in ["webhook-id", "webhook-timestamp", "webhook-signature"] {
        let mut missing = signed_by(SIGNATURE);
        missing.headers.remove(name);
        assert_eq!(check(&missing, &[SECRET], signed_at()), Err(Refusal::MissingHeader(name)));
        missing.headers.insert(name.to_owned(), String::new());
        assert_eq!(check(&missing, &[SECRET], signed_at()), Err(Refusal::MissingHeader(name)));
    }
}

#[test]
fn a_delivery_is_accepted_up_to_five_minutes_from_its_timestamp_either_way() {
    let later =
        |seconds: i64| check(&signed_by(SIGNATURE), &[SECRET], signed_at() + SignedDuration::from_secs(seconds));
    for seconds in [-300, -299, 0, 299, 300] {
        assert_eq!(later(seconds), accepted(), "{seconds} s later");
    }
    for seconds in [-301, 301, -86_400, 86_400] {
        assert_eq!(later(seconds), Err(Refusal::OutsideTolerance(i128::from(seconds))), "{seconds} s later");
    }
}

#[test]
fn a_timestamp_that_is_no_number_of_seconds_is_refused() {
    let beyond_i64 = "9223372036854775808";
    for timestamp in ["now", "1614265330.5", "1e9", "0x60", "inf", "NaN", "-", " ", beyond_i64] {
        let delivery = delivery(ID, timestamp, SIGNATURE, BODY);
        assert_eq!(check(&delivery, &[SECRET], signed_at()), Err(Refusal::BadTimestamp), "{timestamp:?}");
    }
}

#[test]
fn the_ends_of_a_timestamps_range_do_not_overflow() {
    for timestamp in [i64::MIN, i64::MAX] {
        for now in [Timestamp::MIN, signed_at(), Timestamp::MAX] {
            let apart = i128::from(now.as_second()) - i128::from(timestamp);
            let delivery = delivery(ID, &timestamp.to_string(), SIGNATURE, BODY);
            assert_eq!(check(&delivery, &[SECRET], now), Err(Refusal::OutsideTolerance(apart)));
        }
    }
}

#[test]
fn a_refusal_says_what_to_look_at() {
    let said = [
        Refusal::MissingHeader("webhook-id"),
        Refusal::BadTimestamp,
        Refusal::OutsideTolerance(-400),
        Refusal::BadSecret,
        Refusal::NoMatch { signatures: 1, secrets: 2 },
    ]
    .map(|refusal| refusal.to_string());
    let expected = [
        r#"the header "webhook-id" is missing"#,
        r#"the header "webhook-timestamp" is not a number of seconds"#,
        r#"the header "webhook-timestamp" lies 400 s after now, at most 300 s either way are accepted; look at the sender's clock, or send the delivery again"#,
        r#"a signing secret is not "whsec_" followed by at least 16 bytes of base64"#,
        "none of the 1 signatures matches any of the 2 secrets",
    ];
    assert_eq!(said, expected);
}
