use super::{BREAK_EVEN, Next, Position, ROUND, begin, later, next};
use crate::Timestamp;
use crate::decide::check::Verdict;
use crate::duration::signed;
use crate::integration::{Jitter, Schedule};
use crate::message::Action;
use crate::test_support::at;
use crate::wait::OutcomeKind;
use proptest::prelude::*;
use serde_json::Value;
use std::time::Duration;

const START: &str = "2026-11-23T12:00:00Z";

fn after(millis: u64) -> Timestamp {
    at(START) + signed(Duration::from_millis(millis))
}

/// Looks come after exactly this many milliseconds.
fn fixed(interval_ms: u64) -> Schedule {
    let interval = Duration::from_millis(interval_ms);
    Schedule { first: interval, min: interval, max: interval, growth_percent: 200, jitter: Jitter::None, checks: None }
}

const PENDING: Verdict = Verdict::Pending { retry_after: None };

fn pending_and_asked_to_wait(seconds: u64) -> Verdict {
    Verdict::Pending { retry_after: Some(Duration::from_secs(seconds)) }
}

/// What follows at `now_ms` into a round, when the wait has a deadline at `deadline_ms`.
fn decide(schedule: &Schedule, verdict: &Verdict, now_ms: u64, deadline_ms: u64) -> Next {
    let position = Position { checks: 1, round_started_at: after(0), deadline: after(deadline_ms), now: after(now_ms) };
    next(schedule, verdict, position, 0)
}

const FAR: u64 = 100_000_000;

#[test]
fn a_round_is_left_exactly_when_the_delay_is_over_the_break_even() {
    let cases = [
        (1_000, Action::Wait, 1),
        (71_500, Action::Wait, 72),
        (72_000, Action::Wait, 72),
        (72_001, Action::Leave, 73),
        (73_000, Action::Leave, 73),
    ];
    for (interval_ms, action, seconds) in cases {
        assert_eq!(decide(&fixed(interval_ms), &PENDING, 0, FAR), Next { action, seconds }, "{interval_ms} ms");
    }
}

#[test]
fn a_look_that_is_put_off_waits_where_any_other_would_and_never_beyond_the_deadline() {
    let decide = |delay_ms, now_ms, deadline_ms| {
        let position =
            Position { checks: 0, round_started_at: after(0), deadline: after(deadline_ms), now: after(now_ms) };
        later(Duration::from_millis(delay_ms), position)
    };
    let cases = [
        ((0, 0, FAR), Action::Wait, 1),
        ((1_200, 0, FAR), Action::Wait, 2),
        ((72_001, 0, FAR), Action::Leave, 73),
        ((60_000, 171_000, FAR), Action::Leave, 60),
        ((300_000, 0, 5_500), Action::Wait, 6),
        ((300_000, 5_500, 5_500), Action::Expired, 0),
    ];
    for ((delay_ms, now_ms, deadline_ms), action, seconds) in cases {
        assert_eq!(decide(delay_ms, now_ms, deadline_ms), Next { action, seconds }, "{delay_ms} ms at {now_ms} ms");
    }
}

#[test]
fn a_round_is_left_exactly_when_the_next_look_would_start_after_230_seconds() {
    let cases = [
        (0, Action::Wait),
        (199_999, Action::Wait),
        (200_000, Action::Wait),
        (200_001, Action::Leave),
        (300_000, Action::Leave),
    ];
    for (now_ms, action) in cases {
        assert_eq!(decide(&fixed(30_000), &PENDING, now_ms, FAR), Next { action, seconds: 30 }, "{now_ms} ms");
    }
}

#[test]
fn fractions_of_a_second_are_rounded_up_so_that_no_look_comes_early() {
    for (interval_ms, seconds) in [(1_001, 2), (1_999, 2), (2_000, 2)] {
        assert_eq!(decide(&fixed(interval_ms), &PENDING, 0, FAR), Next { action: Action::Wait, seconds });
    }
}

#[test]
fn a_delay_that_would_pass_the_deadline_is_shortened_to_a_last_look_at_it() {
    let cases =
        [(30_000, 1_000, Action::Wait, 29), (30_000, 29_000, Action::Wait, 1), (30_000, 29_999, Action::Wait, 1)];
    for (deadline_ms, now_ms, action, seconds) in cases {
        assert_eq!(decide(&fixed(60_000), &PENDING, now_ms, deadline_ms), Next { action, seconds }, "{now_ms} ms");
    }
}

#[test]
fn a_look_at_or_after_the_deadline_gives_up() {
    for now_ms in [30_000, 30_001, 90_000] {
        let expired = Next { action: Action::Expired, seconds: 0 };
        assert_eq!(decide(&fixed(1_000), &PENDING, now_ms, 30_000), expired, "{now_ms} ms");
    }
}

#[test]
fn what_the_third_party_asks_for_counts_between_the_least_interval_and_what_is_left() {
    let cases = [
        (0, Action::Wait, 10),
        (9, Action::Wait, 10),
        (11, Action::Wait, 11),
        (73, Action::Leave, 73),
        (999_999_999, Action::Leave, 99_990),
    ];
    for (asked, action, seconds) in cases {
        let expected = Next { action, seconds };
        assert_eq!(decide(&fixed(10_000), &pending_and_asked_to_wait(asked), 0, FAR), expected, "{asked} s");
    }
    let unusable = Verdict::AskAgain { reason: "HTTP 429".to_owned(), retry_after: Some(Duration::from_secs(20)) };
    assert_eq!(decide(&fixed(10_000), &unusable, 0, FAR), Next { action: Action::Wait, seconds: 20 });
}

