//! One process's way to the world. Each call of a port is an effect: it takes
//! some time to arrive, happens at one moment, and its answer takes some time to
//! come back. What goes wrong with it is drawn when it begins.

use super::{Doing, Event, ProcessId, State, World};
use crate::fault::{Effect, Fault, Witness};
use crate::time::{MINUTE, SECOND, shown};
use std::pin::Pin;
use std::sync::Mutex;
use std::task::{Context, Poll};
use std::time::Duration;
use stepwait_core::Timestamp;
use stepwait_core::wait::Capability;
use stepwait_flow::KeyCache;
use stepwait_flow::ports::{Capabilities, Clock, KeyCaches, Rest};

/// The longest that a request arrives after the end of the process that sent it,
/// 20 seconds for a submit: twice what an HTTP client waits; the right to send is
/// built on that. Of anything else nothing depends on it.
const LATE_SUBMIT_MS: u64 = 20 * SECOND;
const LATE_MS: u64 = 2 * MINUTE;

/// How likely the fault happens that a seed is about, where it can.
pub(crate) const LIKELY: f64 = 0.8;

/// All ports of one process.
pub(crate) struct Ports<'w> {
    world: &'w World,
    process: ProcessId,
}

/// How a port says that an effect went wrong.
pub(super) struct Errors<E> {
    /// It has certainly not happened.
    pub(super) not_done: E,
    /// It may have happened.
    pub(super) lost: E,
}

/// What becomes of an effect.
struct Fate {
    fault: Option<Fault>,
    before: u64,
    after: u64,
}

impl<'w> Ports<'w> {
    pub(crate) const fn new(world: &'w World, process: ProcessId) -> Self {
        Self { world, process }
    }

    /// One effect.
    pub(super) async fn effect<T, E>(
        &self,
        effect: Effect,
        errors: Errors<E>,
        mut act: impl FnMut(&mut State) -> Result<T, E>,
    ) -> Result<T, E> {
        let Some(fate) = self.world.state().begin(self.process, effect) else {
            return std::future::pending().await;
        };
        self.sleep(fate.before).await;
        match fate.fault {
            Some(Fault::CrashBefore) => self.die(effect, fate.fault).await,
            Some(Fault::CrashAfter) => {
                drop(self.act(effect, fate.fault, &mut act));
                self.die(effect, fate.fault).await
            }
            Some(Fault::LostAnswer) => {
                drop(self.act(effect, fate.fault, &mut act));
                self.answered(fate.after).await;
                Err(errors.lost)
            }
            Some(Fault::NotDone) => {
                self.world.state().note(self.process, effect, fate.fault);
                self.answered(fate.after).await;
                Err(errors.not_done)
            }
            Some(Fault::Twice) => {
                drop(self.act(effect, fate.fault, &mut act));
                let again = self.world.state().chance.between(1, 2 * SECOND);
                self.sleep(again).await;
                let answer = self.act(effect, fate.fault, &mut act);
                self.answered(fate.after).await;
                answer
            }
            None | Some(Fault::Hang | Fault::Throttled | Fault::Stale) => {
                let answer = self.act(effect, fate.fault, &mut act);
                self.answered(fate.after).await;
                answer
            }
        }
    }

    /// What the world knows of the process.
    pub(super) fn doing(&self) -> Doing {
        self.world.state().doings[&self.process]
    }

    fn act<T, E>(
        &self,
        effect: Effect,
        fault: Option<Fault>,
        act: &mut impl FnMut(&mut State) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut state = self.world.state();
        state.note(self.process, effect, fault);
        act(&mut state)
    }

    /// The answer is on its way to a process that may not be there any more.
    async fn answered(&self, after: u64) {
        self.sleep(after).await;
        if self.world.state().doings[&self.process].has_ended {
            std::future::pending().await
        }
    }

    async fn die(&self, effect: Effect, fault: Option<Fault>) -> ! {
        {
            let mut state = self.world.state();
            if fault == Some(Fault::CrashBefore) {
                state.note(self.process, effect, fault);
            }
            if let Some(doing) = state.doings.get_mut(&self.process) {
                doing.is_dead = true;
            }
        }
        std::future::pending().await
    }

    fn sleep(&self, milliseconds: u64) -> Sleep<'_> {
        Sleep { world: self.world, process: self.process, milliseconds, bed: None }
    }
}

