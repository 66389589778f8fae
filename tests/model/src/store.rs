//! The guarded updates. Each has the condition that it has in DynamoDB, and
//! changes what it changes there; the row is read back either way.

use crate::configuration::{JobIds, Repetition};
use crate::state::{End, JobNumber, Outcome, Rendezvous, Row, Status, World};
use crate::{Configuration as C, Mistake};

impl Row {
    /// Stores the attempt's generation and token, if the row is new or its generation smaller.
    pub(crate) fn register(&mut self, c: &C, attempt: u8, token: u8) -> Self {
        let is_new = self.status == Status::Absent;
        if is_new || self.generation < attempt || c.has(Mistake::UnfencedTokenWrite) {
            self.generation = attempt;
            self.token = token;
            self.is_indexed = true;
            if is_new {
                self.status = Status::Registered;
            }
        }
        *self
    }

    /// Takes the right to send; whoever's operation is there then has it.
    pub(crate) fn begin_submit(&mut self, attempt: u8) -> Self {
        let may = self.generation == attempt && self.status == Status::Registered && !self.is_locked;
        if may {
            self.operation = attempt;
            self.is_locked = true;
            self.begun += 1;
        }
        *self
    }

    /// Gives the right back.
    pub(crate) fn release_submit(&mut self, attempt: u8) {
        if self.operation == attempt {
            self.operation = 0;
            self.is_locked = false;
            self.begun -= 1;
        }
    }

    /// Marks that the request may have arrived.
    pub(crate) fn mark_unknown(&mut self, attempt: u8) {
        if self.operation == attempt && self.status == Status::Registered {
            self.status = Status::Unknown;
        }
    }

    /// Notes the job; `None` if this attempt may not.
    pub(crate) fn note_job(&mut self, attempt: u8, job: JobNumber) -> Option<Self> {
        if self.generation != attempt && self.operation != attempt {
            return None;
        }
        self.job = Some(job);
        if self.is_open() {
            self.status = Status::Submitted;
        }
        Some(*self)
    }

    /// Stores the outcome, if the wait has none. It stays in the index if
    /// somebody has to deliver it.
    pub(crate) fn claim(&mut self, outcome: Outcome, is_to_deliver: bool, overwrites: bool) -> Self {
        if self.is_open() || (overwrites && self.status == Status::Ended) {
            self.status = Status::Ended;
            self.outcome = Some(outcome);
            self.is_indexed = is_to_deliver;
        }
        *self
    }

    /// Marks the delivery; `None` if the generation is the attempt's, else the row as it is.
    pub(crate) fn mark_delivered(&mut self, c: &C, attempt: u8) -> Option<Self> {
        if self.generation == attempt || c.has(Mistake::UnconditionalDeliveredMark) {
            self.delivered = attempt;
            self.is_indexed = false;
            return None;
        }
        Some(*self)
    }
}

impl Rendezvous {
    /// Links the job to the wait and returns the event; `Err` if it is linked to another.
    pub(crate) fn bind(&mut self, c: &C, wait: u8) -> Result<Option<Outcome>, ()> {
        if self.wait.is_some_and(|bound| bound != wait) && !c.has(Mistake::BindBlindly) {
            return Err(());
        }
        self.wait = Some(wait);
        Ok(self.event.filter(|_| !c.has(Mistake::MailboxNotRead)))
    }

    /// Keeps the event, if it is the first.
    pub(crate) fn mail(&mut self, event: Outcome) -> Self {
        self.event = self.event.or(Some(event));
        *self
    }
}

/// Where the rendezvous row of a job is. The key holds the integration, so that
/// equal texts of two integrations have two rows.
pub(crate) fn key(c: &C, job: JobNumber) -> usize {
    let is_same_text = c.ids == JobIds::SameTextTwice && c.has(Mistake::NoIntegrationInKey);
    if is_same_text { job.index() % 2 } else { job.index() }
}

/// Starts a job for a wait at the third party, or finds the one there is by its key.
pub(crate) fn post(c: &C, world: &mut World, wait: usize) -> JobNumber {
    let wait = if c.ids == JobIds::OneJobForTwo { 0 } else { wait };
    let [first, second] = JobNumber::of(wait);
    let is_known = world.jobs[first.index()].is_started;
    let job = if is_known && c.repetition != Repetition::IdempotencyKey { second } else { first };
    world.jobs[job.index()].is_started = true;
    job
}

/// The job that the third party has for a wait.
pub(crate) fn find(world: &World, wait: usize) -> Option<JobNumber> {
    JobNumber::of(wait).into_iter().find(|job| world.jobs[job.index()].is_started)
}

impl World {
    /// Cancels a job that is still under way.
    pub(crate) fn call_off(&mut self, job: JobNumber) {
        let job = &mut self.jobs[job.index()];
        if job.is_started && job.end.is_none() {
            job.end = Some(End::CalledOff);
        }
    }
}
