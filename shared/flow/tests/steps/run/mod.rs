//! One execution from its first attempt to the last redelivery: everybody who
//! runs steps (Step Functions, the listener on behalf of the third party's
//! sender), and the order in which they get to do their effects.
//!
//! Whoever runs is a [`Process`]: a step's future that does one effect each time
//! it is polled. A process can die, which is dropping it, or hang, which is not
//! polling it for a while; in both cases whoever waits for it gives it up and
//! acts as AWS would. When nobody can run, the clock moves to the next timer.

mod sender;
mod workflow;

pub(crate) use workflow::{Ending, MAX_RETRIES_IN_LINE, in_line};

use crate::scenarios::Scenario;
use crate::world::World;
use crate::world::gate::{Fault, Mishap};
use std::collections::BTreeMap;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;
use stepwait_core::Timestamp;
use stepwait_core::message::{Checked, Settled, Submitted};
use stepwait_flow::webhook::Reply;
use stepwait_flow::{Book, StepError};
use workflow::Workflow;

/// The most effects and timers of one run; the longest takes about a hundred.
const MAX_TURNS: usize = 2_000;

/// From the beginning to the first run of the reconciler; each later one comes
/// after twice as long, so that a long wait is swept by windows of all lengths.
const FIRST_RECONCILED: Duration = Duration::from_mins(1);

/// The most runs of the reconciler: the last of them comes after twelve days.
const MAX_RECONCILED: u32 = 14;

/// How many polls without an effect mean that a process waits for the clock: the
/// first one, and one that goes on after it hung, have none.
const RESTING: u32 = 3;

/// How long a process hangs: longer than the first retry of a submit takes to
/// begin, shorter than any function may run.
const STALL: Duration = Duration::from_secs(5);

/// Who waits for a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    /// The workflow, as its step of that number.
    Step(u32),
    /// The sender of that event.
    Delivery(usize),
    /// The schedule of the reconciler.
    Reconciler,
    /// Nobody any more.
    Abandoned,
}

/// What a process returns.
enum Returned {
    Submit(Result<Submitted, StepError>),
    Check(Result<Checked, StepError>),
    Close(Result<Settled, StepError>),
    Reply(Reply),
    Reconciled,
}

type Step<'w> = Pin<Box<dyn Future<Output = Returned> + 'w>>;

struct Process<'w> {
    role: Role,
    step: Step<'w>,
    /// Polls in a row without an effect.
    idle: u32,
}

/// What happens at a certain time.
enum Timer<'w> {
    /// The workflow goes on, if it still is at that step.
    Workflow(u32),
    /// A token's task times out, if it still is at that step.
    TimesUp(u32),
    /// The sender tries again.
    Redeliver(usize),
    /// The reconciler runs, after so many runs.
    Reconcile(u32),
    /// A process goes on that hung.
    Wake(Process<'w>),
}

/// One run.
pub(crate) struct Run<'w> {
    /// The scenario, the faults by the numbers of the effects, and the order.
    name: String,
    world: &'w World,
    book: &'w Book,
    /// Orders the effects of processes that run at the same time; without it
    /// the youngest goes first, so that a webhook is received between two effects.
    order: Option<u64>,
    processes: Vec<Process<'w>>,
    timers: BTreeMap<(Timestamp, u64), Timer<'w>>,
    turns: u64,
    workflow: Workflow,
}

impl<'w> Run<'w> {
    /// A run of `scenario` in a fresh world, with faults at those effects.
    pub(crate) fn new(
        world: &'w World,
        book: &'w Book,
        scenario: &Scenario,
        faults: BTreeMap<usize, Fault>,
        order: Option<u64>,
    ) -> Self {
        let name = format!("{}, faults {faults:?}, order {order:?}", scenario.name);
        Self::of(world, book, Workflow::new(scenario.plan(world, book)), name, faults, order)
    }

    /// The same in a workflow that has no plan: `submit` makes it.
    pub(crate) fn direct(
        world: &'w World,
        book: &'w Book,
        scenario: &Scenario,
        faults: BTreeMap<usize, Fault>,
        order: Option<u64>,
    ) -> Self {
        let name = format!("{}, without a plan, faults {faults:?}, order {order:?}", scenario.name);
        // What it will come to is planned elsewhere: here nothing is kept of it.
        let workflow = Workflow::direct(scenario.plan(&World::new(&scenario.script), book));
        Self::of(world, book, workflow, name, faults, order)
    }

    fn of(
        world: &'w World,
        book: &'w Book,
        workflow: Workflow,
        name: String,
        faults: BTreeMap<usize, Fault>,
        order: Option<u64>,
    ) -> Self {
        world.state().gate.open(faults);
        Self { name, world, book, order, processes: Vec::new(), timers: BTreeMap::new(), turns: 0, workflow }
    }

    /// The same with the reconciler beside it.
    pub(crate) fn reconciled(mut self) -> Self {
        self.set_timer(FIRST_RECONCILED, Timer::Reconcile(0));
        self
    }

