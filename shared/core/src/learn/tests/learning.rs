//! What files hold, and the plans that are kept of it.

use super::super::{Learning, Promptness};
use super::schedules::Smithy;
use crate::integration::Schedule;
use crate::test_support::{JOBS, learning};
use std::sync::Arc;
use std::time::Duration;

#[test]
fn a_plan_is_made_once_for_all_clones_of_a_schedule() {
    let schedule = learning(JOBS, &Smithy::ALL[0].schedule());
    let clone = schedule.clone();
    assert!(Arc::ptr_eq(&schedule.learned().unwrap(), &clone.learned().unwrap()));
}

#[test]
fn a_schedule_that_was_changed_has_a_plan_of_its_own() {
    let schedule = learning(JOBS, &Smithy::ALL[0].schedule());
    let plan = schedule.learned().unwrap();
    for minutes in 1..=6 {
        let by_minutes = schedule.no_closer_than(Duration::from_mins(minutes));
        let other = by_minutes.learned().map(|learned| learned.times().collect::<Vec<_>>());
        assert!(other.is_none_or(|times| times.windows(2).all(|two| two[1] - two[0] >= Duration::from_mins(minutes))));
    }
    // Only a few are kept; made again it is the same.
    assert_eq!(*schedule.learned().unwrap(), *plan);
}

#[test]
fn with_too_few_jobs_the_schedule_counts_as_it_is_written() {
    let schedule = Smithy::ALL[0].schedule();
    for jobs in ["128 per doubling", "128 per doubling, 5m: 19.99"] {
        let learned = learning(jobs, &schedule);
        assert_eq!(learned.learned(), None, "{jobs}");
        assert_eq!(learned.delay_after(Some(Duration::ZERO), 3, 77), schedule.delay(3, 77));
    }
    assert!(learning("128 per doubling, 5m: 20", &schedule).learned().is_some());
}

#[test]
fn what_is_known_is_shown_and_compared_by_what_the_file_says() {
    let of = |jobs: &str, delay_s| {
        Learning::new(jobs.parse().unwrap(), Promptness::Within(Duration::from_secs(delay_s)), None)
    };
    let one = of("128 per doubling, 5m: 30", 9);
    let schedule = Schedule { learning: Some(one.clone()), ..Smithy::ALL[0].schedule() };
    schedule.learned().unwrap();
    assert_eq!(one, of("128 per doubling, 5m: 30", 9));
    assert_ne!(one, of("128 per doubling, 5m: 30", 8));
    assert_ne!(one, of("128 per doubling, 5m: 31", 9));
    assert_eq!(
        format!("{one:?}"),
        "Learning { jobs: \"128 per doubling, 5m: 30\", promptness: Within(9s), until: None }"
    );
}
