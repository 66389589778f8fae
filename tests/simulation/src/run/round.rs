//! Rounds: nested Express executions, which check a job until they hand back to
//! their workflow. A round whose workflow lost sight of it runs on.

use super::Run;
use super::process::{Returned, Role};
use crate::definition::{Definition, Retries};
use crate::fault::{Mishap, Step, Witness};
use crate::time::SECOND;
use crate::world::Event;
use stepwait_core::message::{Action, CheckInput, Checked, PollState, Settled, WaitRef};
use stepwait_core::wait::JobId;
use stepwait_flow::StepError;
use stepwait_flow::check::check;

/// One round.
#[derive(Clone, Debug)]
pub(super) struct Round {
    pub(super) workflow: usize,
    wait: WaitRef,
    job_id: JobId,
    pub(super) poll: PollState,
    step: u64,
    retries: Retries,
    /// What it handed back; `None` while it goes on.
    pub(super) handed_back: Option<HandedBack>,
}

/// What a round hands back.
#[derive(Clone, Debug)]
pub(super) enum HandedBack {
    /// What to do, and for how many seconds not to.
    Went(Action, u64, Option<Settled>),
    /// It failed, or its time was up.
    Failed,
}

impl Run<'_> {
    /// Begins a round with what is to be done first; `None` if none could be started.
    pub(super) fn begin_round(
        &mut self,
        workflow: usize,
        wait: WaitRef,
        job_id: JobId,
        (action, seconds): (Option<Action>, u64),
        poll: PollState,
    ) -> Option<usize> {
        let mishap = self.draw_mishap(Step::Round);
        if mishap == Some(Mishap::NotStarted) {
            return None;
        }
        let number = self.rounds.len();
        let step = self.step();
        let retries = Retries::default();
        self.rounds.push(Round { workflow, wait, job_id, poll, step, retries, handed_back: None });
        self.after(Definition::get().round_ms, Event::RoundTimesOut(number));
        match action {
            Some(Action::Wait) => self.after(seconds * SECOND, Event::RoundGoesOn(number, step)),
            None => self.look(number),
            Some(action) => self.hand_back(number, HandedBack::Went(action, seconds, None)),
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
        let input = CheckInput { wait: round.wait.clone(), job_id: round.job_id.clone(), poll: round.poll };
        self.start(Role::Round(number, step), Step::Check, |ports, book| {
            let input = input.clone();
            async move { Returned::Check(check(&ports, book, input).await) }
        });
    }

    /// A wait inside the round is over, or before a retry.
    pub(super) fn round_goes_on(&mut self, number: usize, step: u64) {
        if self.is_on(number, step) {
            self.look(number);
        }
    }

    fn is_on(&self, number: usize, step: u64) -> bool {
        self.rounds[number].step == step && self.rounds[number].handed_back.is_none()
    }

    /// A check returned.
    pub(super) fn checked(&mut self, number: usize, step: u64, checked: Result<Checked, StepError>) {
        if !self.is_on(number, step) {
            return;
        }
        match checked {
            Ok(Checked { action: Action::Wait, seconds, poll, settled: None }) => {
                let step = self.step();
                let round = &mut self.rounds[number];
                (round.poll, round.step, round.retries) = (poll, step, Retries::default());
                self.after(seconds * SECOND, Event::RoundGoesOn(number, step));
            }
            Ok(Checked { action, seconds, poll, settled }) => {
                self.rounds[number].poll = poll;
                self.hand_back(number, HandedBack::Went(action, seconds, settled));
            }
            Err(error) => self.check_failed(number, step, error.name.as_str()),
        }
    }

    /// A check gave no answer, or an error.
    pub(super) fn check_failed(&mut self, number: usize, step: u64, error: &str) {
        if !self.is_on(number, step) {
            return;
        }
        let chance = self.world.state().chance.share();
        match Definition::get().check.retry(error, &mut self.rounds[number].retries, chance) {
            Some(delay) => {
                let step = self.step();
                self.rounds[number].step = step;
                self.after(delay, Event::RoundGoesOn(number, step));
            }
            None => self.round_fails(number),
        }
    }

    /// A round fails, or its time is up.
    pub(super) fn round_fails(&mut self, number: usize) {
        if self.rounds[number].handed_back.is_none() {
            self.saw(Witness::RoundFailed);
            self.hand_back(number, HandedBack::Failed);
        }
    }

    fn hand_back(&mut self, number: usize, what: HandedBack) {
        self.rounds[number].handed_back = Some(what);
        let delay = self.world.state().chance.between(1, 50);
        self.after(delay, Event::RoundReturns(number));
    }
}
