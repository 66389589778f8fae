//! What waiting by our ways may cost at most, by states in a workflow of one's own and
//! with the submit, under the conventions of the table of consequences otherwise:
//! invocations of 300 ms, no logs.

use super::{every, minutes, without_logs};
use crate::cost::reconciler::MONTH_MS;
use crate::cost::{Architecture, Prices, Usage, Waits, Way, estimate};
use std::time::Duration;

/// A million waits, so many of them at a time.
fn million(way: Way, wait: Duration, interval: Duration, at_a_time: u64) -> Usage {
    let (party, durations) = (every(interval), minutes(wait.as_secs() / 60));
    let per_month = at_a_time * MONTH_MS / u64::try_from(wait.as_millis()).unwrap();
    let waits = Waits { look: Duration::from_millis(300), ..Waits::new(&party, &durations, per_month) };
    estimate(way, waits).unwrap().whole()
}

/// In cents.
fn cents(usage: Usage) -> u64 {
    without_logs(usage).nano_dollars(&Prices::default(), Architecture::Arm64).div_ceil(10_000_000)
}

const MINUTE: Duration = Duration::from_mins(1);
const DAY: Duration = Duration::from_hours(24);

#[test]
fn a_pooled_wait_of_a_day_costs_at_most_seventy_dollars() {
    let cents = cents(million(Way::Pooled, DAY, 5 * MINUTE, 10_000));
    assert!(cents <= 7_000, "{cents}");
}

#[test]
fn a_webhook_after_a_day_with_the_reconciler_beside_it_costs_at_most_sixty_dollars() {
    let cents = cents(million(Way::Reconciled, DAY, 5 * MINUTE, 10_000));
    assert!(cents <= 6_000, "{cents}");
}

#[test]
fn a_nested_wait_of_a_minute_costs_at_most_135_dollars() {
    let usage = million(Way::Nested, MINUTE, Duration::from_secs(5), 10_000);
    // Twelve looks, and the submit in the same round, which begins with it.
    assert_eq!((usage.transitions, usage.express_requests, usage.lambda_requests), (2_000_000, 1_000_000, 13_000_000));
    let cents = cents(usage);
    assert!(cents <= 13_500, "{cents}");
}

#[test]
fn a_nested_wait_of_an_hour_is_never_dearer_than_the_cheaper_of_loop_and_express() {
    let of = |way| cents(million(way, 60 * MINUTE, MINUTE, 10_000));
    let (ours, others) = (of(Way::Nested), of(Way::StandardLoop).min(of(Way::ExpressOnly)));
    assert!(ours <= others, "{ours} > {others}");
}
