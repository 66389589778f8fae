//! Third parties that sign, written down a second time: what they sign, with
//! which key, and where they put it, by their own documentation
//! (`integration/verify/preset.rs` has the pages). The core's own signer is not
//! asked: it reads the description that the verifier reads, mistakes included.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use ring::signature::Ed25519KeyPair;
use sha2::Sha256;
use std::collections::BTreeMap;
use stepwait_core::integration::{Callback, Integration, Verification};
use stepwait_core::webhook::{Delivery, KeyDocument, Keys, examine, verify};
use stepwait_core::{SecretValue, Timestamp};

/// What third parties were told to send to.
pub const URL: &str = "https://hooks.example.com/webhooks/any";

/// The secret of all of them. It is base64 of 33 bytes, text of 44, and in the
/// form `user:password` behind [`LOGIN`], so that it is a key in every form.
pub const SECRET: &str = "c3RlcHdhaXQtZnV6ei1zZWNyZXQtb2YtMzMtYnl0ZXM=";

/// The secret of those who send it as user and password.
pub const LOGIN: &str = "stepwait:c3RlcHdhaXQtZnV6ei1zZWNyZXQ";

/// The private key of RFC 8032, section 7.1, test 1.
const ED25519_SEED: [u8; 32] = [
    0x9d, 0x61, 0xb1, 0x9d, 0xef, 0xfd, 0x5a, 0x60, 0xba, 0x84, 0x4a, 0xf4, 0x92, 0xec, 0x2c, 0xc4, 0x44, 0x49, 0xc5,
    0x69, 0x7b, 0x32, 0x69, 0x19, 0x70, 0x3b, 0xac, 0x03, 0x1c, 0xae, 0x7f, 0x60,
];
/// Its public key in base64.
pub const ED25519_BASE64: &str = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";
/// The same in hex.
pub const ED25519_HEX: &str = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";

