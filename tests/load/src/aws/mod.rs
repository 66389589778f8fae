//! AWS, as far as the functions call it: DynamoDB, the task calls of Step
//! Functions, and Secrets Manager, behind one address on loopback.
//!
//! DynamoDB is the crate `dynoxide`, in memory, whose expressions are held against
//! AWS by a public suite; around it, [`Tables`] counts. [`Tasks`] answers as AWS
//! does: the first call ends a task, every later one is `TaskTimedOut`.
//!
//! A request that no service understands is answered with HTTP 400, and noted in
//! [`Aws::misunderstood`]: a run that measured it has measured nothing.

mod answer;
mod secrets;
mod tables;
mod tasks;
mod tls;

pub use secrets::Secrets;
pub use tables::{TableError, Tables};
pub use tasks::{End, Tasks};
pub use tls::{Secure, SecureError};

use answer::Answer;
use bytes::Bytes;
use http::{Request, Response, StatusCode};
use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use stepwait_local::http_server::{Server, respond};

/// The most misunderstood requests that are kept, 20: one is enough to fail.
const MAX_MISUNDERSTOOD: usize = 20;

/// The media type of AWS's JSON protocol
/// (<https://smithy.io/2.0/aws/protocols/aws-json-1_0-protocol.html>).
const MEDIA_TYPE: &str = "application/x-amz-json-1.0";

/// The services, listening until dropped.
#[derive(Debug)]
pub struct Aws {
    server: Server,
    services: Arc<Services>,
}

/// The services could not be started.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// No port could be bound.
    #[error("the services of AWS cannot listen on 127.0.0.1: {0}")]
    Listen(#[from] io::Error),
    /// The tables could not be made.
    #[error(transparent)]
    Tables(#[from] TableError),
}

#[derive(Debug)]
struct Services {
    tables: Tables,
    tasks: Tasks,
    secrets: Secrets,
    notes: Mutex<Notes>,
}

#[derive(Debug, Default)]
struct Notes {
    calls: BTreeMap<String, Calls>,
    misunderstood: Vec<String>,
}

/// The calls of one operation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Calls {
    /// How many.
    pub count: u64,
    /// The time between a call's last byte and the making of its answer, all together.
    pub time: Duration,
}

impl Aws {
    /// Starts the services, with nothing in them.
    ///
    /// # Errors
    /// [`StartError`] when no port can be bound, or the memory for the tables not be had.
    pub async fn start() -> Result<Self, StartError> {
        let services = Arc::new(Services {
            tables: Tables::new()?,
            tasks: Tasks::default(),
            secrets: Secrets::default(),
            notes: Mutex::default(),
        });
        let shared = Arc::clone(&services);
        let server = Server::start(move |request| {
            let services = Arc::clone(&shared);
            async move { services.answer(&request) }
        });
        Ok(Self { server: server.await?, services })
    }

    /// So many other addresses of the same services, over TLS.
    ///
    /// # Errors
    /// [`SecureError`] when no port can be bound, or no certificate be made.
    pub async fn secure(&self, count: usize) -> Result<Secure, SecureError> {
        Secure::start(&self.services, count).await
    }

    /// Where they are reached: `http://127.0.0.1:PORT`.
    #[must_use]
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.server.address())
    }

    /// DynamoDB.
    #[must_use]
    pub fn tables(&self) -> &Tables {
        &self.services.tables
    }

    /// Step Functions.
    #[must_use]
    pub fn tasks(&self) -> &Tasks {
        &self.services.tasks
    }

    /// Secrets Manager.
    #[must_use]
    pub fn secrets(&self) -> &Secrets {
        &self.services.secrets
    }

    /// All calls so far, by the operation's name (`UpdateItem`).
    #[must_use]
    pub fn calls(&self) -> BTreeMap<String, Calls> {
        self.services.notes().calls.clone()
    }

    /// The calls of one operation so far.
    #[must_use]
    pub fn calls_of(&self, operation: &str) -> u64 {
        self.services.notes().calls.get(operation).map_or(0, |calls| calls.count)
    }

    /// The time that all calls so far took within this process.
    #[must_use]
    pub fn time(&self) -> Duration {
        self.services.notes().calls.values().map(|calls| calls.time).sum()
    }

    /// Requests that were not understood, as the operation and what was wrong
    /// with it; empty, or else the run is worth nothing.
    #[must_use]
    pub fn misunderstood(&self) -> Vec<String> {
        self.services.notes().misunderstood.clone()
    }
}

impl Services {
    fn answer(&self, request: &Request<Bytes>) -> Response<Bytes> {
        let began = Instant::now();
        let target = request.headers().get("x-amz-target").and_then(|value| value.to_str().ok()).unwrap_or_default();
        let (service, operation) = target.split_once('.').unwrap_or(("", target));
        let body = request.body();
        let answer = match service {
            "DynamoDB_20120810" => self.tables.call(operation, body),
            "AWSStepFunctions" => self.tasks.call(operation, body),
            "secretsmanager" => self.secrets.call(operation, body),
            _ => Answer::unknown_operation(),
        };
        let (status, body) = match answer {
            Answer::Done(body) => (StatusCode::OK, body),
            Answer::Refused(body) => (StatusCode::BAD_REQUEST, body),
            Answer::Misunderstood(body) => {
                self.note_misunderstood(format!("{} {} {target}: {body}", request.method(), request.uri().path()));
                (StatusCode::BAD_REQUEST, body)
            }
        };
        let mut notes = self.notes();
        let calls = notes.calls.entry(operation.to_owned()).or_default();
        calls.count += 1;
        calls.time += began.elapsed();
        drop(notes);
        respond(status, MEDIA_TYPE, body)
    }

    fn note_misunderstood(&self, what: String) {
        let mut notes = self.notes();
        if notes.misunderstood.len() < MAX_MISUNDERSTOOD {
            notes.misunderstood.push(what);
        }
    }

    fn notes(&self) -> MutexGuard<'_, Notes> {
        // A count is whole after each statement.
        self.notes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
