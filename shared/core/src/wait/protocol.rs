//! What follows from what the store answered. Each function takes what was read
//! back from a guarded update and names the one thing to do next.

use super::{Generation, Guarded, JobId, Outcome, Status, WaitRow};
use crate::{TaskToken, Timestamp};

/// What an attempt may do after it registered.
#[derive(Clone, Debug, PartialEq)]
pub enum AfterRegister {
    /// Nothing was sent yet, or an earlier attempt's fate is open: ask for the right to send.
    Submit,
    /// The job was taken already; the task only has a new token.
    AlreadySubmitted(JobId),
    /// The wait has ended already; deliver the outcome to this attempt.
    Settled(Box<WaitRow>),
    /// A later attempt has taken over; this one must not touch anything.
    Superseded,
}

/// What follows from registering attempt `mine`.
#[must_use]
pub fn after_register(answer: Guarded<WaitRow>, mine: Generation) -> AfterRegister {
    let row = match answer {
        Guarded::Applied(row) => row,
        // Our own update, applied although its answer was lost, finds its own generation.
        Guarded::Refused(Some(row)) if row.generation == mine => row,
        Guarded::Refused(_) => return AfterRegister::Superseded,
    };
    if row.outcome.is_some() {
        return AfterRegister::Settled(Box::new(row));
    }
    match (row.job_id, row.status == Status::Submitted) {
        (Some(job_id), true) => AfterRegister::AlreadySubmitted(job_id),
        (Some(_) | None, _) => AfterRegister::Submit,
    }
}

/// What an attempt may do after it asked for the right to send.
#[derive(Clone, Debug, PartialEq)]
pub enum MaySubmit {
    /// Send; `earlier` attempts have begun before and may have reached the third party.
    Send {
        /// How many attempts have begun before this one.
        earlier: u32,
    },
    /// Another attempt holds the right until then.
    InProgress(Timestamp),
    /// The job was taken meanwhile.
    AlreadySubmitted(JobId),
    /// The wait has ended meanwhile.
    Settled(Box<WaitRow>),
    /// An earlier attempt may have reached the third party, and must not be repeated.
    FateUnknown,
    /// A later attempt has taken over.
    Superseded,
}

/// What follows from asking for the right to send, as attempt `mine` under the nonce `operation`.
#[must_use]
pub fn may_submit(answer: Guarded<WaitRow>, mine: Generation, operation: &str) -> MaySubmit {
    let (row, applied) = match answer {
        Guarded::Applied(row) => (row, true),
        Guarded::Refused(Some(row)) => (row, false),
        Guarded::Refused(None) => return MaySubmit::Superseded,
    };
    if row.generation != mine {
        return MaySubmit::Superseded;
    }
    if row.outcome.is_some() {
        return MaySubmit::Settled(Box::new(row));
    }
    if row.status == Status::SubmitUnknown {
        return MaySubmit::FateUnknown;
    }
    if let (Status::Submitted, Some(job_id)) = (row.status, row.job_id) {
        return MaySubmit::AlreadySubmitted(job_id);
    }
    match row.submit {
        Some(mark) if applied || mark.operation == operation => {
            MaySubmit::Send { earlier: mark.attempts.saturating_sub(1) }
        }
        Some(mark) => MaySubmit::InProgress(mark.lock_until),
        None => MaySubmit::Superseded,
    }
}

/// Whose outcome a wait has, after somebody tried to store one.
#[derive(Clone, Debug, PartialEq)]
pub enum Claimed {
    /// Ours was the first.
    Won(WaitRow),
    /// Another was first; `contradicts` says whether it differs in kind from ours.
    Lost {
        /// The row with the outcome that counts.
        row: WaitRow,
        /// Whether ours said something else.
        contradicts: bool,
    },
    /// There is no such wait, or it belongs to another integration.
    NoSuchWait,
}

/// What follows from trying to store `mine` under the nonce `operation`.
#[must_use]
pub fn after_claim(answer: Guarded<WaitRow>, mine: &Outcome, operation: &str) -> Claimed {
    match answer {
        Guarded::Applied(row) => Claimed::Won(row),
        Guarded::Refused(Some(row)) => match &row.outcome {
            Some(_) if row.outcome_operation.as_deref() == Some(operation) => Claimed::Won(row),
            Some(stored) => {
                let contradicts = Status::of(&stored.kind) != Status::of(&mine.kind);
                Claimed::Lost { row, contradicts }
            }
            None => Claimed::NoSuchWait,
        },
        Guarded::Refused(None) => Claimed::NoSuchWait,
    }
}

/// What is left to deliver of a wait.
#[derive(Clone, Debug, PartialEq)]
pub enum Handover {
    /// Nobody holds a token: a nested workflow reads the outcome itself.
    NoToken,
    /// The current attempt has it already.
    Done,
    /// The wait has not ended.
    NoOutcome,
    /// Send this outcome with this token.
    Send {
        /// The token of the current attempt.
        token: TaskToken,
        /// The attempt.
        generation: Generation,
        /// The stored outcome.
        outcome: Box<Outcome>,
    },
}

/// What is left to deliver.
#[must_use]
pub fn handover(row: &WaitRow) -> Handover {
    match (&row.outcome, &row.token) {
        (None, _) => Handover::NoOutcome,
        (Some(_), None) => Handover::NoToken,
        (Some(_), Some(_)) if row.delivered == Some(row.generation) => Handover::Done,
        (Some(outcome), Some(token)) => {
            Handover::Send { token: token.clone(), generation: row.generation, outcome: Box::new(outcome.clone()) }
        }
    }
}

#[cfg(test)]
#[path = "protocol_tests.rs"]
mod tests;
