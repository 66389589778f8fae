//! The reconciler, run by run.

use super::{Bench, error};
use crate::reconcile;
use crate::scenarios::{EARLY_WEBHOOK, NEVER_DONE, PROMPT, SENT_ONCE, Scenario};
use crate::world::gate::Fault;
use crate::world::{End, Script, TaskState, Trouble, When};
use std::collections::BTreeMap;
use std::time::Duration;
use stepwait_core::message::Stopped;
use stepwait_core::wait::{Generation, JobId, OutcomeKind, Source, Status};
use stepwait_flow::ports::Resumption;
use stepwait_flow::reconcile::Summary;
use stepwait_flow::submit::submit;

const MINUTE: Duration = Duration::from_mins(1);
const HOUR: Duration = Duration::from_hours(1);

/// A job that takes an hour, and whose webhook never comes.
const LOST_WEBHOOK: Scenario = Scenario { script: Script { takes: HOUR, ..PROMPT }, ..NEVER_DONE };

impl Bench {
    /// Runs the reconciler now.
    fn reconcile(&self) -> Summary {
        reconcile(&self.world, &self.book).unwrap()
    }

    /// Runs the reconciler once a minute for so long; what it did all in all.
    fn reconcile_for(&self, time: Duration) -> Vec<Summary> {
        let until = self.world.state().now + time;
        let mut runs = Vec::new();
        while self.world.state().now < until {
            self.world.state().now += MINUTE;
            runs.push(self.reconcile());
        }
        runs
    }

    /// Submits; returns the token.
    fn submit_with_token(&self) -> stepwait_core::TaskToken {
        let input = self.attempt(0);
        let token = input.token.clone().unwrap();
        crate::finish(submit(&self.world, &self.book, input)).unwrap();
        token
    }

    fn task(&self, token: &stepwait_core::TaskToken) -> TaskState {
        self.world.state().tokens.state(token).clone()
    }
}

fn sum(runs: &[Summary], of: fn(&Summary) -> u64) -> u64 {
    runs.iter().map(of).sum()
}

#[test]
fn a_job_whose_webhook_was_lost_is_found_within_ten_minutes_of_its_end() {
    let bench = Bench::new(&LOST_WEBHOOK);
    let token = bench.submit_with_token();

    let runs = bench.reconcile_for(HOUR - MINUTE);
    assert_eq!(bench.task(&token), TaskState::Waiting);
    // The first check lies within the first ten minutes, and one in each ten that follow.
    assert!((5..=6).contains(&sum(&runs, |run| run.checked)), "{runs:?}");
    let before = bench.row();
    assert_eq!(before.status, Status::Submitted);

    let runs = bench.reconcile_for(11 * MINUTE);
    assert!(matches!(bench.task(&token), TaskState::Resumed(Resumption::Success(_))));
    assert_eq!((sum(&runs, |run| run.checked), sum(&runs, |run| run.ended)), (1, 1));
    let row = bench.row();
    assert_eq!(row.outcome.map(|outcome| outcome.source), Some(Source::Reconciler));
    assert_eq!((row.delivered, row.due), (Some(row.generation), None));
}

#[test]
fn a_check_that_finds_its_job_pending_writes_nothing_to_the_wait() {
    let bench = Bench::new(&NEVER_DONE);
    bench.submit_with_token();
    let before = bench.row();
    let written = bench.world.state().store.history.len();

    let runs = bench.reconcile_for(HOUR);
    assert!(sum(&runs, |run| run.checked) >= 5, "{runs:?}");
    assert_eq!(bench.row(), before);
    assert_eq!(bench.world.state().store.history.len(), written);
}

#[test]
fn an_outcome_that_was_stored_and_not_delivered_is_delivered_after_a_moment_and_once() {
    let bench = Bench::new(&EARLY_WEBHOOK);
    let token = bench.submit_with_token();
    // The listener dies instead of resuming the task.
    let now = bench.world_now();
    let delivery = bench.world.state().vendor.delivery(0, "identity-check", now);
    let mut listener = Box::pin(stepwait_flow::webhook::receive(&bench.world, &bench.book, &delivery));
    while bench.row().outcome.is_none() {
        let polled = crate::poll_once(listener.as_mut());
        assert!(polled.is_pending());
    }
    drop(listener);
    assert_eq!(bench.task(&token), TaskState::Waiting);
    assert_eq!(bench.reconcile().delivered, 0, "whoever stored it may be about to deliver it");

    bench.world.state().now += MINUTE;
    let run = bench.reconcile();
    assert_eq!((run.delivered, run.checked, run.oldest_due_ms), (1, 0, 30_000));
    assert!(matches!(bench.task(&token), TaskState::Resumed(Resumption::Success(_))));
    bench.world.state().now += MINUTE;
    assert_eq!(bench.reconcile(), Summary::default(), "nothing is left in the index");
    assert_eq!(bench.world.state().tokens.taken.len(), 1);
}

