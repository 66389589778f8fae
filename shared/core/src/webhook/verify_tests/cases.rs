//! A delivery of every preset that signs, made by [`sign`] with keys of these tests.
//!
//! The keys were made by OpenSSL: `openssl genpkey -algorithm EC -pkeyopt
//! ec_paramgen_curve:P-256`, `openssl genpkey -algorithm RSA`, `openssl req -x509`.
//! They are good for nothing else.

use super::{URL, delivery, verification};
use crate::answer::Answer;
use crate::integration::Verification;
use crate::test_support::at;
use crate::webhook::{Delivery, KeyDocument, Keys, Refusal, Signing, Verified, sign, verify};
use crate::{SecretValue, Timestamp};
use ring::rand::SystemRandom;

pub(super) const SENT: &str = "2021-02-25T15:02:10Z";

pub(super) const P256_PRIVATE: &str = include_str!("keys/p256.pem");
pub(super) const P256_PUBLIC: &str = include_str!("keys/p256.public.pem");
pub(super) const P256_OTHER: &str = include_str!("keys/p256-other.public.pem");
const P256_BASE64: &str = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEKmgK9rHNcXh3Gm7EuPWp5Uo3S4S2OBwySR8+OBXbH7sRMPy1hYJZNuhpzqee1gQtGBfr3iBEeeHxQ7mK3khVuQ==";
const P256_OTHER_BASE64: &str = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEVaLAHmyLvlem9O0UvfpYnkpVAGFzXjTj9AItvHjDDxtTCu3KIuyQXI7q1RFs1bvTMN09akLsftdHoLXKssw4Ig==";
pub(super) const RSA_PRIVATE: &str = include_str!("keys/rsa.pem");
pub(super) const RSA_PUBLIC: &str = include_str!("keys/rsa.public.pem");
pub(super) const RSA_CERTIFICATE: &str = include_str!("keys/rsa.certificate.pem");
pub(super) const RSA_OTHER: &str = include_str!("keys/rsa-other.certificate.pem");

/// The private key of RFC 8032, section 7.1, test 1, in PKCS#8 and base64, its
/// public key, and the public key of test 2.
pub(super) const ED25519_PRIVATE: &str = "MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g";
pub(super) const ED25519_PUBLIC: &str = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";
pub(super) const ED25519_OTHER: &str = "PUAXw+hDiVqStwqnTRt+vJyYLM8uxJaMwM1V8Sr0Zgw=";

/// What of the body another signature would be needed for.
#[derive(Clone, Copy)]
pub(super) enum Covers {
    /// All of it.
    Body,
    /// The fields of the form that it is.
    Form,
    /// The values at these places of it.
    Places(&'static [&'static str]),
}

/// A preset, and all that a delivery of it takes.
#[derive(Clone, Copy)]
pub(super) struct Case {
    pub(super) preset: &'static str,
    /// What stands beside the preset.
    pub(super) keys: &'static str,
    pub(super) signs: &'static str,
    /// The secret "a", if the file names one.
    pub(super) secret: Option<&'static str>,
    /// What the keys' host answers.
    pub(super) document: Option<&'static str>,
    /// The secret, or the document, of somebody else.
    pub(super) other: &'static str,
    pub(super) headers: &'static [(&'static str, &'static str)],
    pub(super) body: &'static str,
    pub(super) covers: Covers,
    /// The header that holds the signature; the place in the body otherwise.
    pub(super) signature: &'static str,
    /// The header that holds the time, where that is one of its own.
    pub(super) time: Option<&'static str>,
    /// The body is signed already, as there is no way to sign it here.
    pub(super) is_signed: bool,
}

const TEXT: &str = "an-agreed-secret-of-32-characters";
const OTHER_TEXT: &str = "another-secret-of-some-characters";
const HEX: &str = "000102030405060708090a0b0c0d0e0f";
const OTHER_HEX: &str = "0f0e0d0c0b0a09080706050403020100";
const BASE64: &str = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX";
const OTHER_BASE64: &str = "whsec_FxYVFBMSERAPDg0MCwoJCAcGBQQDAgEA";
const BODY: &str = r#"{"id":"evt_1","job":"j1","webhookTimestamp":1614265330000}"#;
const JWKS: &str = r#"{"keys":[{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}"#;
const JWKS_OTHER: &str =
    r#"{"keys":[{"kty":"OKP","crv":"Ed25519","x":"PUAXw-hDiVqStwqnTRt-vJyYLM8uxJaMwM1V8Sr0Zgw"}]}"#;
