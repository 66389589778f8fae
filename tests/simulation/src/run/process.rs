//! Processes: functions as Lambda runs them, and whoever waits for them.

use super::Run;
use super::turns::named;
use crate::fault::{Mishap, Step, Witness};
use crate::time::{MINUTE, SECOND};
use crate::world::{Doing, Event, LIKELY, Ports, ProcessId};
use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use stepwait_core::message::{Checked, Plan, Settled, SubmitAnswer};
use stepwait_flow::webhook::Reply;
use stepwait_flow::{Book, StepError};

/// How long after its end something of a process may still be on its way.
const BURIED_AFTER: u64 = 3 * MINUTE;

/// How long senders wait for an answer, 15 seconds, as Svix does
/// (<https://docs.svix.com/retries>).
const SENDERS_PATIENCE: u64 = 15 * SECOND;

/// Who waits for a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// A workflow, at its step of that number.
    Workflow(usize, u64),
    /// A round, at its step of that number.
    Round(usize, u64),
    /// The sender of an event, with its delivery of that number.
    Sender(usize, usize, u32),
    /// Lambda's own queue, of an execution that was stopped, at that attempt.
    Queue(usize, u32),
    /// Nobody, or nobody any more.
    Nobody,
}

/// What a process returns.
pub(super) enum Returned {
    Plan(Box<Result<Plan, StepError>>),
    Submit(Result<SubmitAnswer, StepError>),
    Check(Result<Checked, StepError>),
    Close(Result<Settled, StepError>),
    Reply(Reply),
    Stopped(Result<u64, StepError>),
    Nothing,
}

/// A process.
pub(super) struct Process<'w> {
    role: Role,
    step: Pin<Box<dyn Future<Output = Returned> + 'w>>,
}

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Silent {
    /// It was never started.
    NotStarted,
    /// It crashed.
    Crashed,
    /// Its time was up.
    TimeUp,
    /// The connection to it broke.
    GivenUp,
}

impl Silent {
    /// The error's name, as the Lambda integration reports it.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::NotStarted => "Lambda.TooManyRequestsException",
            Self::Crashed => "Runtime.ExitError",
            Self::TimeUp => "Sandbox.Timedout",
            Self::GivenUp => "Lambda.SdkClientException",
        }
    }
}

/// How long a function may run, in milliseconds, as `template.yaml` says.
pub(crate) const fn time_limit_ms(step: Step) -> u64 {
    match step {
        Step::Prepare => 15 * SECOND,
        Step::Submit | Step::SubmitUnplanned | Step::SubmitInRound => 60 * SECOND,
        Step::Close | Step::CloseUnplanned | Step::Stopped => 60 * SECOND,
        Step::Check => 45 * SECOND,
        Step::Reconcile => 120 * SECOND,
        Step::Receive => 30 * SECOND,
        // A person, and an Express execution, whose own limit is in its definition.
        Step::Finish | Step::Round => u64::MAX / 4,
    }
}

impl<'w> Run<'w> {
    /// Starts a step, as often as its mishap will have it. `make` makes the step
    /// anew for each process.
    pub(super) fn start<F>(&mut self, role: Role, step: Step, make: impl Fn(Ports<'w>, &'static Book) -> F)
    where
        F: Future<Output = Returned> + 'w,
    {
        let mishap = self.draw_mishap(step);
        if mishap == Some(Mishap::NotStarted) {
            self.world.state().say(|| format!("{step} is not started"));
            return self.gave_no_answer(role, Silent::NotStarted);
        }
        let times = if mishap == Some(Mishap::Doubled) { 2 } else { 1 };
        for _ in 0..times {
            let process = self.begin_process(step, mishap == Some(Mishap::Slow));
            let future = Box::pin(make(Ports::new(self.world, process), self.book));
            self.processes.insert(process, Process { role, step: future });
            {
                let mut state = self.world.state();
                if step == Step::Receive {
                    state.after(SENDERS_PATIENCE, Event::GiveUp(process));
                }
                if mishap == Some(Mishap::GivenUp) {
                    let delay = state.chance.magnitude(1, SECOND);
                    state.after(delay, Event::GiveUp(process));
                }
            }
            self.poll(process);
        }
    }

    /// What goes wrong with a run of a step.
    pub(super) fn draw_mishap(&mut self, step: Step) -> Option<Mishap> {
        let mut guard = self.world.state();
        let state = &mut *guard;
        state.coverage.step(step);
        let mishap = match state.course.focus_step {
            Some((at, mishap)) if at == step && state.course.focused > 0 && state.chance.happens(LIKELY) => {
                state.course.focused -= 1;
                Some(mishap)
            }
            Some(_) | None if state.course.budget > 0 && state.chance.happens(state.course.mishap_rate) => {
                state.course.budget -= 1;
                Some(state.chance.one(Mishap::ALL)).filter(|mishap| mishap.impossible(step).is_none())
            }
            Some(_) | None => None,
        };
        if let Some(mishap) = mishap {
            state.promises.faults += 1;
            state.coverage.mishap(step, mishap);
        }
        mishap
    }

