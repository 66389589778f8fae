//! A thousand waits or two whose webhooks are lost, under runs of the reconciler: within
//! a third party's limits, side by side, out of time, and dying.

use crate::finish;
use crate::scenarios::{NEVER_DONE, PROMPT, Scenario, book, pin, written};
use crate::world::{Api, Script, World, scramble};
use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;
use stepwait_core::Timestamp;
use stepwait_core::wait::change::TakenJob;
use stepwait_core::wait::due::due_from;
use stepwait_core::wait::{Change, Generation, Kept, Registration, Source};
use stepwait_flow::ports::WaitStore as _;
use stepwait_flow::reconcile::{Summary, run};
use stepwait_flow::{Book, StepError};

pub(crate) const MINUTE: Duration = Duration::from_mins(1);

/// How a crowd is reconciled.
pub(crate) struct Crowd {
    /// How many waits.
    pub(crate) waits: u32,
    /// The `[limits]` of the third party, if it has any.
    pub(crate) limits: &'static str,
    /// How many jobs it is asked for in one request, and what it answers then.
    pub(crate) together: Option<(u16, Api)>,
    /// How long everything takes that a run does at the same time.
    pub(crate) turn: Duration,
    /// How many runs begin each minute.
    pub(crate) runs: usize,
    /// After how many turns a run dies.
    pub(crate) dies_after: Option<u32>,
    /// For how long nobody has reconciled before the first run.
    pub(crate) begins_after: Duration,
}

pub(crate) const CROWD: Crowd = Crowd {
    waits: 1_000,
    limits: "",
    together: None,
    turn: Duration::from_millis(20),
    runs: 1,
    dies_after: None,
    begins_after: Duration::ZERO,
};

/// How often a run is polled in a turn: with 64 things under way in each shard, of
/// which a poll gets two on, each gets on once.
const POLLS: u32 = 32;

/// What came of it.
pub(crate) struct Seen {
    /// After how many minutes the last wait had ended.
    pub(crate) minutes: u32,
    /// What each run did that came to its end.
    pub(crate) summaries: Vec<Summary>,
    /// When the third party was asked.
    pub(crate) requests: Vec<Timestamp>,
    /// How often a task was resumed.
    pub(crate) resumed: usize,
    /// How many waits ended by the reconciler's look.
    pub(crate) ended: usize,
    /// The most writes of one wait's row after its job was noted.
    pub(crate) most_writes: usize,
}

type Going<'w> = Pin<Box<dyn Future<Output = Result<Summary, StepError>> + 'w>>;

impl Crowd {
    /// The third party's file, in a version that is not deployed any more.
    fn file(&self) -> String {
        let earlier = written("identity-check").replacen("description = \"", "description = \"Earlier: ", 1);
        let mut text = format!("{earlier}\n{}", self.limits);
        if let Some((most, _)) = self.together {
            let alone = "path = \"/v1/checks/{job_id}\"\nvalue";
            assert_eq!(text.matches(alone).count(), 1);
            let batch = format!("batch = {{ most = {most}, items = \"body:/checks\", job_id = \"body:/check_id\" }}");
            text = text
                .replace(alone, &format!("path = \"/v1/checks\"\nquery = {{ ids = \"{{job_ids}}\" }}\n{batch}\nvalue"));
        }
        text
    }

    /// Runs the reconciler once a minute until all waits have ended.
    fn play(&self) -> Seen {
        self.play_until_ended().0
    }

    /// The same; returns the world as it is then, too.
    pub(crate) fn play_until_ended(&self) -> (Seen, World) {
        let book = book();
        let world = World::new(&Script { takes: Duration::ZERO, ..PROMPT });
        world.state().vendor.api = self.together.map(|(_, api)| api);
        submit_all(&world, &book, self.waits, &self.file());
        let written = world.state().store.history.len();
        world.state().now += self.begins_after;
        let mut summaries = Vec::new();
        let mut going: Vec<(Going, u32)> = Vec::new();
        for minute in 1..=240 {
            let until = world.state().now + MINUTE;
            going.extend((0..self.runs).map(|_| (Box::pin(run(&world, &book)) as Going, 0)));
            let mut any = u64::from(minute);
            while world.state().now < until && !going.is_empty() {
                world.state().now += self.turn / u32::try_from(going.len()).unwrap();
                any = scramble(any);
                let index = usize::try_from(any % u64::try_from(going.len()).unwrap()).unwrap();
                let (run, turns) = &mut going[index];
                *turns += 1;
                let has_died = self.dies_after.is_some_and(|after| *turns > after);
                let polled = turn(run);
                let is_over = polled.is_ready();
                if let Poll::Ready(summary) = polled {
                    summaries.push(summary.unwrap());
                }
                if is_over || has_died {
                    drop(going.remove(index));
                }
            }
            world.state().now = until;
            if world.state().store.table.waits.values().all(|row| row.due.is_none()) {
                drop(going);
                return (seen(&world, minute, summaries, written), world);
            }
        }
        panic!("not all waits have ended after four hours");
    }
}

/// All that a run has under way gets on by one effect.
fn turn(run: &mut Going) -> Poll<Result<Summary, StepError>> {
    let polls = (0..POLLS).map(|_| run.as_mut().poll(&mut Context::from_waker(Waker::noop())));
    polls.into_iter().find(Poll::is_ready).unwrap_or(Poll::Pending)
}

