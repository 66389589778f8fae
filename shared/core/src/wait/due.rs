//! What the reconciler finds its work by: a sparse index over the waits that it
//! may have to look at, in shards.
//!
//! The index is a hint. It says from when a wait *may* need somebody; whether it
//! does is decided by its schedule and the clock, and whatever is then done goes
//! through the wait's own guarded updates. So a check that finds a job pending
//! writes nothing: the wait stays where it is in the index.

use super::{CLOSE_GRACE, JobId, Status, WaitId, WaitRow};
use crate::decide::pooled;
use crate::integration::{Integration, IntegrationName, Strategy};
use crate::{Timestamp, duration::signed};
use std::time::Duration;

/// How many shards the index has, 8. DynamoDB writes at most 1,000 units a second
/// to one key of an index
/// (<https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-partition-key-design.html>),
/// and a wait writes its entry about four times: 8 shards take 2,000 new waits a second.
pub const SHARDS: u8 = 8;

/// The most entries that are read at a time, 500: about 200 KB.
pub const DUE_PAGE: usize = 500;

/// The most waits of one execution that are looked for, 1,000: the main workflow
/// has at most 40, and a history of 25,000 events holds a few thousand.
pub const MAX_WAITS_OF_EXECUTION: usize = 1_000;

/// The shard of a wait.
#[must_use]
pub fn shard_of(id: &WaitId) -> u8 {
    let sum = id.as_str().bytes().fold(0_u32, |sum, byte| sum.wrapping_mul(31).wrapping_add(u32::from(byte)));
    u8::try_from(sum % u32::from(SHARDS)).unwrap_or(0)
}

/// From when the reconciler looks at a wait that registers now and that it may
/// have to look at so long afterwards ([`first_look`]); one that its workflow polls
/// and closes itself only if that has not happened.
#[must_use]
pub fn due_from(first_look: Option<Duration>, deadline: Timestamp, now: Timestamp) -> Timestamp {
    let later = |time: Timestamp, by| time.saturating_add(signed(by)).unwrap_or(Timestamp::MAX);
    let at_last = later(deadline, CLOSE_GRACE);
    first_look.map_or(at_last, |by| later(now, by).min(at_last))
}

/// How long after its job was noted the reconciler looks at a wait with a token at
/// the earliest: one that a webhook is to end after half the time between two
/// looks, one that is pooled when its schedule says.
#[must_use]
pub fn first_look(id: &WaitId, integration: &Integration) -> Duration {
    match integration.strategy {
        Strategy::Pooled => pooled::first_look(id, &integration.schedule),
        Strategy::Callback | Strategy::Poll => integration.schedule.reconcile / 2,
    }
}

/// A wait as the index shows it, perhaps a moment late.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DueWait {
    /// The wait.
    pub id: WaitId,
    /// From when it may need somebody.
    pub due: Timestamp,
    /// Where it stands.
    pub status: Status,
    /// The integration.
    pub integration: IntegrationName,
    /// The version of the integration that it started with.
    pub digest: String,
    /// When it began.
    pub started_at: Timestamp,
    /// When it is given up.
    pub deadline: Timestamp,
    /// The third party's job, once taken.
    pub job_id: Option<JobId>,
    /// When the job was noted.
    pub submitted_at: Option<Timestamp>,
    /// Checks in a row that got no usable answer.
    pub failures: u32,
    /// Checks in a row that were refused.
    pub refusals: u32,
}

impl DueWait {
    /// The index's entry for a row, if it has one.
    #[must_use]
    pub fn of(row: &WaitRow) -> Option<Self> {
        Some(Self {
            id: row.id.clone(),
            due: row.due?,
            status: row.status,
            integration: row.integration.clone(),
            digest: row.digest.clone(),
            started_at: row.started_at,
            deadline: row.deadline,
            job_id: row.job_id.clone(),
            submitted_at: row.submitted_at,
            failures: row.failures,
            refusals: row.refusals,
        })
    }

    /// Where it stands in its shard.
    #[must_use]
    pub fn position(&self) -> DuePosition {
        DuePosition { due: self.due, id: self.id.clone() }
    }
}

/// A place in a shard, whose entries are ordered by their times.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct DuePosition {
    /// The entry's time.
    pub due: Timestamp,
    /// The entry's wait.
    pub id: WaitId,
}

/// Some entries of a shard.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DuePage {
    /// The entries, in order.
    pub waits: Vec<DueWait>,
    /// Behind which entry to read on, if there may be more.
    pub next: Option<DuePosition>,
}

/// How far the reconciler has come in a shard. It is kept between two runs, so
/// that the next one goes on where this one ran out of time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sweep {
    /// All that was due by then was looked at; absent before the first sweep.
    pub done_until: Option<Timestamp>,
    /// The sweep that is under way.
    pub under_way: Option<UnderWay>,
}

/// A sweep that has not come to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnderWay {
    /// What is due by then belongs to it.
    pub until: Timestamp,
    /// All entries up to this one were looked at.
    pub after: DuePosition,
}
