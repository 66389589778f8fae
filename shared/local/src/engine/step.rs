//! How far the set-up is, for whoever shows it.

use std::fmt;
use std::time::Duration;

/// A part of the set-up. Those that do not need each other run at the same time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// The engine's virtual environment.
    Environment,
    /// The functions, compiled.
    Functions,
    /// The engine and the third party, started.
    Engine,
    /// The template, deployed.
    Deployment,
}

/// What happened to a part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// It began.
    Began,
    /// It is this far.
    Going(String),
    /// It is done, after this time.
    Done(Duration),
}

/// One report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Of which part.
    pub part: Part,
    /// How it stands.
    pub state: State,
}

impl Part {
    /// All of them, in the order in which they end.
    pub const ALL: [Self; 4] = [Self::Environment, Self::Functions, Self::Engine, Self::Deployment];
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Environment => "environment of the local engine",
            Self::Functions => "functions",
            Self::Engine => "local engine and third party",
            Self::Deployment => "template.yaml on the engine",
        })
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Began => f.write_str("…"),
            Self::Going(far) => f.write_str(far),
            Self::Done(time) => write!(f, "done in {:.1} s", time.as_secs_f64()),
        }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.part, self.state)
    }
}
