//! One wait in the main workflow.

use crate::cost::reconciler::Load;
use crate::cost::{
    AROUND, Architecture, CALLED_BACK, CALLED_BACK_WAITING, Course, EACH_FURTHER_ROUND, End, GIVEN_UP, JobEnds, POLLED,
    POLLED_WAITING, Prices, TooManyLooks, Usage, assumed, course, longest_delay, looks, together,
};
use crate::integration::{Integration, Limits, Strategy};
use crate::test_support::render;
use serde_json::Value;
use std::time::Duration;

const MAIN: &str = include_str!("../../../../../statemachines/main.asl.json");
const TEMPLATE: &str = include_str!("../../../../../template.yaml");

/// One look every ten seconds, exactly.
fn every_ten_seconds() -> Integration {
    let mut integration = render(&[]);
    integration.schedule.first = Duration::from_secs(10);
    integration.schedule.min = Duration::from_secs(10);
    integration.schedule.max = Duration::from_secs(10);
    integration
}

/// The log of so many invocations, with so many lines of their own.
const fn logged(invocations: u64, lines: u64) -> u64 {
    invocations * 700 + lines * 250
}

/// One wait that the reconciler does not look at.
fn alone() -> Load {
    Load { waits: 1, ..Load::default() }
}

fn every_ten_minutes() -> Integration {
    let mut integration = every_ten_seconds();
    for delay in [&mut integration.schedule.first, &mut integration.schedule.min, &mut integration.schedule.max] {
        *delay = Duration::from_mins(10);
    }
    integration
}

fn after(seconds: u64) -> JobEnds {
    JobEnds::After(Duration::from_secs(seconds))
}

#[test]
fn a_job_that_is_found_at_the_third_look_takes_one_round() {
    // Looks at 10 s, 20.1 s and 30.2 s, of 100 ms each: the round lasts 30.3 s.
    let usage = Usage {
        transitions: 12,
        express_requests: 1,
        express_mb_ms: 30_300 * 64,
        lambda_requests: 5,
        lambda_mb_ms: 5 * 100 * 128,
        writes: 9 + 2,
        reads: 1,
        looks: 3,
        requests: 4,
        log_bytes: logged(5, 5),
        ..Usage::default()
    };
    let expected = Course { end: End::Known { after: Duration::from_millis(5_200) }, usage, load: alone() };
    assert_eq!(course(&every_ten_seconds(), after(25)), Ok(expected));
}

#[test]
fn a_delay_over_the_break_even_is_waited_for_outside_for_three_transitions() {
    // Out of the first round at once; looks at 10 and 20 minutes, each a round of one look.
    let usage = Usage {
        transitions: 12 + 3 + 3,
        express_requests: 3,
        express_mb_ms: 3 * 100 * 64,
        lambda_requests: 4,
        lambda_mb_ms: 4 * 100 * 128,
        writes: 9 + 2,
        reads: 1,
        looks: 2,
        requests: 3,
        log_bytes: logged(4, 4),
        ..Usage::default()
    };
    let expected = Course { end: End::Known { after: Duration::from_millis(300_100) }, usage, load: alone() };
    assert_eq!(course(&every_ten_minutes(), after(900)), Ok(expected));
}

#[test]
fn a_wait_that_is_given_up_is_checked_for_nothing_once_then_closed_with_a_last_look_and_called_off() {
    let mut integration = every_ten_minutes();
    integration.deadline = Duration::from_mins(25);
    // Out at once, a look at 10 minutes, and a round that finds time to be up: one at 20 would be too near to that.
    let usage = Usage {
        transitions: 12 + 2 * 3 + 1,
        express_requests: 3,
        express_mb_ms: 3 * 100 * 64,
        lambda_requests: 2 + 1 + 1 + 1,
        lambda_mb_ms: 5 * 100 * 128,
        writes: 9 + 2,
        reads: 1 + 1,
        looks: 1 + 1,
        requests: 1 + 1 + 1 + 1,
        log_bytes: logged(5, 4),
        ..Usage::default()
    };
    let expected = Course { end: End::GivenUp, usage, load: alone() };
    assert_eq!(course(&integration, JobEnds::Never), Ok(expected));
    assert_eq!(looks(&integration, Duration::MAX).unwrap(), [Duration::from_mins(10)]);
}

#[test]
fn a_job_that_ends_after_the_last_check_is_found_by_close() {
    let mut integration = every_ten_minutes();
    integration.deadline = Duration::from_mins(25);
    let Course { end, usage, .. } = course(&integration, after(24 * 60)).unwrap();
    // Of the two checks, the one that found time to be up included, each takes 100 ms.
    assert_eq!(end, End::Known { after: Duration::from_millis(60_200) });
    assert_eq!((usage.looks, usage.requests), (2, 3), "nothing is called off");
}

