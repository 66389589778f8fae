//! Schemes in which both sides have the secret.

// https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
pub(super) const STANDARD_WEBHOOKS: &str = r#"{
    "hmac": "sha256",
    "key": "base64",
    "content": "{header:webhook-id}.{timestamp}.{body}",
    "signature": {"header": "webhook-signature", "separator": " ", "prefix": "v1,", "encoding": "base64"},
    "timestamp": {"header": "webhook-timestamp", "tolerance": "5m"},
    "id": "header:webhook-id"
}"#;

// https://docs.stripe.com/webhooks#verify-manually
pub(super) const STRIPE: &str = r#"{
    "hmac": "sha256",
    "content": "{timestamp}.{body}",
    "signature": {"header": "Stripe-Signature", "field": "v1"},
    "timestamp": {"field": "t", "tolerance": "5m"},
    "id": "body:/id"
}"#;

// https://www.mux.com/docs/core/verify-webhook-signatures
pub(super) const MUX: &str = r#"{
    "hmac": "sha256",
    "content": "{timestamp}.{body}",
    "signature": {"header": "Mux-Signature", "field": "v1"},
    "timestamp": {"field": "t", "tolerance": "5m"},
    "id": "body:/id"
}"#;

// https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries
pub(super) const GITHUB: &str = r#"{
    "hmac": "sha256",
    "content": "{body}",
    "signature": {"header": "X-Hub-Signature-256", "prefix": "sha256="},
    "id": "header:X-GitHub-Delivery"
}"#;

// https://docs.slack.dev/authentication/verifying-requests-from-slack
pub(super) const SLACK: &str = r#"{
    "hmac": "sha256",
    "content": "v0:{timestamp}:{body}",
    "signature": {"header": "X-Slack-Signature", "prefix": "v0="},
    "timestamp": {"header": "X-Slack-Request-Timestamp", "tolerance": "5m"},
    "id": "body:/event_id"
}"#;

// https://developers.zoom.us/docs/api/webhooks/#verify-with-zooms-header
pub(super) const ZOOM: &str = r#"{
    "hmac": "sha256",
    "content": "v0:{timestamp}:{body}",
    "signature": {"header": "x-zm-signature", "prefix": "v0="},
    "timestamp": {"header": "x-zm-request-timestamp", "tolerance": "5m"}
}"#;

// https://shopify.dev/docs/apps/build/webhooks/subscribe/https
pub(super) const SHOPIFY: &str = r#"{
    "hmac": "sha256",
    "content": "{body}",
    "signature": {"header": "X-Shopify-Hmac-Sha256", "encoding": "base64"},
    "id": "header:X-Shopify-Webhook-Id"
}"#;

// https://developers.docusign.com/platform/webhooks/connect/hmac/
pub(super) const DOCUSIGN: &str = r#"{
    "hmac": "sha256",
    "content": "{body}",
    "signature": {
        "headers": [
        "X-DocuSign-Signature-1", "X-DocuSign-Signature-2", "X-DocuSign-Signature-3",
        "X-DocuSign-Signature-4", "X-DocuSign-Signature-5", "X-DocuSign-Signature-6",
        "X-DocuSign-Signature-7", "X-DocuSign-Signature-8", "X-DocuSign-Signature-9",
        "X-DocuSign-Signature-10"],
        "encoding": "base64" }
}"#;

// https://documentation.onfido.com/guide/webhooks
pub(super) const ONFIDO: &str = r#"{
    "hmac": "sha256",
    "content": "{body}",
    "signature": {"header": "X-SHA2-Signature"}
}"#;

// https://developer.squareup.com/docs/webhooks/step3validate
pub(super) const SQUARE: &str = r#"{
    "hmac": "sha256",
    "content": "{url}{body}",
    "signature": {"header": "x-square-hmacsha256-signature", "encoding": "base64"},
    "id": "body:/event_id"
}"#;

// https://developer.paddle.com/webhooks/signature-verification
// Its own libraries allow 5 s, less than a listener may need that was just started.
pub(super) const PADDLE: &str = r#"{
    "hmac": "sha256",
    "content": "{timestamp}:{body}",
    "signature": {"header": "Paddle-Signature", "field": "h1", "separator": ";"},
    "timestamp": {"field": "ts", "tolerance": "1m"},
    "id": "body:/event_id"
}"#;

