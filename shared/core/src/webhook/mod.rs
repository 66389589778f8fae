//! A webhook delivery: is it genuine, and what does it say?
//!
//! The order matters. The signature is checked over the raw bytes before
//! anything in them is believed, the time of sending included: what it says
//! about the delivery's age is true only if the sender signed it. Then the job
//! and its state are located by the same rules as in a polled answer.
//!
//! One verifier serves all third parties ([`verify()`]); which bytes are signed
//! and how is data, [`crate::integration::Verification`]. The same data says how
//! to sign ([`sign()`]) and, when a delivery is refused, what was compared with
//! what ([`examine()`]). Keys that a third party publishes are fetched by whoever
//! has a network, between [`crate::integration::Verification::key_request`] and
//! the verification.

mod anatomy;
mod delivery;
mod event;
mod examination;
mod gateway;
mod handshake;
mod key_request;
mod parts;
mod public_key;
mod refusal;
mod rehearsal;
mod shared_secret;
mod sign;
mod signature;
mod timestamp;
mod token;
mod verify;
mod walk;

pub use anatomy::PartSeen;
pub use delivery::{Address, Delivery};
pub use event::{Event, EventError, News, read as read_event};
pub use examination::{BytesSeen, Examination, KeyOutcome, KeySeen, SignatureSeen, TimestampSeen};
pub use gateway::DeliveryError;
pub use handshake::{
    HandshakeAnswer, Reply as HandshakeReply, Shake, Subscription, Unshaken, begin as begin_handshake,
    reply as reply_to_handshake,
};
pub use key_request::{KeyDocument, KeyError, KeyRequest, MAX_KEY_DOCUMENT_BYTES};
pub use public_key::PublicKey;
pub use refusal::Refusal;
pub use rehearsal::Tampering;
pub use sign::{SignError, Signing, sign};
pub use verify::{Verified, examine, verify};
pub use walk::Keys;