    /// Runs until nothing is left to happen.
    pub(crate) fn play(mut self) -> Ending {
        self.begin_attempt();
        for _ in 0..MAX_TURNS {
            self.turns += 1;
            if self.send_due_event() {
                continue;
            }
            match self.pick() {
                Some(index) => self.poll(index),
                None if self.next_timer() => {}
                None if self.workflow.has_ended() => return self.workflow.ending(),
                None => self.fail("nothing is left to happen, and the workflow still waits"),
            }
        }
        self.fail("the run does not end within its turns")
    }

    /// The run went where no run may go.
    fn fail(&self, why: &str) -> ! {
        panic!("{}: {why}; effects: {:?}", self.name, self.world.state().gate.passed())
    }

    fn start(&mut self, role: Role, step: impl Future<Output = Returned> + 'w) {
        self.processes.push(Process { role, step: Box::pin(step), idle: 0 });
    }

    fn is_idle(&self) -> bool {
        self.processes.is_empty()
    }

    /// The process that does the next effect.
    fn pick(&self) -> Option<usize> {
        let last = self.processes.len().checked_sub(1)?;
        let Some(order) = self.order else {
            return Some(last);
        };
        let any = crate::world::scramble(order.wrapping_add(self.turns << 32));
        usize::try_from(any % self.processes.len() as u64).ok()
    }

    fn poll(&mut self, index: usize) {
        let mut process = self.processes.remove(index);
        let before = self.world.state().gate.passed().len();
        let polled = process.step.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        let mishap = self.world.state().gate.take_mishap();
        // A task that was resumed goes on, whatever becomes of who resumed it.
        self.watch_task();
        match (polled, mishap) {
            (Poll::Ready(returned), _) => self.returned(process.role, returned),
            (Poll::Pending, None) => {
                let has_acted = self.world.state().gate.passed().len() > before;
                process.idle = if has_acted { 0 } else { process.idle + 1 };
                if process.idle < RESTING {
                    self.processes.insert(index, process);
                } else {
                    self.set_timer(Duration::from_millis(100), Timer::Wake(process));
                }
            }
            (Poll::Pending, Some(Mishap::Crashed)) => self.gave_no_answer(process.role),
            (Poll::Pending, Some(Mishap::Stalled)) => {
                let role = std::mem::replace(&mut process.role, Role::Abandoned);
                self.set_timer(STALL, Timer::Wake(process));
                self.gave_no_answer(role);
            }
        }
    }

    fn returned(&mut self, role: Role, returned: Returned) {
        match (role, returned) {
            (Role::Step(number), returned) if self.workflow.is_at(number) => self.step_returned(returned),
            (Role::Delivery(event), Returned::Reply(reply)) => self.answered(event, Some(reply.status)),
            (Role::Step(_) | Role::Delivery(_) | Role::Reconciler | Role::Abandoned, _) => {}
        }
    }

    fn gave_no_answer(&mut self, role: Role) {
        match role {
            Role::Step(number) if self.workflow.is_at(number) => self.step_died(),
            Role::Delivery(event) => self.answered(event, None),
            Role::Step(_) | Role::Reconciler | Role::Abandoned => {}
        }
    }

    /// The reconciler runs, and once more later if anything may be left to do.
    fn reconcile(&mut self, runs: u32) {
        let is_over = self.world.state().store.table.waits.values().all(|row| row.due.is_none());
        if self.workflow.has_ended() && is_over {
            return;
        }
        let (world, book) = (self.world, self.book);
        let run = async move {
            // What a run could not do, a later one does.
            let _summary = stepwait_flow::reconcile::run(world, book).await;
            Returned::Reconciled
        };
        self.start(Role::Reconciler, run);
        if runs < MAX_RECONCILED {
            self.set_timer(FIRST_RECONCILED * 2_u32.pow(runs), Timer::Reconcile(runs + 1));
        }
    }

    fn set_timer(&mut self, delay: Duration, timer: Timer<'w>) {
        let now = self.world.state().now;
        self.set_timer_at(now + delay, timer);
    }

    fn set_timer_at(&mut self, at: Timestamp, timer: Timer<'w>) {
        let number = self.timers.len() as u64 + (self.turns << 16);
        self.timers.insert((at, number), timer);
    }

    /// Moves the clock to the next timer or event; false if there is none.
    fn next_timer(&mut self) -> bool {
        let event = self.world.state().vendor.next_due();
        let timer = self.timers.first_key_value().map(|((at, _), _)| *at);
        let Some(at) = event.into_iter().chain(timer).min() else {
            return false;
        };
        {
            let mut state = self.world.state();
            state.now = state.now.max(at);
        }
        if event == Some(at) {
            return true;
        }
        let Some((_, timer)) = self.timers.pop_first() else {
            return false;
        };
        match timer {
            Timer::Workflow(number) if self.workflow.is_at(number) => self.go_on(),
            Timer::TimesUp(number) if self.workflow.is_at(number) => self.time_is_up(),
            Timer::Redeliver(event) => self.deliver(event),
            Timer::Reconcile(runs) => self.reconcile(runs),
            Timer::Wake(process) => self.processes.push(process),
            Timer::Workflow(_) | Timer::TimesUp(_) => {}
        }
        true
    }
}