// https://linear.app/developers/webhooks
pub(super) const LINEAR: &str = r#"{
    "hmac": "sha256",
    "content": "{body}",
    "signature": {"header": "Linear-Signature"},
    "timestamp": {"body": "/webhookTimestamp", "unit": "milliseconds", "tolerance": "1m"},
    "id": "header:Linear-Delivery"
}"#;

// https://developer.box.com/guides/webhooks/v2/signatures-v2/
pub(super) const BOX: &str = r#"{
    "hmac": "sha256",
    "content": "{body}{timestamp}",
    "signature": {"headers": ["BOX-SIGNATURE-PRIMARY", "BOX-SIGNATURE-SECONDARY"], "encoding": "base64"},
    "timestamp": {"header": "BOX-DELIVERY-TIMESTAMP", "unit": "rfc3339", "tolerance": "10m"},
    "id": "header:BOX-DELIVERY-ID"
}"#;

// https://www.twilio.com/docs/usage/webhooks/webhooks-security
pub(super) const TWILIO: &str = r#"{
    "hmac": "sha1",
    "content": "{full_url}{sorted_form}",
    "signature": {"header": "X-Twilio-Signature", "encoding": "base64"},
    "id": "header:I-Twilio-Idempotency-Token"
}"#;

// The same page: of JSON, the URL's bodySHA256 is the body's hash.
pub(super) const TWILIO_JSON: &str = r#"{
    "hmac": "sha1",
    "content": "{full_url}",
    "body_hash": {"query": "bodySHA256"},
    "signature": {"header": "X-Twilio-Signature", "encoding": "base64"},
    "id": "header:I-Twilio-Idempotency-Token"
}"#;

// https://docs.adyen.com/development-resources/webhooks/secure-webhooks/verify-hmac-signatures
// The rest of the body, and further items, can be anything.
pub(super) const ADYEN: &str = r#"{
    "hmac": "sha256",
    "key": "hex",
    "content": "{body?:/notificationItems/0/NotificationRequestItem/pspReference}:{body?:/notificationItems/0/NotificationRequestItem/originalReference}:{body?:/notificationItems/0/NotificationRequestItem/merchantAccountCode}:{body?:/notificationItems/0/NotificationRequestItem/merchantReference}:{body?:/notificationItems/0/NotificationRequestItem/amount/value}:{body?:/notificationItems/0/NotificationRequestItem/amount/currency}:{body?:/notificationItems/0/NotificationRequestItem/eventCode}:{body?:/notificationItems/0/NotificationRequestItem/success}",
    "covers_body": false,
    "signature": {"body": "/notificationItems/0/NotificationRequestItem/additionalData/hmacSignature", "encoding": "base64"},
    "id": "body:/notificationItems/0/NotificationRequestItem/pspReference"
}"#;

// https://developer.authorize.net/api/reference/features/webhooks.html
// Its signature key is 128 hex digits; they are the key as text.
pub(super) const AUTHORIZE_NET: &str = r#"{
    "hmac": "sha512",
    "content": "{body}",
    "signature": {"header": "X-ANET-Signature", "prefix": "sha512="},
    "id": "body:/notificationId"
}"#;

// https://developers.hubspot.com/docs/apps/developer-platform/build-apps/authentication/request-validation
// HubSpot signs a URL with some escapes decoded; the listener's has none.
pub(super) const HUBSPOT: &str = r#"{
    "hmac": "sha256",
    "content": "{method}{full_url}{body}{timestamp}",
    "signature": {"header": "X-HubSpot-Signature-v3", "encoding": "base64"},
    "timestamp": {"header": "X-HubSpot-Request-Timestamp", "unit": "milliseconds", "tolerance": "5m"}
}"#;

// https://documentation.mailgun.com/docs/mailgun/user-manual/webhooks/securing-webhooks
// Whoever saw one delivery can send anything with its signature until it is too old.
pub(super) const MAILGUN: &str = r#"{
    "hmac": "sha256",
    "content": "{timestamp}{body:/signature/token}",
    "covers_body": false,
    "signature": {"body": "/signature/signature"},
    "timestamp": {"body": "/signature/timestamp", "tolerance": "5m"},
    "id": "body:/signature/token"
}"#;
