//! Handshakes: deliveries by which a third party makes sure that it reaches the
//! right listener. They are answered, and never touch a wait.
//!
//! What needs no verification is only ever the sender's own text, sent back as
//! plain text that no browser takes for anything else. See
//! [`crate::integration::HandshakeReply`] for what each kind has to prove.

use super::Delivery;
use super::shared_secret::is_same;
use crate::SecretValue;
use crate::answer::MAX_BODY_BYTES;
use crate::encoding::hex;
use crate::integration::{Callback, EchoProof, Handshake, HandshakeReply, Locator, Method};
use crate::request::OutgoingRequest;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Map, Value, json};
use sha2::Sha256;
use url::Url;

/// The most bytes of a value that is sent back, 1 KiB: Microsoft's tokens, the
/// longest, have some two hundred.
const MAX_ECHO_BYTES: usize = 1024;

/// The fewest bytes of a token that was agreed on, 8: people choose them, and an
/// empty one would let everybody in.
const MIN_TOKEN_BYTES: usize = 8;

/// What shows that a handshake comes from the third party.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shake<'c> {
    /// The delivery is verified as events are, and is a handshake if it is genuine.
    Verified,
    /// It carries a secret of this name.
    Token(&'c str),
    /// Nothing does.
    Nothing,
}

/// What is answered to a handshake; its status is 200.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HandshakeAnswer {
    /// Headers by name in lower case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: String,
}

/// A subscription that is confirmed by visiting an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subscription(Url);

/// What there is to do for a handshake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// Answer it.
    Answer(HandshakeAnswer),
    /// Confirm the subscription first.
    Confirm(Subscription),
}

/// Why a handshake is not answered. No text repeats what the sender sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unshaken {
    /// There is no value where the file says.
    #[error("the handshake has no value at {0}; check callback.handshake")]
    NoValue(String),
    /// The value cannot be sent back.
    #[error("the handshake's value at {0} is longer than {MAX_ECHO_BYTES} bytes, or holds control characters")]
    BadValue(String),
    /// The token is not the one that was agreed on.
    #[error("the handshake's token is not the one that was agreed on")]
    WrongToken,
    /// A secret of ours cannot be used.
    #[error("the secret for handshakes must have at least {MIN_TOKEN_BYTES} bytes")]
    BadSecret,
    /// The subscription is one of another topic.
    #[error("the subscription is one of another topic than callback.handshake.topic")]
    OtherTopic,
    /// The address is none of SNS's.
    #[error("the address in SubscribeURL is none of SNS's in the topic's region")]
    ForeignAddress,
}

impl Unshaken {
    /// The status of the answer: the sender did not prove itself, we cannot
    /// check it, or the delivery cannot be used.
    #[must_use]
    pub const fn status(&self) -> u16 {
        match self {
            Self::WrongToken | Self::OtherTopic => 401,
            Self::BadSecret => 503,
            Self::NoValue(_) | Self::BadValue(_) | Self::ForeignAddress => 400,
        }
    }
}

/// Whether a delivery is to be answered as a handshake, and what must be proven
/// before; `None` if it is to be read as an event. Of what must be verified
/// nothing is read before it was: then ask again.
#[must_use]
pub fn begin<'c>(callback: &'c Callback, delivery: &Delivery, is_verified: bool) -> Option<Shake<'c>> {
    let handshake = callback.handshake.as_ref()?;
    let proof = proof(handshake);
    let may_be_read = is_verified || proof != Shake::Verified;
    (may_be_read && handshake.when.holds(&document(delivery))).then_some(proof)
}

fn proof(handshake: &Handshake) -> Shake<'_> {
    match &handshake.reply {
        HandshakeReply::Echo { proof, .. } => match proof {
            EchoProof::Verified => Shake::Verified,
            EchoProof::Token { secret, .. } => Shake::Token(secret),
            EchoProof::Nothing => Shake::Nothing,
        },
        HandshakeReply::Header { .. } => Shake::Nothing,
        HandshakeReply::Hmac { .. } | HandshakeReply::Constant { .. } | HandshakeReply::Sns { .. } => Shake::Verified,
    }
}

