//! Counts and money, calculated by hand.

mod bars;
mod consequences;
mod course;
mod ways;
mod writes;

use super::{Durations, Party, Usage};
use crate::integration::{Jitter, Schedule};
use std::time::Duration;

/// A third party that is looked at once in `every`, exactly, for a year at most.
fn every(every: Duration) -> Party {
    let schedule = Schedule {
        first: every,
        min: every,
        max: every,
        growth_percent: 200,
        jitter: Jitter::Full,
        checks: None,
        reconcile: Duration::from_mins(10),
        learning: None,
    };
    Party::plain(schedule, Duration::from_hours(365 * 24))
}

/// Nano-dollars of a million waits as dollars, to the nearest.
fn dollars(nano: u64) -> u64 {
    (nano + 500_000_000) / 1_000_000_000
}

/// Without logs, as the table of consequences and the bars count.
fn without_logs(usage: Usage) -> Usage {
    Usage { log_bytes: 0, ..usage }
}

fn minutes(minutes: u64) -> Durations {
    Durations::Constant(Duration::from_mins(minutes))
}
