//! What learning saves, at the same mean delay: for five shapes of durations,
//! against backoffs as Smithy's waiters have them and a fixed interval.
//!
//! What is learned from is drawn at random from a seed; what is compared on are
//! exact quantiles. `-- --nocapture` shows the figures.

use super::super::{Expected, Histogram, Plan, Promptness};
use super::schedules::{Smithy, durable, jittered_looks, optimum, planned, tuned, tuned_fixed};
use super::shapes::{Random, Shape};
use std::time::Duration;

/// Jobs that are learned from.
const LEARNED_FROM: u32 = 500;

/// Of the looks of Smithy's waiters, a learned plan is to need this share at most.
const BAR: f64 = 0.6;

/// Shares of the looks that a Smithy waiter makes.
struct Shares {
    learned: f64,
    fixed: f64,
}

fn compare(shape: Shape, scale: f64, smithy: Smithy) -> Shares {
    let durations = shape.quantiles(2_000, scale);
    let theirs = smithy.run(&durations);
    let jobs = shape.learned(LEARNED_FROM, scale, 1);
    let learned = tuned(&jobs, &smithy.schedule(), theirs.delay_s, &durations);
    let fixed = tuned_fixed(theirs.delay_s, &durations);
    assert!(learned.delay_s <= theirs.delay_s, "{learned:?} is later than {theirs:?}");
    let shares = Shares { learned: learned.checks / theirs.checks, fixed: fixed.checks / theirs.checks };
    println!(
        "{} x {scale}, {}s..{}s: {:.2} looks, {:.2} s late; learned {:.1} %, fixed {:.1} %",
        shape.name(),
        smithy.min_s,
        smithy.max_s,
        theirs.checks,
        theirs.delay_s,
        shares.learned * 100.0,
        shares.fixed * 100.0
    );
    shares
}

/// The share that the best schedule of all needs, made by one who knows the durations.
fn best(shape: Shape, scale: f64, smithy: Smithy) -> f64 {
    let durations = shape.quantiles(2_000, scale);
    let theirs = smithy.run(&durations);
    let best = optimum(&durations, smithy.min_s.into(), theirs.delay_s).checks / theirs.checks;
    println!("{} x {scale}, {}s..{}s: best {:.1} %", shape.name(), smithy.min_s, smithy.max_s, best * 100.0);
    best
}

fn assert_saves(shape: Shape, scales: &[f64]) {
    for scale in scales {
        for smithy in Smithy::ALL {
            let shares = compare(shape, *scale, smithy);
            assert!(shares.learned <= BAR, "{shape:?} x {scale}: {:.3} of {smithy:?}'s looks", shares.learned);
        }
    }
}

#[test]
fn nearly_constant_durations_take_a_tenth_of_the_looks() {
    for smithy in Smithy::ALL {
        assert!(compare(Shape::NearlyConstant, 1.0, smithy).learned <= 0.1);
    }
    assert_saves(Shape::NearlyConstant, &[4.0]);
}

#[test]
fn uniform_durations_take_at_most_six_looks_of_ten() {
    assert_saves(Shape::Uniform, &[0.25, 1.0]);
}

#[test]
fn two_kinds_of_jobs_take_a_quarter_of_the_looks() {
    for smithy in Smithy::ALL {
        assert!(compare(Shape::Bimodal, 1.0, smithy).learned <= 0.25);
    }
    assert_saves(Shape::Bimodal, &[4.0]);
}

#[test]
fn lognormal_durations_with_a_median_of_45_seconds_take_at_most_six_looks_of_ten() {
    assert_saves(Shape::Lognormal, &[0.25]);
}

/// At three minutes a lognormal's ends are too evenly spread over the looks: the
/// best schedule of all needs more than six looks of ten, and the learned one
/// only little more than that.
#[test]
fn lognormal_durations_with_a_median_of_three_minutes_take_hardly_more_looks_than_the_best_of_all_schedules() {
    for smithy in Smithy::ALL {
        let (learned, best) = (compare(Shape::Lognormal, 1.0, smithy).learned, best(Shape::Lognormal, 1.0, smithy));
        assert!(best > BAR, "{best} can be reached: hold the learned plan to the bar");
        assert!(learned <= best * 1.07, "{smithy:?}: {learned:.3}, of {best:.3} that can be reached");
    }
}

#[test]
fn a_heavy_tail_takes_fewer_looks_than_a_fixed_interval_and_a_backoff() {
    for scale in [0.25, 1.0, 4.0] {
        for smithy in Smithy::ALL {
            let shares = compare(Shape::HeavyTailed, scale, smithy);
            let least = shares.fixed.min(1.0);
            assert!(shares.learned <= least, "{smithy:?} x {scale}: {:.3}, others {least:.3}", shares.learned);
        }
    }
}

#[test]
fn by_default_a_plan_is_as_prompt_as_the_backoff_it_replaces() {
    for shape in Shape::ALL {
        let durations = shape.quantiles(2_000, 1.0);
        for smithy in Smithy::ALL {
            let theirs = smithy.run(&durations);
            let plan = Plan::of(&shape.learned(LEARNED_FROM, 1.0, 1), &smithy.schedule(), Promptness::AsTheBackoff);
            let learned = planned(&plan, &durations);
            assert!(learned.delay_s <= theirs.delay_s * 1.1, "{shape:?}: {learned:?}, replacing {theirs:?}");
            assert!(learned.checks <= theirs.checks * 0.75, "{shape:?}: {learned:?}, replacing {theirs:?}");
        }
    }
}

/// Where only looks tell when a job ended, what is learned are intervals of half
/// a minute; the plans that come of them are as good but for a few percent.
#[test]
fn looks_alone_teach_a_plan_as_well() {
    for (shape, most) in [(Shape::NearlyConstant, 0.25), (Shape::Bimodal, 0.35), (Shape::Uniform, BAR)] {
        let smithy = Smithy::ALL[0];
        let (durations, drawn) = (shape.quantiles(2_000, 1.0), shape.drawn(LEARNED_FROM, 1.0, 1));
        let (mut jobs, mut random) = (Histogram::default(), Random(3));
        for took in drawn {
            let (after, by) = jittered_looks(smithy, took, &mut random);
            jobs.observe(Duration::from_secs_f64(after)..=Duration::from_secs_f64(by));
        }
        let theirs = smithy.run(&durations);
        let learned = tuned(&jobs, &smithy.schedule(), theirs.delay_s, &durations);
        let share = learned.checks / theirs.checks;
        println!("{}: {:.1} % learned from looks", shape.name(), share * 100.0);
        assert!(share <= most, "{shape:?}: {share:.3}");
    }
}

/// Its default is made for few checks: it finds ends ten times as late as 2s..30s.
#[test]
fn the_default_of_durable_functions_is_late_by_more_than_half_a_minute() {
    for shape in Shape::ALL {
        let durations = shape.quantiles(2_000, 1.0);
        let theirs: Expected = durable(&durations);
        let jobs = shape.learned(LEARNED_FROM, 1.0, 1);
        let learned = tuned(&jobs, &Smithy::ALL[0].schedule(), theirs.delay_s, &durations);
        println!("{}: durable {theirs:?}, learned {learned:?}", shape.name());
        assert!(theirs.delay_s > 30.0 && learned.checks <= theirs.checks * BAR, "{theirs:?}, {learned:?}");
    }
}
