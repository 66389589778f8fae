//! Whoever runs steps: Step Functions, senders, schedules, people. What happens
//! next is the next event on the world's agenda; a process is a step's future,
//! which is polled when something that it waits for has come.

mod outside;
mod own;
mod process;
mod reconciler;
mod round;
mod sender;
mod terms;
mod turns;
mod workflow;

use crate::course::{Course, Wait};
use crate::coverage::Coverage;
use crate::fault::Witness;
use crate::integrations::Books;
use crate::mistake::Mistake;
use crate::oracle::{Broken, Rule, rest};
use crate::time::{DAY, MINUTE};
use crate::trace::Keep;
use crate::world::{Event, ProcessId, World};
use process::Process;
use round::Round;
use std::collections::BTreeMap;
use stepwait_flow::Book;
use workflow::Workflow;

/// The most events of a seed; the longest has about a twentieth.
const MOST_EVENTS: u64 = 400_000;

/// The longest that a seed may go on, 40 days: a deadline of a day, jobs that end
/// 30 hours after they were taken, senders that try for three days, and the runs
/// of the reconciler between them.
const LONGEST_MS: u64 = 40 * DAY;

/// What came of a seed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The seed.
    pub seed: u64,
    /// How many waits there were.
    pub waits: u64,
    /// How long it went on, in virtual milliseconds.
    pub took_ms: u64,
    /// What happened.
    pub coverage: Coverage,
    /// The lines of its trace, where they are kept.
    pub trace: String,
    /// A digest of all lines.
    pub digest: u64,
    /// The rule that was broken.
    pub broken: Option<Broken>,
}

/// Runs one seed.
#[must_use]
pub fn run(seed: u64, mistake: Option<Mistake>, keep: Keep) -> Outcome {
    let world = World::new(seed, mistake, keep);
    Run::new(&world, seed).play();
    let state = world.into_state();
    let waits = u64::try_from(state.course.waits.len()).unwrap_or(0);
    let (trace, digest) = state.trace.into_parts();
    Outcome { seed, waits, took_ms: state.now, coverage: state.coverage, trace, digest, broken: state.broken }
}

/// One seed on its way.
struct Run<'w> {
    seed: u64,
    world: &'w World,
    books: &'static Books,
    /// What is deployed now.
    book: &'static Book,
    processes: BTreeMap<ProcessId, Process<'w>>,
    next_process: u64,
    workflows: Vec<Workflow>,
    rounds: Vec<Round>,
    /// Counts whatever somebody waits for, so that what comes too late is told apart.
    steps: u64,
    /// The reconciler's last minute on the agenda.
    reconciles_at: Option<u64>,
}

impl<'w> Run<'w> {
    fn new(world: &'w World, seed: u64) -> Self {
        let books = Books::get();
        let workflows = {
            let course = &world.state().course;
            let workflow = |(number, wait): (usize, &Wait)| Workflow::new(number, wait, course.own[wait.execution]);
            course.waits.iter().enumerate().map(workflow).collect()
        };
        Self {
            seed,
            world,
            books,
            book: &books.before,
            processes: BTreeMap::new(),
            next_process: 0,
            workflows,
            rounds: Vec::new(),
            steps: 0,
            reconciles_at: None,
        }
    }

    /// Runs until nothing is left to happen, or a rule is broken.
    fn play(mut self) {
        self.plan();
        for _ in 0..MOST_EVENTS {
            self.plan_reconciler();
            let event = {
                let mut state = self.world.state();
                if state.broken.is_some() {
                    return;
                }
                let Some((at, event)) = state.agenda.pop() else { break };
                if at > LONGEST_MS {
                    state.breaks(Rule::ComesToRest, || "the world goes on after forty days".to_owned());
                    return;
                }
                state.now = at;
                event
            };
            self.happens(event);
        }
        let mut state = self.world.state();
        if !state.agenda.is_empty() {
            state.breaks(Rule::ComesToRest, || "the world does not come to rest".to_owned());
        }
        rest::at_rest(&mut state);
        for workflow in &self.workflows {
            if !workflow.has_ended() {
                state.breaks(Rule::WorkflowEnds, || format!("the workflow of {} waits for ever", workflow.name()));
            }
        }
    }

    fn plan(&mut self) {
        let mut state = self.world.state();
        let Course { waits, stops, by_hand, deploys_at, .. } = &state.course;
        let begins = waits.iter().enumerate().map(|(number, wait)| (wait.begins_at, Event::Begin(number)));
        let stops = stops.iter().enumerate().filter_map(|(number, at)| Some(((*at)?, Event::Stop(number))));
        let by_hand = by_hand.iter().map(|(wait, at)| (*at, Event::ByHand(*wait)));
        let deploys = deploys_at.iter().map(|at| (*at, Event::Deploy));
        let planned: Vec<_> = begins.chain(stops).chain(by_hand).chain(deploys).collect();
        for (at, event) in planned {
            state.after(at, event);
        }
    }

    fn happens(&mut self, event: Event) {
        match event {
            Event::Wake(process, bed) => {
                let waker = self.world.state().agenda.wake(bed);
                if let Some(waker) = waker {
                    waker.wake();
                }
                self.poll(process);
            }
            Event::TimeUp(process) => self.time_is_up(process),
            Event::Bury(process) => self.bury(process),
            Event::GiveUp(process) => self.give_up(process),
            Event::Begin(workflow) => self.begin(workflow),
            Event::GoOn(workflow, step) => self.go_on(workflow, step),
            Event::StateTimesOut(workflow, step) => self.state_times_out(workflow, step),
            Event::Silence(workflow, step, heard_at) => self.silence(workflow, step, heard_at),
            Event::RoundGoesOn(round, step) => self.round_goes_on(round, step),
            Event::RoundTimesOut(round) => self.round_fails(round),
            Event::RoundReturns(round) => self.round_returned(round),
            Event::Send(vendor, event, delivery) => self.deliver(vendor, event, delivery),
            Event::Reconcile => self.reconcile(),
            Event::Stop(execution) => self.stop(execution),
            Event::Stopped(execution, attempt) => self.close_stopped(execution, attempt),
            Event::ByHand(wait) => self.end_by_hand(wait),
            Event::Deploy => self.book = &self.books.after,
        }
    }

    fn step(&mut self) -> u64 {
        self.steps += 1;
        self.steps
    }

    /// What no state machine expects was returned.
    fn unexpected(&self, what: &str) {
        self.world.state().breaks(Rule::Contract, || what.to_owned());
    }

    fn after(&self, delay: u64, event: Event) {
        self.world.state().after(delay, event);
    }

    fn saw(&self, witness: Witness) {
        self.world.state().saw(witness);
    }
}

/// The next full minute after a time.
const fn next_minute(after: u64) -> u64 {
    (after / MINUTE + 1) * MINUTE
}
