//! `webhook`: one delivery, as `stepwait_flow::webhook` does it. The model
//! begins after the signature: what is not genuine has no effect at all.

use crate::configuration::Configuration as C;
use crate::settle;
use crate::state::{End, JobNumber, Outcome, Process, Seen, World};
use crate::store::key;
use crate::workflow::index;
use crate::{Answer, Mistake, Operation, Who};

/// A delivery reaches a listener.
pub(crate) fn begin(c: &C, world: &mut World, number: u8, job: JobNumber, end: End) {
    let known = &mut world.jobs[job.index()];
    known.sent += 1;
    let at = if c.has(Mistake::AcknowledgeBeforePersist) || (c.has(Mistake::DedupeBeforeWork) && known.is_seen) {
        Operation::Acknowledge
    } else if c.is_addressed {
        Operation::Claim
    } else if c.is_thin {
        Operation::Read
    } else {
        Operation::Mail
    };
    known.is_seen = c.has(Mistake::DedupeBeforeWork);
    let carried = Some(Outcome { end, job: Some(job) });
    let wait = if c.is_addressed { index(job.wait()) } else { 0 };
    *world.process_mut(Who::Listener(number)) = Process { at, wait, job: Some(job), carried, ..Process::default() };
}

/// Carries out the next operation of a listener. One that does not learn what
/// became of it answers 503, which the sender takes as no answer at all.
pub(crate) fn step(c: &C, world: &mut World, number: u8, answer: Answer) {
    let who = Who::Listener(number);
    let mut p = *world.process(who);
    let next = act(c, world, who, &mut p, answer).map_or_else(Process::default, |()| p);
    *world.process_mut(who) = next;
}

fn act(c: &C, world: &mut World, who: Who, p: &mut Process, answer: Answer) -> Option<()> {
    let job = p.job?;
    match p.at {
        Operation::Read => {
            let wait = answer.of(|| world.rendezvous[key(c, job)].wait)?;
            match wait.filter(|wait| world.rows[usize::from(*wait)].outcome.is_some()) {
                // The stored outcome counts, whatever the job looks like by now.
                Some(wait) => {
                    p.wait = wait;
                    settle::hand_over(c, who, p, world.rows[usize::from(wait)].into());
                }
                None => p.at = Operation::Look,
            }
        }
        Operation::Look => {
            let end = answer.of(|| world.jobs[job.index()].end)??;
            p.carried = Some(Outcome { end, job: Some(job) });
            p.at = Operation::Mail;
        }
        Operation::Mail => mail(c, world, who, p, job, answer)?,
        Operation::Claim => {
            let token = p.seen.token;
            let seen = settle::claim(c, world, who, p, answer)?;
            if c.has(Mistake::SendBeforePersist) {
                p.seen = seen;
                p.at = Operation::MarkDelivered;
            } else if c.has(Mistake::StaleToken) {
                settle::hand_over(c, who, p, Seen { token, ..seen });
            } else {
                settle::hand_over(c, who, p, seen);
            }
        }
        Operation::Send => settle::send(c, world, who, p, answer)?,
        Operation::MarkDelivered => settle::mark(c, world, who, p, answer)?,
        Operation::Acknowledge => {
            answer.of(|| world.jobs[job.index()].is_acknowledged = true)?;
            let is_early = c.has(Mistake::AcknowledgeBeforePersist) && p.carried.is_some();
            *p = if is_early { Process { at: Operation::Mail, ..*p } } else { Process::default() };
        }
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
        | Operation::CallOff
        | Operation::Report
        | Operation::Return => {}
    }
    Some(())
}

fn mail(c: &C, world: &mut World, who: Who, p: &mut Process, job: JobNumber, answer: Answer) -> Option<()> {
    let event = p.carried?;
    let row = &mut world.rendezvous[key(c, job)];
    let was_there = row.event.is_some();
    let stored = if c.has(Mistake::NoMailbox) && row.wait.is_none() { *row } else { answer.of(|| row.mail(event))? };
    let Some(wait) = stored.wait else {
        *p = Process { at: Operation::Acknowledge, job: p.job, ..Process::default() };
        return Some(());
    };
    p.wait = wait;
    // The first terminal event counts, also when its own delivery died before it could claim.
    p.carried = stored.event.or(p.carried);
    let now = Seen::from(world.rows[usize::from(wait)]);
    p.at = Operation::Claim;
    if c.has(Mistake::DuplicateStopsAtMailbox) && was_there {
        *p = Process { at: Operation::Acknowledge, job: p.job, ..Process::default() };
    } else if c.has(Mistake::SendBeforePersist) {
        settle::hand_over(c, who, p, Seen { outcome: p.carried, ..now });
    } else if c.has(Mistake::StaleToken) {
        p.seen = now;
    }
    Some(())
}