#[test]
fn an_outcome_that_no_task_waits_for_is_taken_out_of_the_index() {
    let bench = Bench::new(&SENT_ONCE);
    let input = stepwait_core::message::SubmitInput { token: None, ..bench.attempt(0) };
    crate::finish(submit(&bench.world, &bench.book, input)).unwrap();
    assert_eq!(bench.deliver(0).status, 200);
    assert!(bench.row().due.is_some());

    bench.world.state().now += MINUTE;
    let run = bench.reconcile();
    assert_eq!((run.looked_at, run.delivered), (1, 0));
    assert_eq!(bench.row().due, None);
    assert_eq!(bench.world.state().tokens.taken.len(), 0);
}

#[test]
fn a_wait_that_nobody_closes_is_closed_ten_minutes_after_its_deadline_and_its_job_called_off() {
    let bench = Bench::new(&NEVER_DONE);
    let token = bench.submit_with_token();
    bench.world.state().tokens.retire(&token);
    let deadline = bench.plan.wait.deadline;
    bench.world.state().now = deadline + 9 * MINUTE;
    assert_eq!(bench.reconcile().closed, 0);
    assert_eq!(bench.row().outcome, None);

    bench.world.state().now = deadline + 11 * MINUTE;
    assert_eq!(bench.reconcile().closed, 1);
    let row = bench.row();
    assert_eq!((row.status, row.due), (Status::Expired, None));
    let state = bench.world.state();
    assert_eq!((state.vendor.looks, state.vendor.cancels), (1, 1));
}

#[test]
fn the_last_look_of_a_wait_that_nobody_closes_finds_a_job_that_is_done() {
    let bench = Bench::new(&LOST_WEBHOOK);
    bench.submit_with_token();
    bench.world.state().now = bench.plan.wait.deadline + HOUR;
    assert_eq!(bench.reconcile().closed, 1);
    assert_eq!(bench.row().status, Status::Succeeded);
    assert_eq!(bench.world.state().vendor.cancels, 0);
}

#[test]
fn a_third_party_that_is_down_puts_the_closing_off_three_runs() {
    let trouble = Some((crate::world::Trouble::Down, HOUR, HOUR * 10_000));
    let bench = Bench::new(&Scenario { script: Script { trouble, ..NEVER_DONE.script }, ..NEVER_DONE });
    bench.submit_with_token();
    bench.world.state().now = bench.plan.wait.deadline + HOUR;
    for failures in 1..=3 {
        let run = bench.reconcile();
        assert_eq!((run.closed, run.left, bench.row().failures), (0, 1, failures));
        bench.world.state().now += MINUTE;
    }
    assert_eq!(bench.reconcile().closed, 1);
    assert_eq!(bench.row().status, Status::Expired);
}

#[test]
fn refusals_in_a_row_end_the_wait_at_the_number_that_its_file_says_and_a_good_answer_begins_anew() {
    let bench = Bench::new(&NEVER_DONE);
    let token = bench.submit_with_token();
    bench.world.state().vendor.api = Some(|_, request, _, _| {
        let status = if request.method.as_str() == "GET" { 403 } else { 202 };
        Ok(stepwait_core::answer::Answer { status, headers: Vec::new(), body: b"{}".to_vec(), truncated: false })
    });
    bench.reconcile_for(45 * MINUTE);
    let refusals = bench.row().refusals;
    assert!((4..=5).contains(&refusals), "{refusals}");
    let api = bench.world.state().vendor.api.take();
    bench.reconcile_for(10 * MINUTE);
    assert_eq!(bench.row().refusals, 0);

    bench.world.state().vendor.api = api;
    bench.reconcile_for(90 * MINUTE);
    assert_eq!((bench.row().refusals, bench.task(&token)), (9, TaskState::Waiting));
    bench.reconcile_for(10 * MINUTE);
    assert_eq!(error(&bench.task(&token)), Some("CheckRefused"));
    let requests = &bench.world.state().vendor.requests;
    assert!(requests.last().is_some_and(|(_, last)| last.url.ends_with("/withdraw")), "the job is called off");
}

