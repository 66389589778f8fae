use super::places::{Holders, is_over, suspects, taken};
use super::{Answer, Attempt, Gate, Health, Heard, Later, MAX_TRIES, Turn, ask, crowded};
use crate::Timestamp;
use crate::answer::{Answer as Received, TransportError};
use crate::integration::Limits;
use crate::test_support::{at, outcome, raw_answer, render_name, row, wait_id, with_header};
use crate::wait::{OutcomeKind, WaitId};
use proptest::prelude::*;
use std::time::Duration;

const NOW: &str = "2026-11-23T12:00:00Z";

/// Five requests a second, and a breaker.
fn limits() -> Limits {
    Limits { group: render_name(), in_flight: None, interval: Some(Duration::from_millis(200)), breaker: true }
}

fn breaker_only() -> Limits {
    Limits { interval: None, ..limits() }
}

/// The microsecond that lies so many milliseconds after [`NOW`].
fn us(millis: i64) -> i64 {
    at(NOW).as_microsecond() + millis * 1_000
}

fn moment(us: i64) -> Timestamp {
    Timestamp::from_microsecond(us).unwrap()
}

/// A health in which everybody stays away for so many milliseconds from [`NOW`].
fn paused(failures: u32, millis: i64, probing: bool) -> Health {
    Health { failures, paused_until_us: us(millis), probing }
}

fn gate(next_at_us: i64) -> Gate {
    Gate { next_at_us, health: Health::default() }
}

/// What a caller may do now, drawn so that it is spread least.
fn asked(limits: &Limits, gate: Gate) -> Answer {
    ask(limits, &gate, at(NOW), 0)
}

#[test]
fn a_request_goes_by_the_rate_and_up_to_a_second_ahead_of_it() {
    let restart = Answer::Try(Attempt::Restart { now_us: us(0), next_at_us: us(200) });
    let queue = Answer::Try(Attempt::Queue { now_us: us(0), latest_us: us(800), interval_us: 200_000 });
    let later = |millis| Answer::Later(Later::Rate { away: Duration::from_millis(millis) });
    let cases = [
        (0, restart),
        (us(-1), restart),
        (us(0), restart),
        (us(1), queue),
        (us(800), queue),
        (us(801), later(1)),
        (us(1_000), later(200)),
    ];
    for (next_at_us, expected) in cases {
        assert_eq!(asked(&limits(), gate(next_at_us)), expected, "{next_at_us}");
    }
}

#[test]
fn a_rate_below_one_a_second_lets_one_go_at_a_time() {
    let slow = Limits { interval: Some(Duration::from_secs(100)), ..limits() };
    assert_eq!(asked(&slow, gate(us(0))), Answer::Try(Attempt::Restart { now_us: us(0), next_at_us: us(100_000) }));
    assert_eq!(asked(&slow, gate(us(1))), Answer::Later(Later::Rate { away: Duration::from_millis(1) }));
}

#[test]
fn without_a_rate_a_request_goes_without_an_update_until_the_breaker_opens() {
    assert_eq!(asked(&breaker_only(), gate(us(5_000))), Answer::Go);
    let open = Gate { next_at_us: 0, health: paused(5, 3_000, false) };
    assert_eq!(asked(&breaker_only(), open), Answer::Later(Later::Down { away: Duration::from_secs(3) }));
}

#[test]
fn after_a_pause_that_was_asked_for_everybody_goes_and_after_one_of_the_breaker_one_probe() {
    let throttled = Gate { next_at_us: 0, health: paused(0, 1, false) };
    let away = Duration::from_millis(1);
    assert_eq!(asked(&limits(), throttled), Answer::Later(Later::Throttled { away }));
    let over = Gate { health: paused(0, 0, false), ..throttled };
    assert!(matches!(asked(&limits(), over), Answer::Try(Attempt::Restart { .. })));

    let seen = paused(5, 0, false);
    let turn = Turn { seen, becomes: paused(5, 15_000, true) };
    let half_open = Gate { next_at_us: us(0), health: seen };
    let probe = |next_at_us| Answer::Try(Attempt::Probe { turn, next_at_us });
    assert_eq!(asked(&limits(), half_open), probe(us(200)));
    assert_eq!(asked(&breaker_only(), half_open), probe(us(0)));
    let too_fast = Gate { next_at_us: us(50), ..half_open };
    assert_eq!(asked(&limits(), too_fast), Answer::Later(Later::Rate { away: Duration::from_millis(50) }));
}

