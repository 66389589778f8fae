//! Steps at a third party that has as much to do as it may have, or is down.

use super::{Bench, error};
use crate::finish;
use crate::scenarios::{EARLY_WEBHOOK, NEVER_DONE, Scenario, tightly_limited};
use crate::world::TaskState;
use crate::world::gate::Fault;
use std::collections::BTreeMap;
use std::time::Duration;
use stepwait_core::message::{Action, CheckInput, Checked, PollState};
use stepwait_core::pace::places::Holders;
use stepwait_core::pace::{Gate, Health};
use stepwait_core::wait::{JobId, Status, WaitId};
use stepwait_flow::check::check;
use stepwait_flow::ports::Resumption;

const LIMITED: Scenario = Scenario { pinned: Some(tightly_limited), ..EARLY_WEBHOOK };

/// Another wait on the same third party, in the same world.
fn beside(bench: Bench) -> (Bench, WaitId) {
    let plan = LIMITED.plan_keyed(&bench.world, &bench.book, "#1");
    let first = bench.plan.wait.id.clone();
    (Bench { plan, ..bench }, first)
}

fn holders(bench: &Bench) -> Holders {
    bench.world.state().shared.places.get(&bench.integration()).cloned().unwrap_or_default()
}

fn cause(task: &TaskState) -> &str {
    match task {
        TaskState::Resumed(Resumption::Failure { cause, .. }) => cause,
        TaskState::Resumed(Resumption::Success(_)) | TaskState::Waiting | TaskState::Retired => "",
    }
}

/// Everybody stays away for a minute from now, after so many failures.
fn pause(bench: &Bench, failures: u32) {
    let group = bench.integration();
    let mut state = bench.world.state();
    let paused_until_us = (state.now + Duration::from_mins(1)).as_microsecond();
    let health = Health { failures, paused_until_us, probing: false };
    state.shared.gates.insert(group, Gate { health, ..Gate::default() });
}

#[test]
fn a_submit_that_finds_no_place_free_sends_nothing_and_says_which_limit_it_was() {
    let first = Bench::new(&LIMITED);
    assert_eq!(first.submit(0), TaskState::Waiting);
    first.world.state().now += Duration::from_secs(2);
    let (second, holder) = beside(first);

    let task = second.submit(0);
    assert_eq!(error(&task), Some("AtCapacity"));
    let said = "identity-check: 1 of 1 places are taken (limits.in_flight); the submit stands in line";
    assert_eq!(cause(&task), said);
    assert_eq!(second.world.state().vendor.submits.len(), 1);
    assert_eq!((second.row().status, second.row().submit), (Status::Registered, None));
    assert_eq!(holders(&second), Holders::from([holder]));
}

#[test]
fn a_place_is_free_again_once_its_waits_outcome_is_stored() {
    let first = Bench::new(&LIMITED);
    assert_eq!(first.submit(0), TaskState::Waiting);
    assert_eq!(first.deliver(0).status, 200);
    assert_eq!(holders(&first), Holders::new());
}

#[test]
fn a_place_whose_holder_died_between_storing_its_outcome_and_leaving_is_cleared_by_who_needs_it() {
    let first = Bench::new(&LIMITED);
    assert_eq!(first.submit(0), TaskState::Waiting);
    // The last effect of the delivery is to leave the place.
    let all = {
        let undisturbed = Bench::new(&LIMITED);
        undisturbed.submit(0);
        let before = undisturbed.world.state().gate.passed().len();
        undisturbed.deliver(0);
        let passed = undisturbed.world.state().gate.passed()[before..].to_vec();
        assert_eq!(passed.last(), Some(&"leave place"));
        passed.len()
    };
    first.world.state().gate.open(BTreeMap::from([(all - 1, Fault::NotDone)]));
    assert_eq!(first.deliver(0).status, 200);
    let (second, holder) = beside(first);
    assert_eq!(holders(&second), Holders::from([holder]));

    second.world.state().now += Duration::from_secs(2);
    assert_eq!(second.submit(0), TaskState::Waiting);
    assert_eq!(holders(&second), Holders::from([second.plan.wait.id.clone()]));
    assert_eq!(second.world.state().shared.most_places, 1);
}

#[test]
fn a_submit_at_a_third_party_that_is_down_sends_nothing_and_takes_no_place() {
    let bench = Bench::new(&LIMITED);
    pause(&bench, 5);
    let task = bench.submit(0);
    assert_eq!(error(&task), Some("AtCapacity"));
    assert!(cause(&task).starts_with("identity-check: it is down, and limits.breaker keeps requests away"), "{task:?}");
    assert_eq!(holders(&bench), Holders::new());
    assert_eq!(bench.world.state().vendor.submits.len(), 0);
}

#[test]
fn a_submit_in_line_ends_at_its_deadline() {
    let bench = Bench::new(&LIMITED);
    pause(&bench, 5);
    assert_eq!(error(&bench.submit(0)), Some("AtCapacity"));
    bench.world.state().now = bench.plan.wait.deadline;
    assert_eq!(error(&bench.submit(1)), Some("DeadlinePassed"));
    assert_eq!(bench.world.state().vendor.submits.len(), 0);
}

#[test]
fn a_submit_that_was_not_taken_gives_its_place_back_before_its_right_to_send() {
    let script = crate::world::Script { submission: crate::world::Submission::BusyFirst, ..LIMITED.script };
    let bench = Bench::new(&Scenario { script, ..LIMITED });
    let task = bench.submit(0);
    assert_eq!(error(&task), Some("AtCapacity"));
    assert!(cause(&task).starts_with("identity-check: HTTP 429; it asked to be left alone"), "{task:?}");
    assert_eq!(holders(&bench), Holders::new());
    let state = bench.world.state();
    let last = &state.gate.passed()[state.gate.passed().len() - 6..];
    assert_eq!(last, ["read gate", "turn gate", "leave place", "release submit", "read gate", "resume"]);
}

#[test]
fn a_check_that_must_not_be_made_yet_is_put_off_and_not_counted() {
    let bench = Bench::new(&LIMITED);
    pause(&bench, 0);
    let poll =
        PollState { checks: 3, refusals: 2, round_started_at: Some(bench.world.state().now), ..PollState::default() };
    let look = || {
        let input = CheckInput { wait: bench.plan.wait.clone(), job_id: JobId::parse("job-1").unwrap(), poll };
        finish(check(&bench.world, &bench.book, input)).unwrap()
    };
    let Checked { action, seconds, poll: after, settled } = look();
    // A minute, and up to half a minute more.
    assert!((60..=91).contains(&seconds), "{seconds}");
    let round_started_at = (action == Action::Wait).then_some(poll.round_started_at).flatten();
    assert_eq!((after, settled), (PollState { round_started_at, ..poll }, None));

    bench.world.state().now = bench.plan.wait.deadline - Duration::from_secs(40);
    pause(&bench, 0);
    assert_eq!((look().seconds, bench.world.state().vendor.looks), (40, 0), "never beyond the deadline");
}

#[test]
fn an_integration_without_limits_never_touches_the_shared_rows() {
    let bench = Bench::new(&NEVER_DONE);
    assert_eq!(bench.submit(0), TaskState::Waiting);
    bench.close("Lambda.Unknown");
    let state = bench.world.state();
    let shared = ["read gate", "pass gate", "turn gate", "take place", "leave place"];
    assert!(state.gate.passed().iter().all(|effect| !shared.contains(effect)), "{:?}", state.gate.passed());
}
