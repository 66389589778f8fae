//! The model as the checker takes it: where it begins, what can happen next,
//! and what becomes of it.

use crate::configuration::{Configuration, Strategy};
use crate::properties::properties;
use crate::reconcile;
use crate::state::{Course, End, JobNumber, Process, Status, World};
use crate::workflow::index;
use crate::{Answer, Operation, Step, Who, Witness, check, close, listener, submit};
use stateright::{Model, Property};
use std::sync::atomic::{AtomicU64, Ordering};

/// The protocol in one configuration.
#[derive(Debug)]
pub struct Protocol {
    configuration: Configuration,
    processes: Vec<Who>,
    /// The witnesses that were seen, a bit for each.
    witnessed: AtomicU64,
}

impl Protocol {
    /// The protocol in that configuration.
    #[must_use]
    pub fn new(configuration: Configuration) -> Self {
        let mut processes = Vec::new();
        for wait in 0..configuration.waits {
            processes.extend((1..=configuration.attempts).map(|attempt| Who::Submit { wait, attempt }));
            processes.extend([Who::Check { wait }, Who::Close { wait }]);
        }
        processes.extend((0..configuration.listeners).map(Who::Listener));
        processes.extend([Who::Reconciler, Who::Operator]);
        Self { configuration, processes, witnessed: AtomicU64::new(0) }
    }

    /// Its configuration.
    #[must_use]
    pub const fn configuration(&self) -> &Configuration {
        &self.configuration
    }

    /// All processes there may be.
    #[must_use]
    pub fn processes(&self) -> &[Who] {
        &self.processes
    }

    /// The world before anything happened: each wait's task waits, and its first attempt begins.
    #[must_use]
    pub fn beginning(&self) -> World {
        let c = &self.configuration;
        let mut world = World {
            rows: Default::default(),
            rendezvous: Default::default(),
            jobs: Default::default(),
            tasks: Default::default(),
            submits: Default::default(),
            listeners: Default::default(),
            checks: Default::default(),
            closes: Default::default(),
            reconciler: Process::default(),
            operator: Process::default(),
            crashes_left: c.crashes,
            losses_left: c.losses,
            history: Default::default(),
        };
        for wait in 0..usize::from(c.waits) {
            world.retry(wait);
        }
        world
    }

    /// The witnesses seen so far.
    #[must_use]
    pub fn witnesses(&self) -> Vec<Witness> {
        let seen = self.witnessed.load(Ordering::Relaxed);
        Witness::ALL.into_iter().filter(|witness| seen & witness.bit() != 0).collect()
    }

    /// Notes what a state shows that no state before it showed.
    fn witness(&self, world: &World) {
        let seen = self.witnessed.load(Ordering::Relaxed);
        for witness in Witness::ALL {
            if seen & witness.bit() == 0 && witness.is_seen(self, world) {
                self.witnessed.fetch_or(witness.bit(), Ordering::Relaxed);
            }
        }
    }

    /// All that can happen next.
    #[must_use]
    pub fn steps(&self, world: &World) -> Vec<Step> {
        let mut steps = Vec::new();
        self.internal(world, &mut steps);
        self.faults(world, &mut steps);
        self.external(world, &mut steps);
        steps
    }

    /// What happens by itself, sooner or later, if nothing comes from outside and nothing goes wrong.
    #[must_use]
    pub fn steps_by_itself(&self, world: &World) -> Vec<Step> {
        let mut steps = Vec::new();
        self.internal(world, &mut steps);
        steps
    }

    /// Whether nothing happens any more unless something comes from outside or
    /// goes wrong. Without the reconciler, if it is not asked for.
    #[must_use]
    pub fn is_at_rest(&self, world: &World, has_reconciler: bool) -> bool {
        self.steps_by_itself(world).iter().all(|step| !has_reconciler && matches!(step, Step::ReconcilerBegins { .. }))
    }