#[test]
fn a_third_party_that_asks_to_be_left_alone_for_longer_than_the_period_is() {
    let trouble = Some((crate::world::Trouble::Throttles, Duration::ZERO, Duration::ZERO));
    let bench = Bench::new(&Scenario { script: Script { trouble, ..NEVER_DONE.script }, ..NEVER_DONE });
    bench.submit_with_token();
    bench.world.state().vendor.api = Some(|_, _, _, _| {
        let headers = vec![("retry-after".to_owned(), "3000".to_owned())];
        Ok(stepwait_core::answer::Answer { status: 503, headers, body: b"{}".to_vec(), truncated: false })
    });
    let runs = bench.reconcile_for(HOUR);
    // Once within the first ten minutes, and fifty minutes later.
    assert_eq!(sum(&runs, |run| run.checked), 2, "{runs:?}");
    assert_eq!(bench.row().failures, 2);
}

#[test]
fn an_older_version_of_the_file_is_read_once_in_a_run() {
    let scenario = Scenario { pinned: Some(crate::scenarios::without_idempotency), ..NEVER_DONE };
    let bench = Bench::new(&scenario);
    bench.submit_with_token();
    bench.world.state().now += 30 * MINUTE;
    bench.world.state().gate.open(BTreeMap::new());
    bench.reconcile();
    let state = bench.world.state();
    assert_eq!(state.gate.passed().iter().filter(|effect| **effect == "read pin").count(), 1);
    assert_eq!(state.vendor.looks, 1);
}

#[test]
fn an_idle_run_reads_each_shard_and_writes_nothing() {
    let bench = Bench::new(&NEVER_DONE);
    bench.world.state().gate.open(BTreeMap::new());
    assert_eq!(bench.reconcile(), Summary::default());
    let mut effects = bench.world.state().gate.passed().to_vec();
    effects.sort_unstable();
    assert_eq!(effects, [["read due"; 8], ["read sweep"; 8]].concat());
}

#[test]
fn two_runs_at_the_same_time_end_and_deliver_once() {
    let bench = Bench::new(&Scenario { script: Script { takes: Duration::ZERO, ..PROMPT }, ..NEVER_DONE });
    let token = bench.submit_with_token();
    bench.world.state().now += HOUR;
    let mut runs: Vec<_> = (0..2).map(|_| Box::pin(stepwait_flow::reconcile::run(&bench.world, &bench.book))).collect();
    let mut done = Vec::new();
    for _ in 0..1_000 {
        let mut index = 0;
        while index < runs.len() {
            match crate::poll_once(runs[index].as_mut()) {
                std::task::Poll::Ready(summary) => {
                    done.push(summary.unwrap());
                    drop(runs.remove(index));
                }
                std::task::Poll::Pending => index += 1,
            }
        }
    }
    assert_eq!(done.len(), 2);
    assert!(matches!(bench.task(&token), TaskState::Resumed(Resumption::Success(_))));
    let state = bench.world.state();
    assert_eq!(state.tokens.taken.len(), 1);
    let ends = state.store.history.iter().filter(|row| row.outcome.is_some() && row.delivered.is_none()).count();
    assert_eq!(ends, 1, "one of them stored the outcome");
}

#[test]
fn an_execution_that_is_stopped_has_its_waits_cancelled_and_their_jobs_called_off() {
    let bench = Bench::new(&NEVER_DONE);
    let token = bench.submit_with_token();
    bench.world.state().tokens.retire(&token);
    let event = stopped(&bench.plan.wait.execution_arn);
    let close = || crate::finish(stepwait_flow::close::stopped(&bench.world, &bench.book, &event));
    assert_eq!(close(), Ok(1));
    let row = bench.row();
    assert_eq!((row.status, row.due), (Status::Cancelled, None));
    let kind = row.outcome.clone().map(|outcome| outcome.kind);
    assert_eq!(kind, Some(stepwait_core::wait::OutcomeKind::cancelled("the execution is ABORTED")));
    assert_eq!(bench.world.state().vendor.cancels, 1);

    assert_eq!(close(), Ok(0), "repeated, it finds nothing to do");
    assert_eq!(bench.row(), row);
    assert_eq!(bench.world.state().vendor.cancels, 1);
    assert_eq!(crate::finish(stepwait_flow::close::stopped(&bench.world, &bench.book, &stopped("arn:other"))), Ok(0));
}

