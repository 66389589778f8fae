//! Rounds: nested Express executions, which check a job until they hand back to
//! their workflow; that of a workflow of one's own begins with the submit. A round whose
//! workflow lost sight of it runs on.

use super::Run;
use super::process::{Returned, Role};
use super::terms::Unplanned;
use super::turns::caught;
use crate::definition::{Definition, Retries};
use crate::fault::{Mishap, Step, Witness};
use crate::mistake::Mistake;
use crate::time::SECOND;
use crate::world::Event;
use stepwait_core::message::{Action, CaughtError, CheckInput, Checked, PollState, Settled, WaitRef};
use stepwait_core::wait::JobId;
use stepwait_flow::StepError;
use stepwait_flow::check::check;

/// What a round begins with.
#[derive(Clone, Debug)]
pub(super) enum Input {
    /// A job that was submitted, and what is to be done first.
    Check { job: Box<(WaitRef, JobId)>, next: (Option<Action>, u64), poll: PollState },
    /// A wait that is to be begun, after so many rounds that stood in line.
    Submit { own: Box<Unplanned>, in_line: u64 },
}

/// One round.
#[derive(Clone, Debug)]
pub(super) struct Round {
    pub(super) workflow: usize,
    pub(super) began_at: u64,
    /// What it is to submit.
    pub(super) submit: Option<(Box<Unplanned>, u64)>,
    /// The job, and its wait, once it is submitted.
    pub(super) job: Option<(WaitRef, JobId)>,
    pub(super) poll: PollState,
    pub(super) step: u64,
    pub(super) retries: Retries,
    /// What it handed back; `None` while it goes on.
    pub(super) handed_back: Option<HandedBack>,
}

/// What a round hands back.
#[derive(Clone, Debug)]
pub(super) enum HandedBack {
    /// What to do, and for how many seconds not to.
    Went(Action, u64, Option<Settled>),
    /// It ended without a job.
    NotSubmitted(NotSubmitted),
    /// It failed, or its time was up.
    Failed,
}

/// Why a round ended without a job.
#[derive(Clone, Debug)]
pub(super) struct NotSubmitted {
    /// After how many seconds the submit is tried again, if it stands in line.
    pub(super) in_line_for: Option<u64>,
    /// How often it has stood in line.
    pub(super) in_line: u64,
    pub(super) error: CaughtError,
}

impl Run<'_> {
    /// Begins a round; `None` if none could be started.
    pub(super) fn begin_round(&mut self, workflow: usize, input: Input) -> Option<usize> {
        let mishap = self.draw_mishap(Step::Round);
        if mishap == Some(Mishap::NotStarted) {
            return None;
        }
        let number = self.rounds.len();
        let step = self.step();
        let (began_at, forgets) = {
            let state = self.world.state();
            (state.now, state.mistake == Some(Mistake::SubmitTimeForgotten))
        };
        let (submit, job, next, mut poll) = match input {
            Input::Check { job, next, poll } => (None, Some(*job), Some(next), poll),
            Input::Submit { own, in_line } => (Some((own, in_line)), None, None, PollState::default()),
        };
        if forgets {
            poll.submitted_at = None;
        }
        let retries = Retries::default();
        self.rounds.push(Round { workflow, began_at, submit, job, poll, step, retries, handed_back: None });
        self.after(Definition::get().round_ms, Event::RoundTimesOut(number));
        match next {
            None => self.submit_in_round(number),
            Some((None, _)) => self.look(number),
            Some((Some(Action::Wait), seconds)) => self.after(seconds * SECOND, Event::RoundGoesOn(number, step)),
            Some((Some(action), seconds)) => self.hand_back(number, HandedBack::Went(action, seconds, None)),
        }
        if mishap == Some(Mishap::GivenUp) {
            self.saw(Witness::RoundRanOn);
            return None;
        }
        Some(number)
    }

    fn look(&mut self, number: usize) {
        let step = self.step();
        let round = &mut self.rounds[number];
        round.step = step;
        let Some((wait, job_id)) = round.job.clone() else { return };
        let input = CheckInput { wait, job_id, poll: round.poll };
        self.start(Role::Round(number, step), Step::Check, |ports, book| {
            let input = input.clone();
            async move { Returned::Check(check(&ports, book, input).await) }
        });
    }

    /// A wait inside the round is over, or before a retry.
    pub(super) fn round_goes_on(&mut self, number: usize, step: u64) {
        if !self.is_on(number, step) {
            return;
        }
        if self.rounds[number].job.is_some() { self.look(number) } else { self.submit_in_round(number) }
    }

    pub(super) fn is_on(&self, number: usize, step: u64) -> bool {
        self.rounds[number].step == step && self.rounds[number].handed_back.is_none()
    }

    /// The next look is so many seconds away.
    pub(super) fn wait_inside(&mut self, number: usize, seconds: u64, poll: PollState) {
        let step = self.step();
        let round = &mut self.rounds[number];
        (round.poll, round.step, round.retries) = (poll, step, Retries::default());
        self.after(seconds * SECOND, Event::RoundGoesOn(number, step));
    }

    /// A check returned.
    pub(super) fn checked(&mut self, number: usize, step: u64, checked: Result<Checked, StepError>) {
        if !self.is_on(number, step) {
            return;
        }
        match checked {
            Ok(Checked { action: Action::Wait, seconds, poll, settled: None }) => {
                self.wait_inside(number, seconds, poll);
            }
            Ok(Checked { action, seconds, poll, settled }) => {
                self.rounds[number].poll = poll;
                self.hand_back(number, HandedBack::Went(action, seconds, settled));
            }
            Err(error) => self.failed_in_round(number, step, caught(&error)),
        }
    }

    /// A step of a round gave no answer, or an error: it is tried again, or given up.
    pub(super) fn failed_in_round(&mut self, number: usize, step: u64, error: CaughtError) {
        if !self.is_on(number, step) {
            return;
        }
        let chance = self.world.state().chance.share();
        let round = &mut self.rounds[number];
        let is_submitted = round.job.is_some();
        let definition = Definition::get();
        let task = if is_submitted { &definition.check } else { &definition.submit_in_round };
        match task.retry(&error.error, &mut round.retries, chance) {
            Some(delay) => {
                let step = self.step();
                self.rounds[number].step = step;
                self.after(delay, Event::RoundGoesOn(number, step));
            }
            None if is_submitted => self.round_fails(number),
            None => self.not_submitted(number, error),
        }
    }

    /// A round fails, or its time is up.
    pub(super) fn round_fails(&mut self, number: usize) {
        if self.rounds[number].handed_back.is_none() {
            self.saw(Witness::RoundFailed);
            self.hand_back(number, HandedBack::Failed);
        }
    }

    pub(super) fn hand_back(&mut self, number: usize, what: HandedBack) {
        self.rounds[number].handed_back = Some(what);
        let delay = self.world.state().chance.between(1, 50);
        self.after(delay, Event::RoundReturns(number));
    }
}