    fn internal(&self, world: &World, steps: &mut Vec<Step>) {
        let c = &self.configuration;
        for &who in &self.processes {
            if let Some(what) = self.next_of(world, who) {
                steps.push(Step::Does { who, what, answer: Answer::Given });
            }
        }
        for wait in 0..c.waits {
            let place = usize::from(wait);
            let (task, row) = (&world.tasks[place], &world.rows[place]);
            match task.course {
                Course::FailedForNow if task.attempt < c.attempts => steps.push(Step::TaskRetries { wait }),
                Course::FailedForNow | Course::FailedForGood | Course::OutOfTime => {
                    steps.push(Step::TaskFails { wait })
                }
                Course::Waiting | Course::Closing | Course::Over(_) | Course::Stopped => {}
            }
            if row.is_locked && row.status == Status::Registered && !is_holder_alive(world, place) {
                steps.push(Step::LockRunsOut { wait });
            }
            if world.reconciler.at == Operation::Idle && reconcile::is_due(c, world, place) {
                steps.push(Step::ReconcilerBegins { wait });
            }
        }
    }

    /// What goes wrong, as long as faults are left.
    fn faults(&self, world: &World, steps: &mut Vec<Step>) {
        for &who in &self.processes {
            let Some(what) = self.next_of(world, who) else { continue };
            if world.crashes_left > 0 && !is_beginning(who, what) {
                steps.push(Step::Crashes { who, before: what });
            }
            if world.losses_left == 0 {
                continue;
            }
            // Those who are started again by whoever waits for their answer lose it as if they had crashed.
            let is_heard = what != Operation::Return || matches!(who, Who::Submit { .. });
            for answer in [Answer::Unavailable, Answer::Lost, Answer::OfSecondTry] {
                if is_heard && what.may_learn(answer) {
                    steps.push(Step::Does { who, what, answer });
                }
            }
        }
    }

    /// What comes from outside, or from the passing of time.
    fn external(&self, world: &World, steps: &mut Vec<Step>) {
        let c = &self.configuration;
        for job in JobNumber::ALL {
            let known = &world.jobs[job.index()];
            match known.end {
                None if known.is_started => steps.extend(c.ends.iter().map(|&end| Step::JobEnds { job, end })),
                Some(end) if known.sent < c.deliveries => self.deliveries(world, job, end, steps),
                None | Some(_) => {}
            }
        }
        for wait in 0..c.waits {
            let task = &world.tasks[usize::from(wait)];
            let is_callback = c.strategy == Strategy::Callback;
            if c.has_deadline && !task.is_late && !matches!(task.course, Course::Over(_)) {
                steps.push(Step::DeadlinePasses { wait });
            }
            if c.may_stop && !matches!(task.course, Course::Over(_) | Course::Stopped) {
                steps.push(Step::ExecutionStops { wait });
            }
            if task.course != Course::Waiting {
                continue;
            }
            if task.is_late && is_callback {
                steps.push(Step::TaskTimesOut { wait });
            }
            if c.has_zombies && world.checks[usize::from(wait)].at.is_work() {
                // Its rounds failed too often, though one of them runs on.
                steps.push(Step::TaskFails { wait });
            }
            let current = world.process(Who::Submit { wait, attempt: task.attempt });
            if c.has_zombies && task.attempt < c.attempts && current.at.is_work() {
                steps.push(Step::TaskRetries { wait });
            }
        }
        if c.has_operator && world.operator.at == Operation::Idle && world.rows[0].is_open() {
            steps.push(Step::OperatorBegins { wait: 0 });
        }
    }

    fn deliveries(&self, world: &World, job: JobNumber, end: End, steps: &mut Vec<Step>) {
        let c = &self.configuration;
        let free = (0..c.listeners).find(|&number| world.listeners[usize::from(number)].at == Operation::Idle);
        let Some(listener) = free else { return };
        steps.push(Step::EventArrives { job, end, listener });
        if c.is_fickle && world.jobs[job.index()].sent > 0 {
            let end = if end == End::Failed { End::Succeeded } else { End::Failed };
            steps.push(Step::EventArrives { job, end, listener });
        }
    }

