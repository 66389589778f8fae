//! A webhook delivery: is it genuine, and what does it say?
//!
//! The order matters. The signature is checked over the raw bytes before
//! anything in them is believed; then the body is parsed once; then the job and
//! its state are located by the same rules as in a polled answer.

mod delivery;
mod event;
mod standard_webhooks;

pub use delivery::{Delivery, DeliveryError};
pub use event::{Event, EventError, News, read as read_event};
pub use standard_webhooks::{Refusal, TOLERANCE, verify as verify_standard_webhooks};
