//! `submit`: one attempt, as `stepwait_flow::submit` does it.

use crate::configuration::{Configuration as C, Repetition, Strategy};
use crate::settle;
use crate::state::{Course, End, Outcome, Process, Row, Seen, Status, World};
use crate::store::{find, key, post};
use crate::{Answer, Mistake, Operation, Who};

/// Carries out the next operation of an attempt.
pub(crate) fn step(c: &C, world: &mut World, wait: u8, attempt: u8, answer: Answer) {
    let who = Who::Submit { wait, attempt };
    let mut p = *world.process(who);
    if act(c, world, who, attempt, &mut p, answer).is_none() {
        failed(c, world, attempt, &mut p, answer);
    }
    *world.process_mut(who) = p;
}

/// `None` if the attempt did not learn what became of it.
fn act(c: &C, world: &mut World, who: Who, attempt: u8, p: &mut Process, answer: Answer) -> Option<()> {
    let wait = usize::from(p.wait);
    match p.at {
        Operation::Register => {
            let token = if c.strategy == Strategy::Poll { 0 } else { attempt };
            let row = answer.of(|| world.rows[wait].register(c, attempt, token))?;
            after_register(c, who, p, row, attempt, world.tasks[wait].is_late);
        }
        Operation::BeginSubmit => {
            let row = answer.of(|| world.rows[wait].begin_submit(attempt))?;
            after_begin(c, who, p, row, attempt, world.tasks[wait].is_late);
        }
        Operation::LookUp => {
            let found = answer.of(|| find(world, wait))?;
            p.job = found;
            if found.is_some() {
                p.at = Operation::Bind;
            } else {
                send(p, world.tasks[wait].is_late);
            }
        }
        Operation::Post => {
            let job = answer.of(|| post(c, world, wait))?;
            p.job = Some(job);
            p.at = Operation::Bind;
        }
        Operation::ReleaseSubmit => {
            answer.of(|| world.rows[wait].release_submit(attempt))?;
            p.at = Operation::Report;
        }
        Operation::MarkUnknown => {
            answer.of(|| world.rows[wait].mark_unknown(attempt))?;
            report(p, true);
        }
        Operation::Bind => {
            let job = p.job?;
            let number = p.wait;
            match answer.of(|| world.rendezvous[key(c, job)].bind(c, number))? {
                Ok(None) => p.at = Operation::NoteJob,
                Ok(event) => {
                    p.carried = event;
                    p.at = Operation::Claim;
                }
                Err(()) => {
                    p.carried = Some(Outcome { end: End::JobIdTaken, job: None });
                    p.at = Operation::Claim;
                }
            }
        }
        Operation::Claim => {
            let seen = settle::claim(c, world, who, p, answer)?;
            let is_taken = p.carried.is_some_and(|outcome| outcome.end == End::JobIdTaken);
            p.carried = None;
            if is_taken {
                hand_over(c, who, p, seen);
            } else {
                p.at = Operation::NoteJob;
            }
        }
        Operation::NoteJob => {
            let job = p.job?;
            match answer.of(|| world.rows[wait].note_job(attempt, job))? {
                None => *p = Process { at: Operation::Superseded, ..Process::default() },
                Some(Row { outcome: None, .. }) => p.at = Operation::Return,
                Some(row) => {
                    let is_given_up = row.outcome.is_some_and(|outcome| outcome.end.is_given_up());
                    if is_given_up && !c.has(Mistake::NoCallOff) {
                        p.seen = row.into();
                        p.at = Operation::CallOff;
                    } else {
                        hand_over(c, who, p, row.into());
                    }
                }
            }
        }
        Operation::CallOff => {
            let job = p.job?;
            // Whether the third party takes it changes nothing for the wait.
            let _ = answer.of(|| world.call_off(job));
            let seen = p.seen;
            hand_over(c, who, p, seen);
        }
        Operation::Send => settle::send(c, world, who, p, answer)?,
        Operation::MarkDelivered => settle::mark(c, world, who, p, answer)?,
        Operation::Report => {
            let how = reported(p);
            answer.of(|| world.fail_attempt(wait, attempt, how))?;
            *p = Process { at: Operation::Over, ..Process::default() };
        }
        Operation::Return => {
            answer.of(|| world.submitted(c, wait, attempt, p))?;
            *p = Process { at: Operation::Over, ..Process::default() };
        }
        Operation::Idle
        | Operation::Over
        | Operation::Superseded
        | Operation::Read
        | Operation::Look
        | Operation::ReadMail
        | Operation::Mail
        | Operation::Acknowledge => {}
    }
    Some(())
}

