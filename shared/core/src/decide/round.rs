//! Sleep inside the Express round, or leave it?
//!
//! Express bills time also while it waits; Standard bills transitions and waits
//! for nothing. Leaving a round, waiting in the Standard workflow and coming
//! back costs three transitions and another start of the Express workflow, which
//! buys [`BREAK_EVEN`] of Express time. A next look nearer than that is waited for
//! inside, a later one outside. A deployment may set another break-even
//! ([`BreakEven`]): where a larger state is billed more memory, for example, or
//! where prices differ.

use super::check::Verdict;
use crate::cost::EACH_FURTHER_ROUND;
use crate::cost::assumed::ROUND_MB;
use crate::cost::prices::break_even_ms_of_table;
use crate::integration::Schedule;
use crate::message::Action;
use crate::{Timestamp, duration::signed};
use std::time::Duration;

/// How long an Express workflow of the least memory may wait for what leaving it
/// and coming back costs, in whole seconds: by the price table
/// ($0.000075 + $0.000001) / $0.00000104 = 72 seconds.
pub const BREAK_EVEN: Duration = {
    let ms = break_even_ms_of_table(EACH_FURTHER_ROUND.len() as u64, ROUND_MB);
    Duration::from_secs(ms / 1_000)
};

/// The break-even of a deployment, 1 to 230 seconds: no round waits for longer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BreakEven(Duration);

/// Not a break-even.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0} s is no break-even between waiting inside a round and leaving it: write 1 to {most} s", most = ROUND.as_secs())]
pub struct NoBreakEven(u64);

impl BreakEven {
    /// So many seconds.
    ///
    /// # Errors
    /// [`NoBreakEven`] when they are none, or more than a round lasts.
    pub const fn of_seconds(seconds: u64) -> Result<Self, NoBreakEven> {
        if seconds == 0 || seconds > ROUND.as_secs() {
            return Err(NoBreakEven(seconds));
        }
        Ok(Self(Duration::from_secs(seconds)))
    }

    /// The longest delay that is waited for inside a round.
    #[must_use]
    pub const fn longest_inside(self) -> Duration {
        self.0
    }
}

impl Default for BreakEven {
    fn default() -> Self {
        Self(BREAK_EVEN)
    }
}

/// How long a round may go on before its next look must start, 230 seconds: the
/// definition ends a round at 284, well before Step Functions would at 300, and a
/// look with all pages of its result takes at most 50 (the Task's time limit).
pub const ROUND: Duration = Duration::from_secs(230);

/// What follows from a submit, or from a check that did not end the wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Next {
    /// Wait inside, leave, or give up.
    pub action: Action,
    /// Seconds until the next look, rounded up; 0 when there is none.
    pub seconds: u64,
}

/// Decides how the first round begins, right after the submit: the first look
/// is as far away as the schedule has it, or as the third party asks for, unless the
/// deadline is nearer.
#[must_use]
pub fn begin(
    schedule: &Schedule,
    asked: Option<Duration>,
    deadline: Timestamp,
    now: Timestamp,
    break_even: BreakEven,
    random: u64,
) -> Next {
    let by_schedule = || schedule.delay_after(Some(Duration::ZERO), 0, random);
    let planned = asked.map_or_else(by_schedule, |asked| asked.max(schedule.min));
    let seconds = seconds_until(planned, schedule.min, left(deadline, now));
    let stay = Duration::from_secs(seconds) <= break_even.0;
    Next { action: if stay { Action::Wait } else { Action::Leave }, seconds }
}

/// The same where the submit was made inside the round: what is left of the round
/// is less by the time that it took.
#[must_use]
pub fn begun_inside(next: Next, round_started_at: Timestamp, now: Timestamp) -> Next {
    if next.action == Action::Wait && !fits(next.seconds, round_started_at, now) {
        return Next { action: Action::Leave, ..next };
    }
    next
}

