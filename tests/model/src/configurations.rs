//! The configurations that are checked, each with what it is there for.

use crate::configuration::{Configuration, JobIds, Repetition, Strategy};
use crate::state::End;

/// One wait for a webhook. The others say in what they differ from it.
pub const CALLBACK: Configuration = Configuration {
    name: "callback",
    about: "one attempt overtaken or crashed, one delivery, a deadline",
    waits: 1,
    strategy: Strategy::Callback,
    attempts: 2,
    has_zombies: true,
    listeners: 1,
    deliveries: 1,
    is_fickle: false,
    is_thin: false,
    is_addressed: false,
    ends: &[End::Succeeded],
    has_looks: true,
    ids: JobIds::Distinct,
    repetition: Repetition::IdempotencyKey,
    has_deadline: true,
    may_stop: false,
    has_operator: false,
    reconciler_reads_mailbox: true,
    close_reads_mailbox: true,
    checks_read_row: true,
    crashes: 1,
    losses: 0,
    mistake: None,
};

/// Answers that do not come, in place of crashes.
pub const LOST_ANSWERS: Configuration = Configuration {
    name: "lost answers",
    about: "an update applied whose answer is lost, one applied twice, one not applied",
    crashes: 0,
    losses: 1,
    ..CALLBACK
};

/// Three attempts.
pub const THREE_ATTEMPTS: Configuration = Configuration {
    name: "three attempts",
    about: "two attempts overtaken or crashed, two tokens gone",
    attempts: 3,
    has_deadline: false,
    ..CALLBACK
};

/// A delivery and its duplicate, at two listeners.
pub const DUPLICATES: Configuration = Configuration {
    name: "duplicates",
    about: "two deliveries side by side, two faults",
    listeners: 2,
    deliveries: 2,
    has_deadline: false,
    losses: 1,
    ..CALLBACK
};

/// A third party that changes its mind, and a person who knows better.
pub const CONTRADICTIONS: Configuration = Configuration {
    name: "contradictions",
    about: "deliveries that contradict each other, an outcome by hand, a deadline",
    has_zombies: false,
    deliveries: 2,
    is_fickle: true,
    has_operator: true,
    crashes: 0,
    ..CALLBACK
};

/// Events that say only that something happened.
pub const THIN_EVENTS: Configuration =
    Configuration { name: "thin events", about: "the listener looks itself", is_thin: true, ..CALLBACK };

/// Events that come to an address of the wait's own.
pub const OWN_ADDRESS: Configuration = Configuration {
    name: "own address",
    about: "events name the wait, and come before its job is known",
    is_addressed: true,
    ..CALLBACK
};

/// An execution that is stopped from outside: nobody closes its wait but the reconciler.
pub const STOPPED: Configuration = Configuration {
    name: "stopped",
    about: "the execution is stopped, and the reconciler closes what it left",
    has_zombies: false,
    may_stop: true,
    losses: 1,
    ..CALLBACK
};

/// A third party that answers no looks, so that what is in the mailbox is all there is.
pub const MAILBOX_ALONE: Configuration = Configuration {
    name: "mailbox alone",
    about: "no look is answered; who looks in vain reads the mailbox",
    has_looks: false,
    ..CALLBACK
};

/// Waits without a token.
pub const POLL: Configuration = Configuration {
    name: "poll",
    about: "a nested workflow, four faults, a person, a deadline",
    strategy: Strategy::Poll,
    listeners: 0,
    deliveries: 0,
    has_operator: true,
    crashes: 2,
    losses: 2,
    ..CALLBACK
};

/// Two integrations whose third parties give the same id.
pub const SAME_TEXT: Configuration = Configuration {
    name: "same text",
    about: "two waits at two third parties that give their jobs the same id",
    waits: 2,
    ids: JobIds::SameTextTwice,
    has_zombies: false,
    has_deadline: false,
    ..CALLBACK
};

/// One job for two waits.
pub const ONE_JOB: Configuration = Configuration {
    name: "one job for two",
    about: "two waits that are given the same job",
    ids: JobIds::OneJobForTwo,
    ..SAME_TEXT
};

/// A third party that can be asked whether it has the job.
pub const LOOK_UP: Configuration = Configuration {
    name: "look up",
    about: "no idempotency key: the job is looked up before the request is sent again",
    ends: &[End::Succeeded, End::Failed],
    repetition: Repetition::LookUp,
    has_deadline: false,
    losses: 1,
    ..CALLBACK
};

/// A third party at which nothing is safe.
pub const SENT_ONCE: Configuration = Configuration {
    name: "sent once",
    about: "no idempotency key and no look up: what may have arrived is not sent again",
    repetition: Repetition::Never,
    ..LOOK_UP
};

/// All configurations.
pub const ALL: [Configuration; 14] = [
    CALLBACK,
    LOST_ANSWERS,
    THREE_ATTEMPTS,
    DUPLICATES,
    CONTRADICTIONS,
    THIN_EVENTS,
    OWN_ADDRESS,
    STOPPED,
    MAILBOX_ALONE,
    POLL,
    SAME_TEXT,
    ONE_JOB,
    LOOK_UP,
    SENT_ONCE,
];
