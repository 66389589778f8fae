//! What holds for all histograms and plans.

use super::super::backoff;
use super::super::durations::Durations;
use super::super::optimum::Candidates;
use super::super::{Histogram, Learned, Plan, Promptness};
use super::schedules::{Smithy, drawn};
use super::shapes::{Random, Shape};
use crate::integration::{Jitter, Schedule};
use proptest::prelude::*;
use std::time::Duration;

/// Durations of all magnitudes, some beyond what is told apart.
fn duration() -> impl Strategy<Value = Duration> {
    prop_oneof![
        8 => (0_u32..35, 0_u64..1_000).prop_map(|(doublings, part)| Duration::from_millis((1 << doublings) * (1_000 + part) / 1_000)),
        1 => Just(Duration::ZERO),
        1 => Just(Duration::MAX),
    ]
}

fn histogram() -> impl Strategy<Value = Histogram> {
    let alike = (duration(), 0_u32..1_500, 1_u64..60_000).prop_map(|(about, count, spread_ms)| {
        let mut random = Random(u64::from(count));
        (0..count)
            .map(|_| about.saturating_add(Duration::from_millis(random.next() % spread_ms)))
            .map(|took| (took, took))
            .collect::<Vec<_>>()
    });
    let any = prop::collection::vec((duration(), duration()), 0..400);
    (any, alike).prop_map(|(any, alike)| {
        let mut jobs = Histogram::default();
        for (after, by) in any.into_iter().chain(alike) {
            jobs.observe(after..=by);
        }
        jobs
    })
}

fn schedule() -> impl Strategy<Value = Schedule> {
    (1_000_u64..86_400_000, 1_000_u64..86_400_000, 101_u32..1_000, any::<bool>()).prop_map(
        |(one, other, growth, full)| Schedule {
            first: Duration::from_millis(one),
            min: Duration::from_millis(one.min(other)),
            max: Duration::from_millis(one.max(other)),
            growth_percent: growth,
            jitter: if full { Jitter::Full } else { Jitter::None },
            ..Smithy::ALL[0].schedule()
        },
    )
}

fn promptness() -> impl Strategy<Value = Promptness> {
    prop_oneof![Just(Promptness::AsTheBackoff), duration().prop_map(Promptness::Within)]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn histograms_merge_in_either_order(one in histogram(), other in histogram()) {
        prop_assert_eq!(one.merge(&other), other.merge(&one));
        prop_assert_eq!(one.merge(&Histogram::default()), one);
    }

    #[test]
    fn a_histogram_is_what_its_text_says(jobs in histogram()) {
        let text = jobs.to_string();
        prop_assert_eq!(text.parse(), Ok(jobs));
    }

    #[test]
    fn a_histogram_stays_small(one in histogram(), other in histogram()) {
        let merged = one.merge(&other);
        prop_assert!(merged.buckets().count() <= 256);
        prop_assert!(merged.observations() <= 1_024);
        prop_assert!(merged.to_string().len() <= 16_384);
    }

    #[test]
    fn any_text_is_read_or_refused(text in "[0-9a-z :,.]{0,60}") {
        if let Err(error) = format!("128 per doubling, {text}").parse::<Histogram>() {
            prop_assert!(!error.at.is_empty() && !error.what.is_empty());
        }
    }

    #[test]
    fn looks_ascend_and_keep_the_least_gap(jobs in histogram(), backoff in schedule(), promptness in promptness()) {
        let plan = Plan::of(&jobs, &backoff, promptness);
        let mut elapsed = Duration::ZERO;
        for looks in 0..200 {
            let delay = plan.next(elapsed, looks, u64::from(looks) * 77);
            prop_assert!(delay >= backoff.min);
            elapsed += delay;
        }
        prop_assert!(plan.next(Duration::MAX, 0, 0) >= backoff.min);
        if let Plan::Learned(learned) = &plan {
            let times: Vec<Duration> = learned.times().collect();
            prop_assert!(times.first().is_some_and(|first| *first >= backoff.min));
            prop_assert!(times.windows(2).all(|ends| ends[1] - ends[0] >= backoff.min));
            prop_assert!(learned.legs.len() <= 64);
            prop_assert!(times.len() <= 16_384);
        }
    }

    #[test]
    fn a_plan_is_what_its_text_says(jobs in histogram(), backoff in schedule(), promptness in promptness()) {
        if let Plan::Learned(learned) = Plan::of(&jobs, &backoff, promptness) {
            let text = learned.to_string();
            prop_assert_eq!(Learned::read(&text, backoff.min, backoff), Ok(learned));
        }
    }

    #[test]
    fn a_plan_is_read_from_any_text_or_that_is_refused(text in "[0-9/ ]{0,1100}", apart_ms in 0_u64..10_000) {
        let apart = Duration::from_millis(apart_ms);
        match Learned::read(&text, apart, Smithy::ALL[0].schedule()) {
            Ok(learned) => {
                let times: Vec<Duration> = learned.times().collect();
                prop_assert!(times.len() <= 16_384 && times[0] >= apart);
                prop_assert!(times.windows(2).all(|ends| ends[1] - ends[0] >= apart));
            }
            Err(what) => prop_assert!(what.ends_with("; bundle the file anew"), "{what}"),
        }
    }

    #[test]
    fn a_plan_promises_what_it_was_asked_for(jobs in histogram(), backoff in schedule()) {
        let plan = Plan::of(&jobs, &backoff, Promptness::AsTheBackoff);
        if matches!(plan, Plan::Learned(_)) {
            let replaced = Plan::Backoff(backoff).expected(&jobs).unwrap();
            prop_assert!(plan.expected(&jobs).unwrap().checks < replaced.checks);
        }
    }

    #[test]
    fn no_plan_at_random_costs_less(jobs in histogram(), gap in 1_u32..60, price_percent in 1_u32..500, seed: u64) {
        let Some(durations) = Durations::of(&jobs) else { return Ok(()) };
        let (candidates, price) = (Candidates::of(&durations, gap.into()), f64::from(price_percent) / 100.0 / durations.longest());
        let cost = |looks: &[usize]| {
            let expected = candidates.expected(looks);
            expected.checks + price * expected.delay_s
        };
        let least = cost(&candidates.cheapest(price));
        let (times, mut random) = (candidates.times(), Random(seed));
        let cheapest = candidates.cheapest(price);
        let below = |bound: usize, random: &mut Random| {
            usize::try_from(random.next() % u64::try_from(bound.max(1)).unwrap()).unwrap()
        };
        for plan in 0..1_000 {
            let looks = if plan % 2 == 0 {
                // The cheapest with one look moved, or left out where another is there already.
                let mut looks = cheapest.clone();
                let moved = below(looks.len() - 1, &mut random);
                if looks.len() > 1 {
                    looks[moved] = 1 + below(times.len() - 1, &mut random);
                }
                looks.sort_unstable();
                looks.dedup();
                looks
            } else {
                let step = 2 + times.len() / 32 + below(times.len(), &mut random);
                let mut looks = vec![times.len() - 1];
                while let Some(look) = looks[looks.len() - 1].checked_sub(1 + below(step, &mut random)) {
                    looks.push(look.max(1));
                }
                looks.reverse();
                looks.dedup();
                looks
            };
            if looks.windows(2).any(|ends| times[ends[1]] - times[ends[0]] < f64::from(gap)) {
                continue;
            }
            prop_assert!(least <= cost(&looks) * (1.0 + 1e-9), "{least} is more than {}", cost(&looks));
        }
    }
}

