//! Where things are made.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use tokio::io::AsyncReadExt;
use tokio::process::Command;
use tokio::time::timeout;

use super::SetUpError;
use super::python::Python;
use super::scratch::{Scratch, make_folder};
use super::supervisor::{Guarded, Supervisor};

/// The most a command may print on its standard output, in bytes; the largest
/// answer read is a description of a stack, some kilobytes.
const OUTPUT_LIMIT: u64 = 4 << 20;
/// Lines of a log that are shown when a command fails.
const TAIL_LINES: usize = 25;

/// The repository, what is made under its `target/stepwait`, and the children
/// that run for it.
#[derive(Debug)]
pub struct Workspace {
    root: PathBuf,
    made: PathBuf,
    python: Python,
    supervisor: Supervisor,
    // Last, so that it is dropped after those who may write into it.
    scratch: Scratch,
}

/// What a command is for, and what to say when it fails.
#[derive(Clone, Copy, Debug)]
pub(super) struct Task {
    /// As the subject of a sentence: "making the environment".
    pub(super) what: &'static str,
    /// The name of its log file.
    pub(super) log: &'static str,
    /// What to do when it fails.
    pub(super) advice: &'static str,
    /// After which it has failed.
    pub(super) limit: Duration,
}

impl Workspace {
    /// Finds the repository and a Python, and makes a folder for this run.
    ///
    /// # Errors
    ///
    /// When the repository this program was built in is gone, when there is no
    /// usable Python, or when the folder cannot be made.
    pub async fn open() -> Result<Self, SetUpError> {
        Self::at(repository_root()?).await
    }

    /// The same for a repository elsewhere.
    ///
    /// # Errors
    ///
    /// When there is no usable Python, or when the folder cannot be made.
    pub async fn at(root: PathBuf) -> Result<Self, SetUpError> {
        let made = target_folder(&root).join("stepwait");
        let python = Python::find().await?;
        let scratch = Scratch::make(&made).await?;
        let guard = scratch.path().join("guard.py");
        let supervisor = Supervisor::new(&python, guard.clone()).map_err(SetUpError::file("write", &guard))?;
        Ok(Self { root, made, python, supervisor, scratch })
    }

    /// Waits until every child is gone, then removes this run's folder.
    pub async fn close(self) {
        self.supervisor.all_gone().await;
    }

    /// The repository's root.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// What outlives this run: the environments of the programs that are installed
    /// for it, each in a folder of its own.
    #[must_use]
    pub fn made(&self) -> &Path {
        &self.made
    }

    pub(super) fn python(&self) -> &Python {
        &self.python
    }

    /// What goes with this run.
    pub(super) fn scratch(&self) -> &Path {
        self.scratch.path()
    }

    pub(super) fn log(&self, name: &str) -> PathBuf {
        self.scratch().join("logs").join(name)
    }

    pub(super) fn folder(&self, name: &str) -> Result<PathBuf, SetUpError> {
        let folder = self.scratch().join(name);
        make_folder(&folder)?;
        Ok(folder)
    }

    /// A command under guard.
    pub(super) fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        self.supervisor.command(program)
    }

    /// Starts a command made by [`command`](Self::command).
    pub(super) fn spawn(&self, what: &'static str, command: Command) -> Result<Guarded, SetUpError> {
        self.supervisor.spawn(command).map_err(|source| SetUpError::Start { what, source })
    }

    /// Runs a command to its end and gives what it printed; its standard error
    /// goes to the task's log.
    pub(super) async fn run(&self, mut command: Command, task: Task) -> Result<String, SetUpError> {
        let log = self.log(task.log);
        let file = std::fs::File::create(&log).map_err(SetUpError::file("write", &log))?;
        command.stdout(Stdio::piped()).stderr(file);
        let mut child = self.spawn(task.what, command)?;
        let mut output = String::new();
        let ended = timeout(task.limit, async {
            if let Some(stdout) = child.take_stdout() {
                stdout.take(OUTPUT_LIMIT).read_to_string(&mut output).await?;
            }
            child.wait().await
        })
        .await;
        let ended = match ended {
            Ok(Ok(status)) if status.success() => return Ok(output),
            Ok(Ok(status)) => format!("failed ({status})"),
            Ok(Err(error)) => format!("failed ({error})"),
            Err(_) => format!("took longer than {} s", task.limit.as_secs()),
        };
        Err(SetUpError::Failed { what: task.what, ended, advice: task.advice, log: tail(&log) })
    }
}

/// The last lines of a log.
pub(super) fn tail(log: &Path) -> String {
    let text = std::fs::read(log).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    // A progress bar overwrites its line: only its last state is of interest.
    let lines: Vec<&str> = text.lines().map(|line| line.trim_end().rsplit('\r').next().unwrap_or(line)).collect();
    lines[lines.len().saturating_sub(TAIL_LINES)..].join("\n")
}

/// Two folders above this package, as it was built.
fn repository_root() -> Result<PathBuf, SetUpError> {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let root = package.ancestors().nth(2).unwrap_or(package).to_owned();
    if root.join("template.yaml").is_file() { Ok(root) } else { Err(SetUpError::NotTheRepository { root }) }
}

/// Cargo's own, so that `cargo clean` removes all that was made.
fn target_folder(root: &Path) -> PathBuf {
    match std::env::var_os("CARGO_TARGET_DIR") {
        Some(folder) => std::path::absolute(&folder).unwrap_or_else(|_| PathBuf::from(folder)),
        None => root.join("target"),
    }
}
