//! The reconciler and the operator: who end and deliver what others left.

use crate::configuration::Configuration as C;
use crate::settle;
use crate::state::{End, Outcome, Process, Seen, World};
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
    // A wait without a token is its workflow's to look at, until its deadline is long over.
    row.outcome.is_some() || (row.is_open() && (world.tasks[wait].is_late || (row.token != 0 && is_visible)))
}

/// The reconciler takes a wait up: what the index shows says whether its job is to
/// be looked at, or the row first.
pub(crate) fn begin(world: &mut World, wait: u8) {
    let row = &world.rows[usize::from(wait)];
    let is_checked = row.is_open() && !world.tasks[usize::from(wait)].is_late;
    let (at, job) = if is_checked { (Operation::Look, row.job) } else { (Operation::Read, None) };
    world.reconciler = Process { at, wait, job, ..Process::default() };
}

/// A person takes a wait up.
pub(crate) fn begin_by_hand(world: &mut World, wait: u8) {
    let carried = Some(Outcome { end: End::ByHand, job: world.rows[usize::from(wait)].job });
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
            if row.outcome.is_some() {
                follow_up(c, who, p, row.into());
            } else {
                // What it stores where nothing else is found.
                p.carried = Some(Outcome { end: End::Overdue, job: row.job });
                p.at = match row.job {
                    Some(_) if c.reconciler_reads_mailbox => Operation::ReadMail,
                    Some(_) => Operation::Look,
                    None => Operation::Claim,
                };
            }
        }
        Operation::Look => {
            let job = p.job?;
            let is_overdue = p.carried.is_some();
            let looked = answer.of(|| world.jobs[job.index()].end.filter(|_| c.has_looks));
            match looked {
                Some(Some(end)) => {
                    p.carried = Some(Outcome { end, job: Some(job) });
                    p.at = Operation::Claim;
                }
                Some(None) if is_overdue => p.at = Operation::Claim,
                // A last look is made again by the next run.
                None if is_overdue => return None,
                Some(None) | None if c.reconciler_reads_mailbox => p.at = Operation::ReadMail,
                Some(None) | None => *p = Process::default(),
            }
        }
        Operation::ReadMail => {
            let row = answer.of(|| p.job.map(|job| world.rendezvous[key(c, job)]))??;
            match row.event.filter(|_| row.wait == Some(p.wait)) {
                Some(event) => {
                    p.carried = Some(event);
                    p.at = Operation::Claim;
                }
                None if p.carried.is_some() => p.at = Operation::Look,
                None => *p = Process::default(),
            }
        }
        Operation::Claim => {
            let seen = settle::claim(c, world, who, p, answer)?;
            p.job = world.rows[wait].job.or(p.job);
            follow_up(c, who, p, seen);
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

/// The wait has its outcome. A job that nobody waits for any more is called off
/// before that is handed over; a person leaves both to the reconciler.
fn follow_up(c: &C, who: Who, p: &mut Process, seen: Seen) {
    let is_given_up = seen.outcome.is_some_and(|outcome| outcome.end.is_given_up());
    match (is_given_up, who) {
        (true, Who::Operator) => *p = Process { at: Operation::Over, ..Process::default() },
        (true, _) if p.job.is_some() => {
            p.seen = seen;
            p.at = Operation::CallOff;
        }
        (true | false, _) => settle::hand_over(c, who, p, seen),
    }
}
