//! `callback.handshake` as written, and its checks.

use super::handshake::{EchoProof, Handshake, HandshakeReply};
use crate::integration::condition::{Condition, RawCondition, Test};
use crate::integration::node::Node;
use crate::integration::{KeyError, Locator, header_name, secret_name};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

/// The most bytes of a constant answer, 1 KiB.
const MAX_ANSWER_BYTES: usize = 1024;

/// A handshake that is known by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[schemars(inline)]
#[serde(rename_all = "kebab-case")]
enum Preset {
    /// Slack: a signed `url_verification` with a `challenge`.
    Slack,
    /// Zoom: a signed `endpoint.url_validation` with a `plainToken`.
    Zoom,
    /// Discord: a signed PING, answered by a PONG.
    Discord,
    /// Microsoft Graph: `validationToken` in the query string, not signed.
    MicrosoftGraph,
    /// Meta: `hub.challenge` with `hub.verify_token`, which `secret` names.
    Meta,
    /// Asana: the header `X-Hook-Secret`, which is the secret of later signatures.
    Asana,
    /// AWS SNS: a signed `SubscriptionConfirmation` of the `topic`.
    Sns,
}

/// How a third party makes sure that it reaches the right listener: by a
/// `preset`, such as `{ preset = "slack" }`, or by `when` and one of `echo`,
/// `echo_header`, `hmac` and `answer`. A handshake never touches a wait.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline)]
pub(super) struct RawHandshake {
    /// A handshake that is known by name. Only `secret` (with `"meta"`) and `topic` (with `"sns"`) may stand beside it.
    preset: Option<Preset>,
    /// With the preset `"sns"`: the ARN of the topic. What comes from other topics is ignored, as SNS signs for everybody's.
    topic: Option<String>,
    /// Which deliveries are handshakes: `{ at = "body:/type", equals = "url_verification" }`.
    when: Option<RawCondition>,
    /// A value that is sent back, of at most 1 KiB: `"body:/challenge"`.
    echo: Option<Locator>,
    /// The key under which `echo` goes back as JSON; as plain text if absent.
    key: Option<String>,
    /// Whether a handshake with `echo` is verified as events are. Where the third party does not sign it, write `false`, or name a `token`.
    signed: Option<bool>,
    /// Where a handshake with `echo` carries a secret that was agreed on, instead of a signature: `"query:hub.verify_token"`.
    token: Option<Locator>,
    /// The name of that secret.
    secret: Option<String>,
    /// A header that is sent back: `"X-Hook-Secret"`. Such a delivery cannot be verified, as it brings the secret of later signatures.
    echo_header: Option<String>,
    /// A value whose HMAC-SHA256 in hex, with the first secret of `verify`, is sent back as JSON.
    hmac: Option<RawHmacAnswer>,
    /// A JSON answer that is always the same: `{ type = 1 }`.
    #[schemars(with = "Option<std::collections::BTreeMap<String, Value>>")]
    answer: Option<Node>,
}

/// A value whose HMAC is sent back. Such a delivery is verified first.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline)]
struct RawHmacAnswer {
    /// Where the value stands: `"body:/payload/plainToken"`.
    of: Locator,
    /// The answer's key for the value: `"plainToken"`.
    key: String,
    /// The answer's key for the HMAC: `"encryptedToken"`.
    hmac_key: String,
}

impl RawHandshake {
    pub(super) fn check(self) -> Result<Handshake, KeyError> {
        match self.preset {
            Some(preset) => self.check_preset(preset),
            None => self.check_described(),
        }
    }

    fn check_preset(self, preset: Preset) -> Result<Handshake, KeyError> {
        let described = [
            ("when", self.when.is_some()),
            ("echo", self.echo.is_some()),
            ("key", self.key.is_some()),
            ("signed", self.signed.is_some()),
            ("token", self.token.is_some()),
            ("echo_header", self.echo_header.is_some()),
            ("hmac", self.hmac.is_some()),
            ("answer", self.answer.is_some()),
            ("secret", self.secret.is_some() && preset != Preset::Meta),
            ("topic", self.topic.is_some() && preset != Preset::Sns),
        ];
        if let Some((name, _)) = described.into_iter().find(|(_, present)| *present) {
            return Err(error(name, "does not stand beside this preset; leave out the one or the other"));
        }
        let body = |pointer: &str| Locator::parse(&format!("body:{pointer}")).map_err(|e| error("preset", &e));
        let query = |name: &str| Locator::Query(name.to_owned());
        let is = |at, text: &str| Condition::Value { at, test: Test::Equals(text.to_owned()) };
        let has = |at| Condition::Value { at, test: Test::Exists(true) };
        Ok(match preset {
            // https://docs.slack.dev/reference/events/url_verification
            Preset::Slack => Handshake {
                when: is(body("/type")?, "url_verification"),
                reply: HandshakeReply::Echo { value: body("/challenge")?, key: None, proof: EchoProof::Verified },
            },
            // https://developers.zoom.us/docs/api/webhooks/#validate-your-webhook-endpoint
            Preset::Zoom => Handshake {
                when: is(body("/event")?, "endpoint.url_validation"),
                reply: HandshakeReply::Hmac {
                    value: body("/payload/plainToken")?,
                    key: "plainToken".to_owned(),
                    hmac_key: "encryptedToken".to_owned(),
                },
            },
            // https://discord.com/developers/docs/interactions/overview#setting-up-an-endpoint-acknowledging-ping-requests
            Preset::Discord => Handshake {
                when: is(body("/type")?, "1"),
                reply: HandshakeReply::Constant { answer: serde_json::json!({ "type": 1 }) },
            },
            // https://learn.microsoft.com/en-us/graph/change-notifications-delivery-webhooks
            Preset::MicrosoftGraph => Handshake {
                when: has(query("validationToken")),
                reply: HandshakeReply::Echo { value: query("validationToken"), key: None, proof: EchoProof::Nothing },
            },
            // https://developers.facebook.com/docs/graph-api/webhooks/getting-started#verification-requests
            Preset::Meta => Handshake {
                when: is(query("hub.mode"), "subscribe"),
                reply: HandshakeReply::Echo {
                    value: query("hub.challenge"),
                    key: None,
                    proof: EchoProof::Token { at: query("hub.verify_token"), secret: secret(self.secret)? },
                },
            },
            // https://developers.asana.com/docs/webhooks-guide
            Preset::Asana => Handshake {
                when: has(Locator::Header("x-hook-secret".to_owned())),
                reply: HandshakeReply::Header { name: "x-hook-secret".to_owned() },
            },
            // https://docs.aws.amazon.com/sns/latest/dg/SendMessageToHttp.prepare.html
            Preset::Sns => Handshake {
                when: is(body("/Type")?, "SubscriptionConfirmation"),
                reply: HandshakeReply::Sns { topic: topic(self.topic)? },
            },
        })
    }

