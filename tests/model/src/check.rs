//! `check`: the looks of a nested workflow, as `stepwait_flow::check` makes them.

use crate::configuration::Configuration as C;
use crate::settle;
use crate::state::{Course, Outcome, Process, World};
use crate::{Answer, Operation, Who};

/// Whether a look would change anything: the time is up, or something is to be seen.
pub(crate) fn is_due(c: &C, world: &World, p: &Process) -> bool {
    let wait = usize::from(p.wait);
    p.at != Operation::Look
        || world.tasks[wait].is_late
        || (c.checks_read_row && world.rows[wait].outcome.is_some())
        || (c.has_looks && p.job.is_some_and(|job| world.jobs[job.index()].end.is_some()))
}

/// Carries out the next operation of a check. One that fails is made again.
pub(crate) fn step(c: &C, world: &mut World, number: u8, answer: Answer) {
    let who = Who::Check { wait: number };
    let mut p = *world.process(who);
    let wait = usize::from(number);
    let again = Process { at: Operation::Look, wait: number, job: p.job, ..Process::default() };
    let over = Process { at: Operation::Over, job: p.job, ..Process::default() };
    if act(c, world, who, &mut p, answer).is_none() {
        p = again;
    }
    *world.process_mut(who) = p;
    if p.at == Operation::Report {
        // Closing the wait begins with a last look.
        *world.process_mut(who) = over;
        if world.tasks[wait].course == Course::Waiting {
            world.close(wait, true);
        }
    } else if p.at == Operation::Over {
        *world.process_mut(who) = over;
        if let (Course::Waiting, Some(outcome)) = (world.tasks[wait].course, p.seen.outcome) {
            world.go_on(wait, outcome);
        }
    }
}

fn act(c: &C, world: &mut World, who: Who, p: &mut Process, answer: Answer) -> Option<()> {
    let wait = usize::from(p.wait);
    match p.at {
        Operation::Look if world.tasks[wait].is_late => p.at = Operation::Report,
        Operation::Look => {
            let job = p.job?;
            // A look without an answer tells as little as one that finds the job under way.
            let end = answer.of(|| world.jobs[job.index()].end.filter(|_| c.has_looks));
            match end.flatten() {
                Some(end) => {
                    p.carried = Some(Outcome { end, job: Some(job) });
                    p.at = Operation::Claim;
                }
                None if c.checks_read_row => p.at = Operation::Read,
                None => {}
            }
        }
        Operation::Read => {
            let row = answer.of(|| world.rows[wait])?;
            p.seen = row.into();
            p.at = if row.outcome.is_some() { Operation::Return } else { Operation::Look };
        }
        Operation::Claim => {
            p.seen = settle::claim(c, world, who, p, answer)?;
            p.at = Operation::Return;
        }
        Operation::Return => p.at = Operation::Over,
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
        | Operation::ReadMail
        | Operation::Mail
        | Operation::Send
        | Operation::MarkDelivered
        | Operation::CallOff
        | Operation::Report
        | Operation::Acknowledge => {}
    }
    Some(())
}
