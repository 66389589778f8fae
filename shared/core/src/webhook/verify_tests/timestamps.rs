//! When a delivery is too old, too new, or sent at no time at all.

use super::presets::SAMPLES;
use super::{accepted, check, delivery, preset, verification};
use crate::Timestamp;
use crate::test_support::at;
use crate::webhook::{Delivery, Refusal, Verified};
use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::SignedDuration;
use sha2::Sha256;

const SECRET: &str = "an-agreed-secret";

/// The tolerance of each preset that has one, in seconds, and where its timestamp stands.
const TOLERANCES: [(&str, u64, &str); 7] = [
    ("standard-webhooks", 300, r#"the header "webhook-timestamp""#),
    ("stripe", 300, r#"the field "t""#),
    ("slack", 300, r#"the header "x-slack-request-timestamp""#),
    ("zoom", 300, r#"the header "x-zm-request-timestamp""#),
    ("paddle", 60, r#"the field "ts""#),
    ("linear", 60, r#"the body's "/webhookTimestamp""#),
    ("box", 600, r#"the header "box-delivery-timestamp""#),
];

#[test]
fn a_delivery_is_accepted_up_to_the_presets_tolerance_either_way() {
    for sample in SAMPLES {
        let later = |milliseconds: i64| {
            let now = at(sample.sent) + SignedDuration::from_millis(milliseconds);
            check(&preset(sample.preset), &sample.delivery(), &[sample.secret], now)
        };
        let Some((_, tolerance, place)) = TOLERANCES.iter().find(|(name, _, _)| *name == sample.preset) else {
            assert_eq!(later(i64::from(u32::MAX)), accepted(sample.id), "{} has no timestamp", sample.preset);
            continue;
        };
        let edge = i64::try_from(*tolerance).unwrap() * 1_000;
        for apart in [-edge, -1, 0, 1, edge] {
            assert_eq!(later(apart), accepted(sample.id), "{}, {apart} ms later", sample.preset);
        }
        for apart in [-edge - 1, edge + 1, -86_400_000, 86_400_000] {
            let refusal = Refusal::OutsideTolerance {
                place: (*place).to_owned(),
                apart_ms: i128::from(apart),
                tolerance: *tolerance,
            };
            assert_eq!(later(apart), Err(refusal), "{}, {apart} ms later", sample.preset);
        }
    }
}

/// A delivery that a sender really signed with such a timestamp.
fn sent_at(unit: &str, timestamp: &str, now: Timestamp) -> Result<Verified, Refusal> {
    let verification = verification(&format!(
        r#"{{ hmac = "sha256", secrets = ["a"], content = "{{timestamp}}.{{body}}", signature = {{ header = "X-S" }}, timestamp = {{ header = "X-T", unit = "{unit}" }} }}"#
    ));
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).unwrap();
    mac.update(format!("{timestamp}.body").as_bytes());
    let signature: String = mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    check(&verification, &delivery(&[("x-t", timestamp), ("x-s", &signature)], b"body"), &[SECRET], now)
}

#[test]
fn a_timestamp_is_read_in_the_unit_that_the_file_says() {
    let now = at("2021-02-25T15:02:10Z");
    let written = [
        ("seconds", "1614265330"),
        ("seconds", " 1614265330 "),
        ("milliseconds", "1614265330000"),
        ("rfc3339", "2021-02-25T15:02:10Z"),
        ("rfc3339", "2021-02-25T16:02:10.5+01:00"),
    ];
    for (unit, timestamp) in written {
        assert_eq!(sent_at(unit, timestamp, now), accepted(None), "{unit} {timestamp}");
    }
    // Milliseconds taken for seconds lie far ahead, and the other way round far back.
    let place = r#"the header "x-t""#.to_owned();
    let ahead = Refusal::OutsideTolerance { place: place.clone(), apart_ms: -1_612_651_064_670_000, tolerance: 300 };
    assert_eq!(sent_at("seconds", "1614265330000", now), Err(ahead));
    let back = Refusal::OutsideTolerance { place, apart_ms: 1_612_651_064_670, tolerance: 300 };
    assert_eq!(sent_at("milliseconds", "1614265330", now), Err(back));
}

#[test]
fn a_timestamp_that_is_none_is_refused_even_if_it_was_signed() {
    let beyond_i64 = "9223372036854775808";
    let numbers = ["now", "1614265330.5", "1e9", "0x60", "inf", "NaN", "-", " ", beyond_i64, "2021-02-25T15:02:10Z"];
    let dates = ["now", "1614265330", "2021-02-25", "2021-02-25T15:02:10", "2021-13-01T00:00:00Z", "-", " "];
    let cases = [
        ("seconds", "a number of seconds", &numbers[..]),
        ("milliseconds", "a number of milliseconds", &numbers[..]),
        ("rfc3339", "a date and time as RFC 3339 has it", &dates[..]),
    ];
    for (unit, description, texts) in cases {
        for text in texts {
            let refusal = Refusal::BadTimestamp { place: r#"the header "x-t""#.to_owned(), unit: description };
            assert_eq!(sent_at(unit, text, at("2021-02-25T15:02:10Z")), Err(refusal), "{unit} {text:?}");
        }
    }
}

#[test]
fn the_ends_of_a_timestamps_range_do_not_overflow() {
    for (unit, factor) in [("seconds", 1_000), ("milliseconds", 1)] {
        for timestamp in [i64::MIN, i64::MAX] {
            for now in [Timestamp::MIN, at("2021-02-25T15:02:10Z"), Timestamp::MAX] {
                let apart_ms = i128::from(now.as_millisecond()) - i128::from(timestamp) * factor;
                let place = r#"the header "x-t""#.to_owned();
                let refusal = Refusal::OutsideTolerance { place, apart_ms, tolerance: 300 };
                assert_eq!(sent_at(unit, &timestamp.to_string(), now), Err(refusal));
            }
        }
    }
}

#[test]
fn a_timestamp_in_the_body_is_looked_for_once_the_signature_is_genuine() {
    let place = r#"the body's "/webhookTimestamp""#.to_owned();
    let linear = |body: &str| {
        let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).unwrap();
        mac.update(body.as_bytes());
        let signature: String = mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
        let delivery: Delivery = delivery(&[("linear-signature", &signature)], body.as_bytes());
        check(&preset("linear"), &delivery, &[SECRET], at("2021-02-25T15:02:10Z"))
    };
    for body in ["not json", "{}", r#"{"webhookTimestamp":null}"#, r#"{"webhookTimestamp":[1614265330000]}"#] {
        assert_eq!(linear(body), Err(Refusal::MissingValue(place.clone())), "{body}");
    }
    let bad = Refusal::BadTimestamp { place, unit: "a number of milliseconds" };
    assert_eq!(linear(r#"{"webhookTimestamp":1614265330000.5}"#), Err(bad));
    assert_eq!(linear(r#"{"webhookTimestamp":"1614265330000"}"#), accepted(None));
}

#[test]
fn a_delivery_may_be_allowed_less_in_the_future_than_in_the_past() {
    let verification = verification(
        r#"{ hmac = "sha256", secrets = ["a"], content = "{timestamp}.{body}", signature = { header = "X-S" }, timestamp = { header = "X-T", tolerance = "10m", ahead = "30s" } }"#,
    );
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).unwrap();
    mac.update(b"1614265330.body");
    let signature: String = mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    let sent = delivery(&[("x-t", "1614265330"), ("x-s", &signature)], b"body");
    let checked = |milliseconds: i64| {
        let now = at("2021-02-25T15:02:10Z") + SignedDuration::from_millis(milliseconds);
        check(&verification, &sent, &[SECRET], now)
    };
    assert_eq!((checked(600_000), checked(-30_000)), (accepted(None), accepted(None)));
    for (apart, tolerance) in [(600_001, 600), (-30_001, 30)] {
        let place = r#"the header "x-t""#.to_owned();
        let refusal = Refusal::OutsideTolerance { place, apart_ms: i128::from(apart), tolerance };
        assert_eq!(checked(apart), Err(refusal));
    }
    let words = verification.to_string();
    assert!(words.contains("the time in the header x-t is at most 10m away, 30s in the future"), "{words}");
}

#[test]
fn a_time_may_stand_in_a_query_a_form_or_a_body_and_overflows_nowhere() {
    let place = |at: &str, content: &str| {
        verification(&format!(
            r#"{{ hmac = "sha256", secrets = ["a"], content = "{content}", signature = {{ header = "X-S" }}, timestamp = {{ {at}, unit = "milliseconds" }} }}"#
        ))
    };
    let form = [("content-type", "application/x-www-form-urlencoded")];
    for time in [i64::MIN, -1, 0, i64::MAX, 1_614_265_330_000] {
        let mut in_query = delivery(&[], b"{}");
        in_query.query = format!("t={time}");
        let body = format!(r#"{{"t":{time}}}"#);
        let cases = [
            (place(r#"query = "t""#, "{timestamp}{body}"), in_query.clone(), "the query's \"t\""),
            (place(r#"query = "t""#, "{full_url}{body}"), in_query, "the query's \"t\""),
            (
                place(r#"form = "t""#, "{sorted_form}"),
                delivery(&form, format!("t={time}").as_bytes()),
                "the form's \"t\"",
            ),
            (place(r#"body = "/t""#, "{body}"), delivery(&[], body.as_bytes()), "the body's \"/t\""),
        ];
        for (verification, plain, place) in cases {
            let signed = signed_as_it_is(&verification, plain);
            let verified = check(&verification, &signed, &[SECRET], at("2021-02-25T15:02:10Z"));
            let apart_ms = 1_614_265_330_000 - i128::from(time);
            if apart_ms == 0 {
                assert_eq!(verified, accepted(None), "{place}");
            } else {
                let refusal = Refusal::OutsideTolerance { place: place.to_owned(), apart_ms, tolerance: 300 };
                assert_eq!(verified, Err(refusal), "{place}");
            }
        }
    }
}

/// The delivery with a signature over what it says already, its time included.
fn signed_as_it_is(verification: &crate::integration::Verification, mut delivery: Delivery) -> Delivery {
    delivery.headers.insert("x-s".to_owned(), "00".to_owned());
    let secrets = [("a", crate::SecretValue::new(SECRET))];
    let keys = crate::webhook::Keys { secrets: &secrets, fetched: None };
    let examination =
        crate::webhook::examine(verification, &delivery, &keys, Some(super::URL), at("2021-02-25T15:02:10Z"));
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).unwrap();
    mac.update(examination.content_bytes().unwrap());
    let signature = mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    delivery.headers.insert("x-s".to_owned(), signature);
    delivery
}
