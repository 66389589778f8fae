//! What must hold in every state.
//!
//! The rules of the protocol's section "What must hold", one or more for each,
//! and what a reader would take for granted beside them. A rule about states at
//! rest holds of those in which nothing happens any more unless something comes
//! from outside or goes wrong; there are no runs that go on for ever without
//! coming to rest, as every process only goes forward and is started again by
//! faults alone, which are counted.

use crate::configuration::JobIds;
use crate::machine::Protocol;
use crate::state::{Course, End, JobNumber, Outcome, World};
use crate::store::key;
use crate::workflow::index;
use stateright::Property;

/// Every rule.
pub(crate) fn properties() -> Vec<Property<Protocol>> {
    vec![
        Property::always("a task is resumed at most once", |protocol, world: &World| {
            every(protocol, |wait| world.tasks[wait].resumptions <= 1)
        }),
        Property::always("a task is resumed with the stored outcome", |protocol, world: &World| {
            every(protocol, |wait| world.tasks[wait].resumed.is_none_or(|with| world.rows[wait].outcome == Some(with)))
        }),
        Property::always("a workflow goes on with the stored outcome", |protocol, world: &World| {
            every(protocol, |wait| over(world, wait).is_none_or(|with| world.rows[wait].outcome == Some(with)))
        }),
        Property::always("a stored outcome never changes", |protocol, world: &World| {
            let first = &world.history.first;
            every(protocol, |wait| first[wait].is_none_or(|first| world.rows[wait].outcome == Some(first)))
        }),
        Property::always("no wait both completes and expires", |protocol, world: &World| {
            every(protocol, |wait| {
                let is_expired =
                    world.rows[wait].outcome.is_some_and(|outcome| matches!(outcome.end, End::Expired | End::Overdue));
                !(is_expired && world.tasks[wait].resumed.is_some_and(|with| with.end.is_success()))
            })
        }),
        Property::always("an outcome is of the wait's own job", |protocol, world: &World| {
            every(protocol, |wait| {
                let job = world.rows[wait].outcome.and_then(|outcome| outcome.job);
                job.is_none_or(|job| jobs_of(protocol, world, wait).any(|own| own == job))
            })
        }),
        Property::always("a job belongs to another wait only where two were given it", |protocol, world: &World| {
            let may_be_shared = protocol.configuration().ids == JobIds::OneJobForTwo;
            every(protocol, |wait| {
                may_be_shared || world.rows[wait].outcome.is_none_or(|outcome| outcome.end != End::JobIdTaken)
            })
        }),
        Property::always("one job is started for a wait", |protocol, world: &World| {
            every(protocol, |wait| JobNumber::of(wait).iter().any(|job| !world.jobs[job.index()].is_started))
        }),
        Property::always("an event answered with 2xx is stored", |protocol, world: &World| {
            every(protocol, |wait| {
                acknowledged(protocol, world, wait).all(|job| {
                    let mailbox = &world.rendezvous[key(protocol.configuration(), job)];
                    world.rows[wait].outcome.is_some() || mailbox.event.is_some_and(|event| event.job == Some(job))
                })
            })
        }),
        Property::always("a generation never goes back", |protocol, world: &World| {
            every(protocol, |wait| {
                let (row, history) = (&world.rows[wait], &world.history);
                row.generation == history.generation[wait] && row.delivered == history.delivered[wait]
            })
        }),
        Property::always("no wait is given up whose outcome was to be had", |_, world: &World| {
            !world.history.gave_up_blindly
        }),
        Property::always("no wait ends by the echo of its own cancelling", |protocol, world: &World| {
            every(protocol, |wait| world.rows[wait].outcome.is_none_or(|outcome| outcome.end != End::CalledOff))
        }),
        Property::always("at rest no wait is pending though its outcome is known", |protocol, world: &World| {
            let is_stuck = |wait| is_pending(world, wait) && is_known(protocol, world, wait);
            every(protocol, |wait| !is_stuck(wait)) || !protocol.is_at_rest(world, true)
        }),
        Property::always(
            "at rest no wait of a stopped execution is open past its deadline",
            |protocol, world: &World| {
                let is_left = |wait: usize| {
                    let task = &world.tasks[wait];
                    task.course == Course::Stopped && task.is_late && world.rows[wait].is_open()
                };
                every(protocol, |wait| !is_left(wait)) || !protocol.is_at_rest(world, true)
            },
        ),
        Property::always("an event answered with 2xx waits for no reconciler", |protocol, world: &World| {
            let is_stuck = |wait| is_pending(world, wait) && acknowledged(protocol, world, wait).next().is_some();
            every(protocol, |wait| !is_stuck(wait)) || !protocol.is_at_rest(world, false)
        }),
        Property::always("without a fault no job runs on whose wait was given up", |protocol, world: &World| {
            let c = protocol.configuration();
            let is_faultless = world.crashes_left == c.crashes && world.losses_left == c.losses;
            let runs_on = |job: JobNumber| world.jobs[job.index()].is_started && world.jobs[job.index()].end.is_none();
            let is_orphan = |wait: usize| {
                world.rows[wait].outcome.is_some_and(|outcome| outcome.end.is_given_up())
                    && jobs_of(protocol, world, wait).any(runs_on)
            };
            !is_faultless || every(protocol, |wait| !is_orphan(wait)) || !protocol.is_at_rest(world, false)
        }),
    ]
}

/// Whether something holds of every wait.
fn every(protocol: &Protocol, holds: impl FnMut(usize) -> bool) -> bool {
    (0..usize::from(protocol.configuration().waits)).all(holds)
}

/// What a wait's workflow went on with.
fn over(world: &World, wait: usize) -> Option<Outcome> {
    match world.tasks[wait].course {
        Course::Over(outcome) => Some(outcome),
        Course::Waiting
        | Course::FailedForNow
        | Course::FailedForGood
        | Course::OutOfTime
        | Course::Closing
        | Course::Stopped => None,
    }
}

/// The jobs that are the wait's own: those started for it, or the one that it was first to bind.
fn jobs_of(protocol: &Protocol, world: &World, wait: usize) -> impl Iterator<Item = JobNumber> {
    let is_shared = protocol.configuration().ids == JobIds::OneJobForTwo;
    let is_bound = world.rendezvous[JobNumber::A.index()].wait == Some(index(wait));
    JobNumber::ALL.into_iter().filter(
        move |job| {
            if is_shared { *job == JobNumber::A && is_bound } else { job.wait() == wait }
        },
    )
}

/// Those of which the third party was told that their event had arrived.
fn acknowledged(protocol: &Protocol, world: &World, wait: usize) -> impl Iterator<Item = JobNumber> {
    jobs_of(protocol, world, wait).filter(|job| world.jobs[job.index()].is_acknowledged)
}

/// Whether a wait's workflow stands still until somebody resumes it.
pub(crate) fn is_pending(world: &World, wait: usize) -> bool {
    world.tasks[wait].course == Course::Waiting
}

/// Whether a wait's outcome is stored, in its mailbox, visible to a look, or
/// settled by its deadline.
fn is_known(protocol: &Protocol, world: &World, wait: usize) -> bool {
    let row = &world.rows[wait];
    row.outcome.is_some()
        || (row.is_open() && world.tasks[wait].is_late)
        || jobs_of(protocol, world, wait).any(|job| {
            let mailbox = &world.rendezvous[key(protocol.configuration(), job)];
            let is_visible = protocol.configuration().has_looks && world.jobs[job.index()].end.is_some();
            is_visible || (mailbox.event.is_some() && mailbox.wait == Some(index(wait)))
        })
}
