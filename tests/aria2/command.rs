//! The command under test.

use crate::{Place, Trouble, server};
use serde_json::{Value, json};
use std::io::{BufRead as _, BufReader, Lines, Read as _};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

/// The variable that holds the secret that `integrations/examples/aria2.toml` names.
const VARIABLE: &str = "STEPWAIT_SECRET_ARIA2_RPC_PASSWORD";

/// A command that ended.
#[derive(Debug)]
pub(crate) struct Run {
    /// Its exit status; none if a signal ended it.
    pub(crate) status: Option<i32>,
    events: Vec<Value>,
    /// All of its standard output.
    pub(crate) all: String,
    /// All of its standard error.
    pub(crate) errors: String,
}

/// A command that runs; it is killed when it is dropped.
pub(crate) struct Running {
    process: Child,
    lines: Lines<BufReader<ChildStdout>>,
    seen: Vec<String>,
}

impl Run {
    /// Tries to download a file.
    pub(crate) fn of(place: &Place, file: &str, more: &[&str]) -> Result<Running, Trouble> {
        let request = json!({"url": place.web.url(file)}).to_string();
        let mut command = command();
        command.args(["--allow-private", "--base-url", &place.server.base_url(), "--request", &request]).args(more);
        Running::start(command.env(VARIABLE, server::PASSWORD))
    }

    /// Plays the recordings of a folder back, without the secret.
    pub(crate) fn replay(place: &Place, folder: &Path) -> Result<Running, Trouble> {
        let mut command = command();
        Running::start(command.args(["--base-url", &place.server.base_url(), "--replay"]).arg(folder))
    }

    /// Tries without the secret.
    pub(crate) fn without_secrets(place: &Place) -> Result<Running, Trouble> {
        let request = json!({"url": place.web.url("report.csv")}).to_string();
        Running::start(command().args(["--allow-private", "--request", &request]))
    }

    /// The last event of a kind.
    pub(crate) fn last(&self, kind: &str) -> Result<&Value, Trouble> {
        let found = self.events.iter().rev().find(|event| event["event"] == kind);
        found.ok_or_else(|| format!("nothing was {kind}: {self:?}").into())
    }
}

fn command() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_stepwait"));
    command.args(["try", "aria2", "--format", "json"]).env_remove(VARIABLE);
    // Names are looked up below the current folder.
    command.current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."));
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

impl Running {
    fn start(command: &mut Command) -> Result<Self, Trouble> {
        let mut process = command.spawn()?;
        let output = process.stdout.take().ok_or("the command has no output")?;
        Ok(Self { process, lines: BufReader::new(output).lines(), seen: Vec::new() })
    }

    /// Waits for an event of a kind.
    pub(crate) fn until(&mut self, kind: &str) -> Result<Value, Trouble> {
        for line in self.lines.by_ref() {
            let line = line?;
            let event: Value = serde_json::from_str(&line)?;
            self.seen.push(line);
            if event["event"] == kind {
                return Ok(event);
            }
        }
        Err(format!("nothing was {kind}: {:?}", self.seen).into())
    }

    /// Presses Ctrl-C.
    pub(crate) fn interrupt(&self) -> Result<(), Trouble> {
        let sent = Command::new("kill").args(["-INT", &self.process.id().to_string()]).status()?;
        if sent.success() { Ok(()) } else { Err("the signal could not be sent".into()) }
    }

    /// Waits for its end.
    pub(crate) fn end(mut self) -> Result<Run, Trouble> {
        let mut lines = std::mem::take(&mut self.seen);
        for line in self.lines.by_ref() {
            lines.push(line?);
        }
        let mut errors = String::new();
        if let Some(mut stderr) = self.process.stderr.take() {
            stderr.read_to_string(&mut errors)?;
        }
        let status = self.process.wait()?.code();
        let events = lines.iter().map(|line| serde_json::from_str(line)).collect::<Result<_, _>>()?;
        Ok(Run { status, events, all: lines.join("\n"), errors })
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It has ended, unless a test failed on the way.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