#[test]
fn an_update_is_refused_when_the_gate_has_moved_on() {
    let restart = Attempt::Restart { now_us: us(0), next_at_us: us(200) };
    let queue = Attempt::Queue { now_us: us(0), latest_us: us(800), interval_us: 200_000 };
    assert_eq!(restart.apply(gate(0)), Some(gate(us(200))));
    assert_eq!(restart.apply(gate(us(1))), None);
    assert_eq!(queue.apply(gate(us(800))), Some(gate(us(1_000))));
    assert_eq!(queue.apply(gate(us(801))), None);
    assert_eq!(queue.apply(gate(us(0))), None);
    for health in [paused(0, 1, false), paused(5, -1, false), paused(5, 1, true)] {
        assert_eq!(restart.apply(Gate { next_at_us: 0, health }), None, "{health:?}");
        assert_eq!(queue.apply(Gate { next_at_us: us(1), health }), None, "{health:?}");
    }
}

#[test]
fn those_who_come_later_are_spread_over_ten_intervals_a_second_or_half_the_pause() {
    let away = |limits: &Limits, health, random| match ask(limits, &Gate { next_at_us: 0, health }, at(NOW), random) {
        Answer::Later(later) => later.away(),
        other @ (Answer::Go | Answer::Try(_)) => panic!("{other:?}"),
    };
    let pause = paused(0, 1_000, false);
    assert_eq!(away(&limits(), pause, 1_999_999), Duration::from_micros(2_999_999));
    assert_eq!(away(&limits(), pause, 2_000_000), Duration::from_secs(1));
    assert_eq!(away(&breaker_only(), pause, 999_999), Duration::from_micros(1_999_999));
    assert_eq!(away(&breaker_only(), paused(0, 60_000, false), 29_999_999), Duration::from_micros(89_999_999));
    assert_eq!(crowded(&limits(), 1_500_000).away(), Duration::from_millis(1_500));
}

#[test]
fn why_a_request_must_wait_is_said_with_the_limit_and_the_time() {
    let away = Duration::from_millis(2_540);
    let said = [
        (Later::Full { most: 3 }, "3 of 3 places are taken (limits.in_flight); the submit stands in line"),
        (Later::Rate { away }, "limits.per_second is used up; the next request may go in 2.5 s"),
        (Later::Throttled { away }, "it asked to be left alone; the next request may go in 2.5 s"),
        (Later::Down { away }, "it is down, and limits.breaker keeps requests away; the next one may go in 2.5 s"),
    ];
    for (later, expected) in said {
        assert_eq!(later.to_string(), expected);
    }
}

#[test]
fn answers_are_heard_as_good_throttling_or_failure() {
    let status = |status| Ok(raw_answer(status, b""));
    let asking = |code, header: &str| status(code).map(|answer: Received| with_header(answer, "retry-after", header));
    let throttled = |seconds| Heard::Throttled(Duration::from_secs(seconds));
    let cases: [(Result<Received, TransportError>, Heard); 16] = [
        (status(200), Heard::Good),
        (status(404), Heard::Good),
        (status(401), Heard::Good),
        (status(302), Heard::Good),
        (status(500), Heard::Failed),
        (status(503), Heard::Failed),
        (status(599), Heard::Failed),
        (Err(TransportError::NotConnected), Heard::Failed),
        (Err(TransportError::Broken), Heard::Failed),
        (Err(TransportError::Refused), Heard::Nothing),
        (Err(TransportError::Unsendable), Heard::Nothing),
        (status(429), throttled(5)),
        (asking(429, "0"), throttled(1)),
        (asking(429, "86400"), throttled(300)),
        (asking(429, "soon"), throttled(5)),
        (asking(503, "30"), throttled(30)),
    ];
    for (received, expected) in cases {
        assert_eq!(Heard::of(&received, at(NOW)), expected, "{received:?}");
    }
}

