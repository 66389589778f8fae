//! What `callback.verify` means, once checked.

use super::algorithm::{Algorithm, KeyText, PublicKeyAlgorithm, TokenAlgorithm};
use super::content::Content;
use super::key_source::KeySource;
use crate::Timestamp;
use crate::encoding::Encoding;
use crate::integration::{JsonPointer, Locator};
use crate::webhook::PublicKey;
use schemars::JsonSchema;
use serde::Deserialize;
use std::time::Duration;

/// How a genuine webhook is told from a forged one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verification {
    /// The secrets, any of which may have signed (rotation). None if public
    /// keys stand in the file or come from the third party.
    pub secrets: Vec<SigningSecret>,
    /// What makes a delivery genuine.
    pub(crate) scheme: Scheme,
    /// Where a delivery names itself, for people who look for it.
    pub(crate) id: Option<Locator>,
}

impl Verification {
    /// Whether what is signed covers the body: only then may an event be
    /// believed in what it says. A secret that is only shown covers nothing,
    /// which is a matter for `stepwait check`.
    #[must_use]
    pub const fn covers_body(&self) -> bool {
        match &self.scheme {
            Scheme::SharedHeader(_) | Scheme::Basic => true,
            Scheme::Signed(signed) => signed.covers_body,
        }
    }
}

/// A secret that a sender may sign with, by its name, while it is valid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SigningSecret {
    /// Its name in Secrets Manager, after the deployment's prefix.
    pub name: String,
    /// From when it counts; always if absent.
    pub from: Option<Timestamp>,
    /// Until when it counts, that moment excluded; always if absent.
    pub until: Option<Timestamp>,
}

/// Whether a secret counts at some time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Validity {
    /// It counts.
    Valid,
    /// It does not count yet.
    NotYet,
    /// It counts no longer.
    NoLonger,
}

impl SigningSecret {
    /// Whether the secret counts at this time.
    #[must_use]
    pub fn at(&self, now: Timestamp) -> Validity {
        if self.from.is_some_and(|from| now < from) {
            Validity::NotYet
        } else if self.until.is_some_and(|until| now >= until) {
            Validity::NoLonger
        } else {
            Validity::Valid
        }
    }
}

/// What makes a delivery genuine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Scheme {
    /// The header, by its name in lower case, holds the secret itself.
    SharedHeader(String),
    /// `Authorization: Basic` holds the secret, which is `user:password`.
    Basic,
    /// A signature over the delivery.
    Signed(Box<Signed>),
}

/// A signature over the delivery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Signed {
    pub(crate) signer: Signer,
    pub(crate) covered: Covered,
    pub(crate) signature: SignatureRule,
    pub(crate) body_hash: Option<BodyHash>,
    pub(crate) timestamp: Option<TimestampRule>,
    /// Whether another body would need another signature.
    pub(crate) covers_body: bool,
}

/// With what signatures are made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Signer {
    /// With a secret that both sides have.
    Hmac(Algorithm),
    /// With a private key that only the sender has.
    PrivateKey(PublicKeyAlgorithm),
}

/// What is signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Covered {
    /// A text over the parts of the delivery.
    Content(Content),
    /// The token that the signature is part of, whose claims say the rest.
    Token(TokenAlgorithm),
}

/// Where keys come from and how they are written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct KeyRule {
    pub(crate) text: KeyText,
    /// What may stand before a key.
    pub(crate) prefix: Option<String>,
    /// Public keys that stand in the file.
    pub(crate) literal: Vec<PublicKey>,
    /// Where public keys are published.
    pub(crate) source: Option<KeySource>,
}

/// Where signatures are, and how they are written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SignatureRule {
    pub(crate) at: SignatureAt,
    pub(crate) layout: Layout,
    /// What stands before each signature.
    pub(crate) prefix: String,
    pub(crate) encoding: Encoding,
    pub(crate) keys: KeyRule,
}

/// Where signatures are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum SignatureAt {
    /// In any of these headers, by their names in lower case; at least one.
    Headers(Vec<String>),
    /// In a field of the query string.
    Query(String),
    /// In the JSON body.
    Body(JsonPointer),
}

/// What a signature's header consists of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Layout {
    /// One signature.
    Single,
    /// Signatures between separators.
    List(char),
    /// `name=value` between separators, of which those called `name` are signatures.
    Fields {
        /// What stands between two fields.
        separator: char,
        /// The name of the fields that hold signatures.
        name: String,
    },
}

/// Where a hash of the body stands that is signed in place of the body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct BodyHash {
    pub(crate) at: Place,
    pub(crate) encoding: Encoding,
}

/// When a delivery is too old, or from the future.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TimestampRule {
    pub(crate) at: Place,
    pub(crate) unit: TimeUnit,
    /// How far it may lie before now.
    pub(crate) past: Duration,
    /// How far it may lie after now.
    pub(crate) future: Duration,
}

/// Where one value of a delivery stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// In a header, by its name in lower case.
    Header(String),
    /// In a field of the signature's header.
    Field(String),
    /// In a field of the query string.
    Query(String),
    /// In a field of a body that is a form.
    Form(String),
    /// In a JSON body.
    Body(JsonPointer),
    /// In the claims of the token.
    Claim(JsonPointer),
}

/// How a timestamp is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum TimeUnit {
    /// Seconds since 1970.
    #[default]
    Seconds,
    /// Milliseconds since 1970.
    Milliseconds,
    /// A date and time ([RFC 3339](https://www.rfc-editor.org/rfc/rfc3339)), such as `2026-11-23T12:00:00Z`.
    Rfc3339,
}
