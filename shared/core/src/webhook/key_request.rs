//! Public keys that third parties publish: which to fetch for a delivery, and
//! what came. Fetching is for whoever has a network.

use super::parts::Parts;
use super::public_key::PublicKey;
use super::{Delivery, Refusal, token};
use crate::answer::Answer;
use crate::integration::verify::{Covered, KeySource, PostPart, PublicKeyAlgorithm, Scheme, Signed, Signer};
use crate::integration::{JsonPointer, Method, Verification};
use crate::request::OutgoingRequest;
use crate::{SecretValue, Timestamp};
use serde_json::{Map, Value};
use url::Url;

/// The most bytes of a key document, 64 KiB: sets of keys take a few, a chain
/// of certificates ten.
pub const MAX_KEY_DOCUMENT_BYTES: usize = 64 * 1024;

/// The most keys of a set that are looked at, 64; third parties rotate between two.
const MAX_KEYS: usize = 64;

/// The most characters of a key's name.
const MAX_KEY_ID_CHARS: usize = 256;

/// Keys that must be fetched before a delivery can be verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyRequest {
    url: Url,
    key_id: Option<String>,
    post: Option<Vec<(String, Vec<PostPart>)>>,
    form: DocumentForm,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum DocumentForm {
    Certificate,
    Jwks(Option<JsonPointer>),
}

/// Why fetched keys cannot be used. It says nothing of what was in them.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// The secret that asks for keys was not supplied.
    #[error("the secret {0:?}, by which keys are asked for, was not supplied")]
    NoSecret(String),
    /// The answer is no success.
    #[error("the keys' host answered {0}")]
    Status(u16),
    /// The answer is too large.
    #[error("the keys' host answered more than {MAX_KEY_DOCUMENT_BYTES} bytes")]
    TooLarge,
    /// The answer holds no keys.
    #[error("the keys' host answered something else than {0}")]
    NoKeys(&'static str),
}

/// What a third party publishes: public keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyDocument(Document);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Document {
    Certificate(PublicKey),
    Jwks(Vec<Value>),
}

impl Verification {
    /// Which keys must be fetched to verify this delivery, if any. The address
    /// may come with the delivery, which is not verified yet: it is one that
    /// the file admits.
    ///
    /// # Errors
    /// [`Refusal`] when the delivery names no such address, or no key.
    pub fn key_request(&self, delivery: &Delivery) -> Result<Option<KeyRequest>, Refusal> {
        match &self.scheme {
            Scheme::SharedHeader(_) | Scheme::Basic => Ok(None),
            Scheme::Signed(signed) => key_request(signed, &Parts::new(signed, delivery, None)),
        }
    }
}

pub(super) fn key_request(signed: &Signed, parts: &Parts<'_>) -> Result<Option<KeyRequest>, Refusal> {
    match &signed.signature.keys.source {
        None => Ok(None),
        Some(KeySource::Jwks { url, key_id, post, key }) => {
            let key_id = match (&signed.covered, key_id) {
                (Covered::Token(_), _) => token::key_id(&signed.signature, parts)?,
                (Covered::Content(_), Some(place)) => Some(parts.value(place)?),
                (Covered::Content(_), None) => None,
            };
            let too_long = key_id.as_ref().is_some_and(|id| id.chars().count() > MAX_KEY_ID_CHARS);
            if too_long || (post.is_some() && key_id.is_none()) {
                return Err(Refusal::NoKeyId);
            }
            let form = DocumentForm::Jwks(key.clone());
            Ok(Some(KeyRequest { url: url.clone(), key_id, post: post.clone(), form }))
        }
        Some(KeySource::Certificate { url, rule }) => {
            let text = parts.value(url)?;
            let foreign = || Refusal::ForeignKeyHost { place: url.to_string(), expected: rule.to_string() };
            let url = rule.admit(&text).ok_or_else(foreign)?;
            Ok(Some(KeyRequest { url, key_id: None, post: None, form: DocumentForm::Certificate }))
        }
    }
}

impl KeyRequest {
    /// Under what the document is kept: one name for each that may be asked for.
    #[must_use]
    pub fn name(&self) -> String {
        match (&self.post, &self.key_id) {
            (Some(_), Some(id)) => format!("{}#{id}", self.url),
            (Some(_) | None, _) => self.url.to_string(),
        }
    }

    /// The key that the delivery names, if it names one.
    #[must_use]
    pub fn key_id(&self) -> Option<&str> {
        self.key_id.as_deref()
    }

    /// Whether it is for a set of keys of which a delivery names none.
    #[must_use]
    pub const fn has_unnamed_keys(&self) -> bool {
        matches!(self.form, DocumentForm::Jwks(_)) && self.key_id.is_none()
    }

    /// The host that is asked, for people.
    #[must_use]
    pub fn host(&self) -> &str {
        self.url.host_str().unwrap_or_default()
    }

    /// The names of the secrets that the request takes.
    #[must_use]
    pub fn secrets(&self) -> Vec<&str> {
        let parts = self.post.iter().flatten().flat_map(|(_, parts)| parts);
        parts
            .filter_map(|part| match part {
                PostPart::Secret(name) => Some(name.as_str()),
                PostPart::Text(_) | PostPart::KeyId => None,
            })
            .collect()
    }

