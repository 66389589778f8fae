//! How fast, and when not at all, a third party may be asked by all executions
//! together.
//!
//! Nobody sees all requests, so what is known of one third party is one row that
//! everybody changes by guarded updates: its [`Gate`]. Whoever wants to send a
//! request reads the gate and asks [`ask`], which answers *go*, *later*, or with
//! the one guarded update ([`Attempt`]) by which to take the right to send. An
//! update that is refused brings the row as it is, and one asks again.
//!
//! Two things stand on the row, each with its own kind of update:
//!
//! - **The rate** ([`Gate::next_at_us`]) moves by arithmetic. It is the generic
//!   cell rate algorithm, as GCRA known from ATM networks (ITU-T I.371): each
//!   request moves the time of the next one on by the interval, and may go up to
//!   a second ahead of that time. Since every update moves the time on by at least
//!   the interval, callers cannot overshoot together, in whatever order they write.
//! - **The health** ([`Health`]) moves by compare-and-set: a circuit breaker, and
//!   the pause that a third party asks for. It is closed, open for a pause, and
//!   then half-open: one probe goes, by which everybody else's pause is extended
//!   for as long as a probe can take.
//!
//! Reading first, and not trying at once, is deliberate: a crowd that is turned
//! away then costs reads, which an item has more of and which are cheaper.
//!
//! [`places`] is the other limit: how many jobs may be at a third party at a time.
//! [`memory`] keeps both for tests and simulations.

mod health;
pub mod memory;
pub mod places;

pub use health::{FAILURES_TO_OPEN, Health, Heard};

use crate::Timestamp;
use crate::integration::Limits;
use std::time::Duration;

/// How far ahead of the rate requests may go, one second: the burst after a
/// quiet time is then what a second allows.
const AHEAD_US: i64 = 1_000_000;

/// How often one caller tries to get through the gate before it comes later:
/// each refusal means that another one got through.
pub const MAX_TRIES: u32 = 4;

/// Over how many intervals those are spread that come later, ten: a crowd of ten
/// comes one by one then, and a larger one is spread again.
const SPREAD_INTERVALS: u32 = 10;

/// The least spread of those who come later, one second: Wait states count whole ones.
const MIN_SPREAD: Duration = Duration::from_secs(1);

/// How long a probe keeps the others away, 15 seconds: longer than a request may
/// take (10 s), so that a live probe is never joined by a second one.
const PROBE_LEASE_US: i64 = 15_000_000;

/// What is known of a third party, on one row for all executions. Times are
/// microseconds since 1970, as a thousand requests a second need them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Gate {
    /// When the next request is due by the rate; in the past when it is quiet.
    pub next_at_us: i64,
    /// How the third party is doing.
    pub health: Health,
}

/// What a caller may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Send the request.
    Go,
    /// Send it if this update is applied.
    Try(Attempt),
    /// Come back later.
    Later(Later),
}

/// Whether a request may go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admission {
    /// It may go now.
    Go,
    /// It must not go now.
    Later(Later),
}

/// Why a request must not go now, and how long to stay away.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Later {
    /// As many jobs are at the third party as may be.
    #[error("{most} of {most} places are taken (limits.in_flight); the submit stands in line")]
    Full {
        /// The most jobs at a time.
        most: u16,
    },
    /// As many requests were sent as may be.
    #[error("limits.per_second is used up; the next request may go in {}", seconds(*.away))]
    Rate {
        /// How long to stay away.
        away: Duration,
    },
    /// The third party asked to be left alone.
    #[error("it asked to be left alone; the next request may go in {}", seconds(*.away))]
    Throttled {
        /// How long to stay away.
        away: Duration,
    },
    /// The third party is down.
    #[error("it is down, and limits.breaker keeps requests away; the next one may go in {}", seconds(*.away))]
    Down {
        /// How long to stay away.
        away: Duration,
    },
}

impl Later {
    /// How long to stay away; none where only a job's end makes room.
    #[must_use]
    pub const fn away(self) -> Duration {
        match self {
            Self::Full { .. } => Duration::ZERO,
            Self::Rate { away } | Self::Throttled { away } | Self::Down { away } => away,
        }
    }
}

fn seconds(away: Duration) -> String {
    format!("{:.1} s", away.as_secs_f64())
}

/// A guarded update by which a caller takes the right to send one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attempt {
    /// Behind requests that went ahead of the rate: if
    /// `now < next_at <= latest`, and nobody is to stay away,
    /// `next_at = next_at + interval`.
    Queue {
        /// The caller's now.
        now_us: i64,
        /// How far ahead the rate may be.
        latest_us: i64,
        /// The time between two requests.
        interval_us: i64,
    },
    /// After a quiet time: if `next_at <= now`, and nobody is to stay away,
    /// `next_at = next`.
    Restart {
        /// The caller's now.
        now_us: i64,
        /// An interval from now.
        next_at_us: i64,
    },
    /// As the one request that tries out a third party that was down: if the
    /// health is as it was seen, it is `turn.becomes`, and `next_at = next`.
    Probe {
        /// The others stay away while the probe is out.
        turn: Turn,
        /// An interval from now, where there is a rate.
        next_at_us: i64,
    },
}

