//! When to look at a job, given how long those before it took.

use super::durations::{Durations, Expected};
use super::histogram::Histogram;
use super::legs::{Leg, legs};
use super::{backoff, optimum::Candidates};
use crate::integration::Schedule;
use std::time::Duration;

/// Below so many observations a plan stays with the backoff. Of the next job,
/// two shares in *n* + 1 lie outside of all that was seen; at 20 that is still a
/// tenth, and below it the plan would mostly provide for what it knows nothing of.
pub const LEAST_OBSERVATIONS: u32 = 20;

/// One wait in so many looks once more within a stretch that the plan leaves
/// out. Otherwise a vendor that has become faster would be found where the plan
/// looks, as ever, and nobody would learn of it.
const EXPLORES_ONE_IN: u64 = 16;

/// How soon after a job's end it is to be found, on average.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Promptness {
    /// As soon as the backoff finds it that the plan replaces: the same delay for fewer looks.
    #[default]
    AsTheBackoff,
    /// After this time.
    Within(Duration),
}

/// When to look at a job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Plan {
    /// By the schedule as it is written.
    Backoff(Schedule),
    /// At the times learned, and by the backoff after them.
    Learned(Learned),
}

/// Times learned from earlier jobs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Learned {
    /// At most 64; each begins where the one before ends, the first at the submit.
    pub(super) legs: Vec<Leg>,
    /// By which looks follow after the last leg.
    pub(super) backoff: Schedule,
}

impl Plan {
    /// The fewest looks that find the ends of jobs like those of the histogram
    /// as promptly as asked for, with at least `backoff.min` between any two.
    ///
    /// It stays with the backoff while fewer than [`LEAST_OBSERVATIONS`] are
    /// held, and where learning saves no look.
    #[must_use]
    pub fn of(jobs: &Histogram, backoff: &Schedule, promptness: Promptness) -> Self {
        let known = Durations::of(jobs).filter(|_| jobs.observations() >= LEAST_OBSERVATIONS);
        let Some(durations) = known else { return Self::Backoff(backoff.clone()) };
        let replaced = backoff::expected(backoff, &durations);
        let target_s = match promptness {
            Promptness::AsTheBackoff => replaced.delay_s,
            Promptness::Within(delay) => delay.as_secs_f64(),
        };
        let times = Candidates::of(&durations, least_gap_s(backoff)).within(target_s);
        let learned = Learned { legs: legs(&times, &durations), backoff: backoff.clone() };
        let expected = durations.expected(learned.times_s());
        let saves = expected.checks < replaced.checks || target_s < replaced.delay_s;
        if saves { Self::Learned(learned) } else { Self::Backoff(backoff.clone()) }
    }

    /// The time until the next look: `elapsed` since the submit, after `checks`
    /// looks. A learned plan goes by the former, a backoff by the latter; both go
    /// by `random`, which may be any number.
    #[must_use]
    pub fn next(&self, elapsed: Duration, checks: u32, random: u64) -> Duration {
        match self {
            Self::Backoff(schedule) => schedule.delay(checks, random),
            Self::Learned(learned) => learned.next(elapsed, random),
        }
    }

    /// What this plan costs and brings for jobs like those of the histogram, on
    /// average; `None` where it has seen none.
    #[must_use]
    pub fn expected(&self, jobs: &Histogram) -> Option<Expected> {
        let durations = Durations::of(jobs)?;
        Some(match self {
            Self::Backoff(schedule) => backoff::expected(schedule, &durations),
            Self::Learned(learned) => durations.expected(learned.times_s()),
        })
    }
}

impl Learned {
    /// The learned times since the submit in whole seconds, ascending.
    pub fn times(&self) -> impl Iterator<Item = Duration> {
        let begins = self.legs.iter().scan(0, |end_s, leg| {
            let begin_s = *end_s;
            *end_s += leg.span_s;
            Some(begin_s)
        });
        self.legs.iter().zip(begins).flat_map(|(leg, begin_s)| leg.times_s(begin_s)).map(Duration::from_secs)
    }

    fn times_s(&self) -> impl Iterator<Item = f64> {
        self.times().map(|time| time.as_secs_f64())
    }

    /// The time until the next look, `elapsed` since the submit: at least the backoff's
    /// minimum. `random` may be any number; by one in 16 a long delay is cut short.
    #[must_use]
    pub fn next(&self, elapsed: Duration, random: u64) -> Duration {
        // A look that came late, or that the third party put off, may lie just before a
        // time of the plan: that one comes later then, and is not left out.
        let delay = self.behind(elapsed).at.saturating_sub(elapsed);
        self.explored(delay.max(self.backoff.min), random)
    }

    /// The delay, or now and then a shorter one, where it is more than twice as long as any of the backoff's.
    pub(super) fn explored(&self, delay: Duration, random: u64) -> Duration {
        let (min, max) = (self.backoff.min, self.backoff.max);
        if delay <= max.saturating_mul(2) || random % EXPLORES_ONE_IN != EXPLORES_ONE_IN - 1 {
            return delay;
        }
        // The least gap is kept on both sides: the delay is at least twice as long.
        let within_s = delay.saturating_sub(min.saturating_mul(2)).as_secs();
        min + Duration::from_secs((random / EXPLORES_ONE_IN) % within_s.saturating_add(1))
    }

    /// The time until the next look, so long after the last leg. Nothing seen took
    /// as long; the time since then grows by the factor of the backoff.
    pub(super) fn beyond(&self, since: Duration) -> Duration {
        let (min, max) = (self.backoff.min, self.backoff.max);
        let grown = since.saturating_mul(self.backoff.growth_percent.saturating_sub(100)) / 100;
        grown.clamp(min, max.max(min))
    }
}

/// The least time between two looks in whole seconds, as Wait states count them.
fn least_gap_s(backoff: &Schedule) -> f64 {
    backoff.min.as_secs_f64().ceil().max(1.0)
}
