//! The steps of a wait, one file for each function: in which order the
//! decisions of `stepwait-core` are asked for and the effects of [`ports`] are
//! carried out.
//!
//! A step holds no rule of its own. It asks a port for something, hands what
//! came back to the core, and does the one thing that the core names. The ports
//! are traits; in a Lambda they are AWS and HTTP, and elsewhere whatever a test
//! or a simulation puts behind them. The order of effects is what keeps a wait
//! from being lost, and it can be read here from top to bottom:
//!
//! - [`submit`]: store the wait and its token, take the right to send, send,
//!   bind the third party's id, then look whether an event was there first.
//! - [`webhook`]: verify, store the event, store the outcome, resume, answer.
//! - [`check`]: ask, store the outcome if the job has ended, say what is next.
//! - [`close`]: a stored outcome wins; else look once more, expire, call off.
//! - `direct`: waits that a workflow of one's own begins without [`prepare`].
//! - `keys`: what a delivery is verified with.
//! - [`reconcile`]: find what is due, and do of it what nobody else has done.
//! - [`operate`]: what a person does by hand: look at a wait, end it.
//! - [`third_party`]: one exchange, one look with its result; shared by all.
//! - [`settle`]: store an outcome, deliver the stored one: shared by all.
//! - [`metric`]: the names by which log lines are counted.
//! - [`pace`]: ask whether a request may go, tell what its answer says: shared by all.

mod aftermath;
mod book;
pub mod check;
pub mod close;
mod direct;
mod error;
mod keys;
pub mod metric;
pub mod operate;
pub mod pace;
pub mod ports;
pub mod prepare;
pub mod reconcile;
pub mod settle;
pub mod submit;
pub mod third_party;
pub mod webhook;

pub use book::{Book, Settings};
pub use error::StepError;
pub use keys::KeyCache;
