//! Many waits on one third party at the same time, which is what limits are for:
//! each is played as the main workflow has it, their effects fall between each
//! other at random, and every effect takes some milliseconds.

use crate::run::{MAX_RETRIES_IN_LINE, in_line};
use crate::scenarios::{PROMPT, Scenario, book, pin};
use crate::world::gate::Fault;
use crate::world::{Script, Trouble, World, scramble};
use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;
use stepwait_catalog::Catalog;
use stepwait_core::message::{Attempt, CheckInput, Checked, Plan, PollState, SubmitInput, Submitted};
use stepwait_core::wait::JobId;
use stepwait_core::{ErrorName, Timestamp};
use stepwait_flow::check::check;
use stepwait_flow::submit::submit;
use stepwait_flow::{Book, StepError};

/// The most effects of one run; the longest takes about a third.
const MAX_EFFECTS: usize = 200_000;

/// Retries of a step that died or found something unavailable.
const MAX_RETRIES: u32 = 6;

const SECOND: Duration = Duration::from_secs(1);
const HOUR: Duration = Duration::from_hours(1);

enum Returned {
    Submit(Result<Submitted, StepError>),
    Check(Result<Checked, StepError>),
}

/// Where one wait is.
enum Stage {
    Submitting,
    Polling(JobId, PollState),
    Ended,
}

/// One wait of the crowd.
struct Member<'w> {
    plan: Plan,
    stage: Stage,
    /// Its step, while one runs.
    step: Option<Pin<Box<dyn Future<Output = Returned> + 'w>>>,
    /// When its next step begins.
    wakes_at: Timestamp,
    attempts: u64,
    retries: u32,
    retries_in_line: u32,
}

/// How a run of a crowd goes.
struct Crowd {
    waits: u32,
    /// The `[limits]` of the third party, if it has any.
    limits: &'static str,
    script: Script,
    /// How long after each other the waits begin.
    apart: Duration,
    /// Every so many effects the process dies instead of one, or after it.
    crash_every: Option<usize>,
}

const CROWD: Crowd = Crowd {
    waits: 50,
    limits: "",
    script: Script { takes: Duration::from_secs(20), ..PROMPT },
    apart: Duration::ZERO,
    crash_every: None,
};

impl Crowd {
    /// Runs all waits until each has succeeded.
    fn play(&self) -> World {
        let world = World::new(&self.script);
        self.run(&world, &book());
        world
    }

    fn run(&self, world: &World, book: &Book) {
        let mut members: Vec<Member> = (0..self.waits).map(|number| self.member(world, book, number)).collect();
        let crashes = self.crash_every.map(|every| {
            let kinds = [Fault::CrashBefore, Fault::CrashAfter];
            (1..MAX_EFFECTS / every).map(|nth| (nth * every, kinds[nth % 2])).collect()
        });
        world.state().gate.open(crashes.unwrap_or_default());
        for effect in 0..MAX_EFFECTS {
            if members.iter().all(|member| matches!(member.stage, Stage::Ended)) {
                return;
            }
            turn(world, book, &mut members, u64::try_from(effect).unwrap());
        }
        panic!("the crowd does not come to an end");
    }

    fn member<'w>(&self, world: &World, book: &Book, number: u32) -> Member<'w> {
        let scenario = Scenario { integration: "transcript", pinned: None, ..crate::scenarios::NEVER_DONE };
        let mut plan = scenario.plan_keyed(world, book, &format!("wait-{number}"));
        let wait = &mut plan.wait;
        let text = Catalog::load().unwrap().text("transcript").unwrap();
        wait.digest = pin(world, &wait.integration, format!("{text}\n{}", self.limits));
        wait.deadline = wait.started_at + HOUR * 24;
        let wakes_at = wait.started_at + self.apart * number;
        Member { plan, stage: Stage::Submitting, step: None, wakes_at, attempts: 0, retries: 0, retries_in_line: 0 }
    }
}

