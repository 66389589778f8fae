//! The state of the modelled world: what is stored, what the third party knows,
//! what Step Functions knows, and how far each process has got.
//!
//! All of it is small numbers and enums, so that millions of states fit into memory.

use crate::Operation;
use std::hash::{Hash, Hasher};

/// The most waits side by side, two: enough for one wait to be given what belongs to another.
pub const MAX_WAITS: usize = 2;

/// The most attempts of one task, three: the current one and two that were overtaken.
pub const MAX_ATTEMPTS: usize = 3;

/// Listeners that run at the same time, two: a delivery and its duplicate.
pub const LISTENERS: usize = 2;

/// The most jobs, two for each wait: the second is the one there must not be.
pub const MAX_JOBS: usize = 4;

/// A job at the third party. The first two are of wait 0, the others of wait 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum JobNumber {
    /// The first job of wait 0.
    A,
    /// Another job of wait 0.
    B,
    /// The first job of wait 1.
    C,
    /// Another job of wait 1.
    D,
}

impl JobNumber {
    /// Every job there may be.
    pub const ALL: [Self; MAX_JOBS] = [Self::A, Self::B, Self::C, Self::D];

    /// The place in a list of all.
    #[must_use]
    pub const fn index(self) -> usize {
        self as usize
    }

    /// The wait that it was started for.
    #[must_use]
    pub const fn wait(self) -> usize {
        self as usize / 2
    }

    /// The jobs of a wait, the rightful one first.
    #[must_use]
    pub const fn of(wait: usize) -> [Self; 2] {
        if wait == 0 { [Self::A, Self::B] } else { [Self::C, Self::D] }
    }
}

/// How a wait, or a job, ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum End {
    /// The job succeeded.
    Succeeded,
    /// The job failed.
    Failed,
    /// The job was called off by us: its event only repeats what we did.
    CalledOff,
    /// The deadline passed.
    Expired,
    /// The deadline passed long ago, and the reconciler closed what its workflow had left.
    Overdue,
    /// The workflow gave the wait up before its deadline.
    Cancelled,
    /// The third party answered with a job that is another wait's.
    JobIdTaken,
    /// A person wrote the outcome.
    ByHand,
}

impl End {
    /// Whether a task that is resumed with it goes on, instead of failing into `Close`.
    #[must_use]
    pub const fn is_success(self) -> bool {
        matches!(self, Self::Succeeded | Self::ByHand)
    }

    /// Whether the wait was given up, whatever becomes of its job.
    #[must_use]
    pub const fn is_given_up(self) -> bool {
        matches!(self, Self::Expired | Self::Overdue | Self::Cancelled)
    }
}

/// What is stored as the end of a wait, or as an event in the mailbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Outcome {
    /// How it ended.
    pub end: End,
    /// The job that it is about.
    pub job: Option<JobNumber>,
}

/// Where a wait's row stands; the four terminal statuses are one, told apart by the outcome.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Status {
    /// There is no row.
    #[default]
    Absent,
    /// `REGISTERED`.
    Registered,
    /// `SUBMITTED`.
    Submitted,
    /// `SUBMIT_UNKNOWN`.
    Unknown,
    /// `SUCCEEDED`, `FAILED`, `EXPIRED` or `CANCELLED`.
    Ended,
}

/// The row of a wait. Attempts count from one, so that zero is none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Row {
    /// Where it stands.
    pub status: Status,
    /// The attempt that registered last.
    pub generation: u8,
    /// The attempt whose token is stored; zero for a wait without one.
    pub token: u8,
    /// The job, once noted.
    pub job: Option<JobNumber>,
    /// The attempt that took the right to send last and has not given it back.
    pub operation: u8,
    /// Whether that right is still good.
    pub is_locked: bool,
    /// How many attempts began to send.
    pub begun: u8,
    /// How the wait ended.
    pub outcome: Option<Outcome>,
    /// The attempt to which the outcome was delivered.
    pub delivered: u8,
    /// Whether the reconciler's index shows it.
    pub is_indexed: bool,
}

impl Row {
    /// Whether the wait can still be given its outcome.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        matches!(self.status, Status::Registered | Status::Submitted | Status::Unknown)
    }

    /// Whether an outcome is stored that the current token has not been sent.
    #[must_use]
    pub const fn is_undelivered(&self) -> bool {
        self.outcome.is_some() && self.token != 0 && self.delivered != self.generation
    }
}

/// A rendezvous row, keyed by the integration and the third party's job id.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Rendezvous {
    /// The wait, once bound.
    pub wait: Option<u8>,
    /// The first terminal event.
    pub event: Option<Outcome>,
}

