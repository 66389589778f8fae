//! What follows from a change of a wait: the one thing to do next, or why the
//! change was not to be made.
//!
//! A change is tried on the store, which applies its guarded update or refuses
//! it and answers with the row either way; [`follow`] reads that answer. It
//! recognizes an update of its own whose answer was lost by what only that update
//! can have written. [`transition`] is the same for a row at hand.

use super::change::{Change, TakenJob};
use super::update::Update;
use super::{Generation, Guarded, JobId, Outcome, Status, WaitRow};
use crate::{TaskToken, Timestamp};

/// What is to be done after a change was made.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Registered, and nothing was sent yet or an earlier attempt's fate is open: ask for the right to send.
    BeginSubmit,
    /// The job was taken by an attempt before: look whether an event came for it.
    LookIntoMailbox(JobId),
    /// Send the request.
    Send {
        /// How many attempts have begun before and may have reached the third party.
        earlier: u32,
    },
    /// The job is noted, and is waited for.
    Await(Box<WaitRow>),
    /// The wait has its outcome: hand it over to whoever waits for it.
    HandOver(Box<WaitRow>),
    /// Nothing.
    Nothing,
}

/// Why a change was not made.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Illegal {
    /// There is no such wait.
    #[error("there is no such wait")]
    NoSuchWait,
    /// The wait is on another integration.
    #[error("the wait is on another integration")]
    OtherIntegration,
    /// A later attempt has taken over; this one must not touch anything.
    #[error("a later attempt of the task has taken over")]
    Superseded(Box<WaitRow>),
    /// Another attempt holds the right to send until then.
    #[error("another attempt holds the right to send until {0}")]
    SubmitInProgress(Timestamp),
    /// The third party has the job.
    #[error("the job was submitted already")]
    AlreadySubmitted(JobId),
    /// An earlier attempt may have reached the third party, and must not be repeated.
    #[error("an earlier attempt may have reached the third party")]
    FateUnknown,
    /// The wait has ended before.
    #[error("the wait has ended before")]
    Ended {
        /// The row with the outcome that counts.
        row: Box<WaitRow>,
        /// Whether what was to be stored says something else.
        contradicts: bool,
    },
    /// Another attempt has the right to send, or had it last.
    #[error("another attempt has taken the right to send")]
    NotTheSender,
    /// As many late outcomes are kept as may be.
    #[error("as many late outcomes are kept as may be")]
    LateIsFull,
}

/// A change of a row, with what follows.
#[derive(Clone, Debug, PartialEq)]
pub struct Transition {
    /// The guarded update.
    pub update: Update,
    /// The row after it.
    pub row: Option<WaitRow>,
    /// What is to be done.
    pub effect: Effect,
}

/// What a change does to a row, now.
///
/// # Errors
/// [`Illegal`], when the row is not one that the change may be made to.
pub fn transition(
    row: Option<&WaitRow>,
    id: &super::WaitId,
    change: &Change,
    now: Timestamp,
) -> Result<Transition, Illegal> {
    let update = change.update(now);
    let answer = update.apply(id, row);
    let after = match &answer {
        Guarded::Applied(row) => Some(row.clone()),
        Guarded::Refused(row) => row.clone(),
    };
    follow(change, answer).map(|effect| Transition { update, row: after, effect })
}