#[test]
fn the_breaker_opens_at_the_fifth_failure_in_a_row_and_its_pause_doubles_with_each_failed_probe() {
    let mut health = Health::default();
    for failures in 1..5 {
        health = health.after(Heard::Failed, at(NOW)).unwrap();
        assert_eq!(health, Health { failures, ..Health::default() });
    }
    for (failures, seconds) in [(5, 5), (6, 10), (7, 20), (8, 40), (9, 80), (10, 160), (11, 300), (12, 300)] {
        health = health.after(Heard::Failed, at(NOW)).unwrap();
        assert_eq!(health, paused(failures, seconds * 1_000, false));
        assert_eq!(health.after(Heard::Failed, at(NOW)), None, "sent before the breaker opened");
        health.probing = true;
    }
    let long = Health { failures: u32::MAX, probing: true, ..health };
    assert_eq!(long.after(Heard::Failed, at(NOW)), Some(paused(u32::MAX, 300_000, false)));
}

#[test]
fn what_is_heard_changes_the_health_only_if_it_is_news() {
    let throttled = Heard::Throttled(Duration::from_secs(30));
    let (well, shaken) = (Health::default(), Health { failures: 4, ..Health::default() });
    let asleep = paused(2, 60_000, false);
    let (open, probing) = (paused(6, 10_000, false), paused(6, 15_000, true));
    let cases = [
        (well, Heard::Good, None),
        (well, Heard::Nothing, None),
        (shaken, Heard::Good, Some(well)),
        (asleep, Heard::Good, Some(paused(0, 60_000, false))),
        (open, Heard::Good, Some(well)),
        (probing, Heard::Good, Some(well)),
        (shaken, throttled, Some(paused(0, 30_000, false))),
        (paused(0, 60_000, false), throttled, None),
        (open, throttled, None),
        (probing, throttled, Some(paused(0, 30_000, false))),
        (probing, Heard::Nothing, None),
        // The fifth failure does not cut a pause short that was asked for.
        (paused(4, 60_000, false), Heard::Failed, Some(paused(5, 60_000, false))),
    ];
    for (health, heard, expected) in cases {
        assert_eq!(health.after(heard, at(NOW)), expected, "{health:?} {heard:?}");
    }
}

fn waits(count: u64) -> Holders {
    (0..count).map(|number| WaitId::derive("arn:execution", &render_name(), &number.to_string())).collect()
}

#[test]
fn a_place_is_taken_once_and_never_beyond_the_most() {
    let three = waits(3);
    let mine = three.first().unwrap();
    assert_eq!(taken(Holders::new(), mine, 1), Some(Holders::from([mine.clone()])));
    assert_eq!(taken(three.clone(), mine, 3), Some(three.clone()), "mine already");
    assert_eq!(taken(three.clone(), mine, 2), Some(three.clone()), "kept when the limit was lowered");
    assert_eq!(taken(three.clone(), &wait_id(), 3), None);
    assert_eq!(taken(three, &wait_id(), 4).unwrap().len(), 4);
}

#[test]
fn ten_holders_are_looked_at_beginning_anywhere() {
    assert_eq!(suspects(&Holders::new(), 7), []);
    let three = waits(3);
    let in_order: Vec<_> = three.iter().cloned().collect();
    assert_eq!(suspects(&three, 4), [&in_order[1..], &in_order[..1]].concat());
    let all: Holders = (0..20).flat_map(|random| suspects(&waits(20), random)).collect();
    assert_eq!((suspects(&waits(20), u64::MAX).len(), all), (10, waits(20)));
}

#[test]
fn a_holder_is_over_when_it_has_an_outcome_or_no_row_or_was_due_an_hour_ago() {
    let open = row(1);
    let mut ended = row(1);
    ended.outcome = Some(outcome(OutcomeKind::expired("late")));
    assert!(is_over(None, at(NOW)));
    assert!(is_over(Some(&ended), at(NOW)));
    assert!(!is_over(Some(&open), at(NOW)));
    // Its deadline is one o'clock.
    assert!(!is_over(Some(&open), at("2026-11-23T14:00:00Z")));
    assert!(is_over(Some(&open), at("2026-11-23T14:00:00.001Z")));
}

