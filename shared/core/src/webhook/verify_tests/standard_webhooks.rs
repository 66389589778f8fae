//! Several signatures in one header, and keys in base64.

use super::presets::SAMPLES;
use super::{accepted, check, delivery, no_match, preset};
use crate::test_support::at;
use crate::webhook::signature::MAX_SIGNATURES;
use crate::webhook::{Refusal, Verified};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

const SECRET: &str = SAMPLES[0].secret;
const ID: &str = SAMPLES[0].headers[0].1;
const TIMESTAMP: &str = SAMPLES[0].headers[1].1;
const SIGNATURE: &str = SAMPLES[0].headers[2].1;
const BODY: &str = SAMPLES[0].body;

/// Another key, base64 of 24 bytes.
const OTHER: &str = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX";

/// What is said of the published delivery with another signature header.
fn signed_by(signatures: &str, secrets: &[&str]) -> Result<Verified, Refusal> {
    let headers = [("webhook-id", ID), ("webhook-timestamp", TIMESTAMP), ("webhook-signature", signatures)];
    check(&preset("standard-webhooks"), &delivery(&headers, BODY.as_bytes()), secrets, at(SAMPLES[0].sent))
}

/// What a sender would put into its header.
fn sign(secret: &str) -> String {
    let key = STANDARD.decode(secret.trim_start_matches("whsec_")).unwrap();
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).unwrap();
    mac.update(format!("{ID}.{TIMESTAMP}.{BODY}").as_bytes());
    format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
}

#[test]
fn a_key_is_the_same_with_and_without_its_prefix() {
    assert_eq!(sign(SECRET), SIGNATURE);
    assert_eq!(signed_by(SIGNATURE, &[SECRET]), accepted(Some(ID)));
    assert_eq!(signed_by(SIGNATURE, &[&format!("whsec_{SECRET}")]), accepted(Some(ID)));
    assert_eq!(signed_by(SIGNATURE, &[&format!("  whsec_{SECRET}\n")]), accepted(Some(ID)));
}

#[test]
fn any_one_of_several_signatures_may_match_and_other_versions_are_passed_over() {
    let wrong = sign(OTHER);
    let header = format!("v1a,abcd {wrong} v1,%%% v2,{}  {SIGNATURE} ", &SIGNATURE[3..]);
    assert_eq!(signed_by(&header, &[SECRET]), accepted(Some(ID)));
    assert_eq!(signed_by(&header, &[OTHER]), accepted(Some(ID)));
    let without = format!("v1a,{} v2,{} {wrong}", &SIGNATURE[3..], &SIGNATURE[3..]);
    assert_eq!(signed_by(&without, &[SECRET]), no_match(1, 1));
}

#[test]
fn no_more_signatures_are_looked_at_than_the_limit() {
    let wrong = format!("{} ", sign(OTHER));
    let last = format!("{}{SIGNATURE}", wrong.repeat(MAX_SIGNATURES - 1));
    assert_eq!(signed_by(&last, &[SECRET]), accepted(Some(ID)));
    let beyond = format!("{}{SIGNATURE}", wrong.repeat(MAX_SIGNATURES));
    assert_eq!(signed_by(&beyond, &[SECRET]), no_match(MAX_SIGNATURES, 1));
}

#[test]
fn a_key_of_less_than_16_bytes_or_no_base64_is_refused() {
    let refusal = Refusal::BadSecret("at least 16 bytes in base64, with or without \"whsec_\" before it");
    for secret in ["whsec_", "whsec_AAAA", "not base64!", "whsec_whsec_AAAA", &STANDARD.encode([7; 15])] {
        assert_eq!(signed_by(SIGNATURE, &[secret]), Err(refusal.clone()), "{secret:?}");
        assert_eq!(signed_by(SIGNATURE, &[OTHER, secret]), Err(refusal.clone()), "{secret:?}");
    }
    let sixteen_bytes = STANDARD.encode([7; 16]);
    assert_eq!(signed_by(&sign(&sixteen_bytes), &[&sixteen_bytes]), accepted(Some(ID)));
}
