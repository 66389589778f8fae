//! `callback.verify` as written, and its checks.

mod keys;
mod secret;
mod signature;
mod times;

use super::algorithm::{Algorithm, KeyText, PublicKeyAlgorithm, TokenAlgorithm};
use super::content::{Content, Known};
use super::preset::{Form, Preset};
use super::scheme::{Covered, Layout, Place, Scheme, SignatureAt, Signed, Signer, Verification};
use crate::integration::{KeyError, Locator, header_name};
use keys::{KeySections, RawCertificate, RawJwks};
use schemars::JsonSchema;
use secret::RawSecret;
use serde::Deserialize;
use signature::RawSignature;
use std::collections::BTreeMap;
use times::{RawBodyHash, RawTimestamp};

/// The most signing secrets at a time: the current one, the one before and the
/// next one, with one to spare. The same for public keys.
const MAX_SECRETS: usize = 4;

/// How a genuine webhook is told from a forged one: by a `preset`, such as
/// `{ preset = "stripe", secrets = ["stripe/webhook"] }`, or by a description
/// of the signature with `signature` and one of `hmac`, `public_key` and `jwt`.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline)]
pub(in crate::integration) struct RawVerify {
    /// The names of up to 4 secrets, any of which may have signed, so that they
    /// can be rotated: `["vendor/webhook", { name = "vendor/webhook-old", until = "2026-12-31T00:00:00Z" }]`.
    /// Public keys may be kept as secrets too.
    #[serde(default)]
    secrets: Vec<RawSecret>,
    /// Up to 4 public keys, as they are no secrets, written as `key` says.
    #[serde(default)]
    keys: Vec<String>,
    /// A scheme that is known by name: `"standard-webhooks"`. Only `secrets`,
    /// `keys`, `id`, `values`, `credentials` and (with `"shared-header"`)
    /// `header` may stand beside it.
    preset: Option<Preset>,
    /// With the preset `"shared-header"`: the header that holds the secret
    /// itself, such as `"X-Webhook-Secret"`.
    header: Option<String>,
    /// The hash of the signature, where both sides have the secret: `"sha256"`.
    hmac: Option<Algorithm>,
    /// The algorithm of the signature, where the sender signs with a private
    /// key: `"ed25519"`.
    public_key: Option<PublicKeyAlgorithm>,
    /// The algorithm of the token that is the signature, a JWT: `"ES256"`. What
    /// the token itself says of its algorithm must be the same.
    jwt: Option<TokenAlgorithm>,
    /// How a key is written: `"text"` takes a secret as it is, `"base64"`,
    /// `"base64url"` and `"hex"` decode it first, `"pem"` is for public keys.
    /// A public key that was decoded is a SubjectPublicKeyInfo, 32 bytes of
    /// Ed25519 or 65 of P-256. `"text"` for `hmac` and `"pem"` otherwise, if absent.
    key: Option<KeyText>,
    /// What may stand before a key and is no part of it: `"whsec_"`.
    key_prefix: Option<String>,
    /// What is signed, with placeholders: `"v0:{timestamp}:{body}"`. There are
    /// `{body}`, `{body_sha256}` (in hex), `{body_crc32}` (in decimal),
    /// `{body:/pointer}` of a JSON body, the same as `{body?:/pointer}` where it
    /// may be absent, `{body_lines:A,B}` (members of a JSON body, names and
    /// values each on a line), `{timestamp}`, `{header:Name}`, `{field:name}`
    /// (of the signature's header), `{query:name}`, `{form:name}`,
    /// `{sorted_form}` (names and values of a form, sorted), `{method}`,
    /// `{path}`, `{url}` (of the listener), `{full_url}` (with the query string)
    /// and `{value:name}`. A value that a delivery lacks makes it refused.
    content: Option<String>,
    /// `false` where the third party does not sign the body: whoever saw one
    /// delivery can then send others with the same signature. Events are not
    /// believed, and `callback.thin` must be `true`.
    covers_body: Option<bool>,
    /// Where the signature is: `{ header = "X-Signature", prefix = "v1=" }`.
    signature: Option<RawSignature>,
    /// Where the body's SHA-256 stands, for senders that sign it in place of the
    /// body: `{ claim = "/request_body_sha256" }`.
    body_hash: Option<RawBodyHash>,
    /// Where the time of sending is, and how old it may be:
    /// `{ header = "X-Timestamp", tolerance = "5m" }`. Deliveries can be
    /// repeated at any time by whoever saw them if it is left out.
    timestamp: Option<RawTimestamp>,
    /// Texts for `{value:name}` in `content`: `{ webhook_id = "8PT597" }`.
    #[serde(default)]
    values: BTreeMap<String, String>,
    /// The set of keys (JWKS) with which the third party signs:
    /// `{ url = "https://api.vendor.com/jwks.json" }`.
    jwks: Option<RawJwks>,
    /// The certificate whose key signs, at an address that the delivery holds.
    certificate: Option<RawCertificate>,
    /// Names of secrets for `{credential:name}` in `jwks.post`.
    #[serde(default)]
    credentials: BTreeMap<String, String>,
    /// Where a delivery names itself, to be noted with the outcome:
    /// `"header:X-Request-Id"`. Presets know theirs.
    id: Option<Locator>,
}

