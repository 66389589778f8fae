//! Signatures as Standard Webhooks has them: HMAC-SHA256 over
//! `{id}.{timestamp}.{body}`, base64, with a `v1,` in front.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

/// Bytes in one block of SHA-256. HMAC pads a shorter key to it with zeros, and
/// Standard Webhooks allows no longer one.
const BLOCK_BYTES: usize = 64;

/// Bytes of the shortest key that Standard Webhooks allows.
const SHORTEST_KEY_BYTES: usize = 24;

/// The key that webhooks are signed with.
#[derive(Clone, PartialEq, Eq)]
pub struct WebhookSecret {
    key: [u8; BLOCK_BYTES],
    text: String,
}

/// A text that is not a secret for Standard Webhooks.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidSecret {
    /// What follows `whsec_` cannot be decoded.
    #[error("webhook secret: not base64 after `whsec_`; copy it whole from the vendor")]
    NotBase64,
    /// The key is shorter or longer than the scheme allows.
    #[error("webhook secret: {0} bytes long, but must be 24 to 64")]
    WrongLength(usize),
}

impl WebhookSecret {
    /// Reads `whsec_` and base64, or base64 alone.
    ///
    /// # Errors
    /// When it is not base64, or not a key of 24 to 64 bytes.
    pub fn parse(text: &str) -> Result<Self, InvalidSecret> {
        let encoded = text.strip_prefix("whsec_").unwrap_or(text);
        let bytes = STANDARD.decode(encoded).map_err(|_| InvalidSecret::NotBase64)?;
        if bytes.len() < SHORTEST_KEY_BYTES || bytes.len() > BLOCK_BYTES {
            return Err(InvalidSecret::WrongLength(bytes.len()));
        }
        let mut key = [0; BLOCK_BYTES];
        key[..bytes.len()].copy_from_slice(&bytes);
        Ok(Self { key, text: format!("whsec_{encoded}") })
    }

    /// A secret of its own for each run.
    pub(super) fn from_key(bytes: [u8; 32]) -> Self {
        let mut key = [0; BLOCK_BYTES];
        key[..bytes.len()].copy_from_slice(&bytes);
        Self { key, text: format!("whsec_{}", STANDARD.encode(bytes)) }
    }

    /// The secret as it is stored in a secrets manager, with its `whsec_`.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.text
    }

    /// The `webhook-signature` of a body sent with this id at this time (seconds
    /// since 1970).
    #[must_use]
    pub fn sign(&self, id: &str, timestamp: i64, body: &[u8]) -> String {
        let mut mac = Hmac::<Sha256>::new(&self.key.into());
        mac.update(id.as_bytes());
        mac.update(format!(".{timestamp}.").as_bytes());
        mac.update(body);
        format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
    }

    /// The three headers of a webhook.
    pub(super) fn headers(&self, id: &str, timestamp: i64, body: &[u8]) -> Vec<(String, String)> {
        vec![
            ("webhook-id".to_owned(), id.to_owned()),
            ("webhook-timestamp".to_owned(), timestamp.to_string()),
            ("webhook-signature".to_owned(), self.sign(id, timestamp, body)),
        ]
    }
}

impl fmt::Debug for WebhookSecret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("WebhookSecret([REDACTED])")
    }
}

/// How a webhook sent by hand is signed.
#[derive(Clone, Debug)]
pub enum Signing {
    /// With the shared secret, now.
    Valid,
    /// With another secret, now.
    WithSecret(WebhookSecret),
    /// With the shared secret, at this time (seconds since 1970).
    At(i64),
    /// No signature at all.
    None,
    /// Exactly these headers.
    Raw(Vec<(String, String)>),
}
