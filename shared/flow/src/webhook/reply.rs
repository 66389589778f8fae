//! What a sender is answered.

use stepwait_core::webhook::HandshakeAnswer;

/// The answer to a sender: a status, and a sentence for the person who reads
/// the sender's log. It never repeats what the sender sent; only the answer to a
/// handshake may, as that is what a handshake is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// What happened.
    pub message: String,
    /// What is answered instead of the message.
    pub handshake: Option<HandshakeAnswer>,
}

impl Reply {
    /// A status and a sentence.
    pub fn new(status: u16, message: impl Into<String>) -> Self {
        Self { status, message: message.into(), handshake: None }
    }

    /// The answer to a handshake.
    pub(super) fn shaken(answer: HandshakeAnswer) -> Self {
        Self { status: 200, message: String::new(), handshake: Some(answer) }
    }
}

/// Nothing is known to be durable, so the sender is asked to send again.
pub(super) fn not_stored(error: &dyn std::error::Error) -> Reply {
    tracing::error!(%error, "the event is not stored");
    Reply::new(503, "not stored; please send again")
}
