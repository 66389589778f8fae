//! Third parties that sign, written down a second time: what they sign, with
//! which key, and where they put it, by their own documentation
//! (`integration/verify/preset.rs` has the pages). The verifier is never asked
//! how to sign, so a mistake of its own is not repeated here.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use std::collections::BTreeMap;
use stepwait_core::integration::{Integration, Verification};
use stepwait_core::webhook::Delivery;
use stepwait_core::{SecretValue, Timestamp};

/// What third parties were told to send to.
pub const URL: &str = "https://hooks.example.com/webhooks/any";

/// The secret of all of them. It is base64 of 33 bytes, text of 44, and in the
/// form `user:password` behind [`LOGIN`], so that it is a key in every form.
pub const SECRET: &str = "c3RlcHdhaXQtZnV6ei1zZWNyZXQtb2YtMzMtYnl0ZXM=";

/// The secret of those who send it as user and password.
pub const LOGIN: &str = "stepwait:c3RlcHdhaXQtZnV6ei1zZWNyZXQ";

/// A third party's way to sign with HMAC-SHA256.
#[derive(Clone, Copy, Debug)]
pub struct Sender {
    /// The preset's name.
    pub preset: &'static str,
    key: Key,
    encoding: Encoding,
    /// Where the time stands and how it is written.
    pub time: Time,
    content: fn(&Parts<'_>) -> Vec<u8>,
    headers: fn(&Parts<'_>, &str) -> Vec<(&'static str, String)>,
}

#[derive(Clone, Copy, Debug)]
enum Key {
    Text,
    Base64,
}

#[derive(Clone, Copy, Debug)]
enum Encoding {
    Hex,
    Base64,
}

/// Where a delivery says when it was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Time {
    /// Nowhere.
    None,
    /// In seconds since 1970.
    Seconds,
    /// As RFC 3339 has it.
    Rfc3339,
    /// In milliseconds, in the body's `webhookTimestamp`.
    InBody,
}

/// What is signed and sent.
#[derive(Clone, Debug)]
pub struct Parts<'p> {
    /// What the delivery calls itself.
    pub id: &'p str,
    /// When it was sent, as the sender writes it.
    pub time: &'p str,
    /// The body.
    pub body: &'p [u8],
    /// Where it is sent to.
    pub url: &'p str,
}

/// All of them.
pub const SENDERS: [Sender; 12] = [
    Sender {
        preset: "standard-webhooks",
        key: Key::Base64,
        encoding: Encoding::Base64,
        time: Time::Seconds,
        content: |p| [p.id.as_bytes(), b".", p.time.as_bytes(), b".", p.body].concat(),
        headers: |p, signature| {
            vec![
                ("webhook-id", p.id.to_owned()),
                ("webhook-timestamp", p.time.to_owned()),
                ("webhook-signature", format!("v1,{signature}")),
            ]
        },
    },
    Sender {
        preset: "stripe",
        key: Key::Text,
        encoding: Encoding::Hex,
        time: Time::Seconds,
        content: |p| [p.time.as_bytes(), b".", p.body].concat(),
        headers: |p, signature| vec![("stripe-signature", format!("t={},v1={signature}", p.time))],
    },
    Sender { preset: "github", headers: |_, s| vec![("x-hub-signature-256", format!("sha256={s}"))], ..BODY_IN_HEX },
    Sender {
        preset: "slack",
        time: Time::Seconds,
        content: with_v0,
        headers: |p, s| {
            vec![("x-slack-request-timestamp", p.time.to_owned()), ("x-slack-signature", format!("v0={s}"))]
        },
        ..BODY_IN_HEX
    },
    Sender {
        preset: "zoom",
        time: Time::Seconds,
        content: with_v0,
        headers: |p, s| vec![("x-zm-request-timestamp", p.time.to_owned()), ("x-zm-signature", format!("v0={s}"))],
        ..BODY_IN_HEX
    },
    Sender { preset: "shopify", headers: |_, s| vec![("x-shopify-hmac-sha256", s.to_owned())], ..BODY_IN_BASE64 },
    Sender { preset: "docusign", headers: |_, s| vec![("x-docusign-signature-7", s.to_owned())], ..BODY_IN_BASE64 },
    Sender { preset: "onfido", headers: |_, s| vec![("x-sha2-signature", s.to_owned())], ..BODY_IN_HEX },
    Sender {
        preset: "square",
        content: |p| [p.url.as_bytes(), p.body].concat(),
        headers: |_, s| vec![("x-square-hmacsha256-signature", s.to_owned())],
        ..BODY_IN_BASE64
    },
    Sender {
        preset: "paddle",
        time: Time::Seconds,
        content: |p| [p.time.as_bytes(), b":", p.body].concat(),
        headers: |p, s| vec![("paddle-signature", format!("ts={};h1={s}", p.time))],
        ..BODY_IN_HEX
    },
    Sender {
        preset: "linear",
        time: Time::InBody,
        headers: |_, s| vec![("linear-signature", s.to_owned())],
        ..BODY_IN_HEX
    },
    Sender {
        preset: "box",
        time: Time::Rfc3339,
        content: |p| [p.body, p.time.as_bytes()].concat(),
        headers: |p, s| vec![("box-delivery-timestamp", p.time.to_owned()), ("box-signature-secondary", s.to_owned())],
        ..BODY_IN_BASE64
    },
];