/// A compare-and-set of the health.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Turn {
    /// Applies if the health is this,
    pub seen: Health,
    /// and makes it that.
    pub becomes: Health,
}

impl Attempt {
    /// The gate after the update; `None` if its condition does not hold. The
    /// table's conditions say the same; stores without conditions use this.
    #[must_use]
    pub fn apply(&self, gate: Gate) -> Option<Gate> {
        match *self {
            Self::Queue { now_us, latest_us, interval_us } => {
                let is_due = gate.next_at_us > now_us && gate.next_at_us <= latest_us;
                let next_at_us = gate.next_at_us.saturating_add(interval_us);
                (is_due && gate.health.lets_through(now_us)).then_some(Gate { next_at_us, ..gate })
            }
            Self::Restart { now_us, next_at_us } => {
                (gate.next_at_us <= now_us && gate.health.lets_through(now_us)).then_some(Gate { next_at_us, ..gate })
            }
            Self::Probe { turn, next_at_us } => turn.apply(gate).map(|gate| Gate { next_at_us, ..gate }),
        }
    }
}

impl Turn {
    /// The gate after the update; `None` if the health is not as it was seen.
    #[must_use]
    pub fn apply(&self, gate: Gate) -> Option<Gate> {
        (gate.health == self.seen).then_some(Gate { health: self.becomes, ..gate })
    }
}

impl Limits {
    /// Whether requests pass a gate at all.
    #[must_use]
    pub const fn has_gate(&self) -> bool {
        self.interval.is_some() || self.breaker
    }

    fn interval_us(&self) -> Option<i64> {
        self.interval.map(|interval| i64::try_from(interval.as_micros()).unwrap_or(i64::MAX))
    }
}

/// What a caller may do at a gate that it has seen so. `random` is any number.
#[must_use]
pub fn ask(limits: &Limits, gate: &Gate, now: Timestamp, random: u64) -> Answer {
    let now_us = now.as_microsecond();
    let Gate { next_at_us, health } = *gate;
    if let Some(later) = stay_away(limits, health, now, random) {
        return Answer::Later(later);
    }
    let next_us = now_us.saturating_add(limits.interval_us().unwrap_or(0));
    let rate = |until_us: i64| Later::Rate { away: spread(limits, until_us.saturating_sub(now_us), random) };
    if health.is_down() {
        if limits.interval.is_some() && next_at_us > now_us {
            return Answer::Later(rate(next_at_us));
        }
        let becomes = Health { paused_until_us: now_us.saturating_add(PROBE_LEASE_US), probing: true, ..health };
        return Answer::Try(Attempt::Probe {
            turn: Turn { seen: health, becomes },
            next_at_us: next_us.max(next_at_us),
        });
    }
    let Some(interval_us) = limits.interval_us() else {
        return Answer::Go;
    };
    let ahead_us = (AHEAD_US - interval_us).max(0);
    let latest_us = now_us.saturating_add(ahead_us);
    if next_at_us <= now_us {
        Answer::Try(Attempt::Restart { now_us, next_at_us: next_us })
    } else if next_at_us <= latest_us {
        Answer::Try(Attempt::Queue { now_us, latest_us, interval_us })
    } else {
        Answer::Later(rate(next_at_us.saturating_sub(ahead_us)))
    }
}

/// Why nobody may go now, if it is the third party's health.
#[must_use]
pub fn stay_away(limits: &Limits, health: Health, now: Timestamp, random: u64) -> Option<Later> {
    let left_us = health.paused_until_us.saturating_sub(now.as_microsecond());
    (left_us > 0).then(|| {
        let away = spread(limits, left_us, random);
        if health.is_down() { Later::Down { away } } else { Later::Throttled { away } }
    })
}

/// What a caller is told that was refused [`MAX_TRIES`] times: there is a crowd.
#[must_use]
pub fn crowded(limits: &Limits, random: u64) -> Later {
    Later::Rate { away: spread(limits, 0, random) }
}

/// At least `left`, and a random time more, so that those who were turned away
/// together do not come back together.
fn spread(limits: &Limits, left_us: i64, random: u64) -> Duration {
    let left = Duration::from_micros(u64::try_from(left_us).unwrap_or(0));
    let intervals = limits.interval.unwrap_or_default().saturating_mul(SPREAD_INTERVALS);
    let most = (left / 2).max(intervals).max(MIN_SPREAD);
    let most_us = u64::try_from(most.as_micros()).unwrap_or(u64::MAX);
    left.saturating_add(Duration::from_micros(random % most_us.max(1)))
}

#[cfg(test)]
mod tests;
