//! What the model has to know of a third party.

use super::Usage;
use crate::integration::{Integration, Limits, Schedule};
use std::time::Duration;

/// A third party, as far as it matters for what waiting costs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Party {
    /// When jobs are looked at.
    pub schedule: Schedule,
    /// When waits are given up.
    pub deadline: Duration,
    /// How much may be asked for.
    pub limits: Option<Limits>,
    /// Whether jobs are started by a request.
    pub submits: bool,
    /// Whether looks need what the submit kept.
    pub needs_kept: bool,
    /// Whether the result takes another request.
    pub fetches: bool,
    /// Whether a webhook only says that the job is to be looked at.
    pub looks_after_event: bool,
    /// Whether jobs can be called off.
    pub cancels: bool,
}

impl Party {
    /// The third party of an integration.
    #[must_use]
    pub fn of(integration: &Integration) -> Self {
        let fetches = integration.result.fetch.is_some();
        let event = integration.callback.as_ref();
        Self {
            schedule: integration.schedule.clone(),
            deadline: integration.deadline,
            limits: integration.limits.clone(),
            submits: integration.submit.request.is_some(),
            needs_kept: integration.look_needs_kept(),
            fetches,
            looks_after_event: event.is_some_and(|event| event.thin || (event.output.is_none() && fetches)),
            cancels: integration.cancel.is_some(),
        }
    }

    /// One that takes a request to submit and one to look.
    #[must_use]
    pub const fn plain(schedule: Schedule, deadline: Duration) -> Self {
        Self {
            schedule,
            deadline,
            limits: None,
            submits: true,
            needs_kept: false,
            fetches: false,
            looks_after_event: false,
            cancels: false,
        }
    }

    /// What its limits add to a wait that was let in so often, where nobody has to
    /// wait for another.
    pub(super) fn keep_within_limits(&self, admitted: u64, usage: &mut Usage) {
        let Some(limits) = &self.limits else {
            return;
        };
        if limits.has_gate() {
            // Read before a request is let through, before the submit once more, and after each answer.
            usage.reads += admitted + 1 + usage.requests;
        }
        if limits.interval.is_some() {
            usage.writes += admitted;
        }
        if limits.in_flight.is_some() {
            // The place is taken, and left.
            usage.writes += 2;
        }
    }
}