    /// The request to send. No redirect may be followed: the host is what counts.
    ///
    /// # Errors
    /// [`KeyError::NoSecret`], when one of [`KeyRequest::secrets`] is not there.
    pub fn request(&self, secrets: &[(&str, SecretValue)]) -> Result<OutgoingRequest, KeyError> {
        let body = match &self.post {
            None => None,
            Some(fields) => {
                let mut body = Map::new();
                for (name, parts) in fields {
                    body.insert(name.clone(), Value::String(self.fill(parts, secrets)?));
                }
                Some(Value::Object(body).to_string())
            }
        };
        let mut headers = vec![("accept".to_owned(), SecretValue::new("*/*"))];
        if body.is_some() {
            headers.push(("content-type".to_owned(), SecretValue::new("application/json")));
        }
        Ok(OutgoingRequest {
            method: if body.is_some() { Method::Post } else { Method::Get },
            url: self.url.to_string(),
            headers,
            secret_query: Vec::new(),
            body,
            credentials: false,
            redirects: false,
            most_bytes: MAX_KEY_DOCUMENT_BYTES,
            until: None,
        })
    }

    fn fill(&self, parts: &[PostPart], secrets: &[(&str, SecretValue)]) -> Result<String, KeyError> {
        let mut text = String::new();
        for part in parts {
            match part {
                PostPart::Text(plain) => text.push_str(plain),
                PostPart::KeyId => text.push_str(self.key_id.as_deref().unwrap_or_default()),
                PostPart::Secret(name) => {
                    let found = secrets.iter().find(|(known, _)| known == name);
                    let (_, value) = found.ok_or_else(|| KeyError::NoSecret(name.clone()))?;
                    text.push_str(value.expose().trim());
                }
            }
        }
        Ok(text)
    }

    /// Reads what the host answered.
    ///
    /// # Errors
    /// [`KeyError`], when it holds no keys.
    pub fn read(&self, answer: &Answer) -> Result<KeyDocument, KeyError> {
        if !(200..300).contains(&answer.status) {
            return Err(KeyError::Status(answer.status));
        }
        if answer.truncated || answer.body.len() > MAX_KEY_DOCUMENT_BYTES {
            return Err(KeyError::TooLarge);
        }
        match &self.form {
            DocumentForm::Certificate => PublicKey::of_certificate(&answer.body)
                .map(|key| KeyDocument(Document::Certificate(key)))
                .ok_or(KeyError::NoKeys("a certificate in PEM")),
            DocumentForm::Jwks(at) => {
                let none = || KeyError::NoKeys("a set of keys");
                let body = answer.json().map_err(|_| none())?;
                let keys = match at {
                    Some(at) => vec![at.find(&body).filter(|key| key.is_object()).cloned().ok_or_else(none)?],
                    None => body.get("keys").and_then(Value::as_array).ok_or_else(none)?.clone(),
                };
                Ok(KeyDocument(Document::Jwks(keys.into_iter().take(MAX_KEYS).collect())))
            }
        }
    }
}

impl KeyDocument {
    /// Whether it holds the key of this name; without a name, whether it holds any.
    #[must_use]
    pub fn has(&self, key_id: Option<&str>) -> bool {
        match (&self.0, key_id) {
            (Document::Certificate(_), _) => true,
            (Document::Jwks(keys), None) => !keys.is_empty(),
            (Document::Jwks(keys), Some(id)) => keys.iter().any(|key| is_named(key, id)),
        }
    }

    /// The keys that may have signed: their names, and themselves.
    pub(super) fn keys(&self, key_id: Option<&str>, signer: &Signer, now: Timestamp) -> Vec<(String, PublicKey)> {
        let Signer::PrivateKey(algorithm) = signer else {
            return Vec::new();
        };
        match &self.0 {
            Document::Certificate(key) => vec![("the certificate".to_owned(), key.clone())],
            Document::Jwks(keys) => keys
                .iter()
                .enumerate()
                .filter(|(_, key)| key_id.is_none_or(|id| is_named(key, id)) && !has_expired(key, now))
                .filter_map(|(at, jwk)| usable(at, jwk, *algorithm))
                .collect(),
        }
    }
}

fn usable(at: usize, jwk: &Value, algorithm: PublicKeyAlgorithm) -> Option<(String, PublicKey)> {
    let name = jwk.get("kid").and_then(Value::as_str).map_or_else(
        || format!("key {at} of the set"),
        |kid| format!("the key {:?}", kid.chars().take(64).collect::<String>()),
    );
    PublicKey::of_jwk(jwk, algorithm).map(|key| (name, key))
}

fn is_named(jwk: &Value, key_id: &str) -> bool {
    jwk.get("kid").and_then(Value::as_str) == Some(key_id)
}

/// Whether the key says that it is not used any more, as Plaid's do
/// (<https://plaid.com/docs/api/webhooks/webhook-verification/>), in seconds since 1970.
fn has_expired(jwk: &Value, now: Timestamp) -> bool {
    jwk.get("expired_at").and_then(Value::as_i64).is_some_and(|at| at <= now.as_second())
}
