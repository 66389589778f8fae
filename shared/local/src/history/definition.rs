//! The part of the Amazon States Language that decides where a path leads. It
//! is the same in JSONPath and in JSONata states.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::Value;

use super::{DeriveError, Kind};

/// ASL's `MaxAttempts` where a retrier sets none.
const DEFAULT_MAX_ATTEMPTS: u32 = 3;

/// Routes between two tasks, finished or not, that are looked at. A definition
/// written by hand has a few dozen; choices that all lead to each other have as
/// many as their number's factorial.
const MOST_ROUTES: usize = 1_024;

/// A state machine, or a Map's processor.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Machine {
    pub(super) start_at: String,
    states: BTreeMap<String, State>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct State {
    #[serde(rename = "Type")]
    pub(super) kind: Kind,
    pub(super) next: Option<String>,
    resource: Option<String>,
    #[serde(default)]
    choices: Vec<Rule>,
    default: Option<String>,
    #[serde(default)]
    pub(super) retry: Vec<Retrier>,
    #[serde(default)]
    catch: Vec<Catcher>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Rule {
    next: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Retrier {
    error_equals: Vec<String>,
    #[serde(default = "default_max_attempts")]
    pub(super) max_attempts: u32,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Catcher {
    error_equals: Vec<String>,
    next: String,
}

fn default_max_attempts() -> u32 {
    DEFAULT_MAX_ATTEMPTS
}

/// Where a route has to lead.
#[derive(Clone, Copy)]
pub(super) enum Goal<'a> {
    /// To a task with this resource, past states that are no tasks.
    Task { resource: &'a str },
    /// To a state after which nothing follows, past states that are no tasks.
    End,
}

impl Machine {
    pub(super) fn read(definition: &Value) -> Result<Self, DeriveError> {
        Self::deserialize(definition).map_err(|error| DeriveError::Definition { reason: error.to_string() })
    }

    pub(super) fn state(&self, name: &str) -> Result<&State, DeriveError> {
        self.states.get(name).ok_or_else(|| DeriveError::UnknownState { state: name.to_owned() })
    }

    /// All routes from a state (included) to the goal (included), none of which
    /// enters a state twice.
    pub(super) fn routes(&self, from: &str, goal: Goal<'_>) -> Result<Vec<Vec<String>>, DeriveError> {
        let mut found = Vec::new();
        let mut open = vec![vec![from.to_owned()]];
        let mut looked_at = 0;
        while let Some(route) = open.pop() {
            looked_at += 1;
            if looked_at > MOST_ROUTES {
                return Err(DeriveError::TooManyPaths { limit: MOST_ROUTES });
            }
            let Some(name) = route.last() else { continue };
            let state = self.state(name)?;
            if state.is_goal(goal) {
                found.push(route);
                continue;
            }
            match state.kind {
                Kind::Task | Kind::Succeed | Kind::Fail => {}
                Kind::Map => return Err(DeriveError::Nested { state: name.clone() }),
                Kind::Choice | Kind::Wait | Kind::Pass => {
                    let ahead = state.successors().into_iter().filter(|next| !route.iter().any(|been| been == next));
                    open.extend(ahead.map(|next| [route.as_slice(), &[next.to_owned()]].concat()));
                }
            }
        }
        Ok(found)
    }
}

impl State {
    fn is_goal(&self, goal: Goal<'_>) -> bool {
        match (goal, self.kind) {
            (Goal::Task { resource }, Kind::Task) => self.calls(resource),
            (Goal::End, Kind::Choice | Kind::Wait | Kind::Pass | Kind::Succeed | Kind::Fail) => {
                self.successors().is_empty()
            }
            (Goal::Task { .. }, Kind::Choice | Kind::Wait | Kind::Pass | Kind::Succeed | Kind::Fail | Kind::Map)
            | (Goal::End, Kind::Task | Kind::Map) => false,
        }
    }

    pub(super) fn calls(&self, resource: &str) -> bool {
        self.resource.as_deref() == Some(resource)
    }

    /// The states that can follow when nothing fails, each once.
    fn successors(&self) -> BTreeSet<&str> {
        let chosen = self.choices.iter().map(|rule| rule.next.as_str());
        chosen.chain(self.default.as_deref()).chain(self.next.as_deref()).collect()
    }

    /// The retrier that decides about this error: the first that matches.
    pub(super) fn retrier_for(&self, error: &str) -> Option<usize> {
        self.retry.iter().position(|retrier| matches(&retrier.error_equals, error))
    }

    /// Where the first matching catcher leads.
    pub(super) fn caught(&self, error: &str) -> Option<&str> {
        let catcher = self.catch.iter().find(|catcher| matches(&catcher.error_equals, error))?;
        Some(&catcher.next)
    }
}

/// Whether an error's name is in an `ErrorEquals` list, with ASL's wildcards.
fn matches(error_equals: &[String], error: &str) -> bool {
    error_equals.iter().any(|name| match name.as_str() {
        "States.ALL" => true,
        "States.TaskFailed" => error != "States.Timeout",
        name => name == error,
    })
}