/// One effect of somebody who runs; or, when nobody does, on to when somebody will.
fn turn<'w>(world: &'w World, book: &'w Book, members: &mut [Member<'w>], random: u64) {
    let now = {
        let mut state = world.state();
        state.now += Duration::from_millis(scramble(random) % 10);
        state.now
    };
    for member in members.iter_mut().filter(|member| member.is_due(now)) {
        member.begin(world, book, now);
    }
    let mut running: Vec<&mut Member> = members.iter_mut().filter(|member| member.step.is_some()).collect();
    let Some(last) = u64::try_from(running.len()).unwrap().checked_sub(1) else {
        let waiting = members.iter().filter(|member| !matches!(member.stage, Stage::Ended));
        world.state().now = waiting.map(|member| member.wakes_at).min().unwrap();
        return;
    };
    let any = usize::try_from(scramble(random << 8) % (last + 1)).unwrap();
    running[any].go_on(world, random);
}

impl<'w> Member<'w> {
    fn is_due(&self, now: Timestamp) -> bool {
        self.step.is_none() && self.wakes_at <= now && !matches!(self.stage, Stage::Ended)
    }

    fn begin(&mut self, world: &'w World, book: &'w Book, now: Timestamp) {
        let wait = self.plan.wait.clone();
        self.step = Some(match &self.stage {
            Stage::Submitting => {
                let attempt = Attempt { entered_at: wait.started_at, retry_count: self.attempts };
                self.attempts += 1;
                let input = SubmitInput { wait, payload: self.plan.payload.clone(), attempt, token: None };
                Box::pin(async move { Returned::Submit(submit(world, book, input).await) })
            }
            Stage::Polling(job_id, poll) => {
                let input = CheckInput { wait, job_id: job_id.clone(), poll: *poll };
                Box::pin(async move { Returned::Check(check(world, book, input).await) })
            }
            Stage::Ended => panic!("{} has ended before {now}", self.plan.wait.key),
        });
    }

    fn go_on(&mut self, world: &World, random: u64) {
        let polled = self.step.as_mut().unwrap().as_mut().poll(&mut Context::from_waker(Waker::noop()));
        let has_died = world.state().gate.take_mishap().is_some();
        let now = world.state().now;
        if polled.is_pending() && !has_died {
            return;
        }
        self.step = None;
        let delay = match polled {
            Poll::Pending => self.retry("it died"),
            Poll::Ready(Returned::Submit(Ok(submitted))) => {
                self.look_in(submitted.job_id.unwrap(), submitted.seconds, submitted.poll)
            }
            Poll::Ready(Returned::Check(Ok(Checked { settled: Some(settled), .. }))) => {
                assert_eq!(settled.outcome, "succeeded", "{}", self.plan.wait.key);
                self.stage = Stage::Ended;
                Duration::ZERO
            }
            Poll::Ready(Returned::Check(Ok(checked))) => {
                let Stage::Polling(job_id, _) = &self.stage else { panic!("a job is polled before it is known") };
                self.look_in(job_id.clone(), checked.seconds, checked.poll)
            }
            Poll::Ready(Returned::Submit(Err(error))) if error.name == ErrorName::AtCapacity => {
                self.retries_in_line += 1;
                assert!(self.retries_in_line <= MAX_RETRIES_IN_LINE, "{}: {error}", self.plan.wait.key);
                // Step Functions' full jitter: anything up to the delay.
                in_line(self.retries_in_line) * u32::try_from(scramble(!random) % 1_000).unwrap() / 1_000
            }
            Poll::Ready(Returned::Submit(Err(error)) | Returned::Check(Err(error))) => {
                assert!(error.name.is_retryable() || error.name == ErrorName::OutcomeStored, "{error}");
                self.retry(&error.to_string())
            }
        };
        self.wakes_at = now + delay;
    }

