//! Signing as a third party signs: the counterpart of [`super::verify()`], from
//! the same description. It is for trying a listener, and for tests.

mod make;

use super::parts::Parts;
use super::{Delivery, Refusal};
use crate::answer::parse_json;
use crate::encoding::{Encoding, hex};
use crate::integration::verify::{
    BodyHash, Covered, Layout, Part, Place, Scheme, SignatureAt, SignatureRule, Signed, TimeUnit, TokenAlgorithm,
};
use crate::integration::{JsonPointer, Locator, Verification};
use crate::{SecretValue, Timestamp};
use ring::rand::SecureRandom;
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};
use url::form_urlencoded;

/// With what, and as what, a delivery is signed.
#[derive(Clone, Copy)]
pub struct Signing<'a> {
    /// The secret as it is stored; or the private key in PKCS#8
    /// ([RFC 5958](https://www.rfc-editor.org/rfc/rfc5958)), in PEM or its bytes in base64.
    pub key: &'a SecretValue,
    /// What the key is called, where a delivery says so.
    pub key_id: Option<&'a str>,
    /// When it is sent.
    pub now: Timestamp,
    /// What the delivery calls itself, where it says so and does not yet.
    pub delivery_id: &'a str,
    /// Where the third party was told to send.
    pub callback_url: Option<&'a str>,
    /// Randomness, which some algorithms need.
    pub random: &'a dyn SecureRandom,
}

