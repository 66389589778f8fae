//! Attempts of a submit, by what its file says.

use super::{SLOW, api, bench};
use crate::direct::{Bench, error};
use crate::finish;
use crate::scenarios::PROMPT;
use crate::world::gate::Fault;
use crate::world::{Script, Submission, TaskState};
use serde_json::json;
use std::collections::BTreeMap;
use std::task::{Context, Poll, Waker};
use std::time::Duration;
use stepwait_core::ErrorName;
use stepwait_core::message::{Action, SubmitInput};
use stepwait_core::wait::{JobId, Registration, SUBMIT_LOCK, Status, WaitId};
use stepwait_flow::StepError;
use stepwait_flow::submit::submit;

/// An attempt of a nested workflow, which holds no token.
fn nested(bench: &Bench, retry_count: u64) -> SubmitInput {
    SubmitInput { token: None, ..bench.attempt(retry_count) }
}

/// The third party's job belongs to another wait.
fn bound_to_another(bench: &Bench) -> WaitId {
    let name = bench.integration();
    let other = WaitId::derive("arn:other", &name, "#0");
    let registration = Registration { id: other.clone(), ..bench.registration(&bench.attempt(0)) };
    bench.register(registration);
    let job_id = JobId::parse("job-1").unwrap();
    bench.bind(&job_id, &other);
    other
}

/// Neither the other wait nor its job were touched, also not by closing this one.
fn assert_untouched(bench: &Bench, other: &WaitId) {
    assert_eq!(bench.row().outcome.unwrap().kind.failure().unwrap().0, ErrorName::JobIdTaken);
    assert_eq!(bench.close("JobIdTaken").error.as_deref(), Some("JobIdTaken"));
    let state = bench.world.state();
    assert_eq!(state.store.table.waits[other].outcome, None);
    assert_eq!(state.vendor.cancels, 0);
    let linked = state.store.table.rendezvous.values().next().unwrap();
    assert_eq!((linked.wait_id.as_ref(), &linked.event), (Some(other), &None));
}

#[test]
fn a_job_that_is_done_at_once_but_belongs_to_another_wait_ends_neither() {
    let bench = bench("prompt", PROMPT);
    let other = bound_to_another(&bench);
    assert_eq!(error(&bench.submit(0)), Some("JobIdTaken"));
    assert_untouched(&bench, &other);
    assert_eq!(bench.world.state().vendor.requests.len(), 1, "its result is not asked for");
}

#[test]
fn a_look_up_that_finds_another_waits_job_fails_the_wait_and_leaves_the_job_alone() {
    let bench = bench("looked-up", Script { submission: Submission::FirstAnswerLost, ..SLOW });
    finish(submit(&bench.world, &bench.book, nested(&bench, 0))).unwrap_err();
    let other = bound_to_another(&bench);
    bench.world.state().now += SUBMIT_LOCK * 2;
    let failed = finish(submit(&bench.world, &bench.book, nested(&bench, 1))).unwrap_err();
    assert_eq!(failed.name, ErrorName::JobIdTaken);
    assert_untouched(&bench, &other);
}

#[test]
fn a_look_up_without_a_usable_answer_sends_nothing_and_is_repeated() {
    let bench = bench("looked-up", Script { submission: Submission::FirstAnswerLost, ..SLOW });
    finish(submit(&bench.world, &bench.book, nested(&bench, 0))).unwrap_err();
    bench.world.state().now += SUBMIT_LOCK * 2;

    bench.world.state().vendor.api = Some(|_, _, _, _| Ok(api::answer(500, &json!({}))));
    let message = "looked-up: the look-up answered HTTP 500".to_owned();
    let failed = finish(submit(&bench.world, &bench.book, nested(&bench, 1)));
    assert_eq!(failed, Err(StepError::new(ErrorName::ThirdPartyUnavailable, message)));

    bench.world.state().vendor.api = Some(api::api);
    let taken = finish(submit(&bench.world, &bench.book, nested(&bench, 2))).unwrap();
    assert_eq!(taken.job_id, Some(JobId::parse("job-1").unwrap()));
    assert_eq!(bench.world.state().vendor.submits.len(), 1);
}

#[test]
fn a_look_up_whose_secret_cannot_be_read_holds_no_lock() {
    let bench = bench("looked-up", Script { submission: Submission::FirstAnswerLost, ..SLOW });
    finish(submit(&bench.world, &bench.book, nested(&bench, 0))).unwrap_err();
    bench.world.state().now += SUBMIT_LOCK * 2;

    // 0 register, 1 begin submit, 2 read the secret of the look-up.
    bench.world.state().gate.open(BTreeMap::from([(2, Fault::NotDone)]));
    let failed = finish(submit(&bench.world, &bench.book, nested(&bench, 1))).unwrap_err();
    assert_eq!(failed.name, ErrorName::SecretUnavailable);
    assert!(finish(submit(&bench.world, &bench.book, nested(&bench, 2))).is_ok());
    assert_eq!(bench.world.state().vendor.submits.len(), 1);
}

