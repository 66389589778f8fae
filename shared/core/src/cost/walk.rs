//! A polled wait, look by look, as the definitions and
//! [`decide::round`](crate::decide::round) have it go while the job is pending.

use super::Party;
use super::assumed::{INVOCATION, ROUND_STEP};
use crate::decide::check::Verdict;
use crate::decide::pooled::average_looks;
use crate::decide::round::{BreakEven, Next, Position, begin, begun_inside, next};
use crate::integration::{Integration, Jitter, Schedule};
use crate::message::Action;
use crate::{Timestamp, duration::signed};
use std::time::Duration;

/// The most looks of one wait that are counted, half a million: one a second in
/// all the rounds that fit into an execution's history (1,666 of 230 s) are fewer.
pub(super) const MAX_LOOKS: u64 = 500_000;

/// A wait with more looks than are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a wait has more than {MAX_LOOKS} looks; raise schedule.interval or lower deadline")]
pub struct TooManyLooks;

/// When each look is made that a job sees which never ends, from the submit on,
/// as far as `until`; the last one, by `close`, is not among them.
///
/// # Errors
/// [`TooManyLooks`].
pub fn looks(integration: &Integration, until: Duration) -> Result<Vec<Duration>, TooManyLooks> {
    let mut walk = Walk::begin(&integration.schedule, integration.deadline, INVOCATION);
    let mut times = Vec::new();
    while let Step::Look { at, .. } = walk.step() {
        if at > until {
            break;
        }
        if times.len() as u64 >= MAX_LOOKS {
            return Err(TooManyLooks);
        }
        times.push(at);
    }
    Ok(times)
}

/// The rounds of a wait.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Rounds {
    pub(super) count: u64,
    pub(super) billed_ms: u64,
}

/// What comes next in a polled wait.
pub(super) enum Step {
    /// A look.
    Look {
        /// So long after the submit.
        at: Duration,
        /// Whether it is the first of its round.
        begins_round: bool,
    },
    /// The last round is over: the last look said that there are no more, or a check found that time is up before it looked.
    Over { looked: bool },
}

/// A polled wait under way.
#[derive(Clone, Copy)]
pub(super) struct Walk<'a> {
    schedule: &'a Schedule,
    deadline: Timestamp,
    /// How long a look takes.
    look: Duration,
    now: Timestamp,
    round_started_at: Timestamp,
    begins_round: bool,
    checks: u32,
    next: Next,
    rounds: Rounds,
}

/// When walks begin. Any time would do: only differences count.
const BEGINNING: Timestamp = Timestamp::UNIX_EPOCH;

impl<'a> Walk<'a> {
    pub(super) fn begin(schedule: &'a Schedule, deadline: Duration, look: Duration) -> Self {
        let deadline = later(BEGINNING, deadline);
        let next = begin(schedule, None, deadline, BEGINNING, BreakEven::default(), at_mean(schedule, 0));
        Self {
            schedule,
            deadline,
            look,
            now: BEGINNING,
            round_started_at: BEGINNING,
            begins_round: true,
            checks: 0,
            next,
            rounds: Rounds::default(),
        }
    }

    /// The same where the submit, which takes as long as a look, is made in the first
    /// round: the round has begun before it.
    pub(super) fn submits_in_its_round(mut self) -> Self {
        self.round_started_at = self.now.saturating_sub(signed(self.look)).unwrap_or(Timestamp::MIN);
        self.next = begun_inside(self.next, self.round_started_at, self.now);
        self
    }

