//! The account of one verification, for people who look for a mistake. Written
//! out, it holds no secret, no signature and nothing of the body: hashes,
//! lengths, names and times, of which none lets anybody sign anything.

use super::timestamp::TimeSeen;
use super::walk::{Candidate, Key, KeyState, Walk};
use super::{Delivery, Refusal, Verified};
use crate::Timestamp;
use crate::encoding::hex;
use crate::integration::Verification;
use crate::integration::verify::{Scheme, TimestampRule};
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use std::fmt;

/// Bytes of a hash that stand for a signature, 6: enough to compare two of them.
const FINGERPRINT_BYTES: usize = 6;

/// The most keys that are told of, 16: more are in a third party's set only.
const MAX_KEYS: usize = 16;

/// The account of one verification.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct Examination {
    /// Whether the delivery is genuine.
    pub genuine: bool,
    /// Why it is not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refusal: Option<String>,
    /// Whether that is this side's fault.
    pub ours: bool,
    /// When it was looked at.
    pub now: Timestamp,
    /// What makes a delivery genuine, in words.
    pub rule: String,
    /// The texts that may be signatures, in their order.
    pub signatures: Vec<SignatureSeen>,
    /// The keys that may have signed.
    pub keys: Vec<KeySeen>,
    /// What is signed, if all of it was there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content: Option<BytesSeen>,
    /// The body.
    pub body: BytesSeen,
    /// What should be there and is not.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<String>,
    /// When it was sent, beside now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timestamp: Option<TimestampSeen>,
    #[serde(skip)]
    content_bytes: Option<Vec<u8>>,
    #[serde(skip)]
    verdict: Result<Verified, Refusal>,
}

/// A text that may be a signature.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SignatureSeen {
    /// Where it stands.
    pub place: String,
    /// Whether it is written as the file says.
    pub readable: bool,
    /// Its bytes once decoded; absent if it cannot be, or is a secret itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bytes: Option<usize>,
    /// The beginning of the SHA-256 of those bytes, in hex.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sha256_begins: Option<String>,
    /// Whether one of the keys made it over what is signed.
    pub matched: bool,
}

/// A key that may have signed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct KeySeen {
    /// What it is called; of a secret, its name.
    pub name: String,
    /// What became of it.
    pub outcome: KeyOutcome,
    /// What it should be, where it is malformed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub needed: Option<&'static str>,
}

/// What became of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum KeyOutcome {
    /// It made one of the signatures.
    Matched,
    /// It made none of them.
    DidNotMatch,
    /// It counts from a later time.
    NotYetValid,
    /// It counted until an earlier time.
    NoLongerValid,
    /// It is no key of the kind that is needed.
    Malformed,
    /// It could not be loaded.
    NotLoaded,
}

/// How many bytes there are, and which.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BytesSeen {
    /// How many.
    pub bytes: usize,
    /// Their SHA-256, in hex.
    pub sha256: String,
}

/// When a delivery says it was sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TimestampSeen {
    /// Where that stands.
    pub place: String,
    /// When it was, if it can be read and is a time that there is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sent: Option<Timestamp>,
    /// How long before now it lies, in milliseconds; after now if negative.
    /// Absent if it cannot be read, or lies further off than an `i64` counts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub apart_ms: Option<i64>,
    /// How far in the past it may lie, in seconds.
    pub past_s: u64,
    /// How far in the future it may lie, in seconds.
    pub future_s: u64,
    /// Whether it lies within.
    pub within: bool,
}

impl Examination {
    pub(super) fn of(
        walk: Walk,
        verdict: Result<Verified, Refusal>,
        verification: &Verification,
        delivery: &Delivery,
        now: Timestamp,
    ) -> Self {
        let rule = match &verification.scheme {
            Scheme::SharedHeader(_) | Scheme::Basic => None,
            Scheme::Signed(signed) => signed.timestamp.as_ref(),
        };
        let refusal = verdict.as_ref().err();
        Self {
            genuine: verdict.is_ok(),
            refusal: refusal.map(Refusal::to_string),
            ours: refusal.is_some_and(Refusal::is_ours),
            now,
            rule: verification.to_string(),
            signatures: walk.signatures.iter().map(SignatureSeen::of).collect(),
            keys: walk.keys.iter().take(MAX_KEYS).map(KeySeen::of).collect(),
            content: walk.content.as_deref().map(BytesSeen::of),
            body: BytesSeen::of(&delivery.body),
            missing: walk.missing.iter().map(Refusal::to_string).collect(),
            timestamp: walk.time.as_ref().zip(rule).map(|(seen, rule)| TimestampSeen::of(seen, rule)),
            content_bytes: walk.content,
            verdict,
        }
    }

    /// The verdict, as [`super::verify()`] gives it.
    ///
    /// # Errors
    /// [`Refusal`], when the delivery is not genuine.
    pub fn verdict(&self) -> Result<&Verified, &Refusal> {
        self.verdict.as_ref()
    }

    /// The signed content itself, if all of it was there. It may hold the whole
    /// body, so it is never written out with the rest.
    #[must_use]
    pub fn content_bytes(&self) -> Option<&[u8]> {
        self.content_bytes.as_deref()
    }
}

/// What is written out, and no more.
impl fmt::Debug for Examination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Examination")
            .field("genuine", &self.genuine)
            .field("refusal", &self.refusal)
            .field("signatures", &self.signatures)
            .field("keys", &self.keys)
            .field("content", &self.content)
            .field("body", &self.body)
            .field("missing", &self.missing)
            .field("timestamp", &self.timestamp)
            .finish_non_exhaustive()
    }
}

impl SignatureSeen {
    fn of(candidate: &Candidate) -> Self {
        let fingerprint = |bytes: &Vec<u8>| hex(Sha256::digest(bytes).get(..FINGERPRINT_BYTES).unwrap_or_default());
        Self {
            place: candidate.place.clone(),
            readable: candidate.readable,
            bytes: candidate.bytes.as_ref().map(Vec::len),
            sha256_begins: candidate.bytes.as_ref().map(fingerprint),
            matched: candidate.matched,
        }
    }
}

impl KeySeen {
    fn of(key: &Key) -> Self {
        let (outcome, needed) = match key.state {
            KeyState::Matched => (KeyOutcome::Matched, None),
            KeyState::DidNotMatch => (KeyOutcome::DidNotMatch, None),
            KeyState::NotYetValid => (KeyOutcome::NotYetValid, None),
            KeyState::NoLongerValid => (KeyOutcome::NoLongerValid, None),
            KeyState::Malformed(needed) => (KeyOutcome::Malformed, Some(needed)),
            KeyState::NotLoaded => (KeyOutcome::NotLoaded, None),
        };
        Self { name: key.name.clone(), outcome, needed }
    }
}

impl BytesSeen {
    fn of(bytes: &[u8]) -> Self {
        Self { bytes: bytes.len(), sha256: hex(&Sha256::digest(bytes)) }
    }
}

impl TimestampSeen {
    fn of(seen: &TimeSeen, rule: &TimestampRule) -> Self {
        let sent = seen.sent_ms.and_then(|ms| i64::try_from(ms).ok());
        Self {
            place: seen.place.clone(),
            sent: sent.and_then(|ms| Timestamp::from_millisecond(ms).ok()),
            apart_ms: seen.apart_ms.and_then(|ms| i64::try_from(ms).ok()),
            past_s: rule.past.as_secs(),
            future_s: rule.future.as_secs(),
            within: seen.check(rule).is_ok(),
        }
    }
}
