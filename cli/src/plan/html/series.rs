//! What the charts show, calculated point by point.

use std::time::Duration;

use stepwait_core::cost::{Durations, Estimate, Party, Prices, Waits, Way, estimate};

use super::super::compare::{Asked, Comparison, Interval};

/// The intervals of the first chart, in seconds; a second on each side of the break-even.
const INTERVALS: [u64; 24] =
    [1, 2, 3, 5, 7, 10, 15, 20, 30, 45, 60, 72, 73, 90, 120, 180, 240, 300, 450, 600, 900, 1_200, 1_800, 3_600];

/// The durations of the second chart, in seconds.
const DURATIONS: [u64; 22] = [
    5, 10, 15, 20, 30, 45, 60, 90, 120, 180, 300, 450, 600, 900, 1_800, 3_600, 7_200, 14_400, 28_800, 43_200, 86_400,
    172_800,
];

/// The intervals of schedules in the third chart that are the same from look to look, in seconds.
const CONSTANT: [u64; 9] = [2, 5, 10, 20, 30, 60, 120, 300, 600];

/// Those that grow, in seconds.
const GROWING: [(u64, u64); 5] = [(1, 30), (2, 60), (5, 120), (10, 300), (30, 600)];

/// A way's cost, in nano-dollars of a million waits with their submit, at each value
/// of the axis in milliseconds; absent where it has more looks than are counted.
pub(super) struct Curve {
    pub(super) way: Way,
    pub(super) points: Vec<(u64, Option<u64>)>,
}

fn nano(estimate: &Estimate, asked: &Asked, prices: &Prices) -> u64 {
    estimate.whole().nano_dollars(prices, asked.architecture)
}

/// The ways that the comparison has figures for.
fn ways(comparison: &Comparison) -> impl Iterator<Item = Way> {
    comparison.rows.iter().filter(|row| row.figures.is_ok()).map(|row| row.way)
}

/// Cost against the interval between looks, for jobs that take as long as is asked.
pub(super) fn by_interval(comparison: &Comparison, prices: &Prices) -> Vec<Curve> {
    let Comparison { party, asked, .. } = comparison;
    let of = |way, seconds: u64| {
        let every = Interval::constant(Duration::from_secs(seconds));
        let party = Party { schedule: every.schedule(party.schedule.reconcile), ..party.clone() };
        let waits = Waits { party: &party, durations: &asked.durations, per_month: asked.per_month, look: asked.look };
        estimate(way, waits).ok().map(|estimate| nano(&estimate, asked, prices))
    };
    // Longer ones would hardly look before the deadline.
    let within = || INTERVALS.iter().filter(|seconds| Duration::from_secs(**seconds * 2) <= party.deadline);
    let curve = |way| Curve { way, points: within().map(|secs| (secs * 1_000, of(way, *secs))).collect() };
    ways(comparison).map(curve).collect()
}

/// Cost against the time that jobs take, all as long, by the schedule that is asked for.
pub(super) fn by_duration(comparison: &Comparison, prices: &Prices) -> Vec<Curve> {
    let Comparison { party, asked, .. } = comparison;
    let of = |way, seconds: u64| {
        let durations = Durations::Constant(Duration::from_secs(seconds));
        let waits = Waits { party, durations: &durations, per_month: asked.per_month, look: asked.look };
        estimate(way, waits).ok().map(|estimate| nano(&estimate, asked, prices))
    };
    let within = || DURATIONS.iter().filter(|seconds| Duration::from_secs(**seconds) < party.deadline);
    let curve = |way| Curve { way, points: within().map(|secs| (secs * 1_000, of(way, *secs))).collect() };
    ways(comparison).map(curve).collect()
}

/// A schedule: its name, how late it tells on average in milliseconds, and its looks
/// at a million jobs.
pub(super) struct Tried {
    pub(super) name: String,
    pub(super) delay_ms: u64,
    pub(super) looks: u64,
}

fn tried(name: String, party: &Party, asked: &Asked) -> Option<Tried> {
    let waits = Waits { party, durations: &asked.durations, per_month: asked.per_month, look: asked.look };
    let estimate = estimate(Way::StandardLoop, waits).ok()?;
    Some(Tried { name, delay_ms: estimate.mean_delay_ms.max(1), looks: estimate.waiting.looks.max(1) })
}

/// The checks and delays of constant intervals, of growing ones, and of the schedule that is asked for.
pub(super) fn by_schedule(comparison: &Comparison) -> [Vec<Tried>; 3] {
    let Comparison { party, asked, .. } = comparison;
    let of = |interval: Interval| Party { schedule: interval.schedule(party.schedule.reconcile), ..party.clone() };
    let text = |seconds| super::axis::time(seconds * 1_000);
    let constant = |seconds: &u64| {
        let every = Interval::constant(Duration::from_secs(*seconds));
        tried(text(*seconds), &of(every), asked)
    };
    let growing = |(least, most): &(u64, u64)| {
        let interval = Interval::growing(Duration::from_secs(*least), Duration::from_secs(*most));
        tried(format!("{}..{}", text(*least), text(*most)), &of(interval), asked)
    };
    [
        CONSTANT.iter().filter_map(constant).collect(),
        GROWING.iter().filter_map(growing).collect(),
        tried("this one".to_owned(), party, asked).into_iter().collect(),
    ]
}
