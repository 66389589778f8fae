//! Deliveries that carry the secret itself: in a header, or as user and password.

use super::walk::{Candidate, Key, KeyState, Walk};
use super::{Delivery, Refusal};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

/// The fewest bytes of a secret that is compared as it is, 8: an empty one
/// would let everybody in.
const MIN_SECRET_BYTES: usize = 8;

/// The header of HTTP authorization, by its name in lower case.
const AUTHORIZATION: &str = "authorization";

/// Looks whether a header holds one of the secrets.
pub(super) fn in_header(name: &str, delivery: &Delivery, keys: Vec<Key>) -> Walk {
    let claimed = delivery.required(name).map(|text| text.as_bytes().to_vec());
    compare(claimed, name, keys, "at least 8 bytes of text", |_| true)
}

/// Looks whether `Authorization: Basic` holds one of the secrets, each
/// `user:password` ([RFC 7617](https://www.rfc-editor.org/rfc/rfc7617)).
pub(super) fn in_basic(delivery: &Delivery, keys: Vec<Key>) -> Walk {
    let claimed = delivery.required(AUTHORIZATION).and_then(|text| {
        text.split_once(' ')
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("basic"))
            .and_then(|(_, encoded)| STANDARD.decode(encoded.trim()).ok())
            .ok_or_else(|| Refusal::NoSignature {
                place: format!("the header {AUTHORIZATION:?}"),
                form: "\"Basic \" and base64".to_owned(),
            })
    });
    compare(claimed, AUTHORIZATION, keys, "\"user:password\" of at least 8 bytes", |secret| secret.contains(':'))
}

fn compare(
    claimed: Result<Vec<u8>, Refusal>,
    header: &str,
    keys: Vec<Key>,
    needed: &'static str,
    has_form: impl Fn(&str) -> bool,
) -> Walk {
    let mut walk = Walk::default();
    match &claimed {
        // What it holds may be the secret: not even its length is noted.
        Ok(_) => walk.signatures.push(Candidate::shown(format!("the header {header:?}"))),
        Err(refusal) => walk.refuse(refusal.clone()),
    }
    let claimed = claimed.unwrap_or_default();
    // All are tried, so that the time taken does not tell which one matched.
    for mut key in keys {
        if let Some(secret) = key.take_text() {
            let secret = secret.expose().trim();
            key.state = if secret.len() < MIN_SECRET_BYTES || !has_form(secret) {
                KeyState::Malformed(needed)
            } else if is_same(&claimed, secret.as_bytes()) {
                KeyState::Matched
            } else {
                KeyState::DidNotMatch
            };
        }
        walk.keys.push(key);
    }
    let matched = walk.settle_keys(|secrets| Refusal::WrongSecret { header: header.to_owned(), secrets });
    walk.signatures.iter_mut().for_each(|candidate| candidate.matched = matched);
    walk
}

/// Compares two texts by their codes under the second as a key, which takes the
/// same time wherever they differ, and does not tell their lengths apart.
pub(super) fn is_same(claimed: &[u8], expected: &[u8]) -> bool {
    let code = |text: &[u8]| Hmac::<Sha256>::new_from_slice(expected).map(|mac| mac.chain_update(text));
    match (code(claimed), code(expected)) {
        (Ok(claimed), Ok(expected)) => claimed.verify(&expected.finalize().into_bytes()).is_ok(),
        (Ok(_) | Err(_), _) => false,
    }
}
