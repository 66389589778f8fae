//! An execution with Maps: its top level as listed, their inside as derived.

use serde::Serialize;
use serde_json::Value;

use super::listed::visits;
use super::{DeriveError, Kind, Step, derive_path, transitions};

/// All states an execution went through.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Whole {
    /// The top level, as the events list it.
    pub listed: Vec<Step>,
    /// For each Map on it, the path of its one iteration.
    pub iterations: Vec<Vec<Step>>,
}

impl Whole {
    /// The state transitions that the whole execution is billed for.
    #[must_use]
    pub fn transitions(&self) -> u32 {
        self.iterations.iter().fold(transitions(&self.listed), |sum, steps| sum.saturating_add(transitions(steps)))
    }
}

/// The whole path of an execution each of whose Maps had one item. `ends` are the
/// states in which an iteration can have ended, where the caller knows.
///
/// # Errors
/// When an event cannot be read, or an iteration's path cannot be derived.
pub fn whole_execution(definition: &Value, events: &[Value], ends: Option<&[&str]>) -> Result<Whole, DeriveError> {
    let mut whole = Whole { listed: Vec::new(), iterations: Vec::new() };
    for visit in visits(events)? {
        if visit.step.kind == Kind::Map {
            let processor = processor(definition, &visit.step.state)?;
            whole.iterations.push(derive_path(processor, visit.events, ends)?);
        }
        whole.listed.push(visit.step);
    }
    Ok(whole)
}

fn processor<'a>(definition: &'a Value, map: &str) -> Result<&'a Value, DeriveError> {
    let state = definition.get("States").and_then(|states| states.get(map));
    let state = state.ok_or_else(|| DeriveError::UnknownState { state: map.to_owned() })?;
    state
        .get("ItemProcessor")
        .ok_or_else(|| DeriveError::Definition { reason: format!("map `{map}` has no `ItemProcessor`") })
}
