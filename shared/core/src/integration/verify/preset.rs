//! Schemes that are known by name. Each is written as a file could write it, in
//! JSON, as functions have no parser of TOML.

use serde::Deserialize;

/// A scheme that is known by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, schemars::JsonSchema)]
#[schemars(inline)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Preset {
    /// [Standard Webhooks](https://www.standardwebhooks.com), which Svix, OpenAI, Replicate and others send.
    StandardWebhooks,
    /// Stripe: `Stripe-Signature: t=…,v1=…`.
    Stripe,
    /// GitHub: `X-Hub-Signature-256: sha256=…`.
    Github,
    /// Slack: `X-Slack-Signature: v0=…`.
    Slack,
    /// Zoom: `x-zm-signature: v0=…`.
    Zoom,
    /// Shopify: `X-Shopify-Hmac-Sha256`.
    Shopify,
    /// DocuSign Connect: `X-DocuSign-Signature-1` and following, one for each key.
    Docusign,
    /// Onfido: `X-SHA2-Signature`.
    Onfido,
    /// Square: `x-square-hmacsha256-signature`, over the listener's URL and the body.
    Square,
    /// Paddle: `Paddle-Signature: ts=…;h1=…`.
    Paddle,
    /// Linear: `Linear-Signature`, with the time in the body.
    Linear,
    /// Box: `BOX-SIGNATURE-PRIMARY` and `BOX-SIGNATURE-SECONDARY`.
    Box,
    /// The secret itself in a header, named by `header`.
    SharedHeader,
    /// `Authorization: Basic`; the secret holds `user:password`.
    Basic,
}

/// What a preset stands for.
pub(super) enum Form {
    /// The keys of the `hmac` form, as JSON.
    Hmac(&'static str),
    SharedHeader,
    Basic,
}

impl Preset {
    /// What the preset stands for.
    pub(super) const fn form(self) -> Form {
        match self {
            // https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
            Self::StandardWebhooks => Form::Hmac(
                r#"{
                    "hmac": "sha256",
                    "key": "base64",
                    "content": "{header:webhook-id}.{timestamp}.{body}",
                    "signature": {"header": "webhook-signature", "separator": " ", "prefix": "v1,", "encoding": "base64"},
                    "timestamp": {"header": "webhook-timestamp", "tolerance": "5m"},
                    "id": "header:webhook-id"
                }"#,
            ),
            // https://docs.stripe.com/webhooks#verify-manually
            Self::Stripe => Form::Hmac(
                r#"{
                    "hmac": "sha256",
                    "content": "{timestamp}.{body}",
                    "signature": {"header": "Stripe-Signature", "field": "v1"},
                    "timestamp": {"field": "t", "tolerance": "5m"},
                    "id": "body:/id"
                }"#,
            ),
            // https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries
            Self::Github => Form::Hmac(
                r#"{
                    "hmac": "sha256",
                    "content": "{body}",
                    "signature": {"header": "X-Hub-Signature-256", "prefix": "sha256="},
                    "id": "header:X-GitHub-Delivery"
                }"#,
            ),
            // https://docs.slack.dev/authentication/verifying-requests-from-slack
            Self::Slack => Form::Hmac(
                r#"{
                    "hmac": "sha256",
                    "content": "v0:{timestamp}:{body}",
                    "signature": {"header": "X-Slack-Signature", "prefix": "v0="},
                    "timestamp": {"header": "X-Slack-Request-Timestamp", "tolerance": "5m"},
                    "id": "body:/event_id"
                }"#,
            ),
            // https://developers.zoom.us/docs/api/webhooks/#verify-with-zooms-header
            Self::Zoom => Form::Hmac(
                r#"{
                    "hmac": "sha256",
                    "content": "v0:{timestamp}:{body}",
                    "signature": {"header": "x-zm-signature", "prefix": "v0="},
                    "timestamp": {"header": "x-zm-request-timestamp", "tolerance": "5m"}
                }"#,
            ),
            // https://shopify.dev/docs/apps/build/webhooks/subscribe/https
            Self::Shopify => Form::Hmac(
                r#"{
                    "hmac": "sha256",
                    "content": "{body}",
                    "signature": {"header": "X-Shopify-Hmac-Sha256", "encoding": "base64"},
                    "id": "header:X-Shopify-Webhook-Id"
                }"#,
            ),
            // https://developers.docusign.com/platform/webhooks/connect/hmac/
            Self::Docusign => Form::Hmac(
                r#"{
                    "hmac": "sha256",
                    "content": "{body}",
                    "signature": {
                        "headers": [
                        "X-DocuSign-Signature-1", "X-DocuSign-Signature-2", "X-DocuSign-Signature-3",
                        "X-DocuSign-Signature-4", "X-DocuSign-Signature-5", "X-DocuSign-Signature-6",
                        "X-DocuSign-Signature-7", "X-DocuSign-Signature-8", "X-DocuSign-Signature-9",
                        "X-DocuSign-Signature-10"],
                        "encoding": "base64" }
                }"#,
            ),
            // https://documentation.onfido.com/guide/webhooks
            Self::Onfido => Form::Hmac(
                r#"{
                    "hmac": "sha256",
                    "content": "{body}",
                    "signature": {"header": "X-SHA2-Signature"}
                }"#,
            ),
            // https://developer.squareup.com/docs/webhooks/step3validate
            Self::Square => Form::Hmac(
                r#"{
                    "hmac": "sha256",
                    "content": "{url}{body}",
                    "signature": {"header": "x-square-hmacsha256-signature", "encoding": "base64"},
                    "id": "body:/event_id"
                }"#,
            ),
            // https://developer.paddle.com/webhooks/signature-verification
            // Its own libraries allow 5 s, less than a listener may need that was just started.
            Self::Paddle => Form::Hmac(
                r#"{
                    "hmac": "sha256",
                    "content": "{timestamp}:{body}",
                    "signature": {"header": "Paddle-Signature", "field": "h1", "separator": ";"},
                    "timestamp": {"field": "ts", "tolerance": "1m"},
                    "id": "body:/event_id"
                }"#,
            ),
            // https://linear.app/developers/webhooks
            Self::Linear => Form::Hmac(
                r#"{
                    "hmac": "sha256",
                    "content": "{body}",
                    "signature": {"header": "Linear-Signature"},
                    "timestamp": {"body": "/webhookTimestamp", "unit": "milliseconds", "tolerance": "1m"},
                    "id": "header:Linear-Delivery"
                }"#,
            ),
            // https://developer.box.com/guides/webhooks/v2/signatures-v2/
            Self::Box => Form::Hmac(
                r#"{
                    "hmac": "sha256",
                    "content": "{body}{timestamp}",
                    "signature": {"headers": ["BOX-SIGNATURE-PRIMARY", "BOX-SIGNATURE-SECONDARY"], "encoding": "base64"},
                    "timestamp": {"header": "BOX-DELIVERY-TIMESTAMP", "unit": "rfc3339", "tolerance": "10m"},
                    "id": "header:BOX-DELIVERY-ID"
                }"#,
            ),
            Self::SharedHeader => Form::SharedHeader,
            Self::Basic => Form::Basic,
        }
    }
}
