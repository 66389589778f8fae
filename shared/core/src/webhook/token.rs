//! Signatures that are tokens: JSON Web Tokens ([RFC 7519](https://www.rfc-editor.org/rfc/rfc7519))
//! in their compact form ([RFC 7515, section 3.1](https://www.rfc-editor.org/rfc/rfc7515#section-3.1)).
//!
//! Only the algorithm that the file pins is ever used. A token that says
//! another one, `none` included, is refused before any key is looked at.

use super::Refusal;
use super::parts::Parts;
use crate::answer::parse_json;
use crate::encoding::Encoding;
use crate::integration::verify::{SignatureRule, TokenAlgorithm};
use serde_json::Value;

/// The most bytes of a token, 16 KiB: more than headers may have together.
const MAX_TOKEN_BYTES: usize = 16 * 1024;

/// A token, taken apart and not verified.
pub(super) struct Token {
    /// What is signed: the first two parts, as written.
    pub(super) content: Vec<u8>,
    pub(super) signature: Vec<u8>,
    claims: Vec<u8>,
}

impl Token {
    /// Takes a token apart, if it says the algorithm that is pinned.
    pub(super) fn read(text: &str, algorithm: TokenAlgorithm) -> Result<Self, &'static str> {
        let (header, claims, signature) = split(text).ok_or("a token")?;
        let header = header_of(header).ok_or("a token")?;
        if header.get("alg").and_then(Value::as_str) != Some(algorithm.name()) {
            return Err("a token of the algorithm that the file pins");
        }
        // What a receiver must understand to verify, this one does not.
        if header.get("crit").is_some() {
            return Err("a token without critical extensions");
        }
        let decode = |part: &str| Encoding::Base64url.decode(part).ok_or("a token");
        let signed = text.len().saturating_sub(signature.len() + 1);
        let content = text.get(..signed).unwrap_or_default().as_bytes().to_vec();
        Ok(Self { content, signature: decode(signature)?, claims: decode(claims)? })
    }

    /// The claims. They mean something once the signature was found genuine.
    pub(super) fn claims(&self) -> Option<Value> {
        parse_json(&self.claims).ok()
    }
}

fn split(text: &str) -> Option<(&str, &str, &str)> {
    if text.len() > MAX_TOKEN_BYTES {
        return None;
    }
    let mut parts = text.split('.');
    match (parts.next(), parts.next(), parts.next(), parts.next()) {
        (Some(header), Some(claims), Some(signature), None) => Some((header, claims, signature)),
        (_, _, _, _) => None,
    }
}

fn header_of(part: &str) -> Option<Value> {
    let header: Value = serde_json::from_slice(&Encoding::Base64url.decode(part)?).ok()?;
    header.is_object().then_some(header)
}

/// The key that a delivery's token names, if it names one. It is not verified
/// and says only which of the third party's own keys to try.
pub(super) fn key_id(rule: &SignatureRule, parts: &Parts<'_>) -> Result<Option<String>, Refusal> {
    let texts = parts.signature_texts()?;
    let token = texts.iter().find_map(|(_, text)| text.trim().strip_prefix(rule.prefix.as_str()));
    let header = token.and_then(split).and_then(|(header, _, _)| header_of(header));
    Ok(header.as_ref().and_then(|header| header.get("kid")).and_then(Value::as_str).map(str::to_owned))
}
