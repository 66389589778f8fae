//! Step Functions: tasks, their attempts and tokens. A token is good for one
//! answer, while its attempt is the current one.

use crate::configuration::{Configuration as C, Strategy};
use crate::state::{Course, Outcome, Process, World};
use crate::{Operation, Who};

impl World {
    /// The task takes an outcome, if the token is the current attempt's.
    pub(crate) fn resume(&mut self, wait: usize, token: u8, outcome: Outcome) {
        let task = &mut self.tasks[wait];
        if task.course != Course::Waiting || task.attempt != token {
            return;
        }
        task.resumptions = task.resumptions.saturating_add(1);
        task.resumed = Some(outcome);
        if outcome.end.is_success() {
            task.course = Course::Over(outcome);
        } else {
            self.close(wait, false);
        }
    }

    /// An attempt failed: by its token, or because its function did not return.
    pub(crate) fn fail_attempt(&mut self, wait: usize, attempt: u8, how: Course) {
        let task = &mut self.tasks[wait];
        if task.course == Course::Waiting && task.attempt == attempt {
            task.course = how;
        }
    }

    /// Starts the next attempt, with a token of its own.
    pub(crate) fn retry(&mut self, wait: usize) {
        let task = &mut self.tasks[wait];
        task.course = Course::Waiting;
        task.attempt += 1;
        let attempt = usize::from(task.attempt);
        self.submits[wait][attempt - 1] = Process { at: Operation::Register, wait: index(wait), ..Process::default() };
    }

    /// Enters `Close`, which is told of the job where the workflow knows it, and of
    /// the error that was caught.
    pub(crate) fn close(&mut self, wait: usize, is_timeout: bool) {
        self.tasks[wait].course = Course::Closing;
        let job = self.checks[wait].job;
        self.closes[wait] = Process { at: Operation::Read, wait: index(wait), job, is_timeout, ..Process::default() };
    }

    /// The submit function of an attempt returned: a nested workflow begins to poll.
    pub(crate) fn submitted(&mut self, c: &C, wait: usize, attempt: u8, submit: &Process) {
        let is_current = self.tasks[wait].course == Course::Waiting && self.tasks[wait].attempt == attempt;
        if is_current && c.strategy == Strategy::Poll {
            self.checks[wait] =
                Process { at: Operation::Look, wait: index(wait), job: submit.job, ..Process::default() };
        }
    }

    /// The workflow goes on with an outcome that one of its functions returned.
    pub(crate) fn go_on(&mut self, wait: usize, outcome: Outcome) {
        if self.tasks[wait].course != Course::Stopped {
            self.tasks[wait].course = Course::Over(outcome);
        }
    }

    /// Somebody stops the execution, and with it the nested one. A function that runs goes on.
    pub(crate) fn stop(&mut self, wait: usize) {
        self.tasks[wait].course = Course::Stopped;
        self.checks[wait] = Process { at: Operation::Over, job: self.checks[wait].job, ..Process::default() };
    }

    /// A process ends before its time.
    pub(crate) fn crash(&mut self, who: Who) {
        match who {
            Who::Submit { wait, attempt } => {
                *self.process_mut(who) = Process { at: Operation::Over, ..Process::default() };
                self.fail_attempt(wait.into(), attempt, Course::FailedForNow);
            }
            Who::Listener(_) | Who::Reconciler => *self.process_mut(who) = Process::default(),
            Who::Operator => *self.process_mut(who) = Process { at: Operation::Over, ..Process::default() },
            // Both are retried by their workflow, from the beginning.
            Who::Check { .. } => {
                let p = self.process_mut(who);
                *p = Process { at: Operation::Look, wait: p.wait, job: p.job, ..Process::default() };
            }
            Who::Close { wait } if self.tasks[usize::from(wait)].course == Course::Stopped => {
                *self.process_mut(who) = Process { at: Operation::Over, ..Process::default() };
            }
            Who::Close { wait } => {
                let job = self.checks[usize::from(wait)].job;
                let p = self.process_mut(who);
                *p = Process { at: Operation::Read, wait, job, is_timeout: p.is_timeout, ..Process::default() };
            }
        }
    }

    /// A process.
    #[must_use]
    pub fn process(&self, who: Who) -> &Process {
        match who {
            Who::Submit { wait, attempt } => &self.submits[usize::from(wait)][usize::from(attempt) - 1],
            Who::Listener(number) => &self.listeners[usize::from(number)],
            Who::Check { wait } => &self.checks[usize::from(wait)],
            Who::Close { wait } => &self.closes[usize::from(wait)],
            Who::Reconciler => &self.reconciler,
            Who::Operator => &self.operator,
        }
    }

    /// A process, to be changed.
    pub(crate) fn process_mut(&mut self, who: Who) -> &mut Process {
        match who {
            Who::Submit { wait, attempt } => &mut self.submits[usize::from(wait)][usize::from(attempt) - 1],
            Who::Listener(number) => &mut self.listeners[usize::from(number)],
            Who::Check { wait } => &mut self.checks[usize::from(wait)],
            Who::Close { wait } => &mut self.closes[usize::from(wait)],
            Who::Reconciler => &mut self.reconciler,
            Who::Operator => &mut self.operator,
        }
    }
}

/// A wait's number as processes hold it: zero or one.
pub(crate) const fn index(wait: usize) -> u8 {
    if wait == 0 { 0 } else { 1 }
}
