//! What can happen: one step of one process, one fault, or one event from outside.

use crate::state::{End, JobNumber};
use std::fmt;

/// A process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Who {
    /// The submit function of one attempt of a task.
    Submit {
        /// The wait.
        wait: u8,
        /// The attempt, from one.
        attempt: u8,
    },
    /// A webhook listener.
    Listener(u8),
    /// The checks of a wait's nested workflow.
    Check {
        /// The wait.
        wait: u8,
    },
    /// The closing of a wait.
    Close {
        /// The wait.
        wait: u8,
    },
    /// The reconciler.
    Reconciler,
    /// A person who stores an outcome by hand.
    Operator,
}

/// What a process does next. Those after [`Operation::Superseded`] have an effect,
/// which is atomic: one guarded update, one consistent read, or one request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Operation {
    /// Nothing: it was not started, or may be started again.
    #[default]
    Idle,
    /// Nothing any more: it returned or crashed.
    Over,
    /// Nothing any more: a later attempt has taken over.
    Superseded,
    /// Store the attempt's token and generation; `Close`: make sure that there is a row.
    Register,
    /// Take the right to send.
    BeginSubmit,
    /// Ask the third party whether it has the job already.
    LookUp,
    /// Send the request.
    Post,
    /// Give the right to send back.
    ReleaseSubmit,
    /// Mark that the request may have arrived and must not be sent again.
    MarkUnknown,
    /// Link the job to the wait.
    Bind,
    /// Note the job on the wait's row.
    NoteJob,
    /// Read the wait's row.
    Read,
    /// Ask the third party how the job is doing.
    Look,
    /// Read the mailbox.
    ReadMail,
    /// Put the event into the mailbox.
    Mail,
    /// Store the outcome.
    Claim,
    /// Send the stored outcome to the task.
    Send,
    /// Mark it as delivered.
    MarkDelivered,
    /// Cancel the job at the third party.
    CallOff,
    /// Tell the task that this attempt failed.
    Report,
    /// Answer the sender with 2xx.
    Acknowledge,
    /// Return to the workflow.
    Return,
}

impl Operation {
    /// Every operation.
    pub const ALL: [Self; 22] = [
        Self::Idle,
        Self::Over,
        Self::Superseded,
        Self::Register,
        Self::BeginSubmit,
        Self::LookUp,
        Self::Post,
        Self::ReleaseSubmit,
        Self::MarkUnknown,
        Self::Bind,
        Self::NoteJob,
        Self::Read,
        Self::Look,
        Self::ReadMail,
        Self::Mail,
        Self::Claim,
        Self::Send,
        Self::MarkDelivered,
        Self::CallOff,
        Self::Report,
        Self::Acknowledge,
        Self::Return,
    ];

    /// Whether somebody may learn that of it. An answer that an attempt to submit
    /// returns may be lost too, which is the same as one not returned.
    #[must_use]
    pub const fn may_learn(self, answer: Answer) -> bool {
        match answer {
            Answer::Given => self.is_work(),
            Answer::OfSecondTry => self.can_be_repeated(),
            Answer::Lost => self.has_effect(),
            Answer::Unavailable => self.can_fail() || matches!(self, Self::Return),
        }
    }

    /// Whether a process that stands there does something.
    #[must_use]
    pub const fn is_work(self) -> bool {
        !matches!(self, Self::Idle | Self::Over | Self::Superseded)
    }

    /// Whether its answer can be lost, or the request refused for now.
    #[must_use]
    pub const fn can_fail(self) -> bool {
        self.is_work() && !matches!(self, Self::Acknowledge | Self::Return)
    }

    /// Whether it changes anything; a read or an unheeded request that fails is the same as one not made.
    #[must_use]
    pub const fn has_effect(self) -> bool {
        self.can_fail() && !matches!(self, Self::LookUp | Self::Read | Self::Look | Self::ReadMail | Self::CallOff)
    }

    /// Whether the client sends it again when no answer comes, and doing it twice is not the same as once.
    #[must_use]
    pub const fn can_be_repeated(self) -> bool {
        matches!(self, Self::Register | Self::BeginSubmit | Self::Claim | Self::Send)
    }
}

/// What a process learns of its operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Answer {
    /// It was applied, and the answer came.
    Given,
    /// It was applied, its answer was lost, the client applied it again, and the second answer came.
    OfSecondTry,
    /// It was applied, and no answer came.
    Lost,
    /// It was not applied, and the process knows no more than if the answer had been lost.
    Unavailable,
}