fn seen(world: &World, minutes: u32, summaries: Vec<Summary>, written: usize) -> Seen {
    let state = world.state();
    let rows = state.store.table.waits.values();
    let by_reconciler = |outcome: &stepwait_core::wait::Outcome| outcome.source == Source::Reconciler;
    let later = &state.store.history[written..];
    Seen {
        minutes,
        summaries,
        requests: state.vendor.requests.iter().map(|(at, _)| *at).collect(),
        resumed: state.tokens.taken.len(),
        ended: rows.filter(|row| row.outcome.as_ref().is_some_and(by_reconciler)).count(),
        most_writes: state
            .store
            .table
            .waits
            .keys()
            .map(|id| later.iter().filter(|row| row.id == *id).count())
            .max()
            .unwrap(),
    }
}

/// All waits begin together, and their jobs are done at once.
fn submit_all(world: &World, book: &Book, waits: u32, text: &str) {
    let scenario = Scenario { integration: "identity-check", pinned: None, ..NEVER_DONE };
    let plan = scenario.plan(world, book);
    let digest = pin(world, &plan.wait.integration, text);
    let reconcile = book.current("identity-check").unwrap().0.schedule.reconcile;
    for number in 0..waits {
        let wait = scenario.plan_keyed(world, book, &format!("wait-{number}")).wait;
        let (token, now) = {
            let mut state = world.state();
            (state.tokens.issue(&wait.id), state.now)
        };
        let job = {
            let mut state = world.state();
            let index = state.vendor.start(None, now, 0);
            state.vendor.jobs[index].id.clone()
        };
        let mine = Generation::from_u64(1);
        let registration = Registration {
            id: wait.id.clone(),
            generation: mine,
            token: Some(token),
            integration: wait.integration.clone(),
            digest: digest.clone(),
            started_at: wait.started_at,
            deadline: wait.deadline,
            execution_arn: wait.execution_arn.clone(),
            capability: None,
            due_from: due_from(Some(reconcile / 2), wait.deadline, now),
        };
        let noted = TakenJob { mine, operation: "of its submit".to_owned(), job_id: job, kept: Kept::default() };
        for change in [Change::Register(Box::new(registration)), Change::Submitted(noted)] {
            finish(world.update(&wait.id, &change, now)).unwrap();
        }
    }
}

/// How many requests came within the second that had the most.
pub(crate) fn most_in_a_second(requests: &[Timestamp]) -> usize {
    let within =
        |from: usize| requests[from..].iter().take_while(move |at| **at < requests[from] + Duration::from_secs(1));
    (0..requests.len()).map(|from| within(from).count()).max().unwrap_or(0)
}

#[test]
fn a_thousand_lost_webhooks_are_found_within_one_period_by_one_look_each() {
    let seen = CROWD.play();
    assert_eq!((seen.ended, seen.resumed, seen.requests.len()), (1_000, 1_000, 1_000));
    assert!((10..=11).contains(&seen.minutes), "{}", seen.minutes);
    // The outcome, and its delivery.
    assert_eq!(seen.most_writes, 2);
    // They began together, and are looked at in five different minutes.
    let most = seen.summaries.iter().map(|run| run.checked).max().unwrap();
    assert!((150..=300).contains(&most), "{most}");
    let late = seen.summaries.iter().map(|run| run.oldest_due_ms).max().unwrap();
    assert!((50_000..=62_000).contains(&late), "{late}");
    assert!(seen.summaries.iter().all(|run| run.left == 0), "{:?}", seen.summaries);
}

#[test]
fn a_rate_is_kept_by_a_run_that_waits_for_it_and_goes_on_in_the_next() {
    let seen = Crowd { limits: "[limits]\nper_second = 4", ..CROWD }.play();
    assert_eq!((seen.ended, seen.resumed, seen.requests.len()), (1_000, 1_000, 1_000));
    // Four at once, then four a second.
    assert!(most_in_a_second(&seen.requests) <= 8, "{}", most_in_a_second(&seen.requests));
    // Two hundred fall due in each minute, and 240 could go.
    assert!(seen.minutes <= 13, "{}", seen.minutes);
}

#[test]
fn runs_side_by_side_end_each_wait_once_and_resume_each_task_once() {
    let seen = Crowd { runs: 3, ..CROWD }.play();
    assert_eq!((seen.ended, seen.resumed), (1_000, 1_000));
    // Jobs may be looked at by each of them.
    assert!((1_000..=3_000).contains(&seen.requests.len()), "{}", seen.requests.len());
    // The outcome is stored once; each may note its delivery.
    assert!(seen.most_writes <= 4, "{}", seen.most_writes);
}

#[test]
fn a_run_that_is_out_of_time_is_continued_by_the_next_without_looking_twice() {
    // A run has time for three times what is under way at the same time.
    let turn = Duration::from_millis(2_500);
    let seen = Crowd { waits: 2_000, turn, begins_after: MINUTE * 60, ..CROWD }.play();
    assert_eq!((seen.ended, seen.resumed, seen.requests.len()), (2_000, 2_000, 2_000));
    let checked: Vec<u64> = seen.summaries.iter().map(|run| run.checked).collect();
    assert!((1_400..2_000).contains(&checked[0]) && checked[0] + checked[1] == 2_000, "{checked:?}");
}

#[test]
fn runs_that_die_delay_waits_and_lose_none() {
    for dies_after in [9, 10, 11] {
        let seen = Crowd { waits: 2_000, dies_after: Some(dies_after), begins_after: MINUTE * 60, ..CROWD }.play();
        assert_eq!((seen.ended, seen.resumed), (2_000, 2_000), "{dies_after}");
        assert!(seen.minutes > 2, "{dies_after}: {}", seen.minutes);
    }
}