const JWK: &str = r#"{"key":{"kid":"k1","kty":"EC","crv":"P-256","alg":"ES256","use":"sig","x":"KmgK9rHNcXh3Gm7EuPWp5Uo3S4S2OBwySR8-OBXbH7s","y":"ETD8tYWCWTboac6nntYELRgX694gRHnh8UO5it5IVbk","expired_at":null}}"#;
const JWK_OTHER: &str = r#"{"key":{"kid":"k1","kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}}"#;

const HMAC: Case = Case {
    preset: "",
    keys: r#"secrets = ["a"]"#,
    signs: TEXT,
    secret: Some(TEXT),
    document: None,
    other: OTHER_TEXT,
    headers: &[],
    body: BODY,
    covers: Covers::Body,
    signature: "",
    time: None,
    is_signed: false,
};

const ED25519: Case = Case { signs: ED25519_PRIVATE, secret: Some(ED25519_PUBLIC), other: ED25519_OTHER, ..HMAC };

const PUBLISHED: Case = Case { keys: "", secret: None, ..HMAC };

const PLAID: Case = Case {
    preset: "plaid",
    keys: r#"credentials = { client_id = "plaid/id", secret = "plaid/secret" }"#,
    signs: P256_PRIVATE,
    document: Some(JWK),
    other: JWK_OTHER,
    signature: "plaid-verification",
    ..PUBLISHED
};

const PAYPAL: Case = Case {
    preset: "paypal",
    keys: r#"values = { webhook_id = "8PT597110X687430LKGECATA" }"#,
    signs: RSA_PRIVATE,
    document: Some(RSA_CERTIFICATE),
    other: RSA_OTHER,
    headers: &[("paypal-cert-url", "https://api.paypal.com/v1/notifications/certs/CERT-360caa42-fca2a594")],
    signature: "paypal-transmission-sig",
    time: Some("paypal-transmission-time"),
    ..PUBLISHED
};

const SNS_COVERED: &[&str] =
    &["/Message", "/MessageId", "/Subject", "/SubscribeURL", "/Timestamp", "/Token", "/Type", "/Signature"];