    fn begin_process(&mut self, step: Step, is_slow: bool) -> ProcessId {
        let process = ProcessId(self.next_process);
        self.next_process += 1;
        let mut state = self.world.state();
        let most = state.course.skew_ms;
        let off_by = state.chance.off_by(most);
        if off_by.abs() > 1_000 {
            state.saw(Witness::ClockWasOff);
        }
        let limit = time_limit_ms(step);
        let ends_at = state.now + limit;
        let doing = Doing {
            step,
            off_by,
            ends_at,
            has_begun: false,
            has_ended: false,
            is_dead: false,
            is_abandoned: false,
            is_slow,
        };
        state.doings.insert(process, doing);
        if step != Step::Finish {
            state.after(limit, Event::TimeUp(process));
        }
        let slow = if is_slow { ", and everything takes long" } else { "" };
        state.say(|| format!("#{} {step} begins, its clock off by {off_by} ms{slow}", process.0));
        process
    }

    /// A process goes on.
    pub(super) fn poll(&mut self, id: ProcessId) {
        let Some(mut process) = self.processes.remove(&id) else { return };
        let polled = process.step.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        // A task that was resumed goes on, whatever becomes of who resumed it.
        self.hear_of_tasks();
        let is_dead = self.world.state().doings[&id].is_dead;
        match polled {
            Poll::Ready(returned) => {
                self.world.state().say(|| format!("#{} returns", id.0));
                self.forget(id);
                self.returned(process.role, returned);
            }
            Poll::Pending if is_dead => {
                self.world.state().say(|| format!("#{} crashes", id.0));
                self.forget(id);
                drop(process.step);
                self.gave_no_answer(process.role, Silent::Crashed);
            }
            Poll::Pending => {
                self.processes.insert(id, process);
            }
        }
    }

    /// A function's time is up: what is on its way may arrive, and no more.
    pub(super) fn time_is_up(&mut self, id: ProcessId) {
        let Some(process) = self.processes.get_mut(&id) else { return };
        let role = std::mem::replace(&mut process.role, Role::Nobody);
        {
            let mut state = self.world.state();
            if let Some(doing) = state.doings.get_mut(&id) {
                doing.has_ended = true;
            }
            state.say(|| format!("#{} has no time left", id.0));
            state.after(BURIED_AFTER, Event::Bury(id));
        }
        self.gave_no_answer(role, Silent::TimeUp);
    }

    pub(super) fn bury(&mut self, id: ProcessId) {
        self.processes.remove(&id);
        self.forget(id);
    }

    fn forget(&mut self, id: ProcessId) {
        // What sleeps on may ask for its clock once more: it is kept until nobody does.
        if let Some(doing) = self.world.state().doings.get_mut(&id) {
            doing.has_ended = true;
        }
    }

    /// Whoever waits for a process gives it up, and it goes on.
    pub(super) fn give_up(&mut self, id: ProcessId) {
        let Some(process) = self.processes.get_mut(&id) else { return };
        let role = std::mem::replace(&mut process.role, Role::Nobody);
        if role == Role::Nobody {
            return;
        }
        {
            let mut state = self.world.state();
            if let Some(doing) = state.doings.get_mut(&id) {
                doing.is_abandoned = true;
            }
            state.say(|| format!("#{} is given up", id.0));
        }
        self.gave_no_answer(role, Silent::GivenUp);
    }

    fn returned(&mut self, role: Role, returned: Returned) {
        match (role, returned) {
            (Role::Workflow(workflow, step), returned) => self.step_returned(workflow, step, returned),
            (Role::Round(round, step), Returned::Check(checked)) => self.checked(round, step, checked),
            (Role::Round(round, step), Returned::Submit(answer)) => self.submitted_in_round(round, step, answer),
            (Role::Sender(vendor, event, delivery), Returned::Reply(reply)) => {
                self.answered(vendor, event, delivery, Some(reply.status));
            }
            (Role::Queue(execution, attempt), Returned::Stopped(Err(_))) => self.try_stopped_again(execution, attempt),
            (Role::Queue(..), _) | (Role::Nobody, _) => {}
            (Role::Round(..) | Role::Sender(..), _) => self.unexpected("a step returned what is not its to return"),
        }
    }

    fn gave_no_answer(&mut self, role: Role, why: Silent) {
        match role {
            Role::Workflow(workflow, step) => self.gave_none(workflow, step, why.name()),
            Role::Round(round, step) => self.failed_in_round(round, step, named(why.name())),
            Role::Sender(vendor, event, delivery) => self.answered(vendor, event, delivery, None),
            // An event that Lambda never got is not sent again.
            Role::Queue(..) if why == Silent::NotStarted => self.saw(Witness::StopMissed),
            Role::Queue(execution, attempt) => self.try_stopped_again(execution, attempt),
            Role::Nobody => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::time_limit_ms;
    use crate::fault::Step;

    #[test]
    fn functions_may_run_as_long_as_the_template_says() {
        let template = include_str!("../../../../template.yaml");
        let limit = |function: &str| {
            let of_function = template.split(&format!("\n  {function}:\n")).nth(1).unwrap();
            let after = of_function.split("\n      Timeout: ").nth(1).unwrap();
            after.lines().next().unwrap().parse::<u64>().unwrap() * 1_000
        };
        let functions = [
            ("PrepareFunction", Step::Prepare),
            ("SubmitFunction", Step::Submit),
            ("SubmitFunction", Step::SubmitUnplanned),
            ("SubmitFunction", Step::SubmitInRound),
            ("CheckStatusFunction", Step::Check),
            ("CloseFunction", Step::Close),
            ("CloseFunction", Step::CloseUnplanned),
            ("CloseFunction", Step::Stopped),
            ("ReconcileFunction", Step::Reconcile),
            ("WebhookFunction", Step::Receive),
        ];
        for (function, step) in functions {
            assert_eq!(time_limit_ms(step), limit(function), "{function}");
        }
    }
}
