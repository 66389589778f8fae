//! [Standard Webhooks](https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md):
//! HMAC-SHA256 over `{id}.{timestamp}.{body}`, in base64, several signatures
//! in one header, any of which may match.

use super::Delivery;
use crate::{SecretValue, Timestamp};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use std::time::Duration;

/// How far a delivery's timestamp may lie from now, either way: five minutes,
/// as the specification's libraries have it.
pub const TOLERANCE: Duration = Duration::from_mins(5);

/// The most signatures of one delivery that are looked at; senders send one per
/// key, and rotate between two.
const MAX_SIGNATURES: usize = 16;

/// The fewest bytes of a key, 16: below that it could be guessed, and an empty
/// one would verify anything.
const MIN_KEY_BYTES: usize = 16;

/// Why a delivery was not accepted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// A header is missing.
    #[error("the header {0:?} is missing")]
    MissingHeader(&'static str),
    /// The timestamp is not a number of seconds.
    #[error("the header \"webhook-timestamp\" is not a number of seconds")]
    BadTimestamp,
    /// The delivery is too old, or from the future.
    #[error(
        "the header \"webhook-timestamp\" lies {apart} s {side} now, at most {tolerance} s either way are accepted; look at the sender's clock, or send the delivery again",
        apart = .0.unsigned_abs(), side = if *.0 < 0 { "after" } else { "before" }, tolerance = TOLERANCE.as_secs()
    )]
    OutsideTolerance(i128),
    /// A secret is not a key.
    #[error("a signing secret is not \"whsec_\" followed by at least {MIN_KEY_BYTES} bytes of base64")]
    BadSecret,
    /// No signature matches.
    #[error("none of the {signatures} signatures matches any of the {secrets} secrets")]
    NoMatch {
        /// Signatures of version `v1` in the header.
        signatures: usize,
        /// Secrets tried.
        secrets: usize,
    },
}

/// Accepts a delivery that one of `secrets` signed within [`TOLERANCE`] of `now`.
/// Returns the delivery's id.
///
/// # Errors
/// [`Refusal`]; it never holds a secret or a part of the body.
pub fn verify<'d>(delivery: &'d Delivery, secrets: &[SecretValue], now: Timestamp) -> Result<&'d str, Refusal> {
    let header =
        |name: &'static str| delivery.header(name).filter(|v| !v.is_empty()).ok_or(Refusal::MissingHeader(name));
    let id = header("webhook-id")?;
    let timestamp = header("webhook-timestamp")?;
    let signatures = header("webhook-signature")?;

    let signed_at: i64 = timestamp.trim().parse().map_err(|_| Refusal::BadTimestamp)?;
    // In i128 no two i64 overflow, whatever a sender claims.
    let apart = i128::from(now.as_second()) - i128::from(signed_at);
    if apart.unsigned_abs() > u128::from(TOLERANCE.as_secs()) {
        return Err(Refusal::OutsideTolerance(apart));
    }

    let candidates: Vec<Vec<u8>> = signatures
        .split_ascii_whitespace()
        .filter_map(|one| one.strip_prefix("v1,"))
        .take(MAX_SIGNATURES)
        .filter_map(|encoded| STANDARD.decode(encoded).ok())
        .collect();
    let mut matched = false;
    for secret in secrets {
        let key = key(secret)?;
        for candidate in &candidates {
            let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&key) else {
                return Err(Refusal::BadSecret);
            };
            for part in [id.as_bytes(), b".", timestamp.as_bytes(), b".", &delivery.body] {
                mac.update(part);
            }
            // `verify_slice` compares in constant time; all pairs are tried, so that
            // the time taken does not tell which secret matched.
            matched |= mac.verify_slice(candidate).is_ok();
        }
    }
    if matched { Ok(id) } else { Err(Refusal::NoMatch { signatures: candidates.len(), secrets: secrets.len() }) }
}

fn key(secret: &SecretValue) -> Result<Vec<u8>, Refusal> {
    let text = secret.expose().trim();
    let encoded = text.strip_prefix("whsec_").unwrap_or(text);
    let key = STANDARD.decode(encoded).map_err(|_| Refusal::BadSecret)?;
    if key.len() < MIN_KEY_BYTES { Err(Refusal::BadSecret) } else { Ok(key) }
}

#[cfg(test)]
#[path = "standard_webhooks_tests.rs"]
mod tests;
