//! What makes the callback URL of a single wait unguessable.

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use std::fmt;

/// 128 bits of chance, as text, in the path of a wait's own callback URL. Whoever
/// knows it may tell how the wait ended, so it is shown to the third party alone.
#[derive(Clone, PartialEq, Eq)]
pub struct Capability(String);

/// The characters of a capability: 128 bits in hex.
const CHARS: usize = 32;

impl Capability {
    /// The capability of these bits, which must come from a source that nobody can guess.
    #[must_use]
    pub fn of(bits: u128) -> Self {
        Self(format!("{bits:032x}"))
    }

    /// The capability that a text spells, if it has the form of one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let is_hex = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        (text.len() == CHARS && text.bytes().all(is_hex)).then(|| Self(text.to_owned()))
    }

    /// The text, for the one row that holds it and the one URL that carries it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether a path's text is this capability. The time that it takes does not
    /// tell where the two differ: their codes under one key are compared.
    #[must_use]
    pub fn is(&self, claimed: &str) -> bool {
        let code = |text: &str| Hmac::<Sha256>::new_from_slice(self.0.as_bytes()).map(|mac| mac.chain_update(text));
        match (code(claimed), code(&self.0)) {
            (Ok(claimed), Ok(own)) => claimed.verify(&own.finalize().into_bytes()).is_ok(),
            (Ok(_) | Err(_), _) => false,
        }
    }
}

impl fmt::Debug for Capability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[REDACTED]")
    }
}

#[cfg(test)]
mod tests {
    use super::Capability;

    #[test]
    fn a_capability_is_known_by_its_whole_text_and_never_shown() {
        let own = Capability::of(0xfeed);
        assert!(own.is("0000000000000000000000000000feed"));
        for other in ["", "feed", "0000000000000000000000000000feee", "0000000000000000000000000000FEED"] {
            assert!(!own.is(other), "{other:?}");
        }
        assert_eq!(format!("{own:?}"), "[REDACTED]");
    }

    #[test]
    fn only_a_text_of_128_bits_in_lower_case_hex_is_read_as_one() {
        assert_eq!(Capability::parse("0000000000000000000000000000feed"), Some(Capability::of(0xfeed)));
        for other in ["", "feed", "0000000000000000000000000000FEED", "0000000000000000000000000000000-feed"] {
            assert_eq!(Capability::parse(other), None, "{other:?}");
        }
    }
}
