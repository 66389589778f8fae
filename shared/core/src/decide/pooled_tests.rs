//! The times of a pooled wait's checks: its schedule, and nothing else.

use super::super::sweep::{CheckTimes as _, Task, Times, Window, looked_before, put_off, what};
use super::{GRANULARITY, Pooled, average_looks, first_look, first_look_on_average};
use crate::Timestamp;
use crate::integration::{Integration, IntegrationName, Jitter, Schedule};
use crate::test_support::{JOBS, at, learning, render};
use crate::wait::due::{DueWait, due_from};
use crate::wait::{JobId, Status, WaitId};
use proptest::prelude::*;
use std::sync::LazyLock;
use std::time::Duration;

const BEGAN: &str = "2026-11-24T00:00:00Z";
const SUBMITTED_AFTER: Duration = Duration::from_secs(7);
const MINUTE: Duration = Duration::from_mins(1);
const DEADLINE: Duration = Duration::from_hours(24 * 30);

/// A wait that goes by that schedule.
fn wait_by(key: u32, schedule: &Schedule) -> DueWait {
    let wait = wait(key, Duration::ZERO);
    DueWait { due: due_from(Some(first_look(&wait.id, schedule)), wait.deadline, wait.started_at), ..wait }
}

fn wait(key: u32, first: Duration) -> DueWait {
    let integration = IntegrationName::parse("render").unwrap();
    let (began, deadline) = (at(BEGAN), at(BEGAN) + DEADLINE);
    DueWait {
        id: WaitId::derive("arn:execution", &integration, &format!("#{key}")),
        due: due_from(Some(first), deadline, began),
        status: Status::Submitted,
        integration,
        digest: "d".to_owned(),
        started_at: began,
        deadline,
        job_id: Some(JobId::parse("job-1").unwrap()),
        submitted_at: Some(began + SUBMITTED_AFTER),
        failures: 0,
        refusals: 0,
    }
}

