use super::{BREAK_EVEN, BreakEven, Next, Position, ROUND, begin, begun_inside, later, next};
use crate::Timestamp;
use crate::cost::EACH_FURTHER_ROUND;
use crate::cost::assumed::ROUND_MB;
use crate::cost::prices::{Item, Prices};
use crate::decide::check::Verdict;
use crate::duration::signed;
use crate::integration::{Jitter, Schedule};
use crate::message::Action;
use crate::test_support::{at, learning};
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
    Schedule {
        first: interval,
        min: interval,
        max: interval,
        growth_percent: 200,
        jitter: Jitter::None,
        checks: None,
        reconcile: std::time::Duration::from_mins(10),
        learning: None,
    }
}

const PENDING: Verdict = Verdict::Pending { retry_after: None };

fn pending_and_asked_to_wait(seconds: u64) -> Verdict {
    Verdict::Pending { retry_after: Some(Duration::from_secs(seconds)) }
}

/// What follows at `now_ms` into a round, when the wait has a deadline at `deadline_ms`.
fn decide(schedule: &Schedule, verdict: &Verdict, now_ms: u64, deadline_ms: u64) -> Next {
    let position = Position {
        checks: 1,
        submitted_at: None,
        round_started_at: after(0),
        deadline: after(deadline_ms),
        now: after(now_ms),
        break_even: BreakEven::default(),
    };
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
        let position = Position {
            checks: 0,
            submitted_at: None,
            round_started_at: after(0),
            deadline: after(deadline_ms),
            now: after(now_ms),
            break_even: BreakEven::default(),
        };
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
    let position = Position {
        checks: 1,
        submitted_at: None,
        round_started_at: after(5_000),
        deadline: after(FAR),
        now: after(0),
        break_even: BreakEven::default(),
    };
    assert_eq!(next(&fixed(10_000), &PENDING, position, 0), Next { action: Action::Wait, seconds: 10 });
}

#[test]
fn the_ends_of_time_do_not_overflow() {
    let position = Position {
        checks: u32::MAX,
        submitted_at: None,
        round_started_at: Timestamp::MIN,
        deadline: Timestamp::MAX,
        now: Timestamp::MAX - signed(Duration::from_secs(1)),
        break_even: BreakEven::default(),
    };
    assert_eq!(next(&fixed(86_400_000), &PENDING, position, u64::MAX), Next { action: Action::Leave, seconds: 1 });
    let position = Position {
        checks: 0,
        submitted_at: None,
        round_started_at: Timestamp::MAX,
        deadline: Timestamp::MIN,
        now: Timestamp::MAX,
        break_even: BreakEven::default(),
    };
    assert_eq!(next(&fixed(1_000), &PENDING, position, 0), Next { action: Action::Expired, seconds: 0 });
}

#[test]
fn a_first_delay_of_up_to_72_seconds_is_waited_for_inside_and_a_longer_one_outside() {
    let first =
        |seconds: u64, left_ms| begin(&fixed(seconds * 1_000), None, after(left_ms), after(0), BreakEven::default(), 0);
    assert_eq!(first(1, FAR), Next { action: Action::Wait, seconds: 1 });
    assert_eq!(first(72, FAR), Next { action: Action::Wait, seconds: 72 });
    assert_eq!(first(73, FAR), Next { action: Action::Leave, seconds: 73 });
    assert_eq!(first(30, 5_500), Next { action: Action::Wait, seconds: 6 });
    assert_eq!(first(30, 0), Next { action: Action::Wait, seconds: 0 });
}

#[test]
fn a_first_look_follows_the_wish_of_the_third_party_within_the_same_bounds() {
    let asked = |seconds: u64, left_ms| {
        begin(&fixed(10_000), Some(Duration::from_secs(seconds)), after(left_ms), after(0), BreakEven::default(), 0)
            .seconds
    };
    assert_eq!([asked(0, FAR), asked(10, FAR), asked(40, FAR)], [10, 10, 40]);
    assert_eq!([asked(40, 50_000), asked(41, 50_000), asked(41, 19_000), asked(5, 19_000)], [40, 40, 19, 19]);
}