    /// What a process does next, if that would change anything.
    fn next_of(&self, world: &World, who: Who) -> Option<Operation> {
        let p = world.process(who);
        let waits_for_news =
            matches!(who, Who::Check { .. }) && p.at.is_work() && !check::is_due(&self.configuration, world, p);
        (p.at.is_work() && !waits_for_news).then_some(p.at)
    }

    /// The world after a step that can happen.
    #[must_use]
    pub fn after(&self, world: &World, step: Step) -> World {
        let mut next = *world;
        self.take(&mut next, step);
        for wait in 0..usize::from(self.configuration.waits) {
            let row = &next.rows[wait];
            let history = &mut next.history;
            history.first[wait] = history.first[wait].or(row.outcome);
            history.generation[wait] = history.generation[wait].max(row.generation);
            history.delivered[wait] = history.delivered[wait].max(row.delivered);
        }
        next
    }

    fn take(&self, world: &mut World, step: Step) {
        let c = &self.configuration;
        match step {
            Step::Does { who, answer, .. } => {
                world.losses_left -= u8::from(answer != Answer::Given);
                match who {
                    Who::Submit { wait, attempt } => submit::step(c, world, wait, attempt, answer),
                    Who::Listener(number) => listener::step(c, world, number, answer),
                    Who::Check { wait } => check::step(c, world, wait, answer),
                    Who::Close { wait } => close::step(c, world, wait, answer),
                    Who::Reconciler | Who::Operator => reconcile::step(c, world, who, answer),
                }
            }
            Step::Crashes { who, .. } => {
                world.crashes_left -= 1;
                world.crash(who);
            }
            Step::JobEnds { job, end } => world.jobs[job.index()].end = Some(end),
            Step::EventArrives { job, end, listener } => listener::begin(c, world, listener, job, end),
            Step::DeadlinePasses { wait } => world.tasks[usize::from(wait)].is_late = true,
            Step::TaskTimesOut { wait } => world.close(wait.into(), true),
            Step::TaskFails { wait } => {
                let is_timeout = world.tasks[usize::from(wait)].course == Course::OutOfTime;
                world.close(wait.into(), is_timeout);
            }
            Step::ExecutionStops { wait } => world.stop(wait.into()),
            Step::TaskRetries { wait } => world.retry(wait.into()),
            Step::LockRunsOut { wait } => world.rows[usize::from(wait)].is_locked = false,
            Step::ReconcilerBegins { wait } => reconcile::begin(world, wait),
            Step::OperatorBegins { wait } => reconcile::begin_by_hand(world, wait),
        }
    }
}

/// Whether the attempt runs that holds the right to send: the lock outlives the function.
fn is_holder_alive(world: &World, wait: usize) -> bool {
    let holder = world.rows[wait].operation;
    holder > 0 && world.process(Who::Submit { wait: index(wait), attempt: holder }).at.is_work()
}

/// Whether a crash there is the same as beginning a little later.
fn is_beginning(who: Who, what: Operation) -> bool {
    match who {
        Who::Check { .. } => what == Operation::Look,
        Who::Close { .. } | Who::Reconciler => what == Operation::Read,
        Who::Submit { .. } | Who::Listener(_) | Who::Operator => false,
    }
}

impl Model for Protocol {
    type State = World;
    type Action = Step;

    fn init_states(&self) -> Vec<World> {
        vec![self.beginning()]
    }

    fn actions(&self, world: &World, steps: &mut Vec<Step>) {
        self.witness(world);
        self.internal(world, steps);
        self.faults(world, steps);
        self.external(world, steps);
    }

    fn next_state(&self, world: &World, step: Step) -> Option<World> {
        let next = self.after(world, step);
        (next != *world).then_some(next)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        properties()
    }
}