#[test]
fn after_the_most_checks_the_wait_is_closed_at_once() {
    let mut integration = every_ten_seconds();
    integration.schedule.checks = Some(2);
    let Course { end, usage, .. } = course(&integration, JobEnds::Never).unwrap();
    assert_eq!(end, End::GivenUp);
    assert_eq!((usage.looks, usage.lambda_requests, usage.express_mb_ms), (3, 5, 20_200 * 64));
}

#[test]
fn a_webhook_costs_the_same_whenever_it_comes_but_for_the_looks_beside_it() {
    let integration = render(&[("strategy = \"poll\"", "strategy = \"callback\"")]);
    let usage = Usage {
        transitions: 10,
        lambda_requests: 3,
        lambda_mb_ms: 3 * 100 * 128,
        writes: 17 + 1 + 2,
        requests: 1,
        log_bytes: logged(3, 4),
        ..Usage::default()
    };
    let expected = Course { end: End::Known { after: Duration::ZERO }, usage, load: alone() };
    assert_eq!(course(&integration, after(1)), Ok(expected));
    // In the index from the fifth minute on; looks at 7.5 minutes, and six times at distances of ten until 57.5.
    let looked_at = Usage { looks: 6, requests: 7, ..usage };
    let load = Load { waits: 1, listed_ms: 3_299_000, looks: 6 };
    assert_eq!(course(&integration, after(3_599)), Ok(Course { usage: looked_at, load, ..expected }));
}

#[test]
fn a_webhook_that_never_comes_is_made_good_by_close() {
    let integration = render(&[("strategy = \"poll\"", "strategy = \"callback\"")]);
    let Course { end, usage, .. } = course(&integration, JobEnds::Never).unwrap();
    let counted = (usage.transitions, usage.lambda_requests, usage.writes, usage.reads, usage.looks, usage.requests);
    assert_eq!((end, counted), (End::GivenUp, (11, 3, 10 + 3 + 2, 1, 6 + 1, 1 + 6 + 1 + 1)));
}

/// The same, looked at by the reconciler.
fn pooled() -> Integration {
    Integration { strategy: Strategy::Pooled, ..every_ten_minutes() }
}

#[test]
fn a_pooled_wait_takes_one_transition_and_a_place_in_the_index_from_its_first_look_on() {
    // Looks at 10, 20 and 30 minutes and, half a minute later as the reconciler runs, at 40.
    let usage = Usage {
        transitions: 10,
        lambda_requests: 2,
        lambda_mb_ms: 2 * 100 * 128,
        writes: 17 + 2,
        looks: 4,
        requests: 5,
        log_bytes: logged(2, 4),
        ..Usage::default()
    };
    let load = Load { waits: 1, listed_ms: 30 * 60_000 + 30_000, looks: 4 };
    let expected = Course { end: End::Known { after: Duration::from_secs(5 * 60 + 30) }, usage, load };
    assert_eq!(course(&pooled(), after(35 * 60)), Ok(expected));
}

#[test]
fn a_pooled_wait_that_is_given_up_has_its_last_look_at_its_deadline_or_after_the_most_that_are_allowed() {
    let mut integration = Integration { deadline: Duration::from_mins(45), ..pooled() };
    // At 10, 20 and 30 minutes; one at 40 would be too near to the deadline.
    let Course { end, usage, load } = course(&integration, JobEnds::Never).unwrap();
    assert_eq!((end, usage.looks, load.looks, load.listed_ms), (End::GivenUp, 3 + 1, 3, 35 * 60_000));
    assert_eq!((usage.transitions, usage.writes, usage.reads), (11, 10 + 3 + 2, 1));
    integration.schedule.checks = Some(2);
    let Course { end, usage, load } = course(&integration, JobEnds::Never).unwrap();
    // The reconciler closes it right after the second, and delivers that; `close` finds it done.
    assert_eq!((end, usage.looks, load.looks, load.listed_ms), (End::GivenUp, 2 + 1, 2, 10 * 60_000 + 30_000));
    assert_eq!((usage.transitions, usage.writes, usage.reads), (11, 17 + 2, 1 + 1));
}

#[test]
fn a_thousand_waits_together_have_the_reconcilers_part_and_those_of_a_workflow_of_their_own_have_none() {
    let alone = |integration: &Integration| course(integration, after(35 * 60)).unwrap().usage.times(1_000);
    let shared = |integration: &Integration| together(integration, after(35 * 60)).unwrap().1;
    assert_eq!(shared(&every_ten_minutes()), alone(&every_ten_minutes()));
    let (shared, alone) = (shared(&pooled()), alone(&pooled()));
    // In 35 minutes it runs 35 times, rounded up, and reads the rows of eight shards each time.
    assert_eq!((shared.lambda_requests - alone.lambda_requests, shared.looks - alone.looks), (36, 0));
    assert!(shared.reads - alone.reads > 35 * 8, "{shared:?}");
}

