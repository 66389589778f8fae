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
    /// The same with a key pair: `v1a` signatures by Ed25519, the public key with or without `whpk_`.
    StandardWebhooksEd25519,
    /// Stripe: `Stripe-Signature: t=…,v1=…`.
    Stripe,
    /// Mux: `Mux-Signature: t=…,v1=…`.
    Mux,
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
    /// Twilio: `X-Twilio-Signature` over the URL and the fields of a form.
    Twilio,
    /// Twilio's JSON webhooks: `X-Twilio-Signature` over a URL that holds the body's hash.
    TwilioJson,
    /// Adyen's standard webhooks: `additionalData.hmacSignature` over eight values of the first item.
    Adyen,
    /// AssemblyAI: a secret of your own in a header that `header` names.
    Assemblyai,
    /// Authorize.Net: `X-ANET-Signature: sha512=…`.
    AuthorizeNet,
    /// HubSpot: `X-HubSpot-Signature-v3`.
    Hubspot,
    /// Mailgun: a signature in the body, over its own time and token only.
    Mailgun,
    /// SendGrid's event webhook: `X-Twilio-Email-Event-Webhook-Signature`.
    Sendgrid,
    /// Discord: `X-Signature-Ed25519`.
    Discord,
    /// Telnyx: `telnyx-signature-ed25519`.
    Telnyx,
    /// fal.ai: `X-Fal-Webhook-Signature`, by keys that fal.ai publishes.
    Fal,
    /// Plaid: a token in `Plaid-Verification`, by keys that Plaid gives to `credentials` `client_id` and `secret`.
    Plaid,
    /// The same from Plaid's sandbox.
    PlaidSandbox,
    /// PayPal: `PAYPAL-TRANSMISSION-SIG`, by a certificate; `values.webhook_id` is the webhook's id.
    Paypal,
    /// The same from PayPal's sandbox.
    PaypalSandbox,
    /// Amazon SNS, signature version 2 (SHA-256), by a certificate; `values.topic_arn` is the topic's ARN.
    AwsSns,
    /// Amazon SNS, signature version 1 (SHA-1), which topics have unless they are told otherwise.
    AwsSnsV1,
    /// The secret itself in a header, named by `header`.
    SharedHeader,
    /// `Authorization: Basic`; the secret holds `user:password`.
    Basic,
}

