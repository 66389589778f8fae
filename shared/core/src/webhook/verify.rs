//! Whether a delivery is genuine.

use super::{Delivery, Refusal, shared_secret, signature, timestamp};
use crate::answer::{Document, parse_json};
use crate::integration::verify::Scheme;
use crate::integration::{Locator, Verification};
use crate::{SecretValue, Timestamp};
use serde_json::Value;

/// What is known about a delivery that is genuine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// What the sender calls the delivery, if it calls it anything. It is for
    /// people and need not be signed: nothing may be decided by it.
    pub delivery_id: Option<String>,
}

/// Accepts a delivery for which one of `secrets` vouches, now. `callback_url`
/// is where the third party was told to send, which some of them sign.
///
/// # Errors
/// [`Refusal`]; it never holds a secret or a part of the body.
pub fn verify(
    verification: &Verification,
    delivery: &Delivery,
    secrets: &[SecretValue],
    callback_url: Option<&str>,
    now: Timestamp,
) -> Result<Verified, Refusal> {
    match &verification.scheme {
        Scheme::SharedHeader(name) => shared_secret::check_header(name, delivery, secrets)?,
        Scheme::Basic => shared_secret::check_basic(delivery, secrets)?,
        Scheme::Hmac(scheme) => {
            signature::check(scheme, delivery, secrets, callback_url)?;
            if let Some(rule) = &scheme.timestamp {
                timestamp::check(rule, &scheme.signature, delivery, now)?;
            }
        }
    }
    let delivery_id = verification.id.as_ref().and_then(|at| find(at, delivery));
    Ok(Verified { delivery_id: delivery_id.filter(|id| !id.is_empty()) })
}

/// The value at a place of a delivery, whose body is parsed only if the place is in it.
fn find(at: &Locator, delivery: &Delivery) -> Option<String> {
    let body = if at.is_in_body() { parse_json(&delivery.body).ok()? } else { Value::Null };
    at.find_text(&Document::of_event(&delivery.headers, body))
}

#[cfg(test)]
#[path = "verify_tests/mod.rs"]
mod tests;
