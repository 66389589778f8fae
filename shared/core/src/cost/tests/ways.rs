//! What is compared.

use super::{every, minutes};
use crate::cost::reconciler::{Load, MONTH_MS, share};
use crate::cost::{Durations, Estimate, Party, TooManyLooks, Usage, Waits, Way, estimate};
use crate::integration::Limits;
use std::time::Duration;

fn of(way: Way, party: &Party, durations: &Durations) -> Estimate {
    estimate(way, Waits::new(party, durations, 1_000_000)).unwrap()
}

fn ten_seconds() -> Party {
    every(Duration::from_secs(10))
}

#[test]
fn every_way_has_a_name_of_its_own() {
    let mut names = Way::ALL.map(Way::name);
    names.sort_unstable();
    assert!(names.windows(2).all(|two| two[0] != two[1]), "{names:?}");
}

#[test]
fn looks_come_at_the_times_of_the_schedule_and_find_what_ended_before() {
    // From 100.5 s to 199.5 s: ends in each of ten intervals, 5 s before the next look on average.
    let durations: Durations = "100s..200s".parse().unwrap();
    let estimate = of(Way::StandardLoop, &ten_seconds(), &durations);
    assert_eq!((estimate.waiting.looks, estimate.waiting.transitions), (15_500_000, 46_500_000));
    // 0.25 s to 9.75 s in steps of half a second; one in twenty waits for the longest.
    assert_eq!((estimate.mean_delay_ms, estimate.p95_delay_ms), (5_000, 9_250));
    assert_eq!(estimate.submit.transitions, 1_000_000);
}

#[test]
fn a_pooled_wait_is_looked_at_as_the_reconciler_runs() {
    // Of looks once in ten seconds only each minute's is made; submits come at any time of a minute.
    let estimate = of(Way::Pooled, &ten_seconds(), &minutes(5));
    // Half of a minute on average, evenly spread, and a look in each minute that has begun.
    assert_eq!((estimate.mean_delay_ms, estimate.p95_delay_ms), (30_000, 56_850));
    assert!((5_000_000..=6_000_000).contains(&estimate.waiting.looks), "{:?}", estimate.waiting);
    assert_eq!((estimate.waiting.transitions, estimate.submit), (1_000_000, Usage::default()));
    let slower = of(Way::Pooled, &every(Duration::from_mins(5)), &minutes(60));
    assert_eq!(slower.waiting.looks, 12_000_000, "each time of the schedule is one look");
}

#[test]
fn beside_a_webhook_the_reconciler_looks_once_a_period() {
    let party = ten_seconds();
    assert_eq!(of(Way::Reconciled, &party, &minutes(5)).waiting.looks, 0, "the first look comes later");
    // The first between five and ten minutes; then one in each ten.
    assert_eq!(of(Way::Reconciled, &party, &minutes(60)).waiting.looks, 6_000_000);
    assert_eq!(of(Way::Callback, &party, &minutes(60)).waiting.looks, 0);
}

#[test]
fn jobs_that_take_longer_than_the_deadline_are_given_up() {
    let party = Party { deadline: Duration::from_mins(5), cancels: true, ..ten_seconds() };
    let durations: Durations = "1m|1h:0.2".parse().unwrap();
    for way in [Way::Nested, Way::Pooled, Way::StandardLoop] {
        assert_eq!(of(way, &party, &durations).given_up_permille, 200, "{way:?}");
    }
    let all_known = of(Way::Nested, &party, &minutes(1));
    let some_closed = of(Way::Nested, &party, &durations);
    assert!(some_closed.waiting.transitions > all_known.waiting.transitions + 200_000, "{some_closed:?}");
}

#[test]
fn what_a_third_party_asks_for_beside_looks_is_counted() {
    let plain = of(Way::Pooled, &ten_seconds(), &minutes(1)).waiting;
    let limits = Some(Limits { group: group(), in_flight: Some(5), interval: None, breaker: false });
    let more = Party { limits, needs_kept: true, fetches: true, ..ten_seconds() };
    let more = of(Way::Pooled, &more, &minutes(1)).waiting;
    assert_eq!(more.writes - plain.writes, 2_000_000, "a place is taken and left");
    assert_eq!(more.reads - plain.reads, plain.looks, "each look reads the row");
    assert_eq!(more.requests - plain.requests, 1_000_000, "the result is fetched");
}

fn group() -> crate::integration::IntegrationName {
    crate::integration::IntegrationName::parse("render").unwrap()
}

#[test]
fn the_reconciler_runs_whether_there_is_work_or_not() {
    let nothing = share(Load { waits: 1_000, ..Load::default() }, 1_000, Duration::from_millis(100));
    // 43,200 runs of 60 ms at 256 MB; in each, eight rows, and eight empty pages at half a unit.
    assert_eq!(nothing.lambda_requests, 43_200);
    assert_eq!(nothing.lambda_mb_ms, 43_200 * 60 * 256);
    assert_eq!((nothing.reads, nothing.writes), (43_200 * (8 + 4), 0));
    let of_one = share(Load { waits: 1, ..Load::default() }, 1_000, Duration::from_millis(100));
    assert_eq!(of_one.lambda_requests, 44, "a thousandth, rounded up");
}

#[test]
fn the_reconciler_reads_each_open_wait_once_a_minute_and_looks_at_hundreds_at_a_time() {
    // Ten thousand waits that are open all month, and looked at once in five minutes.
    let load = Load { waits: 10_000, listed_ms: 10_000 * MONTH_MS, looks: 10_000 * 8_640 };
    let month = share(load, 10_000, Duration::from_millis(300));
    // 1,250 entries of 350 bytes in each shard are 107 half units, and two more for the two pages that end amid one.
    assert_eq!(month.reads, 43_200 * 8 + 43_200 * 8 * 109 / 2);
    assert_eq!(month.writes, 43_200 * 8 * 3, "the place behind each of three pages");
    // 60 ms, two full pages and one more of 25 ms, 10,000 entries at 25 us, and 2,000 looks in batches of 512.
    assert_eq!(month.lambda_mb_ms, (43_200 * (60 + 75 + 250) + 168_750 * 300) * 256);
    // By answers that come sooner, its processor has no time to gain: half a millisecond for each look.
    let sooner = share(load, 10_000, Duration::from_millis(100));
    assert_eq!(sooner.lambda_mb_ms, (43_200 * (60 + 75 + 250) + 86_400_000 / 2) * 256);
}

#[test]
fn a_schedule_with_too_many_looks_is_an_error() {
    let (party, durations) = (every(Duration::from_secs(1)), minutes(24 * 60 * 30));
    let refused = |way| estimate(way, Waits::new(&party, &durations, 1)).unwrap_err();
    assert_eq!([Way::Nested, Way::ExpressOnly, Way::StandardLoop].map(refused), [TooManyLooks; 3]);
    let pooled = estimate(Way::Pooled, Waits::new(&party, &durations, 1)).unwrap().waiting.looks;
    // 43,200 minutes; the job ends as the last is over.
    assert!(
        (43_200_000_000..=43_201_000_000).contains(&pooled),
        "{pooled}: the reconciler looks once a minute at most"
    );
}
