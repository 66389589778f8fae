//! The path of an execution whose events name every state.

use serde_json::Value;

use super::attempt::{attempts, detail, kind, malformed};
use super::{DeriveError, Kind, Step};

/// A state that was entered, and the events until the next one was.
pub(super) struct Visit<'a> {
    pub(super) step: Step,
    pub(super) events: &'a [Value],
}

/// The states that were entered at the top level, in order. What happens inside
/// a Map is not among them.
///
/// # Errors
/// When an event cannot be read.
pub fn listed_path(events: &[Value]) -> Result<Vec<Step>, DeriveError> {
    Ok(visits(events)?.into_iter().map(|visit| visit.step).collect())
}

pub(super) fn visits(events: &[Value]) -> Result<Vec<Visit<'_>>, DeriveError> {
    let mut starts = Vec::new();
    for (index, event) in events.iter().enumerate() {
        if let Some(kind) = kind(event)?.strip_suffix("StateEntered") {
            let kind = read_kind(kind).ok_or_else(|| malformed(event, "it enters a state of an unknown type"))?;
            starts.push((index, Step::new(detail(event, "stateEnteredEventDetails", "name")?, kind)));
        }
    }
    let ends: Vec<usize> = starts.iter().skip(1).map(|(index, _)| *index).chain([events.len()]).collect();
    let mut visits = Vec::new();
    for ((start, mut step), end) in starts.into_iter().zip(ends) {
        let events = &events[start..end];
        if step.kind == Kind::Task {
            // The first attempt is the state itself; every further one a retry.
            let retries = attempts(events)?.len().saturating_sub(1);
            step.retries = u32::try_from(retries).unwrap_or(u32::MAX);
        }
        visits.push(Visit { step, events });
    }
    Ok(visits)
}

fn read_kind(text: &str) -> Option<Kind> {
    match text {
        "Task" => Some(Kind::Task),
        "Choice" => Some(Kind::Choice),
        "Wait" => Some(Kind::Wait),
        "Pass" => Some(Kind::Pass),
        "Succeed" => Some(Kind::Succeed),
        "Fail" => Some(Kind::Fail),
        "Map" => Some(Kind::Map),
        _ => None,
    }
}
