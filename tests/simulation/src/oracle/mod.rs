//! What must hold: the rules of the wait protocol, each checked as soon as it can
//! be broken, or when a seed has come to rest.

pub(crate) mod answers;
pub(crate) mod endings;
pub(crate) mod looks;
pub(crate) mod rest;
pub(crate) mod rows;
pub(crate) mod tasks;

pub(crate) use answers::Promises;

use crate::course::Course;
use crate::time::{MINUTE, SECOND};

/// A rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rule {
    /// Terminal states absorb: never completed and EXPIRED.
    FirstOutcomeStays,
    /// A status changes only as the table of transitions says.
    Transition,
    /// A generation never goes back.
    GenerationGrows,
    /// A job that is noted stays.
    JobStays,
    /// A link to a wait, once made, stays, and so does the first event.
    RendezvousStays,
    /// A delivery is marked for the attempt that is current.
    DeliveredToCurrent,
    /// An outcome is this wait's own.
    OwnOutcome,
    /// A task is resumed with the stored outcome.
    StoredOutcome,
    /// A wait completes once.
    OneCompletion,
    /// A workflow goes on with the stored outcome.
    WentOnWithStored,
    /// Never timed out with a stored outcome, or with an event that was acknowledged.
    LeftToDeadline,
    /// One job for each wait.
    OneJob,
    /// No more jobs than places.
    Places,
    /// An event answered 2xx is durable.
    Durable,
    /// No wait is pending for long whose end a poll would see.
    PendingThoughKnown,
    /// A job whose times were learned is looked at when they say, or an exception from them.
    LooksByPlan,
    /// Every wait ends, at its deadline and a grace at the latest.
    Ends,
    /// Nothing stays in the reconciler's index.
    LeavesIndex,
    /// A workflow comes to its end.
    WorkflowEnds,
    /// A function answers as its state machine expects.
    Contract,
    /// The world comes to rest.
    ComesToRest,
}

/// A rule that a seed broke.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// The rule.
    pub rule: Rule,
    /// When, in milliseconds since the world began.
    pub at_ms: u64,
    /// How.
    pub how: String,
}

impl std::fmt::Display for Broken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?}: {}", self.rule, self.how)
    }
}

impl Course {
    /// For how long what is known may go unnoticed, in milliseconds: the grace of a
    /// delivery and some runs of the reconciler, and for each thing that may go
    /// wrong the longest that it can take, which is a function's time and a pause.
    pub(crate) fn patience_ms(&self, faults: u32) -> u64 {
        let slow = if self.bucket.0 < 10 { 10 * MINUTE } else { 0 };
        30 * SECOND + 10 * MINUTE + slow + u64::from(faults) * 4 * MINUTE
    }
}
