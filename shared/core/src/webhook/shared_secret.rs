//! Deliveries that carry the secret itself: in a header, or as user and password.

use super::{Delivery, Refusal};
use crate::SecretValue;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

/// The fewest bytes of a secret that is compared as it is, 8: an empty one
/// would let everybody in.
const MIN_SECRET_BYTES: usize = 8;

/// Accepts a delivery whose header holds one of the secrets.
pub(super) fn check_header(name: &str, delivery: &Delivery, secrets: &[SecretValue]) -> Result<(), Refusal> {
    let claimed = delivery.required(name)?;
    one_of(claimed.as_bytes(), secrets, name, "at least 8 bytes of text", |_| true)
}

/// Accepts a delivery with `Authorization: Basic` and one of the secrets, each
/// `user:password` ([RFC 7617](https://www.rfc-editor.org/rfc/rfc7617)).
pub(super) fn check_basic(delivery: &Delivery, secrets: &[SecretValue]) -> Result<(), Refusal> {
    const NAME: &str = "authorization";
    let claimed = delivery
        .required(NAME)?
        .split_once(' ')
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("basic"))
        .and_then(|(_, encoded)| STANDARD.decode(encoded.trim()).ok())
        .ok_or_else(|| Refusal::NoSignature { header: NAME.to_owned(), form: "\"Basic \" and base64".to_owned() })?;
    one_of(&claimed, secrets, NAME, "\"user:password\" of at least 8 bytes", |secret| secret.contains(':'))
}

fn one_of(
    claimed: &[u8],
    secrets: &[SecretValue],
    header: &str,
    needed: &'static str,
    has_form: impl Fn(&str) -> bool,
) -> Result<(), Refusal> {
    let mut matched = false;
    for secret in secrets {
        let secret = secret.expose().trim();
        if secret.len() < MIN_SECRET_BYTES || !has_form(secret) {
            return Err(Refusal::BadSecret(needed));
        }
        // All are tried, so that the time taken does not tell which one matched.
        matched |= is_same(claimed, secret.as_bytes());
    }
    if matched { Ok(()) } else { Err(Refusal::WrongSecret { header: header.to_owned(), secrets: secrets.len() }) }
}

/// Compares two texts by their codes under the secret as a key, which takes the
/// same time wherever they differ, and does not tell their lengths apart.
pub(super) fn is_same(claimed: &[u8], secret: &[u8]) -> bool {
    let code = |text: &[u8]| Hmac::<Sha256>::new_from_slice(secret).map(|mac| mac.chain_update(text));
    match (code(claimed), code(secret)) {
        (Ok(claimed), Ok(expected)) => claimed.verify(&expected.finalize().into_bytes()).is_ok(),
        (Ok(_) | Err(_), _) => false,
    }
}
