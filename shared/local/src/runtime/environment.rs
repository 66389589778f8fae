//! One process, started as Lambda starts a `bootstrap`.

use super::interface::{Interface, Invocation};
use super::log::Log;
use crate::http_server::Server;
use bytes::Bytes;
use std::collections::BTreeMap;
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::sync::Arc;
use std::time::Duration;
use tokio::process::{Child, Command};
use tokio::sync::mpsc;
use tokio::time::timeout;

/// Events that lie ready, so that none is waited for; each is a few KiB.
const AHEAD: usize = 16;

/// How long an invocation of the listener may take, 45 s, as the template has it.
pub const LISTENER_LIMIT: Duration = Duration::from_secs(45);

/// How long a start may take, 10 s, as Lambda allows
/// (<https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html>).
const START_LIMIT: Duration = Duration::from_secs(10);

/// An execution environment; dropped, its process is killed.
#[derive(Debug)]
pub struct Environment {
    interface: Arc<Interface>,
    _server: Server,
    events: mpsc::Sender<Bytes>,
    results: mpsc::Receiver<Invocation>,
    child: Child,
    log: Log,
    limit: Duration,
}

/// How long a start took.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Start {
    /// Until the process asked for its first invocation.
    pub ready: Duration,
    /// Until its first answer was there.
    pub answered: Option<Duration>,
}

/// An environment did not do what it should.
#[derive(Debug, thiserror::Error)]
pub enum EnvironmentError {
    /// The port or the process could not be had.
    #[error("an environment could not be started: {0}")]
    Start(#[from] std::io::Error),
    /// The process ended.
    #[error("the function ended by itself ({status}){init_error}; it printed:\n{log}")]
    Ended {
        /// How.
        status: String,
        /// What it reported of its start, if it did.
        init_error: String,
        /// Its last lines.
        log: String,
    },
    /// The process did not answer.
    #[error("the function did not {what} within {seconds} s; it printed:\n{log}")]
    Late {
        /// What it did not do.
        what: &'static str,
        /// The limit.
        seconds: u64,
        /// Its last lines.
        log: String,
    },
}

impl Environment {
    /// Starts `executable` with these variables and those that Lambda sets
    /// itself, and nothing of this process's own environment; waits until it asks
    /// for its first invocation. Each invocation may take as long as `limit`.
    ///
    /// # Errors
    /// [`EnvironmentError`] when it does not.
    pub async fn start(
        executable: &Path,
        variables: &BTreeMap<String, String>,
        limit: Duration,
    ) -> Result<Self, EnvironmentError> {
        let (events, to_come) = mpsc::channel(AHEAD);
        let (done, results) = mpsc::channel(AHEAD);
        let interface = Arc::new(Interface::new(limit, to_come, done));
        let shared = Arc::clone(&interface);
        let server = Server::start(move |request| {
            let interface = Arc::clone(&shared);
            async move { interface.answer(request).await }
        })
        .await?;
        let mut child = Command::new(executable)
            .env_clear()
            .envs(of_lambda(&server.address().to_string()))
            .envs(variables)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let log = Log::default();
        if let Some(pipe) = child.stdout.take() {
            log.follow(pipe);
        }
        if let Some(pipe) = child.stderr.take() {
            log.follow(pipe);
        }
        let mut environment = Self { interface, _server: server, events, results, child, log, limit };
        environment.until_ready().await?;
        Ok(environment)
    }

    async fn until_ready(&mut self) -> Result<(), EnvironmentError> {
        tokio::select! {
            asked = timeout(START_LIMIT, self.interface.asked()) => {
                asked.map_err(|_| self.late("ask for an invocation", START_LIMIT))
            }
            status = self.child.wait() => {
                let status = status?;
                Err(self.ended(status))
            }
        }
    }

    /// Gives it these events, one after the other, and waits for all answers;
    /// `answered` is called at each.
    ///
    /// # Errors
    /// [`EnvironmentError`] when it ends by itself, or takes too long for one of them.
    pub async fn invoke(
        &mut self,
        events: Vec<Bytes>,
        mut answered: impl FnMut(),
    ) -> Result<Vec<Invocation>, EnvironmentError> {
        let mut invocations = Vec::with_capacity(events.len());
        let mut left = events.into_iter();
        let mut next = left.next();
        let expected = left.len() + usize::from(next.is_some());
        while invocations.len() < expected {
            tokio::select! {
                permit = self.events.reserve(), if next.is_some() => {
                    if let (Ok(permit), Some(event)) = (permit, next.take()) {
                        permit.send(event);
                    }
                    next = left.next();
                }
                received = timeout(self.limit, self.results.recv()) => match received {
                    Ok(Some(invocation)) => {
                        invocations.push(invocation);
                        answered();
                    }
                    Ok(None) | Err(_) => return Err(self.late("answer", self.limit)),
                },
                status = self.child.wait() => {
                    let status = status?;
                    return Err(self.ended(status));
                }
            }
        }
        Ok(invocations)
    }

