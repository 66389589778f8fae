//! Whole lives of waits, look by look: whatever the third party sends, delays
//! keep their bounds, and the deadline is kept.

use crate::Timestamp;
use crate::decide::check::Verdict;
use crate::decide::retry_after;
use crate::decide::round::{BreakEven, Position, ROUND, begin, next};
use crate::duration::signed;
use crate::integration::{Jitter, Schedule};
use crate::message::Action;
use crate::test_support::{JOBS, at, learning};
use proptest::prelude::*;
use std::sync::LazyLock;
use std::time::Duration;

/// The longest that a look takes, in milliseconds: the time limit of its Task.
const MOST_LOOK_MS: u64 = 15_000;

fn after(millis: u64) -> Timestamp {
    at("2026-11-23T12:00:00Z") + signed(Duration::from_millis(millis))
}

/// One look of a wait that did not close it, in milliseconds since the submit.
struct Look {
    /// From the end of the one before, or from the submit.
    delay_ms: u64,
    began_at_ms: u64,
    /// How long the third party asked to be left alone before it.
    asked: Option<Duration>,
}

/// A wait from its submit to its end, of a job that is never done.
struct Life {
    looks: Vec<Look>,
    rounds: u64,
    longest_round_ms: u64,
    closing_delay_ms: u64,
    closed_at_ms: u64,
    exhausted: bool,
}

/// What a third party sends, in turn, and how long it takes.
#[derive(Debug)]
struct ThirdParty {
    retry_after: Vec<Option<String>>,
    looks_take_ms: Vec<u64>,
}

fn live(schedule: &Schedule, deadline_ms: u64, third_party: &ThirdParty, seed: u64, break_even: BreakEven) -> Life {
    let deadline = after(deadline_ms);
    let mut said = third_party.retry_after.iter().cycle();
    let mut wish = |now| said.next().unwrap().as_deref().and_then(|header| retry_after::parse(header, now));
    let mut take = third_party.looks_take_ms.iter().cycle();
    // Weyl's sequence: every number of it is another one.
    let mut number = seed;
    let (mut now_ms, mut round_began_ms, mut rounds, mut longest_round_ms) = (0, 0, 1, 0);
    let mut looks = Vec::new();
    let mut asked = wish(after(0));
    let mut step = begin(schedule, asked, deadline, after(0), break_even, seed);
    loop {
        let delay_ms = step.seconds * 1_000;
        if step.action == Action::Leave {
            rounds += 1;
            round_began_ms = now_ms + delay_ms;
        }
        now_ms += delay_ms;
        // What `check` does: at the deadline there is no look but the closing one.
        if now_ms >= deadline_ms || matches!(step.action, Action::Expired | Action::Exhausted) {
            let exhausted = step.action == Action::Exhausted;
            return Life {
                looks,
                rounds,
                longest_round_ms,
                closing_delay_ms: delay_ms,
                closed_at_ms: now_ms,
                exhausted,
            };
        }
        longest_round_ms = longest_round_ms.max(now_ms - round_began_ms);
        looks.push(Look { delay_ms, began_at_ms: now_ms, asked });
        now_ms += take.next().unwrap();
        asked = wish(after(now_ms));
        number = number.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let checks = u32::try_from(looks.len()).unwrap();
        let position = Position {
            checks,
            submitted_at: Some(after(0)),
            round_started_at: after(round_began_ms),
            deadline,
            now: after(now_ms),
            break_even,
        };
        step = next(schedule, &Verdict::Pending { retry_after: asked }, position, number >> 16);
    }
}

fn any_schedule() -> impl Strategy<Value = Schedule> {
    let interval = || prop_oneof![1_u64..20_000, 60_000_u64..100_000, 1_000_u64..600_000];
    let checks = prop_oneof![3 => Just(None), 1 => (1_u32..50).prop_map(Some)];
    (interval(), interval(), interval(), 101_u32..400, any::<bool>(), checks).prop_map(
        |(first, a, b, growth_percent, full, checks)| {
            let millis = |ms: u64| Duration::from_millis(ms.max(1_000));
            Schedule {
                first: millis(first),
                min: millis(a.min(b)),
                max: millis(a.max(b)),
                growth_percent,
                jitter: if full { Jitter::Full } else { Jitter::None },
                checks,
                reconcile: std::time::Duration::from_mins(10),
                learning: None,
            }
        },
    )
}

/// What third parties have sent as `Retry-After`: mostly nothing.
fn any_retry_after() -> impl Strategy<Value = Option<String>> {
    let seen = [
        "inf",
        "1e300",
        "-5",
        "0",
        "NaN",
        "99999999999999999999",
        "Mon, 23 Nov 2026 11:00:00 GMT",
        "Mon, 23 Nov 2026 12:30:00 GMT",
        "Fri, 31 Dec 9999 23:59:59 GMT",
    ];
    prop_oneof![
        4 => Just(None),
        3 => (0_u64..400).prop_map(|seconds| Some(seconds.to_string())),
        1 => prop::sample::select(seen.to_vec()).prop_map(|text| Some(text.to_owned())),
        1 => any::<String>().prop_map(Some),
    ]
}