    fn look_in(&mut self, job_id: JobId, seconds: u64, poll: PollState) -> Duration {
        self.stage = Stage::Polling(job_id, poll);
        self.retries = 0;
        Duration::from_secs(seconds)
    }

    fn retry(&mut self, why: &str) -> Duration {
        self.retries += 1;
        assert!(self.retries <= MAX_RETRIES, "{} gives up: {why}", self.plan.wait.key);
        // A submit that is still locked is retried as long as its lock lasts.
        if why.starts_with("SubmitInProgress") { SECOND * 30 } else { SECOND * 2 }
    }
}

/// How many requests came while there was trouble.
fn requests_in_trouble(world: &World, crowd: &Crowd) -> usize {
    let state = world.state();
    let began_at: Timestamp = "2026-11-23T12:00:00Z".parse().unwrap();
    let (_, from, until) = crowd.script.trouble.unwrap();
    state.vendor.requests.iter().filter(|at| (began_at + from..began_at + until).contains(at)).count()
}

#[test]
fn fifty_waits_with_three_places_have_three_jobs_at_most_and_all_finish() {
    let world = Crowd { limits: "[limits]\nin_flight = 3", ..CROWD }.play();
    let state = world.state();
    assert_eq!((state.vendor.jobs.len(), state.vendor.most_at_work, state.shared.most_places), (50, 3, 3));
    assert!(state.shared.places.values().all(|holders| holders.is_empty()), "{:?}", state.shared.places);
}

#[test]
fn without_limits_as_many_jobs_as_waits_are_at_the_third_party() {
    assert_eq!(CROWD.play().state().vendor.most_at_work, 50);
}

#[test]
fn processes_that_die_between_any_two_effects_lose_no_place_and_take_none_twice() {
    for crash_every in [61, 97, 131, 173] {
        let limits = "[limits]\nin_flight = 3\nper_second = 20";
        let world = Crowd { limits, crash_every: Some(crash_every), ..CROWD }.play();
        let state = world.state();
        assert_eq!((state.vendor.jobs.len(), state.vendor.most_at_work), (50, 3), "{crash_every}");
        assert_eq!(state.shared.most_places, 3, "{crash_every}");
    }
}

#[test]
fn a_rate_is_kept_by_all_waits_together() {
    let world = Crowd { limits: "[limits]\nper_second = 4", ..CROWD }.play();
    let state = world.state();
    let requests = &state.vendor.requests;
    // Four at once, then four a second: never more than eight within one.
    for (first, from) in requests.iter().enumerate() {
        let within = requests[first..].iter().take_while(|at| **at < *from + SECOND).count();
        assert!(within <= 8, "{within} requests in the second from {from}");
    }
    assert_eq!(state.vendor.jobs.len(), 50);
}

#[test]
fn a_429_keeps_everybody_away_for_as_long_as_it_says() {
    let trouble = Some((Trouble::Throttles, SECOND * 10, SECOND * 130));
    let crowd = |limits| Crowd { limits, script: Script { trouble, ..CROWD.script }, ..CROWD };
    let limited = crowd("[limits]\nbreaker = true");
    let (with, without) =
        (requests_in_trouble(&limited.play(), &limited), requests_in_trouble(&crowd("").play(), &limited));
    assert!(with <= 12 && without >= 50, "{with} with limits, {without} without");
}

#[test]
fn a_third_party_that_is_down_for_an_hour_fails_no_wait_and_is_left_alone() {
    let trouble = Some((Trouble::Down, SECOND * 30, SECOND * 30 + HOUR));
    // Half of the waits begin while it is down.
    let crowd = Crowd {
        limits: "[limits]\nbreaker = true",
        script: Script { trouble, takes: Duration::from_mins(2), ..CROWD.script },
        apart: SECOND,
        ..CROWD
    };
    let world = crowd.play();
    let asked = requests_in_trouble(&world, &crowd);
    assert!((10..=40).contains(&asked), "{asked} requests in an hour");
    assert_eq!(world.state().vendor.jobs.len(), 50);
}
