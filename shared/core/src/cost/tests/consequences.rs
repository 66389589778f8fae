//! The figures that the project's design was decided by, from which this model
//! was not made: the cost of a million waits in six ways, with checks of 300 ms at
//! 128 MB on arm64, no free tier and no logs, rounded to dollars.
//!
//! What they count was not written down beside them. They all come out, to the
//! dollar, if it is taken to be this, and [`others`](crate::cost::others) counts so:
//!
//! - The state that submits is counted only where it holds a task token.
//! - An Express execution lasts 290 seconds, and each is a Task and a Choice around it.
//! - A callback is one state, a listener of 300 ms behind an HTTP API, three write
//!   units and one read unit.
//! - A durable function has two operations beside its steps; a look is one
//!   operation that writes 1 KB; a callback is two.
//! - A sweep looks once in fifteen minutes at each wait, at least once. Beside the
//!   look's function it takes $1.125 a million, for instance a write unit and four
//!   read units. The reconciler of this project writes nothing then, and costs less.

use super::{dollars, every, minutes, without_logs};
use crate::cost::{Architecture, Prices, Usage, Waits, Way, estimate};
use std::time::Duration;

const LOOK: Duration = Duration::from_millis(300);

fn cost(usage: Usage) -> u64 {
    dollars(without_logs(usage).nano_dollars(&Prices::default(), Architecture::Arm64))
}

fn million(way: Way, wait_mins: u64, interval_secs: u64) -> Usage {
    let (party, durations) = (every(Duration::from_secs(interval_secs)), minutes(wait_mins));
    let waits = Waits { look: LOOK, ..Waits::new(&party, &durations, 1_000_000) };
    estimate(way, waits).unwrap().waiting
}

/// A callback with a sweep beside it that notes when it has looked.
fn swept(wait_mins: u64, interval_secs: u64) -> Usage {
    let sweeps = (wait_mins / 15).max(1);
    let look = Usage { lambda_requests: 1, lambda_mb_ms: 300 * 128, writes: 1, reads: 4, ..Usage::default() };
    million(Way::Callback, wait_mins, interval_secs).and(look.times(sweeps * 1_000_000))
}

#[test]
fn every_figure_of_the_table_of_consequences_comes_out() {
    let row = |wait, interval| {
        let of = |way| cost(million(way, wait, interval));
        [
            of(Way::StandardLoop),
            of(Way::ExpressOnly),
            of(Way::Callback),
            cost(swept(wait, interval)),
            of(Way::DurablePolling),
            of(Way::DurableCallback),
        ]
    };
    assert_eq!(row(1, 5), [908, 122, 29, 31, 123, 36]);
    assert_eq!(row(5, 10), [2_271, 436, 29, 31, 285, 36]);
    assert_eq!(row(60, 60), [4_542, 4_456, 29, 36, 553, 36]);
    assert_eq!(row(24 * 60, 300), [21_802, 105_418, 29, 204, 2_594, 36]);
}

#[test]
fn a_retried_task_costs_a_third_of_the_loop_that_it_stands_for() {
    // 12 looks are 12 transitions and that of the Wait before them, and 12 invocations at $0.70 a million.
    assert_eq!(cost(million(Way::RetryLoop, 1, 5)), 13 * 25 + 8);
}

#[test]
fn intel_and_amd_cost_a_quarter_more_for_memory() {
    let usage = Usage { lambda_mb_ms: 1024 * 1000 * 1_000_000, ..Usage::default() };
    let prices = Prices::default();
    let [arm, x86] = [Architecture::Arm64, Architecture::X86].map(|of| usage.nano_dollars(&prices, of));
    assert_eq!([arm, x86], [13_333_400_000, 16_666_700_000]);
}
