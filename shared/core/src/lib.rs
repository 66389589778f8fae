//! The decisions of stepwait: when to ask a third party again, what its answer
//! means, whether a webhook is genuine, who may resume a waiting task.
//!
//! Everything here is a function from values to values. There is no clock, no
//! randomness, no environment, no network and no AWS: `now` and random numbers
//! are arguments, and what should happen next is a return value. The same code
//! therefore decides inside a Lambda function, on the command line and in a
//! simulation, and each rule can be tested without waiting for anything.
//! `clippy.toml` beside this crate refuses the calls that would break this.
//!
//! # The life of a wait, and where each part is decided
//!
//! 1. A user describes a third party in `integrations/NAME.toml`.
//!    [`integration`] parses it once, strictly, into types that cannot hold
//!    nonsense.
//! 2. [`plan`] checks one request against its integration before anything is
//!    sent, and fixes the wait's identity, deadline and bounds.
//! 3. [`integration::RequestTemplate`]s turn the request into an [`request::OutgoingRequest`].
//!    [`authorize`] adds the credentials, if it goes where they may go.
//! 4. [`decide`] reads an [`answer::Answer`]: was the submit taken, is the job
//!    done, when to look again, and whether to sleep inside the cheap Express
//!    round or to leave it.
//! 5. [`webhook`] verifies a delivery and finds the job and the outcome in it.
//! 6. [`wait`] holds the rows, the outcome that is stored first and delivered
//!    afterwards, and the rules by which concurrent finishers agree on one.
//! 7. [`pace`] keeps all waits on one third party within its limits.
//! 8. [`message`] is the contract with the state machines, [`error_name`] the
//!    names they catch.
//!
//! [`cost`] counts what all that costs, by the same decisions; [`learn`] finds
//! better times to look at jobs, from how long earlier ones took.

pub mod answer;
pub mod authorize;
pub mod cost;
pub mod decide;
mod duration;
mod encoding;
pub mod error_name;
pub mod integration;
pub mod learn;
pub mod message;
pub mod pace;
pub mod plan;
pub mod request;
pub mod secret;
pub mod wait;
pub mod webhook;

#[cfg(test)]
mod test_support;

pub use error_name::ErrorName;
pub use jiff::Timestamp;
pub use secret::{SecretValue, TaskToken};
