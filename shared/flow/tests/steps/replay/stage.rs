//! The processes of a walk: the functions as futures, each held before its next
//! effect, or done with what it returned.

use super::files;
use super::names::is_silent;
use super::tasks::Task;
use crate::poll_once;
use crate::world::World;
use crate::world::gate::Fault;
use std::collections::{BTreeMap, BTreeSet};
use std::pin::Pin;
use std::task::Poll;
use std::time::Duration;
use stepwait_core::Timestamp;
use stepwait_core::message::{Checked, Settled, Submitted};
use stepwait_core::wait::CLOSE_GRACE;
use stepwait_flow::{Book, StepError};
use stepwait_model::{Configuration, Who};

/// The most effects between two that the model knows, 30: the reconciler reads eight shards.
const MAX_SILENT: usize = 30;

/// From one run of the reconciler to the next: longer than the time between two
/// looks at a job, so that each run finds every wait due.
const RUN: Duration = Duration::from_mins(11);

/// What a function returned.
pub(super) enum Returned {
    Submit(Result<Submitted, StepError>),
    Check(Result<Checked, StepError>),
    Close(Result<Settled, StepError>),
    /// The status that a sender is answered with.
    Reply(u16),
    /// The reconciler or a person has come to an end.
    Nothing,
}

/// How far a function has got.
pub(super) enum Standing {
    /// It stands before that effect.
    Before(&'static str),
    /// It has returned.
    Returned(Box<Returned>),
}

type Function<'w> = Pin<Box<dyn Future<Output = Returned> + 'w>>;

/// A running function.
pub(super) struct Process<'w> {
    function: Option<Function<'w>>,
    pub(super) standing: Standing,
    /// Its own time, if it is not the world's.
    clock: Option<Timestamp>,
}

/// The world of a walk.
pub(super) struct Stage<'w> {
    pub(super) c: Configuration,
    pub(super) world: &'w World,
    pub(super) book: &'w Book,
    pub(super) processes: BTreeMap<Who, Process<'w>>,
    pub(super) tasks: Vec<Task>,
    /// The nonces of attempts that took the right to send.
    pub(super) operations: BTreeMap<Who, String>,
    /// Effects that were let through.
    pub(super) let_through: BTreeSet<&'static str>,
    began: Timestamp,
    runs: u32,
}

impl<'w> Stage<'w> {
    /// A world at the beginning of a walk: the first attempts are about to begin.
    pub(super) fn new(c: Configuration, world: &'w World, book: &'w Book) -> Self {
        let began = world.state().now;
        let mut stage = Self {
            c,
            world,
            book,
            processes: BTreeMap::new(),
            tasks: (0..c.waits).map(|wait| Task::new(files::plan(&c, world, book, wait))).collect(),
            operations: BTreeMap::new(),
            let_through: BTreeSet::new(),
            began,
            runs: 0,
        };
        for wait in 0..c.waits {
            stage.begin_attempt(wait);
        }
        stage
    }

    /// The time: that of the beginning, until a deadline has passed.
    pub(super) fn now(&self) -> Timestamp {
        let late = self.tasks.iter().find(|task| task.is_late);
        late.map_or(self.began, |task| task.plan.wait.deadline)
    }

    /// The time of the next run of the reconciler, at which all that the model holds
    /// for due is due: outcomes half a minute after they were stored, a job half a period
    /// after it was noted, a wait that its workflow polls long after its deadline.
    pub(super) fn time_of_run(&mut self, wait: u8) -> Timestamp {
        self.runs += 1;
        let task = &self.tasks[usize::from(wait)];
        let has_token = task.token_of_attempt();
        let is_long_after = task.is_late || !has_token;
        let from = if is_long_after { task.plan.wait.deadline + CLOSE_GRACE } else { self.began };
        from + RUN * self.runs
    }

    /// Starts a function, up to its first effect that the model knows.
    pub(super) fn start(&mut self, who: Who, clock: Option<Timestamp>, function: impl Future<Output = Returned> + 'w) {
        let process =
            Process { function: Some(Box::pin(function)), standing: Standing::Before("its beginning"), clock };
        self.processes.insert(who, process);
        self.poll(who, None);
        self.let_go(who);
    }

    /// One poll of a function, with a fault in its effect.
    fn poll(&mut self, who: Who, fault: Option<Fault>) {
        let now = self.now();
        let Some(process) = self.processes.get_mut(&who) else { return };
        let Some(function) = &mut process.function else { return };
        {
            let mut state = self.world.state();
            state.now = process.clock.unwrap_or(now);
            state.gate.open(fault.into_iter().map(|fault| (0, fault)).collect());
        }
        match poll_once(Pin::new(function)) {
            Poll::Ready(returned) => {
                process.function = None;
                process.standing = Standing::Returned(Box::new(returned));
            }
            // One that only rests stands where it stood.
            Poll::Pending => {
                if let Some(effect) = self.world.state().gate.knocked() {
                    process.standing = Standing::Before(effect);
                }
            }
        }
    }

    /// Lets a function go on until it comes to an effect that the model knows.
    fn let_go(&mut self, who: Who) {
        for _ in 0..MAX_SILENT {
            let Some(effect) = self.before(who).filter(|effect| is_silent(&self.c, who, effect)) else { return };
            self.let_through.insert(effect);
            self.poll(who, None);
        }
        panic!("{who} makes more effects that the model does not know than {MAX_SILENT}");
    }

    /// Carries the effect out before which a function stands, and lets it go on to the next.
    pub(super) fn carry_out(&mut self, who: Who, fault: Option<Fault>) {
        self.poll(who, fault);
        self.let_go(who);
    }

    /// Before which effect a function stands, if it runs.
    pub(super) fn before(&self, who: Who) -> Option<&'static str> {
        match self.processes.get(&who).map(|process| &process.standing) {
            Some(Standing::Before(effect)) => Some(effect),
            Some(Standing::Returned(_)) | None => None,
        }
    }

    /// What a function has returned that nobody has heard yet.
    pub(super) fn returned(&self, who: Who) -> Option<&Returned> {
        match self.processes.get(&who).map(|process| &process.standing) {
            Some(Standing::Returned(returned)) => Some(returned),
            Some(Standing::Before(_)) | None => None,
        }
    }

    /// Takes what a function has returned.
    pub(super) fn take_returned(&mut self, who: Who) -> Option<Returned> {
        self.returned(who)?;
        match self.processes.remove(&who)?.standing {
            Standing::Returned(returned) => Some(*returned),
            Standing::Before(_) => None,
        }
    }

    /// Ends a function, wherever it stands.
    pub(super) fn end(&mut self, who: Who) {
        self.processes.remove(&who);
    }
}