#[test]
fn limits_cost_reads_and_writes_of_the_rows_that_all_share() {
    let mut integration = every_ten_seconds();
    let plain = course(&integration, after(25)).unwrap().usage;
    let group = integration.name.clone();
    let limits = Limits { group, in_flight: Some(5), interval: Some(Duration::from_millis(100)), breaker: true };
    integration.limits = Some(limits.clone());
    let all = course(&integration, after(25)).unwrap().usage;
    // The submit and three looks are let through; the gate is read before each, once more before the submit, after each.
    assert_eq!(all, Usage { reads: plain.reads + 4 + 1 + 4, writes: plain.writes + 4 + 2, ..plain });
    integration.limits = Some(Limits { in_flight: None, interval: None, ..limits });
    let breaker_alone = course(&integration, after(25)).unwrap().usage;
    assert_eq!(breaker_alone, Usage { reads: plain.reads + 9, ..plain });
}

#[test]
fn a_random_delay_is_taken_at_its_mean() {
    let mut integration = render(&[]);
    integration.schedule.first = Duration::from_secs(2);
    integration.schedule.min = Duration::from_secs(2);
    integration.schedule.max = Duration::from_secs(60);
    let longest: Vec<u64> = (1..=7).map(|n| longest_delay(&integration.schedule, n).as_secs()).collect();
    assert_eq!(longest, [2, 4, 8, 16, 32, 60, 60]);
    // Delays of 2, 3, 5, 9 and 17 s, and a look of 100 ms before each.
    let times: Vec<u128> =
        looks(&integration, Duration::from_secs(40)).unwrap().iter().map(Duration::as_millis).collect();
    assert_eq!(times, [2_000, 4_100, 7_200, 12_300, 21_400, 38_500]);
}

#[test]
fn more_looks_than_can_be_counted_are_an_error() {
    let mut integration = every_ten_seconds();
    integration.deadline = Duration::from_hours(90 * 24);
    for delay in [&mut integration.schedule.first, &mut integration.schedule.min, &mut integration.schedule.max] {
        *delay = Duration::from_secs(1);
    }
    assert_eq!(course(&integration, JobEnds::Never), Err(TooManyLooks));
}

#[test]
fn a_thousand_waits_cost_what_their_parts_do() {
    let usage = course(&every_ten_seconds(), after(25)).unwrap().usage.times(1_000);
    // 12,000 transitions, 1,000 rounds, 1,893.75 GB-s of them, 5,000 invocations, 62.5 GB-s of them, 11,000 writes,
    // 1,000 reads, 4.75 MB of logs.
    let parts = [300_000_000, 1_000_000, 31_568_813, 1_000_000, 833_338, 6_875_000, 125_000, 2_375_000];
    let cost = usage.nano_dollars(&Prices::default(), Architecture::Arm64);
    assert_eq!((cost, parts.iter().sum::<u64>()), (343_777_151, 343_777_151));
}

#[test]
fn functions_have_the_memory_that_is_assumed() {
    let sizes: Vec<&str> = TEMPLATE.lines().map(str::trim).filter(|line| line.starts_with("MemorySize:")).collect();
    let [of_all, of_reconciler] = [assumed::FUNCTION_MB, assumed::RECONCILER_MB].map(|mb| format!("MemorySize: {mb}"));
    assert_eq!(sizes, [of_all, of_reconciler]);
}

/// Whether the definition can go from one state to the next.
fn leads(state: &Value, to: &str) -> bool {
    let nexts = |list: &Value| list.as_array().is_some_and(|all| all.iter().any(|one| one["Next"] == to));
    state["Next"] == to || state["Default"] == to || nexts(&state["Choices"]) || nexts(&state["Catch"])
}

#[test]
fn the_states_that_are_counted_follow_each_other_in_the_definition() {
    let main: Value = serde_json::from_str(MAIN).unwrap();
    let processor = &main["States"]["For each request"]["ItemProcessor"];
    let follows = |states: &Value, path: &[&str]| {
        for pair in path.windows(2) {
            assert!(leads(&states[pair[0]], pair[1]), "{} does not lead to {}", pair[0], pair[1]);
        }
    };
    assert_eq!((&main["StartAt"], &processor["StartAt"]), (&Value::from(AROUND[0]), &Value::from(POLLED[0])));
    follows(&main["States"], &AROUND);
    follows(&processor["States"], &POLLED);
    follows(&processor["States"], &CALLED_BACK);
    assert!(POLLED.windows(2).any(|two| two == POLLED_WAITING), "what waits is a part of the way");
    assert!(CALLED_BACK.contains(&CALLED_BACK_WAITING[0]));
    follows(&processor["States"], &[POLLED[4], EACH_FURTHER_ROUND[0], EACH_FURTHER_ROUND[1], EACH_FURTHER_ROUND[2]]);
    follows(&processor["States"], &[POLLED[4], GIVEN_UP[0], POLLED[5]]);
    follows(&processor["States"], &[CALLED_BACK[2], GIVEN_UP[0], CALLED_BACK[3]]);
}
