//! Schedules to compare, and what they cost and bring.

use super::super::durations::{Bucket, Durations};
use super::super::histogram::Histogram;
use super::super::optimum::Candidates;
use super::super::{Expected, Plan, Promptness};
use super::shapes::Random;
use crate::integration::{Jitter, Schedule};
use std::time::Duration;

/// A backoff with full jitter as Smithy's waiters have it: the delay before look
/// *n* lies anywhere between the minimum and *2^(n-1)* times that, up to the
/// maximum. Their look at once, at the submit itself, is left out: it finds
/// nothing, and stepwait does not make it either.
#[derive(Clone, Copy, Debug)]
pub(super) struct Smithy {
    pub(super) min_s: u32,
    pub(super) max_s: u32,
}

impl Smithy {
    pub(super) const ALL: [Self; 2] = [Self { min_s: 2, max_s: 30 }, Self { min_s: 5, max_s: 60 }];

    pub(super) fn schedule(self) -> Schedule {
        Schedule {
            first: Duration::from_secs(self.min_s.into()),
            min: Duration::from_secs(self.min_s.into()),
            max: Duration::from_secs(self.max_s.into()),
            growth_percent: 200,
            jitter: Jitter::Full,
            checks: None,
            reconcile: Duration::from_secs(600),
            learning: None,
        }
    }

    /// The delay in seconds after `looks` looks, where `share` of it is drawn.
    fn delay(self, looks: u32, share: f64) -> f64 {
        let (min, max) = (f64::from(self.min_s), f64::from(self.max_s));
        let grown = max.min(min * f64::from(1_u32 << looks.min(16)));
        min + (grown - min) * share
    }

    /// What it takes to find the ends of jobs of these durations.
    pub(super) fn run(self, durations: &[f64]) -> Expected {
        jittered(durations, |looks, share| self.delay(looks, share))
    }
}

/// The last look that finds a job pending and the one that finds its end, in seconds.
pub(super) fn jittered_looks(smithy: Smithy, took: f64, random: &mut Random) -> (f64, f64) {
    let (mut before, mut time, mut looks) = (0.0, 0.0, 0);
    while time < took {
        before = time;
        time += smithy.delay(looks, random.share());
        looks += 1;
    }
    (before, time)
}

/// What the waiters of Lambda's durable functions do by default: 5 s, growing by
/// half up to 300 s, drawn anywhere between nothing and that, and one second at least.
pub(super) fn durable(durations: &[f64]) -> Expected {
    jittered(durations, |look, share| {
        let grown = (5.0 * 1.5_f64.powi(look.min(30).cast_signed())).min(300.0);
        (grown * share).round().max(1.0)
    })
}

/// What looking by a schedule as integrations have it takes.
pub(super) fn drawn(schedule: &Schedule, durations: &[f64]) -> Expected {
    jittered(durations, |looks, share| {
        let spread_ms = f64::from(u32::try_from(schedule.max.as_millis()).unwrap());
        // Any number will do; this one is spread over far more than the longest delay.
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a positive number")]
        let random = (share * spread_ms * 1_000_003.0) as u64;
        schedule.delay(looks, random).as_secs_f64()
    })
}

/// Each job's own drawing of the delays; `delay` gets the looks before it.
fn jittered(durations: &[f64], delay: impl Fn(u32, f64) -> f64) -> Expected {
    let mut random = Random(7);
    mean(durations, |took| {
        let (mut time, mut looks) = (0.0, 0);
        while time < took {
            time += delay(looks, random.share());
            looks += 1;
        }
        (looks, time)
    })
}

/// Looks with the same time between them.
pub(super) fn fixed(interval_s: f64, durations: &[f64]) -> Expected {
    mean(durations, |took| {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "far below four billion")]
        let looks = ((took / interval_s).ceil() as u32).max(1);
        (looks, f64::from(looks) * interval_s)
    })
}

/// Looks at a plan's times and at those that it says follow: the average of
/// drawings, of which each look's are spread evenly.
pub(super) fn planned(plan: &Plan, durations: &[f64]) -> Expected {
    let longest = durations.iter().copied().fold(0.0, f64::max);
    let mut sum = Expected::default();
    for drawing in 0..DRAWINGS {
        let (mut times, mut elapsed, mut random) = (Vec::new(), Duration::ZERO, Random(drawing));
        while times.last().is_none_or(|last| *last < longest) {
            let looks = u64::try_from(times.len()).unwrap();
            let drawn = (random.next() / DRAWINGS) * DRAWINGS + (drawing + 5 * looks) % DRAWINGS;
            elapsed += plan.next(elapsed, u32::try_from(looks).unwrap(), drawn);
            times.push(elapsed.as_secs_f64());
        }
        sum = sum.plus(at(&times, durations));
    }
    Expected { checks: sum.checks / 16.0, delay_s: sum.delay_s / 16.0 }
}

/// As many as it takes for one to explore.
const DRAWINGS: u64 = 16;

/// Looks at these times.
pub(super) fn at(times: &[f64], durations: &[f64]) -> Expected {
    mean(durations, |took| {
        let found = times.partition_point(|time| *time < took);
        (u32::try_from(found + 1).unwrap(), times[found.min(times.len() - 1)])
    })
}

fn mean(durations: &[f64], mut look: impl FnMut(f64) -> (u32, f64)) -> Expected {
    let mut sum = Expected::default();
    for took in durations {
        let (looks, found) = look(*took);
        sum = sum.plus(Expected { checks: looks.into(), delay_s: found - took });
    }
    let count = f64::from(u32::try_from(durations.len()).unwrap());
    Expected { checks: sum.checks / count, delay_s: sum.delay_s / count }
}

/// The plan that finds these jobs as promptly as asked for, whatever it thinks itself.
pub(super) fn tuned(jobs: &Histogram, backoff: &Schedule, delay_s: f64, durations: &[f64]) -> Expected {
    tuned_by(delay_s, |target_s| {
        planned(&Plan::of(jobs, backoff, Promptness::Within(Duration::from_secs_f64(target_s))), durations)
    })
}

/// The fixed interval that does.
pub(super) fn tuned_fixed(delay_s: f64, durations: &[f64]) -> Expected {
    tuned_by(delay_s, |target_s| fixed(2.0 * target_s, durations))
}

/// The optimum for those who know how long jobs take, exactly.
pub(super) fn optimum(durations: &[f64], gap_s: f64, delay_s: f64) -> Expected {
    let parts: Vec<Bucket> =
        durations.windows(2).map(|ends| Bucket { low: ends[0], high: ends[1], jobs: 1.0 }).collect();
    let candidates = Candidates::of(&Durations::from_parts(&parts), gap_s);
    tuned_by(delay_s, |target_s| at(&candidates.within(target_s), durations))
}

/// The fewest looks that were met with a mean delay of at most `delay_s`.
fn tuned_by(delay_s: f64, run: impl Fn(f64) -> Expected) -> Expected {
    let (mut low, mut high) = (delay_s / 2.0, delay_s * 2.0);
    let mut best: Option<Expected> = None;
    for _ in 0..6 {
        let target_s = (low * high).sqrt();
        let met = run(target_s);
        if met.delay_s <= delay_s {
            low = target_s;
            best = best.filter(|best| best.checks <= met.checks).or(Some(met));
        } else {
            high = target_s;
        }
    }
    best.unwrap()
}
