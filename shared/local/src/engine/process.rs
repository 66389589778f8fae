//! The engine itself: a process on a free loopback port.

use std::ffi::OsString;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::process::Command;
use tokio::time::{Instant, sleep};

use super::client::Client;
use super::environment::{Environment, isolate};
use super::supervisor::Guarded;
use super::workspace::{Workspace, tail};
use super::{DynamoDb, Lambda, Logs, S3, Secrets, SetUpError, States, aws_program};

/// It is up within a second; a cold disk and a busy machine get the rest.
const START_LIMIT: Duration = Duration::from_secs(60);
/// Between two looks at whether it is up.
const HEALTH_GAP: Duration = Duration::from_millis(50);
/// Between finding a free port and taking it, another process may take it.
const START_ATTEMPTS: usize = 3;
const WHAT: &str = "the local engine";

/// A running engine; dropped, it ends with all the functions it runs.
#[derive(Debug)]
pub struct Engine {
    address: SocketAddr,
    client: Client,
    environment: Environment,
    home: PathBuf,
    log: PathBuf,
    aws_program: PathBuf,
    process: Guarded,
}

impl Engine {
    /// Starts an engine. `wait_scale` shortens Wait states and Retry intervals:
    /// 0.1 makes ten seconds one.
    pub(super) async fn start(
        workspace: &Workspace,
        environment: &Environment,
        wait_scale: Option<f64>,
    ) -> Result<Self, SetUpError> {
        let mut attempt = 1;
        loop {
            match Self::try_start(workspace, environment, wait_scale).await {
                Err(SetUpError::Failed { log, .. }) if attempt < START_ATTEMPTS && log.contains("already in use") => {
                    attempt += 1;
                }
                started => return started,
            }
        }
    }

    async fn try_start(
        workspace: &Workspace,
        environment: &Environment,
        wait_scale: Option<f64>,
    ) -> Result<Self, SetUpError> {
        let home = workspace.folder("engine")?;
        let log = workspace.log("engine.log");
        let output = std::fs::File::create(&log).map_err(SetUpError::file("write", &log))?;
        let errors = output.try_clone().map_err(SetUpError::file("write", &log))?;
        let address = free_address().map_err(|source| SetUpError::Start { what: WHAT, source })?;

        let mut command = workspace.command(environment.python());
        isolate(&mut command, &home, &endpoint(address));
        command
            .args(["-I", "-m", "ministack"])
            .current_dir(&home)
            .stdout(output)
            .stderr(errors)
            .env("BIND_HOST", address.ip().to_string())
            .env("GATEWAY_PORT", address.port().to_string())
            // Listeners on fixed ports, which nothing here speaks to.
            .env("IOT_MTLS_ENABLED", "0")
            .env("SFTP_ENABLED", "0");
        if let Some(scale) = wait_scale {
            command.env("SFN_WAIT_SCALE", scale.to_string());
        }
        let mut engine = Self {
            address,
            client: Client::new(address),
            environment: environment.clone(),
            home,
            log,
            aws_program: aws_program::write(workspace, environment, &endpoint(address))?,
            process: workspace.spawn(WHAT, command)?,
        };
        engine.until_healthy().await?;
        Ok(engine)
    }

    async fn until_healthy(&mut self) -> Result<(), SetUpError> {
        let give_up_at = Instant::now() + START_LIMIT;
        let ended = loop {
            match self.process.has_ended() {
                Ok(None) if self.client.is_healthy().await => return Ok(()),
                Ok(None) if Instant::now() < give_up_at => sleep(HEALTH_GAP).await,
                Ok(None) => break format!("was not up after {} s", START_LIMIT.as_secs()),
                Ok(Some(status)) => break format!("ended at once ({status})"),
                Err(error) => break format!("cannot be watched ({error})"),
            }
        };
        Err(SetUpError::Failed { what: WHAT, ended, advice: "this is what it printed", log: tail(&self.log) })
    }

    /// Where it listens: every service, and the functions' URLs by their Host
    /// header.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Step Functions.
    #[must_use]
    pub fn states(&self) -> States {
        States::new(self.client.clone())
    }

    /// DynamoDB.
    #[must_use]
    pub fn dynamodb(&self) -> DynamoDb {
        DynamoDb::new(self.client.clone())
    }

    /// S3.
    #[must_use]
    pub fn s3(&self) -> S3 {
        S3::new(self.client.clone())
    }

    /// Secrets Manager.
    #[must_use]
    pub fn secrets(&self) -> Secrets {
        Secrets::new(self.client.clone())
    }

    /// CloudWatch Logs.
    #[must_use]
    pub fn logs(&self) -> Logs {
        Logs::new(self.client.clone())
    }

    /// Lambda.
    #[must_use]
    pub fn lambda(&self) -> Lambda {
        Lambda::new(self.client.clone())
    }

    /// The end of what it has printed.
    #[must_use]
    pub fn log_tail(&self) -> String {
        tail(&self.log)
    }

    /// A program that takes the arguments of `aws` and reaches this engine,
    /// whatever the user's own AWS settings are. It goes with the run.
    #[must_use]
    pub fn aws_program(&self) -> &Path {
        &self.aws_program
    }

    /// Ends it, with all the functions it runs.
    pub async fn stop(self) {
        self.process.stop().await;
    }

    pub(super) fn client(&self) -> &Client {
        &self.client
    }

    /// The AWS command line, as this program runs it.
    pub(super) fn aws<I>(&self, workspace: &Workspace, arguments: I) -> Command
    where
        I: IntoIterator<Item: Into<OsString>>,
    {
        let mut command = workspace.command(self.environment.python());
        isolate(&mut command, &self.home, &endpoint(self.address));
        command
            .args(["-I", "-m", "awscli"])
            .args(arguments.into_iter().map(Into::into))
            .current_dir(workspace.scratch());
        command
    }
}

fn endpoint(address: SocketAddr) -> String {
    format!("http://{address}")
}

/// A port that was free just now.
fn free_address() -> io::Result<SocketAddr> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()
}
