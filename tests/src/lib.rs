//! The deployed application, as the integration tests use it: real template,
//! real definitions, real compiled functions, on the local engine, against the
//! scripted third party.
//!
//! [`Shared`] brings it up on first use, hands the same [`Application`] to every
//! test and takes it down at the end. Tests run side by side on it, each under a
//! reference of its own, and wait for conditions, never for a guessed time.

mod application;
mod ended;
mod item;
mod stage;

pub use application::{Application, Shared};
pub use ended::Ended;
pub use item::Item;
pub use stage::{Stage, WEBHOOK_SECRET};

/// Why a test could not go on.
pub type Trouble = Box<dyn std::error::Error + Send + Sync>;