/// A third party's way to sign.
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
    /// HMAC-SHA256 with the secret's text.
    Text,
    /// The same with the bytes that it stands for.
    Base64,
    /// Ed25519, whose public key is written in base64.
    Ed25519Base64,
    /// The same in hex.
    Ed25519Hex,
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
    /// In milliseconds.
    Milliseconds,
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
pub const SENDERS: [Sender; 17] = [
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
    Sender {
        preset: "mux",
        time: Time::Seconds,
        content: |p| [p.time.as_bytes(), b".", p.body].concat(),
        headers: |p, s| vec![("mux-signature", format!("t={},v1={s}", p.time))],
        ..BODY_IN_HEX
    },
    Sender {
        preset: "hubspot",
        time: Time::Milliseconds,
        content: |p| [b"POST", p.url.as_bytes(), p.body, p.time.as_bytes()].concat(),
        headers: |p, s| {
            vec![("x-hubspot-request-timestamp", p.time.to_owned()), ("x-hubspot-signature-v3", s.to_owned())]
        },
        ..BODY_IN_BASE64
    },
    Sender {
        preset: "standard-webhooks-ed25519",
        key: Key::Ed25519Base64,
        time: Time::Seconds,
        content: |p| [p.id.as_bytes(), b".", p.time.as_bytes(), b".", p.body].concat(),
        headers: |p, signature| {
            vec![
                ("webhook-id", p.id.to_owned()),
                ("webhook-timestamp", p.time.to_owned()),
                ("webhook-signature", format!("v1a,{signature}")),
            ]
        },
        ..BODY_IN_BASE64
    },
    Sender {
        preset: "discord",
        key: Key::Ed25519Hex,
        time: Time::Seconds,
        content: |p| [p.time.as_bytes(), p.body].concat(),
        headers: |p, s| vec![("x-signature-timestamp", p.time.to_owned()), ("x-signature-ed25519", s.to_owned())],
        ..BODY_IN_HEX
    },
    Sender {
        preset: "telnyx",
        key: Key::Ed25519Base64,
        time: Time::Seconds,
        content: |p| [p.time.as_bytes(), b"|", p.body].concat(),
        headers: |p, s| vec![("telnyx-timestamp", p.time.to_owned()), ("telnyx-signature-ed25519", s.to_owned())],
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
            Time::Milliseconds | Time::InBody => time.as_millisecond().to_string(),
        }
    }

    /// What verifies it: a secret, or a public key.
    #[must_use]
    pub const fn secret(&self) -> &'static str {
        match self.key {
            Key::Text | Key::Base64 => SECRET,
            Key::Ed25519Base64 => ED25519_BASE64,
            Key::Ed25519Hex => ED25519_HEX,
        }
    }

    /// Whether another secret's text is the same key: around it white space
    /// means nothing, and HMAC pads a key with zeros.
    #[must_use]
    pub fn is_secret(&self, text: &str) -> bool {
        let key = |text: &str| {
            let text = text.trim();
            let text = text.strip_prefix("whsec_").or_else(|| text.strip_prefix("whpk_")).unwrap_or(text);
            text.trim_end_matches(['=', '\0']).to_owned()
        };
        match self.key {
            Key::Text | Key::Base64 | Key::Ed25519Base64 => key(text) == key(self.secret()),
            Key::Ed25519Hex => key(&text.to_ascii_lowercase()) == self.secret(),
        }
    }

    /// The signature of these parts.
    ///
    /// # Panics
    /// Never: HMAC takes keys of any length, and the key of Ed25519 is one.
    #[must_use]
    pub fn sign(&self, parts: &Parts<'_>) -> Vec<u8> {
        let content = (self.content)(parts);
        let code = |key: &[u8]| {
            let mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
            mac.chain_update(&content).finalize().into_bytes().to_vec()
        };
        match self.key {
            Key::Text => code(SECRET.as_bytes()),
            Key::Base64 => code(&STANDARD.decode(SECRET).expect("the secret is base64")),
            Key::Ed25519Base64 | Key::Ed25519Hex => {
                let pair = Ed25519KeyPair::from_seed_unchecked(&ED25519_SEED).expect("the seed has 32 bytes");
                pair.sign(&content).as_ref().to_vec()
            }
        }
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

/// What a file means whose `callback.verify` is this.
///
/// # Panics
/// If it is not accepted.
#[must_use]
pub fn verification(verify: &str) -> Verification {
    callback(&format!("verify = {verify}")).verify.expect("the file says how to verify")
}

/// What a file means with these lines in its `[callback]`.
///
/// # Panics
/// If it is not accepted.
#[must_use]
pub fn callback(lines: &str) -> Callback {
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
            thin = true
            {lines}
        "#
    );
    let integration = Integration::parse("any", &text).unwrap_or_else(|e| panic!("{lines}: {e}"));
    integration.callback.expect("the file has a [callback] section")
}

/// A secret that nobody signs with.
const ANOTHER_SECRET: &str = "another-secret-of-exactly-33-byte";

/// One secret for each that is named.
fn named<'v>(verification: &'v Verification, secret: &str) -> Vec<(&'v str, SecretValue)> {
    verification.secrets.iter().map(|named| (named.name.as_str(), SecretValue::new(secret))).collect()
}

/// Whether a delivery is accepted now, with one secret for all that the file
/// names, and what was fetched.
///
/// # Panics
/// If a refusal holds the secret, or says nothing, or if the account of the
/// verification says something else than the verification.
#[must_use]
pub fn accepts(
    verification: &Verification,
    delivery: &Delivery,
    secret: &str,
    fetched: Option<&KeyDocument>,
    now: Timestamp,
) -> bool {
    let secrets = named(verification, secret);
    let keys = Keys { secrets: &secrets, fetched };
    let verified = verify(verification, delivery, &keys, Some(URL), now);
    let examination = examine(verification, delivery, &keys, Some(URL), now);
    assert_eq!(examination.verdict(), verified.as_ref());
    if let Err(refusal) = &verified {
        let said = refusal.to_string();
        assert!(!said.is_empty());
        if secret.len() >= 16 && said.contains(secret) {
            // The secret is words of our own, which are said whatever the secret is.
            let others = named(verification, ANOTHER_SECRET);
            let keys = Keys { secrets: &others, fetched };
            let of_another = verify(verification, delivery, &keys, Some(URL), now);
            assert_eq!(of_another.map_err(|refusal| refusal.to_string()), Err(said));
        }
    }
    verified.is_ok()
}
