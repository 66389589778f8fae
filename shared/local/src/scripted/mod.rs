//! A third party that does what a script says.
//!
//! Three vendors behind one real HTTP server on loopback, told apart by path, so
//! that the application can be seen waiting both ways:
//!
//! - **transcripts** are asked for and then polled: `POST /v1/transcripts`,
//!   `GET /v1/transcripts/{id}`, `DELETE /v1/transcripts/{id}`;
//! - **identity checks** report back by a webhook signed as Standard Webhooks
//!   has it: `POST /v1/checks`, `GET /v1/checks/{id}`,
//!   `POST /v1/checks/{id}/withdraw`;
//! - **renderings** are polled too, and say as little as some do:
//!   `POST /v1/renderings` names the job only by the URL of an operation, which
//!   takes `GET` and `DELETE` and ends with a key; 202 stands for a job under
//!   way; `GET /v1/renderings/{id}/frames` hands the result out in pages.
//!
//! What becomes of a job is a [`Script`], registered under the `reference` that
//! its submit will carry. It says how long the job takes and how it ends, which
//! answers go wrong on the way ([`Answer`]), and how the webhook misbehaves. A
//! job without a script succeeds at once.
//!
//! Everything that was asked of it, and every webhook it sent, is counted by
//! reference ([`Seen`]); a test waits for a count to be reached
//! ([`ThirdParty::wait_until`]) instead of sleeping.
//!
//! ```no_run
//! # use std::{net::SocketAddr, time::Duration};
//! # use stepwait_local::scripted::{Script, ThirdParty, secs};
//! # async fn example(engine: SocketAddr) -> Result<(), Box<dyn std::error::Error>> {
//! let third_party = ThirdParty::start().await?;
//! third_party.deliver_via(engine);
//! third_party.script("order-7", Script::succeeds_after(secs(2)).webhook_copies(3));
//! // … the application submits a job with the reference `order-7` …
//! let seen = third_party
//!     .wait_until("order-7", |seen| seen.webhooks.len() == 3, secs(20))
//!     .await?;
//! assert_eq!(seen.submits, 1);
//! third_party.stop().await;
//! # Ok(())
//! # }
//! ```
//!
//! | file | what it holds |
//! |---|---|
//! | `script`, `answer` | what will happen, as a test writes it |
//! | `vendor` | paths and bodies of the vendors, side by side |
//! | `renderings` | what only one of them does |
//! | `ledger`, `seen` | jobs, and what was asked about them |
//! | `job` | one job's life: timer, webhooks |
//! | `signing`, `courier` | webhooks: how they are signed, how they travel |
//! | `desk`, `server` | one request's answer; the listener around it |
//!
//! Nothing here retries unless a script says so, nothing listens on anything but
//! 127.0.0.1, and no webhook goes anywhere but to the one address given to
//! [`ThirdParty::deliver_via`].

mod answer;
mod clock;
mod courier;
mod desk;
mod job;
mod ledger;
mod renderings;
mod script;
mod seen;
mod server;
mod signing;
mod vendor;

#[cfg(test)]
mod tests;

pub use answer::Answer;
pub use courier::{Delivery, DeliveryAnswer, DeliveryError, Manner};
pub use script::{Script, millis, secs};
pub use seen::{Seen, TimedOut, WebhookOutcome, WebhookSent};
pub use server::{StartError, ThirdParty};
pub use signing::{InvalidSecret, Signing, WebhookSecret};
