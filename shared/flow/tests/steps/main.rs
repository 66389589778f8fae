//! The steps over a world in memory, cut off and disturbed at every effect.
//!
//! The protocol promises that no fault and no race loses a wait, resumes it
//! twice or resumes it with another's result. Here the real steps run against
//! ports that a test controls: a [`run`] plays Step Functions and the third
//! party's sender over a [`world`], one effect at a time, and after it the
//! [`invariants`] must hold.
//!
//! | file | what it holds |
//! |---|---|
//! | `scenarios` | the ways for a wait to go, as a table |
//! | `faults` | each scenario with each fault at each effect; random mixtures |
//! | `crowd` | many waits at a time on a third party with limits |
//! | `crowd_reconciled` | many lost webhooks, under runs of the reconciler |
//! | `grammar` | what an integration file can say, each with every fault; nothing secret is logged |
//! | `direct` | single steps in a state that a run reaches rarely |
//! | `invariants` | what must hold after every run |
//! | `replay` | random walks of the protocol's model, repeated step by step |
//! | `run` | who runs steps, retries them and waits for them, in which order |
//! | `world` | the ports: table, tasks, third party, secrets, clock, chance |
//!
//! A finding names the scenario, the effect by number and name, and the fault;
//! running that one again is one line, and goes the same way every time.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "all of this is test code: what is not as it is read here must fail the test"
)]

mod crowd;
mod crowd_reconciled;
mod crowd_together;
mod direct;
mod faults;
mod grammar;
mod invariants;
mod replay;
mod run;
mod scenarios;
mod world;

use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};
use std::time::Duration;
use stepwait_flow::reconcile::Summary;
use stepwait_flow::{Book, StepError};
use world::World;

/// Runs the reconciler to its end. When it waits for a third party's limits, the
/// clock moves.
fn reconcile(world: &World, book: &Book) -> Result<Summary, StepError> {
    let mut run = pin!(stepwait_flow::reconcile::run(world, book));
    let mut idle = 0;
    for _ in 0..100_000 {
        let before = world.state().gate.passed().len();
        if let Poll::Ready(returned) = run.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            return returned;
        }
        let mut state = world.state();
        idle = if state.gate.passed().len() == before { idle + 1 } else { 0 };
        if idle > 2 {
            state.now += Duration::from_millis(10);
        }
    }
    panic!("the reconciler does not end");
}

/// One effect of a step, at most.
fn poll_once<T>(step: Pin<&mut impl Future<Output = T>>) -> Poll<T> {
    step.poll(&mut Context::from_waker(Waker::noop()))
}

/// Runs one step to its end, undisturbed.
fn finish<T>(step: impl Future<Output = T>) -> T {
    /// The most effects of one step.
    const MAX_EFFECTS: usize = 50;
    let mut step = pin!(step);
    for _ in 0..=MAX_EFFECTS {
        if let Poll::Ready(returned) = step.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            return returned;
        }
    }
    panic!("the step does not end within {MAX_EFFECTS} effects");
}
