//! Model.
mod check;
mod close;
mod configuration;
pub mod configurations;
mod listener;
mod machine;
mod mistakes;
mod properties;
mod reconcile;
pub mod run;
mod settle;
pub mod state;
mod step;
mod store;
mod submit;
pub mod walk;
mod witnesses;
mod workflow;

pub use configuration::{Configuration, JobIds, Repetition, Strategy};
pub use machine::Protocol;
pub use mistakes::Mistake;
pub use step::{Answer, Operation, Step, Who};
pub use witnesses::Witness;
