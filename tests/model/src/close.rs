//! `close`: ends a wait that its workflow gives up, as `stepwait_flow::close` does it.

use crate::configuration::Configuration as C;
use crate::settle;
use crate::state::{End, JobNumber, Outcome, Process, Row, Status, World};
use crate::store::key;
use crate::{Answer, Mistake, Operation, Who};

/// Carries out the next operation of a closing function. One that fails is started again.
pub(crate) fn step(c: &C, world: &mut World, number: u8, answer: Answer) {
    let who = Who::Close { wait: number };
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
            if row.status != Status::Absent {
                after_read(c, world, p, row);
            } else if c.has(Mistake::CloseLeavesAbsent) {
                p.seen.outcome = Some(given_up(p.is_timeout, None));
                p.at = Operation::Return;
            } else {
                p.at = Operation::Register;
            }
        }
        Operation::Register => {
            // Smaller than any attempt's generation, so that no attempt is fenced off by it.
            let row = answer.of(|| world.rows[wait].register(c, 0, 0))?;
            after_read(c, world, p, row);
        }
        Operation::Look => {
            let job = p.job?;
            let end = answer.of(|| world.jobs[job.index()].end.filter(|_| c.has_looks))?;
            match end {
                Some(end) => {
                    p.carried = Some(Outcome { end, job: Some(job) });
                    p.at = Operation::Claim;
                }
                None => give_up(c, p),
            }
        }
        Operation::ReadMail => {
            let row = answer.of(|| p.job.map(|job| world.rendezvous[key(c, job)]))??;
            match row.event.filter(|_| row.wait == Some(p.wait)) {
                Some(event) => {
                    p.carried = Some(event);
                    p.at = Operation::Claim;
                }
                None => p.at = Operation::Look,
            }
        }
        Operation::Claim => {
            let seen = settle::claim(c, world, who, p, answer)?;
            world.history.gave_up_blindly |=
                p.had_ended && seen.outcome == p.carried && p.carried.is_some_and(|outcome| outcome.end.is_given_up());
            p.seen = seen;
            after_claim(world, p);
        }
        Operation::CallOff => {
            let job = p.job?;
            // Whether the third party takes it changes nothing for the wait.
            let _ = answer.of(|| world.call_off(job));
            p.at = if p.carried.is_some() { Operation::Claim } else { Operation::Return };
        }
        Operation::Return => {
            let outcome = p.seen.outcome?;
            *p = Process { at: Operation::Over, ..Process::default() };
            world.go_on(wait, outcome);
        }
        Operation::Idle
        | Operation::Over
        | Operation::Superseded
        | Operation::BeginSubmit
        | Operation::LookUp
        | Operation::Post
        | Operation::ReleaseSubmit
        | Operation::MarkUnknown
        | Operation::Bind
        | Operation::NoteJob
        | Operation::Mail
        | Operation::Send
        | Operation::MarkDelivered
        | Operation::Report
        | Operation::Acknowledge => {}
    }
    Some(())
}

/// A stored outcome wins; without one, and if the job is known, an event that
/// nobody has claimed; without that the job is looked at a last time.
fn after_read(c: &C, world: &World, p: &mut Process, row: Row) {
    p.seen = row.into();
    p.job = row.job.or(p.job);
    if row.outcome.is_some() && !c.has(Mistake::CloseOverwrites) {
        after_claim(world, p);
        return;
    }
    match p.job {
        Some(job) => {
            let mailbox = &world.rendezvous[key(c, job)];
            let is_in_mailbox = mailbox.event.is_some() && mailbox.wait == Some(p.wait);
            p.had_ended = is_in_mailbox || (c.has_looks && world.jobs[job.index()].end.is_some());
            p.at = if c.close_reads_mailbox { Operation::ReadMail } else { Operation::Look };
            if c.has(Mistake::BlindExpire) {
                give_up(c, p);
            }
        }
        None => give_up(c, p),
    }
}

fn give_up(c: &C, p: &mut Process) {
    p.carried = Some(given_up(p.is_timeout, p.job));
    p.at = Operation::Claim;
    if c.has(Mistake::CallOffBeforeMark) && p.job.is_some() {
        p.at = Operation::CallOff;
    }
}

/// A wait expires if it was given up because its time is up, and is cancelled by anything else.
fn given_up(is_timeout: bool, job: Option<JobNumber>) -> Outcome {
    Outcome { end: if is_timeout { End::Expired } else { End::Cancelled }, job }
}

/// The outcome is stored. If it is that the wait was given up here, its job is
/// called off; the reconciler does that itself where it gave the wait up.
fn after_claim(world: &World, p: &mut Process) {
    let is_given_up = p.seen.outcome.is_some_and(|outcome| outcome.end.is_given_up() && outcome.end != End::Overdue);
    // The row as it is now: an attempt to submit may have noted its job since it was read.
    p.job = world.rows[usize::from(p.wait)].job.or(p.job);
    p.carried = None;
    p.had_ended = false;
    p.at = if is_given_up && p.job.is_some() { Operation::CallOff } else { Operation::Return };
}
