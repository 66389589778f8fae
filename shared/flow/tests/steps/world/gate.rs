//! The gate that every effect passes: it counts them, and lets them go wrong
//! where a test has planned it.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::task::{Context, Poll};

/// What goes wrong at one effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The process dies, and the effect has not happened.
    CrashBefore,
    /// The effect happens, and the process dies before it learns of it.
    CrashAfter,
    /// The effect happens, and the process is told that something went wrong.
    LostAnswer,
    /// The effect does not happen, and the process is told so.
    NotDone,
    /// The process hangs before the effect, is given up by whoever waits for
    /// it, and goes on later.
    Stall,
    /// The effect happens, its answer is lost, and the client, which knows that
    /// this does no harm, makes it happen again and takes the second answer.
    Twice,
}

impl Fault {
    /// Every fault that any effect may have.
    pub(crate) const ALL: [Self; 5] =
        [Self::CrashBefore, Self::CrashAfter, Self::LostAnswer, Self::NotDone, Self::Stall];
}

/// What became of the process that was polled last, other than going on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mishap {
    /// It is dead: its future must be dropped.
    Crashed,
    /// It hangs: whoever waits for it has given it up.
    Stalled,
}

/// Counts effects and plans faults.
#[derive(Debug, Default)]
pub(crate) struct Gate {
    faults: BTreeMap<usize, Fault>,
    passed: Vec<&'static str>,
    mishap: Option<Mishap>,
    knocked: Option<&'static str>,
}

impl Gate {
    /// Plans faults by the numbers of the effects, which begin at 0; from here
    /// on effects are counted anew.
    pub(crate) fn open(&mut self, faults: BTreeMap<usize, Fault>) {
        *self = Self { faults, ..Self::default() };
    }

    /// An effect is the next thing that the process does that is polled.
    pub(super) fn knock(&mut self, name: &'static str) {
        self.knocked = Some(name);
    }

    /// Before which effect the process stands that was polled last.
    pub(crate) fn knocked(&self) -> Option<&'static str> {
        self.knocked
    }

    /// Counts an effect; returns what goes wrong with it.
    pub(super) fn enter(&mut self, name: &'static str) -> Option<Fault> {
        let fault = self.faults.remove(&self.passed.len());
        self.passed.push(name);
        self.mishap = match fault {
            Some(Fault::CrashBefore | Fault::CrashAfter) => Some(Mishap::Crashed),
            Some(Fault::Stall) => Some(Mishap::Stalled),
            Some(Fault::LostAnswer | Fault::NotDone | Fault::Twice) | None => None,
        };
        fault
    }

    /// Whether the process that is polled has died or hangs: nothing else of it
    /// goes on.
    pub(super) fn is_closed(&self) -> bool {
        self.mishap.is_some()
    }

    /// What became of the process that was polled last.
    pub(crate) fn take_mishap(&mut self) -> Option<Mishap> {
        self.mishap.take()
    }

    /// The names of the effects so far, in order.
    pub(crate) fn passed(&self) -> &[&'static str] {
        &self.passed
    }
}

/// Pending once. Each effect begins with it, so that one poll of a step is one
/// effect, and whoever polls decides which step goes on.
#[derive(Default)]
pub(super) struct Pause {
    seen: bool,
}

impl Future for Pause {
    type Output = ();
    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if std::mem::replace(&mut self.seen, true) {
            return Poll::Ready(());
        }
        // A step that works on several things at a time polls only what is awake.
        context.waker().wake_by_ref();
        Poll::Pending
    }
}
