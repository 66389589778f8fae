//! The edges: where steps meet AWS and third parties. This is the only crate
//! that names the AWS SDK or reqwest, reads a clock, or reads the environment.
//!
//! [`Edges`] implements every port of `stepwait-flow`: the table of waits in
//! DynamoDB, large results in S3, waiting tasks in Step Functions, secrets in
//! Secrets Manager, third parties over HTTPS. [`serve`] connects a step with the
//! Lambda runtime. [`http`] stands alone: it calls third parties without AWS.
//!
//! All clients are made once, at start, over one HTTP library and one TLS
//! configuration (ring: the default one spends tens of milliseconds of a cold start
//! on its first random number).

mod at_once;
mod clock;
mod edges;
#[doc(hidden)]
pub mod fuzzing;
pub mod http;
mod results;
mod sdk;
mod secrets;
mod serve;
mod settings;
mod store;
mod tasks;
mod tls;

pub use edges::Edges;
pub use serve::{Failure, serve};
pub use settings::{SettingError, Settings};
pub use store::{EndedPage, EndedWait, Further};
