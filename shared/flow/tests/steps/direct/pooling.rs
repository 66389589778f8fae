//! Waits that the reconciler looks at, run by run.

use super::{Bench, error};
use crate::reconcile;
use crate::scenarios::{NEVER, POOLED_JOB, Scenario};
use crate::world::{Script, TaskState};
use std::time::Duration;
use stepwait_core::Timestamp;
use stepwait_core::answer::Answer;
use stepwait_core::decide::pooled::Pooled;
use stepwait_core::decide::sweep::CheckTimes as _;
use stepwait_core::integration::Method;
use stepwait_core::wait::due::DueWait;
use stepwait_core::wait::{OutcomeKind, Source, Status};
use stepwait_core::{ErrorName, TaskToken};
use stepwait_flow::ports::Resumption;
use stepwait_flow::submit::submit;

const MINUTE: Duration = Duration::from_mins(1);
const HOUR: Duration = Duration::from_hours(1);

/// A job that is never done.
const NEVER_DONE: Scenario = Scenario { script: Script { takes: NEVER, ..POOLED_JOB.script }, ..POOLED_JOB };

impl Bench {
    fn begin(&self) -> TaskToken {
        let input = self.attempt(0);
        let token = input.token.clone().unwrap();
        crate::finish(submit(&self.world, &self.book, input)).unwrap();
        token
    }

    /// Runs the reconciler once a minute for so long.
    fn run_for(&self, time: Duration) {
        let until = self.world_now() + time;
        while self.world_now() < until {
            self.world.state().now += MINUTE;
            reconcile(&self.world, &self.book).unwrap();
        }
    }

    /// When the job was looked at.
    fn looked(&self) -> Vec<Timestamp> {
        let state = self.world.state();
        let looks = state.vendor.requests.iter().filter(|(_, request)| request.method == Method::Get);
        looks.map(|(at, _)| *at).collect()
    }

    /// The times of its schedule up to now.
    fn planned(&self) -> Vec<Timestamp> {
        let row = self.row();
        let (integration, _) = self.book.current("transcript-pooled").unwrap();
        let times = Pooled::of(&DueWait::of(&row).unwrap(), &integration.schedule);
        let now = self.world_now();
        std::iter::successors(Some(times.first()), |at| Some(times.behind(*at))).take_while(|at| *at <= now).collect()
    }
}

#[test]
fn a_job_is_looked_at_once_for_each_time_of_its_schedule_within_a_minute_and_nothing_is_written() {
    let bench = Bench::new(&NEVER_DONE);
    let token = bench.begin();
    let before = bench.row();
    let written = bench.world.state().store.history.len();

    bench.run_for(6 * HOUR);
    let (looked, planned) = (bench.looked(), bench.planned());
    assert!(planned.len() > 40, "{planned:?}");
    assert_eq!(looked.len(), planned.len());
    for (looked, planned) in looked.iter().zip(&planned) {
        assert!(planned <= looked && *looked < *planned + MINUTE, "{looked} for {planned}");
    }
    assert_eq!(bench.row(), before);
    assert_eq!(bench.world.state().store.history.len(), written);
    assert_eq!(*bench.world.state().tokens.state(&token), TaskState::Waiting);
}

#[test]
fn a_job_that_is_done_resumes_its_task_with_its_result() {
    let bench = Bench::new(&POOLED_JOB);
    let token = bench.begin();
    bench.run_for(19 * MINUTE);
    assert_eq!(*bench.world.state().tokens.state(&token), TaskState::Waiting);
    bench.run_for(12 * MINUTE);
    assert!(matches!(bench.world.state().tokens.state(&token), TaskState::Resumed(Resumption::Success(_))));
    let row = bench.row();
    assert_eq!((row.status, row.due, row.delivered), (Status::Succeeded, None, Some(row.generation)));
    assert_eq!(row.outcome.map(|outcome| outcome.source), Some(Source::Reconciler));
}

#[test]
fn the_outcome_of_a_look_says_when_the_look_before_found_the_job_pending() {
    let bench = Bench::new(&POOLED_JOB);
    bench.begin();
    let mut planned = Vec::new();
    while bench.row().outcome.is_none() {
        planned = bench.planned();
        bench.run_for(MINUTE);
    }
    // The last of them up to the run before.
    assert_eq!(bench.row().outcome.unwrap().pending_at, planned.last().copied());
    assert!(planned.len() > 1, "{planned:?}");
}

