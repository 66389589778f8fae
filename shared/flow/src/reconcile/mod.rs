//! `reconcile`: finds all that is due, once a minute, and does of it what nobody
//! else has done. Lost webhooks are made good by looking at jobs, slowly; outcomes
//! that were stored and not delivered are delivered; waits that nobody closed are
//! closed.
//!
//! Waits that are pooled are looked at here and nowhere else, each at the times of
//! its own schedule, all of them together.
//!
//! A run reads the index of due waits shard by shard, all shards at a time
//! (`sweep.rs`), and acts on each entry by what the core says of it (`entry.rs`);
//! where a third party answers for many jobs in one request, that is made first
//! (`together.rs`).
//! How many are worked on at a time is bounded for the whole run, in equal parts
//! for the shards, over which waits are spread evenly: a crowd in one of them keeps
//! no other waiting, also if the run dies.
//! The index is a hint; whatever is done goes through the wait's own guarded
//! updates, so that two runs at the same time, or a run that dies anywhere, cost
//! work and nothing else.

mod entry;
mod sweep;
mod together;

use crate::metric::RECONCILED;
use crate::ports::{Ports, Rest};
use crate::{Book, StepError};
use futures_util::future::join_all;
use serde::Serialize;
use std::time::Duration;
use stepwait_core::Timestamp;
use stepwait_core::wait::due::SHARDS;

/// How long a run begins new work, 50 seconds: it is over before the next one
/// begins, a minute later. What was begun may end after that; a look takes at most
/// 45 seconds, and the function may run for 120.
pub const RUN_TIME: Duration = Duration::from_secs(50);

/// How many entries are worked on at a time in a run, 512: a third party that
/// answers in 100 ms could be asked 5,000 times a second, which is more than a
/// function of 256 MB has processor for, and each is a connection of 1,024 that
/// Lambda's file descriptors allow
/// (<https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>).
pub const IN_FLIGHT: usize = 512;

// What waiting costs is counted by the same number.
const _: () = assert!(IN_FLIGHT as u64 == stepwait_core::cost::reconciler::IN_FLIGHT);

/// How many of them are of one shard.
const IN_FLIGHT_OF_SHARD: usize = IN_FLIGHT / SHARDS as usize;

/// How many requests for several jobs are under way at a time in a shard, eight: each
/// stands for as many looks as the third party allows, and what it answers is held
/// until it was acted on, a megabyte at most.
const TOGETHER_OF_SHARD: usize = 8;

/// How many of those may stand in line for a third party's limits, three quarters:
/// a slow third party leaves the others room, and has enough in line that its
/// rate is used up while a run goes on.
const IN_LINE: usize = IN_FLIGHT_OF_SHARD / 4 * 3;

/// What a run did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// Entries of the index that were seen.
    pub looked_at: u64,
    /// Outcomes that were found undelivered, and delivered.
    pub delivered: u64,
    /// Jobs that were looked at.
    pub checked: u64,
    /// Waits that ended by that.
    pub ended: u64,
    /// Waits that nobody had closed after their deadline.
    pub closed: u64,
    /// What was due and could not be done now.
    pub left: u64,
    /// How long the oldest of all that was done or left had been due, in milliseconds.
    pub oldest_due_ms: u64,
}

impl Summary {
    /// Notes that something had been due since then.
    fn was_due(&mut self, since: Timestamp, now: Timestamp) {
        let late = Duration::try_from(now.duration_since(since)).unwrap_or_default();
        self.oldest_due_ms = self.oldest_due_ms.max(u64::try_from(late.as_millis()).unwrap_or(u64::MAX));
    }

    /// Both together.
    fn and(self, other: Self) -> Self {
        Self {
            looked_at: self.looked_at + other.looked_at,
            delivered: self.delivered + other.delivered,
            checked: self.checked + other.checked,
            ended: self.ended + other.ended,
            closed: self.closed + other.closed,
            left: self.left + other.left,
            oldest_due_ms: self.oldest_due_ms.max(other.oldest_due_ms),
        }
    }
}

/// Runs once.
///
/// # Errors
/// [`StepError`], when a shard of the index could not be read or its place not
/// kept; the others were worked on all the same, and the next run goes on.
pub async fn run<P: Ports + Rest>(ports: &P, book: &Book) -> Result<Summary, StepError> {
    let stop_at = ports.now().saturating_add(RUN_TIME).unwrap_or(Timestamp::MAX);
    let shards = join_all((0..SHARDS).map(|shard| sweep::sweep(ports, book, shard, stop_at))).await;
    let (mut summary, mut failed) = (Summary::default(), None);
    for (of_shard, result) in shards {
        summary = summary.and(of_shard);
        failed = failed.or(result.err());
    }
    let Summary { looked_at, delivered, checked, ended, closed, left, oldest_due_ms } = summary;
    tracing::info!(
        metric = RECONCILED,
        looked_at,
        delivered,
        checked,
        ended,
        closed,
        left,
        oldest_due_ms,
        "reconciled"
    );
    failed.map_or(Ok(summary), Err)
}