#[test]
fn a_wait_for_a_job_that_exists_sends_nothing_and_may_share_it() {
    let bench = bench("referenced", SLOW);
    let name = bench.integration();
    let other = WaitId::derive("arn:other", &name, "#0");
    let job_id = JobId::parse("r-1").unwrap();
    bench.bind(&job_id, &other);

    let taken = finish(submit(&bench.world, &bench.book, nested(&bench, 0))).unwrap();
    assert_eq!(taken.job_id, Some(job_id));
    assert_eq!(bench.row().status, Status::Submitted);
    assert_eq!(bench.row().kept.get("owner"), Some("a-1"));
    assert_eq!(bench.world.state().vendor.requests.len(), 0);
}

#[test]
fn the_first_look_comes_as_late_as_the_answer_to_the_submit_asks_for() {
    let bench = bench("kept", SLOW);
    bench.world.state().vendor.api = Some(|vendor, request, now, effects| {
        let mut answer = api::api(vendor, request, now, effects)?;
        answer.headers.push(("retry-after".to_owned(), "41".to_owned()));
        Ok(answer)
    });
    let taken = finish(submit(&bench.world, &bench.book, nested(&bench, 0))).unwrap();
    assert_eq!((taken.action, taken.seconds), (Action::Wait, 41));
}

#[test]
fn an_attempt_that_begins_at_the_deadline_sends_nothing() {
    let bench = bench("kept", SLOW);
    bench.world.state().now = bench.plan.wait.deadline;
    let failed = finish(submit(&bench.world, &bench.book, nested(&bench, 0))).unwrap_err();
    assert_eq!(failed.name, ErrorName::DeadlinePassed);
    let state = bench.world.state();
    assert_eq!((state.gate.passed(), state.vendor.requests.len()), (["pin", "register"].as_slice(), 0));
}

#[test]
fn an_attempt_whose_time_runs_out_while_it_gets_ready_sends_nothing_and_holds_no_lock() {
    let bench = bench("handed", SLOW);
    let input = bench.attempt(0);
    let token = input.token.clone().unwrap();
    let mut step = Box::pin(submit(&bench.world, &bench.book, input));
    while bench.world.state().gate.passed().last() != Some(&"begin submit") {
        assert_eq!(step.as_mut().poll(&mut Context::from_waker(Waker::noop())), Poll::Pending);
    }
    bench.world.state().now = bench.plan.wait.deadline;
    finish(step).unwrap();
    assert_eq!(error(bench.world.state().tokens.state(&token)), Some("DeadlinePassed"));
    assert_eq!(bench.world.state().vendor.requests.len(), 0);
    assert_eq!(bench.row().submit.unwrap().attempts, 0);
}

#[test]
fn a_secret_that_is_handed_over_stands_in_the_body_and_nowhere_else() {
    let bench = bench("handed", SLOW);
    assert_eq!(bench.submit(0), TaskState::Waiting);
    let state = bench.world.state();
    let [(_, sent)] = state.vendor.requests.as_slice() else {
        panic!("one request is sent");
    };
    let body: serde_json::Value = serde_json::from_str(sent.body.as_deref().unwrap()).unwrap();
    assert_eq!(body["signed_with"], "whsec_dHdlbnR5LWZvdXIgc2lnbmluZyBieXRl");
    assert_eq!(sent.url, "https://vendor.example.com/jobs");
    assert!(!format!("{sent:?}").contains("whsec_"));
}

#[test]
fn a_job_that_is_done_at_once_is_looked_at_later_if_its_result_cannot_be_had() {
    let bench = bench("prompt-polled", PROMPT);
    bench.world.state().vendor.api = Some(|vendor, request, now, effects| {
        let is_result = request.url.contains("/results/");
        if is_result { Ok(api::answer(503, &json!({}))) } else { api::api(vendor, request, now, effects) }
    });
    let taken = finish(submit(&bench.world, &bench.book, nested(&bench, 0))).unwrap();
    assert_eq!((taken.job_id, taken.action), (Some(JobId::parse("job-1").unwrap()), Action::Wait));
    assert_eq!((bench.row().status, bench.row().outcome), (Status::Submitted, None));
}

#[test]
fn what_was_kept_first_stays_when_an_attempt_is_repeated() {
    let bench = bench("kept", SLOW);
    finish(submit(&bench.world, &bench.book, nested(&bench, 0))).unwrap();
    let row = bench.row();
    assert_eq!(row.kept.get("ticket"), Some(api::TICKET));
    bench.world.state().now += Duration::from_secs(1);
    finish(submit(&bench.world, &bench.book, nested(&bench, 1))).unwrap();
    assert_eq!((bench.row().kept, bench.row().job_id), (row.kept, row.job_id));
    assert_eq!(bench.world.state().vendor.submits.len(), 1);
}