/// Why a delivery cannot be signed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignError {
    /// The key is none for this.
    #[error("the key is not {0}")]
    BadKey(&'static str),
    /// Something that is signed is not there.
    #[error("cannot sign: {0}; add it to the delivery")]
    Missing(Refusal),
    /// Values are signed that stand in a JSON object, and the body is none.
    #[error("cannot sign: the body must be a JSON object, as {0} stands in it")]
    NotAnObject(String),
    /// There is no way to sign so.
    #[error("cannot sign: {0}")]
    Impossible(&'static str),
}

/// Signs a delivery: adds to its headers, its query string and its body what the
/// third party would.
///
/// # Errors
/// [`SignError`], when the key is none for this, or the delivery lacks what is signed.
pub fn sign(verification: &Verification, delivery: &Delivery, with: &Signing<'_>) -> Result<Delivery, SignError> {
    let mut delivery = delivery.clone();
    let secret = with.key.expose().trim();
    match &verification.scheme {
        Scheme::SharedHeader(name) => {
            delivery.headers.insert(name.clone(), secret.to_owned());
        }
        Scheme::Basic => {
            let login = Encoding::Base64.encode(secret.as_bytes());
            delivery.headers.insert("authorization".to_owned(), format!("Basic {login}"));
        }
        Scheme::Signed(signed) => sign_with(signed, verification.id.as_ref(), &mut delivery, with)?,
    }
    if let Some(Locator::Header(name)) = &verification.id {
        delivery.headers.entry(name.clone()).or_insert_with(|| with.delivery_id.to_owned());
    }
    Ok(delivery)
}

fn sign_with(
    signed: &Signed,
    id: Option<&Locator>,
    delivery: &mut Delivery,
    with: &Signing<'_>,
) -> Result<(), SignError> {
    let rule = &signed.signature;
    if let Some(time) = &signed.timestamp {
        put(&time.at, &time.unit.write(with.now), rule, delivery)?;
    }
    let claims = match &signed.covered {
        Covered::Token(_) => claims(signed, delivery, with)?,
        Covered::Content(_) => Value::Null,
    };
    if let (Some(hash), Covered::Content(_)) = (&signed.body_hash, &signed.covered) {
        put(&hash.at, &Value::String(hash.of(&delivery.body)), rule, delivery)?;
    }
    let message = match &signed.covered {
        Covered::Token(algorithm) => token_text(*algorithm, &claims, with.key_id).into_bytes(),
        Covered::Content(content) => {
            let whole =
                |part: &Part| matches!(part, Part::Body | Part::BodySha256 | Part::BodyCrc32 | Part::SortedForm);
            if matches!(rule.at, SignatureAt::Body(_)) && content.0.iter().any(whole) {
                return Err(SignError::Impossible("the signature would be part of what it signs"));
            }
            for part in &content.0 {
                if let Part::Value(place) = part
                    && is_place_of(id, place)
                    && Parts::new(signed, delivery, with.callback_url).value(place).is_err()
                {
                    put(place, &Value::from(with.delivery_id), rule, delivery)?;
                }
            }
            let (bytes, missing) = Parts::new(signed, delivery, with.callback_url).content(content);
            match missing.into_iter().next() {
                Some(refusal) => return Err(SignError::Missing(refusal)),
                None => bytes,
            }
        }
    };
    let signature = make::make(signed, &message, with)?;
    let text = match &signed.covered {
        Covered::Token(_) => format!("{}.{}", String::from_utf8_lossy(&message), base64url(&signature)),
        Covered::Content(_) => rule.encoding.encode(&signature),
    };
    place_signature(rule, &format!("{}{text}", rule.prefix), delivery)
}

/// Whether the delivery's own name stands there.
fn is_place_of(id: Option<&Locator>, place: &Place) -> bool {
    match (id, place) {
        (Some(Locator::Header(name)), Place::Header(other)) => name == other,
        (Some(Locator::Body(pointer)), Place::Body(other)) => pointer == other,
        (Some(Locator::Query(name)), Place::Query(other)) => name == other,
        (Some(Locator::Code | Locator::Header(_) | Locator::Body(_) | Locator::Query(_)) | None, _) => false,
    }
}

/// Puts a value where the description says that it stands.
pub(super) fn put(
    place: &Place,
    value: &Value,
    rule: &SignatureRule,
    delivery: &mut Delivery,
) -> Result<(), SignError> {
    let text = crate::integration::scalar_text(value).unwrap_or_default();
    match place {
        Place::Header(name) => {
            delivery.headers.insert(name.clone(), text);
        }
        Place::Field(name) => {
            let header = first_header(rule)?;
            delivery.headers.insert(header, format!("{name}={text}"));
        }
        Place::Query(name) => append(&mut delivery.query, name, &text),
        Place::Form(name) => {
            let mut form = String::from_utf8_lossy(&delivery.body).into_owned();
            append(&mut form, name, &text);
            delivery.body = form.into_bytes();
        }
        Place::Body(pointer) => put_in_body(pointer, value.clone(), delivery)?,
        // Claims are written with the token.
        Place::Claim(_) => {}
    }
    Ok(())
}

/// Appends a field to a query string or a form, in place of one of that name.
fn append(fields: &mut String, name: &str, value: &str) {
    let kept: Vec<(String, String)> =
        form_urlencoded::parse(fields.as_bytes()).into_owned().filter(|(key, _)| key != name).collect();
    let mut out = form_urlencoded::Serializer::new(String::new());
    *fields = out.extend_pairs(kept).append_pair(name, value).finish();
}

pub(super) fn put_in_body(pointer: &JsonPointer, value: Value, delivery: &mut Delivery) -> Result<(), SignError> {
    let no_object = || SignError::NotAnObject(format!("\"{pointer}\""));
    let mut body = parse_json(&delivery.body).map_err(|_| no_object())?;
    let mut at = &mut body;
    for step in pointer.as_str().split('/').skip(1) {
        let step = step.replace("~1", "/").replace("~0", "~");
        at = match at {
            Value::Object(members) => members.entry(step).or_insert_with(|| Value::Object(Map::new())),
            Value::Array(items) => step.parse::<usize>().ok().and_then(|n| items.get_mut(n)).ok_or_else(no_object)?,
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => return Err(no_object()),
        };
    }
    *at = value;
    delivery.body = body.to_string().into_bytes();
    Ok(())
}

fn place_signature(rule: &SignatureRule, text: &str, delivery: &mut Delivery) -> Result<(), SignError> {
    match &rule.at {
        SignatureAt::Headers(_) => {
            let header = first_header(rule)?;
            let value = match (&rule.layout, delivery.headers.get(&header)) {
                (Layout::Fields { separator, name }, Some(before)) => format!("{before}{separator}{name}={text}"),
                (Layout::Fields { name, .. }, None) => format!("{name}={text}"),
                (Layout::Single | Layout::List(_), _) => text.to_owned(),
            };
            delivery.headers.insert(header, value);
        }
        SignatureAt::Query(name) => append(&mut delivery.query, name, text),
        SignatureAt::Body(pointer) => put_in_body(pointer, Value::from(text), delivery)?,
    }
    Ok(())
}

fn first_header(rule: &SignatureRule) -> Result<String, SignError> {
    match &rule.at {
        SignatureAt::Headers(names) => {
            names.first().cloned().ok_or(SignError::Impossible("the signature has no header"))
        }
        SignatureAt::Query(_) | SignatureAt::Body(_) => Err(SignError::Impossible("the signature has no header")),
    }
}

/// The claims of a token.
fn claims(signed: &Signed, delivery: &Delivery, with: &Signing<'_>) -> Result<Value, SignError> {
    let time = signed.timestamp.as_ref().map(|rule| (&rule.at, rule.unit.write(with.now)));
    let hash = signed.body_hash.as_ref().map(|rule| (&rule.at, Value::String(rule.of(&delivery.body))));
    let mut scratch = Delivery { body: b"{}".to_vec(), ..delivery.clone() };
    for (place, value) in time.into_iter().chain(hash) {
        if let Place::Claim(pointer) = place {
            put_in_body(pointer, value, &mut scratch)?;
        }
    }
    parse_json(&scratch.body).map_err(|_| SignError::Impossible("the claims are no JSON"))
}

/// The part of a token that is signed.
fn token_text(algorithm: TokenAlgorithm, claims: &Value, key_id: Option<&str>) -> String {
    let mut header = json!({"alg": algorithm.name(), "typ": "JWT"});
    if let (Some(key_id), Some(members)) = (key_id, header.as_object_mut()) {
        members.insert("kid".to_owned(), Value::from(key_id));
    }
    format!("{}.{}", base64url(header.to_string().as_bytes()), base64url(claims.to_string().as_bytes()))
}

/// Base64url without padding ([RFC 7515, section 2](https://www.rfc-editor.org/rfc/rfc7515#section-2)).
fn base64url(bytes: &[u8]) -> String {
    Encoding::Base64url.encode(bytes).trim_end_matches('=').to_owned()
}

impl BodyHash {
    fn of(&self, body: &[u8]) -> String {
        let hash = Sha256::digest(body);
        match self.encoding {
            Encoding::Hex => hex(&hash),
            Encoding::Base64 | Encoding::Base64url => self.encoding.encode(&hash),
        }
    }
}

impl TimeUnit {
    pub(super) fn write(self, now: Timestamp) -> Value {
        match self {
            Self::Seconds => Value::from(now.as_second()),
            Self::Milliseconds => Value::from(now.as_millisecond()),
            Self::Rfc3339 => Value::from(format!("{now:.3}")),
        }
    }
}