#[test]
fn the_last_look_before_the_deadline_lies_one_interval_before_it() {
    // 10 s between looks: what is left, and when the next look comes.
    let cases = [
        (40_000, 10, "the next look leaves room for another"),
        (20_000, 10, "the next look is the last but one"),
        (19_999, 20, "too near for two looks: only the closing one"),
        (10_000, 10, "only the closing one"),
        (500, 1, "the closing one, sooner than an interval"),
    ];
    for (left_ms, seconds, why) in cases {
        assert_eq!(decide(&fixed(10_000), &PENDING, 0, left_ms).seconds, seconds, "{why}");
    }
    let asked = |seconds: u64, left_ms| decide(&fixed(10_000), &pending_and_asked_to_wait(seconds), 0, left_ms).seconds;
    assert_eq!([asked(30, 40_000), asked(31, 40_000), asked(60, 40_000), asked(60, 40_900)], [30, 30, 30, 30]);
}

#[test]
fn a_wait_is_given_up_after_the_most_looks_and_not_sooner() {
    let schedule = Schedule { checks: Some(3), ..fixed(10_000) };
    let after_looks = |checks| {
        let position = Position {
            checks,
            submitted_at: None,
            round_started_at: after(0),
            deadline: after(FAR),
            now: after(0),
            break_even: BreakEven::default(),
        };
        next(&schedule, &PENDING, position, 0)
    };
    assert_eq!(after_looks(2), Next { action: Action::Wait, seconds: 10 });
    for checks in [3, 4, u32::MAX] {
        assert_eq!(after_looks(checks), Next { action: Action::Exhausted, seconds: 0 });
    }
    let position = Position {
        checks: 3,
        submitted_at: None,
        round_started_at: after(0),
        deadline: after(0),
        now: after(0),
        break_even: BreakEven::default(),
    };
    assert_eq!(next(&schedule, &PENDING, position, 0).action, Action::Expired);
}

/// Looks every 35 seconds, unless earlier jobs teach better.
fn learned() -> Schedule {
    learning("128 per doubling, 5m: 200", &fixed(35_000))
}

#[test]
fn a_job_that_always_took_five_minutes_is_first_looked_at_soon_after_five_minutes() {
    let first = |left_ms, random| begin(&learned(), None, after(left_ms), after(0), BreakEven::default(), random);
    assert_eq!(first(FAR, 0), Next { action: Action::Leave, seconds: 303 });
    assert_eq!(first(310_000, 0), Next { action: Action::Leave, seconds: 275 });
    let asked = begin(&learned(), Some(Duration::from_secs(7)), after(FAR), after(0), BreakEven::default(), 0);
    assert_eq!(asked, Next { action: Action::Wait, seconds: 35 });
    // One in 16 looks once more before.
    assert_eq!(first(FAR, 16 * 30 + 15), Next { action: Action::Wait, seconds: 65 });
}

#[test]
fn a_learned_look_is_as_far_away_as_the_submit_says_and_not_as_the_looks_before() {
    let at_ms = |submitted_at, now_ms, verdict: &Verdict| {
        let position = Position {
            checks: 1,
            submitted_at,
            round_started_at: after(now_ms),
            deadline: after(FAR),
            now: after(now_ms),
            break_even: BreakEven::default(),
        };
        next(&learned(), verdict, position, 0).seconds
    };
    let seconds = |now_ms| at_ms(Some(after(0)), now_ms, &PENDING);
    assert_eq!([seconds(100_000), seconds(100_400)], [203, 203]);
    // A look just before a time of the plan does not make it look at that one's successor.
    assert_eq!([seconds(268_000), seconds(280_000), seconds(302_999), seconds(303_000)], [35, 35, 35, 2_097]);
    assert_eq!(at_ms(Some(after(0)), 100_000, &pending_and_asked_to_wait(40)), 40);
    // A clock that runs behind the submit's, and a submit that nobody noted.
    assert_eq!([at_ms(Some(after(5_000)), 0, &PENDING), at_ms(None, 100_000, &PENDING)], [303, 35]);
}

