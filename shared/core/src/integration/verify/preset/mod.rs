//! Schemes that are known by name. Each is written as a file could write it, in
//! JSON, as functions have no parser of TOML.

mod pairs;
mod shared;

use serde::Deserialize;

/// A scheme that is known by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, schemars::JsonSchema)]
#[schemars(inline)]
#[serde(rename_all = "kebab-case")]
pub(in crate::integration::verify) enum Preset {
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
pub(in crate::integration::verify) enum Form {
    /// The keys of `callback.verify`, as JSON.
    Description(&'static str),
    SharedHeader,
    Basic,
}

impl Preset {
    /// What the preset stands for.
    pub(in crate::integration::verify) const fn form(self) -> Form {
        Form::Description(match self {
            Self::Assemblyai | Self::SharedHeader => return Form::SharedHeader,
            Self::Basic => return Form::Basic,
            Self::StandardWebhooks => shared::STANDARD_WEBHOOKS,
            Self::StandardWebhooksEd25519 => pairs::STANDARD_WEBHOOKS_ED25519,
            Self::Stripe => shared::STRIPE,
            Self::Mux => shared::MUX,
            Self::Github => shared::GITHUB,
            Self::Slack => shared::SLACK,
            Self::Zoom => shared::ZOOM,
            Self::Shopify => shared::SHOPIFY,
            Self::Docusign => shared::DOCUSIGN,
            Self::Onfido => shared::ONFIDO,
            Self::Square => shared::SQUARE,
            Self::Paddle => shared::PADDLE,
            Self::Linear => shared::LINEAR,
            Self::Box => shared::BOX,
            Self::Twilio => shared::TWILIO,
            Self::TwilioJson => shared::TWILIO_JSON,
            Self::Adyen => shared::ADYEN,
            Self::AuthorizeNet => shared::AUTHORIZE_NET,
            Self::Hubspot => shared::HUBSPOT,
            Self::Mailgun => shared::MAILGUN,
            Self::Sendgrid => pairs::SENDGRID,
            Self::Discord => pairs::DISCORD,
            Self::Telnyx => pairs::TELNYX,
            Self::Fal => pairs::FAL,
            Self::Plaid => pairs::PLAID,
            Self::PlaidSandbox => pairs::PLAID_SANDBOX,
            Self::Paypal => pairs::PAYPAL,
            Self::PaypalSandbox => pairs::PAYPAL_SANDBOX,
            Self::AwsSns => pairs::AWS_SNS,
            Self::AwsSnsV1 => pairs::AWS_SNS_V1,
        })
    }
}
