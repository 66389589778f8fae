//! Requests signed by HMAC, as the file says what is signed.

use super::AuthError;
use crate::integration::{Algorithm, Encoding, Hmac as HmacScheme, KeyForm, SignedPiece, SignedText, TimeForm};
use crate::request::OutgoingRequest;
use crate::{SecretValue, Timestamp};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha1::Sha1;
use sha2::{Digest as _, Sha256, Sha512};
use url::Url;

/// Adds the headers of a signature to a request.
pub(super) fn sign(
    request: &mut OutgoingRequest,
    scheme: &HmacScheme,
    secret: &SecretValue,
    now: Timestamp,
) -> Result<(), AuthError> {
    let key = key(scheme, secret)?;
    let timestamp = match scheme.timestamp {
        TimeForm::Seconds => now.as_second().to_string(),
        TimeForm::Milliseconds => now.as_millisecond().to_string(),
        TimeForm::Rfc3339 => format!("{now:.0}"),
    };
    let parts = Parts::of(request, &timestamp);
    let content = parts.write(&scheme.content, "");
    let mac = match scheme.algorithm {
        Algorithm::Sha1 => {
            Hmac::<Sha1>::new_from_slice(&key).map(|m| m.chain_update(&content).finalize().into_bytes().to_vec())
        }
        Algorithm::Sha256 => {
            Hmac::<Sha256>::new_from_slice(&key).map(|m| m.chain_update(&content).finalize().into_bytes().to_vec())
        }
        Algorithm::Sha512 => {
            Hmac::<Sha512>::new_from_slice(&key).map(|m| m.chain_update(&content).finalize().into_bytes().to_vec())
        }
    };
    let mac = mac.map_err(|_| AuthError::BadSecret(scheme.secret.clone(), "a key"))?;
    let signature = match scheme.encoding {
        Encoding::Hex => hex(&mac),
        Encoding::Base64 => STANDARD.encode(&mac),
    };
    let headers: Vec<_> =
        scheme.headers.iter().map(|(name, text)| (name.clone(), parts.write(text, &signature))).collect();
    for (name, value) in headers {
        request.set_header(&name, SecretValue::new(value));
    }
    Ok(())
}

fn key(scheme: &HmacScheme, secret: &SecretValue) -> Result<Vec<u8>, AuthError> {
    let text = secret.expose().trim();
    let key = match scheme.key {
        KeyForm::Text => Ok(text.as_bytes().to_vec()),
        KeyForm::Base64 => STANDARD.decode(text).map_err(|_| "base64"),
        KeyForm::Hex => unhex(text).ok_or("hexadecimal"),
    };
    let key = key.map_err(|form| AuthError::BadSecret(scheme.secret.clone(), form))?;
    // An empty key would sign for anybody.
    if key.is_empty() { Err(AuthError::BadSecret(scheme.secret.clone(), "a key")) } else { Ok(key) }
}

/// The parts of a request that can be signed.
struct Parts {
    method: &'static str,
    host: String,
    path: String,
    query: String,
    timestamp: String,
    body: String,
}

impl Parts {
    fn of(request: &OutgoingRequest, timestamp: &str) -> Self {
        let url = Url::parse(&request.url).ok();
        let part = |read: fn(&Url) -> Option<&str>| url.as_ref().and_then(read).unwrap_or_default().to_owned();
        Self {
            method: request.method.as_str(),
            host: part(Url::host_str),
            path: part(|url| Some(url.path())),
            query: part(Url::query),
            timestamp: timestamp.to_owned(),
            body: request.body.clone().unwrap_or_default(),
        }
    }

    fn write(&self, text: &SignedText, signature: &str) -> String {
        let mut out = String::new();
        for piece in &text.0 {
            match piece {
                SignedPiece::Text(plain) => out.push_str(plain),
                SignedPiece::Method => out.push_str(self.method),
                SignedPiece::Host => out.push_str(&self.host),
                SignedPiece::Path => out.push_str(&self.path),
                SignedPiece::Query => out.push_str(&self.query),
                SignedPiece::PathAndQuery => {
                    out.push_str(&self.path);
                    if !self.query.is_empty() {
                        out.push('?');
                        out.push_str(&self.query);
                    }
                }
                SignedPiece::Timestamp => out.push_str(&self.timestamp),
                SignedPiece::Body => out.push_str(&self.body),
                SignedPiece::BodySha256 => out.push_str(&hex(&Sha256::digest(self.body.as_bytes()))),
                SignedPiece::Signature => out.push_str(signature),
            }
        }
        out
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits = text.as_bytes();
    if !digits.len().is_multiple_of(2) || !digits.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    digits.chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()).collect()
}
