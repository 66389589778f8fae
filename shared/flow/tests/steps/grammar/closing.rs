//! Waits that are given up, by what their files say.

use super::{FILES, SLOW, api, bench};
use crate::direct::Bench;
use crate::finish;
use crate::scenarios::{NEVER, PROMPT};
use crate::world::gate::Fault;
use crate::world::{Script, TaskState};
use std::collections::BTreeMap;
use std::task::{Context, Waker};
use stepwait_core::ErrorName;
use stepwait_core::integration::Integration;
use stepwait_core::message::{CaughtError, CloseInput, Settled, SubmitInput};
use stepwait_core::wait::{JobId, Status};
use stepwait_flow::StepError;
use stepwait_flow::close::close;
use stepwait_flow::submit::submit;

fn input(bench: &Bench, retry_count: u64) -> CloseInput {
    let error = CaughtError { error: "States.Timeout".to_owned(), cause: String::new() };
    CloseInput { wait: bench.plan.wait.clone(), job_id: None, error, retry_count }
}

/// Runs a step until its last effect so far is the one of that name.
fn until<T>(bench: &Bench, step: &mut std::pin::Pin<Box<impl Future<Output = T>>>, effect: &str) {
    for _ in 0..20 {
        if bench.world.state().gate.passed().last() == Some(&effect) {
            return;
        }
        assert!(step.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    }
    panic!("there is no effect {effect:?}");
}

#[test]
fn a_job_that_is_noted_between_the_reading_and_the_end_of_its_wait_is_called_off() {
    let bench = bench("kept-thin", Script { takes: NEVER, ..PROMPT });
    let mut attempt = Box::pin(submit(&bench.world, &bench.book, bench.attempt(0)));
    until(&bench, &mut attempt, "bind");
    bench.world.state().now = bench.plan.wait.deadline;
    let mut closing = Box::pin(close(&bench.world, &bench.book, input(&bench, 0)));
    until(&bench, &mut closing, "read");
    finish(attempt).unwrap();
    assert_eq!(bench.row().status, Status::Submitted);

    assert_eq!(finish(closing).unwrap().outcome, "expired");
    assert_eq!(bench.world.state().vendor.cancels, 1);
}

#[test]
fn a_job_is_called_off_with_what_was_kept() {
    let bench = bench("kept-thin", Script { takes: NEVER, ..PROMPT });
    assert_eq!(bench.submit(0), TaskState::Waiting);
    bench.world.state().now = bench.plan.wait.deadline;
    assert_eq!(bench.close("States.Timeout").outcome, "expired");
    let state = bench.world.state();
    let (_, sent) = state.vendor.requests.last().unwrap();
    assert_eq!(sent.url, "https://vendor.example.com/jobs/job-1/cancel");
    assert_eq!(sent.header("x-ticket").map(|value| value.expose()), Some(api::TICKET));
}

#[test]
fn a_wait_whose_large_result_cannot_be_stored_ends_all_the_same_after_three_looks() {
    let bench = bench("large", PROMPT);
    let attempt = SubmitInput { token: None, ..bench.attempt(0) };
    finish(submit(&bench.world, &bench.book, attempt)).unwrap();
    // 0 read, 1 the mailbox, 2 and 3 the look, 4 and 5 the result, 6 storing it.
    let closed = |retry_count| {
        bench.world.state().gate.open(BTreeMap::from([(6, Fault::NotDone)]));
        finish(close(&bench.world, &bench.book, input(&bench, retry_count)))
    };
    for retry_count in 0..3 {
        let unavailable = "what is stored could not be reached: throttled";
        assert_eq!(closed(retry_count), Err(StepError::new(ErrorName::StoreUnavailable, unavailable)));
    }
    let reason = "the job is done, but its result is too large to travel and was not stored apart: what is stored could not be reached: throttled";
    let settled = Settled {
        outcome: "failed".to_owned(),
        job_id: Some(JobId::parse("job-1").unwrap()),
        output: None,
        error: Some("ResultTooLarge".to_owned()),
        reason: Some(reason.to_owned()),
    };
    assert_eq!(closed(3), Ok(settled));
    assert_eq!(bench.world.state().vendor.cancels, 0, "the job is done");
}

#[test]
fn a_nested_attempt_that_comes_after_the_close_is_told_so_and_sends_nothing() {
    let bench = bench("kept", SLOW);
    assert_eq!(bench.close("Lambda.Unknown").outcome, "cancelled");
    let attempt = SubmitInput { token: None, ..bench.attempt(0) };
    let failed = finish(submit(&bench.world, &bench.book, attempt)).unwrap_err();
    assert_eq!(failed.name, ErrorName::OutcomeStored);
    assert_eq!(bench.world.state().vendor.requests.len(), 0);
}

#[test]
fn a_file_by_which_several_waits_may_share_a_job_cannot_call_it_off() {
    let text = FILES.iter().find(|(name, _)| *name == "referenced").unwrap().1;
    let cancel = "[cancel]\nmethod = \"POST\"\npath = \"/jobs/{job_id}/cancel\"\n";
    let error = Integration::parse("referenced", &format!("{text}\n{cancel}")).unwrap_err();
    assert_eq!(
        error.to_string(),
        "integrations/referenced.toml: cancel: nothing is sent by [submit], so several waits may wait for the same job, and none may call it off; leave the section out"
    );
}
