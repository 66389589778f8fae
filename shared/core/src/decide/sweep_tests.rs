//! What is due when: over any windows, each time of a check is found once.

use super::{CheckTimes, Regular, Task, Window, left_alone, looked_before, put_off, what};
use crate::integration::{IntegrationName, Jitter, Schedule};
use crate::test_support::at;
use crate::wait::due::{DueWait, due_from};
use crate::wait::{CLOSE_GRACE, JobId, Status, WaitId};
use crate::{Timestamp, duration::signed};
use proptest::prelude::*;
use std::time::Duration;

const BEGAN: &str = "2026-11-24T00:00:00Z";
const MINUTE: Duration = Duration::from_mins(1);
const PERIOD: Duration = Duration::from_mins(10);
const DEADLINE: Duration = Duration::from_hours(3);

fn schedule() -> Schedule {
    Schedule {
        first: MINUTE,
        min: MINUTE,
        max: MINUTE,
        growth_percent: 200,
        jitter: Jitter::Full,
        checks: None,
        reconcile: PERIOD,
        learning: None,
    }
}

/// A wait whose job was noted a minute after it had begun.
fn wait(key: u32) -> DueWait {
    let integration = IntegrationName::parse("identity-check").unwrap();
    let began = at(BEGAN);
    let deadline = began + DEADLINE;
    DueWait {
        id: WaitId::derive("arn:execution", &integration, &format!("#{key}")),
        due: due_from(Some(PERIOD / 2), deadline, began),
        status: Status::Submitted,
        integration,
        digest: "d".to_owned(),
        started_at: began,
        deadline,
        job_id: Some(JobId::parse("job-1").unwrap()),
        submitted_at: Some(began + MINUTE),
        failures: 0,
        refusals: 0,
    }
}

fn times(wait: &DueWait) -> Regular {
    Regular::beside_webhook(wait, &schedule())
}

/// All times of checks before the deadline.
fn all_times(wait: &DueWait) -> Vec<Timestamp> {
    let times = times(wait);
    let first = if wait.due >= times.first() { wait.due } else { times.first() };
    std::iter::successors(Some(first), |at| Some(times.behind(*at))).take_while(|at| *at < wait.deadline).collect()
}

/// What a sweep of the window finds that comes as soon as the window is over.
fn swept(wait: &DueWait, from: Timestamp, until: Timestamp) -> Task {
    if wait.due > until {
        return Task::Nothing; // The index does not show it.
    }
    what(
        wait,
        Some(&times(wait)),
        Window { from: Some(from), until },
        until.min(wait.deadline - Duration::from_millis(1)),
    )
}

proptest! {
    #[test]
    fn a_window_says_check_if_and_only_if_a_time_of_a_check_lies_in_it(
        key in 0..1_000_u32,
        put_off_by in proptest::option::of(0..9_000_u64),
        cuts in proptest::collection::btree_set(1..10_800_000_u64, 1..60),
    ) {
        let mut wait = wait(key);
        if let Some(seconds) = put_off_by {
            wait.due = put_off(&wait, times(&wait).first() + Duration::from_secs(seconds));
        }
        let expected = all_times(&wait);
        let mut from = at(BEGAN);
        let mut found = 0;
        for cut in cuts {
            let until = at(BEGAN) + Duration::from_millis(cut);
            let within: Vec<_> = expected.iter().filter(|time| from < **time && **time <= until).collect();
            let task = swept(&wait, from, until);
            prop_assert_eq!(task, within.first().map_or(Task::Nothing, |first| Task::Check { since: **first, is_last: false }));
            // Swept again it says the same.
            prop_assert_eq!(swept(&wait, from, until), task);
            found += within.len();
            from = until;
        }
        prop_assert_eq!(found, expected.iter().filter(|time| **time <= from).count());
    }

    #[test]
    fn windows_shorter_than_the_period_find_every_time_of_a_check_exactly_once(
        key in 0..1_000_u32,
        lengths in proptest::collection::vec(1..600_000_u64, 60),
    ) {
        let wait = wait(key);
        let (mut from, mut found) = (at(BEGAN), Vec::new());
        for length in lengths {
            let until = from + Duration::from_millis(length);
            if let Task::Check { since, .. } = swept(&wait, from, until) {
                found.push(since);
            }
            from = until;
        }
        let expected: Vec<_> = all_times(&wait).into_iter().filter(|time| *time <= from).collect();
        prop_assert_eq!(found, expected);
    }

    #[test]
    fn the_first_check_lies_in_the_second_half_of_a_period_and_the_index_shows_the_wait_by_then(key in 0..10_000_u32) {
        let wait = wait(key);
        let first = times(&wait).first();
        let noted = wait.submitted_at.unwrap();
        prop_assert!(noted + PERIOD / 2 <= first && first < noted + PERIOD, "{}", first);
        prop_assert!(wait.due <= first);
    }
}