/// What to do for a delivery that [`begin`] took for a handshake. `secret` is
/// the token that was agreed on, or the first secret of `verify`, where the kind
/// of handshake has one.
///
/// # Errors
/// [`Unshaken`], when it is not answered.
pub fn reply(handshake: &Handshake, delivery: &Delivery, secret: Option<&SecretValue>) -> Result<Reply, Unshaken> {
    let document = document(delivery);
    let value = |at: &Locator| {
        let text = at.find_text(&document).ok_or_else(|| Unshaken::NoValue(at.to_string()))?;
        let fits = (1..=MAX_ECHO_BYTES).contains(&text.len()) && !text.chars().any(char::is_control);
        if fits { Ok(text) } else { Err(Unshaken::BadValue(at.to_string())) }
    };
    Ok(Reply::Answer(match &handshake.reply {
        HandshakeReply::Echo { value: at, key, proof } => {
            if let EchoProof::Token { at, .. } = proof {
                let agreed = secret.map(|secret| secret.expose().trim()).unwrap_or_default();
                if agreed.len() < MIN_TOKEN_BYTES {
                    return Err(Unshaken::BadSecret);
                }
                if !is_same(value(at)?.as_bytes(), agreed.as_bytes()) {
                    return Err(Unshaken::WrongToken);
                }
            }
            let text = value(at)?;
            match key {
                Some(key) => json_answer(&Value::Object(Map::from_iter([(key.clone(), Value::String(text))]))),
                None => text_answer(text),
            }
        }
        HandshakeReply::Header { name } => {
            let text = value(&Locator::Header(name.clone()))?;
            let mut answer = text_answer(String::new());
            answer.headers.push((name.clone(), text));
            answer
        }
        HandshakeReply::Hmac { value: at, key, hmac_key } => {
            let secret = secret.map(|secret| secret.expose().trim()).unwrap_or_default();
            if secret.len() < MIN_TOKEN_BYTES {
                return Err(Unshaken::BadSecret);
            }
            let text = value(at)?;
            let mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).map_err(|_| Unshaken::BadSecret)?;
            let code = hex(&mac.chain_update(&text).finalize().into_bytes());
            json_answer(&json!({ key: text, hmac_key: code }))
        }
        HandshakeReply::Constant { answer } => json_answer(answer),
        HandshakeReply::Sns { topic } => {
            let body = document.body();
            let field = |name: &str| body.and_then(|body| body.get(name)).and_then(Value::as_str);
            if field("TopicArn") != Some(topic) {
                return Err(Unshaken::OtherTopic);
            }
            let url = field("SubscribeURL").ok_or_else(|| Unshaken::NoValue("body:/SubscribeURL".to_owned()))?;
            return Subscription::parse(url, topic).map(Reply::Confirm).ok_or(Unshaken::ForeignAddress);
        }
    }))
}

impl Subscription {
    /// An address of SNS in the topic's region, which confirms a subscription to it
    /// (<https://docs.aws.amazon.com/sns/latest/api/API_ConfirmSubscription.html>).
    fn parse(text: &str, topic: &str) -> Option<Self> {
        let mut parts = topic.split(':').skip(1);
        let suffix = if parts.next()? == "aws-cn" { ".amazonaws.com.cn" } else { ".amazonaws.com" };
        let region = parts.nth(1)?;
        let url = Url::parse(text).ok()?;
        let is_theirs = url.scheme() == "https"
            && url.host_str() == Some(format!("sns.{region}{suffix}").as_str())
            && url.port().is_none()
            && url.username().is_empty()
            && url.password().is_none();
        let has = |name: &str, value: &str| url.query_pairs().any(|(known, found)| known == name && found == value);
        (is_theirs && has("Action", "ConfirmSubscription") && has("TopicArn", topic)).then_some(Self(url))
    }

    /// The request that confirms it. It carries nothing of ours.
    #[must_use]
    pub fn request(&self) -> OutgoingRequest {
        OutgoingRequest {
            method: Method::Get,
            url: self.0.to_string(),
            headers: Vec::new(),
            secret_query: Vec::new(),
            body: None,
            credentials: false,
            redirects: false,
            most_bytes: MAX_BODY_BYTES,
            until: None,
        }
    }

    /// What is answered once it is confirmed.
    #[must_use]
    pub fn confirmed() -> HandshakeAnswer {
        text_answer("subscribed".to_owned())
    }
}

/// The delivery as conditions see it; a body that cannot be read has nothing in it.
fn document(delivery: &Delivery) -> crate::answer::Document<'_> {
    delivery.document(delivery.content().unwrap_or(Value::Null))
}

/// `nosniff` keeps a browser from taking a sender's text for a page
/// (<https://fetch.spec.whatwg.org/#x-content-type-options-header>).
fn answer(content_type: &str, body: String) -> HandshakeAnswer {
    let headers = [("content-type", content_type), ("x-content-type-options", "nosniff")];
    HandshakeAnswer { headers: headers.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec(), body }
}

fn text_answer(body: String) -> HandshakeAnswer {
    answer("text/plain; charset=utf-8", body)
}

fn json_answer(body: &Value) -> HandshakeAnswer {
    answer("application/json", body.to_string())
}

#[cfg(test)]
#[path = "handshake_tests.rs"]
mod tests;
