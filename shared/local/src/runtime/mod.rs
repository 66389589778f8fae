//! The Lambda runtime interface: what a `bootstrap` asks for its invocations
//! (<https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html>).
//!
//! An [`Environment`] is what Lambda calls an execution environment: one process
//! that is given one invocation at a time. Several of them are several at once.

mod environment;
mod interface;
mod log;
mod url;

pub use environment::{Environment, EnvironmentError, LISTENER_LIMIT, Start};
pub use interface::{Invocation, Reply};
pub use url::function_url_event;
