//! A plan as a sequence of times: what lies behind any time.

use super::super::plan::Learned;
use super::super::{Plan, Promptness};
use super::schedules::Smithy;
use crate::integration::Schedule;
use crate::test_support::JOBS;
use proptest::prelude::*;
use std::sync::LazyLock;
use std::time::Duration;

const SECOND: Duration = Duration::from_secs(1);

fn learned(backoff: &Schedule, jobs: &str) -> Learned {
    match Plan::of(&jobs.parse().unwrap(), backoff, Promptness::AsTheBackoff) {
        Plan::Learned(learned) => learned,
        Plan::Backoff(_) => panic!("learning saves nothing of {backoff:?}"),
    }
}

/// Plans, some of them with a growth that takes many steps.
static PLANS: LazyLock<[Learned; 4]> = LazyLock::new(|| {
    let [often, seldom] = Smithy::ALL.map(Smithy::schedule);
    let slow = Schedule { growth_percent: 101, max: Duration::from_hours(24), ..often.clone() };
    let spread = "16 per doubling, 10m: 12, 50m: 8, 1h: 30, 3h: 1";
    [learned(&often, JOBS), learned(&seldom, spread), learned(&slow, JOBS), learned(&often, spread)]
});

/// The times that a look at each of them leads to, and none explored.
fn walked(plan: &Learned, until: Duration) -> Vec<Duration> {
    std::iter::successors(Some(plan.next(Duration::ZERO, 0)), |at| Some(*at + plan.next(*at, 0)))
        .take_while(|at| *at <= until)
        .collect()
}

#[test]
fn the_sequence_is_what_looking_time_by_time_leads_to() {
    for plan in &*PLANS {
        let walked = walked(plan, Duration::from_hours(96));
        let mut before = Duration::ZERO;
        for (number, at) in (1_u64..).zip(&walked) {
            let place = plan.behind(before);
            assert_eq!((place.before, place.at, place.number), (before, *at, number));
            before = *at;
        }
        assert!(walked.len() > 500, "{}", walked.len());
    }
}

#[test]
fn the_ends_of_time_do_not_overflow() {
    for plan in &*PLANS {
        let place = plan.behind(Duration::MAX);
        assert_eq!(place.at, Duration::MAX);
        assert_eq!(plan.next(Duration::MAX, u64::MAX), plan.next(Duration::MAX, 0));
    }
}

#[test]
fn one_in_sixteen_looks_between_times_that_are_far_apart_and_nobody_between_others() {
    let plan = &PLANS[0];
    let far: Vec<_> = plan.far_apart().collect();
    assert!(!far.is_empty());
    for place in &far {
        assert!(place.at - place.before > 60 * SECOND, "{place:?}");
        let between: Vec<_> = (0..1_600).filter_map(|random| plan.look_between(*place, random)).collect();
        assert_eq!(between.len(), 100);
        for at in between {
            assert!(at >= place.before + 2 * SECOND && at + 2 * SECOND <= place.at, "{at:?} in {place:?}");
        }
    }
    let numbers: Vec<u64> = far.iter().map(|place| place.number).collect();
    let (mut near, mut at) = (plan.behind(Duration::ZERO), 0);
    while at < 200 {
        let is_far = numbers.contains(&near.number);
        assert_eq!(plan.look_between(near, 15).is_some(), is_far, "{near:?}");
        (near, at) = (plan.behind(near.at), at + 1);
    }
}

proptest! {
    #[test]
    fn behind_any_time_lies_the_first_that_is_later(which in 0_usize..4, ms in 0_u64..345_600_000) {
        let plan = &PLANS[which];
        let time = Duration::from_millis(ms);
        let walked = walked(plan, Duration::from_hours(200));
        let after = walked.partition_point(|at| *at <= time);
        let place = plan.behind(time);
        prop_assert_eq!((place.at, place.number), (walked[after], u64::try_from(after).unwrap() + 1));
        prop_assert_eq!(place.before, if after == 0 { Duration::ZERO } else { walked[after - 1] });
    }
}