impl State {
    /// An effect begins; `None` if its process has nothing to begin any more.
    fn begin(&mut self, process: ProcessId, effect: Effect) -> Option<Fate> {
        let doing = self.doings[&process];
        if doing.has_ended {
            return None;
        }
        if let Some(doing) = self.doings.get_mut(&process) {
            doing.has_begun = true;
        }
        self.coverage.effect(effect);
        let fault = self.draw(effect);
        let slowness = self.course.slowness;
        let is_request =
            matches!(effect, Effect::SendSubmit | Effect::SendLookUp | Effect::SendStatus | Effect::SendCancel);
        let mut takes = |most: u64| self.chance.magnitude(1, most * slowness);
        let mut before = takes(if is_request { 400 } else { 40 });
        let after = takes(if is_request { 400 } else { 40 });
        if effect == Effect::Resume {
            before = self.chance.magnitude(1, self.course.slow_tasks_ms);
        }
        if doing.is_slow {
            // A client's own time for one call.
            before += self.chance.between(5 * SECOND, 25 * SECOND);
        }
        if fault == Some(Fault::Hang) {
            let late = if doing.step.submits() { LATE_SUBMIT_MS } else { LATE_MS };
            let latest = doing.ends_at.saturating_add(late).saturating_sub(self.now);
            before = self.chance.magnitude(2 * SECOND, 4 * MINUTE).min(latest);
            if self.chance.happens(0.5) {
                let delay = self.chance.between(0, before);
                self.after(delay, Event::GiveUp(process));
            }
        }
        Some(Fate { fault, before, after })
    }

    /// What goes wrong.
    fn draw(&mut self, effect: Effect) -> Option<Fault> {
        if let Some((at, fault)) = self.course.focus
            && at == effect
            && self.course.focused > 0
            && self.chance.happens(LIKELY)
        {
            self.course.focused -= 1;
            self.promises.faults += 1;
            return Some(fault);
        }
        if self.course.budget > 0 && self.chance.happens(self.course.fault_rate) {
            self.course.budget -= 1;
            self.promises.faults += 1;
            return Some(self.chance.one(&Fault::DRAWN));
        }
        None
    }

    /// An effect happens, or does not.
    fn note(&mut self, process: ProcessId, effect: Effect, fault: Option<Fault>) {
        let doing = self.doings[&process];
        if let Some(fault) = fault {
            self.coverage.fault(effect, fault);
        }
        if doing.is_abandoned {
            self.saw(Witness::ZombieActed);
        }
        if doing.has_ended {
            self.saw(Witness::ActedAfterItsEnd);
        }
        self.say(|| {
            let fault = fault.map(|fault| format!(" [{fault}]")).unwrap_or_default();
            let state = if doing.has_ended {
                " (has ended)"
            } else if doing.is_abandoned {
                " (given up)"
            } else {
                ""
            };
            format!("  #{} {}{state}: {effect}{fault}", process.0, doing.step)
        });
    }
}

/// A sleep in virtual time.
struct Sleep<'w> {
    world: &'w World,
    process: ProcessId,
    milliseconds: u64,
    bed: Option<usize>,
}

impl Future for Sleep<'_> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let mut state = self.world.state();
        match self.bed {
            Some(bed) if state.agenda.has_slept(bed, context.waker()) => Poll::Ready(()),
            Some(_) => Poll::Pending,
            None => {
                let until = state.now + self.milliseconds;
                let bed = state.agenda.sleep(self.process, until, context.waker());
                drop(state);
                self.bed = Some(bed);
                Poll::Pending
            }
        }
    }
}

impl Clock for Ports<'_> {
    fn now(&self) -> Timestamp {
        let state = self.world.state();
        shown(state.now, state.doings[&self.process].off_by)
    }

    fn random(&self) -> u64 {
        self.world.state().chance.any()
    }
}

impl Rest for Ports<'_> {
    async fn rest(&self, time: Duration) {
        // Rounded up, as a timer never rings early.
        let milliseconds = u64::try_from(time.as_micros().div_ceil(1_000)).unwrap_or(u64::MAX);
        self.answered(milliseconds).await;
    }
}

impl Capabilities for Ports<'_> {
    fn capability(&self) -> Option<Capability> {
        Some(Capability::of(self.world.state().chance.bits()))
    }
}

impl KeyCaches for Ports<'_> {
    fn key_cache(&self) -> &Mutex<KeyCache> {
        &self.world.keys
    }
}
