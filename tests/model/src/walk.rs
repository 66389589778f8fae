//! Random walks through the model, as data: what happens step by step, and what
//! is to be seen of each wait after each step. Whoever carries the same steps
//! out with the real functions can compare.

use crate::configuration::Configuration;
use crate::machine::Protocol;
use crate::state::{Course, End, JobNumber, Outcome, Status, World};
use crate::workflow::index;
use crate::{Answer, Step};
use fastrand::Rng;

/// A step of a walk, with what is to be seen after it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Walked {
    /// The step.
    pub step: Step,
    /// Each wait after it.
    pub views: Vec<View>,
}

/// What is to be seen of a wait from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct View {
    /// The row's status as the table spells it; absent without a row. A wait that
    /// its workflow gives up for anything but its deadline has `CANCELLED` here, and with
    /// the functions `FAILED` where that error has a name of theirs.
    pub status: Option<&'static str>,
    /// The attempt whose generation is stored, from one; zero if `Close` made the row.
    pub generation: u8,
    /// Whether a token is stored.
    pub has_token: bool,
    /// The job noted on the row.
    pub job: Option<JobNumber>,
    /// The job whose rendezvous row names the wait.
    pub bound: Option<JobNumber>,
    /// The event in that job's mailbox.
    pub mailbox: Option<Outcome>,
    /// The stored outcome.
    pub outcome: Option<Outcome>,
    /// Whether the outcome is marked as delivered to the current attempt.
    pub is_delivered: bool,
    /// Whether the reconciler's index shows it.
    pub is_indexed: bool,
    /// With what the task was resumed.
    pub resumed: Option<Outcome>,
    /// Where Step Functions stands with it.
    pub course: Course,
}

impl View {
    /// What is to be seen of a wait.
    #[must_use]
    pub fn of(world: &World, wait: usize) -> Self {
        let (row, task) = (&world.rows[wait], &world.tasks[wait]);
        let is_bound = |job: &JobNumber| world.rendezvous[job.index()].wait == Some(index(wait));
        let bound = JobNumber::ALL.into_iter().find(is_bound);
        Self {
            status: spelled(row.status, row.outcome),
            generation: row.generation,
            has_token: row.token != 0,
            job: row.job,
            bound,
            mailbox: bound.and_then(|job| world.rendezvous[job.index()].event),
            outcome: row.outcome,
            is_delivered: row.delivered != 0 && row.delivered == row.generation,
            is_indexed: row.is_indexed,
            resumed: task.resumed,
            course: task.course,
        }
    }
}

/// The status as the table spells it.
fn spelled(status: Status, outcome: Option<Outcome>) -> Option<&'static str> {
    match (status, outcome.map(|outcome| outcome.end)) {
        (Status::Absent, _) => None,
        (Status::Registered, _) => Some("REGISTERED"),
        (Status::Submitted, _) => Some("SUBMITTED"),
        (Status::Unknown, _) => Some("SUBMIT_UNKNOWN"),
        (Status::Ended, Some(End::Succeeded | End::ByHand)) => Some("SUCCEEDED"),
        (Status::Ended, Some(End::Failed | End::CalledOff | End::JobIdTaken)) => Some("FAILED"),
        (Status::Ended, Some(End::Expired | End::Overdue)) => Some("EXPIRED"),
        (Status::Ended, Some(End::Cancelled) | None) => Some("CANCELLED"),
    }
}

/// How much likelier what happens by itself is than a fault, 8 to 1, and what
/// comes from outside, 3 to 1: so that a walk gets somewhere before its faults are used up.
const WEIGHTS: [usize; 3] = [8, 3, 1];

/// One random walk: the same for the same seed. It ends after `length` steps, or
/// where nothing can happen any more.
#[must_use]
pub fn walk(configuration: Configuration, seed: u64, length: usize) -> Vec<Walked> {
    let protocol = Protocol::new(configuration);
    let mut chance = Rng::with_seed(seed);
    let mut world = protocol.beginning();
    let mut walked = Vec::new();
    while walked.len() < length {
        let steps = protocol.steps(&world);
        let total = steps.iter().map(|step| weight(*step)).sum();
        if total == 0 {
            break;
        }
        let mut left = chance.usize(0..total);
        let Some(step) = steps.into_iter().find(|step| {
            let is_it = left < weight(*step);
            left = left.saturating_sub(weight(*step));
            is_it
        }) else {
            break;
        };
        world = protocol.after(&world, step);
        let views = (0..usize::from(configuration.waits)).map(|wait| View::of(&world, wait)).collect();
        walked.push(Walked { step, views });
    }
    walked
}

/// Random walks, one for each seed.
pub fn walks(
    configuration: Configuration,
    seeds: impl IntoIterator<Item = u64>,
    length: usize,
) -> impl Iterator<Item = Vec<Walked>> {
    seeds.into_iter().map(move |seed| walk(configuration, seed, length))
}

fn weight(step: Step) -> usize {
    let [by_itself, from_outside, fault] = WEIGHTS;
    match step {
        Step::Does { answer: Answer::Given, .. } | Step::LockRunsOut { .. } | Step::ReconcilerBegins { .. } => {
            by_itself
        }
        Step::Does { answer: Answer::OfSecondTry | Answer::Lost | Answer::Unavailable, .. } | Step::Crashes { .. } => {
            fault
        }
        Step::JobEnds { .. }
        | Step::EventArrives { .. }
        | Step::TaskRetries { .. }
        | Step::TaskFails { .. }
        | Step::OperatorBegins { .. } => from_outside,
        Step::DeadlinePasses { .. } | Step::ExecutionStops { .. } | Step::TaskTimesOut { .. } => fault,
    }
}
