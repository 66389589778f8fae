//! What came up in the walks, and what has to: a step that never does is one of
//! which nobody knows whether the functions take it.

use super::names::SILENT;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use stepwait_model::{Answer, Operation, Step};

/// The kinds of steps.
const KINDS: [&str; 12] = [
    "a process does something",
    "a process crashes",
    "a job ends",
    "an event arrives",
    "a deadline passes",
    "a task times out",
    "an execution is stopped",
    "a task is retried",
    "a task fails",
    "the right to send runs out",
    "the reconciler begins",
    "a person begins",
];

fn kind(step: Step) -> &'static str {
    let number = match step {
        Step::Does { .. } => 0,
        Step::Crashes { .. } => 1,
        Step::JobEnds { .. } => 2,
        Step::EventArrives { .. } => 3,
        Step::DeadlinePasses { .. } => 4,
        Step::TaskTimesOut { .. } => 5,
        Step::ExecutionStops { .. } => 6,
        Step::TaskRetries { .. } => 7,
        Step::TaskFails { .. } => 8,
        Step::LockRunsOut { .. } => 9,
        Step::ReconcilerBegins { .. } => 10,
        Step::OperatorBegins { .. } => 11,
    };
    KINDS[number]
}

/// How often everything came up.
#[derive(Default)]
pub(super) struct Tally {
    steps: BTreeMap<&'static str, u32>,
    operations: BTreeMap<(Operation, Answer), u32>,
    let_through: BTreeSet<&'static str>,
}

impl Tally {
    /// A step was carried out.
    pub(super) fn note(&mut self, step: Step) {
        *self.steps.entry(kind(step)).or_default() += 1;
        if let Step::Does { what, answer, .. } = step {
            *self.operations.entry((what, answer)).or_default() += 1;
        }
    }

    /// Effects were let through.
    pub(super) fn let_through(&mut self, effects: &BTreeSet<&'static str>) {
        self.let_through.extend(effects);
    }

    /// What never came up, of all that the model knows and the table lets through.
    pub(super) fn missing(&self) -> Vec<String> {
        let kinds = KINDS.iter().filter(|kind| !self.steps.contains_key(*kind)).map(|kind| (*kind).to_owned());
        let pairs = Operation::ALL.iter().flat_map(|what| Answer::ALL.map(|answer| (*what, answer)));
        let pairs =
            pairs.filter(|(what, answer)| what.may_learn(*answer) && !self.operations.contains_key(&(*what, *answer)));
        let silent = SILENT.iter().filter(|silent| !self.let_through.contains(silent.effect));
        kinds
            .chain(pairs.map(|(what, answer)| format!("{what:?}, {answer:?}")))
            .chain(silent.map(|silent| format!("\"{}\", let through as {}", silent.effect, silent.why)))
            .collect()
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (kind, count) in &self.steps {
            writeln!(f, "{count:>8}  {kind}")?;
        }
        for ((what, answer), count) in &self.operations {
            writeln!(f, "{count:>8}  {what:?}, {answer:?}")?;
        }
        Ok(())
    }
}