/// What the third party knows of a job.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Job {
    /// Whether it was started.
    pub is_started: bool,
    /// How it ended.
    pub end: Option<End>,
    /// How many deliveries of its event have left.
    pub sent: u8,
    /// Whether a delivery was answered with 2xx.
    pub is_acknowledged: bool,
    /// Whether a delivery of it was noted as seen before any work on it; only by a seeded mistake.
    pub is_seen: bool,
}

/// Where Step Functions stands with a wait.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Course {
    /// The task waits, or the nested workflow goes round.
    #[default]
    Waiting,
    /// The current attempt failed by an error that Retry names.
    FailedForNow,
    /// The current attempt failed by an error that only Catch names.
    FailedForGood,
    /// The same, and the error says that time is up.
    OutOfTime,
    /// `Close` was entered.
    Closing,
    /// The workflow went on, with this.
    Over(Outcome),
    /// Somebody stopped the execution: nobody waits any more, and nothing is retried.
    Stopped,
}

/// A task as Step Functions knows it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Task {
    /// Where it stands.
    pub course: Course,
    /// The current attempt, counted from one.
    pub attempt: u8,
    /// Whether the wait's deadline has passed.
    pub is_late: bool,
    /// The outcome with which a token was resumed.
    pub resumed: Option<Outcome>,
    /// How often a token took an outcome.
    pub resumptions: u8,
}

/// What a process read back from a wait's row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Seen {
    /// The generation.
    pub generation: u8,
    /// The token.
    pub token: u8,
    /// The delivery mark.
    pub delivered: u8,
    /// The stored outcome.
    pub outcome: Option<Outcome>,
}

impl From<Row> for Seen {
    fn from(row: Row) -> Self {
        Self { generation: row.generation, token: row.token, delivered: row.delivered, outcome: row.outcome }
    }
}

/// A running function, or a place where one may run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Process {
    /// What it does next.
    pub at: Operation,
    /// The wait it is about; for a listener, once the mailbox named it.
    pub wait: u8,
    /// The job it is about.
    pub job: Option<JobNumber>,
    /// The outcome that it wants to store.
    pub carried: Option<Outcome>,
    /// What it read back.
    pub seen: Seen,
    /// Whether the error that it is about to report is one that no Retry names.
    pub is_final: bool,
    /// Whether that error, or the one that a closing function is told of, says that time is up.
    pub is_timeout: bool,
    /// Whether the end of the job was to be had when it began to close the wait.
    pub had_ended: bool,
}

/// What only the properties look at. In a run without mistakes the first three repeat the rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct History {
    /// The first outcome that each wait was given.
    pub first: [Option<Outcome>; MAX_WAITS],
    /// The greatest generation that each row had.
    pub generation: [u8; MAX_WAITS],
    /// The greatest delivery mark that each row had.
    pub delivered: [u8; MAX_WAITS],
    /// Whether a wait was given up although the end of its job was to be had when `Close` began.
    pub gave_up_blindly: bool,
}

/// The whole world.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct World {
    /// The rows of the waits.
    pub rows: [Row; MAX_WAITS],
    /// The rendezvous rows, by job.
    pub rendezvous: [Rendezvous; MAX_JOBS],
    /// The third party's jobs.
    pub jobs: [Job; MAX_JOBS],
    /// The tasks.
    pub tasks: [Task; MAX_WAITS],
    /// The attempts to submit, by wait.
    pub submits: [[Process; MAX_ATTEMPTS]; MAX_WAITS],
    /// The listeners.
    pub listeners: [Process; LISTENERS],
    /// The nested workflows' checks, by wait.
    pub checks: [Process; MAX_WAITS],
    /// The closing functions, by wait.
    pub closes: [Process; MAX_WAITS],
    /// The reconciler.
    pub reconciler: Process,
    /// A person with the command line.
    pub operator: Process,
    /// How many processes may still crash.
    pub crashes_left: u8,
    /// How many answers may still go wrong.
    pub losses_left: u8,
    /// What happened before.
    pub history: History,
}

/// Two worlds that differ in which of two equal listeners does what are one.
impl Hash for World {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let mut listeners = self.listeners;
        listeners.sort_unstable();
        (self.rows, self.rendezvous, self.jobs, self.tasks).hash(state);
        (self.submits, listeners, self.checks, self.closes, self.reconciler, self.operator).hash(state);
        (self.crashes_left, self.losses_left, self.history).hash(state);
    }
}
