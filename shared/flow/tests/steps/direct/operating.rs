//! Waits that a person looks at and ends.

use super::{Bench, error};
use crate::scenarios::{EARLY_WEBHOOK, NEVER_DONE};
use crate::world::TaskState;
use crate::{finish, reconcile};
use serde_json::json;
use std::time::Duration;
use stepwait_core::ErrorName;
use stepwait_core::message::{Action, CheckInput, PollState, SubmitInput};
use stepwait_core::wait::{OutcomeKind, Source, Status, WaitId};
use stepwait_flow::check::check;
use stepwait_flow::operate;
use stepwait_flow::ports::Resumption;

fn submitted(bench: &Bench) -> stepwait_core::TaskToken {
    let input = bench.attempt(0);
    let token = input.token.clone().unwrap();
    finish(stepwait_flow::submit::submit(&bench.world, &bench.book, input)).unwrap();
    token
}

#[test]
fn a_wait_that_a_person_ends_well_resumes_its_task_at_once() {
    let bench = Bench::new(&NEVER_DONE);
    let token = submitted(&bench);
    let kind = OutcomeKind::Succeeded { output: json!({ "by": "hand" }) };
    let finished = finish(operate::finish(&bench.world, &bench.row().id, kind)).unwrap();
    assert!(finished.resumed && !finished.had_ended);
    let task = bench.world.state().tokens.state(&token).clone();
    assert!(matches!(&task, TaskState::Resumed(Resumption::Success(output)) if output.contains("hand")), "{task:?}");
    let row = bench.row();
    assert_eq!(row.outcome.map(|outcome| outcome.source), Some(Source::Operator));
    assert_eq!((row.delivered, row.due), (Some(row.generation), None));
    assert_eq!(bench.world.state().vendor.cancels, 0);
}

#[test]
fn a_wait_that_a_person_gives_up_is_cleared_up_by_the_reconciler() {
    let bench = Bench::new(&NEVER_DONE);
    let token = submitted(&bench);
    let finished = finish(operate::finish(&bench.world, &bench.row().id, OutcomeKind::cancelled("a test"))).unwrap();
    assert!(!finished.resumed && !finished.had_ended);
    assert_eq!(*bench.world.state().tokens.state(&token), TaskState::Waiting);
    bench.world.state().now += Duration::from_mins(1);
    assert_eq!(reconcile(&bench.world, &bench.book).unwrap().delivered, 1);
    let task = bench.world.state().tokens.state(&token).clone();
    assert_eq!(error(&task), Some("WaitCancelled"));
    assert_eq!(bench.row().due, None);
    assert_eq!(bench.world.state().vendor.cancels, 1);
}

#[test]
fn a_polled_wait_that_a_person_ends_goes_on_when_its_next_round_begins() {
    let bench = Bench::new(&NEVER_DONE);
    let attempt = SubmitInput { token: None, ..bench.attempt(0) };
    let taken = finish(stepwait_flow::submit::submit(&bench.world, &bench.book, attempt)).unwrap();
    let job_id = taken.job_id.unwrap();
    let look = |poll| {
        let input = CheckInput { wait: bench.plan.wait.clone(), job_id: job_id.clone(), poll };
        finish(check(&bench.world, &bench.book, input)).unwrap()
    };
    let first = look(taken.poll);
    assert_eq!(first.settled, None);
    // The next one hands on when this one found the job pending.
    assert_eq!(first.poll.pending_at, Some(bench.world_now()));

    let kind = OutcomeKind::Succeeded { output: json!({ "by": "hand" }) };
    finish(operate::finish(&bench.world, &bench.row().id, kind)).unwrap();
    let within_its_round = PollState { round_started_at: Some(bench.plan.wait.started_at), ..first.poll };
    assert_eq!(look(within_its_round).settled, None, "a check within a round reads no row");
    let next = look(PollState { round_started_at: None, ..within_its_round });
    assert_eq!(next.action, Action::Done);
    assert_eq!(next.settled.map(|settled| settled.output), Some(Some(r#"{"by":"hand"}"#.to_owned())));
}

#[test]
fn an_outcome_that_is_stored_beats_what_a_person_says() {
    let bench = Bench::new(&EARLY_WEBHOOK);
    submitted(&bench);
    assert_eq!(bench.deliver(0).status, 200);
    let before = bench.row();
    let failed = OutcomeKind::failed(ErrorName::JobFailed, "by hand");
    let finished = finish(operate::finish(&bench.world, &before.id, failed)).unwrap();
    assert!(finished.had_ended && !finished.resumed);
    assert_eq!(finished.row.status, Status::Succeeded);
    assert_eq!(bench.row(), before);
}

#[test]
fn a_wait_that_is_not_there_is_said_to_be_so() {
    let bench = Bench::new(&NEVER_DONE);
    let id = WaitId::derive("arn:nowhere", &bench.integration(), "#0");
    let shown = finish(operate::show(&bench.world, &id)).unwrap_err();
    assert_eq!(shown.name, ErrorName::InvalidInput);
    assert!(shown.message.starts_with(&format!("there is no wait {id} in this table")), "{}", shown.message);
    let ended = finish(operate::finish(&bench.world, &id, OutcomeKind::cancelled("a test"))).unwrap_err();
    assert_eq!(ended, shown);
}
