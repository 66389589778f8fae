//! What a compiled function needs around it to run outside Lambda: the runtime
//! interface that hands it its invocations, and the AWS services that it calls.
//! Both are servers on loopback within this process, so that what is measured is
//! the function, and what is counted is what reached the services.
//!
//! - [`runtime`] starts an executable as Lambda starts a `bootstrap`, and gives it
//!   one invocation after the other.
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
mod http_server;
pub mod runtime;
pub mod template;
pub mod vendor;
