//! The configurations that are checked, each with what it is there for.

use crate::configuration::{Configuration, JobIds, Repetition, Strategy};
use crate::state::End;

/// One wait for a webhook, with all that can happen to it once; the others say in what they differ.
pub const CALLBACK: Configuration = Configuration {
    name: "callback",
    about: "one wait, three attempts, two deliveries, two crashes",
    waits: 1,
    strategy: Strategy::Callback,
    attempts: 3,
    has_zombies: true,
    listeners: 2,
    deliveries: 2,
    is_fickle: false,
    is_thin: false,
    ends: &[End::Succeeded],
    has_looks: true,
    ids: JobIds::Distinct,
    repetition: Repetition::IdempotencyKey,
    has_deadline: true,
    has_reconciler: true,
    has_operator: false,
    reads_mailbox: false,
    checks_read_row: false,
    crashes: 1,
    losses: 0,
    mistake: None,
};
