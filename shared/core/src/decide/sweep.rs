//! What does the reconciler do with a wait that its index shows?
//!
//! A check that finds its job pending writes nothing. Whether a check is due is
//! therefore computed: the times of a wait's checks are a sequence that anybody
//! can tell from its submit, its id and its schedule, and a sweep makes the check
//! of a wait if one of them lies in the sweep's window. Windows lie end to end, so
//! that each time is found once; a window that is swept twice finds it twice, and
//! one that comes late and is longer finds several at once, which are one check.
//!
//! Only an exception is stored: a wait that was put off is due at that time, which
//! is then one of its times of checks.

use super::pooled::Pooled;
use crate::integration::{Integration, Schedule, Strategy};
use crate::wait::due::DueWait;
use crate::wait::{CLOSE_GRACE, Status, WaitId};
use crate::{Timestamp, duration::signed};
use std::time::Duration;

/// What a sweep looks at: all that became due behind `from`, up to `until`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// Until when all was looked at before; `None` if nothing ever was.
    pub from: Option<Timestamp>,
    /// Until when this sweep looks.
    pub until: Timestamp,
}

/// What is to be done with a wait, and since when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Task {
    /// It has an outcome that may not have been delivered.
    Deliver {
        /// Since then.
        since: Timestamp,
    },
    /// Its job is to be looked at.
    Check {
        /// Since then.
        since: Timestamp,
        /// Whether the looks that its schedule allows are used up by this one.
        is_last: bool,
    },
    /// Its deadline is long over, and it has not ended.
    Close {
        /// Since then.
        since: Timestamp,
    },
    /// Nothing in this window.
    Nothing,
}

/// The times of a wait's checks, each later than the one before.
pub trait CheckTimes {
    /// The first of them.
    fn first(&self) -> Timestamp;

    /// The first one that is later than `time`.
    fn behind(&self, time: Timestamp) -> Timestamp;

    /// How long before the wait's deadline the last of them lies at least.
    fn margin(&self) -> Duration {
        Duration::ZERO
    }

    /// Whether as many of them have passed by then as its schedule allows looks.
    fn is_used_up(&self, by: Timestamp) -> bool {
        let _ = by;
        false
    }
}

/// How the reconciler looks at a wait.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Times {
    /// A webhook is to tell of it: slowly.
    Regular(Regular),
    /// Nobody else looks at it: as its schedule says.
    Pooled(Pooled),
}

impl Times {
    /// The times of the reconciler's checks of a wait on that integration.
    #[must_use]
    pub fn of(wait: &DueWait, integration: &Integration) -> Self {
        match integration.strategy {
            Strategy::Pooled => Self::Pooled(Pooled::of(wait, &integration.schedule)),
            // A polled wait is shown by the index only when it is to be closed.
            Strategy::Callback | Strategy::Poll => Self::Regular(Regular::beside_webhook(wait, &integration.schedule)),
        }
    }
}

impl CheckTimes for Times {
    fn first(&self) -> Timestamp {
        match self {
            Self::Regular(times) => times.first(),
            Self::Pooled(times) => times.first(),
        }
    }

    fn behind(&self, time: Timestamp) -> Timestamp {
        match self {
            Self::Regular(times) => times.behind(time),
            Self::Pooled(times) => times.behind(time),
        }
    }

    fn margin(&self) -> Duration {
        match self {
            Self::Regular(times) => times.margin(),
            Self::Pooled(times) => times.margin(),
        }
    }

    fn is_used_up(&self, by: Timestamp) -> bool {
        match self {
            Self::Regular(times) => times.is_used_up(by),
            Self::Pooled(times) => times.is_used_up(by),
        }
    }
}

/// Checks at equal distances: how a job is looked at that a webhook is to tell of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Regular {
    first: Timestamp,
    period: Duration,
}

impl Regular {
    /// The reconciler's checks of a wait on an integration with that schedule. The
    /// first one lies in the second half of the first period, in a place that goes
    /// by the wait's id, so that waits that began together are not all looked at
    /// together, a job that ends soon is rarely looked at, and yet a webhook that
    /// was lost is missed for no longer than one period.
    #[must_use]
    pub fn beside_webhook(wait: &DueWait, schedule: &Schedule) -> Self {
        let half = schedule.reconcile / 2;
        let half_ms = u64::try_from(half.as_millis()).unwrap_or(u64::MAX).max(1);
        let place = Duration::from_millis(spread(&wait.id) % half_ms);
        let began = wait.submitted_at.unwrap_or(wait.started_at);
        Self { first: later(began, half.saturating_add(place)), period: schedule.reconcile }
    }
}

impl CheckTimes for Regular {
    fn first(&self) -> Timestamp {
        self.first
    }

