//! What one run of the checker is about.

use crate::Mistake;
use crate::state::End;

/// Which ids the third parties give.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JobIds {
    /// Every job has its own.
    Distinct,
    /// The third parties of the two waits give the same text.
    SameTextTwice,
    /// One third party gives both waits the same job.
    OneJobForTwo,
}

/// How a submit is made safe against repetition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repetition {
    /// The third party knows the wait's id as an idempotency key: send again.
    IdempotencyKey,
    /// It can be asked whether it has the wait's job: look first.
    LookUp,
    /// Neither: what may have arrived is not sent again.
    Never,
}

/// How the workflows wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strategy {
    /// By a task token, for a webhook.
    Callback,
    /// In a nested workflow, which polls.
    Poll,
}

/// A configuration: who takes part, and what may go wrong how often.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Configuration {
    /// What it is called.
    pub name: &'static str,
    /// What it is there for.
    pub about: &'static str,
    /// How many waits, one or two.
    pub waits: u8,
    /// How they wait.
    pub strategy: Strategy,
    /// How many attempts a task has, at most three.
    pub attempts: u8,
    /// Whether Step Functions may retry an attempt that runs on.
    pub has_zombies: bool,
    /// How many listeners run at the same time, at most two.
    pub listeners: u8,
    /// How many deliveries of one event leave the third party, at most.
    pub deliveries: u8,
    /// Whether a later delivery may contradict an earlier one.
    pub is_fickle: bool,
    /// Whether events only say that something happened, so that the listener looks.
    pub is_thin: bool,
    /// Whether events come to an address of the wait's own, so that no mailbox is between.
    pub is_addressed: bool,
    /// How jobs may end.
    pub ends: &'static [End],
    /// Whether a look at the third party is answered. If not, the events alone tell.
    pub has_looks: bool,
    /// Which ids the third parties give.
    pub ids: JobIds,
    /// How a submit is made safe against repetition.
    pub repetition: Repetition,
    /// Whether deadlines pass.
    pub has_deadline: bool,
    /// Whether somebody may stop an execution.
    pub may_stop: bool,
    /// Whether a person stores an outcome by hand, of wait 0, once.
    pub has_operator: bool,
    /// Whether the reconciler reads the mailbox where its look tells nothing.
    pub reconciler_reads_mailbox: bool,
    /// Whether `Close` reads the mailbox where its last look tells nothing.
    pub close_reads_mailbox: bool,
    /// Whether a check reads whether the wait has an outcome, where its look tells nothing.
    pub checks_read_row: bool,
    /// How many processes crash, at most.
    pub crashes: u8,
    /// How many answers go wrong, at most.
    pub losses: u8,
    /// The seeded mistake.
    pub mistake: Option<Mistake>,
}

impl Configuration {
    /// Whether a mistake is seeded.
    #[must_use]
    pub fn has(&self, mistake: Mistake) -> bool {
        self.mistake == Some(mistake)
    }

    /// The same with a mistake.
    #[must_use]
    pub const fn with(mut self, mistake: Mistake) -> Self {
        self.mistake = Some(mistake);
        self
    }
}