/// Every preset that signs.
pub(super) const CASES: [Case; 31] = [
    Case {
        preset: "standard-webhooks",
        signs: BASE64,
        secret: Some(BASE64),
        other: OTHER_BASE64,
        signature: "webhook-signature",
        time: Some("webhook-timestamp"),
        ..HMAC
    },
    Case {
        preset: "standard-webhooks-ed25519",
        signature: "webhook-signature",
        time: Some("webhook-timestamp"),
        ..ED25519
    },
    Case { preset: "stripe", signature: "stripe-signature", ..HMAC },
    Case { preset: "mux", signature: "mux-signature", ..HMAC },
    Case { preset: "github", signature: "x-hub-signature-256", ..HMAC },
    Case { preset: "slack", signature: "x-slack-signature", time: Some("x-slack-request-timestamp"), ..HMAC },
    Case { preset: "zoom", signature: "x-zm-signature", time: Some("x-zm-request-timestamp"), ..HMAC },
    Case { preset: "shopify", signature: "x-shopify-hmac-sha256", ..HMAC },
    Case { preset: "docusign", signature: "x-docusign-signature-1", ..HMAC },
    Case { preset: "onfido", signature: "x-sha2-signature", ..HMAC },
    Case { preset: "square", signature: "x-square-hmacsha256-signature", ..HMAC },
    Case { preset: "paddle", signature: "paddle-signature", ..HMAC },
    Case { preset: "linear", signature: "linear-signature", ..HMAC },
    Case { preset: "box", signature: "box-signature-primary", time: Some("box-delivery-timestamp"), ..HMAC },
    Case {
        preset: "twilio",
        headers: &[("content-type", "application/x-www-form-urlencoded; charset=UTF-8")],
        body: "CallSid=CA1234567890ABCDE&Caller=%2B12349013030&Digits=1234&Digits=5+6",
        covers: Covers::Form,
        signature: "x-twilio-signature",
        ..HMAC
    },
    Case { preset: "twilio-json", signature: "x-twilio-signature", ..HMAC },
    Case {
        preset: "adyen",
        signs: HEX,
        secret: Some(HEX),
        other: OTHER_HEX,
        body: r#"{"live":"false","notificationItems":[{"NotificationRequestItem":{"pspReference":"79","merchantAccountCode":"M","merchantReference":"T-1","amount":{"value":1130,"currency":"EUR"},"eventCode":"AUTHORISATION","success":"true"}}]}"#,
        covers: Covers::Places(&[
            "/notificationItems/0/NotificationRequestItem/pspReference",
            "/notificationItems/0/NotificationRequestItem/originalReference",
            "/notificationItems/0/NotificationRequestItem/merchantAccountCode",
            "/notificationItems/0/NotificationRequestItem/merchantReference",
            "/notificationItems/0/NotificationRequestItem/amount/value",
            "/notificationItems/0/NotificationRequestItem/amount/currency",
            "/notificationItems/0/NotificationRequestItem/eventCode",
            "/notificationItems/0/NotificationRequestItem/success",
            "/notificationItems/0/NotificationRequestItem/additionalData/hmacSignature",
        ]),
        signature: "/notificationItems/0/NotificationRequestItem/additionalData/hmacSignature",
        ..HMAC
    },
    Case { preset: "authorize-net", signature: "x-anet-signature", ..HMAC },
    Case { preset: "hubspot", signature: "x-hubspot-signature-v3", time: Some("x-hubspot-request-timestamp"), ..HMAC },
    Case {
        preset: "mailgun",
        body: r#"{"signature":{"token":"a8ce0edb"},"event-data":{"event":"opened","job":"j1"}}"#,
        covers: Covers::Places(&["/signature/timestamp", "/signature/token", "/signature/signature"]),
        signature: "/signature/signature",
        ..HMAC
    },
    Case {
        preset: "sendgrid",
        signs: P256_PRIVATE,
        secret: Some(P256_BASE64),
        other: P256_OTHER_BASE64,
        signature: "x-twilio-email-event-webhook-signature",
        time: Some("x-twilio-email-event-webhook-timestamp"),
        ..HMAC
    },
    Case {
        preset: "discord",
        secret: Some("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"),
        other: "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        signature: "x-signature-ed25519",
        time: Some("x-signature-timestamp"),
        ..ED25519
    },
    Case { preset: "telnyx", signature: "telnyx-signature-ed25519", time: Some("telnyx-timestamp"), ..ED25519 },
    Case {
        preset: "fal",
        signs: ED25519_PRIVATE,
        document: Some(JWKS),
        other: JWKS_OTHER,
        headers: &[("x-fal-webhook-user-id", "u-1")],
        signature: "x-fal-webhook-signature",
        time: Some("x-fal-webhook-timestamp"),
        ..PUBLISHED
    },
    PLAID,
    Case { preset: "plaid-sandbox", ..PLAID },
    PAYPAL,
    Case {
        preset: "paypal-sandbox",
        headers: &[("paypal-cert-url", "https://api.sandbox.paypal.com/v1/notifications/certs/CERT-360caa42-fca2a594")],
        ..PAYPAL
    },
    Case {
        preset: "aws-sns",
        keys: r#"values = { topic_arn = "arn:aws:sns:us-east-1:123456789012:jobs" }"#,
        signs: RSA_PRIVATE,
        document: Some(RSA_CERTIFICATE),
        other: RSA_OTHER,
        body: r#"{"Type":"Notification","MessageId":"22b80b92","TopicArn":"arn:aws:sns:us-east-1:123456789012:jobs","Message":"{\"job\":\"j1\"}","SignatureVersion":"2","SigningCertURL":"https://sns.us-east-1.amazonaws.com/SimpleNotificationService-01d088a6.pem","UnsubscribeURL":"https://x"}"#,
        covers: Covers::Places(SNS_COVERED),
        signature: "/Signature",
        ..PUBLISHED
    },
    // Signed by `openssl dgst -sha1 -sign keys/rsa.pem` over the lines that AWS documents.
    Case {
        preset: "aws-sns-v1",
        keys: r#"values = { topic_arn = "arn:aws:sns:us-east-1:123456789012:jobs" }"#,
        signs: RSA_PRIVATE,
        document: Some(RSA_CERTIFICATE),
        other: RSA_OTHER,
        body: r#"{"Type":"Notification","MessageId":"22b80b92","TopicArn":"arn:aws:sns:us-east-1:123456789012:jobs","Message":"{\"job\":\"j1\",\"state\":\"done\"}","Timestamp":"2021-02-25T15:02:10.000Z","SignatureVersion":"1","Signature":"Qkf59k1jfRx2CEdmDMwECnVDQpvN/sHEBxpw9DqIcFqmkU3fp6mVLm1wNeSqY5cjQqW76+CYIGWnfSb6OiLcpOw5VFRszWG3fkO1U4P5HJcZVKTfygAxZbaBMqZkM1hdVWlvOAPEXFUJzqIzvjlqLNppDKVnHYcYokIrCisfsHN/X5Seq3J/sBtFOLIKbruHEV9gJKE2C0UmESjKRreli6aOpqOKR4icTUFEMQNltUHtOeui8TaYICX2+sxn2LkABDciHdZ8jcta7nLm2fRh+L46nLfnqWKmGaE6CB8uZTCY23kD/1igiFhX8RxzODH5R4N6eiiW6wvbNIHSYIzCDg==","SigningCertURL":"https://sns.us-east-1.amazonaws.com/SimpleNotificationService-01d088a6.pem"}"#,
        covers: Covers::Places(SNS_COVERED),
        signature: "/Signature",
        is_signed: true,
        ..PUBLISHED
    },
    // What a file describes for a sender that signs a query string with base64url keys and texts.
    Case {
        preset: "",
        keys: DESCRIBED,
        signs: "AAECAwQFBgcICQoLDA0ODw",
        secret: Some("AAECAwQFBgcICQoLDA0ODw"),
        other: "Dw4NDAsKCQgHBgUEAwIBAA",
        signature: "?sig",
        ..HMAC
    },
];