impl Answer {
    /// Every answer.
    pub const ALL: [Self; 4] = [Self::Given, Self::OfSecondTry, Self::Lost, Self::Unavailable];

    /// Carries an effect out, as often as the answer says; `None` if the process learns nothing.
    pub(crate) fn of<R>(self, mut effect: impl FnMut() -> R) -> Option<R> {
        match self {
            Self::Given => Some(effect()),
            Self::OfSecondTry => {
                effect();
                Some(effect())
            }
            Self::Lost => {
                effect();
                None
            }
            Self::Unavailable => None,
        }
    }
}

/// One step of the world.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Step {
    /// A process carries its next operation out.
    Does {
        /// The process.
        who: Who,
        /// The operation.
        what: Operation,
        /// What it learns.
        answer: Answer,
    },
    /// A process ends before its next operation.
    Crashes {
        /// The process.
        who: Who,
        /// The operation that it does not come to.
        before: Operation,
    },
    /// A job ends at the third party.
    JobEnds {
        /// The job.
        job: JobNumber,
        /// How.
        end: End,
    },
    /// A delivery of a job's event reaches a listener.
    EventArrives {
        /// The job.
        job: JobNumber,
        /// What the event says.
        end: End,
        /// The listener.
        listener: u8,
    },
    /// A wait's deadline passes.
    DeadlinePasses {
        /// The wait.
        wait: u8,
    },
    /// Step Functions times a task out.
    TaskTimesOut {
        /// The wait.
        wait: u8,
    },
    /// Somebody stops an execution.
    ExecutionStops {
        /// The wait.
        wait: u8,
    },
    /// Step Functions starts another attempt of a task, with a new token. The
    /// attempt before failed, or Step Functions thinks so while it runs on.
    TaskRetries {
        /// The wait.
        wait: u8,
    },
    /// Step Functions catches a task's error, and enters `Close`.
    TaskFails {
        /// The wait.
        wait: u8,
    },
    /// The right to send runs out, as its holder is gone.
    LockRunsOut {
        /// The wait.
        wait: u8,
    },
    /// The reconciler takes a wait up.
    ReconcilerBegins {
        /// The wait.
        wait: u8,
    },
    /// A person takes a wait up.
    OperatorBegins {
        /// The wait.
        wait: u8,
    },
}

impl fmt::Display for Who {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Submit { wait, attempt } => write!(f, "submit, attempt {attempt} of wait {wait}"),
            Self::Listener(number) => write!(f, "listener {number}"),
            Self::Check { wait } => write!(f, "check of wait {wait}"),
            Self::Close { wait } => write!(f, "close of wait {wait}"),
            Self::Reconciler => f.write_str("reconciler"),
            Self::Operator => f.write_str("operator"),
        }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Does { who, what, answer } => match answer {
                Answer::Given => write!(f, "{who}: {what:?}"),
                Answer::OfSecondTry => write!(f, "{who}: {what:?}, applied twice as the first answer was lost"),
                Answer::Lost => write!(f, "{who}: {what:?}, applied, and its answer lost"),
                Answer::Unavailable => write!(f, "{who}: {what:?}, not applied"),
            },
            Self::Crashes { who, before } => write!(f, "{who}: crashes before {before:?}"),
            Self::JobEnds { job, end } => write!(f, "third party: job {job:?} ends: {end:?}"),
            Self::EventArrives { job, end, listener } => {
                write!(f, "third party: event of job {job:?} reaches listener {listener}: {end:?}")
            }
            Self::DeadlinePasses { wait } => write!(f, "clock: the deadline of wait {wait} passes"),
            Self::TaskTimesOut { wait } => write!(f, "step functions: the task of wait {wait} times out"),
            Self::ExecutionStops { wait } => write!(f, "step functions: the execution of wait {wait} is stopped"),
            Self::TaskRetries { wait } => write!(f, "step functions: another attempt for wait {wait}"),
            Self::TaskFails { wait } => write!(f, "step functions: wait {wait} goes to Close"),
            Self::LockRunsOut { wait } => write!(f, "clock: the right to send for wait {wait} runs out"),
            Self::ReconcilerBegins { wait } => write!(f, "reconciler: takes wait {wait} up"),
            Self::OperatorBegins { wait } => write!(f, "operator: takes wait {wait} up"),
        }
    }
}
