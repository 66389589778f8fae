//! When a job is looked at: bounds, growth and jitter.

use crate::integration::{Integration, Jitter, Schedule};
use crate::learn::Promptness;
use crate::test_support::{at, render, render_text};
use proptest::prelude::*;
use std::time::Duration;

fn schedule(min: u64, max: u64, growth_percent: u32, jitter: Jitter) -> Schedule {
    Schedule {
        first: Duration::from_secs(3),
        min: Duration::from_secs(min),
        max: Duration::from_secs(max),
        growth_percent,
        jitter,
        checks: None,
        reconcile: std::time::Duration::from_mins(10),
        learning: None,
    }
}

fn delays_in_seconds(schedule: &Schedule, random: u64) -> Vec<u64> {
    (0..8).map(|checks| schedule.delay(checks, random).as_secs()).collect()
}

#[test]
fn without_jitter_the_delay_starts_at_first_and_doubles_up_to_the_maximum() {
    let doubling = schedule(2, 60, 200, Jitter::None);
    assert_eq!(delays_in_seconds(&doubling, 12_345), [3, 2, 4, 8, 16, 32, 60, 60]);
}

#[test]
fn full_jitter_reaches_the_minimum_and_the_grown_delay_and_nothing_beyond() {
    let jittered = schedule(2, 60, 200, Jitter::Full);
    assert_eq!(jittered.delay(3, 0), Duration::from_secs(2));
    assert_eq!(jittered.delay(3, 6_000), Duration::from_secs(8));
    assert_eq!(jittered.delay(3, 6_001), Duration::from_secs(2));
    assert_eq!(jittered.delay(3, 1_500), Duration::from_millis(3_500));
}

#[test]
fn equal_bounds_make_a_fixed_interval() {
    let fixed = schedule(10, 10, 200, Jitter::Full);
    assert_eq!(delays_in_seconds(&fixed, u64::MAX), [3, 10, 10, 10, 10, 10, 10, 10]);
}

#[test]
fn a_single_interval_in_the_file_is_a_fixed_interval() {
    let fixed = render(&[("2s..60s", "10s")]).schedule;
    assert_eq!((fixed.min, fixed.max), (Duration::from_secs(10), Duration::from_secs(10)));
}

#[test]
fn the_least_growth_reaches_the_longest_interval_in_the_end() {
    let slow = schedule(1, 86_400, 101, Jitter::None);
    assert_eq!(slow.delay(u32::MAX, 0), Duration::from_hours(24));
}

#[test]
fn what_was_learned_is_read_from_the_file() {
    let line = "first = \"5s\"\nlearned = { jobs = \"128 per doubling, 4m 58s: 12.5, 5m: 30\", until = \"2026-11-24T09:30:00Z\", delay = \"10s\" }";
    let text = render_text(&[("first = \"5s\"", line)]);
    let read = Integration::parse("render", &text).unwrap().schedule;
    let learning = read.learning.clone().unwrap();
    assert_eq!(learning.jobs().to_string(), "128 per doubling, 4m 58s: 12.5, 5m: 30");
    assert_eq!(learning.promptness(), Promptness::Within(Duration::from_secs(10)));
    assert_eq!(learning.until(), Some(at("2026-11-24T09:30:00Z")));
    assert!(read.learned().is_some());
}

#[test]
fn a_file_that_has_learned_nothing_yet_goes_by_its_schedule() {
    let line = "first = \"5s\"\nlearned = { jobs = \"128 per doubling\" }";
    let schedule = render(&[("first = \"5s\"", line)]).schedule;
    let learning = schedule.learning.clone().unwrap();
    assert_eq!((learning.promptness(), learning.until()), (Promptness::AsTheBackoff, None));
    assert_eq!(schedule.learned(), None);
    assert_eq!(schedule.delay_after(Some(Duration::ZERO), 0, 7), Duration::from_secs(5));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10_000))]

    #[test]
    fn every_delay_lies_between_the_bounds(
        min in 1_u64..86_400,
        span in 0_u64..86_400,
        growth_percent in 101_u32..=1_000,
        checks in 1_u32..,
        random: u64,
        full: bool,
    ) {
        let jitter = if full { Jitter::Full } else { Jitter::None };
        let schedule = schedule(min, (min + span).min(86_400), growth_percent, jitter);
        let delay = schedule.delay(checks, random);
        prop_assert!((schedule.min..=schedule.max).contains(&delay), "{delay:?}");
    }

    #[test]
    fn without_jitter_delays_never_shrink(min in 1_u64..100, span in 0_u64..1_000, growth_percent in 101_u32..=1_000) {
        let schedule = schedule(min, min + span, growth_percent, Jitter::None);
        let delays: Vec<_> = (1..40).map(|checks| schedule.delay(checks, 0)).collect();
        prop_assert!(delays.is_sorted(), "{delays:?}");
    }
}
