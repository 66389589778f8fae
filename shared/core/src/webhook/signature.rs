//! Whether one of a delivery's signatures was made with one of the secrets.

use super::{Delivery, Refusal};
use crate::SecretValue;
use crate::encoding::hex;
use crate::integration::verify::{Algorithm, Encoding, HmacScheme, KeyForm, Layout, Part, SignatureRule};
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use sha2::{Digest as _, Sha256, Sha384, Sha512};
use std::borrow::Cow;

/// The most signatures of one delivery that are looked at; senders send one per
/// key, and rotate between two.
pub(super) const MAX_SIGNATURES: usize = 16;

/// The fewest bytes of a key that was encoded, 16: below that it could be
/// guessed, and an empty one would verify anything.
const MIN_KEY_BYTES: usize = 16;

/// The fewest bytes of a key that is text, 8: third parties let people choose
/// those themselves.
const MIN_TEXT_KEY_BYTES: usize = 8;

/// Accepts a delivery that one of `secrets` signed.
pub(super) fn check(
    scheme: &HmacScheme,
    delivery: &Delivery,
    secrets: &[SecretValue],
    callback_url: Option<&str>,
) -> Result<(), Refusal> {
    let candidates = candidates(&scheme.signature, delivery)?;
    let parts = scheme.content.0.iter().map(|part| part.bytes(&scheme.signature, delivery, callback_url));
    let parts = parts.collect::<Result<Vec<_>, _>>()?;
    let mut matched = false;
    for secret in secrets {
        let key = scheme.key.decode(secret)?;
        // All secrets are tried, so that the time taken does not tell which one matched.
        matched |= match scheme.algorithm {
            Algorithm::Sha1 => any_matches::<Hmac<Sha1>>(&key, &parts, &candidates),
            Algorithm::Sha256 => any_matches::<Hmac<Sha256>>(&key, &parts, &candidates),
            Algorithm::Sha384 => any_matches::<Hmac<Sha384>>(&key, &parts, &candidates),
            Algorithm::Sha512 => any_matches::<Hmac<Sha512>>(&key, &parts, &candidates),
        };
    }
    if matched { Ok(()) } else { Err(Refusal::NoMatch { signatures: candidates.len(), secrets: secrets.len() }) }
}

fn any_matches<M: Mac + KeyInit + Clone>(key: &[u8], parts: &[Cow<'_, [u8]>], candidates: &[Vec<u8>]) -> bool {
    let Ok(mut mac) = <M as KeyInit>::new_from_slice(key) else {
        return false;
    };
    parts.iter().for_each(|part| mac.update(part));
    // `verify_slice` compares in constant time, and all candidates are compared.
    candidates.iter().fold(false, |matched, candidate| matched | mac.clone().verify_slice(candidate).is_ok())
}

/// The signatures that a delivery carries, decoded.
fn candidates(rule: &SignatureRule, delivery: &Delivery) -> Result<Vec<Vec<u8>>, Refusal> {
    let header = header(rule, delivery)?;
    let values = rule.headers.iter().filter_map(|name| delivery.header(name));
    let candidates: Vec<Vec<u8>> = values
        .flat_map(|value| rule.layout.signatures(value))
        .filter_map(|text| text.strip_prefix(rule.prefix.as_str()))
        .take(MAX_SIGNATURES)
        .filter_map(|text| rule.encoding.decode(text))
        .collect();
    if candidates.is_empty() {
        return Err(Refusal::NoSignature { header: header.to_owned(), form: rule.form() });
    }
    Ok(candidates)
}

/// The name of the first header that carries signatures.
fn header<'r>(rule: &'r SignatureRule, delivery: &Delivery) -> Result<&'r str, Refusal> {
    let mut names = rule.headers.iter().map(String::as_str);
    let first = rule.headers.first().map_or("", String::as_str);
    names.find(|name| delivery.required(name).is_ok()).ok_or_else(|| Refusal::MissingHeader(first.to_owned()))
}