fn after_register(c: &C, who: Who, p: &mut Process, row: Row, attempt: u8, is_late: bool) {
    if row.generation != attempt {
        *p = Process { at: Operation::Superseded, ..Process::default() };
    } else if row.outcome.is_some() {
        hand_over(c, who, p, row.into());
    } else if row.status == Status::Submitted && row.job.is_some() {
        p.job = row.job;
        p.at = Operation::Bind;
    } else if is_late {
        out_of_time(p);
    } else if c.has(Mistake::NoSubmitIntent) {
        p.at = Operation::Post;
    } else {
        p.at = Operation::BeginSubmit;
    }
}

fn after_begin(c: &C, who: Who, p: &mut Process, row: Row, attempt: u8, is_late: bool) {
    if row.generation != attempt {
        *p = Process { at: Operation::Superseded, ..Process::default() };
    } else if row.outcome.is_some() {
        hand_over(c, who, p, row.into());
    } else if row.status == Status::Unknown {
        report(p, true);
    } else if row.status == Status::Submitted && row.job.is_some() {
        p.job = row.job;
        p.at = Operation::Bind;
    } else if row.operation != attempt {
        // Another attempt is sending.
        report(p, false);
    } else if row.begun <= 1 || c.has(Mistake::ResendBlindly) {
        send(p, is_late);
    } else {
        match c.repetition {
            Repetition::IdempotencyKey => send(p, is_late),
            Repetition::LookUp => p.at = Operation::LookUp,
            Repetition::Never => p.at = Operation::MarkUnknown,
        }
    }
}

/// The request is sent, unless what was done before it took what was left of the time.
fn send(p: &mut Process, is_late: bool) {
    if is_late {
        out_of_time(p);
        p.at = Operation::ReleaseSubmit;
    } else {
        p.at = Operation::Post;
    }
}

/// The wait has its outcome: a token gets it, a nested workflow learns it from `Close`.
fn hand_over(c: &C, who: Who, p: &mut Process, seen: Seen) {
    if seen.token == 0 {
        report(p, true);
    } else {
        settle::hand_over(c, who, p, seen);
    }
}

fn report(p: &mut Process, is_final: bool) {
    *p = Process { at: Operation::Report, wait: p.wait, is_final, ..Process::default() };
}

fn out_of_time(p: &mut Process) {
    report(p, true);
    p.is_timeout = true;
}

/// What becomes of the task by what the attempt reports.
const fn reported(p: &Process) -> Course {
    match (p.is_timeout, p.is_final) {
        (true, _) => Course::OutOfTime,
        (false, true) => Course::FailedForGood,
        (false, false) => Course::FailedForNow,
    }
}

/// What an attempt does that did not learn what became of its operation.
fn failed(c: &C, world: &mut World, attempt: u8, p: &mut Process, answer: Answer) {
    match p.at {
        // The function itself fails, or its answer is lost.
        Operation::Report | Operation::Return => {
            let wait = usize::from(p.wait);
            // A function that cannot tell its task by the token fails by the same error itself.
            let is_told = p.at == Operation::Report && c.strategy == Strategy::Callback;
            let how = if is_told { reported(p) } else { Course::FailedForNow };
            *p = Process { at: Operation::Over, ..Process::default() };
            world.fail_attempt(wait, attempt, how);
        }
        Operation::Post => match (answer, c.repetition) {
            // The third party said that it did not take the job, or sending again is safe.
            (Answer::Unavailable, _) | (_, Repetition::IdempotencyKey) => give_back(p),
            // The right is kept until it runs out: by then a job that was taken can be found.
            (_, Repetition::LookUp) => report(p, false),
            (_, Repetition::Never) => p.at = Operation::MarkUnknown,
        },
        // Nothing was sent.
        Operation::LookUp => give_back(p),
        Operation::Idle
        | Operation::Superseded
        | Operation::Register
        | Operation::BeginSubmit
        | Operation::ReleaseSubmit
        | Operation::MarkUnknown
        | Operation::Bind
        | Operation::NoteJob
        | Operation::Read
        | Operation::Look
        | Operation::ReadMail
        | Operation::Mail
        | Operation::Claim
        | Operation::Send
        | Operation::MarkDelivered
        | Operation::CallOff
        | Operation::Over
        | Operation::Acknowledge => report(p, false),
    }
}

fn give_back(p: &mut Process) {
    report(p, false);
    p.at = Operation::ReleaseSubmit;
}