/// Those who sign the body alone.
const BODY_IN_HEX: Sender = Sender {
    preset: "",
    key: Key::Text,
    encoding: Encoding::Hex,
    time: Time::None,
    content: |p| p.body.to_vec(),
    headers: |_, _| Vec::new(),
};

const BODY_IN_BASE64: Sender = Sender { encoding: Encoding::Base64, ..BODY_IN_HEX };

fn with_v0(p: &Parts<'_>) -> Vec<u8> {
    [b"v0:", p.time.as_bytes(), b":", p.body].concat()
}

impl Sender {
    /// The time as this sender writes it.
    #[must_use]
    pub fn write(&self, time: Timestamp) -> String {
        match self.time {
            Time::None => String::new(),
            Time::Seconds => time.as_second().to_string(),
            Time::Rfc3339 => time.to_string(),
            Time::InBody => time.as_millisecond().to_string(),
        }
    }

    /// The signature of these parts.
    ///
    /// # Panics
    /// Never: HMAC takes keys of any length.
    #[must_use]
    pub fn sign(&self, parts: &Parts<'_>, secret: &str) -> Vec<u8> {
        let key = match self.key {
            Key::Text => secret.as_bytes().to_vec(),
            Key::Base64 => STANDARD.decode(secret).unwrap_or_else(|_| secret.as_bytes().to_vec()),
        };
        let mac = Hmac::<Sha256>::new_from_slice(&key).expect("HMAC takes keys of any length");
        mac.chain_update((self.content)(parts)).finalize().into_bytes().to_vec()
    }

    /// A signature as this sender writes it.
    #[must_use]
    pub fn encode(&self, signature: &[u8]) -> String {
        match self.encoding {
            Encoding::Hex => signature.iter().map(|byte| format!("{byte:02x}")).collect(),
            Encoding::Base64 => STANDARD.encode(signature),
        }
    }

    /// Whether a header's value holds this signature in any way in which it may
    /// be written: hex in capitals too, base64 without its padding.
    #[must_use]
    pub fn holds(&self, value: &str, signature: &[u8]) -> bool {
        match self.encoding {
            Encoding::Hex => value.to_ascii_lowercase().contains(&self.encode(signature)),
            Encoding::Base64 => value.contains(self.encode(signature).trim_end_matches('=')),
        }
    }

    /// The delivery with these parts and this text for a signature.
    #[must_use]
    pub fn delivery(&self, parts: &Parts<'_>, signature: &str) -> Delivery {
        delivery((self.headers)(parts, signature).into_iter().map(|(n, v)| (n.to_owned(), v)).collect(), parts.body)
    }
}

/// A delivery to [`URL`].
#[must_use]
pub fn delivery(headers: BTreeMap<String, String>, body: &[u8]) -> Delivery {
    Delivery {
        method: "POST".to_owned(),
        domain: "hooks.example.com".to_owned(),
        path: "/webhooks/any".to_owned(),
        query: String::new(),
        headers,
        body: body.to_vec(),
    }
}

/// What a file means that verifies by `verify`, which is the right side of `callback.verify`.
///
/// # Panics
/// If it is not accepted.
#[must_use]
pub fn verification(verify: &str) -> Verification {
    let text = format!(
        r#"
            description = "Signs"
            strategy = "callback"
            deadline = "1h"
            base_url = "https://api.example.com"
            [submit]
            path = "/jobs"
            job_id = "body:/id"
            [status]
            path = "/jobs/{{job_id}}"
            value = "body:/state"
            succeeded = ["done"]
            [callback]
            job_id = "body:/id"
            verify = {verify}
        "#
    );
    let integration = Integration::parse("any", &text).unwrap_or_else(|e| panic!("{verify}: {e}"));
    integration.callback.map(|callback| callback.verify).expect("the file has a [callback] section")
}

/// Whether a delivery is accepted, with one secret, now.
///
/// # Panics
/// If a refusal holds the secret, or says nothing.
#[must_use]
pub fn accepts(verification: &Verification, delivery: &Delivery, secret: &str, now: Timestamp) -> bool {
    let secrets = [SecretValue::new(secret)];
    match stepwait_core::webhook::verify(verification, delivery, &secrets, Some(URL), now) {
        Ok(_) => true,
        Err(refusal) => {
            let said = refusal.to_string();
            assert!(!said.is_empty() && (secret.len() < 8 || !said.contains(secret)), "{said:?}");
            false
        }
    }
}
