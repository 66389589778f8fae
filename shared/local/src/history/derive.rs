//! The path that a definition must have taken to make these tasks happen.

use serde_json::Value;

use super::attempt::{Attempt, Outcome, attempts};
use super::definition::{Goal, Machine};
use super::{DeriveError, Kind, Step};

/// Paths followed at once, while the events so far fit more than one.
const MOST_PATHS: usize = 256;

/// Derives the path through a definition (a state machine, or the processor of a
/// Map with one item) from its task events; others are passed over.
///
/// `ends` are the states in which it can have ended, where the caller knows: the
/// branches of a Choice after the last task look all the same from here.
///
/// # Errors
/// When no path fits the events, or more than one does, or either cannot be read.
pub fn derive_path(definition: &Value, events: &[Value], ends: Option<&[&str]>) -> Result<Vec<Step>, DeriveError> {
    let machine = Machine::read(definition)?;
    let mut paths = vec![Path::new(&machine)];
    for attempt in attempts(events)? {
        let mut extended = Vec::new();
        for path in &paths {
            extended.extend(path.extended(&attempt)?);
        }
        if extended.is_empty() {
            return Err(DeriveError::NoPath {
                id: attempt.id,
                after: Path::last_of(&paths),
                resource: attempt.resource,
            });
        }
        if extended.len() > MOST_PATHS {
            return Err(DeriveError::TooManyPaths { limit: MOST_PATHS });
        }
        paths = extended;
    }
    the_only_one(&paths, ends)
}

fn the_only_one(paths: &[Path<'_>], ends: Option<&[&str]>) -> Result<Vec<Step>, DeriveError> {
    let mut ended = Vec::new();
    for path in paths {
        ended.extend(path.ended()?);
    }
    if let Some(ends) = ends {
        ended.retain(|steps| steps.last().is_some_and(|last| ends.contains(&last.state.as_str())));
    }
    let mut ended = ended.into_iter();
    match (ended.next(), ended.next()) {
        (Some(steps), None) => Ok(steps),
        (Some(first), Some(second)) => {
            Err(DeriveError::Ambiguous { first: in_words(&first), second: in_words(&second) })
        }
        (None, _) => Err(DeriveError::NoEnd { after: Path::last_of(paths) }),
    }
}

fn in_words(steps: &[Step]) -> String {
    let names: Vec<&str> = steps.iter().map(|step| step.state.as_str()).collect();
    names.join(" → ")
}

/// One way in which the events so far can have come about.
struct Path<'a> {
    machine: &'a Machine,
    steps: Vec<Step>,
    standing: Standing,
}

/// Where a path stands between two attempts.
enum Standing {
    /// This state comes next.
    Before(String),
    /// The last step's task will be tried again; so often has each of its
    /// retriers been used.
    Retrying { used: Vec<u32> },
    /// The last step's task was still at work.
    Waiting,
    /// The last step was the last: its state ends the path, or its failure does.
    Over,
}

impl<'a> Path<'a> {
    fn new(machine: &'a Machine) -> Self {
        Self { machine, steps: Vec::new(), standing: Standing::Before(machine.start_at.clone()) }
    }

    /// All ways in which this path can have led to that attempt.
    fn extended(&self, attempt: &Attempt) -> Result<Vec<Self>, DeriveError> {
        match &self.standing {
            Standing::Before(next) => {
                let routes = self.machine.routes(next, Goal::Task { resource: &attempt.resource })?;
                routes.iter().map(|route| self.arrive(route, attempt)).collect()
            }
            Standing::Retrying { used } => Ok(self.retry(used, attempt)?.into_iter().collect()),
            Standing::Waiting | Standing::Over => Ok(Vec::new()),
        }
    }

    /// Along a route whose last state is the attempt's task.
    fn arrive(&self, route: &[String], attempt: &Attempt) -> Result<Self, DeriveError> {
        let steps = self.steps_along(route)?;
        let standing = match route.last() {
            Some(task) => self.after(task, &attempt.outcome, Vec::new())?,
            None => Standing::Over,
        };
        Ok(Self { machine: self.machine, steps, standing })
    }

    /// The last task once more; not at all if the attempt is another task's.
    fn retry(&self, used: &[u32], attempt: &Attempt) -> Result<Option<Self>, DeriveError> {
        let mut steps = self.steps.clone();
        let Some(last) = steps.last_mut() else { return Ok(None) };
        if !self.machine.state(&last.state)?.calls(&attempt.resource) {
            return Ok(None);
        }
        last.retries += 1;
        let standing = self.after(&last.state, &attempt.outcome, used.to_vec())?;
        Ok(Some(Self { machine: self.machine, steps, standing }))
    }

    /// What follows an attempt of this task, as ASL has it: the first matching
    /// retrier until its attempts are used up, then the first matching catcher.
    fn after(&self, task: &str, outcome: &Outcome, mut used: Vec<u32>) -> Result<Standing, DeriveError> {
        let state = self.machine.state(task)?;
        let error = match outcome {
            Outcome::Open => return Ok(Standing::Waiting),
            Outcome::Succeeded => {
                return Ok(state.next.clone().map_or(Standing::Over, Standing::Before));
            }
            Outcome::Failed { error } => error,
        };
        used.resize(state.retry.len(), 0);
        if let Some(number) = state.retrier_for(error)
            && used[number] < state.retry[number].max_attempts
        {
            used[number] += 1;
            return Ok(Standing::Retrying { used });
        }
        let caught = state.caught(error);
        Ok(caught.map_or(Standing::Over, |next| Standing::Before(next.to_owned())))
    }

    /// The complete paths this one can have become after the last attempt.
    fn ended(&self) -> Result<Vec<Vec<Step>>, DeriveError> {
        match &self.standing {
            Standing::Before(next) => {
                let routes = self.machine.routes(next, Goal::End)?;
                routes.iter().map(|route| self.steps_along(route)).collect()
            }
            // Stopped from outside, which needs no explanation.
            Standing::Retrying { .. } | Standing::Waiting | Standing::Over => Ok(vec![self.steps.clone()]),
        }
    }

    fn steps_along(&self, route: &[String]) -> Result<Vec<Step>, DeriveError> {
        let mut steps = self.steps.clone();
        for name in route {
            steps.push(Step::new(name, self.machine.state(name)?.kind));
        }
        Ok(steps)
    }

    /// Where the first of these paths stands, for an error.
    fn last_of(paths: &[Self]) -> String {
        match paths.first().and_then(|path| path.steps.last()) {
            Some(Step { state, kind: Kind::Task, retries }) => format!("task `{state}` (retries: {retries})"),
            Some(step) => format!("state `{}`", step.state),
            None => "the start".to_owned(),
        }
    }
}
