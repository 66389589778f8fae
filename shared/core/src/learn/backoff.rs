//! What a schedule that grows and jitters costs and brings, on average.

use super::durations::{Durations, Ended, Expected};
use crate::integration::{Jitter, Schedule};

/// Over how many drawings of the delays is averaged: a power of two. Each look's
/// random numbers are spread evenly over them, which leaves about a percent of error.
const DRAWINGS: u64 = 256;

/// The looks that are followed one by one before delays count by their average:
/// by then, drawings have spread over more than an interval.
const FOLLOWED_JITTERED: u32 = 128;

/// The same without jitter, where there is one drawing alone.
const FOLLOWED_PLAIN: u32 = 4_096;

/// What looking by `schedule` costs and brings, where jobs take as long as `durations` says.
#[expect(clippy::cast_precision_loss, reason = "256 drawings are exact in f64")]
pub(super) fn expected(schedule: &Schedule, durations: &Durations) -> Expected {
    let (drawings, followed) = match schedule.jitter {
        Jitter::Full => (DRAWINGS, FOLLOWED_JITTERED),
        Jitter::None => (1, FOLLOWED_PLAIN),
    };
    let mut sum = Expected::default();
    for drawing in 0..drawings {
        sum = sum.plus(drawn(schedule, durations, drawing, followed));
    }
    let drawings = drawings as f64;
    Expected { checks: sum.checks / drawings, delay_s: sum.delay_s / drawings }
}

fn drawn(schedule: &Schedule, durations: &Durations, drawing: u64, followed: u32) -> Expected {
    let (mut sum, mut from, mut time_s) = (Expected::default(), Ended::default(), 0.0);
    for checks in 0..followed {
        time_s += schedule.delay(checks, random(schedule, drawing, checks)).as_secs_f64();
        let to = durations.by(time_s);
        sum = sum.plus(Durations::look(from, to, time_s));
        from = to;
        if time_s >= durations.longest() {
            return sum;
        }
    }
    sum.plus(steady(schedule, durations, from, time_s))
}

/// What follows once the delays no longer grow: a job that ends then is as
/// likely to end anywhere between two looks, and more so in a long delay.
fn steady(schedule: &Schedule, durations: &Durations, from: Ended, time_s: f64) -> Expected {
    let max = schedule.max.as_secs_f64();
    let min = match schedule.jitter {
        Jitter::Full => schedule.min.as_secs_f64(),
        Jitter::None => max,
    };
    let mean = (min + max) / 2.0;
    let mean_of_squares = (min * min + min * max + max * max) / 3.0;
    let all = durations.by(durations.longest());
    let running = (all.share - from.share).max(0.0);
    let left_s = (all.moment - from.moment - running * time_s).max(0.0);
    let half_a_look = mean_of_squares / (2.0 * mean * mean);
    Expected { checks: left_s / mean + half_a_look * running, delay_s: half_a_look * mean * running }
}

/// A number whose delay is this drawing's: over all drawings, each look's are
/// spread evenly between the least and the most, in an order of its own.
fn random(schedule: &Schedule, drawing: u64, checks: u32) -> u64 {
    let mixed = mix(u64::from(checks));
    // An odd factor and any offset permute the drawings.
    let place = ((mixed | 1).wrapping_mul(drawing).wrapping_add(mixed >> 32)) % DRAWINGS;
    let grown = Schedule { jitter: Jitter::None, ..schedule.clone() }.delay(checks, 0);
    // At most a day, so the product below is far from overflowing.
    let spread_ms = u64::try_from(grown.saturating_sub(schedule.min).as_millis()).unwrap_or_default();
    (2 * place + 1) * spread_ms / (2 * DRAWINGS)
}

/// A well-mixed number, the finaliser of splitmix64 (<https://prng.di.unimi.it/splitmix64.c>, public domain).
fn mix(number: u64) -> u64 {
    let mut mixed = number.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}
