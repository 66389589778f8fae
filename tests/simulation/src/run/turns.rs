//! What a workflow learns, and where it goes from there.

use super::Run;
use super::process::Returned;
use super::round::{HandedBack, NotSubmitted};
use super::terms::Terms;
use super::workflow::Stage;
use crate::definition::{HEARTBEAT_TIMEOUT, TIMEOUT};
use crate::fault::Witness;
use crate::oracle::endings::{not_closed, timed_out, went_on};
use crate::time::SECOND;
use crate::world::Event;
use stepwait_core::ErrorName;
use stepwait_core::message::{Action, CaughtError, Settled, SubmitAnswer};
use stepwait_flow::StepError;
use stepwait_flow::ports::Resumption;

pub(super) fn caught(error: &StepError) -> CaughtError {
    CaughtError { error: error.name.to_string(), cause: error.message.clone() }
}

pub(super) fn named(error: &str) -> CaughtError {
    CaughtError { error: error.to_owned(), cause: String::new() }
}

impl Run<'_> {
    /// A round hands back what it found.
    pub(super) fn round_returned(&mut self, round: usize) {
        let number = self.rounds[round].workflow;
        let now = self.world.state().now;
        let workflow = &mut self.workflows[number];
        if workflow.round != Some(round) || workflow.stage != Stage::Polling {
            return;
        }
        workflow.round = None;
        let Some(terms) = workflow.terms.as_ref() else { return };
        let (deadline, bound) = (terms.deadline(), terms.rounds());
        let back = self.rounds[round].handed_back.clone();
        // Standing in line is counted by itself.
        workflow.rounds += u64::from(!matches!(back, Some(HandedBack::NotSubmitted(_))));
        workflow.next = (None, 0);
        if let Some(HandedBack::Went(..)) = back {
            workflow.job.clone_from(&self.rounds[round].job);
        }
        match back {
            Some(HandedBack::Went(Action::Done, _, Some(settled))) => return self.end(number, Some(&settled)),
            Some(HandedBack::Went(Action::Leave, seconds, None)) => {
                workflow.failed_rounds = 0;
                workflow.poll = self.rounds[round].poll;
                if workflow.rounds < bound.most {
                    return self.rest(number, seconds);
                }
                workflow.error = named("RoundsExhausted");
            }
            Some(HandedBack::Went(Action::Expired, ..)) => workflow.error = named("DeadlinePassed"),
            Some(HandedBack::Went(Action::Exhausted, ..)) => workflow.error = named("RoundsExhausted"),
            Some(HandedBack::NotSubmitted(NotSubmitted { in_line_for, in_line, error })) => {
                (workflow.failed_rounds, workflow.in_line, workflow.error) = (0, in_line, error);
                if let Some(seconds) = in_line_for
                    && in_line <= bound.most_in_line
                    && workflow.rounds < bound.most
                {
                    return self.rest(number, seconds);
                }
            }
            Some(HandedBack::Failed) => {
                let left = deadline.saturating_sub(now).div_ceil(SECOND);
                let seconds = (75 << workflow.failed_rounds).min(3_600).min(left).max(1);
                workflow.failed_rounds += 1;
                if workflow.failed_rounds < bound.most_failed && workflow.rounds < bound.most && now < deadline {
                    return self.rest(number, seconds);
                }
                workflow.error = named("RoundsFailed");
            }
            other => return self.unexpected(&format!("a round handed back {other:?}")),
        }
        self.enter(number, Stage::Closing);
        self.close(number);
    }

    /// The workflow sleeps between two rounds.
    fn rest(&mut self, number: usize, seconds: u64) {
        self.enter(number, Stage::Resting);
        let step = self.workflows[number].step;
        self.after(seconds * SECOND, Event::GoOn(number, step));
    }

    /// A function of the workflow returned.
    pub(super) fn step_returned(&mut self, number: usize, step: u64, returned: Returned) {
        if self.workflows[number].step != step {
            return;
        }
        let has_token = self.workflows[number].token.is_some();
        match returned {
            Returned::Plan(plan) => match *plan {
                Ok(plan) => {
                    self.workflows[number].terms = Some(Terms::Planned(Box::new(plan)));
                    self.enter(number, Stage::Submitting);
                    self.submit(number);
                }
                Err(error) => self.failed(number, caught(&error)),
            },
            // The task has a token and waits for it.
            Returned::Submit(Ok(_)) if has_token => {}
            Returned::Submit(Ok(SubmitAnswer { wait: None, job_id: Some(job_id), action, seconds, poll })) => {
                let workflow = &mut self.workflows[number];
                let Some(Terms::Planned(plan)) = &workflow.terms else { return };
                workflow.job = Some((plan.wait.clone(), job_id));
                (workflow.next, workflow.poll) = ((Some(action), seconds), poll);
                self.enter(number, Stage::Polling);
                self.poll_round(number);
            }
            Returned::Submit(Ok(_)) => self.unexpected("without a token a submit that returns names its job"),
            Returned::Close(Ok(settled)) => self.end(number, Some(&settled)),
            Returned::Submit(Err(error)) | Returned::Close(Err(error)) => self.failed(number, caught(&error)),
            Returned::Check(_) | Returned::Reply(_) | Returned::Stopped(_) | Returned::Nothing => {
                self.unexpected("a step returned what no step of a workflow does");
            }
        }
    }

    /// A function of the workflow gave no answer.
    pub(super) fn gave_none(&mut self, number: usize, step: u64, error: &str) {
        if self.workflows[number].step == step {
            self.failed(number, named(error));
        }
    }

    /// Step Functions notices at once that tasks were resumed by their tokens.
    pub(super) fn hear_of_tasks(&mut self) {
        let news = std::mem::take(&mut self.world.state().tasks.news);
        for (number, token, with) in news {
            if self.workflows[number].token != Some(token) {
                continue;
            }
            match with {
                Resumption::Success(output) => {
                    let settled: Settled = serde_json::from_str(&output).unwrap();
                    self.end(number, Some(&settled));
                }
                Resumption::Failure { error, cause } => self.failed(number, CaughtError { error, cause }),
            }
        }
    }

    /// The token's task has waited as long as its state may.
    pub(super) fn state_times_out(&mut self, number: usize, step: u64) {
        self.waited_too_long(number, step, TIMEOUT);
    }

    /// The token's task was told nothing for as long as its state may be.
    pub(super) fn silence(&mut self, number: usize, step: u64, heard_at: u64) {
        let workflow = &self.workflows[number];
        let (Some(token), Some(terms)) = (workflow.token, workflow.terms.as_ref()) else { return };
        let Some(may_be_silent) = terms.silence_ms().filter(|_| workflow.step == step) else { return };
        let is_before_deadline = may_be_silent + SECOND < terms.timeout_ms();
        let heard_now = self.world.state().tasks.heard_at(token);
        if heard_now > heard_at {
            let mut state = self.world.state();
            let again = (heard_now + may_be_silent).saturating_sub(state.now);
            return state.after(again, Event::Silence(number, step, heard_now));
        }
        if is_before_deadline {
            self.saw(Witness::HeartbeatMissed);
        }
        self.waited_too_long(number, step, HEARTBEAT_TIMEOUT);
    }

    fn waited_too_long(&mut self, number: usize, step: u64, error: &str) {
        let workflow = &self.workflows[number];
        if workflow.step != step || workflow.token.is_none() {
            return;
        }
        if let Some(terms) = &workflow.terms {
            timed_out(&mut self.world.state(), terms.id());
        }
        self.failed(number, named(error));
    }

    /// The current state has failed: it is tried again, or given up.
    pub(super) fn failed(&mut self, number: usize, error: CaughtError) {
        self.retire_token(number);
        if error.error == ErrorName::AtCapacity.as_str() {
            self.saw(Witness::AtCapacity);
        }
        let chance = self.world.state().chance.share();
        let step = self.step();
        let workflow = &mut self.workflows[number];
        workflow.step = step;
        let stage = workflow.stage;
        self.world.state().say(|| format!("workflow #{number} at {stage:?}: {}", error.error));
        if let Some(delay) = workflow.task().retry(&error.error, &mut workflow.retries, chance) {
            return self.after(delay, Event::GoOn(number, step));
        }
        match stage {
            Stage::Submitting | Stage::Polling | Stage::Resting => {
                workflow.error = error;
                self.enter(number, Stage::Closing);
                self.close(number);
            }
            Stage::Closing => {
                not_closed(&mut self.world.state());
                self.end(number, None);
            }
            Stage::NotBegun | Stage::Preparing | Stage::Ended => self.end(number, None),
        }
    }

    /// An attempt that is over has no token any more.
    pub(super) fn retire_token(&mut self, number: usize) {
        if let Some(token) = self.workflows[number].token.take() {
            self.world.state().tasks.retire(token);
        }
    }

    /// The workflow ends, with what its wait was settled with.
    pub(super) fn end(&mut self, number: usize, settled: Option<&Settled>) {
        self.retire_token(number);
        self.enter(number, Stage::Ended);
        let Some(terms) = &self.workflows[number].terms else { return };
        let mut state = self.world.state();
        match settled {
            Some(settled) => went_on(&mut state, terms.id(), terms.deadline(), settled),
            None => {
                state.promises.left.insert(terms.id().clone());
            }
        }
    }
}
