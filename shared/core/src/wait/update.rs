//! Guarded updates as data: under which condition a row changes, and how.
//!
//! A condition and its changes are written down once, as values. A store in
//! memory applies them here ([`Update::apply`]); the table in DynamoDB renders
//! the same values as a `ConditionExpression` and an `UpdateExpression`. One
//! suite of tests holds the two against each other.

use super::{Generation, Guarded, JobId, Kept, Outcome, Registration, Rendezvous, Status, SubmitMark, WaitId, WaitRow};
use crate::integration::IntegrationName;
use crate::{TaskToken, Timestamp};

/// The most outcomes that are kept on a wait beside the one that counts, five:
/// enough to see what a confused third party does, too few to fill the item.
pub const MAX_LATE: usize = 5;

/// Stands in place of the nonce of an attempt that gave the right to send back,
/// so that a repeated release finds nothing to do; no nonce looks like it.
pub const RELEASED: &str = "released";

/// What must be true of a wait's row for an update to apply. Without a row only
/// [`Condition::New`] holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Condition {
    /// All of these hold.
    All(Vec<Condition>),
    /// At least one of these holds.
    Any(Vec<Condition>),
    /// There is no row yet.
    New,
    /// There is a row.
    Exists,
    /// The row belongs to this attempt.
    GenerationIs(Generation),
    /// The row belongs to an earlier attempt than this.
    GenerationBelow(Generation),
    /// The wait stands in one of these.
    StatusIn(&'static [Status]),
    /// The wait is on this integration.
    IntegrationIs(IntegrationName),
    /// The attempt with this nonce was the last to take the right to send.
    OperationIs(String),
    /// Nobody holds the right to send at this time.
    LockFree(Timestamp),
    /// Fewer late outcomes than this are kept.
    LateBelow(usize),
}

/// One change of a wait's row.
#[derive(Clone, Debug, PartialEq)]
pub enum Set {
    /// What never changes, where it is not set yet.
    Origin(Box<Registration>),
    /// The attempt.
    Generation(Generation),
    /// The attempt's token, or none.
    Token(Option<TaskToken>),
    /// Where the wait stands.
    Status(Status),
    /// The right to send is taken, for one more attempt.
    SubmitBegun {
        /// Its nonce.
        operation: String,
        /// Until when it is held.
        until: Timestamp,
    },
    /// The right to send is given back, and the attempt counts as not begun.
    SubmitReleased,
    /// The third party's job.
    Job(JobId),
    /// What the submit kept, and when that was, where it is not set yet.
    Kept(Kept, Timestamp),
    /// How the wait ended, under the nonce of who ended it.
    Outcome(Box<Outcome>, String),
    /// One more late outcome.
    Late(Box<Outcome>),
    /// The attempt that has the outcome.
    Delivered(Generation),
    /// From when the reconciler looks at the wait, if at all.
    Due(Option<Timestamp>),
    /// Checks in a row that got no usable answer, and that were refused.
    Trouble {
        /// Without a usable answer.
        failures: u32,
        /// Refused.
        refusals: u32,
    },
}

/// A guarded update of a wait's row.
#[derive(Clone, Debug, PartialEq)]
pub struct Update {
    /// The condition.
    pub when: Condition,
    /// What changes if it holds. No two of these change the same attribute.
    pub then: Vec<Set>,
}

impl Update {
    /// Applies the update to a row as one atomic step does.
    #[must_use]
    pub fn apply(&self, id: &WaitId, row: Option<&WaitRow>) -> Guarded<WaitRow> {
        if !self.when.holds(row) {
            return Guarded::Refused(row.cloned());
        }
        let Some(mut row) = row.cloned().or_else(|| self.origin(id)) else {
            return Guarded::Refused(None);
        };
        for set in &self.then {
            set.apply(&mut row);
        }
        Guarded::Applied(row)
    }

    /// The row that a registration makes.
    fn origin(&self, id: &WaitId) -> Option<WaitRow> {
        let origin = self.then.iter().find_map(|set| match set {
            Set::Origin(registration) => Some(registration),
            Set::Generation(_)
            | Set::Token(_)
            | Set::Status(_)
            | Set::SubmitBegun { .. }
            | Set::SubmitReleased
            | Set::Job(_)
            | Set::Kept(..)
            | Set::Outcome(..)
            | Set::Late(_)
            | Set::Delivered(_)
            | Set::Due(_)
            | Set::Trouble { .. } => None,
        });
        origin.map(|registration| WaitRow::new(id.clone(), registration))
    }
}

