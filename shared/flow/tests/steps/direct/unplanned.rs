//! Waits of a workflow of one's own, which has no plan.

use super::error;
use crate::finish;
use crate::scenarios::{EARLY_WEBHOOK, NEVER_DONE, Scenario, book, pin, written};
use crate::world::{TaskState, World};
use serde_json::{Value, json};
use std::time::Duration;
use stepwait_core::ErrorName;
use stepwait_core::integration::{Integration, IntegrationName};
use stepwait_core::message::{
    Action, Attempt, CaughtError, Direct, DirectClose, DirectSubmit, PollState, Settled, SubmitAnswer,
};
use stepwait_core::wait::{Change, Generation, Registration, Status, WaitId};
use stepwait_flow::StepError;
use stepwait_flow::close::close_direct;
use stepwait_flow::ports::WaitStore as _;
use stepwait_flow::submit::submit_direct;

const CALLBACK: &str = "identity-check";
const POLL: &str = "transcript";

fn world(scenario: &Scenario) -> World {
    World::new(&scenario.script)
}

fn direct(world: &World, integration: &str) -> Direct {
    Direct {
        integration: integration.to_owned(),
        key: "Wait for it".to_owned(),
        payload: json!({ "applicant": "a-1", "reference": "r-1", "audio_url": "https://example.com/a.mp3" }),
        execution_arn: "arn:execution".to_owned(),
        started_at: world.state().now,
        deadline_seconds: 30 * 24 * 60 * 60,
    }
}

fn id(direct: &Direct) -> WaitId {
    let name = IntegrationName::parse(&direct.integration).unwrap();
    WaitId::derive(&direct.execution_arn, &name, &direct.key)
}

/// An attempt whose task holds a token; what became of the task.
fn with_token(world: &World, direct: &Direct, retry_count: u64) -> TaskState {
    let token = world.state().tokens.issue(&WaitId::derive("", &IntegrationName::parse("any").unwrap(), ""));
    let attempt = Attempt { entered_at: direct.started_at, retry_count };
    let input = DirectSubmit { direct: direct.clone(), attempt, token: Some(token.clone()), round_started_at: None };
    finish(submit_direct(world, &book(), input)).unwrap();
    world.state().tokens.state(&token).clone()
}

/// An attempt in a round of the nested workflow that began some seconds before.
fn in_round(world: &World, direct: &Direct, since: u64) -> Result<SubmitAnswer, StepError> {
    let round_started_at = world.state().now - Duration::from_secs(since);
    let attempt = Attempt { entered_at: world.state().now, retry_count: 0 };
    let input = DirectSubmit { direct: direct.clone(), attempt, token: None, round_started_at: Some(round_started_at) };
    finish(submit_direct(world, &book(), input))
}

fn closed(world: &World, direct: &Direct, name: &str) -> Settled {
    let error = CaughtError { error: name.to_owned(), cause: "why".to_owned() };
    let input = DirectClose { direct: direct.clone(), job_id: None, error, retry_count: 0 };
    finish(close_direct(world, &book(), input)).unwrap()
}

fn nothing_happened(world: &World) {
    let state = world.state();
    assert_eq!((state.store.table.waits.len(), state.vendor.submits.len(), state.store.pins.len()), (0, 0, 0));
}

#[test]
fn a_request_that_cannot_be_served_fails_its_task_before_anything_is_stored_or_sent() {
    let world = world(&EARLY_WEBHOOK);
    let nobody = direct(&world, "nobody");
    assert_eq!(error(&with_token(&world, &nobody, 0)), Some("UnknownIntegration"));
    let no_name = direct(&world, "No Name");
    assert_eq!(error(&with_token(&world, &no_name, 0)), Some("UnknownIntegration"));
    let empty = Direct { payload: Value::Null, ..direct(&world, CALLBACK) };
    assert_eq!(error(&with_token(&world, &empty, 0)), Some("InvalidRequest"));
    assert_eq!(in_round(&world, &direct(&world, "nobody"), 0).unwrap_err().name, ErrorName::UnknownIntegration);
    nothing_happened(&world);
}