/// A mistake at a key of `callback.verify`.
fn at<T>(key: &str, what: Result<T, String>) -> Result<T, KeyError> {
    what.map_err(|e| (format!("callback.verify{}{key}", if key.is_empty() { "" } else { "." }), e))
}

fn mistake<T>(key: &str, what: impl Into<String>) -> Result<T, KeyError> {
    at(key, Err(what.into()))
}

impl RawVerify {
    pub(in crate::integration) fn check(mut self) -> Result<Verification, KeyError> {
        let names = std::mem::take(&mut self.secrets);
        let has_other_keys = |raw: &Self| !raw.keys.is_empty() || raw.jwks.is_some() || raw.certificate.is_some();
        if names.len() > MAX_SECRETS {
            return mistake("secrets", format!("name 1 to {MAX_SECRETS} secrets"));
        }
        let secrets = at("secrets", names.into_iter().map(RawSecret::check).collect::<Result<Vec<_>, _>>())?;
        let literal = !self.keys.is_empty();
        let described = match self.preset {
            Some(preset) => match self.resolve(preset)? {
                Resolved::Description(raw) => *raw,
                Resolved::Scheme(_, _) if secrets.is_empty() || literal => {
                    return mistake("secrets", format!("name 1 to {MAX_SECRETS} secrets"));
                }
                Resolved::Scheme(scheme, id) => return Ok(Verification { secrets, scheme, id }),
            },
            None => self,
        };
        if secrets.is_empty() && !has_other_keys(&described) {
            let or_keys = if described.hmac.is_none() && described.public_key.is_some() {
                ", or write public `keys`"
            } else {
                ""
            };
            return mistake("secrets", format!("name 1 to {MAX_SECRETS} secrets{or_keys}"));
        }
        let id = described.id.clone();
        let signed = described.check_signed()?;
        Ok(Verification { secrets, scheme: Scheme::Signed(Box::new(signed)), id })
    }

    /// What a preset stands for, with what the file adds to it.
    fn resolve(self, preset: Preset) -> Result<Resolved, KeyError> {
        let described = [
            ("hmac", self.hmac.is_some()),
            ("public_key", self.public_key.is_some()),
            ("jwt", self.jwt.is_some()),
            ("key", self.key.is_some()),
            ("key_prefix", self.key_prefix.is_some()),
            ("content", self.content.is_some()),
            ("covers_body", self.covers_body.is_some()),
            ("signature", self.signature.is_some()),
            ("body_hash", self.body_hash.is_some()),
            ("timestamp", self.timestamp.is_some()),
            ("jwks", self.jwks.is_some()),
            ("certificate", self.certificate.is_some()),
        ];
        if let Some((key, _)) = described.into_iter().find(|(_, present)| *present) {
            return mistake(key, "is part of what the preset says already; leave out the one or the other");
        }
        match (preset.form(), self.header) {
            (Form::SharedHeader, Some(name)) => {
                let name = at("header", header_name::parse(&name))?;
                Ok(Resolved::Scheme(Scheme::SharedHeader(name), self.id))
            }
            (Form::SharedHeader, None) => mistake("header", "name the header that holds the secret"),
            (Form::Description(_) | Form::Basic, Some(_)) => misplaced_header(),
            (Form::Basic, None) => Ok(Resolved::Scheme(Scheme::Basic, self.id)),
            (Form::Description(text), None) => {
                let form: Self = at("preset", serde_json::from_str(text).map_err(|e| e.to_string()))?;
                let Self { keys, values, credentials, id, .. } = self;
                let id = id.or(form.id);
                Ok(Resolved::Description(Box::new(Self { keys, values, credentials, id, ..form })))
            }
        }
    }