/// A field of the signature's header. The first of a name counts, both in what
/// is signed and in what is checked, so that two of a name say nothing new.
pub(super) fn field<'d>(rule: &SignatureRule, delivery: &'d Delivery, name: &str) -> Result<&'d str, Refusal> {
    let header = header(rule, delivery)?;
    rule.layout
        .fields(delivery.required(header)?)
        .find_map(|(key, value)| (key == name && !value.is_empty()).then_some(value))
        .ok_or_else(|| Refusal::MissingField { header: header.to_owned(), field: name.to_owned() })
}

impl Delivery {
    /// A header that must be there and not be empty.
    pub(super) fn required(&self, name: &str) -> Result<&str, Refusal> {
        self.header(name).filter(|value| !value.is_empty()).ok_or_else(|| Refusal::MissingHeader(name.to_owned()))
    }
}

impl Part {
    /// The bytes that this part contributes. They are never looked at for placeholders.
    fn bytes<'a>(
        &'a self,
        rule: &SignatureRule,
        delivery: &'a Delivery,
        callback_url: Option<&'a str>,
    ) -> Result<Cow<'a, [u8]>, Refusal> {
        Ok(Cow::Borrowed(match self {
            Self::Text(text) => text.as_bytes(),
            Self::Body => &delivery.body,
            Self::BodySha256 => {
                return Ok(Cow::Owned(hex(&Sha256::digest(&delivery.body)).into_bytes()));
            }
            Self::Header(name) => delivery.required(name)?.as_bytes(),
            Self::Field(name) => field(rule, delivery, name)?.as_bytes(),
            Self::Method if delivery.method.is_empty() => return Err(Refusal::NoMethod),
            Self::Method => delivery.method.as_bytes(),
            Self::Path => delivery.path.as_bytes(),
            Self::Url => callback_url.ok_or(Refusal::NoCallbackUrl)?.as_bytes(),
        }))
    }
}

impl SignatureRule {
    /// How one signature is written, for people.
    fn form(&self) -> String {
        let field = match &self.layout {
            Layout::Fields { name, .. } => format!("{name}="),
            Layout::Single | Layout::List(_) => String::new(),
        };
        let encoding = match self.encoding {
            Encoding::Hex => "hex",
            Encoding::Base64 => "base64",
            Encoding::Base64url => "base64url",
        };
        match format!("{field}{}", self.prefix) {
            before if before.is_empty() => encoding.to_owned(),
            before => format!("{before:?} and {encoding}"),
        }
    }
}

impl Layout {
    /// The signatures in a header's value, each with its prefix.
    fn signatures<'v>(&self, value: &'v str) -> Vec<&'v str> {
        match self {
            Self::Single => vec![value.trim()],
            Self::List(separator) => value.split(*separator).map(str::trim).collect(),
            Self::Fields { name, .. } => self.fields(value).filter(|(key, _)| key == name).map(|(_, v)| v).collect(),
        }
    }

    /// The fields in a header's value; none if it does not consist of fields.
    fn fields<'v>(&self, value: &'v str) -> impl Iterator<Item = (&'v str, &'v str)> {
        let separator = match self {
            Self::Fields { separator, .. } => Some(*separator),
            Self::Single | Self::List(_) => None,
        };
        separator
            .into_iter()
            .flat_map(move |separator| value.split(separator))
            .filter_map(|field| field.split_once('='))
            .map(|(key, value)| (key.trim(), value.trim()))
    }
}

impl KeyForm {
    /// The key's bytes, without the white space that gets around a secret when it is pasted.
    fn decode(self, secret: &SecretValue) -> Result<Vec<u8>, Refusal> {
        let text = secret.expose().trim();
        let (key, least, needed) = match self {
            Self::Text => (Some(text.as_bytes().to_vec()), MIN_TEXT_KEY_BYTES, "at least 8 bytes of text"),
            Self::Base64 => {
                let encoded = text.strip_prefix("whsec_").unwrap_or(text);
                let needed = "at least 16 bytes in base64, with or without \"whsec_\" before it";
                (Encoding::Base64.decode(encoded), MIN_KEY_BYTES, needed)
            }
            Self::Hex => (Encoding::Hex.decode(text), MIN_KEY_BYTES, "at least 16 bytes in hex"),
        };
        key.filter(|key| key.len() >= least).ok_or(Refusal::BadSecret(needed))
    }
}