#[test]
fn a_verdict_that_ended_asks_for_no_delay_of_its_own() {
    let ended = Verdict::Ended(OutcomeKind::Succeeded { output: Value::Null });
    assert_eq!(decide(&fixed(10_000), &ended, 0, FAR), Next { action: Action::Wait, seconds: 10 });
}

#[test]
fn a_clock_that_runs_behind_the_rounds_beginning_does_no_harm() {
    let position = Position { checks: 1, round_started_at: after(5_000), deadline: after(FAR), now: after(0) };
    assert_eq!(next(&fixed(10_000), &PENDING, position, 0), Next { action: Action::Wait, seconds: 10 });
}

#[test]
fn the_ends_of_time_do_not_overflow() {
    let position = Position {
        checks: u32::MAX,
        round_started_at: Timestamp::MIN,
        deadline: Timestamp::MAX,
        now: Timestamp::MAX - signed(Duration::from_secs(1)),
    };
    assert_eq!(next(&fixed(86_400_000), &PENDING, position, u64::MAX), Next { action: Action::Leave, seconds: 1 });
    let position =
        Position { checks: 0, round_started_at: Timestamp::MAX, deadline: Timestamp::MIN, now: Timestamp::MAX };
    assert_eq!(next(&fixed(1_000), &PENDING, position, 0), Next { action: Action::Expired, seconds: 0 });
}

/// A wait from its first look to its end, of a job that is never done.
struct Life {
    rounds: u64,
    last_look_at_ms: u64,
    longest_round_ms: u64,
}

/// Lives through a wait whose looks take no time, which makes for the most rounds.
fn live(
    schedule: &Schedule,
    deadline_ms: u64,
    mut verdict: impl FnMut() -> Verdict,
    mut random: impl FnMut() -> u64,
) -> Life {
    let mut life = Life { rounds: 1, last_look_at_ms: 0, longest_round_ms: 0 };
    let mut round_began_ms = 0;
    for checks in 1.. {
        let now_ms = life.last_look_at_ms;
        life.longest_round_ms = life.longest_round_ms.max(now_ms - round_began_ms);
        let position = Position {
            checks,
            round_started_at: after(round_began_ms),
            deadline: after(deadline_ms),
            now: after(now_ms),
        };
        let step = next(schedule, &verdict(), position, random());
        life.last_look_at_ms += step.seconds * 1_000;
        match step.action {
            Action::Wait => {}
            Action::Leave => {
                life.rounds += 1;
                round_began_ms = life.last_look_at_ms;
            }
            Action::Expired | Action::Exhausted => break,
            Action::Done => panic!("a job that is never done was done"),
        }
    }
    life
}

fn any_schedule() -> impl Strategy<Value = Schedule> {
    let interval = || prop_oneof![1_u64..20_000, 60_000_u64..100_000, 1_000_u64..600_000];
    (interval(), interval(), interval(), 101_u32..400, any::<bool>()).prop_map(|(first, a, b, growth_percent, full)| {
        let millis = |ms: u64| Duration::from_millis(ms.max(1_000));
        Schedule {
            first: millis(first),
            min: millis(a.min(b)),
            max: millis(a.max(b)),
            growth_percent,
            jitter: if full { Jitter::Full } else { Jitter::None },
            checks: None,
        }
    })
}

/// Mostly what a third party says, sometimes a wish to be left alone.
fn any_verdict() -> impl Strategy<Value = Verdict> {
    prop_oneof![
        3 => Just(PENDING),
        1 => (0_u64..400).prop_map(pending_and_asked_to_wait),
        1 => (0_u64..400).prop_map(|seconds| Verdict::AskAgain {
            reason: "HTTP 429".to_owned(),
            retry_after: Some(Duration::from_secs(seconds)),
        }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn no_wait_takes_more_rounds_than_planned_and_each_ends_with_a_look_at_its_deadline(
        schedule in any_schedule(),
        deadline_ms in 1_000_u64..14_400_000,
        verdicts in prop::collection::vec(any_verdict(), 1..6),
        seed: u64,
    ) {
        let mut verdict = verdicts.iter().cycle();
        // Weyl's sequence: every number of it is another one.
        let mut number = seed;
        let life = live(&schedule, deadline_ms, || verdict.next().unwrap().clone(), || {
            number = number.wrapping_add(0x9E37_79B9_7F4A_7C15);
            number >> 16
        });
        let planned = schedule.rounds_at_most(Duration::from_millis(deadline_ms), BREAK_EVEN, ROUND);
        prop_assert!(life.rounds <= planned, "{} rounds, {planned} planned", life.rounds);
        // Wait states count whole seconds: the last look is at the deadline, rounded up.
        prop_assert_eq!(life.last_look_at_ms, deadline_ms.next_multiple_of(1_000));
        prop_assert!(life.longest_round_ms <= 265_000, "{} ms in one round", life.longest_round_ms);
    }
}

#[test]
fn a_first_delay_of_up_to_72_seconds_is_waited_for_inside_and_a_longer_one_outside() {
    let first = |seconds: u64, left_ms| begin(&fixed(seconds * 1_000), None, after(left_ms), after(0));
    assert_eq!(first(1, FAR), Next { action: Action::Wait, seconds: 1 });
    assert_eq!(first(72, FAR), Next { action: Action::Wait, seconds: 72 });
    assert_eq!(first(73, FAR), Next { action: Action::Leave, seconds: 73 });
    assert_eq!(first(30, 5_500), Next { action: Action::Wait, seconds: 6 });
    assert_eq!(first(30, 0), Next { action: Action::Wait, seconds: 0 });
}
