//! The reconciler and the operator: who end and deliver what others left.

use crate::close::given_up;
use crate::configuration::Configuration as C;
use crate::settle;
use crate::state::{End, Outcome, Process, World};
use crate::store::key;
use crate::workflow::index;
use crate::{Answer, Mistake, Operation, Who};

/// Whether the reconciler would find something to do for a wait. A run that
/// finds nothing changes nothing, and is left out of the model.
pub(crate) fn is_due(c: &C, world: &World, wait: usize) -> bool {
    if c.has(Mistake::NoReconciler) {
        return false;
    }
    let row = &world.rows[wait];
    if !row.is_indexed {
        return false;
    }
    let is_visible = row.job.is_some_and(|job| {
        let mailbox = &world.rendezvous[key(c, job)];
        let is_in_mailbox = mailbox.event.is_some() && mailbox.wait == Some(index(wait));
        (c.has_looks && world.jobs[job.index()].end.is_some()) || (c.reconciler_reads_mailbox && is_in_mailbox)
    });
    row.is_undelivered() || (row.is_open() && (world.tasks[wait].is_late || is_visible))
}

/// The reconciler takes a wait up.
pub(crate) fn begin(world: &mut World, wait: u8) {
    world.reconciler = Process { at: Operation::Read, wait, ..Process::default() };
}

/// A person takes a wait up.
pub(crate) fn begin_by_hand(world: &mut World, wait: u8) {
    let carried = Some(Outcome { end: End::ByHand, job: None });
    world.operator = Process { at: Operation::Claim, wait, carried, ..Process::default() };
}

/// Carries out the next operation. Whoever fails leaves the rest to the next run.
pub(crate) fn step(c: &C, world: &mut World, who: Who, answer: Answer) {
    let mut p = *world.process(who);
    if act(c, world, who, &mut p, answer).is_none() {
        world.crash(who);
        return;
    }
    *world.process_mut(who) = p;
}

fn act(c: &C, world: &mut World, who: Who, p: &mut Process, answer: Answer) -> Option<()> {
    let wait = usize::from(p.wait);
    match p.at {
        Operation::Read => {
            let row = answer.of(|| world.rows[wait])?;
            p.job = row.job;
            if row.is_undelivered() {
                settle::hand_over(c, who, p, row.into());
            } else if !row.is_open() {
                *p = Process::default();
            } else if row.job.is_some() {
                p.at = Operation::Look;
            } else {
                expire(world, p);
            }
        }
        Operation::Look => {
            let job = p.job?;
            let end = answer.of(|| world.jobs[job.index()].end.filter(|_| c.has_looks))?;
            match end {
                Some(end) => {
                    p.carried = Some(Outcome { end, job: Some(job) });
                    p.at = Operation::Claim;
                }
                None if c.reconciler_reads_mailbox => p.at = Operation::ReadMail,
                None => expire(world, p),
            }
        }
        Operation::ReadMail => {
            let row = answer.of(|| p.job.map(|job| world.rendezvous[key(c, job)]))??;
            match row.event.filter(|_| row.wait == Some(p.wait)) {
                Some(event) => {
                    p.carried = Some(event);
                    p.at = Operation::Claim;
                }
                None => expire(world, p),
            }
        }
        Operation::Claim => {
            let seen = settle::claim(c, world, who, p, answer)?;
            p.job = world.rows[wait].job.or(p.job);
            if p.job.is_some() && seen.outcome.is_some_and(|outcome| outcome.end.is_given_up()) {
                p.seen = seen;
                p.at = Operation::CallOff;
            } else {
                settle::hand_over(c, who, p, seen);
            }
        }
        Operation::CallOff => {
            let job = p.job?;
            // Whether the third party takes it changes nothing for the wait.
            let _ = answer.of(|| world.call_off(job));
            let seen = p.seen;
            settle::hand_over(c, who, p, seen);
        }
        Operation::Send => settle::send(c, world, who, p, answer)?,
        Operation::MarkDelivered => settle::mark(c, world, who, p, answer)?,
        Operation::Idle
        | Operation::Over
        | Operation::Superseded
        | Operation::Register
        | Operation::BeginSubmit
        | Operation::LookUp
        | Operation::Post
        | Operation::ReleaseSubmit
        | Operation::MarkUnknown
        | Operation::Bind
        | Operation::NoteJob
        | Operation::Mail
        | Operation::Report
        | Operation::Acknowledge
        | Operation::Return => {}
    }
    Some(())
}

/// Closes a wait past its deadline; leaves any other alone.
fn expire(world: &World, p: &mut Process) {
    if world.tasks[usize::from(p.wait)].is_late {
        p.carried = Some(given_up(true, p.job));
        p.at = Operation::Claim;
    } else {
        *p = Process::default();
    }
}
