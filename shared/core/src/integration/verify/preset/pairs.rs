//! Schemes in which the sender signs with a private key, and everybody can verify.

// The same specification: `v1a` is Ed25519 over the same content, `whpk_` stands before the public key.
pub(super) const STANDARD_WEBHOOKS_ED25519: &str = r#"{
    "public_key": "ed25519",
    "key": "base64",
    "key_prefix": "whpk_",
    "content": "{header:webhook-id}.{timestamp}.{body}",
    "signature": {"header": "webhook-signature", "separator": " ", "prefix": "v1a,", "encoding": "base64"},
    "timestamp": {"header": "webhook-timestamp", "tolerance": "5m"},
    "id": "header:webhook-id"
}"#;

// https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/getting-started-event-webhook-security-features
pub(super) const SENDGRID: &str = r#"{
    "public_key": "ecdsa-p256",
    "key": "base64",
    "content": "{timestamp}{body}",
    "signature": {"header": "X-Twilio-Email-Event-Webhook-Signature", "encoding": "base64"},
    "timestamp": {"header": "X-Twilio-Email-Event-Webhook-Timestamp", "tolerance": "5m"}
}"#;

// https://docs.discord.com/developers/interactions/overview
pub(super) const DISCORD: &str = r#"{
    "public_key": "ed25519",
    "key": "hex",
    "content": "{timestamp}{body}",
    "signature": {"header": "X-Signature-Ed25519"},
    "timestamp": {"header": "X-Signature-Timestamp", "tolerance": "5m"}
}"#;

// https://developers.telnyx.com/docs/messaging/messages/receiving-webhooks
pub(super) const TELNYX: &str = r#"{
    "public_key": "ed25519",
    "key": "base64",
    "content": "{timestamp}|{body}",
    "signature": {"header": "telnyx-signature-ed25519", "encoding": "base64"},
    "timestamp": {"header": "telnyx-timestamp", "tolerance": "5m"},
    "id": "body:/data/id"
}"#;

// https://docs.fal.ai/model-endpoints/webhooks
pub(super) const FAL: &str = r#"{
    "public_key": "ed25519",
    "content": "{header:X-Fal-Webhook-Request-Id}\n{header:X-Fal-Webhook-User-Id}\n{timestamp}\n{body_sha256}",
    "signature": {"header": "X-Fal-Webhook-Signature"},
    "timestamp": {"header": "X-Fal-Webhook-Timestamp", "tolerance": "5m"},
    "jwks": {"url": "https://rest.alpha.fal.ai/.well-known/jwks.json"},
    "id": "header:X-Fal-Webhook-Request-Id"
}"#;

// https://plaid.com/docs/api/webhooks/webhook-verification/
pub(super) const PLAID: &str = r#"{
    "jwt": "ES256",
    "signature": {"header": "Plaid-Verification"},
    "body_hash": {"claim": "/request_body_sha256"},
    "timestamp": {"claim": "/iat", "tolerance": "5m"},
    "jwks": {
        "url": "https://production.plaid.com/webhook_verification_key/get",
        "post": {"client_id": "{credential:client_id}", "secret": "{credential:secret}", "key_id": "{key_id}"},
        "key": "/key"
    }
}"#;

pub(super) const PLAID_SANDBOX: &str = r#"{
    "jwt": "ES256",
    "signature": {"header": "Plaid-Verification"},
    "body_hash": {"claim": "/request_body_sha256"},
    "timestamp": {"claim": "/iat", "tolerance": "5m"},
    "jwks": {
        "url": "https://sandbox.plaid.com/webhook_verification_key/get",
        "post": {"client_id": "{credential:client_id}", "secret": "{credential:secret}", "key_id": "{key_id}"},
        "key": "/key"
    }
}"#;

// https://developer.paypal.com/api/rest/webhooks/rest/
// A CRC-32 is no proof: anybody can make another body with the same one.
pub(super) const PAYPAL: &str = r#"{
    "public_key": "rsa-sha256",
    "content": "{header:PAYPAL-TRANSMISSION-ID}|{timestamp}|{value:webhook_id}|{body_crc32}",
    "covers_body": false,
    "signature": {"header": "PAYPAL-TRANSMISSION-SIG", "encoding": "base64"},
    "timestamp": {"header": "PAYPAL-TRANSMISSION-TIME", "unit": "rfc3339", "tolerance": "5m"},
    "certificate": {"url": "header:PAYPAL-CERT-URL", "hosts": ["api.paypal.com"], "path": "/v1/notifications/certs/*"},
    "id": "header:PAYPAL-TRANSMISSION-ID"
}"#;

pub(super) const PAYPAL_SANDBOX: &str = r#"{
    "public_key": "rsa-sha256",
    "content": "{header:PAYPAL-TRANSMISSION-ID}|{timestamp}|{value:webhook_id}|{body_crc32}",
    "covers_body": false,
    "signature": {"header": "PAYPAL-TRANSMISSION-SIG", "encoding": "base64"},
    "timestamp": {"header": "PAYPAL-TRANSMISSION-TIME", "unit": "rfc3339", "tolerance": "5m"},
    "certificate": {"url": "header:PAYPAL-CERT-URL", "hosts": ["api.sandbox.paypal.com"], "path": "/v1/notifications/certs/*"},
    "id": "header:PAYPAL-TRANSMISSION-ID"
}"#;

// https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html
// Anybody can have a topic whose messages SNS signs, so the topic is the one that the file names.
// Retries go on for an hour, with the same time; members that are not named are not signed.
pub(super) const AWS_SNS: &str = r#"{
    "public_key": "rsa-sha256",
    "content": "{body_lines:Message,MessageId,Subject,SubscribeURL,Timestamp,Token}TopicArn\n{value:topic_arn}\n{body_lines:Type}",
    "covers_body": false,
    "signature": {"body": "/Signature", "encoding": "base64"},
    "timestamp": {"body": "/Timestamp", "unit": "rfc3339", "tolerance": "1h"},
    "certificate": {
        "url": "body:/SigningCertURL",
        "hosts": ["sns.*.amazonaws.com", "sns.*.amazonaws.com.cn"],
        "path": "/SimpleNotificationService-*.pem"
    },
    "id": "body:/MessageId"
}"#;

pub(super) const AWS_SNS_V1: &str = r#"{
    "public_key": "rsa-sha1",
    "content": "{body_lines:Message,MessageId,Subject,SubscribeURL,Timestamp,Token}TopicArn\n{value:topic_arn}\n{body_lines:Type}",
    "covers_body": false,
    "signature": {"body": "/Signature", "encoding": "base64"},
    "timestamp": {"body": "/Timestamp", "unit": "rfc3339", "tolerance": "1h"},
    "certificate": {
        "url": "body:/SigningCertURL",
        "hosts": ["sns.*.amazonaws.com", "sns.*.amazonaws.com.cn"],
        "path": "/SimpleNotificationService-*.pem"
    },
    "id": "body:/MessageId"
}"#;