fn any_third_party() -> impl Strategy<Value = ThirdParty> {
    let takes = prop_oneof![Just(vec![0]), prop::collection::vec(0..=MOST_LOOK_MS, 1..4)];
    (prop::collection::vec(any_retry_after(), 1..6), takes)
        .prop_map(|(retry_after, looks_take_ms)| ThirdParty { retry_after, looks_take_ms })
}

/// Wait states count whole seconds, rounded up.
fn whole_ms(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap().next_multiple_of(1_000)
}

/// Schedules that learned, with the plans that they keep: making one takes as long
/// as many lives.
static LEARNED: LazyLock<Vec<Schedule>> = LazyLock::new(|| {
    let seconds = Duration::from_secs;
    let schedule = |first, min, max, growth_percent, jitter| Schedule {
        first: seconds(first),
        min: seconds(min),
        max: seconds(max),
        growth_percent,
        jitter,
        checks: None,
        reconcile: Duration::from_mins(10),
        learning: None,
    };
    let schedules = [
        schedule(2, 2, 30, 200, Jitter::Full),
        schedule(5, 5, 60, 200, Jitter::Full),
        schedule(1, 1, 1, 101, Jitter::None),
        schedule(100, 75, 600, 150, Jitter::None),
        Schedule { checks: Some(7), ..schedule(2, 2, 30, 200, Jitter::Full) },
    ];
    let jobs =
        [JOBS, "8 per doubling, 4s: 3, 7s: 9, 8s: 2, 13s: 5, 2m: 7", "16 per doubling, 10m: 12, 50m: 8, 1h: 30, 3h: 1"];
    let learned = schedules.iter().flat_map(|schedule| jobs.map(|jobs| learning(jobs, schedule)));
    learned.filter(|schedule| schedule.learned().is_some()).collect()
});

#[test]
fn most_schedules_of_these_lives_go_by_what_they_learned() {
    assert!(LEARNED.len() >= 10, "{}", LEARNED.len());
}

fn any_break_even() -> impl Strategy<Value = BreakEven> {
    prop_oneof![Just(72_u64), 1_u64..=230].prop_map(|seconds| BreakEven::of_seconds(seconds).unwrap())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10_000))]

    #[test]
    fn every_delay_keeps_its_bounds_and_every_look_the_deadline(
        schedule in any_schedule(),
        deadline_ms in 1_000_u64..7_200_000,
        third_party in any_third_party(),
        seed: u64,
        break_even in any_break_even(),
    ) {
        let life = live(&schedule, deadline_ms, &third_party, seed, break_even);
        for (n, look) in life.looks.iter().enumerate() {
            let planned = if n == 0 { schedule.first } else { schedule.max };
            let most_ms = whole_ms(look.asked.unwrap_or(planned).max(schedule.min));
            prop_assert!(look.delay_ms <= most_ms, "{} ms before look {n}, {most_ms} at most", look.delay_ms);
        }
        keeps_its_bounds(&schedule, deadline_ms, break_even, &life)?;
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn what_was_learned_takes_no_more_rounds_and_looks_no_nearer_than_the_plan_allows(
        schedule in prop::sample::select(&*LEARNED),
        deadline_ms in 1_000_u64..14_400_000,
        third_party in any_third_party(),
        seed: u64,
        break_even in any_break_even(),
    ) {
        let life = live(&schedule, deadline_ms, &third_party, seed, break_even);
        keeps_its_bounds(&schedule, deadline_ms, break_even, &life)?;
    }
}

/// What holds for each wait, by whichever schedule it goes.
fn keeps_its_bounds(
    schedule: &Schedule,
    deadline_ms: u64,
    break_even: BreakEven,
    life: &Life,
) -> Result<(), TestCaseError> {
    let least_ms = whole_ms(schedule.min);
    for (n, look) in life.looks.iter().enumerate() {
        let shortest_ms = if n == 0 { least_ms.min(whole_ms(schedule.first)) } else { least_ms };
        prop_assert!(look.delay_ms >= shortest_ms, "{} ms before look {n}, {shortest_ms} at least", look.delay_ms);
        // The closing look follows a whole interval later, or what the look itself takes sooner.
        prop_assert!(look.began_at_ms + least_ms <= deadline_ms, "look {n} at {} ms", look.began_at_ms);
    }
    if life.exhausted {
        prop_assert_eq!(u32::try_from(life.looks.len()).ok(), schedule.checks);
    } else {
        // Nothing is slept beyond the deadline but the rest of its last second; a look may still run into it.
        let latest_ms = deadline_ms + if life.closing_delay_ms == 0 { MOST_LOOK_MS } else { 999 };
        prop_assert!((deadline_ms..=latest_ms).contains(&life.closed_at_ms), "closed at {} ms", life.closed_at_ms);
    }
    let planned = schedule.rounds_at_most(Duration::from_millis(deadline_ms), break_even.longest_inside(), ROUND);
    prop_assert!(life.rounds <= planned, "{} rounds, {planned} planned", life.rounds);
    prop_assert!(life.longest_round_ms <= 265_000, "{} ms in one round", life.longest_round_ms);
    Ok(())
}