#[test]
fn a_stopped_wait_whose_closing_dies_anywhere_is_cleared_up_by_the_reconciler() {
    let effects = {
        let bench = Bench::new(&NEVER_DONE);
        bench.submit_with_token();
        bench.world.state().gate.open(BTreeMap::new());
        crate::finish(stepwait_flow::close::stopped(&bench.world, &bench.book, &stopped("arn:execution"))).unwrap();
        bench.world.state().gate.passed().len()
    };
    for effect in 0..effects {
        for fault in [Fault::CrashBefore, Fault::CrashAfter, Fault::LostAnswer, Fault::NotDone] {
            let bench = Bench::new(&NEVER_DONE);
            let token = bench.submit_with_token();
            bench.world.state().tokens.retire(&token);
            bench.world.state().gate.open(BTreeMap::from([(effect, fault)]));
            let event = stopped("arn:execution");
            let mut step = Box::pin(stepwait_flow::close::stopped(&bench.world, &bench.book, &event));
            while crate::poll_once(step.as_mut()).is_pending() && bench.world.state().gate.take_mishap().is_none() {}
            drop(step);
            if bench.row().outcome.is_none() {
                // EventBridge tries again.
                crate::finish(stepwait_flow::close::stopped(&bench.world, &bench.book, &event)).unwrap();
            }
            bench.world.state().now += MINUTE;
            bench.reconcile();
            let row = bench.row();
            assert_eq!((row.status, row.due), (Status::Cancelled, None), "{fault:?} at {effect}");
            let cancels = bench.world.state().vendor.cancels;
            let is_lost = matches!(fault, Fault::NotDone | Fault::LostAnswer);
            assert!(cancels >= 1 || is_lost, "{fault:?} at {effect}: {cancels}");
        }
    }
}

#[test]
fn one_wait_of_a_stopped_execution_that_cannot_be_closed_keeps_no_other_from_it() {
    let bench = Bench::new(&NEVER_DONE);
    bench.submit_with_token();
    let broken = Scenario { pinned: Some(crate::scenarios::tightly_limited), ..NEVER_DONE };
    let mut other = broken.plan_keyed(&bench.world, &bench.book, "#1").wait;
    other.digest = "gone".to_owned();
    let mut registration = bench.registration(&bench.attempt(0));
    registration.id = other.id.clone();
    registration.digest = other.digest;
    registration.generation = Generation::from_u64(1);
    bench.register(registration);
    // The first read of a row fails.
    bench.world.state().gate.open(BTreeMap::from([(1, Fault::NotDone)]));
    let close = || crate::finish(stepwait_flow::close::stopped(&bench.world, &bench.book, &stopped("arn:execution")));
    assert!(close().is_err());
    let ended =
        |bench: &Bench| bench.world.state().store.table.waits.values().filter(|row| row.outcome.is_some()).count();
    assert_eq!(ended(&bench), 1);
    assert_eq!(close(), Ok(1));
    assert_eq!(ended(&bench), 2);
}

#[test]
fn a_webhook_that_comes_first_leaves_the_reconciler_nothing_to_say() {
    let script = Script { takes: HOUR, events: &[(When::Later(HOUR), End::Success)], ..PROMPT };
    let bench = Bench::new(&Scenario { script, ..NEVER_DONE });
    bench.submit_with_token();
    bench.world.state().now += HOUR;
    assert_eq!(bench.deliver(0).status, 200);
    let row = bench.row();
    bench.reconcile_for(20 * MINUTE);
    assert_eq!(bench.row(), row);
    assert_eq!(bench.world.state().vendor.looks, 0);
}

fn stopped(execution_arn: &str) -> Stopped {
    Stopped { execution_arn: execution_arn.to_owned(), status: "ABORTED".to_owned() }
}

#[test]
fn an_event_that_a_dying_listener_kept_ends_its_wait_also_while_the_third_party_is_down() {
    let down = Some((Trouble::Down, MINUTE, 24 * HOUR));
    let bench = Bench::new(&Scenario { script: Script { trouble: down, ..LOST_WEBHOOK.script }, ..LOST_WEBHOOK });
    let token = bench.submit_with_token();
    bench.mail(&JobId::parse("job-1").unwrap(), OutcomeKind::Succeeded { output: 7.into() });

    bench.reconcile_for(11 * MINUTE);
    assert!(matches!(bench.task(&token), TaskState::Resumed(Resumption::Success(_))));
    let row = bench.row();
    assert_eq!(row.outcome.map(|outcome| outcome.source), Some(Source::Webhook));
    assert_eq!((row.delivered, row.due), (Some(row.generation), None));
}