/// What a preset stands for.
pub(super) enum Form {
    /// The keys of `callback.verify`, as JSON.
    Description(&'static str),
    SharedHeader,
    Basic,
}

impl Preset {
    /// What the preset stands for.
    pub(super) const fn form(self) -> Form {
        match self {
            // https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
            Self::StandardWebhooks => Form::Description(
                r#"{
                    "hmac": "sha256",
                    "key": "base64",
                    "content": "{header:webhook-id}.{timestamp}.{body}",
                    "signature": {"header": "webhook-signature", "separator": " ", "prefix": "v1,", "encoding": "base64"},
                    "timestamp": {"header": "webhook-timestamp", "tolerance": "5m"},
                    "id": "header:webhook-id"
                }"#,
            ),
            // The same specification: `v1a` is Ed25519 over the same content, `whpk_` stands before the public key.
            Self::StandardWebhooksEd25519 => Form::Description(
                r#"{
                    "public_key": "ed25519",
                    "key": "base64",
                    "key_prefix": "whpk_",
                    "content": "{header:webhook-id}.{timestamp}.{body}",
                    "signature": {"header": "webhook-signature", "separator": " ", "prefix": "v1a,", "encoding": "base64"},
                    "timestamp": {"header": "webhook-timestamp", "tolerance": "5m"},
                    "id": "header:webhook-id"
                }"#,
            ),
            // https://docs.stripe.com/webhooks#verify-manually
            Self::Stripe => Form::Description(
                r#"{
                    "hmac": "sha256",
                    "content": "{timestamp}.{body}",
                    "signature": {"header": "Stripe-Signature", "field": "v1"},
                    "timestamp": {"field": "t", "tolerance": "5m"},
                    "id": "body:/id"
                }"#,
            ),
            // https://www.mux.com/docs/core/verify-webhook-signatures
            Self::Mux => Form::Description(
                r#"{
                    "hmac": "sha256",
                    "content": "{timestamp}.{body}",
                    "signature": {"header": "Mux-Signature", "field": "v1"},
                    "timestamp": {"field": "t", "tolerance": "5m"},
                    "id": "body:/id"
                }"#,
            ),
            // https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries
            Self::Github => Form::Description(
                r#"{
                    "hmac": "sha256",
                    "content": "{body}",
                    "signature": {"header": "X-Hub-Signature-256", "prefix": "sha256="},
                    "id": "header:X-GitHub-Delivery"
                }"#,
            ),
            // https://docs.slack.dev/authentication/verifying-requests-from-slack
            Self::Slack => Form::Description(
                r#"{
                    "hmac": "sha256",
                    "content": "v0:{timestamp}:{body}",
                    "signature": {"header": "X-Slack-Signature", "prefix": "v0="},
                    "timestamp": {"header": "X-Slack-Request-Timestamp", "tolerance": "5m"},
                    "id": "body:/event_id"
                }"#,
            ),
            // https://developers.zoom.us/docs/api/webhooks/#verify-with-zooms-header
            Self::Zoom => Form::Description(
                r#"{
                    "hmac": "sha256",
                    "content": "v0:{timestamp}:{body}",
                    "signature": {"header": "x-zm-signature", "prefix": "v0="},
                    "timestamp": {"header": "x-zm-request-timestamp", "tolerance": "5m"}
                }"#,
            ),
            // https://shopify.dev/docs/apps/build/webhooks/subscribe/https
            Self::Shopify => Form::Description(
                r#"{
                    "hmac": "sha256",
                    "content": "{body}",
                    "signature": {"header": "X-Shopify-Hmac-Sha256", "encoding": "base64"},
                    "id": "header:X-Shopify-Webhook-Id"
                }"#,
            ),
            // https://developers.docusign.com/platform/webhooks/connect/hmac/
            Self::Docusign => Form::Description(
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
            Self::Onfido => Form::Description(
                r#"{
                    "hmac": "sha256",
                    "content": "{body}",
                    "signature": {"header": "X-SHA2-Signature"}
                }"#,
            ),
            // https://developer.squareup.com/docs/webhooks/step3validate
            Self::Square => Form::Description(
                r#"{
                    "hmac": "sha256",
                    "content": "{url}{body}",
                    "signature": {"header": "x-square-hmacsha256-signature", "encoding": "base64"},
                    "id": "body:/event_id"
                }"#,
            ),
            // https://developer.paddle.com/webhooks/signature-verification
            // Its own libraries allow 5 s, less than a listener may need that was just started.
            Self::Paddle => Form::Description(
                r#"{
                    "hmac": "sha256",
                    "content": "{timestamp}:{body}",
                    "signature": {"header": "Paddle-Signature", "field": "h1", "separator": ";"},
                    "timestamp": {"field": "ts", "tolerance": "1m"},
                    "id": "body:/event_id"
                }"#,
            ),
            // https://linear.app/developers/webhooks
            Self::Linear => Form::Description(
                r#"{
                    "hmac": "sha256",
                    "content": "{body}",
                    "signature": {"header": "Linear-Signature"},
                    "timestamp": {"body": "/webhookTimestamp", "unit": "milliseconds", "tolerance": "1m"},
                    "id": "header:Linear-Delivery"
                }"#,
            ),
            // https://developer.box.com/guides/webhooks/v2/signatures-v2/
            Self::Box => Form::Description(
                r#"{
                    "hmac": "sha256",
                    "content": "{body}{timestamp}",
                    "signature": {"headers": ["BOX-SIGNATURE-PRIMARY", "BOX-SIGNATURE-SECONDARY"], "encoding": "base64"},
                    "timestamp": {"header": "BOX-DELIVERY-TIMESTAMP", "unit": "rfc3339", "tolerance": "10m"},
                    "id": "header:BOX-DELIVERY-ID"
                }"#,
            ),
            // https://www.twilio.com/docs/usage/webhooks/webhooks-security
            Self::Twilio => Form::Description(
                r#"{
                    "hmac": "sha1",
                    "content": "{full_url}{sorted_form}",
                    "signature": {"header": "X-Twilio-Signature", "encoding": "base64"},
                    "id": "header:I-Twilio-Idempotency-Token"
                }"#,
            ),
            // The same page: of JSON, the URL's bodySHA256 is the body's hash.
            Self::TwilioJson => Form::Description(
                r#"{
                    "hmac": "sha1",
                    "content": "{full_url}",
                    "body_hash": {"query": "bodySHA256"},
                    "signature": {"header": "X-Twilio-Signature", "encoding": "base64"},
                    "id": "header:I-Twilio-Idempotency-Token"
                }"#,
            ),
            // https://docs.adyen.com/development-resources/webhooks/secure-webhooks/verify-hmac-signatures
            // The rest of the body, and further items, can be anything.
            Self::Adyen => Form::Description(
                r#"{
                    "hmac": "sha256",
                    "key": "hex",
                    "content": "{body?:/notificationItems/0/NotificationRequestItem/pspReference}:{body?:/notificationItems/0/NotificationRequestItem/originalReference}:{body?:/notificationItems/0/NotificationRequestItem/merchantAccountCode}:{body?:/notificationItems/0/NotificationRequestItem/merchantReference}:{body?:/notificationItems/0/NotificationRequestItem/amount/value}:{body?:/notificationItems/0/NotificationRequestItem/amount/currency}:{body?:/notificationItems/0/NotificationRequestItem/eventCode}:{body?:/notificationItems/0/NotificationRequestItem/success}",
                    "covers_body": false,
                    "signature": {"body": "/notificationItems/0/NotificationRequestItem/additionalData/hmacSignature", "encoding": "base64"},
                    "id": "body:/notificationItems/0/NotificationRequestItem/pspReference"
                }"#,
            ),
            // https://developer.authorize.net/api/reference/features/webhooks.html
            // Its signature key is 128 hex digits; they are the key as text.
            Self::AuthorizeNet => Form::Description(
                r#"{
                    "hmac": "sha512",
                    "content": "{body}",
                    "signature": {"header": "X-ANET-Signature", "prefix": "sha512="},
                    "id": "body:/notificationId"
                }"#,
            ),
            // https://developers.hubspot.com/docs/apps/developer-platform/build-apps/authentication/request-validation
            // HubSpot signs a URL with some escapes decoded; the listener's has none.
            Self::Hubspot => Form::Description(
                r#"{
                    "hmac": "sha256",
                    "content": "{method}{full_url}{body}{timestamp}",
                    "signature": {"header": "X-HubSpot-Signature-v3", "encoding": "base64"},
                    "timestamp": {"header": "X-HubSpot-Request-Timestamp", "unit": "milliseconds", "tolerance": "5m"}
                }"#,
            ),
            // https://documentation.mailgun.com/docs/mailgun/user-manual/webhooks/securing-webhooks
            // Whoever saw one delivery can send anything with its signature until it is too old.
            Self::Mailgun => Form::Description(
                r#"{
                    "hmac": "sha256",
                    "content": "{timestamp}{body:/signature/token}",
                    "covers_body": false,
                    "signature": {"body": "/signature/signature"},
                    "timestamp": {"body": "/signature/timestamp", "tolerance": "5m"},
                    "id": "body:/signature/token"
                }"#,
            ),
            // https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/getting-started-event-webhook-security-features
            Self::Sendgrid => Form::Description(
                r#"{
                    "public_key": "ecdsa-p256",
                    "key": "base64",
                    "content": "{timestamp}{body}",
                    "signature": {"header": "X-Twilio-Email-Event-Webhook-Signature", "encoding": "base64"},
                    "timestamp": {"header": "X-Twilio-Email-Event-Webhook-Timestamp", "tolerance": "5m"}
                }"#,
            ),
            // https://docs.discord.com/developers/interactions/overview
            Self::Discord => Form::Description(
                r#"{
                    "public_key": "ed25519",
                    "key": "hex",
                    "content": "{timestamp}{body}",
                    "signature": {"header": "X-Signature-Ed25519"},
                    "timestamp": {"header": "X-Signature-Timestamp", "tolerance": "5m"}
                }"#,
            ),
            // https://developers.telnyx.com/docs/messaging/messages/receiving-webhooks
            Self::Telnyx => Form::Description(
                r#"{
                    "public_key": "ed25519",
                    "key": "base64",
                    "content": "{timestamp}|{body}",
                    "signature": {"header": "telnyx-signature-ed25519", "encoding": "base64"},
                    "timestamp": {"header": "telnyx-timestamp", "tolerance": "5m"},
                    "id": "body:/data/id"
                }"#,
            ),
            // https://docs.fal.ai/model-endpoints/webhooks
            Self::Fal => Form::Description(
                r#"{
                    "public_key": "ed25519",
                    "content": "{header:X-Fal-Webhook-Request-Id}\n{header:X-Fal-Webhook-User-Id}\n{timestamp}\n{body_sha256}",
                    "signature": {"header": "X-Fal-Webhook-Signature"},
                    "timestamp": {"header": "X-Fal-Webhook-Timestamp", "tolerance": "5m"},
                    "jwks": {"url": "https://rest.alpha.fal.ai/.well-known/jwks.json"},
                    "id": "header:X-Fal-Webhook-Request-Id"
                }"#,
            ),
            // https://plaid.com/docs/api/webhooks/webhook-verification/
            Self::Plaid => Form::Description(
                r#"{
                    "jwt": "ES256",
                    "signature": {"header": "Plaid-Verification"},
                    "body_hash": {"claim": "/request_body_sha256"},
                    "timestamp": {"claim": "/iat", "tolerance": "5m"},
                    "jwks": {
                        "url": "https://production.plaid.com/webhook_verification_key/get",
                        "post": {"client_id": "{credential:client_id}", "secret": "{credential:secret}", "key_id": "{key_id}"},
                        "key": "/key"
                    }
                }"#,
            ),
            Self::PlaidSandbox => Form::Description(
                r#"{
                    "jwt": "ES256",
                    "signature": {"header": "Plaid-Verification"},
                    "body_hash": {"claim": "/request_body_sha256"},
                    "timestamp": {"claim": "/iat", "tolerance": "5m"},
                    "jwks": {
                        "url": "https://sandbox.plaid.com/webhook_verification_key/get",
                        "post": {"client_id": "{credential:client_id}", "secret": "{credential:secret}", "key_id": "{key_id}"},
                        "key": "/key"
                    }
                }"#,
            ),
            // https://developer.paypal.com/api/rest/webhooks/rest/
            // A CRC-32 is no proof: anybody can make another body with the same one.
            Self::Paypal => Form::Description(
                r#"{
                    "public_key": "rsa-sha256",
                    "content": "{header:PAYPAL-TRANSMISSION-ID}|{timestamp}|{value:webhook_id}|{body_crc32}",
                    "covers_body": false,
                    "signature": {"header": "PAYPAL-TRANSMISSION-SIG", "encoding": "base64"},
                    "timestamp": {"header": "PAYPAL-TRANSMISSION-TIME", "unit": "rfc3339", "tolerance": "5m"},
                    "certificate": {"url": "header:PAYPAL-CERT-URL", "hosts": ["api.paypal.com"], "path": "/v1/notifications/certs/*"},
                    "id": "header:PAYPAL-TRANSMISSION-ID"
                }"#,
            ),
            Self::PaypalSandbox => Form::Description(
                r#"{
                    "public_key": "rsa-sha256",
                    "content": "{header:PAYPAL-TRANSMISSION-ID}|{timestamp}|{value:webhook_id}|{body_crc32}",
                    "covers_body": false,
                    "signature": {"header": "PAYPAL-TRANSMISSION-SIG", "encoding": "base64"},
                    "timestamp": {"header": "PAYPAL-TRANSMISSION-TIME", "unit": "rfc3339", "tolerance": "5m"},
                    "certificate": {"url": "header:PAYPAL-CERT-URL", "hosts": ["api.sandbox.paypal.com"], "path": "/v1/notifications/certs/*"},
                    "id": "header:PAYPAL-TRANSMISSION-ID"
                }"#,
            ),
            // https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html
            // Anybody can have a topic whose messages SNS signs, so the topic is the one that the file names.
            // Retries go on for an hour, with the same time; members that are not named are not signed.
            Self::AwsSns => Form::Description(
                r#"{
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
                }"#,
            ),
            Self::AwsSnsV1 => Form::Description(
                r#"{
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
                }"#,
            ),
            Self::Assemblyai | Self::SharedHeader => Form::SharedHeader,
            Self::Basic => Form::Basic,
        }
    }
}