    /// Kills its process by a signal that nothing can heed (SIGKILL), as a machine
    /// that goes takes its processes along; returns how the process ended.
    ///
    /// # Errors
    /// When it could not be signalled, or not be waited for.
    pub async fn kill(mut self) -> std::io::Result<ExitStatus> {
        self.child.kill().await?;
        self.child.wait().await
    }

    /// The last twenty lines that it printed, which are all where it was given few events.
    #[must_use]
    pub fn printed(&self) -> String {
        self.log.text()
    }

    /// How long its start took.
    #[must_use]
    pub fn start_times(&self) -> Start {
        Start { ready: self.interface.ready().unwrap_or_default(), answered: self.interface.answered() }
    }

    /// The most memory that the process has had resident so far, in bytes, where
    /// the system says so (Linux's `VmHWM`, proc(5)).
    #[must_use]
    pub fn peak_memory_bytes(&self) -> Option<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()?)).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
        let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
        kibibytes.checked_mul(1024)
    }

    /// The time that the process's threads have spent on a core so far, where the
    /// system says so (Linux's `schedstat`, proc(5)); those that have ended are left out.
    #[must_use]
    pub fn time_on_core(&self) -> Option<Duration> {
        let threads = std::fs::read_dir(format!("/proc/{}/task", self.child.id()?)).ok()?;
        let each = threads.flatten().filter_map(|thread| {
            let text = std::fs::read_to_string(thread.path().join("schedstat")).ok()?;
            text.split_whitespace().next()?.parse::<u64>().ok()
        });
        Some(Duration::from_nanos(each.sum()))
    }

    fn ended(&self, status: ExitStatus) -> EnvironmentError {
        let said = self.interface.init_error();
        let init_error = said.map_or_else(String::new, |said| format!(", saying {}", String::from_utf8_lossy(&said)));
        EnvironmentError::Ended { status: status.to_string(), init_error, log: self.log.text() }
    }

    fn late(&self, what: &'static str, limit: Duration) -> EnvironmentError {
        EnvironmentError::Late { what, seconds: limit.as_secs(), log: self.log.text() }
    }
}

/// What Lambda itself sets, as far as a function or an SDK looks at it
/// (<https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html>).
fn of_lambda(runtime: &str) -> [(&'static str, &str); 14] {
    [
        ("AWS_LAMBDA_RUNTIME_API", runtime),
        ("AWS_LAMBDA_FUNCTION_NAME", "measured"),
        ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128"),
        ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand"),
        ("AWS_LAMBDA_LOG_FORMAT", "JSON"),
        ("AWS_LAMBDA_LOG_GROUP_NAME", "/measured"),
        ("AWS_LAMBDA_LOG_STREAM_NAME", "measured"),
        ("AWS_REGION", "us-east-1"),
        ("AWS_ACCESS_KEY_ID", "local"),
        ("AWS_SECRET_ACCESS_KEY", "local"),
        ("AWS_SESSION_TOKEN", "local"),
        ("_HANDLER", "bootstrap"),
        ("TZ", ":UTC"),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_function_that_ends_at_its_start_is_reported_with_what_it_printed() {
        // Any program will do that asks for nothing.
        let error = Environment::start(Path::new("/usr/bin/env"), &BTreeMap::new(), LISTENER_LIMIT).await.unwrap_err();
        let EnvironmentError::Ended { status, init_error, .. } = error else { panic!("{error}") };
        assert_eq!((status.as_str(), init_error.as_str()), ("exit status: 0", ""));
    }

    #[tokio::test]
    async fn a_function_that_asks_for_nothing_can_be_killed() {
        // The child is not ready, so the environment around it is made by hand.
        let (events, to_come) = mpsc::channel(1);
        let (done, results) = mpsc::channel(1);
        let interface = Arc::new(Interface::new(LISTENER_LIMIT, to_come, done));
        let server = Server::start(|_| async { http::Response::new(Bytes::new()) }).await.unwrap();
        let child = Command::new("sleep").arg("600").kill_on_drop(true).spawn().unwrap();
        let environment = Environment {
            interface,
            _server: server,
            events,
            results,
            child,
            log: Log::default(),
            limit: LISTENER_LIMIT,
        };
        let status = environment.kill().await.unwrap();
        assert_eq!(std::os::unix::process::ExitStatusExt::signal(&status), Some(9));
    }

    #[tokio::test]
    async fn a_program_that_is_not_there_is_no_environment() {
        let error =
            Environment::start(Path::new("/no/such/program"), &BTreeMap::new(), LISTENER_LIMIT).await.unwrap_err();
        assert!(matches!(error, EnvironmentError::Start(_)), "{error}");
    }
}
