//! `stepwait webhook`: what is sent is accepted, what was changed is refused for
//! the right reason, usual mistakes are found, and no secret is printed.
//!
//! After a change that is meant, `UPDATE_SNAPSHOTS=1 cargo test -p stepwait
//! --test webhook` writes what is said anew.

#![expect(clippy::unwrap_used, clippy::panic, reason = "all of this is test code")]

mod mistakes;
mod presets;
mod records;
mod sending;
mod support;
mod told;
