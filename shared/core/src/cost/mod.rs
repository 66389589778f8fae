//! What a wait costs at AWS, and how often the third party is asked meanwhile.
//!
//! Nothing is estimated that can be counted. [`course()`] lets one wait take its
//! course by the very decisions that the functions make
//! ([`decide::round`](crate::decide::round), [`decide::pooled`](crate::decide::pooled)), with each random delay at its mean,
//! and counts what happens: transitions of the Standard workflow by the names of
//! the states it enters, rounds of the Express one and how long they last,
//! invocations, reads and [`writes`], requests to the third party. What the
//! [`reconciler`] does is shared by all waits that are open, and depends on how
//! many those are: [`together()`] counts a thousand. [`Usage`] holds the counts,
//! [`prices`] what each costs, in whole nano-dollars.
//!
//! [`estimate`] compares nine [`Way`]s to wait, three of them ours, for a million
//! waits whose jobs take as long as [`Durations`] says.
//!
//! What cannot be counted is assumed, once, in [`assumed`]. Left out is what
//! depends on the account or is small beside the rest: free tiers, traces, SNS,
//! Secrets Manager, an HTTP API in front of webhooks, storage, and data transfer.

pub mod assumed;
mod course;
mod durations;
pub mod others;
mod party;
pub mod prices;
pub mod reconciler;
mod together;
mod usage;
mod walk;
mod ways;
pub mod writes;

pub use course::{
    AROUND, CALLED_BACK, CALLED_BACK_WAITING, Course, EACH_FURTHER_ROUND, End, GIVEN_UP, JobEnds, POLLED,
    POLLED_WAITING, course, course_by_fragment, main_adds,
};
pub use durations::{Durations, DurationsError};
pub use party::Party;
pub use prices::{Architecture, Prices, PricesError};
pub use together::{TOGETHER, together};
pub use usage::Usage;
pub use walk::{TooManyLooks, longest_delay, looks};
pub use ways::{Estimate, WAITS, Waits, Way, estimate};

#[cfg(test)]
mod tests;