    /// Sleeps as was decided, then looks at the job and finds it pending.
    pub(super) fn step(&mut self) -> Step {
        let seconds = Duration::from_secs(self.next.seconds);
        match self.next.action {
            Action::Wait => self.now = later(self.now, seconds),
            Action::Leave => {
                self.end_round();
                self.now = later(self.now, seconds);
                self.round_started_at = self.now;
                self.begins_round = true;
            }
            Action::Expired | Action::Exhausted | Action::Done => return Step::Over { looked: true },
        }
        let looked_at = self.now;
        self.now = later(self.now, self.look);
        if looked_at >= self.deadline {
            return Step::Over { looked: false };
        }
        self.checks = self.checks.saturating_add(1);
        let position = Position {
            checks: self.checks,
            submitted_at: Some(BEGINNING),
            round_started_at: self.round_started_at,
            deadline: self.deadline,
            now: self.now,
            break_even: BreakEven::default(),
        };
        let pending = Verdict::Pending { retry_after: None };
        self.next = next(self.schedule, &pending, position, at_mean(self.schedule, self.checks));
        let begins_round = std::mem::take(&mut self.begins_round);
        Step::Look { at: between(BEGINNING, looked_at), begins_round }
    }

    /// How long ago the submit was.
    pub(super) fn elapsed(&self) -> Duration {
        between(BEGINNING, self.now)
    }

    fn end_round(&mut self) {
        let step = milliseconds(ROUND_STEP);
        let billed = milliseconds(between(self.round_started_at, self.now)).div_ceil(step).max(1) * step;
        self.rounds.count += 1;
        self.rounds.billed_ms += billed;
    }

    /// The rounds that the wait has taken if it is over now, and its last round with it.
    pub(super) fn rounds(&self) -> Rounds {
        let mut so_far = *self;
        so_far.end_round();
        so_far.rounds
    }
}

/// When each look is made, in milliseconds from the submit, by a schedule alone:
/// looks that take no time, and each random delay at its mean. The last one is the
/// first that comes no earlier than `until`, if there is such a one.
pub(super) fn nominal(schedule: &Schedule, until: u64) -> Result<Vec<u64>, TooManyLooks> {
    let (mut times, mut at) = (Vec::new(), 0);
    while at < until && schedule.checks.is_none_or(|most| times.len() < most as usize) {
        let checks = u32::try_from(times.len()).unwrap_or(u32::MAX);
        let delay = schedule.delay_after(Some(Duration::from_millis(at)), checks, at_mean(schedule, checks));
        at += milliseconds(delay).max(1);
        if times.len() as u64 >= MAX_LOOKS {
            return Err(TooManyLooks);
        }
        times.push(at);
    }
    Ok(times)
}

/// When each look at a pooled job becomes due that has not ended, in milliseconds
/// from the submit, by the reconciler's own decisions. The last one is the first
/// that comes no earlier than `until`, if there is such a one.
pub(super) fn pooled_looks(party: &Party, until: u64) -> Result<Vec<u64>, TooManyLooks> {
    let mut times = Vec::new();
    for at in average_looks(&party.schedule, party.deadline).map(milliseconds) {
        if times.len() as u64 >= MAX_LOOKS {
            return Err(TooManyLooks);
        }
        times.push(at);
        if at >= until {
            break;
        }
    }
    Ok(times)
}

/// The number by which a schedule draws the mean of its next delay. By what earlier
/// jobs teach nothing is drawn but a look by chance, which is left out.
fn at_mean(schedule: &Schedule, checks: u32) -> u64 {
    if checks == 0 || schedule.learned().is_some() {
        return 0;
    }
    milliseconds(longest_delay(schedule, checks).saturating_sub(schedule.min)) / 2
}

/// The longest delay that a schedule as it is written may draw after `checks` looks.
#[must_use]
pub fn longest_delay(schedule: &Schedule, checks: u32) -> Duration {
    Schedule { jitter: Jitter::None, ..schedule.clone() }.delay(checks, 0)
}

fn later(time: Timestamp, by: Duration) -> Timestamp {
    time.saturating_add(signed(by)).unwrap_or(Timestamp::MAX)
}

fn between(from: Timestamp, to: Timestamp) -> Duration {
    Duration::try_from(to.duration_since(from)).unwrap_or(Duration::ZERO)
}

pub(super) fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
