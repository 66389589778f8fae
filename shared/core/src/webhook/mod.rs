//! A webhook delivery: is it genuine, and what does it say?
//!
//! The order matters. The signature is checked over the raw bytes before
//! anything in them is believed, the time of sending included: what it says
//! about the delivery's age is true only if the sender signed it. Then the job
//! and its state are located by the same rules as in a polled answer.
//!
//! One verifier serves all third parties ([`verify()`]); which bytes are signed
//! and how is data, [`crate::integration::Verification`].

mod delivery;
mod event;
mod gateway;
mod handshake;
mod refusal;
mod shared_secret;
mod signature;
mod timestamp;
mod verify;

pub use delivery::{Address, Delivery};
pub use event::{Event, EventError, News, read as read_event};
pub use gateway::DeliveryError;
pub use handshake::{
    HandshakeAnswer, Reply as HandshakeReply, Shake, Subscription, Unshaken, begin as begin_handshake,
    reply as reply_to_handshake,
};
pub use refusal::Refusal;
pub use verify::{Verified, verify};