/// The file with a job that always took an hour.
fn an_hour(text: &str) -> String {
    format!("{text}learned = {{ jobs = \"128 per doubling, 58m: 9, 59m: 20, 1h: 31\" }}\n")
}

#[test]
fn a_job_whose_vendor_always_took_an_hour_is_looked_at_where_it_is_likely_to_end() {
    let learned = Scenario { pinned: Some(an_hour), ..POOLED_JOB };
    let bench = Bench::new(&Scenario { script: Script { takes: HOUR, ..learned.script }, ..learned });
    let token = bench.begin();
    let submitted_at = bench.row().submitted_at.unwrap();
    bench.run_for(2 * HOUR);
    assert!(matches!(bench.world.state().tokens.state(&token), TaskState::Resumed(Resumption::Success(_))));
    let looked: Vec<i64> = bench.looked().iter().map(|at| at.duration_since(submitted_at).as_mins()).collect();
    assert!(looked.len() <= 4 && looked.last().is_some_and(|last| (60..=66).contains(last)), "{looked:?}");
}

/// The file with the most looks.
fn three_looks(text: &str) -> String {
    format!("{text}checks = 3\n")
}

#[test]
fn after_the_most_looks_the_job_is_looked_at_once_more_given_up_and_called_off() {
    let bench = Bench::new(&Scenario { pinned: Some(three_looks), ..NEVER_DONE });
    let token = bench.begin();
    bench.run_for(HOUR);
    assert_eq!(bench.looked().len(), 4);
    let row = bench.row();
    assert_eq!((row.status, row.due), (Status::Failed, None));
    let kind = row.outcome.map(|outcome| outcome.kind);
    let why = "the job was not done after as many looks as schedule.checks allows";
    assert_eq!(kind, Some(OutcomeKind::failed(ErrorName::RoundsExhausted, why)));
    let state = bench.world.state();
    assert_eq!((state.vendor.cancels, state.tokens.taken.len()), (1, 1));
    assert!(matches!(state.tokens.state(&token), TaskState::Resumed(_)));
}

#[test]
fn a_job_that_is_done_when_the_looks_are_used_up_is_no_failure() {
    let bench = Bench::new(&Scenario { pinned: Some(three_looks), ..NEVER_DONE });
    bench.begin();
    // Done between the third look and the one that closes the wait.
    bench.world.state().vendor.api = Some(|vendor, request, _, _| {
        let is_look = request.method == Method::Get;
        vendor.looks += usize::from(is_look);
        let status = if vendor.looks >= 4 { "completed" } else { "processing" };
        let body = format!(r#"{{"id": "job-1", "status": "{status}", "text": "said"}}"#).into_bytes();
        Ok(Answer { status: 200, headers: Vec::new(), body, truncated: false })
    });
    bench.run_for(HOUR);
    assert_eq!((bench.row().status, bench.world.state().vendor.looks), (Status::Succeeded, 4));
}

#[test]
fn a_third_party_that_asks_to_be_left_alone_as_it_takes_the_job_is() {
    let bench = Bench::new(&NEVER_DONE);
    bench.world.state().vendor.api = Some(|_, request, _, _| {
        let is_submit = request.method == Method::Post;
        let headers = if is_submit { vec![("retry-after".to_owned(), "3600".to_owned())] } else { Vec::new() };
        let body = br#"{"id": "job-1", "status": "processing"}"#.to_vec();
        Ok(Answer { status: 200, headers, body, truncated: false })
    });
    bench.begin();
    bench.run_for(HOUR);
    assert_eq!(bench.looked(), []);
    bench.run_for(2 * MINUTE);
    assert_eq!(bench.looked().len(), 1);
}

#[test]
fn refusals_in_a_row_end_a_pooled_wait_and_its_job_is_called_off() {
    let bench = Bench::new(&NEVER_DONE);
    let token = bench.begin();
    bench.world.state().vendor.api = Some(|_, request, _, _| {
        let status = if request.method == Method::Get { 403 } else { 202 };
        Ok(Answer { status, headers: Vec::new(), body: b"{}".to_vec(), truncated: false })
    });
    bench.run_for(3 * HOUR);
    assert_eq!((bench.row().status, bench.row().refusals), (Status::Failed, 9));
    assert_eq!(bench.looked().len(), 10);
    assert_eq!(error(bench.world.state().tokens.state(&token)), Some("CheckRefused"));
    let state = bench.world.state();
    assert!(state.vendor.requests.last().is_some_and(|(_, last)| last.method == Method::Delete));
}