    fn behind(&self, time: Timestamp) -> Timestamp {
        let Ok(since) = Duration::try_from(time.duration_since(self.first)) else {
            return self.first;
        };
        let periods = since.as_millis() / self.period.as_millis().max(1) + 1;
        let periods = u32::try_from(periods).unwrap_or(u32::MAX);
        later(self.first, self.period.saturating_mul(periods))
    }
}

/// What is to be done with a wait in a window. A time in the window counts even
/// if the sweep itself comes later, but nothing is looked at once its deadline is
/// over, where its workflow closes it with a last look. Without `times` nobody can
/// tell when to look, and the wait is only closed.
#[must_use]
pub fn what(wait: &DueWait, times: Option<&impl CheckTimes>, window: Window, now: Timestamp) -> Task {
    match wait.status {
        Status::Succeeded | Status::Failed | Status::Expired | Status::Cancelled => Task::Deliver { since: wait.due },
        Status::Registered | Status::Submitted | Status::SubmitUnknown => {
            let closes_at = later(wait.deadline, CLOSE_GRACE);
            if window.until >= closes_at {
                return Task::Close { since: closes_at };
            }
            let times = times.filter(|_| wait.job_id.is_some() && now < wait.deadline);
            let check = times.and_then(|times| Some((times, check_in(wait, times, window)?)));
            // The deadline's own look follows the last one no sooner than any other.
            let check = check.filter(|(times, at)| *at < wait.deadline && later(*at, times.margin()) <= wait.deadline);
            check.map_or(Task::Nothing, |(times, since)| Task::Check { since, is_last: times.is_used_up(window.until) })
        }
    }
}

/// The wait's first time of a check in the window.
fn check_in(wait: &DueWait, times: &impl CheckTimes, window: Window) -> Option<Timestamp> {
    let Some(from) = window.from else {
        // Nobody has looked yet: any time that has passed will do.
        let has_begun = times.first().max(wait.due) <= window.until;
        return has_begun.then_some(window.until);
    };
    // Registering makes a wait due before its first check; putting it off, later.
    let was_put_off = wait.due >= times.first();
    let at = if was_put_off && wait.due > from { wait.due } else { times.behind(from.max(wait.due)) };
    (at <= window.until).then_some(at)
}

/// When a job that is looked at in this window was looked at before, or submitted if
/// it never was, as its times tell; `None` where it was put off, or the look before
/// got no usable answer.
#[must_use]
pub fn looked_before(wait: &DueWait, times: &impl CheckTimes, window: Window) -> Option<Timestamp> {
    let from = window.from.filter(|_| wait.failures == 0 && wait.refusals == 0)?;
    let was_put_off = wait.due >= times.first();
    if was_put_off && wait.due > from {
        return None;
    }
    let last = if was_put_off { last_by(times, from).max(Some(wait.due)) } else { last_by(times, from) };
    last.or(wait.submitted_at)
}

/// The last of the times that is no later than `by`: it is behind every time before
/// it, and behind none from it on, so that halving finds it.
fn last_by(times: &impl CheckTimes, by: Timestamp) -> Option<Timestamp> {
    if times.first() > by {
        return None;
    }
    let (mut last, mut none) = (times.first(), by);
    // Bounded: each step halves a time of 90 days, in milliseconds, at most.
    while last < none {
        let half = Duration::try_from(none.duration_since(last)).unwrap_or(Duration::ZERO) / 2;
        let middle = later(last, Duration::from_millis(u64::try_from(half.as_millis()).unwrap_or(u64::MAX)));
        let next = times.behind(middle);
        if next <= by { last = next } else { none = middle }
    }
    Some(last)
}

/// Until when a wait is put off, not to be looked at before `then`: a whole
/// millisecond behind it, as the table counts, and no later than it is closed.
#[must_use]
pub fn put_off(wait: &DueWait, then: Timestamp) -> Timestamp {
    later(then, Duration::from_millis(1)).min(later(wait.deadline, CLOSE_GRACE))
}

/// Until when a wait is put off whose third party asks, in its answer to a check,
/// to be left alone for so long; `None` if its next check is later anyway.
#[must_use]
pub fn left_alone(
    wait: &DueWait,
    times: &impl CheckTimes,
    asked: Option<Duration>,
    now: Timestamp,
) -> Option<Timestamp> {
    let then = later(now, asked?);
    (then > times.behind(now)).then(|| put_off(wait, then))
}

pub(super) fn later(time: Timestamp, by: Duration) -> Timestamp {
    time.saturating_add(signed(by)).unwrap_or(Timestamp::MAX)
}

/// A number that goes by the wait's id: FNV-1a
/// (<http://www.isthe.com/chongo/tech/comp/fnv/>), as any even spread will do.
pub(super) fn spread(id: &WaitId) -> u64 {
    let mix = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    id.as_str().bytes().fold(0xcbf2_9ce4_8422_2325, mix)
}

#[cfg(test)]
#[path = "sweep_tests.rs"]
mod tests;