impl Condition {
    fn holds(&self, row: Option<&WaitRow>) -> bool {
        match self {
            Self::All(conditions) => conditions.iter().all(|condition| condition.holds(row)),
            Self::Any(conditions) => conditions.iter().any(|condition| condition.holds(row)),
            Self::New => row.is_none(),
            Self::Exists => row.is_some(),
            Self::GenerationIs(generation) => row.is_some_and(|row| row.generation == *generation),
            Self::GenerationBelow(generation) => row.is_some_and(|row| row.generation < *generation),
            Self::StatusIn(statuses) => row.is_some_and(|row| statuses.contains(&row.status)),
            Self::IntegrationIs(name) => row.is_some_and(|row| row.integration == *name),
            Self::OperationIs(operation) => {
                row.and_then(|row| row.submit.as_ref()).is_some_and(|mark| mark.operation == *operation)
            }
            Self::LockFree(now) => row.is_some_and(|row| {
                row.submit.as_ref().is_none_or(|mark| mark.lock_until.as_millisecond() < now.as_millisecond())
            }),
            Self::LateBelow(most) => row.is_some_and(|row| row.late.len() < *most),
        }
    }
}

impl Set {
    fn apply(&self, row: &mut WaitRow) {
        match self {
            // A row that is there has its origin already; one that was made by closing its wait has no capability.
            Self::Origin(origin) => row.capability = row.capability.take().or_else(|| origin.capability.clone()),
            Self::Generation(generation) => row.generation = *generation,
            Self::Token(token) => row.token.clone_from(token),
            Self::Status(status) => row.status = *status,
            Self::SubmitBegun { operation, until } => {
                let attempts = row.submit.as_ref().map_or(0, |mark| mark.attempts).saturating_add(1);
                row.submit = Some(SubmitMark { operation: operation.clone(), lock_until: *until, attempts });
            }
            Self::SubmitReleased => {
                let attempts = row.submit.as_ref().map_or(0, |mark| mark.attempts).saturating_sub(1);
                let lock_until = Timestamp::UNIX_EPOCH;
                row.submit = Some(SubmitMark { operation: RELEASED.to_owned(), lock_until, attempts });
            }
            Self::Job(job_id) => row.job_id = Some(job_id.clone()),
            Self::Kept(kept, at) => {
                if row.submitted_at.is_none() {
                    row.kept = kept.clone();
                    row.submitted_at = Some(*at);
                }
            }
            Self::Outcome(outcome, operation) => {
                row.outcome = Some(outcome.as_ref().clone());
                row.outcome_operation = Some(operation.clone());
            }
            Self::Late(outcome) => row.late.push(outcome.as_ref().clone()),
            Self::Delivered(generation) => row.delivered = Some(*generation),
            Self::Due(due) => row.due = *due,
            Self::Trouble { failures, refusals } => {
                row.failures = *failures;
                row.refusals = *refusals;
            }
        }
    }
}

impl WaitRow {
    /// The row of a wait of which nothing is known but its origin. Whatever else
    /// a registration sets is set by the rest of its update.
    fn new(id: WaitId, origin: &Registration) -> Self {
        Self {
            id,
            status: Status::Registered,
            generation: origin.generation,
            token: None,
            integration: origin.integration.clone(),
            digest: origin.digest.clone(),
            started_at: origin.started_at,
            deadline: origin.deadline,
            execution_arn: origin.execution_arn.clone(),
            capability: origin.capability.clone(),
            job_id: None,
            kept: Kept::default(),
            submit: None,
            submitted_at: None,
            outcome: None,
            outcome_operation: None,
            delivered: None,
            late: Vec::new(),
            due: None,
            failures: 0,
            refusals: 0,
        }
    }
}

/// A guarded update of a rendezvous row.
#[derive(Clone, Debug, PartialEq)]
pub enum Meeting {
    /// Links the third party's id to a wait, if it is not linked to another.
    Bind {
        /// The wait.
        wait: WaitId,
        /// The version of the integration that the wait started with.
        digest: String,
        /// Until when the link is kept, at least.
        keep_until: Timestamp,
    },
    /// Keeps an event, if it is the first terminal one.
    Mail {
        /// The event, as the outcome that it is.
        event: Box<Outcome>,
        /// The version of the integration by which it was read, where nobody looked
        /// yet whether its wait started with that one: an event of a wait that
        /// started with another is not kept, as it may say something else by that.
        read_by: Option<String>,
        /// Until when an event is kept that no wait claims.
        keep_until: Timestamp,
    },
}

impl Meeting {
    /// Applies the update to a row as one atomic step does.
    #[must_use]
    pub fn apply(&self, row: Option<&Rendezvous>) -> Guarded<Rendezvous> {
        let mut row = row.cloned().unwrap_or_default();
        match self {
            Self::Bind { wait, digest, .. } => {
                if row.wait_id.as_ref().is_some_and(|bound| bound != wait) {
                    return Guarded::Refused(Some(row));
                }
                row.wait_id = Some(wait.clone());
                row.digest = Some(digest.clone());
            }
            Self::Mail { event, read_by, .. } => {
                if row.wait_id.is_some() && read_by.is_some() && row.digest != *read_by {
                    return Guarded::Refused(Some(row));
                }
                row.event.get_or_insert_with(|| event.as_ref().clone());
            }
        }
        Guarded::Applied(row)
    }
}
