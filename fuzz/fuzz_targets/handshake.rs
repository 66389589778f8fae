//! Whoever asks the listener whether it is there gets its own words back, as
//! text that no browser takes for a page, and never a secret; and no address is
//! called for it but one of SNS.
#![no_main]

use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;
use stepwait_core::SecretValue;
use stepwait_core::integration::{Callback, EchoProof, HandshakeReply};
use stepwait_core::webhook::{self, HandshakeAnswer, Shake, Unshaken, begin_handshake, reply_to_handshake};
use stepwait_fuzz::letter::Letter;
use stepwait_fuzz::sender::{SECRET, callback, delivery};
use url::Url;

/// Every kind of handshake.
const HANDSHAKES: [&str; 9] = [
    r#"{ preset = "zoom" }"#,
    r#"{ preset = "discord" }"#,
    r#"{ preset = "meta", secret = "a" }"#,
    r#"{ preset = "sns", topic = "arn:aws:sns:eu-central-1:123456789012:jobs" }"#,
    r#"{ when = { at = "body:/type", equals = "url_verification" }, echo = "body:/challenge" }"#,
    r#"{ when = { at = "body:/type", exists = true }, echo = "body:/challenge", key = "challenge", signed = true }"#,
    r#"{ when = { at = "code", exists = false }, echo = "query:validationToken" }"#,
    r#"{ when = { at = "header:X-C", exists = true }, echo_header = "X-C" }"#,
    r#"{ when = { at = "body:/type", exists = true }, answer = { ok = true } }"#,
];

static CALLBACKS: LazyLock<Vec<Callback>> = LazyLock::new(|| {
    let lines = |handshake: &&str| {
        callback(&format!("handshake = {handshake}\nverify = {{ preset = \"github\", secrets = [\"a\"] }}"))
    };
    HANDSHAKES.iter().map(lines).collect()
});

/// The most bytes that are answered: 1 KiB of the sender's own, of which JSON
/// makes six times as many at most, and what stands around it.
const MAX_ANSWER_BYTES: usize = 8 * 1024;

fuzz_target!(|input: &[u8]| {
    // METHOD QUERY, headers, body.
    let letter = Letter::read(input);
    let mut delivery = delivery(letter.headers.iter().cloned().collect(), letter.body);
    letter.word(0).clone_into(&mut delivery.method);
    letter.word(1).clone_into(&mut delivery.query);
    let secret = SecretValue::new(SECRET);
    for callback in CALLBACKS.iter() {
        let Some(handshake) = &callback.handshake else { continue };
        // Before anything was verified, nothing is believed that has to be.
        let unverified = begin_handshake(callback, &delivery, false);
        assert!(unverified != Some(Shake::Verified), "{handshake:?}");
        if begin_handshake(callback, &delivery, true).is_none() {
            assert!(unverified.is_none());
            continue;
        }
        match reply_to_handshake(handshake, &delivery, Some(&secret)) {
            Ok(webhook::HandshakeReply::Answer(answer)) => {
                harmless(&answer);
                // Nobody guesses the token.
                if let HandshakeReply::Echo { proof, .. } = &handshake.reply {
                    assert!(!matches!(proof, EchoProof::Token { .. }), "a token that was not known is accepted");
                }
            }
            Ok(webhook::HandshakeReply::Confirm(subscription)) => {
                let url = Url::parse(&subscription.request().url).expect("a request has an address");
                assert_eq!((url.scheme(), url.host_str()), ("https", Some("sns.eu-central-1.amazonaws.com")));
                assert_eq!((url.port(), url.username(), url.password()), (None, "", None));
            }
            Err(refusal) => {
                assert!(matches!(refusal.status(), 400 | 401), "{refusal}");
                assert!(!refusal.to_string().contains(SECRET) && refusal != Unshaken::BadSecret);
            }
        }
    }
});

fn harmless(answer: &HandshakeAnswer) {
    assert!(answer.body.len() <= MAX_ANSWER_BYTES, "{} bytes", answer.body.len());
    assert!(!answer.body.contains(SECRET), "a secret is answered");
    let header = |name: &str| answer.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
    assert!(matches!(header("content-type"), Some("text/plain; charset=utf-8" | "application/json")));
    assert_eq!(header("x-content-type-options"), Some("nosniff"));
    for (name, value) in &answer.headers {
        assert!(!value.chars().any(char::is_control), "{name}: {value:?}");
    }
}
