//! Whether one of a delivery's signatures was made with one of the keys.

use super::key_request::{KeyDocument, key_request};
use super::parts::Parts;
use super::public_key::PublicKey;
use super::shared_secret::is_same;
use super::timestamp::TimeSeen;
use super::token::Token;
use super::walk::{Candidate, Key, KeyState, Walk};
use super::{Delivery, Refusal};
use crate::encoding::Encoding;
use crate::integration::scalar_text;
use crate::integration::verify::{Algorithm, Covered, KeyRule, KeyText, Layout, Place, SignatureRule, Signed, Signer};
use crate::{SecretValue, Timestamp};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha1::Sha1;
use sha2::{Digest as _, Sha256, Sha384, Sha512};

/// The most signatures of one delivery that are looked at; senders send one per
/// key, and rotate between two.
pub(super) const MAX_SIGNATURES: usize = 16;

/// The fewest bytes of a key that was encoded, 16: below that it could be
/// guessed, and an empty one would verify anything.
const MIN_KEY_BYTES: usize = 16;

/// The fewest bytes of a key that is text, 8: third parties let people choose
/// those themselves.
const MIN_TEXT_KEY_BYTES: usize = 8;

/// What stands before a secret of Standard Webhooks and is no part of it.
const SECRET_PREFIX: &str = "whsec_";

/// Looks at a signed delivery.
pub(super) fn walk(
    signed: &Signed,
    delivery: &Delivery,
    secrets: Vec<Key>,
    fetched: Option<&KeyDocument>,
    callback_url: Option<&str>,
    now: Timestamp,
) -> Walk {
    let parts = Parts::new(signed, delivery, callback_url);
    let mut walk = Walk::default();
    let read = candidates(signed, &parts, &mut walk);
    let content = match &signed.covered {
        Covered::Token(_) => None,
        Covered::Content(content) => {
            let (bytes, missing) = parts.content(content);
            missing.iter().for_each(|refusal| walk.refuse(refusal.clone()));
            walk.content = missing.is_empty().then_some(bytes);
            walk.missing = missing;
            walk.content.take()
        }
    };
    let keys = all_keys(signed, &parts, secrets, fetched, now, &mut walk);
    let mut matched = None;
    for mut key in keys {
        if let Some(usable) = Usable::of(&signed.signature.keys, &signed.signer, &mut key) {
            // All are tried, so that the time taken does not tell which one matched.
            for (at, one) in read.iter().enumerate() {
                let is_genuine =
                    one.message(content.as_deref()).is_some_and(|message| usable.verifies(message, &one.signature));
                if is_genuine {
                    key.state = KeyState::Matched;
                    matched = matched.or(Some(at));
                    walk.signatures
                        .iter_mut()
                        .filter(|c| c.bytes.as_ref() == Some(&one.signature))
                        .for_each(|c| c.matched = true);
                }
            }
        }
        walk.keys.push(key);
    }
    let signatures = read.len();
    walk.settle_keys(|secrets| Refusal::NoMatch { signatures, secrets });
    walk.content = content;
    let claimed_by = matched.and_then(|at| read.get(at)).or_else(|| read.first());
    if walk.content.is_none() {
        walk.content = claimed_by.and_then(|one| one.token.as_ref()).map(|token| token.content.clone());
    }
    let claims = claimed_by.and_then(|one| one.token.as_ref()).and_then(Token::claims);
    check_body_hash(signed, &parts, claims.as_ref(), &mut walk);
    check_time(signed, &parts, claims.as_ref(), now, &mut walk);
    walk
}

/// A signature that is written as the file says.
struct Read {
    signature: Vec<u8>,
    token: Option<Token>,
}

impl Read {
    /// What it signs.
    fn message<'a>(&'a self, content: Option<&'a [u8]>) -> Option<&'a [u8]> {
        self.token.as_ref().map(|token| token.content.as_slice()).or(content)
    }
}

