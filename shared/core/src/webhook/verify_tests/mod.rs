//! Deliveries, genuine and forged, against each scheme.

mod cases;
mod catalogue;
mod description;
mod examinations;
mod fetched_keys;
mod forgeries;
mod presets;
mod shared_secret;
mod signing;
mod standard_webhooks;
mod sweeps;
mod timestamps;
mod tokens;
mod vectors;
mod windows;

use super::{Verified, verify};
use crate::integration::{SigningSecret, Verification};
use crate::test_support::render;
use crate::webhook::{Delivery, Keys, Refusal};
use crate::{SecretValue, Timestamp};

/// What the third party was told to send to.
const URL: &str = "https://hooks.example.com/webhooks/render";

/// What a file means that has this `verify`.
fn verification(toml: &str) -> Verification {
    let preset = r#"{ preset = "standard-webhooks", secrets = ["render/webhook"] }"#;
    // Thin, so that what does not cover the body may be described too.
    render(&[(preset, &format!("{toml}\nthin = true"))]).callback.unwrap().verify.unwrap()
}

fn preset(name: &str) -> Verification {
    verification(&format!(r#"{{ preset = "{name}", secrets = ["a"] }}"#))
}

fn delivery(headers: &[(&str, &str)], body: &[u8]) -> Delivery {
    Delivery {
        method: "POST".to_owned(),
        domain: "hooks.example.com".to_owned(),
        path: "/webhooks/render".to_owned(),
        query: String::new(),
        headers: headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
        body: body.to_vec(),
    }
}

fn check(
    verification: &Verification,
    delivery: &Delivery,
    secrets: &[&str],
    now: Timestamp,
) -> Result<Verified, Refusal> {
    check_at(verification, delivery, secrets, Some(URL), now)
}

/// What is said of a delivery where the file names as many secrets as there are.
fn check_at(
    verification: &Verification,
    delivery: &Delivery,
    secrets: &[&str],
    url: Option<&str>,
    now: Timestamp,
) -> Result<Verified, Refusal> {
    let names: Vec<String> = (0..secrets.len()).map(|at| format!("s{at}")).collect();
    let named = names.iter().map(|name| SigningSecret { name: name.clone(), from: None, until: None });
    let verification = Verification { secrets: named.collect(), ..verification.clone() };
    let values: Vec<_> =
        names.iter().zip(secrets).map(|(name, value)| (name.as_str(), SecretValue::new(*value))).collect();
    verify(&verification, delivery, &Keys { secrets: &values, fetched: None }, url, now)
}

fn accepted(id: Option<&str>) -> Result<Verified, Refusal> {
    Ok(Verified { delivery_id: id.map(str::to_owned), unusable: Vec::new() })
}

const fn no_match(signatures: usize, secrets: usize) -> Result<Verified, Refusal> {
    Err(Refusal::NoMatch { signatures, secrets })
}

fn missing(header: &str) -> Result<Verified, Refusal> {
    Err(Refusal::MissingHeader(header.to_owned()))
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

/// A delivery of the case with another body.
fn sign_body(case: &cases::Case, body: &[u8]) -> Delivery {
    let plain = delivery(case.headers, body);
    crate::webhook::sign(&case.verification(), &plain, &case.signing(case.signs)).unwrap()
}

/// The examination of a delivery of the case.
fn examine_case(case: &cases::Case, delivery: &Delivery) -> crate::webhook::Examination {
    let verification = case.verification();
    let secrets: Vec<_> = case.secret.map(|secret| ("a", SecretValue::new(secret))).into_iter().collect();
    let fetched = case.document.and_then(|text| cases::document_for(&verification, delivery, text));
    let keys = Keys { secrets: &secrets, fetched: fetched.as_ref() };
    crate::webhook::examine(&verification, delivery, &keys, Some(URL), crate::test_support::at(cases::SENT))
}