/// Where a wait stands in its schedule when it is decided what to do next.
#[derive(Clone, Copy, Debug)]
pub struct Position {
    /// Looks so far, this one included.
    pub checks: u32,
    /// When the job was submitted, if that is known.
    pub submitted_at: Option<Timestamp>,
    /// When the round began.
    pub round_started_at: Timestamp,
    /// When the wait is given up.
    pub deadline: Timestamp,
    /// Now.
    pub now: Timestamp,
    /// What is waited for inside a round.
    pub break_even: BreakEven,
}

/// Decides what follows from a verdict that leaves the job pending.
///
/// What the third party asks for counts before the schedule, between the least
/// interval and the deadline. No look is planned so near to the deadline that
/// the closing one would follow it sooner than the least interval: the last
/// look before it is moved forward to lie one interval before the deadline, as
/// Smithy's waiters do, and after that one the wait sleeps to its end, where
/// closing it looks once more.
#[must_use]
pub fn next(schedule: &Schedule, verdict: &Verdict, position: Position, random: u64) -> Next {
    let Position { checks, deadline, now, .. } = position;
    let left = left(deadline, now);
    if left.is_zero() {
        return Next { action: Action::Expired, seconds: 0 };
    }
    if schedule.checks.is_some_and(|most| checks >= most) {
        return Next { action: Action::Exhausted, seconds: 0 };
    }
    // A clock that runs behind the submit's says that no time has passed.
    let since = |at| Duration::try_from(now.duration_since(at)).unwrap_or(Duration::ZERO);
    let elapsed = position.submitted_at.map(since);
    let by_schedule = || schedule.delay_after(elapsed, checks, random);
    let planned = verdict.retry_after().unwrap_or_else(by_schedule).max(schedule.min);
    sleep(seconds_until(planned, schedule.min, left), position)
}

/// Decides what follows when the next look must not be made before `delay` has
/// passed, as the third party's limits have it.
#[must_use]
pub fn later(delay: Duration, position: Position) -> Next {
    let left = left(position.deadline, position.now);
    if left.is_zero() {
        return Next { action: Action::Expired, seconds: 0 };
    }
    sleep(whole_seconds(delay.max(Duration::from_secs(1)).min(left)), position)
}

/// Sleeps inside the round or outside of it.
fn sleep(seconds: u64, position: Position) -> Next {
    let Position { round_started_at, now, break_even, .. } = position;
    let stay = fits(seconds, round_started_at, now) && Duration::from_secs(seconds) <= break_even.0;
    Next { action: if stay { Action::Wait } else { Action::Leave }, seconds }
}

/// Whether a look in so many seconds starts within the round.
fn fits(seconds: u64, round_started_at: Timestamp, now: Timestamp) -> bool {
    let looks_at = now.saturating_add(signed(Duration::from_secs(seconds))).unwrap_or(Timestamp::MAX);
    looks_at.duration_since(round_started_at) <= signed(ROUND)
}

/// The seconds until the next look, such that at least `min` lies between it
/// and the closing one at the deadline, or until that one.
fn seconds_until(planned: Duration, min: Duration, left: Duration) -> u64 {
    let (planned, min) = (whole_seconds(planned), whole_seconds(min));
    // The closing look is not to come before the deadline; every other lies within it.
    let (to_close, within) = (whole_seconds(left), left.as_secs());
    if planned.saturating_add(min) <= within {
        planned
    } else if min.saturating_mul(2) <= within {
        within - min
    } else {
        to_close
    }
}

/// The time until the deadline; none once it has passed.
fn left(deadline: Timestamp, now: Timestamp) -> Duration {
    Duration::try_from(deadline.duration_since(now)).unwrap_or(Duration::ZERO)
}

/// Wait states count whole seconds; rounding up never asks too early.
fn whole_seconds(duration: Duration) -> u64 {
    duration.as_secs() + u64::from(duration.subsec_nanos() > 0)
}

#[cfg(test)]
#[path = "round_tests.rs"]
mod tests;