const DESCRIBED: &str = r#"secrets = ["a"], hmac = "sha384", key = "base64url", content = "{query:t}\n{path}\n{body_sha256}", signature = { query = "sig", encoding = "base64url" }, timestamp = { query = "t" }"#;

impl Case {
    pub(super) fn name(&self) -> &'static str {
        if self.preset.is_empty() { "described" } else { self.preset }
    }

    pub(super) fn verification(&self) -> Verification {
        let preset = if self.preset.is_empty() { String::new() } else { format!("preset = \"{}\", ", self.preset) };
        // "fal" has no keys of its own, so nothing stands beside the preset.
        verification(&format!("{{ {preset}{} }}", self.keys).replace(",  }", " }"))
    }

    /// A genuine delivery.
    pub(super) fn genuine(&self) -> Delivery {
        let plain = delivery(self.headers, self.body.as_bytes());
        if self.is_signed { plain } else { sign(&self.verification(), &plain, &self.signing(self.signs)).unwrap() }
    }

    /// With what it is signed; `key` may be another.
    pub(super) fn signing<'a>(&self, key: &str) -> Signing<'a> {
        let key: &'static SecretValue = Box::leak(Box::new(SecretValue::new(key)));
        let random: &'static SystemRandom = Box::leak(Box::new(SystemRandom::new()));
        Signing { key, key_id: Some("k1"), now: at(SENT), delivery_id: "d-1", callback_url: Some(URL), random }
    }

    /// What is said of a delivery. Another address of keys than the genuine one's has no keys.
    pub(super) fn check(&self, delivery: &Delivery, now: Timestamp) -> Result<Verified, Refusal> {
        self.checker()(delivery, now)
    }

    /// The same for many deliveries.
    pub(super) fn checker(&self) -> impl Fn(&Delivery, Timestamp) -> Result<Verified, Refusal> {
        let verification = self.verification();
        move |delivery, now| self.check_with(&verification, delivery, self.secret, self.document, now)
    }

    pub(super) fn check_with(
        &self,
        verification: &Verification,
        delivery: &Delivery,
        secret: Option<&str>,
        document: Option<&str>,
        now: Timestamp,
    ) -> Result<Verified, Refusal> {
        let secrets: Vec<_> = secret.map(|secret| ("a", SecretValue::new(secret))).into_iter().collect();
        let fetched = document.and_then(|text| document_for(verification, delivery, text));
        verify(verification, delivery, &Keys { secrets: &secrets, fetched: fetched.as_ref() }, Some(URL), now)
    }
}

/// What comes of an answer to the request for keys, if one is made at all and at the usual address.
pub(super) fn document_for(verification: &Verification, delivery: &Delivery, text: &str) -> Option<KeyDocument> {
    let request = verification.key_request(delivery).ok()??;
    let usual = [
        "https://sns.us-east-1.amazonaws.com/SimpleNotificationService-01d088a6.pem",
        "https://api.paypal.com/v1/notifications/certs/CERT-360caa42-fca2a594",
        "https://api.sandbox.paypal.com/v1/notifications/certs/CERT-360caa42-fca2a594",
        "https://rest.alpha.fal.ai/.well-known/jwks.json",
        "https://production.plaid.com/webhook_verification_key/get#k1",
        "https://sandbox.plaid.com/webhook_verification_key/get#k1",
        "https://keys.example.com/certs/jwks.json",
    ];
    let answer = Answer { status: 200, headers: Vec::new(), body: text.as_bytes().to_vec(), truncated: false };
    usual.contains(&request.name().as_str()).then(|| request.read(&answer).unwrap())
}
