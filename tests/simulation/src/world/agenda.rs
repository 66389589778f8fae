//! What is going to happen when: events ordered by their time, and by the order
//! in which they were put on the agenda where that is the same.

use std::collections::BTreeMap;
use std::task::Waker;

/// A process, by its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ProcessId(pub(crate) u64);

/// Something that happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Event {
    /// A process goes on where it slept.
    Wake(ProcessId, usize),
    /// A function's time is up.
    TimeUp(ProcessId),
    /// Nothing of a process is on its way any more.
    Bury(ProcessId),
    /// Whoever waits for a process gives it up.
    GiveUp(ProcessId),
    /// An execution reaches a request.
    Begin(usize),
    /// A workflow goes on, if it still is at that step.
    GoOn(usize, u64),
    /// A state's time is up, if its workflow still is at that step.
    StateTimesOut(usize, u64),
    /// A task has had no heartbeat for too long, if it has had none since.
    Silence(usize, u64, u64),
    /// A round goes on, if it still is at that step.
    RoundGoesOn(usize, u64),
    /// A round's time is up.
    RoundTimesOut(usize),
    /// A workflow learns of a round what it returned.
    RoundReturns(usize),
    /// A third party's sender sends an event, as its delivery of that number.
    Send(usize, usize, u32),
    /// The reconciler's minute.
    Reconcile,
    /// An execution is stopped.
    Stop(usize),
    /// Somebody is told of it, at the attempt of that number.
    Stopped(usize, u32),
    /// Somebody ends a wait by hand.
    ByHand(usize),
    /// The next version is deployed.
    Deploy,
}

/// A place to sleep at.
#[derive(Default)]
struct Bed {
    is_over: bool,
    waker: Option<Waker>,
}

/// The agenda, and those who sleep until a time on it.
#[derive(Default)]
pub(crate) struct Agenda {
    events: BTreeMap<(u64, u64), Event>,
    next: u64,
    beds: Vec<Bed>,
}

impl Agenda {
    pub(crate) fn put(&mut self, at: u64, event: Event) {
        self.events.insert((at, self.next), event);
        self.next += 1;
    }

    /// The next event, with its time.
    pub(crate) fn pop(&mut self) -> Option<(u64, Event)> {
        self.events.pop_first().map(|((at, _), event)| (at, event))
    }

    /// When the next event is.
    pub(crate) fn next_at(&self) -> Option<u64> {
        self.events.first_key_value().map(|((at, _), _)| *at)
    }

    /// Whether anything is going to happen.
    pub(crate) fn is_empty(&self) -> bool {
        self.events.is_empty()
    }

    /// Lays a process down until then.
    pub(super) fn sleep(&mut self, process: ProcessId, until: u64, waker: &Waker) -> usize {
        let bed = self.beds.len();
        self.beds.push(Bed { is_over: false, waker: Some(waker.clone()) });
        self.put(until, Event::Wake(process, bed));
        bed
    }

    /// Whether a sleep is over; if not, `waker` is who is woken.
    pub(super) fn has_slept(&mut self, bed: usize, waker: &Waker) -> bool {
        let bed = &mut self.beds[bed];
        if !bed.is_over {
            bed.waker = Some(waker.clone());
        }
        bed.is_over
    }

    /// Ends a sleep; returns who is to be woken.
    pub(crate) fn wake(&mut self, bed: usize) -> Option<Waker> {
        let bed = &mut self.beds[bed];
        bed.is_over = true;
        bed.waker.take()
    }
}
