//! The laptop: everything that the demo and the integration tests need around
//! the application to run it for real, without an AWS account and without Docker.
//!
//! - [`scripted`] is the third party of every wait: an HTTP server on loopback
//!   whose jobs take as long, end as well and go as wrong as a script says, and
//!   which counts what it was asked.
//! - [`history`] reads what an execution did out of the engine's event lists,
//!   which leave out most of what happens inside a Map: the path that the
//!   definition must have taken is derived from the tasks that are listed.
//! - [`engine`] deploys the real template onto a local engine and runs the real
//!   compiled functions.
//! - [`runtime`] runs one compiled function by itself, as Lambda would, where a
//!   test or a measurement wants the process in its own hands; [`http_server`]
//!   is what such a process speaks to.
//! - [`processes`] tells which process holds a connection, and kills one.

pub mod engine;
pub mod history;
pub mod http_server;
pub mod processes;
pub mod runtime;
pub mod scripted;
