//! Which of two ways of polling costs less, for `engine = "auto"`.
//!
//! The nested engine is paid for by the wait: each round is an Express execution,
//! each look an invocation, each way out of a round and back three transitions.
//! The pooled engine is paid for by the look: the reconciler runs once a minute
//! anyhow, and looks at hundreds of jobs at a time. It looks no more often than
//! once a minute, so it is no choice where the schedule asks for more and the
//! minute counts.

use super::pooled::{GRANULARITY, Pooled};
use super::sweep::CheckTimes as _;
use crate::Timestamp;
use crate::cost::{JobEnds, course};
use crate::integration::{Integration, Strategy};
use std::time::Duration;

/// A wait that is expected to last for longer is a long one, half an hour: that its
/// end is known up to a minute later is three percent of it.
const LONG: Duration = Duration::from_mins(30);

/// What a look by the reconciler is billed, in megabyte-milliseconds: the 256 MB of
/// the template for half a millisecond, as it makes 2,000 looks a second.
const LOOK_MB_MS: u64 = 128;

/// How many waits the reconciler reads from its index for one read unit, twenty:
/// an entry has up to 400 bytes, a unit is 4 KB, and a read without consistency
/// costs half.
const ENTRIES_A_READ: u64 = 20;

/// The way that costs less for a job that ends when it is expected to.
#[must_use]
pub fn choose(integration: &Integration) -> Strategy {
    let looks_too_seldom = integration.expected <= LONG && asks_more_often(integration);
    let ends = JobEnds::After(integration.expected);
    // More looks than can be counted cost more than can be wished for.
    let nested = course(&Integration { strategy: Strategy::Poll, ..integration.clone() }, ends)
        .map_or(u64::MAX, |course| course.usage.nano_dollars());
    let pooled = course(&Integration { strategy: Strategy::Pooled, ..integration.clone() }, ends)
        .map_or(u64::MAX, |course| course.usage.nano_dollars());
    if pooled < nested && !looks_too_seldom { Strategy::Pooled } else { Strategy::Poll }
}

/// Whether the schedule asks for looks less than a minute apart when the job is
/// expected to end.
fn asks_more_often(integration: &Integration) -> bool {
    let schedule = &integration.schedule;
    let mut at = schedule.first;
    for delay in schedule.growing() {
        if at >= integration.expected || delay >= GRANULARITY {
            return delay < GRANULARITY;
        }
        at = at.saturating_add(delay);
    }
    schedule.max < GRANULARITY
}

/// When each look at a job that never ends becomes due, from the submit on, with
/// each random delay at its mean.
#[must_use]
pub fn average_looks(integration: &Integration) -> Vec<Duration> {
    let begun = Timestamp::UNIX_EPOCH;
    let times = Pooled::on_average(begun, &integration.schedule);
    let until_last = integration.deadline.saturating_sub(times.margin());
    let since_begun = |at: Timestamp| Duration::try_from(at.duration_since(begun)).unwrap_or(Duration::ZERO);
    // Bounded: 90 days have 129,600 minutes.
    let mut looks: Vec<Duration> = std::iter::successors(Some(times.first()), |at| Some(times.behind(*at)))
        .map(since_begun)
        .take_while(|at| *at <= until_last)
        .collect();
    let most = integration.schedule.checks.and_then(|most| usize::try_from(most).ok());
    looks.truncate(most.unwrap_or(usize::MAX));
    looks
}

/// What the reconciler's part of a pooled wait takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PooledPart {
    /// Looks at the job.
    pub looks: u64,
    /// From the job's end until a look finds it; `None` if none does before the deadline.
    pub known_after: Option<Duration>,
    /// From the submit until that look, the last one that the schedule allows, or the deadline.
    pub lasted: Duration,
    /// Memory of the looks, in megabyte-milliseconds.
    pub lambda_mb_ms: u64,
    /// Reads of the index.
    pub reads: u64,
}

/// The reconciler's part of a wait on a job that ends so long after its submit.
#[must_use]
pub fn pooled_part(integration: &Integration, ends: Option<Duration>) -> PooledPart {
    let due = average_looks(integration);
    // On average half a run comes between a time and its look.
    let mut seen = due.iter().map(|at| at.saturating_add(GRANULARITY / 2));
    let found = ends.and_then(|ends| {
        let (number, looked) = (1_u64..).zip(seen.by_ref()).find(|(_, looked)| *looked >= ends)?;
        Some((number, looked, looked - ends))
    });
    let all = due.len() as u64;
    let is_used_up = integration.schedule.checks.is_some_and(|most| all >= u64::from(most));
    let end = due.last().filter(|_| is_used_up).map_or(integration.deadline, |last| *last + GRANULARITY / 2);
    let (looks, lasted) = found.map_or((all, end), |(number, looked, _)| (number, looked));
    PooledPart {
        looks,
        known_after: found.map(|(_, _, after)| after),
        lasted,
        lambda_mb_ms: looks * LOOK_MB_MS,
        reads: (lasted.as_secs() / GRANULARITY.as_secs()).div_ceil(ENTRIES_A_READ),
    }
}

#[cfg(test)]
#[path = "engine_tests.rs"]
mod tests;
