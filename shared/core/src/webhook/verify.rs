//! Whether a delivery is genuine.

use super::walk::{KeyState, Keys, Walk, walk};
use super::{Delivery, Examination, Refusal};
use crate::Timestamp;
use crate::answer::parse_json;
use crate::integration::{Locator, Verification};
use serde_json::Value;

/// What is known about a delivery that is genuine.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verified {
    /// What the sender calls the delivery, if it calls it anything. It is for
    /// people and need not be signed: nothing may be decided by it.
    pub delivery_id: Option<String>,
    /// The names of secrets that are of no use, though another vouches for the
    /// delivery: somebody should mend them.
    pub unusable: Vec<String>,
}

/// Accepts a delivery for which one of the keys vouches, now. `callback_url`
/// is where the third party was told to send, which some of them sign. What
/// must be fetched before is said by [`Verification::key_request`].
///
/// # Errors
/// [`Refusal`]; it never holds a secret or a part of the body.
pub fn verify(
    verification: &Verification,
    delivery: &Delivery,
    keys: &Keys<'_>,
    callback_url: Option<&str>,
    now: Timestamp,
) -> Result<Verified, Refusal> {
    judge(&walk(verification, delivery, keys, callback_url, now), verification, delivery)
}

/// The account of one verification: what was found, what was compared with
/// what, and the same verdict as [`verify()`] gives, from the same look.
#[must_use]
pub fn examine(
    verification: &Verification,
    delivery: &Delivery,
    keys: &Keys<'_>,
    callback_url: Option<&str>,
    now: Timestamp,
) -> Examination {
    let walk = walk(verification, delivery, keys, callback_url, now);
    let verdict = judge(&walk, verification, delivery);
    Examination::of(walk, verdict, verification, delivery, now)
}

fn judge(walk: &Walk, verification: &Verification, delivery: &Delivery) -> Result<Verified, Refusal> {
    if let Some(refusal) = walk.refusal() {
        return Err(refusal.clone());
    }
    let is_unusable = |state| matches!(state, KeyState::NotLoaded | KeyState::Malformed(_));
    let unusable = walk.keys.iter().filter(|key| is_unusable(key.state)).map(|key| key.name.clone()).collect();
    let delivery_id = verification.id.as_ref().and_then(|at| find(at, delivery));
    Ok(Verified { delivery_id: delivery_id.filter(|id| !id.is_empty()), unusable })
}

/// The value at a place of a delivery, whose body is parsed only if the place is in it.
fn find(at: &Locator, delivery: &Delivery) -> Option<String> {
    let body = if at.is_in_body() { parse_json(&delivery.body).ok()? } else { Value::Null };
    at.find_text(&delivery.document(body))
}

#[cfg(test)]
#[path = "verify_tests/mod.rs"]
mod tests;
