//! What an execution did, read from its event list.
//!
//! Standard workflows are billed by state transition, so the demo shows how many
//! each wait cost. Outside a Map that can be read off the history: every state
//! entered is an event ([`listed_path`]). Inside a Map the local engine lists
//! task events only, and those without the state's name. The rest is derived: an
//! iteration that started here and made these tasks happen in this order can
//! have taken only one path through the definition ([`derive_path`]).
//!
//! The derivation follows every path that the definition allows at once, drops
//! those that the next task event contradicts, and answers only if one is left.
//! A guess is never made: no path and more than one are both errors, which name
//! what was seen. Which branch a Choice took is therefore known from the tasks
//! that followed; where none followed, the caller says in which states the
//! iteration can have ended.
//!
//! Bounds of the method: the Map had one item at a time (events of two
//! iterations at work cannot be told apart), no Map or Parallel inside it, and
//! no state entered twice between two tasks.
//!
//! [`whole_execution`] puts both together, and a test compares both on an
//! execution without a Map, where each can be had. [`express_rounds`] reads how
//! long the nested Express executions ran.
//!
//! All functions here are pure: events come as `GetExecutionHistory` returns
//! them, definitions as `DescribeStateMachine` does.

mod attempt;
mod definition;
mod derive;
mod error;
mod express;
mod instant;
mod listed;
mod step;
mod whole;

#[cfg(test)]
mod tests;

pub use derive::derive_path;
pub use error::DeriveError;
pub use express::{Round, express_rounds};
pub use instant::event_time_ms;
pub use listed::listed_path;
pub use step::{Kind, Step, transitions};
pub use whole::{Whole, whole_execution};