/// What follows from the store's answer to a change.
///
/// # Errors
/// [`Illegal`], when the change was refused, and rightly.
pub fn follow(change: &Change, answer: Guarded<WaitRow>) -> Result<Effect, Illegal> {
    let (row, applied) = match answer {
        Guarded::Applied(row) => (row, true),
        Guarded::Refused(Some(row)) => (row, false),
        Guarded::Refused(None) => return Err(Illegal::NoSuchWait),
    };
    let row = Box::new(row);
    match change {
        Change::Register(new) => registered(row, new.generation),
        Change::BeginSubmit { mine, operation } => begun(row, applied, *mine, operation),
        // Repeated, they find nothing to do.
        Change::ReleaseSubmit { .. } | Change::SubmitUnknown { .. } if applied => Ok(Effect::Nothing),
        Change::ReleaseSubmit { operation } | Change::SubmitUnknown { operation } => Err(not_sender(row, operation)),
        Change::Submitted(job) => noted(row, applied, job),
        Change::NoteJob(job) if applied || may_note(&row, job) => Ok(after_note(row)),
        Change::NoteJob(_) => Err(Illegal::Superseded(row)),
        Change::Claim { integration, outcome, operation, .. } => {
            let own = row.outcome_operation.as_deref() == Some(operation.as_str());
            if applied || (own && row.outcome.is_some()) {
                Ok(Effect::HandOver(row))
            } else if row.outcome.is_some() {
                let contradicts = row.status != Status::of(&outcome.kind);
                Err(Illegal::Ended { row, contradicts })
            } else if row.integration == *integration {
                Err(Illegal::NoSuchWait)
            } else {
                Err(Illegal::OtherIntegration)
            }
        }
        Change::KeepLate(_) if applied => Ok(Effect::Nothing),
        Change::KeepLate(_) => Err(Illegal::LateIsFull),
        Change::Delivered { .. } if applied => Ok(Effect::Nothing),
        Change::Delivered { .. } => Err(Illegal::Superseded(row)),
        Change::Postpone { .. } if applied => Ok(Effect::Nothing),
        Change::Postpone { .. } => Err(Illegal::Ended { row, contradicts: false }),
    }
}

/// Our own registration, applied although its answer was lost, finds its own generation.
fn registered(row: Box<WaitRow>, mine: Generation) -> Result<Effect, Illegal> {
    if row.generation != mine {
        return Err(Illegal::Superseded(row));
    }
    match row.status {
        Status::Submitted => Ok(row.job_id.clone().map_or(Effect::BeginSubmit, Effect::LookIntoMailbox)),
        Status::Registered | Status::SubmitUnknown => Ok(Effect::BeginSubmit),
        Status::Succeeded | Status::Failed | Status::Expired | Status::Cancelled => Ok(Effect::HandOver(row)),
    }
}

fn begun(row: Box<WaitRow>, applied: bool, mine: Generation, operation: &str) -> Result<Effect, Illegal> {
    if row.generation != mine {
        return Err(Illegal::Superseded(row));
    }
    match row.status {
        Status::Succeeded | Status::Failed | Status::Expired | Status::Cancelled => {
            Err(Illegal::Ended { row, contradicts: false })
        }
        Status::SubmitUnknown => Err(Illegal::FateUnknown),
        Status::Submitted => Err(row.job_id.clone().map_or(Illegal::Superseded(row), Illegal::AlreadySubmitted)),
        Status::Registered => match &row.submit {
            Some(mark) if applied || mark.operation == operation => {
                Ok(Effect::Send { earlier: mark.attempts.saturating_sub(1) })
            }
            Some(mark) => Err(Illegal::SubmitInProgress(mark.lock_until)),
            None => Err(Illegal::Superseded(row)),
        },
    }
}

fn not_sender(row: Box<WaitRow>, operation: &str) -> Illegal {
    let is_mine = row.submit.as_ref().is_some_and(|mark| mark.operation == operation);
    match row.status {
        Status::Succeeded | Status::Failed | Status::Expired | Status::Cancelled if is_mine => {
            Illegal::Ended { row, contradicts: false }
        }
        Status::SubmitUnknown if is_mine => Illegal::FateUnknown,
        Status::Submitted if is_mine => row.job_id.map_or(Illegal::NotTheSender, Illegal::AlreadySubmitted),
        Status::Registered
        | Status::Submitted
        | Status::SubmitUnknown
        | Status::Succeeded
        | Status::Failed
        | Status::Expired
        | Status::Cancelled => Illegal::NotTheSender,
    }
}

fn may_note(row: &WaitRow, job: &TakenJob) -> bool {
    row.generation == job.mine || row.submit.as_ref().is_some_and(|mark| mark.operation == job.operation)
}

fn noted(row: Box<WaitRow>, applied: bool, job: &TakenJob) -> Result<Effect, Illegal> {
    if applied {
        Ok(Effect::Await(row))
    } else if may_note(&row, job) {
        // What may be noted was refused for one reason only.
        Err(Illegal::Ended { row, contradicts: false })
    } else {
        Err(Illegal::Superseded(row))
    }
}

fn after_note(row: Box<WaitRow>) -> Effect {
    if row.outcome.is_some() { Effect::HandOver(row) } else { Effect::Await(row) }
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
#[path = "transition_tests.rs"]
mod tests;