/// One of many callers, between two of its effects.
#[derive(Clone, Copy)]
enum Caller {
    Idle,
    /// Has read the gate, and is about to try.
    Trying {
        attempt: Attempt,
        now_us: i64,
        tries: u32,
    },
}

/// The table, and who got through it when.
struct Crowd {
    limits: Limits,
    gate: Gate,
    callers: Vec<Caller>,
    /// When each request that went was asked for, and whether it was a probe.
    went: Vec<(i64, bool)>,
}

impl Crowd {
    fn new(limits: Limits, health: Health) -> Self {
        Self { limits, gate: Gate { next_at_us: 0, health }, callers: vec![Caller::Idle; 8], went: Vec::new() }
    }

    /// The caller's next effect, at a time.
    fn step(&mut self, caller: usize, now_us: i64) {
        self.callers[caller] = match self.callers[caller] {
            Caller::Idle => self.decide(now_us, 0),
            Caller::Trying { attempt, now_us: asked_us, tries } => match attempt.apply(self.gate) {
                Some(gate) => {
                    self.gate = gate;
                    self.went.push((asked_us, matches!(attempt, Attempt::Probe { .. })));
                    Caller::Idle
                }
                None => self.decide(now_us, tries + 1),
            },
        };
    }

    fn decide(&mut self, now_us: i64, tries: u32) -> Caller {
        match ask(&self.limits, &self.gate, moment(now_us), 0) {
            Answer::Try(attempt) if tries < MAX_TRIES => Caller::Trying { attempt, now_us, tries },
            Answer::Go => {
                self.went.push((now_us, false));
                Caller::Idle
            }
            Answer::Try(_) | Answer::Later(_) => Caller::Idle,
        }
    }
}

/// Who does its next effect, and how many microseconds later than the last one.
fn schedule() -> impl Strategy<Value = Vec<(usize, i64)>> {
    let pause = prop_oneof![4 => 0_i64..1_000, 2 => 0_i64..300_000, 1 => 0_i64..3_000_000];
    prop::collection::vec((0_usize..8, pause), 1..400)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn callers_that_race_never_overshoot_the_rate_by_more_than_a_seconds_worth(
        schedule in schedule(),
        interval_us in prop_oneof![1_000_i64..50_000, 50_000_i64..2_000_000],
    ) {
        let interval = Duration::from_micros(u64::try_from(interval_us).unwrap());
        let mut crowd = Crowd::new(Limits { interval: Some(interval), ..limits() }, Health::default());
        let mut now_us = us(0);
        for (caller, later_us) in schedule {
            now_us += later_us;
            crowd.step(caller, now_us);
        }
        let mut went: Vec<i64> = crowd.went.iter().map(|(went_us, _)| *went_us).collect();
        went.sort_unstable();
        for (first, from_us) in went.iter().enumerate() {
            for (last, until_us) in went.iter().enumerate().skip(first) {
                let count = i64::try_from(last - first).unwrap() + 1;
                let allowed = (until_us - from_us + interval_us.max(1_000_000)) / interval_us;
                prop_assert!(count <= allowed, "{count} from {from_us} to {until_us}");
            }
        }
    }

    #[test]
    fn a_paused_gate_lets_none_through_and_the_breakers_pause_ends_with_one_probe(
        schedule in schedule(),
        has_rate: bool,
        is_down: bool,
    ) {
        let limits = if has_rate { limits() } else { breaker_only() };
        let health = paused(if is_down { 5 } else { 0 }, 1_000, false);
        let mut crowd = Crowd::new(limits, health);
        let mut now_us = us(0);
        for (caller, later_us) in schedule {
            now_us += later_us;
            if now_us >= us(16_000) {
                break;
            }
            crowd.step(caller, now_us);
        }
        prop_assert!(crowd.went.iter().all(|(went_us, _)| *went_us >= us(1_000)), "{:?}", crowd.went);
        if is_down {
            let probes: Vec<bool> = crowd.went.iter().map(|(_, is_probe)| *is_probe).collect();
            prop_assert!(probes.is_empty() || probes == [true], "{probes:?}");
        }
    }
}