    fn check_described(self) -> Result<Handshake, KeyError> {
        if self.topic.is_some() {
            return Err(error("topic", "belongs to the preset \"sns\""));
        }
        let Some(when) = self.when else {
            let what = "name a `preset`, for example \"slack\", or say by `when` which deliveries are handshakes, and by one of `echo`, `echo_header`, `hmac` and `answer` what to answer";
            return Err(("callback.handshake".to_owned(), what.to_owned()));
        };
        let when = when.check().map_err(|e| error("when", &e))?;
        let is_echo = self.echo.is_some();
        let of_echo = [
            ("key", self.key.is_some()),
            ("signed", self.signed.is_some()),
            ("token", self.token.is_some()),
            ("secret", self.secret.is_some()),
        ];
        if let Some((name, _)) = of_echo.into_iter().find(|(_, present)| *present && !is_echo) {
            return Err(error(name, "belongs to `echo`"));
        }
        let reply = match (self.echo, self.echo_header, self.hmac, self.answer) {
            (Some(value), None, None, None) => {
                let proof = proof(self.signed, self.token, self.secret)?;
                HandshakeReply::Echo { value, key: self.key, proof }
            }
            (None, Some(name), None, None) => {
                HandshakeReply::Header { name: header_name::parse(&name).map_err(|e| error("echo_header", &e))? }
            }
            (None, None, Some(RawHmacAnswer { of, key, hmac_key }), None) => {
                if key == hmac_key {
                    return Err(error("hmac", "needs two keys that differ"));
                }
                HandshakeReply::Hmac { value: of, key, hmac_key }
            }
            (None, None, None, Some(answer)) => {
                let answer = serde_json::to_value(&answer).map_err(|e| error("answer", &e.to_string()))?;
                if answer.to_string().len() > MAX_ANSWER_BYTES {
                    return Err(error("answer", &format!("has more than {MAX_ANSWER_BYTES} bytes")));
                }
                HandshakeReply::Constant { answer }
            }
            (_, _, _, _) => {
                let what = "say by exactly one of `echo`, `echo_header`, `hmac` and `answer` what to answer";
                return Err(("callback.handshake".to_owned(), what.to_owned()));
            }
        };
        Ok(Handshake { when, reply })
    }
}

fn proof(signed: Option<bool>, token: Option<Locator>, name: Option<String>) -> Result<EchoProof, KeyError> {
    match (signed, token) {
        (Some(true), Some(_)) => Err(error("token", "stands for a signature; leave out `signed = true` or the token")),
        (Some(false) | None, Some(at)) => Ok(EchoProof::Token { at, secret: secret(name)? }),
        (_, None) if name.is_some() => Err(error("secret", "is what `token` is compared with; say where it stands")),
        (Some(true) | None, None) => Ok(EchoProof::Verified),
        (Some(false), None) => Ok(EchoProof::Nothing),
    }
}

fn secret(name: Option<String>) -> Result<String, KeyError> {
    let name = name.ok_or_else(|| error("secret", "name the secret that the third party shows"))?;
    secret_name::parse(name).map_err(|e| error("secret", &e))
}

/// An ARN of a topic ([SNS](https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsns.html)).
fn topic(arn: Option<String>) -> Result<String, KeyError> {
    let parts = |arn: &str| arn.splitn(6, ':').map(str::to_owned).collect::<Vec<_>>();
    let fits = |arn: &String| {
        matches!(parts(arn).as_slice(), [a, _, sns, region, account, name]
            if a == "arn" && sns == "sns" && ![region, account, name].into_iter().any(String::is_empty))
    };
    arn.filter(fits).ok_or_else(|| {
        error("topic", "name the topic's ARN, \"arn:aws:sns:REGION:ACCOUNT:NAME\": SNS signs for everybody's topics")
    })
}

fn error(key: &str, what: &str) -> KeyError {
    (format!("callback.handshake.{key}"), what.to_owned())
}
