//! Everything that outlives a process: the table, the tasks, the third parties,
//! and what is going to happen when.

mod agenda;
mod effect;
mod job;
mod pace;
mod secrets;
mod store;
mod tasks;
mod vendor;

pub(crate) use agenda::{Event, ProcessId};
pub(crate) use effect::{LIKELY, Ports};
pub(crate) use secrets::signing_key;
pub(crate) use store::Store;
pub(crate) use tasks::{Bucket, Tasks};
pub(crate) use vendor::{Vendor, statement};

use crate::chance::Chance;
use crate::course::Course;
use crate::coverage::Coverage;
use crate::fault::{Step, Witness};
use crate::mistake::Mistake;
use crate::oracle::{Broken, Promises, Rule};
use crate::trace::{Keep, Trace};
use agenda::Agenda;
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard};
use stepwait_core::pace::memory::Memory as Pace;
use stepwait_flow::KeyCache;

/// One world, of one seed.
pub(crate) struct World {
    state: Mutex<State>,
    keys: Mutex<KeyCache>,
}

/// What effects read and change.
pub(crate) struct State {
    /// Milliseconds since the world began.
    pub(crate) now: u64,
    pub(crate) agenda: Agenda,
    pub(crate) chance: Chance,
    pub(crate) course: Course,
    pub(crate) mistake: Option<Mistake>,
    pub(crate) doings: BTreeMap<ProcessId, Doing>,
    pub(crate) store: Store,
    pub(crate) pace: Pace,
    pub(crate) tasks: Tasks,
    pub(crate) vendors: Vec<Vendor>,
    pub(crate) promises: Promises,
    pub(crate) coverage: Coverage,
    pub(crate) trace: Trace,
    pub(crate) broken: Option<Broken>,
}

/// What the world knows of a process.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Doing {
    pub(crate) step: Step,
    /// By how much its clock is off, in milliseconds.
    pub(crate) off_by: i64,
    /// When its function's time is up.
    pub(crate) ends_at: u64,
    /// It has begun an effect.
    pub(crate) has_begun: bool,
    /// Its function's time is up: nothing new is begun, what is on its way may arrive.
    pub(crate) has_ended: bool,
    /// It has crashed, and goes nowhere.
    pub(crate) is_dead: bool,
    /// Whoever waited for it has given it up.
    pub(crate) is_abandoned: bool,
    /// Everything takes so long that its time will be up.
    pub(crate) is_slow: bool,
}

impl World {
    pub(crate) fn new(seed: u64, mistake: Option<Mistake>, keep: Keep) -> Self {
        let mut chance = Chance::of(seed);
        let course = Course::draw(&mut chance);
        let vendors = course.vendors.iter().enumerate().map(|(index, temper)| Vendor::new(index, temper)).collect();
        let tasks = Tasks::new(Bucket::new(course.bucket));
        let mut trace = Trace::new(keep);
        trace.line(0, || format!("{course:?}"));
        Self {
            state: Mutex::new(State {
                now: 0,
                agenda: Agenda::default(),
                chance,
                course,
                mistake,
                doings: BTreeMap::new(),
                store: Store::default(),
                pace: Pace::default(),
                tasks,
                vendors,
                promises: Promises::default(),
                coverage: Coverage::default(),
                trace,
                broken: None,
            }),
            keys: Mutex::default(),
        }
    }

    /// The state, between two effects.
    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    pub(crate) fn into_state(self) -> State {
        self.state.into_inner().unwrap()
    }
}

impl State {
    /// A rule is broken; the first one counts.
    pub(crate) fn breaks(&mut self, rule: Rule, how: impl FnOnce() -> String) {
        if self.broken.is_none() {
            let broken = Broken { rule, at_ms: self.now, how: how() };
            self.trace.line(self.now, || format!("BROKEN {broken}"));
            self.broken = Some(broken);
        }
    }

    pub(crate) fn say(&mut self, line: impl FnOnce() -> String) {
        self.trace.line(self.now, line);
    }

    pub(crate) fn saw(&mut self, witness: Witness) {
        self.coverage.witness(witness);
    }

    /// Puts an event on the agenda.
    pub(crate) fn after(&mut self, delay: u64, event: Event) {
        self.agenda.put(self.now + delay, event);
    }
}