    fn check_signed(self) -> Result<Signed, KeyError> {
        let signer = match (self.hmac, self.public_key, self.jwt) {
            (Some(algorithm), None, None) => Signer::Hmac(algorithm),
            (None, Some(algorithm), None) => Signer::PrivateKey(algorithm),
            (None, None, Some(token)) => Signer::PrivateKey(token.signature()),
            (_, _, _) => return undescribed(),
        };
        if self.header.is_some() {
            return misplaced_header();
        }
        let Some(signature) = self.signature else {
            return undescribed();
        };
        let keys = KeySections {
            signer: &signer,
            text: self.key,
            prefix: self.key_prefix,
            literal: &self.keys,
            jwks: self.jwks,
            certificate: self.certificate,
            credentials: self.credentials,
            is_token: self.jwt.is_some(),
        };
        let signature = signature.check(keys.check()?)?;
        let timestamp = self.timestamp.map(|raw| raw.check(&signature.layout, self.jwt.is_some())).transpose()?;
        let body_hash = self.body_hash.map(|raw| raw.check(self.jwt.is_some())).transpose()?;
        let (covered, covers_body) = match (self.jwt, self.content) {
            (Some(_), Some(_)) => {
                return mistake(
                    "content",
                    "is what a token signs of itself; say in `body_hash` which claim holds the body's hash",
                );
            }
            (Some(algorithm), None) => {
                if !matches!((&signature.at, &signature.layout), (SignatureAt::Headers(_), Layout::Single)) {
                    return mistake("signature", "is the token itself: name the `header` that holds it, and no fields");
                }
                (Covered::Token(algorithm), body_hash.is_some())
            }
            (None, None) => return undescribed(),
            (None, Some(text)) => {
                let known = Known { layout: &signature.layout, timestamp: timestamp.as_ref(), values: &self.values };
                let content = at("content", Content::parse(&text, &known))?;
                if body_hash.as_ref().is_some_and(|hash| !content.covers(&hash.at)) {
                    return mistake(
                        "content",
                        "must hold the hash that `body_hash` names, or any hash could follow the signature",
                    );
                }
                let covers_body = content.covers_body() || body_hash.is_some();
                (Covered::Content(content), covers_body)
            }
        };
        match (covers_body, self.covers_body) {
            (true, Some(false)) => {
                mistake("covers_body", "is not so: another body would need another signature; leave it out")
            }
            (false, Some(true) | None) => mistake(
                if self.jwt.is_some() { "jwt" } else { "content" },
                "must hold {body}, {body_sha256} or {sorted_form}, or any body could follow a signature that was seen once; if the third party signs no more, write covers_body = false here and thin = true in [callback]",
            ),
            (true, Some(true) | None) | (false, Some(false)) => {
                Ok(Signed { signer, covered, signature, body_hash, timestamp, covers_body })
            }
        }
    }
}

/// What a preset comes to.
enum Resolved {
    Description(Box<RawVerify>),
    Scheme(Scheme, Option<Locator>),
}

fn undescribed<T>() -> Result<T, KeyError> {
    mistake(
        "",
        "name a `preset`, for example \"standard-webhooks\", or describe the signature with `signature` and one of `hmac` and `public_key`, both with `content`, and `jwt`",
    )
}

fn misplaced_header<T>() -> Result<T, KeyError> {
    mistake("header", "belongs to the preset \"shared-header\"; a signature's header is named in `signature`")
}

/// The place that exactly one of these keys names.
fn one_place<const N: usize>(places: [Option<Place>; N]) -> Option<Place> {
    let mut named = places.into_iter().flatten();
    let first = named.next()?;
    named.next().is_none().then_some(first)
}
