//! What can go wrong between an empty folder and a deployed application.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::{CallError, NoSuchOutput};
use crate::scripted;

/// The local deployment could not be brought up.
#[derive(Debug, thiserror::Error)]
pub enum SetUpError {
    /// A file or folder could not be used.
    #[error("cannot {action} {}: {source}", path.display())]
    File {
        /// What was tried, as an infinitive.
        action: &'static str,
        /// With which file or folder.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// This program was built in a repository that is not there any more.
    #[error(
        "{} holds no template.yaml: this program belongs to the repository it was built in, \
         so build and run it there with `cargo run`", root.display()
    )]
    NotTheRepository {
        /// Where it was built.
        root: PathBuf,
    },
    /// No Python that the engine can run on.
    #[error(
        "the local engine needs Python 3.10 or later, and {found}: install it so that \
         `python3` is found on the PATH"
    )]
    NoPython {
        /// What was found instead.
        found: String,
    },
    /// A Python without the modules that make an environment.
    #[error(
        "{python} cannot make virtual environments: install its `venv` module \
         (on Debian and Ubuntu, `apt install python3-venv`)"
    )]
    NoVenv {
        /// The interpreter.
        python: String,
    },
    /// Another process holds what this one needs.
    #[error("another run has held {} for {} s: wait for it, or end it", path.display(), waited.as_secs())]
    Held {
        /// The lock file.
        path: PathBuf,
        /// How long this process waited for it.
        waited: Duration,
    },
    /// A command could not be started.
    #[error("cannot start {what}: {source}")]
    Start {
        /// The command's purpose.
        what: &'static str,
        /// Why not.
        source: io::Error,
    },
    /// A command failed.
    #[error("{what} {ended}: {advice}\n{log}")]
    Failed {
        /// The command's purpose.
        what: &'static str,
        /// How it ended.
        ended: String,
        /// What to do.
        advice: &'static str,
        /// The end of what it printed.
        log: String,
    },
    /// `template.yaml` is not written the way staging reads it.
    #[error("template.yaml{}: {problem}", line.map(|line| format!(", line {line}")).unwrap_or_default())]
    Template {
        /// Counted from 1; `None` where something is missing.
        line: Option<usize>,
        /// What is wrong and what to write.
        problem: String,
    },
    /// Cargo built no such executable.
    #[error("cargo built no executable `{name}`: package stepwait-{name} needs a [[bin]] of this name")]
    NoExecutable {
        /// The function.
        name: String,
    },
    /// The engine refused a call.
    #[error(transparent)]
    Call(#[from] CallError),
    /// The stack has not the outputs it should have.
    #[error(transparent)]
    Output(#[from] NoSuchOutput),
    /// The scripted third party could not be started.
    #[error(transparent)]
    ThirdParty(#[from] scripted::StartError),
}

impl SetUpError {
    /// For `map_err`: what was tried with which file.
    pub(super) fn file(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::File { action, path, source }
    }
}
