//! `callback.verify`: how a genuine webhook is told from a forged one.
//!
//! Third parties differ in which bytes they sign, with what, where they put the
//! signature and where the keys come from; all the rest is the same. So there
//! is one description, [`Signed`], which [`RawVerify`] writes as TOML, and a
//! preset is such a text under a name: whatever a preset can do, a file can do
//! for a third party of which nobody here has heard.
//!
//! What a file may say is bounded by what can be safe. The signed content must
//! cover the body, or the file says that it does not and believes nothing of
//! it; a timestamp that is checked must be part of what is signed; no
//! placeholder may be one that the rest of the description cannot fill; keys
//! are fetched from hosts that the file pins. What verifies a delivery is
//! [`crate::webhook::verify`].

mod algorithm;
mod content;
mod key_source;
mod preset;
mod raw;
mod scheme;
mod words;

pub use algorithm::{Algorithm, KeyForm, PublicKeyAlgorithm};
pub(crate) use algorithm::{KeyText, TokenAlgorithm};
pub(crate) use content::{Content, Part};
pub(crate) use key_source::{KeySource, PostPart};
pub(super) use raw::RawVerify;
pub(crate) use scheme::{
    BodyHash, Covered, KeyRule, Layout, Place, Scheme, SignatureAt, SignatureRule, Signed, Signer, TimestampRule,
};
pub use scheme::{SigningSecret, TimeUnit, Validity, Verification};