#[test]
fn states_that_were_made_for_another_way_to_wait_are_told_to_be_made_again() {
    let world = world(&EARLY_WEBHOOK);
    assert_eq!(error(&with_token(&world, &direct(&world, POLL), 0)), Some("OutdatedFragment"));
    let message = "integration \"identity-check\": its file now waits by callback, and this workflow's states were made \
                   for rounds of the nested workflow; make them again with `stepwait fragment identity-check`. Nothing was sent";
    assert_eq!(
        in_round(&world, &direct(&world, CALLBACK), 0),
        Err(StepError::new(ErrorName::OutdatedFragment, message))
    );
    nothing_happened(&world);
}

#[test]
fn the_version_is_kept_before_the_wait_is_stored() {
    let world = world(&NEVER_DONE);
    let wait = direct(&world, CALLBACK);
    assert_eq!(with_token(&world, &wait, 0), TaskState::Waiting);
    assert_eq!(&world.state().gate.passed()[..3], ["read", "pin", "register"]);
    let row = world.state().store.table.waits[&id(&wait)].clone();
    assert!(world.state().store.pins.contains_key(&(row.integration, row.digest)));
}

#[test]
fn the_shorter_of_the_definitions_and_the_files_deadline_counts() {
    let world = world(&NEVER_DONE);
    let brief = Direct { deadline_seconds: 60, ..direct(&world, CALLBACK) };
    let long = Direct { key: "long".to_owned(), ..direct(&world, CALLBACK) };
    with_token(&world, &brief, 0);
    with_token(&world, &long, 0);
    let state = world.state();
    let after = |wait: &Direct| {
        let row = &state.store.table.waits[&id(wait)];
        (row.started_at, row.deadline.duration_since(row.started_at).as_secs())
    };
    assert_eq!(after(&brief), (brief.started_at, 60));
    assert_eq!(after(&long), (long.started_at, 3 * 24 * 60 * 60));
}

#[test]
fn a_later_attempt_goes_by_the_version_and_the_times_that_the_wait_was_begun_with() {
    let world = world(&NEVER_DONE);
    let wait = direct(&world, CALLBACK);
    let name = IntegrationName::parse(CALLBACK).unwrap();
    // Deployed when the first attempt began; another version is by now.
    let digest = pin(&world, &name, &written(CALLBACK).replace("deadline = \"3days\"", "deadline = \"2days\""));
    let begun = registration(&world, &wait, &digest);
    let deadline = begun.deadline;
    finish(world.update(&id(&wait), &Change::Register(Box::new(begun)), wait.started_at)).unwrap();
    let later = Direct { started_at: wait.started_at + Duration::from_secs(9), ..wait.clone() };
    assert_eq!(with_token(&world, &later, 1), TaskState::Waiting);
    let row = world.state().store.table.waits[&id(&wait)].clone();
    assert_eq!((row.digest, row.started_at, row.deadline), (digest, wait.started_at, deadline));
    assert_eq!((row.status, world.state().vendor.submits.len()), (Status::Submitted, 1));
}

#[test]
fn an_attempt_that_finds_its_wait_begun_by_another_version_meanwhile_sends_nothing() {
    let world = world(&NEVER_DONE);
    let wait = direct(&world, CALLBACK);
    let name = IntegrationName::parse(CALLBACK).unwrap();
    let digest = pin(&world, &name, &written(CALLBACK).replace("deadline = \"3days\"", "deadline = \"2days\""));
    let token = world.state().tokens.issue(&id(&wait));
    let attempt = Attempt { entered_at: wait.started_at, retry_count: 1 };
    let input = DirectSubmit { direct: wait.clone(), attempt, token: Some(token.clone()), round_started_at: None };
    let book = book();
    let mut step = Box::pin(submit_direct(&world, &book, input));
    while world.state().gate.passed() != ["read", "pin"] {
        assert!(crate::poll_once(step.as_mut()).is_pending());
    }
    let begun = registration(&world, &wait, &digest);
    world.state().store.table.update(&id(&wait), &Change::Register(Box::new(begun)), wait.started_at);
    finish(step).unwrap();
    assert_eq!(error(world.state().tokens.state(&token)), Some("SubmitInProgress"));
    assert_eq!(world.state().vendor.submits.len(), 0);
}

