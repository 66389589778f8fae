//! Waits by the thousand in simulated time.
//!
//! The steps of `stepwait_flow`, which is all that the functions call, run here over
//! a world that is made for them: the table of waits in memory, Step Functions with
//! its tokens and retries, third parties with their senders, a reconciler that comes
//! each minute, and people. Time is virtual and chance is one number, the seed: a
//! seed always goes the same way, and one that breaks a rule is a test that
//! somebody can read line by line.
//!
//! The model in `stepwait-model` takes every order there is of a small wait. Here a
//! few waits at a time live for hours and days with all that belongs to them, which no
//! checker could visit: clocks that differ, locks that run out, breakers and buckets,
//! senders that try for three days, deployments on the way.
//!
//! # How a seed goes
//!
//! `course.rs` draws what is in store: one to four waits in one or two executions, on
//! two of the eight `integrations/`, whose third parties give the same ids to their jobs;
//! which executions are of the main workflow, and which of one's own, made of the states
//! that `stepwait fragment` prints (`run/own.rs`); how each third party behaves; what people do; how much goes wrong. Then the next
//! event on the agenda happens, and the next, until there is none (`run/`).
//!
//! A process is a step's future. Each call of a port is an effect (`world/effect.rs`):
//! it takes some milliseconds to arrive, happens at one moment, and its answer takes
//! some to come back. A process that crashes is dropped; one that hangs goes on later,
//! although whoever waited for it may have given it up by then; one whose function's
//! time is up begins nothing new, and what it sent may still arrive. Each process has
//! a clock of its own, off by up to three seconds: the right to send outlives its
//! function and a request on its way by more than twice that, which is what the
//! protocol is built on (see `stepwait-model` on clocks).
//!
//! Retries are read from `statemachines/*.asl.json` and from the fragments, and the tests
//! compare the functions' time limits with `template.yaml`.
//!
//! For two third parties it is known how long earlier jobs took (`learned.rs`): most of
//! their jobs take as long, some do not, and looks come by the plan that was learned.
//!
//! # What goes wrong
//!
//! Each [`Fault`](fault::Fault) at each [`Effect`](fault::Effect), each
//! [`Mishap`](fault::Mishap) of each [`Step`](fault::Step), and the
//! [`Witness`](fault::Witness)es, which are cases that must come up, are the cells of
//! one table ([`coverage`]). Most seeds have a cell that they are about, whose fault
//! comes as soon as it can; the others are drawn at a rate. A cell that can happen and
//! never did fails the test; those that cannot are listed with the reason.
//!
//! How much goes wrong in one seed is bounded, and so is for how long the rules let
//! anything go unnoticed: each fault may cost a function's time and a pause.
//!
//! # What must hold
//!
//! [`Rule`] has what the wait protocol promises, held against each change of a row, each
//! resumption, each answer to a sender, and against what is left when nothing is left
//! to happen (`oracle/`). That the rules notice anything is tested too: each
//! [`Mistake`] must be found.
//!
//! # What is left out
//!
//! - **Minutes without work.** A run of the reconciler that finds nothing to do is
//!   simulated now and then; of the others is kept what they leave behind, which is how far
//!   they came. Before such a minute the core is asked whether there is work
//!   (`run/reconciler.rs`). So days cost milliseconds.
//! - **Rows that expire.** The table's TTL never deletes anything here: it may, and it may
//!   be two days late.
//! - Recording and notifying, which come after a wait, redrives, result pages, access
//!   tokens, and fetched keys. Latencies have no distribution of anybody's network.
//! - Two POSTs out of one: a client that repeats a request without an idempotency key would
//!   start two jobs, and none of ours does.
//!
//! # How it is used
//!
//! ```sh
//! cargo test -p stepwait-simulation
//! cargo run --release -p stepwait-simulation -- --for 10m --from 5000000
//! cargo run -p stepwait-simulation -- --seed 4711 --trace
//! ```

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
mod learned;
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