#[test]
fn waits_that_began_together_are_looked_at_in_different_minutes() {
    let minute = |key| (times(&wait(key)).first().as_second() - at(BEGAN).as_second()) / 60;
    for of_five in 6..11 {
        let count = (0..1_000).filter(|key| minute(*key) == of_five).count();
        assert!((150..250).contains(&count), "{count} of 1,000 in minute {of_five}");
    }
}

#[test]
fn a_wait_without_a_job_is_not_looked_at() {
    let wait = DueWait { job_id: None, submitted_at: None, status: Status::Registered, ..wait(0) };
    assert_eq!(swept(&wait, at(BEGAN), at(BEGAN) + PERIOD * 5), Task::Nothing);
}

#[test]
fn a_wait_whose_schedule_is_lost_is_not_looked_at_but_closed() {
    let wait = wait(0);
    let task = |until| what(&wait, None::<&Regular>, Window { from: Some(at(BEGAN)), until }, until);
    assert_eq!(task(wait.deadline - MINUTE), Task::Nothing);
    let closes_at = wait.deadline + CLOSE_GRACE;
    assert_eq!(task(closes_at), Task::Close { since: closes_at });
}

#[test]
fn after_the_deadline_a_wait_is_left_to_its_workflow_and_then_closed() {
    let wait = wait(0);
    let closes_at = wait.deadline + CLOSE_GRACE;
    let task = |until: Timestamp| what(&wait, Some(&times(&wait)), Window { from: Some(at(BEGAN)), until }, until);
    assert_eq!(task(wait.deadline), Task::Nothing);
    assert_eq!(task(closes_at - Duration::from_millis(1)), Task::Nothing);
    assert_eq!(task(closes_at), Task::Close { since: closes_at });
}

#[test]
fn an_outcome_is_delivered_in_whatever_window_it_is_found() {
    for status in [Status::Succeeded, Status::Failed, Status::Expired, Status::Cancelled] {
        let wait = DueWait { status, ..wait(0) };
        let until = wait.due + PERIOD * 100;
        assert_eq!(swept(&wait, until - MINUTE, until), Task::Deliver { since: wait.due });
    }
}

#[test]
fn before_the_first_sweep_any_time_that_has_passed_is_one_to_look_at() {
    let wait = wait(0);
    let first = times(&wait).first();
    let task = |until: Timestamp| what(&wait, Some(&times(&wait)), Window { from: None, until }, until);
    assert_eq!(task(first - Duration::from_millis(1)), Task::Nothing);
    assert_eq!(task(first), Task::Check { since: first, is_last: false });
    assert_eq!(task(first + PERIOD * 4), Task::Check { since: first + PERIOD * 4, is_last: false });
}

#[test]
fn a_wait_is_put_off_no_longer_than_until_it_is_closed() {
    let wait = wait(0);
    assert_eq!(put_off(&wait, at(BEGAN) + MINUTE), at(BEGAN) + MINUTE + Duration::from_millis(1));
    assert_eq!(put_off(&wait, Timestamp::MAX), wait.deadline.saturating_add(signed(CLOSE_GRACE)).unwrap());
}

#[test]
fn a_third_party_that_asks_to_be_left_alone_puts_off_only_what_would_come_sooner() {
    let wait = wait(0);
    let times = times(&wait);
    let now = times.first();
    assert_eq!(left_alone(&wait, &times, None, now), None);
    assert_eq!(left_alone(&wait, &times, Some(PERIOD), now), None);
    let asked = PERIOD + MINUTE;
    assert_eq!(left_alone(&wait, &times, Some(asked), now), Some(put_off(&wait, now + asked)));
}

#[test]
fn a_job_was_looked_at_before_at_its_last_time_unless_that_look_told_nothing() {
    let wait = wait(3);
    let (times, all) = (times(&wait), all_times(&wait));
    let before = |wait: &DueWait, from| looked_before(wait, &times, Window { from, until: all[5] });
    assert_eq!(before(&wait, Some(all[3])), Some(all[3]));
    assert_eq!(before(&wait, Some(all[4] - Duration::from_millis(1))), Some(all[3]));
    assert_eq!(before(&wait, Some(all[0] - MINUTE)), wait.submitted_at);
    assert_eq!(before(&wait, None), None);
    assert_eq!(before(&DueWait { failures: 1, ..wait.clone() }, Some(all[3])), None);
    assert_eq!(before(&DueWait { refusals: 1, ..wait.clone() }, Some(all[3])), None);
    let put_off = DueWait { due: all[3] + MINUTE, ..wait };
    assert_eq!(before(&put_off, Some(all[3])), None);
    assert_eq!(before(&put_off, Some(all[4] - MINUTE)), Some(all[3] + MINUTE));
}
