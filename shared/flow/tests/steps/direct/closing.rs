//! Waits that are given up before, while and after they are submitted.

use super::{Bench, error};
use crate::scenarios::{EARLY_WEBHOOK, NEVER_DONE};
use crate::world::TaskState;
use std::task::{Context, Poll, Waker};
use stepwait_core::wait::{JobId, OutcomeKind, Source, Status};
use stepwait_flow::submit::submit;

#[test]
fn an_attempt_that_comes_after_the_close_sends_nothing() {
    let bench = Bench::new(&EARLY_WEBHOOK);
    assert_eq!(bench.close("Lambda.Unknown").outcome, "cancelled");

    assert_eq!(error(&bench.submit(0)), Some("WaitCancelled"));
    assert_eq!(bench.row().status, Status::Cancelled);
    assert_eq!(bench.world.state().vendor.submits.len(), 0);
}

#[test]
fn a_job_that_is_taken_while_its_wait_is_given_up_is_called_off() {
    let bench = Bench::new(&NEVER_DONE);
    let mut step = Box::pin(submit(&bench.world, &bench.book, bench.attempt(0)));
    while bench.world.state().vendor.jobs.is_empty() {
        assert_eq!(step.as_mut().poll(&mut Context::from_waker(Waker::noop())), Poll::Pending);
    }
    assert_eq!(bench.close("Lambda.Unknown").outcome, "cancelled");
    assert_eq!(bench.world.state().vendor.cancels, 0, "the job is not known yet");

    crate::finish(step).unwrap();
    assert_eq!(bench.world.state().vendor.cancels, 1);
    assert_eq!(bench.row().status, Status::Cancelled);
}

#[test]
fn a_close_that_is_repeated_returns_the_same_end_and_calls_the_job_off_again() {
    let bench = Bench::new(&NEVER_DONE);
    assert_eq!(bench.submit(0), TaskState::Waiting);
    bench.world.state().now = bench.plan.wait.deadline;
    let first = bench.close("States.Timeout");
    assert_eq!((first.outcome.as_str(), bench.world.state().vendor.cancels), ("expired", 1));
    let row = bench.row();

    assert_eq!(bench.close("States.Timeout"), first);
    assert_eq!(bench.row(), row);
    let state = bench.world.state();
    assert_eq!((state.vendor.looks, state.vendor.cancels), (1, 2));
}

#[test]
fn a_close_after_a_webhook_returns_what_it_said_and_asks_nobody() {
    let bench = Bench::new(&EARLY_WEBHOOK);
    assert_eq!(bench.submit(0), TaskState::Waiting);
    assert_eq!(bench.deliver(0).status, 200);

    bench.world.state().now = bench.plan.wait.deadline;
    assert_eq!(bench.close("States.Timeout").outcome, "succeeded");
    let state = bench.world.state();
    assert_eq!((state.vendor.looks, state.vendor.cancels), (0, 0));
}

#[test]
fn a_close_finds_the_event_that_a_listener_kept_before_it_died() {
    let bench = Bench::new(&NEVER_DONE);
    assert_eq!(bench.submit(0), TaskState::Waiting);
    bench.mail(&JobId::parse("job-1").unwrap(), OutcomeKind::Succeeded { output: 7.into() });

    bench.world.state().now = bench.plan.wait.deadline;
    let closed = bench.close("States.Timeout");
    assert_eq!((closed.outcome.as_str(), closed.output.as_deref()), ("succeeded", Some("7")));
    assert_eq!(bench.row().outcome.unwrap().source, Source::Webhook);
    let state = bench.world.state();
    assert_eq!((state.vendor.looks, state.vendor.cancels), (0, 0));
}