fn pooled(schedule: &Schedule) -> Integration {
    let mut integration = render(&[(r#"strategy = "poll""#, "strategy = \"poll\"\nengine = \"pooled\"")]);
    integration.schedule = schedule.clone();
    integration
}

/// Any, or one that learned; those keep the plans that they have made.
fn any_way() -> impl Strategy<Value = Schedule> {
    let few = Schedule { first: MINUTE, max: 7 * MINUTE, growth_percent: 130, ..every(MINUTE) };
    let often = Schedule { first: MINUTE, ..every(Duration::from_secs(5)) };
    let learned = vec![LEARNED.clone(), learning(JOBS, &often), learning("8 per doubling, 2h: 40, 2days: 9", &few)];
    prop_oneof![3 => any_schedule(), 1 => prop::sample::select(learned)]
}

fn any_schedule() -> impl Strategy<Value = Schedule> {
    let interval = || prop_oneof![1_u64..120, 60_u64..3_600, 60_u64..86_400];
    (interval(), interval(), interval(), 101_u32..=1_000, any::<bool>()).prop_map(
        |(first, a, b, growth_percent, full)| Schedule {
            first: Duration::from_secs(first),
            min: Duration::from_secs(a.min(b)),
            max: Duration::from_secs(a.max(b)),
            growth_percent,
            jitter: if full { Jitter::Full } else { Jitter::None },
            checks: None,
            reconcile: Duration::from_mins(10),
            learning: None,
        },
    )
}

/// The first times.
fn times(times: &Pooled, count: usize) -> Vec<Timestamp> {
    std::iter::successors(Some(times.first()), |at| Some(times.behind(*at))).take(count).collect()
}

fn gaps(times: &[Timestamp]) -> Vec<Duration> {
    times.windows(2).map(|pair| Duration::try_from(pair[1].duration_since(pair[0])).unwrap()).collect()
}

/// What a sweep of the window finds that comes as soon as the window is over.
fn swept(wait: &DueWait, integration: &Integration, from: Timestamp, until: Timestamp) -> Task {
    if wait.due > until {
        return Task::Nothing; // The index does not show it.
    }
    what(wait, Some(&Times::of(wait, integration)), Window { from: Some(from), until }, until)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn the_times_are_those_of_the_schedule_by_the_minute(schedule in any_schedule(), key in 0..10_000_u32) {
        let wait = wait(key, schedule.first);
        let found = times(&Pooled::of(&wait, &schedule), 60);
        prop_assert_eq!(found[0], wait.submitted_at.unwrap() + schedule.first);
        let by_the_minute = schedule.no_closer_than(GRANULARITY);
        for (checks, gap) in (1..).zip(gaps(&found)) {
            // The shortest and the longest delay that `Schedule::delay` draws there.
            let longest = Schedule { jitter: Jitter::None, ..by_the_minute.clone() }.delay(checks, 0);
            let shortest = by_the_minute.delay(checks, 0);
            prop_assert!((shortest..=longest).contains(&gap), "{:?} before time {}, {:?} to {:?}", gap, checks + 1, shortest, longest);
        }
    }

    #[test]
    fn the_time_behind_any_moment_is_the_first_of_the_sequence_that_is_later(
        schedule in any_way(),
        key in 0..10_000_u32,
        moments in proptest::collection::vec(0..4_000_000_u64, 20),
    ) {
        let of_wait = Pooled::of(&wait(key, schedule.first), &schedule);
        let sequence = times(&of_wait, 80);
        let last = *sequence.last().unwrap();
        for seconds in moments {
            let moment = at(BEGAN) + Duration::from_secs(seconds);
            if moment < last {
                let expected = *sequence.iter().find(|time| **time > moment).unwrap();
                prop_assert_eq!(of_wait.behind(moment), expected);
            }
        }
    }

    #[test]
    fn a_window_says_check_if_and_only_if_a_time_lies_in_it(
        schedule in any_way(),
        key in 0..1_000_u32,
        put_off_by in proptest::option::of(0..9_000_u64),
        cuts in proptest::collection::btree_set(1..200_000_u64, 1..60),
    ) {
        let integration = pooled(&schedule);
        let mut wait = wait_by(key, &schedule);
        let of_wait = Pooled::of(&wait, &schedule);
        let mut first = of_wait.first();
        if let Some(seconds) = put_off_by {
            wait.due = put_off(&wait, first + Duration::from_secs(seconds));
            first = wait.due;
        }
        let expected: Vec<_> = std::iter::successors(Some(first), |at| Some(of_wait.behind(*at)))
            .take_while(|time| *time < at(BEGAN) + Duration::from_secs(200_000))
            .collect();
        let (mut from, mut found) = (at(BEGAN), 0);
        for cut in cuts {
            let until = at(BEGAN) + Duration::from_secs(cut);
            let within: Vec<_> = expected.iter().filter(|time| from < **time && **time <= until).collect();
            let task = swept(&wait, &integration, from, until);
            let before = expected.iter().rfind(|time| **time <= from).copied();
            let is_put_off = put_off_by.is_some() && wait.due > from;
            let looked = looked_before(&wait, &of_wait, Window { from: Some(from), until });
            prop_assert_eq!(looked, before.or(wait.submitted_at).filter(|_| !is_put_off));
            let is = within.first().map_or(Task::Nothing, |first| Task::Check { since: **first, is_last: false });
            prop_assert_eq!(task, is);
            prop_assert_eq!(swept(&wait, &integration, from, until), task, "swept again");
            found += within.len();
            from = until;
        }
        prop_assert_eq!(found, expected.iter().filter(|time| **time <= from).count());
    }

    #[test]
    fn run_by_run_each_time_is_found_once(schedule in any_way(), key in 0..1_000_u32, lengths in proptest::collection::vec(1..=60_000_u64, 200)) {
        let integration = pooled(&schedule);
        let wait = wait_by(key, &schedule);
        let (mut from, mut found) = (at(BEGAN), Vec::new());
        for length in lengths {
            let until = from + Duration::from_millis(length);
            if let Task::Check { since, .. } = swept(&wait, &integration, from, until) {
                prop_assert!(from < since && since <= until);
                found.push(since);
            }
            from = until;
        }
        // No two of them lie within a minute, which is the longest window.
        let of_wait = Pooled::of(&wait, &schedule);
        let expected: Vec<_> =
            std::iter::successors(Some(of_wait.first()), |at| Some(of_wait.behind(*at))).take_while(|time| *time <= from).collect();
        prop_assert_eq!(found, expected);
    }
}

fn every(interval: Duration) -> Schedule {
    Schedule {
        first: interval,
        min: interval,
        max: interval,
        growth_percent: 200,
        jitter: Jitter::Full,
        checks: None,
        reconcile: Duration::from_mins(10),
        learning: None,
    }
}

#[test]
fn without_jitter_the_times_are_the_sums_of_the_delays() {
    let schedule = Schedule { first: MINUTE, max: 10 * MINUTE, jitter: Jitter::None, ..every(MINUTE) };
    let found = times(&Pooled::of(&wait(0, MINUTE), &schedule), 8);
    let minutes: Vec<u64> = gaps(&found).iter().map(|gap| gap.as_secs() / 60).collect();
    assert_eq!(minutes, [1, 2, 4, 8, 10, 10, 10]);
}

#[test]
fn an_interval_under_a_minute_counts_as_a_minute() {
    let schedule = Schedule { first: Duration::from_secs(5), ..every(Duration::from_secs(5)) };
    let found = times(&Pooled::of(&wait(0, schedule.first), &schedule), 4);
    assert_eq!(found[0], at(BEGAN) + SUBMITTED_AFTER + Duration::from_secs(5));
    assert_eq!(gaps(&found), [MINUTE; 3]);
}

#[test]
fn waits_that_began_together_are_spread_over_what_the_schedule_leaves_to_chance() {
    let schedule = Schedule { first: MINUTE, max: 10 * MINUTE, growth_percent: 1_000, ..every(MINUTE) };
    let tenth = |key| times(&Pooled::of(&wait(key, MINUTE), &schedule), 10)[9];
    let (least, most) = ((0..500).map(tenth).min().unwrap(), (0..500).map(tenth).max().unwrap());
    assert!(most.duration_since(least).as_mins() >= 5, "{least} to {most}");
}

#[test]
fn the_last_look_before_the_deadline_lies_the_least_interval_before_it() {
    let integration = pooled(&every(10 * MINUTE));
    let wait = wait(0, 10 * MINUTE);
    // Times lie ten minutes apart from seven seconds behind the beginning; the last one is too near to the deadline.
    let last = wait.deadline + SUBMITTED_AFTER - 10 * MINUTE;
    assert_eq!(swept(&wait, &integration, last - MINUTE, last), Task::Nothing);
    let before = last - 10 * MINUTE;
    let check = Task::Check { since: before, is_last: false };
    assert_eq!(swept(&wait, &integration, before - MINUTE, before), check);
}

#[test]
fn the_looks_that_a_schedule_allows_are_counted_by_its_times() {
    let schedule = Schedule { checks: Some(3), ..every(10 * MINUTE) };
    let integration = pooled(&schedule);
    let wait = wait(0, schedule.first);
    let is_last = |nth: u32| {
        let time = at(BEGAN) + SUBMITTED_AFTER + 10 * MINUTE * nth;
        match swept(&wait, &integration, time - MINUTE, time) {
            Task::Check { since, is_last } => (since == time).then_some(is_last),
            Task::Deliver { .. } | Task::Close { .. } | Task::Nothing => None,
        }
    };
    // Behind the third one each is the last, should a run have died before it gave the wait up.
    assert_eq!([1, 2, 3, 4].map(is_last), [false, false, true, true].map(Some));
}

/// Looks each one to ten minutes, unless earlier jobs teach better: most take an
/// hour. Clones share the plan, which takes a while to make.
static LEARNED: LazyLock<Schedule> = LazyLock::new(|| {
    let written = Schedule { first: MINUTE, max: 10 * MINUTE, ..every(MINUTE) };
    learning("128 per doubling, 10m: 3, 58m: 12, 59m: 30, 1h: 32, 61m: 20", &written)
});

#[test]
fn the_times_of_a_learned_schedule_are_its_plans_and_a_minute_apart() {
    let plan = LEARNED.learned().unwrap();
    let mut explored = 0;
    for key in 0..400 {
        let wait = wait(key, Duration::ZERO);
        let found = times(&Pooled::of(&wait, &LEARNED), 40);
        assert!(gaps(&found).iter().all(|gap| *gap >= MINUTE), "{found:?}");
        let since = |time: &Timestamp| Duration::try_from(time.duration_since(wait.submitted_at.unwrap())).unwrap();
        let of_plan: Vec<Duration> =
            std::iter::successors(Some(plan.behind(Duration::ZERO).at), |at| Some(plan.behind(*at).at))
                .take(40)
                .collect();
        let besides: Vec<_> = found.iter().map(since).filter(|at| !of_plan.contains(at)).collect();
        explored += besides.len();
        assert_eq!(found.len() - besides.len(), 40 - besides.len());
        // The same whenever they are asked for.
        assert_eq!(times(&Pooled::of(&wait, &LEARNED), 40), found);
    }
    // Of two long times that the plan leaves out, one wait in 16 looks in each.
    let far = plan.far_apart().count();
    assert!((far * 15..=far * 35).contains(&explored), "{explored} looks by chance in {far} long times");
}

#[test]
fn the_looks_that_a_learned_schedule_allows_are_counted_with_those_by_chance() {
    for key in 0..100 {
        let schedule = Schedule { checks: Some(6), ..LEARNED.clone() };
        let of_wait = Pooled::of(&wait(key, Duration::ZERO), &schedule);
        let used_up: Vec<bool> = times(&of_wait, 9).iter().map(|time| of_wait.is_used_up(*time)).collect();
        assert_eq!(used_up, [false, false, false, false, false, true, true, true, true], "{key}");
    }
}

#[test]
fn a_learned_wait_is_shown_by_the_index_from_its_own_first_time_on() {
    let firsts: Vec<Duration> = (0..100)
        .map(|key| {
            let wait = wait(key, Duration::ZERO);
            let first = first_look(&wait.id, &LEARNED);
            assert_eq!(Pooled::of(&wait, &LEARNED).first(), wait.submitted_at.unwrap() + first);
            first
        })
        .collect();
    assert_eq!(firsts.iter().max(), Some(&first_look_on_average(&LEARNED)));
    assert!(firsts.iter().min() < firsts.iter().max(), "nobody explores");
}

#[test]
fn learned_looks_on_average_are_the_plans_until_the_deadline() {
    let plan = LEARNED.learned().unwrap();
    let looks: Vec<Duration> = average_looks(&LEARNED, Duration::from_mins(90)).collect();
    let of_plan: Vec<Duration> = plan.times().take_while(|at| *at <= Duration::from_mins(89)).collect();
    assert_eq!(looks[..of_plan.len()], of_plan);
    assert!(looks.last().unwrap() <= &Duration::from_mins(89), "{looks:?}");
}

#[test]
fn the_ends_of_time_do_not_overflow() {
    let schedule = Schedule { max: Duration::from_hours(24), growth_percent: 101, ..every(MINUTE) };
    let wait = DueWait { submitted_at: Some(Timestamp::MAX), ..wait(0, MINUTE) };
    let of_wait = Pooled::of(&wait, &schedule);
    assert_eq!([of_wait.first(), of_wait.behind(Timestamp::MAX)], [Timestamp::MAX; 2]);
    let wait = DueWait { submitted_at: Some(Timestamp::MIN), ..wait };
    let of_wait = Pooled::of(&wait, &schedule);
    assert!(of_wait.behind(at(BEGAN)) > at(BEGAN));
    assert_eq!(of_wait.behind(Timestamp::MIN), of_wait.first());
}