/// The signatures that a delivery carries, decoded. What looks like one and is
/// none is noted.
fn candidates(signed: &Signed, parts: &Parts<'_>, walk: &mut Walk) -> Vec<Read> {
    let rule = &signed.signature;
    let texts = match parts.signature_texts() {
        Ok(texts) => texts,
        Err(refusal) => {
            walk.missing.push(refusal.clone());
            walk.refuse(refusal);
            return Vec::new();
        }
    };
    let mut read = Vec::new();
    let mut wrong = None;
    let found =
        texts.iter().flat_map(|(place, text)| rule.layout.signatures(text).into_iter().map(move |text| (place, text)));
    let found = found.filter_map(|(place, text)| text.strip_prefix(rule.prefix.as_str()).map(|text| (place, text)));
    for (place, text) in found.take(MAX_SIGNATURES) {
        let one = match &signed.covered {
            Covered::Token(algorithm) => match Token::read(text, *algorithm) {
                Ok(token) => Some(Read { signature: token.signature.clone(), token: Some(token) }),
                Err(needed) => {
                    wrong = wrong.or(Some(needed));
                    None
                }
            },
            Covered::Content(_) => rule.encoding.decode(text).map(|signature| Read { signature, token: None }),
        };
        let bytes = one.as_ref().map(|one| one.signature.clone());
        walk.signatures.push(Candidate { place: place.clone(), readable: one.is_some(), bytes, matched: false });
        read.extend(one);
    }
    if read.is_empty() {
        let place = texts.first().map(|(place, _)| place.clone()).unwrap_or_default();
        let form = wrong.map_or_else(|| rule.form(matches!(signed.covered, Covered::Token(_))), str::to_owned);
        walk.refuse(Refusal::NoSignature { place, form });
    }
    read
}

/// The secrets, the public keys of the file, and those that were fetched.
fn all_keys(
    signed: &Signed,
    parts: &Parts<'_>,
    secrets: Vec<Key>,
    fetched: Option<&KeyDocument>,
    now: Timestamp,
    walk: &mut Walk,
) -> Vec<Key> {
    let mut keys = secrets;
    let literal = signed.signature.keys.literal.iter().enumerate();
    keys.extend(literal.map(|(at, key)| Key::public(format!("keys[{at}] of the file"), key.clone())));
    match (key_request(signed, parts), fetched) {
        (Ok(None), _) => {}
        // Another key may do.
        (Ok(Some(_)), None) if !keys.is_empty() => {}
        (Ok(Some(request)), None) => walk.refuse(Refusal::KeysNotFetched(request.host().to_owned())),
        (Ok(Some(request)), Some(document)) => {
            let found = document.keys(request.key_id(), &signed.signer, now);
            if found.is_empty() && keys.is_empty() {
                walk.refuse(Refusal::UnknownKey(request.host().to_owned()));
            }
            let named = |name: String| format!("{name} from {}", request.host());
            keys.extend(found.into_iter().map(|(name, key)| Key::public(named(name), key)));
        }
        (Err(refusal), _) => walk.refuse(refusal),
    }
    keys
}

/// A key that can verify.
enum Usable {
    Hmac(Algorithm, Vec<u8>),
    Public(crate::integration::PublicKeyAlgorithm, PublicKey),
}

impl Usable {
    /// The key, or a note on it of what it should have been.
    fn of(rule: &KeyRule, signer: &Signer, key: &mut Key) -> Option<Self> {
        let public = key.take_public();
        let text = key.take_text();
        let usable = match (signer, public, text) {
            (Signer::PrivateKey(algorithm), Some(public), _) => Ok(Self::Public(*algorithm, public)),
            (Signer::PrivateKey(algorithm), None, Some(text)) => {
                PublicKey::parse(text.expose(), rule.text, rule.prefix.as_deref(), *algorithm)
                    .map(|public| Self::Public(*algorithm, public))
            }
            (Signer::Hmac(algorithm), _, Some(text)) => rule.secret(&text).map(|bytes| Self::Hmac(*algorithm, bytes)),
            (Signer::Hmac(_) | Signer::PrivateKey(_), _, None) => return None,
        };
        match usable {
            Ok(usable) => Some(usable),
            Err(needed) => {
                key.state = KeyState::Malformed(needed);
                None
            }
        }
    }

    fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        match self {
            Self::Hmac(Algorithm::Sha1, key) => mac_matches::<Hmac<Sha1>>(key, message, signature),
            Self::Hmac(Algorithm::Sha256, key) => mac_matches::<Hmac<Sha256>>(key, message, signature),
            Self::Hmac(Algorithm::Sha384, key) => mac_matches::<Hmac<Sha384>>(key, message, signature),
            Self::Hmac(Algorithm::Sha512, key) => mac_matches::<Hmac<Sha512>>(key, message, signature),
            Self::Public(algorithm, key) => key.verifies(*algorithm, message, signature),
        }
    }
}

fn mac_matches<M: Mac + KeyInit>(key: &[u8], message: &[u8], signature: &[u8]) -> bool {
    // `verify_slice` compares in constant time.
    <M as KeyInit>::new_from_slice(key).is_ok_and(|mac| mac.chain_update(message).verify_slice(signature).is_ok())
}

fn check_body_hash(signed: &Signed, parts: &Parts<'_>, claims: Option<&Value>, walk: &mut Walk) {
    let Some(rule) = &signed.body_hash else {
        return;
    };
    let claimed = value(&rule.at, parts, claims).and_then(|text| {
        let place = rule.at.to_string();
        rule.encoding.decode(text.trim()).ok_or(Refusal::WrongBodyHash(place))
    });
    match claimed {
        Ok(claimed) if is_same(&claimed, &Sha256::digest(&parts.delivery.body)) => {}
        Ok(_) => walk.refuse(Refusal::WrongBodyHash(rule.at.to_string())),
        Err(refusal) => walk.refuse(refusal),
    }
}

fn check_time(signed: &Signed, parts: &Parts<'_>, claims: Option<&Value>, now: Timestamp, walk: &mut Walk) {
    let Some(rule) = &signed.timestamp else {
        return;
    };
    match value(&rule.at, parts, claims) {
        Ok(text) => {
            let seen = TimeSeen::of(rule, &text, now);
            if let Err(refusal) = seen.check(rule) {
                walk.refuse(refusal);
            }
            walk.time = Some(seen);
        }
        Err(refusal) => walk.refuse(refusal),
    }
}

/// A value of the delivery or of its token.
fn value(place: &Place, parts: &Parts<'_>, claims: Option<&Value>) -> Result<String, Refusal> {
    let missing = || Refusal::MissingValue(place.to_string());
    match place {
        Place::Claim(pointer) => {
            claims.and_then(|claims| pointer.find(claims)).and_then(scalar_text).ok_or_else(missing)
        }
        Place::Header(_) | Place::Field(_) | Place::Query(_) | Place::Form(_) | Place::Body(_) => parts.value(place),
    }
}

impl SignatureRule {
    /// How one signature is written, for people.
    fn form(&self, is_token: bool) -> String {
        let field = match &self.layout {
            Layout::Fields { name, .. } => format!("{name}="),
            Layout::Single | Layout::List(_) => String::new(),
        };
        let encoding = match self.encoding {
            _ if is_token => "a token",
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

impl KeyRule {
    /// A secret's bytes, without the white space that gets around it when it is pasted.
    pub(super) fn secret(&self, secret: &SecretValue) -> Result<Vec<u8>, &'static str> {
        let text = secret.expose().trim();
        let text = self.prefix.as_deref().and_then(|prefix| text.strip_prefix(prefix)).unwrap_or(text);
        let (key, least, needed) = match self.text {
            KeyText::Text => (Some(text.as_bytes().to_vec()), MIN_TEXT_KEY_BYTES, "at least 8 bytes of text"),
            KeyText::Base64 => {
                let encoded = text.strip_prefix(SECRET_PREFIX).unwrap_or(text);
                let needed = "at least 16 bytes in base64, with or without \"whsec_\" before it";
                (Encoding::Base64.decode(encoded), MIN_KEY_BYTES, needed)
            }
            KeyText::Base64url => (Encoding::Base64url.decode(text), MIN_KEY_BYTES, "at least 16 bytes in base64url"),
            KeyText::Hex => (Encoding::Hex.decode(text), MIN_KEY_BYTES, "at least 16 bytes in hex"),
            KeyText::Pem => (None, MIN_KEY_BYTES, "written as `key` says"),
        };
        key.filter(|key| key.len() >= least).ok_or(needed)
    }
}
