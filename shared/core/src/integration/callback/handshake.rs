//! `callback.handshake`: how the listener proves to a third party that it is
//! the right one, before or between events.
//!
//! The set is closed, as each kind says what has to be proven before it is
//! answered. What is sent before a secret exists cannot be verified, and then
//! nothing but the sender's own text goes back; whatever a secret of ours goes
//! into, or makes us call somebody, is done for verified deliveries alone.

use crate::integration::{Condition, Locator};
use serde_json::Value;

/// A handshake: when a delivery is one, and how it is answered.
#[derive(Clone, Debug, PartialEq)]
pub struct Handshake {
    /// Which deliveries are one.
    pub when: Condition,
    /// What is answered.
    pub reply: HandshakeReply,
}

/// What is answered to a handshake.
#[derive(Clone, Debug, PartialEq)]
pub enum HandshakeReply {
    /// A value of the delivery, as it is.
    Echo {
        /// Where it stands.
        value: Locator,
        /// The key under which it goes back as JSON; without one it goes back as text.
        key: Option<String>,
        /// What shows that the sender is the third party.
        proof: EchoProof,
    },
    /// A header, sent back as it is. It brings the secret of later signatures,
    /// so nothing can vouch for it.
    Header {
        /// Its name in lower case.
        name: String,
    },
    /// The HMAC-SHA256 of a value, in hex, with the first secret of `verify`. Only
    /// for verified deliveries: it would sign any text for anybody otherwise.
    Hmac {
        /// Where the value stands.
        value: Locator,
        /// The answer's key for the value.
        key: String,
        /// The answer's key for the HMAC.
        hmac_key: String,
    },
    /// Always the same JSON, to verified deliveries: a sender tests whether
    /// forgeries are refused.
    Constant {
        /// The JSON.
        answer: Value,
    },
    /// The address in `SubscribeURL` is visited, for verified deliveries of the topic.
    Sns {
        /// The ARN of the topic: SNS signs for everybody's.
        topic: String,
    },
}

/// What shows that the sender of a value that is echoed is the third party.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EchoProof {
    /// The delivery is verified, as events are.
    Verified,
    /// A value of the delivery is a secret that was agreed on.
    Token {
        /// Where it stands.
        at: Locator,
        /// The secret's name.
        secret: String,
    },
    /// Nothing: the third party sends no proof.
    Nothing,
}
