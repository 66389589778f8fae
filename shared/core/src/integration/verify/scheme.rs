//! What `callback.verify` means, once checked.

use crate::encoding::Encoding;
use crate::integration::{JsonPointer, Locator};
use schemars::JsonSchema;
use serde::Deserialize;
use std::time::Duration;

/// How a genuine webhook is told from a forged one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verification {
    /// Names of the secrets, any of which may have signed (rotation).
    pub secrets: Vec<String>,
    /// What makes a delivery genuine.
    pub(crate) scheme: Scheme,
    /// Where a delivery names itself, for people who look for it.
    pub(crate) id: Option<Locator>,
}

/// What makes a delivery genuine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Scheme {
    /// The header, by its name in lower case, holds the secret itself.
    SharedHeader(String),
    /// `Authorization: Basic` holds the secret, which is `user:password`.
    Basic,
    /// A signature over the delivery.
    Hmac(HmacScheme),
}

/// A signature that both sides can compute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct HmacScheme {
    pub(crate) algorithm: Algorithm,
    pub(crate) key: KeyForm,
    pub(crate) content: Content,
    pub(crate) signature: SignatureRule,
    pub(crate) timestamp: Option<TimestampRule>,
}

/// The hash of an HMAC ([RFC 2104](https://www.rfc-editor.org/rfc/rfc2104)).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum Algorithm {
    /// SHA-1: sound within an HMAC, and only for third parties that have nothing newer.
    Sha1,
    /// SHA-256, which most third parties use.
    #[default]
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512.
    Sha512,
}

/// How a secret's text becomes the bytes of a key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum KeyForm {
    /// The text itself is the key, even if it looks like base64 or hex.
    #[default]
    Text,
    /// The text is base64, with or without `whsec_` before it.
    Base64,
    /// The text is hex.
    Hex,
}

/// The signed content: its parts, one after the other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Content(pub(crate) Vec<Part>);

/// A part of the signed content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// A text of the file.
    Text(String),
    /// The body, byte by byte.
    Body,
    /// The body's SHA-256, in lower-case hex.
    BodySha256,
    /// A header, by its name in lower case.
    Header(String),
    /// A field of the signature's header.
    Field(String),
    /// The request's method.
    Method,
    /// The request's path.
    Path,
    /// The listener's URL, as the third party was told it.
    Url,
}

/// Where signatures are, and how they are written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SignatureRule {
    /// The headers that may carry one, by their names in lower case; at least one.
    pub(crate) headers: Vec<String>,
    pub(crate) layout: Layout,
    /// What stands before each signature.
    pub(crate) prefix: String,
    pub(crate) encoding: Encoding,
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

/// When a delivery is too old, or from the future.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TimestampRule {
    pub(crate) at: TimestampAt,
    pub(crate) unit: TimeUnit,
    /// How far it may lie from now, either way.
    pub(crate) tolerance: Duration,
}

/// Where a delivery's timestamp is. It is always signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum TimestampAt {
    /// In a header, by its name in lower case.
    Header(String),
    /// In a field of the signature's header.
    Field(String),
    /// In the body.
    Body(JsonPointer),
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
