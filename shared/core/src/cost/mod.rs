//! What a wait costs at AWS, and how often the third party is asked meanwhile.
//!
//! Nothing is estimated that can be counted. [`course()`] lets one wait take its
//! course by the very decisions that the functions make
//! ([`decide::round`](crate::decide::round)), with each random delay at its mean,
//! and counts what happens: transitions of the Standard workflow by the names of
//! the states it enters, rounds of the Express one and how long they last,
//! invocations, reads and writes, requests to the third party. [`Usage`] holds
//! the counts, [`prices`] what each costs, in whole nano-dollars.
//!
//! What cannot be counted is assumed, once, in [`assumed`]. Left out is what
//! depends on the account or is small beside the rest: free tiers, logs, traces,
//! SNS, Secrets Manager, an HTTP API in front of webhooks, and data transfer.

pub mod assumed;
mod course;
pub mod prices;
mod usage;
mod walk;

pub use course::{AROUND, CALLED_BACK, Course, EACH_FURTHER_ROUND, End, GIVEN_UP, JobEnds, POLLED, course};
pub use usage::Usage;
pub use walk::{TooManyLooks, longest_delay, looks};

#[cfg(test)]
mod tests;
