//! The AWS services that a compiled function calls when it runs outside Lambda, as
//! `stepwait_local::runtime` runs it. They are a server on loopback within this
//! process, so that what is measured is the function, and what is counted is what
//! reached the services.
//!
//! - [`aws`] is DynamoDB, Step Functions' task calls and Secrets Manager. It counts
//!   each call and each change of an attribute, and notes every request that it
//!   does not understand.
//! - [`template`] reads from `template.yaml` the tables and the environment that a
//!   deployment would have.
//!
//! - [`vendor`] is a third party that answers looks at jobs after a while, and counts them.
//!
//! The program beside it, `cargo run --release -p stepwait-load`, measures the
//! webhook listener with them, and with `-- reconcile` the reconciler.

pub mod aws;
pub mod template;
pub mod vendor;
