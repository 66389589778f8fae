//! The steps of a walk, carried out: a process makes an effect, dies, or returns,
//! or something happens in the world around.

use super::files::{integration, job_id, place};
use super::names::{effect, second};
use super::stage::{Returned, Stage};
use crate::world::gate::Fault;
use crate::world::{self, document, signed};
use serde_json::json;
use stepwait_core::Timestamp;
use stepwait_core::message::Action;
use stepwait_core::wait::{OutcomeKind, WaitRow};
use stepwait_flow::operate::finish;
use stepwait_flow::reconcile;
use stepwait_flow::webhook::receive;
use stepwait_model::state::{Course, End, JobNumber};
use stepwait_model::{Answer, Operation, Step, Strategy, Who};

impl Stage<'_> {
    /// Carries a step out; says so where the functions are not where the walk has them.
    pub(super) fn take(&mut self, step: Step) -> Result<(), String> {
        match step {
            Step::Does { who, what, answer } => self.does(who, what, answer)?,
            Step::Crashes { who, .. } => self.crash(who),
            Step::JobEnds { job, end } => self.job_ends(job, end),
            Step::EventArrives { job, end, listener } => self.event_arrives(job, end, listener),
            Step::DeadlinePasses { wait } => self.task(wait).is_late = true,
            Step::TaskTimesOut { wait } => self.enter_close(wait, Some("States.Timeout")),
            Step::ExecutionStops { wait } => self.stop(wait),
            Step::TaskRetries { wait } => self.begin_attempt(wait),
            Step::TaskFails { wait } => {
                // A round that runs on has failed too often all the same.
                let is_polling = self.task(wait).course == Course::Waiting;
                self.enter_close(wait, is_polling.then_some("RoundsFailed"));
            }
            Step::LockRunsOut { wait } => self.change_row(wait, |row| {
                if let Some(mark) = &mut row.submit {
                    mark.lock_until = Timestamp::UNIX_EPOCH;
                }
            }),
            Step::ReconcilerBegins { wait } => self.reconcile(wait),
            Step::OperatorBegins { wait } => self.operate(wait),
        }
        for wait in 0..self.c.waits {
            self.watch(wait)?;
        }
        Ok(())
    }

    fn change_row(&mut self, wait: u8, change: impl FnOnce(&mut WaitRow)) {
        let id = self.task(wait).plan.wait.id.clone();
        if let Some(row) = self.world.state().store.table.waits.get_mut(&id) {
            change(row);
        }
    }

    fn row(&self, wait: u8) -> Option<WaitRow> {
        self.world.state().store.table.waits.get(&self.tasks[usize::from(wait)].plan.wait.id).cloned()
    }

    fn does(&mut self, who: Who, what: Operation, answer: Answer) -> Result<(), String> {
        let has_token = self.c.strategy == Strategy::Callback;
        let Some(effect) = effect(&self.c, who, what, has_token) else {
            return self.returns(who, what, answer);
        };
        if let (Who::Check { wait }, Operation::Look) = (who, what) {
            // Between two looks nothing runs.
            self.begin_check(wait)?;
            if self.task(wait).is_late {
                return self.out_of_time(who, wait);
            }
        }
        let stands = self.before(who);
        if stands != Some(effect) {
            return Err(format!("{who}: the model is before {what:?}, and the function before {stands:?}"));
        }
        let fault = match answer {
            Answer::Given => None,
            Answer::OfSecondTry => Some(Fault::Twice),
            Answer::Lost => Some(Fault::LostAnswer),
            Answer::Unavailable => Some(Fault::NotDone),
        };
        let is_second_disturbed = answer == Answer::Lost && self.is_two_updates(who, what);
        self.carry_out(who, fault.filter(|_| !is_second_disturbed));
        if self.before(who).is_some() && self.before(who) == second(&self.c, who, what) {
            self.carry_out(who, fault.filter(|_| is_second_disturbed));
        }
        if let (Who::Submit { wait, .. }, Operation::BeginSubmit) = (who, what) {
            self.began_to_send(who, wait);
        }
        self.comes_to_an_end(who, what)
    }

    /// Whether an attempt may note its job on a wait that has ended: the first
    /// update is refused then, and the second one makes the note.
    fn is_two_updates(&self, who: Who, what: Operation) -> bool {
        let Who::Submit { wait, attempt } = who else { return false };
        what == Operation::NoteJob
            && self.row(wait).is_some_and(|row| {
                let is_mine = super::views::attempt(&self.tasks[usize::from(wait)].plan, row.generation) == attempt;
                let operation = row.submit.as_ref().map(|mark| &mark.operation);
                row.outcome.is_some() && (is_mine || operation == self.operations.get(&who))
            })
    }

    /// Whoever took the right to send holds it until the walk says that it runs out.
    fn began_to_send(&mut self, who: Who, wait: u8) {
        let Some(mark) = self.row(wait).and_then(|row| row.submit) else { return };
        let is_new = !self.operations.values().any(|known| *known == mark.operation);
        if is_new && mark.lock_until > Timestamp::UNIX_EPOCH {
            self.operations.insert(who, mark.operation);
            self.change_row(wait, |row| {
                if let Some(mark) = &mut row.submit {
                    mark.lock_until = Timestamp::MAX;
                }
            });
        }
    }

    /// A check that comes after the deadline looks at nothing.
    fn out_of_time(&mut self, who: Who, wait: u8) -> Result<(), String> {
        match self.take_returned(who) {
            Some(Returned::Check(Ok(checked))) if checked.action == Action::Expired => {}
            _ => return Err(format!("{who}: a check behind the deadline looks all the same")),
        }
        if self.task(wait).course == Course::Waiting {
            self.enter_close(wait, Some("DeadlinePassed"));
        }
        Ok(())
    }

    /// What becomes of a function that has made its last effect, where the model
    /// has no further step for that.
    fn comes_to_an_end(&mut self, who: Who, what: Operation) -> Result<(), String> {
        let Some(returned) = self.returned(who) else { return Ok(()) };
        match (who, returned) {
            (Who::Submit { wait, attempt }, _) if what == Operation::Report => {
                // It has told its task by the token, or fails by the same error.
                let returned = self.take_returned(who).unwrap_or(Returned::Nothing);
                self.attempt_returned(wait, attempt, returned, false);
            }
            (Who::Check { .. }, Returned::Check(Ok(checked))) if checked.settled.is_some() => {}
            // Another look, or the same again.
            (Who::Check { .. }, _) => self.end(who),
            (Who::Close { .. }, Returned::Close(Err(_))) => self.crash(who),
            (Who::Listener(_), Returned::Reply(status)) if !(200..300).contains(status) => self.end(who),
            (Who::Reconciler | Who::Operator, _) => self.end(who),
            (Who::Submit { .. } | Who::Close { .. } | Who::Listener(_), _) => {}
        }
        Ok(())
    }

    /// Whoever waits for a function hears what it returned.
    fn returns(&mut self, who: Who, what: Operation, answer: Answer) -> Result<(), String> {
        let missing =
            || format!("{who}: the model is before {what:?}, and the function has returned nothing of the kind");
        match (who, self.take_returned(who).ok_or_else(missing)?) {
            (Who::Submit { wait, attempt }, returned @ Returned::Submit(_)) => {
                let has_failed = matches!(returned, Returned::Submit(Err(_)));
                if has_failed != (what == Operation::Report) {
                    return Err(missing());
                }
                self.attempt_returned(wait, attempt, returned, answer == Answer::Unavailable);
                Ok(())
            }
            (Who::Listener(_), Returned::Reply(200..300)) => Ok(()),
            (Who::Check { wait }, Returned::Check(Ok(checked))) => match &checked.settled {
                Some(settled) if self.task(wait).course == Course::Waiting => self.go_on(wait, settled),
                Some(_) => Ok(()),
                None => Err(missing()),
            },
            (Who::Close { wait }, Returned::Close(Ok(settled))) => match self.task(wait).course {
                Course::Stopped => Ok(()),
                Course::Waiting
                | Course::FailedForNow
                | Course::FailedForGood
                | Course::OutOfTime
                | Course::Closing
                | Course::Over(_) => self.go_on(wait, &settled),
            },
            (_, _) => Err(missing()),
        }
    }

    /// A function ends before its time.
    fn crash(&mut self, who: Who) {
        self.end(who);
        match who {
            Who::Submit { wait, attempt } => self.attempt_failed(wait, attempt, None),
            Who::Close { wait } if self.task(wait).course != Course::Stopped => self.begin_close(wait),
            Who::Close { .. } | Who::Check { .. } | Who::Listener(_) | Who::Reconciler | Who::Operator => {}
        }
    }

    fn job_ends(&mut self, job: JobNumber, end: End) {
        let name = self.third_party(job);
        let vendor = &mut self.world.state().vendor;
        if let Some(place) = place(vendor, name, &job_id(job)) {
            vendor.jobs[place].end = Some(says(end));
        }
    }

    /// The integration whose third party started a job.
    fn third_party(&self, job: JobNumber) -> &'static str {
        integration(&self.c, u8::from(job.wait() > 0))
    }

    fn event_arrives(&mut self, job: JobNumber, end: End, listener: u8) {
        let name = self.third_party(job);
        let (world, book) = (self.world, self.book);
        let delivery = {
            let now = self.now();
            let state = world.state();
            let body = json!({ "data": document(&job_id(job), says(end)) }).to_string();
            let mut delivery = signed("event", name, &body, now);
            if self.c.is_addressed {
                delivery.path = state.vendor.told_path().unwrap_or_default();
            }
            delivery
        };
        let receives = async move { Returned::Reply(receive(world, book, &delivery).await.status) };
        self.start(Who::Listener(listener), None, receives);
    }

    /// A run of the reconciler whose index shows one wait; the others are late to appear there.
    fn reconcile(&mut self, wait: u8) {
        let time = self.time_of_run(wait);
        let shown = self.task(wait).plan.wait.id.clone();
        let (has_looks, is_late) = (self.c.has_looks, self.task(wait).is_late);
        let mut hidden = Vec::new();
        for (id, row) in &mut self.world.state().store.table.waits {
            if *id != shown {
                hidden.push((id.clone(), row.due.take()));
            } else if is_late && !has_looks {
                // Runs before this one have looked in vain as often as the last look is made.
                row.failures = 3;
            }
        }
        let (world, book) = (self.world, self.book);
        let runs = async move {
            let _summary = reconcile::run(world, book).await;
            Returned::Nothing
        };
        self.start(Who::Reconciler, Some(time), runs);
        for (id, due) in hidden {
            if let Some(row) = self.world.state().store.table.waits.get_mut(&id) {
                row.due = due;
            }
        }
    }

    fn operate(&mut self, wait: u8) {
        let id = self.task(wait).plan.wait.id.clone();
        let world = self.world;
        let ends = async move {
            let _finished = finish(world, &id, OutcomeKind::Succeeded { output: json!("by hand") }).await;
            Returned::Nothing
        };
        self.start(Who::Operator, None, ends);
    }
}

/// How a job ends, in the third party's words.
fn says(end: End) -> world::End {
    match end {
        End::Succeeded => world::End::Success,
        End::Failed => world::End::Failure,
        End::CalledOff => world::End::CalledOff,
        End::Expired | End::Overdue | End::Cancelled | End::JobIdTaken | End::ByHand => {
            panic!("no job ends by {end:?}")
        }
    }
}
