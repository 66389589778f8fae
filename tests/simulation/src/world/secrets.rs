//! Secrets by name. Third parties sign their webhooks with the listener's.

use super::Ports;
use super::effect::Errors;
use crate::fault::Effect;
use stepwait_core::SecretValue;
use stepwait_core::authorize::AccessToken;
use stepwait_flow::ports::{SecretError, Secrets, Tokens};

/// The key that every third party signs with, as Standard Webhooks writes them.
const SIGNING_KEY: &str = "whsec_dHdlbnR5LWZvdXIgc2lnbmluZyBieXRl";

/// The key that every third party signs with.
pub(crate) fn signing_key() -> SecretValue {
    SecretValue::new(SIGNING_KEY)
}

impl Secrets for Ports<'_> {
    async fn secret(&self, name: &str) -> Result<SecretValue, SecretError> {
        let error = |why: &str| SecretError { name: name.to_owned(), why: why.to_owned() };
        let errors = Errors { not_done: error("throttled"), lost: error("the connection broke") };
        self.effect(Effect::ReadSecret, errors, |_| {
            Ok(if name.ends_with("/webhook") { signing_key() } else { SecretValue::new("api-token") })
        })
        .await
    }

    // Every process is new here and remembers nothing.
    fn forget_secret(&self, _name: &str) {}
}

impl Tokens for Ports<'_> {
    fn token(&self, _digest: &str) -> Option<AccessToken> {
        None
    }

    // No integration of the simulation has access tokens.
    fn keep_token(&self, _digest: &str, _token: Option<AccessToken>) {}
}