/// The program finds what trying every set of looks finds.
#[test]
fn no_plan_at_all_costs_less_where_all_can_be_tried() {
    let jobs: Histogram = "8 per doubling, 4s: 3, 7s: 9, 8s: 2, 13s: 5".parse().unwrap();
    let durations = Durations::of(&jobs).unwrap();
    for (gap, price) in [(1.0, 0.05), (1.0, 0.5), (1.0, 5.0), (2.0, 0.5), (3.0, 2.0)] {
        // Beyond the 16 first candidates only the last is looked at.
        let candidates = Candidates::of(&durations, gap);
        let times = candidates.times();
        let last = times.len() - 1;
        let cost = |looks: &[usize]| {
            let expected = candidates.expected(looks);
            expected.checks + price * expected.delay_s
        };
        let least = cost(&candidates.cheapest(price));
        for set in 0_u32..1 << 16 {
            let looks: Vec<usize> = (1..=16).filter(|look| set & (1 << (look - 1)) != 0).chain([last]).collect();
            let apart = looks.windows(2).all(|ends| times[ends[1]] - times[ends[0]] >= gap);
            assert!(!apart || least <= cost(&looks) + 1e-9, "{looks:?} costs {}, not {least}", cost(&looks));
        }
    }
}

/// The averages of few drawings, each spread evenly, against drawing for each job.
#[test]
fn what_a_backoff_is_expected_to_cost_is_what_it_costs() {
    for shape in Shape::ALL {
        let jobs = shape.learned(1_000, 1.0, 5);
        let durations = Durations::of(&jobs).unwrap();
        let quantiles = quantiles_of(&durations, 4_000);
        let grows = Schedule { jitter: Jitter::None, growth_percent: 150, ..Smithy::ALL[1].schedule() };
        for schedule in [Smithy::ALL[0].schedule(), Smithy::ALL[1].schedule(), grows] {
            let (expected, met) = (backoff::expected(&schedule, &durations), drawn(&schedule, &quantiles));
            let off = |one: f64, other: f64| (one / other - 1.0).abs();
            assert!(off(expected.checks, met.checks) <= 0.01, "{shape:?}: {expected:?}, {met:?}");
            assert!(off(expected.delay_s, met.delay_s) <= 0.04, "{shape:?}: {expected:?}, {met:?}");
        }
    }
}

/// Durations that stand for all, by halving.
fn quantiles_of(durations: &Durations, count: u32) -> Vec<f64> {
    let quantile = |share: f64| {
        let (mut low, mut high) = (0.0, durations.longest());
        for _ in 0..50 {
            let middle = (low + high) / 2.0;
            if durations.by(middle).share < share { low = middle } else { high = middle }
        }
        high
    };
    (0..count).map(|at| quantile((f64::from(at) + 0.5) / f64::from(count))).collect()
}
