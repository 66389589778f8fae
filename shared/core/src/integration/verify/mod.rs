//! `callback.verify`: how a genuine webhook is told from a forged one.
//!
//! Third parties differ in which bytes they sign, with which hash, and where
//! they put the signature; all the rest is the same. So there is one
//! description, [`HmacScheme`], which [`RawVerify`] writes as TOML, and a preset
//! is such a text under a name: whatever a preset can do, a file can do for a
//! third party of which nobody here has heard.
//!
//! What a file may say is bounded by what can be safe. The signed content must
//! cover the body; a timestamp that is checked must be part of what is signed;
//! no placeholder may be one that the rest of the description cannot fill. What
//! verifies a delivery is [`crate::webhook::verify`].

mod content;
mod preset;
mod raw;
mod scheme;
mod words;

pub(crate) use crate::encoding::Encoding;
pub(super) use raw::RawVerify;
pub use scheme::{Algorithm, KeyForm, TimeUnit, Verification};
pub(crate) use scheme::{Content, HmacScheme, Layout, Part, Scheme, SignatureRule, TimestampAt, TimestampRule};
