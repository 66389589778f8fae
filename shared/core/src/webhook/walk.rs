//! One look at a delivery, from which follow both whether it is genuine and
//! why: [`super::verify()`] and [`super::examine()`] read the same [`Walk`], so
//! they cannot differ.

use super::key_request::KeyDocument;
use super::public_key::PublicKey;
use super::timestamp::TimeSeen;
use super::{Delivery, Refusal, shared_secret, signature};
use crate::integration::Verification;
use crate::integration::verify::{Scheme, Validity};
use crate::{SecretValue, Timestamp};

/// The keys that whoever calls could get.
#[derive(Clone, Copy, Debug, Default)]
pub struct Keys<'a> {
    /// Secrets by name. One that is missing here could not be loaded; if no
    /// other vouches for a delivery, that is this side's fault.
    pub secrets: &'a [(&'a str, SecretValue)],
    /// What was fetched by [`Verification::key_request`].
    pub fetched: Option<&'a KeyDocument>,
}

/// All that was seen of a delivery, in the order in which it is looked at.
#[derive(Debug, Default)]
pub(super) struct Walk {
    /// The texts that may be signatures.
    pub(super) signatures: Vec<Candidate>,
    /// The keys that may have signed.
    pub(super) keys: Vec<Key>,
    /// What is signed, if all of it is there.
    pub(super) content: Option<Vec<u8>>,
    /// What is signed and is not there.
    pub(super) missing: Vec<Refusal>,
    /// When it was sent.
    pub(super) time: Option<TimeSeen>,
    /// Everything that speaks against it; the first counts.
    refusals: Vec<Refusal>,
}

/// A text that may be a signature.
#[derive(Debug)]
pub(super) struct Candidate {
    /// Where it stands, for people.
    pub(super) place: String,
    /// Its bytes, if it is written as the file says; none of a secret that is shown.
    pub(super) bytes: Option<Vec<u8>>,
    /// Whether it is written as the file says.
    pub(super) readable: bool,
    pub(super) matched: bool,
}

/// A key that may have signed.
#[derive(Debug)]
pub(super) struct Key {
    /// What people call it: a secret's name, never its value.
    pub(super) name: String,
    /// What became of it.
    pub(super) state: KeyState,
    value: Option<KeyValue>,
}

#[derive(Debug)]
enum KeyValue {
    Text(SecretValue),
    Public(PublicKey),
}

/// What became of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum KeyState {
    Matched,
    DidNotMatch,
    NotYetValid,
    NoLongerValid,
    Malformed(&'static str),
    NotLoaded,
}

impl Candidate {
    /// A secret that is shown: nothing of it is kept.
    pub(super) const fn shown(place: String) -> Self {
        Self { place, bytes: None, readable: true, matched: false }
    }
}

impl Key {
    pub(super) const fn public(name: String, key: PublicKey) -> Self {
        Self { name, state: KeyState::DidNotMatch, value: Some(KeyValue::Public(key)) }
    }

    /// The text of a secret, if it is there and counts.
    pub(super) fn take_text(&mut self) -> Option<SecretValue> {
        match self.value.take() {
            Some(KeyValue::Text(text)) => Some(text),
            Some(KeyValue::Public(_)) | None => None,
        }
    }

    /// The public key that was given as such.
    pub(super) fn take_public(&mut self) -> Option<PublicKey> {
        match self.value.take() {
            Some(KeyValue::Public(key)) => Some(key),
            text @ (Some(KeyValue::Text(_)) | None) => {
                self.value = text;
                None
            }
        }
    }
}

impl Walk {
    /// Notes what speaks against the delivery.
    pub(super) fn refuse(&mut self, refusal: Refusal) {
        self.refusals.push(refusal);
    }

    /// Says whether a key matched, and if none did, notes why: what is this
    /// side's fault counts before what may be the sender's.
    pub(super) fn settle_keys(&mut self, no_match: impl FnOnce(usize) -> Refusal) -> bool {
        let states = || self.keys.iter().map(|key| key.state);
        if states().any(|state| state == KeyState::Matched) {
            return true;
        }
        let unloaded: Vec<&str> =
            self.keys.iter().filter(|key| key.state == KeyState::NotLoaded).map(|key| key.name.as_str()).collect();
        let malformed = states().find_map(|state| match state {
            KeyState::Malformed(needed) => Some(needed),
            KeyState::Matched
            | KeyState::DidNotMatch
            | KeyState::NotYetValid
            | KeyState::NoLongerValid
            | KeyState::NotLoaded => None,
        });
        let tried = states().filter(|state| matches!(state, KeyState::DidNotMatch)).count();
        let refusal = match malformed {
            _ if !unloaded.is_empty() => Refusal::SecretsNotLoaded(unloaded.join(", ")),
            Some(needed) => Refusal::BadSecret(needed),
            None if tried == 0 => Refusal::NoKey,
            None => no_match(tried),
        };
        self.refuse(refusal);
        false
    }

    /// Why the delivery is not genuine, if it is not.
    pub(super) fn refusal(&self) -> Option<&Refusal> {
        self.refusals.first()
    }
}

/// Looks at a delivery.
pub(super) fn walk(
    verification: &Verification,
    delivery: &Delivery,
    given: &Keys<'_>,
    callback_url: Option<&str>,
    now: Timestamp,
) -> Walk {
    let secrets = verification.secrets.iter().map(|secret| {
        let value = given.secrets.iter().find(|(name, _)| *name == secret.name).map(|(_, value)| value.clone());
        let state = match (secret.at(now), &value) {
            (Validity::NotYet, _) => KeyState::NotYetValid,
            (Validity::NoLonger, _) => KeyState::NoLongerValid,
            (Validity::Valid, None) => KeyState::NotLoaded,
            (Validity::Valid, Some(_)) => KeyState::DidNotMatch,
        };
        let value = value.filter(|_| state == KeyState::DidNotMatch).map(KeyValue::Text);
        Key { name: secret.name.clone(), state, value }
    });
    let secrets = secrets.collect();
    match &verification.scheme {
        Scheme::SharedHeader(name) => shared_secret::in_header(name, delivery, secrets),
        Scheme::Basic => shared_secret::in_basic(delivery, secrets),
        Scheme::Signed(signed) => signature::walk(signed, delivery, secrets, given.fetched, callback_url, now),
    }
}
