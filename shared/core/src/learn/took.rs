//! How long a wait's job took, as far as its outcome tells.

use crate::wait::{Outcome, OutcomeKind, Source};
use crate::{ErrorName, Timestamp};
use std::ops::RangeInclusive;
use std::time::Duration;

/// How long a job took.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Took {
    /// Longer than the one and no longer than the other, from its submit; both are
    /// the same where the third party told.
    Within(RangeInclusive<Duration>),
    /// The wait ended, and not with its job.
    NotEnded,
    /// The job has ended, and nobody knows since when: a person said so, the answer
    /// to the submit did, or no look before that found it pending.
    Unknown,
}

/// How long the job took that was noted at `submitted_at` and ended so.
///
/// A webhook comes when the job ends, so that its time is the job's. A look finds
/// a job that has ended since the last one that found it pending.
#[must_use]
pub fn took(submitted_at: Option<Timestamp>, outcome: &Outcome) -> Took {
    let has_ended = match &outcome.kind {
        OutcomeKind::Succeeded { .. } => true,
        OutcomeKind::Failed { error, .. } => matches!(error, ErrorName::JobFailed | ErrorName::ResultTooLarge),
        OutcomeKind::Expired { .. } | OutcomeKind::Cancelled { .. } => false,
    };
    if !has_ended {
        return Took::NotEnded;
    }
    let Some(submitted_at) = submitted_at else {
        return Took::Unknown;
    };
    // An event may come before its job is noted.
    let since = |time: Timestamp| Duration::try_from(time.duration_since(submitted_at)).unwrap_or(Duration::ZERO);
    let found = since(outcome.at);
    match (outcome.source, outcome.pending_at) {
        (Source::Webhook, _) => Took::Within(found..=found),
        (Source::Poll | Source::Reconciler | Source::Close, Some(pending_at)) => {
            Took::Within(since(pending_at).min(found)..=found)
        }
        (Source::Poll | Source::Reconciler | Source::Close, None) | (Source::Submit | Source::Operator, _) => {
            Took::Unknown
        }
    }
}
