//! Deliveries, genuine and forged, against each scheme.

mod description;
mod forgeries;
mod presets;
mod shared_secret;
mod standard_webhooks;
mod timestamps;

use super::{Verified, verify};
use crate::integration::Verification;
use crate::test_support::render;
use crate::webhook::{Delivery, Refusal};
use crate::{SecretValue, Timestamp};

/// What the third party was told to send to.
const URL: &str = "https://hooks.example.com/webhooks/render";

/// What a file means that has this `verify`.
fn verification(toml: &str) -> Verification {
    let preset = r#"{ preset = "standard-webhooks", secrets = ["render/webhook"] }"#;
    render(&[(preset, toml)]).callback.unwrap().verify.unwrap()
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
    let secrets: Vec<SecretValue> = secrets.iter().copied().map(SecretValue::new).collect();
    verify(verification, delivery, &secrets, Some(URL), now)
}

fn accepted(id: Option<&str>) -> Result<Verified, Refusal> {
    Ok(Verified { delivery_id: id.map(str::to_owned) })
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
