//! What all targets share: the integration files, the form of an input that
//! people can read and write, and what must be true of whatever is said of it.
//!
//! A target takes bytes as a third party, a gateway or a table could send them,
//! and holds what becomes of them against a property. No panic is the least of
//! these: an overflow, a slice out of bounds and a failed assertion all end the
//! process, and the fuzzer keeps the input that did it.

pub mod claims;
pub mod files;
pub mod letter;
pub mod sender;

use stepwait_core::Timestamp;

/// The moment at which every input is read, 2026-11-23T12:00:00Z: a finding must
/// be one tomorrow as well.
///
/// # Panics
/// Never: the text is a time.
#[must_use]
pub fn now() -> Timestamp {
    "2026-11-23T12:00:00Z".parse().expect("a time as RFC 3339 has it")
}