/// What an Express workflow of the least memory costs so many seconds, in pico-dollars.
fn staying(seconds: u64) -> u64 {
    Prices::default().of(Item::ExpressMemory, seconds * 1_000 * ROUND_MB * 1_000)
}

/// What leaving it and coming back costs, in pico-dollars.
fn leaving() -> u64 {
    let prices = Prices::default();
    1_000 * (prices.of(Item::Transition, EACH_FURTHER_ROUND.len() as u64) + prices.of(Item::ExpressRequest, 1))
}

#[test]
fn a_round_is_left_exactly_when_leaving_costs_less_than_staying() {
    for seconds in 1..=ROUND.as_secs() {
        let next = decide(&fixed(seconds * 1_000), &PENDING, 0, FAR);
        let is_cheaper = leaving() < staying(seconds);
        assert_eq!(next.action == Action::Leave, is_cheaper, "{seconds} s: {} or {}", staying(seconds), leaving());
    }
    assert_eq!(BREAK_EVEN, Duration::from_secs(72));
}

#[test]
fn a_deployment_may_set_another_break_even_within_a_round() {
    for seconds in [1, 30, 72, 229, 230] {
        let break_even = BreakEven::of_seconds(seconds).unwrap();
        let position = Position {
            checks: 1,
            submitted_at: None,
            round_started_at: after(0),
            deadline: after(FAR),
            now: after(0),
            break_even,
        };
        let action = |delay: u64| next(&fixed(delay * 1_000), &PENDING, position, 0).action;
        assert_eq!((action(seconds), action(seconds + 1)), (Action::Wait, Action::Leave), "{seconds} s");
        let first = |delay: u64| begin(&fixed(delay * 1_000), None, after(FAR), after(0), break_even, 0).action;
        assert_eq!((first(seconds), first(seconds + 1)), (Action::Wait, Action::Leave), "{seconds} s");
    }
    for seconds in [0, 231, u64::MAX] {
        let error = BreakEven::of_seconds(seconds).unwrap_err().to_string();
        assert!(error.ends_with("write 1 to 230 s"), "{error}");
    }
}

proptest! {
    #[test]
    fn a_round_never_sleeps_past_its_limit_whatever_the_break_even_is(
        interval_ms in 1_000_u64..400_000,
        now_ms in 0_u64..300_000,
        asked in proptest::option::of(0_u64..400),
        break_even in 1_u64..=230,
    ) {
        let position = Position {
            checks: 1,
            submitted_at: None,
            round_started_at: after(0),
            deadline: after(FAR),
            now: after(now_ms),
            break_even: BreakEven::of_seconds(break_even).unwrap(),
        };
        let verdict = asked.map_or(PENDING, pending_and_asked_to_wait);
        let Next { action, seconds } = next(&fixed(interval_ms), &verdict, position, 0);
        let within = after(now_ms) + signed(Duration::from_secs(seconds)) <= after(0) + signed(ROUND);
        prop_assert_eq!(action == Action::Wait, within && seconds <= break_even);
    }
}

#[test]
fn a_submit_inside_the_round_leaves_less_of_it_for_the_first_look() {
    let planned = Next { action: Action::Wait, seconds: 30 };
    let at = |submit_took: u64| begun_inside(planned, after(0), after(submit_took * 1_000));
    assert_eq!(at(200), planned);
    assert_eq!(at(201), Next { action: Action::Leave, seconds: 30 });
    let leaving = Next { action: Action::Leave, seconds: 90 };
    assert_eq!(begun_inside(leaving, after(0), after(0)), leaving);
}
