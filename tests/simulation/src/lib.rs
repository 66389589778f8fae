//! Waits by the thousand in simulated time.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "all of this is test code: what is not as it is read here must fail the run"
)]

mod chance;
mod course;
pub mod coverage;
mod definition;
pub mod fault;
mod integrations;
pub mod many;
mod mistake;
mod oracle;
mod run;
mod time;
mod trace;
mod world;

pub use mistake::Mistake;
pub use oracle::{Broken, Rule};
pub use run::{Outcome, run};
pub use trace::Keep;