fn registration(world: &World, wait: &Direct, digest: &str) -> Registration {
    let now = world.state().now;
    Registration {
        id: id(wait),
        generation: Generation::of(wait.started_at, 0),
        token: None,
        integration: IntegrationName::parse(CALLBACK).unwrap(),
        digest: digest.to_owned(),
        started_at: wait.started_at,
        deadline: now + Duration::from_hours(48),
        execution_arn: wait.execution_arn.clone(),
        capability: None,
        due_from: now,
    }
}

#[test]
fn a_round_that_submits_says_which_wait_it_began_and_counts_the_submit_as_its_own_time() {
    let world = world(&NEVER_DONE);
    let wait = direct(&world, POLL);
    let now = world.state().now;
    let first = Integration::parse(POLL, &written(POLL)).unwrap().schedule.first.as_secs();
    let answer = in_round(&world, &wait, 10).unwrap();
    assert_eq!(answer.wait.as_ref().map(|wait| wait.id.clone()), Some(id(&wait)));
    assert_eq!((answer.action, answer.seconds), (Action::Wait, first));
    let round_started_at = Some(now - Duration::from_secs(10));
    assert_eq!(
        answer.poll,
        PollState { round_started_at, submitted_at: Some(now), pending_at: Some(now), ..PollState::default() }
    );
    // Retries may take all of the round, and then there is no time left in it for a look.
    let late = Direct { key: "late".to_owned(), ..wait };
    let answer = in_round(&world, &late, 230).unwrap();
    assert_eq!((answer.action, answer.poll.round_started_at), (Action::Leave, None));
}

#[test]
fn a_submit_that_is_repeated_in_another_round_starts_no_other_job() {
    let world = world(&NEVER_DONE);
    let wait = direct(&world, POLL);
    let first = in_round(&world, &wait, 0).unwrap();
    world.state().now += Duration::from_secs(75);
    let again = in_round(&world, &wait, 0).unwrap();
    assert_eq!((again.wait, again.job_id), (first.wait, first.job_id));
    assert_eq!(world.state().vendor.submits.len(), 1);
}

#[test]
fn a_wait_that_is_closed_before_it_was_begun_sends_nothing_any_more() {
    let world = world(&EARLY_WEBHOOK);
    let wait = direct(&world, CALLBACK);
    let settled = closed(&world, &wait, "InvalidRequest");
    assert_eq!((settled.outcome.as_str(), settled.error.as_deref()), ("failed", Some("InvalidRequest")));
    assert_eq!(error(&with_token(&world, &wait, 0)), Some("InvalidRequest"));
    assert_eq!(world.state().vendor.submits.len(), 0);
    assert_eq!(world.state().store.table.waits[&id(&wait)].status, Status::Failed);
}

#[test]
fn a_wait_on_what_is_not_deployed_is_closed_as_failed_and_stored_nowhere() {
    let world = world(&EARLY_WEBHOOK);
    let settled = closed(&world, &direct(&world, "nobody"), "UnknownIntegration");
    let expected = Settled {
        outcome: "failed".to_owned(),
        job_id: None,
        output: None,
        error: Some("UnknownIntegration".to_owned()),
        reason: Some("why".to_owned()),
    };
    assert_eq!(settled, expected);
    nothing_happened(&world);
}

#[test]
fn a_wait_is_closed_by_the_deadline_that_it_was_begun_with() {
    let world = world(&NEVER_DONE);
    let wait = Direct { deadline_seconds: 60, ..direct(&world, CALLBACK) };
    assert_eq!(with_token(&world, &wait, 0), TaskState::Waiting);
    world.state().now += Duration::from_secs(61);
    let settled = closed(&world, &wait, "States.Timeout");
    assert_eq!((settled.outcome.as_str(), world.state().vendor.cancels), ("expired", 1));
}
