//! The wait protocol as a model whose every state is visited.
//!
//! A wait is ended by whoever comes first: a webhook, a look, the reconciler, a
//! person, the closing of its workflow. Each of them is a short run of guarded
//! updates and requests, any of which may be the last that its process does.
//! Tests try orders that somebody thought of. Here a checker
//! ([stateright](https://www.stateright.rs)) takes every order there is, within
//! the bounds of a [`Configuration`], and holds every state against the rules of
//! `properties.rs`: what a task is resumed with is the stored outcome and its own,
//! an event answered with 2xx is not lost, nothing waits at rest for what is known,
//! and so on.
//!
//! # What is modelled
//!
//! - **Step Functions** (`workflow.rs`): a task with up to three attempts, each
//!   with a token that dies with it. An attempt that failed is retried, and so is one
//!   that runs on, which then is a zombie with an old token. A task times out once its
//!   deadline has passed; a failure for good goes to `Close`; an execution may be stopped.
//! - **The table** (`store.rs`): each guarded update is one atomic step with the
//!   condition that `stepwait_core::wait::change` gives it, and answers with the row.
//!   The reconciler's index is a mark on the row; what it shows may be looked at at any time.
//! - **The functions** (`submit.rs`, `listener.rs`, `check.rs`, `close.rs`,
//!   `reconcile.rs`, `settle.rs`): the steps of `stepwait_flow` in their order,
//!   each carrying along what it read, however old that is by the time it is used.
//! - **The third party**: takes jobs, with or without idempotency keys; ends
//!   them; sends their events, some number of times or never, before its own answer
//!   to the submit if it likes, in any order, and contradicting itself; gives two
//!   waits the same id, or the same job.
//! - **Faults**: a process ends before any of its operations; an answer is lost
//!   though the update was applied; the client applies it again and takes the second
//!   answer; an update is not applied. How many in a run is the configuration's to say.
//!
//! # What is left out
//!
//! - **Time.** Deadlines and locks run out at some moment or other. One thing is
//!   assumed of clocks: the right to send outlives the function that took it (90 s
//!   against 60 s), and so does a request on its way.
//! - **What has no effect**: signatures that do not hold, looks that find a job
//!   pending, runs of the reconciler that find nothing. An index that shows too much
//!   is harmless, and one that shows an entry late only delays.
//! - **What does not decide how a wait ends**: results and where they are kept,
//!   pages, places and gates, pinned versions, the kept outcomes that came too late.
//! - Submits that are answered with the result at once, and redrives. Nonces are told apart by attempts: that a process
//!   recognizes its own update by them is modelled for the right to send, and makes no
//!   difference to a claim, whose loser delivers the stored outcome as its winner does.
//! - Noting a job on a wait that has ended is one step here and two updates in the
//!   functions, between which nothing can change what the second one finds.
//!
//! # How it is used
//!
//! [`configurations`] lists what is checked; [`run::check`] checks one. A run
//! that breaks a rule returns the steps to it. Rules that hold because a case never
//! comes up are as good as none: the [`Witness`]es are cases that must come up, and each
//! [`Mistake`] is a change of the protocol that the rules must notice.
//!
//! Three steps of the functions have a switch in the configuration: the reconciler and
//! `Close` read the mailbox where a look tells nothing, and a check reads the row then. The
//! tests in `without.rs` show what each of them is for.
//!
//! # Walks for other packages
//!
//! [`walk::walk`] takes one random way through a configuration, the same for the
//! same seed, and returns each [`Step`] with a [`walk::View`] of each wait after it.
//! To repeat it with the real functions: start each function where a process takes
//! its first step, hold it before each effect, and let it go on when the walk says
//! that it [`Does`](Step::Does) the operation; drop it where the walk says that it
//! [`Crashes`](Step::Crashes); make the effect and return an error for
//! [`Answer::Lost`], only the error for [`Answer::Unavailable`], and make it twice
//! for [`Answer::OfSecondTry`]. The other steps are the world's. The views should agree
//! after each step, and each function should stand before the effect before which its
//! [`Protocol::processes`] stands. Attempts count from one, the first attempt's token is 1,
//! and zero is the generation of a row that `Close` made. The tests of `stepwait_flow` do
//! so (`steps/replay`), so that what is checked here is what the functions do.

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
