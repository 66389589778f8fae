//! Workflows of one's own, made of the states that `stepwait fragment` prints: their
//! waits have no plan, and all they tell `submit` and `close` stands in the definition. Those
//! of one execution are items of one Map, which differ by their places alone.

use super::Run;
use super::process::{Returned, Role};
use super::round::{HandedBack, NotSubmitted};
use super::terms::{Terms, Unplanned};
use super::turns::caught;
use super::workflow::Stage;
use crate::definition::Own;
use crate::fault::{Step, Witness};
use crate::mistake::Mistake;
use crate::time::shown;
use ring::digest::{SHA256, digest};
use serde_json::json;
use stepwait_core::ErrorName;
use stepwait_core::message::{Action, Attempt, CaughtError, Direct, DirectClose, DirectSubmit, SubmitAnswer};
use stepwait_core::wait::WaitId;
use stepwait_flow::StepError;
use stepwait_flow::close::close_direct;
use stepwait_flow::submit::submit_direct;

/// The longest that a round's submit stays away in line, 600 seconds, and the base and
/// the growth of the time before, as the nested workflow's `Submit` has them.
const LONGEST_IN_LINE_S: f64 = 600.0;
const FIRST_IN_LINE_S: f64 = 10.0;
const GROWTH_IN_LINE: f64 = 1.5;

impl Run<'_> {
    /// An execution reaches the state that waits.
    pub(super) fn begin_own(&mut self, number: usize) {
        let (integration, execution) = (self.workflows[number].integration, self.workflows[number].execution);
        let shares = |other: &&super::Workflow| (other.integration, other.execution) == (integration, execution);
        if self.workflows.iter().filter(shares).count() > 1 {
            self.saw(Witness::ApartByPlace);
        }
        let states = Own::get(integration);
        self.enter(number, if states.has_token { Stage::Submitting } else { Stage::Polling });
        let place = (self.world.state().mistake != Some(Mistake::KeyWithoutPlace)).then_some(number);
        let direct = Direct {
            integration: states.integration.to_string(),
            key: key(&states.state, place),
            payload: json!({}),
            execution_arn: self.arn(execution),
            started_at: shown(self.workflows[number].entered_at, 0),
            deadline_seconds: states.deadline_seconds,
        };
        let id = WaitId::derive(&direct.execution_arn, &states.integration, &direct.key);
        self.workflows[number].terms = Some(Terms::Own(Box::new(Unplanned { states, direct, id })));
        self.act(number);
    }

    /// What an attempt tells of the wait.
    pub(super) fn told(&self, own: &Unplanned, attempt: u64) -> Direct {
        let mut direct = own.direct.clone();
        if attempt > 0 && self.world.state().mistake == Some(Mistake::KeyOfEachAttempt) {
            direct.key = format!("{}-{attempt}", direct.key);
        }
        direct
    }

    /// Submits, for whoever waits for that.
    pub(super) fn submit_unplanned(&mut self, role: Role, step: Step, input: &DirectSubmit) {
        self.start(role, step, |ports, book| {
            let input = input.clone();
            async move { Returned::Submit(submit_direct(&ports, book, input).await) }
        });
    }

    pub(super) fn close_unplanned(&mut self, role: Role, input: &DirectClose) {
        self.start(role, Step::CloseUnplanned, |ports, book| {
            let input = input.clone();
            async move { Returned::Close(close_direct(&ports, book, input).await) }
        });
    }

    /// A round submits, for the first time or again.
    pub(super) fn submit_in_round(&mut self, number: usize) {
        let step = self.step();
        let round = &mut self.rounds[number];
        round.step = step;
        let Some((own, _)) = round.submit.clone() else { return };
        let (began_at, retry_count) = (shown(round.began_at, 0), round.retries.count());
        let earlier = self.rounds[..number].iter().filter(|other| other.workflow == self.rounds[number].workflow);
        let earlier = u64::try_from(earlier.count()).unwrap_or(u64::MAX);
        let input = DirectSubmit {
            direct: self.told(&own, retry_count + earlier),
            attempt: Attempt { entered_at: began_at, retry_count },
            token: None,
            round_started_at: Some(began_at),
        };
        self.submit_unplanned(Role::Round(number, step), Step::SubmitInRound, &input);
    }

    /// A submit in a round returned.
    pub(super) fn submitted_in_round(&mut self, number: usize, step: u64, answer: Result<SubmitAnswer, StepError>) {
        if !self.is_on(number, step) {
            return;
        }
        let workflow = self.rounds[number].workflow;
        match answer {
            Ok(SubmitAnswer { wait: Some(wait), job_id: Some(job_id), action, seconds, poll }) => {
                if self.workflows[workflow].terms.as_ref().is_some_and(|terms| *terms.id() != wait.id) {
                    return self.unexpected("a round's submit answers with the wait of another item");
                }
                if self.rounds[..number].iter().any(|other| other.workflow == workflow && other.job.is_some()) {
                    self.saw(Witness::SubmittedAgain);
                }
                let round = &mut self.rounds[number];
                (round.job, round.poll) = (Some((wait, job_id)), poll);
                match action {
                    Action::Wait => self.wait_inside(number, seconds, poll),
                    Action::Leave => self.hand_back(number, HandedBack::Went(action, seconds, None)),
                    Action::Done | Action::Expired | Action::Exhausted => {
                        self.unexpected("a round's submit ends what it has only begun");
                    }
                }
            }
            Ok(_) => self.unexpected("in a round a submit that returns names its wait and its job"),
            Err(error) => self.failed_in_round(number, step, caught(&error)),
        }
    }

    /// A round ends without a job, as its submit was not let in or cannot be made.
    pub(super) fn not_submitted(&mut self, number: usize, error: CaughtError) {
        let in_line = self.rounds[number].submit.as_ref().map_or(0, |(_, in_line)| *in_line);
        let back = if error.error == ErrorName::AtCapacity.as_str() {
            self.saw(Witness::AtCapacity);
            self.saw(Witness::RoundInLine);
            let longest = GROWTH_IN_LINE.powf(as_f64(in_line)) * FIRST_IN_LINE_S;
            let seconds = (self.world.state().chance.share() * longest.min(LONGEST_IN_LINE_S)).ceil().max(1.0);
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "at most 600")]
            NotSubmitted { in_line_for: Some(seconds as u64), in_line: in_line + 1, error }
        } else {
            self.saw(Witness::RoundRefused);
            NotSubmitted { in_line_for: None, in_line, error }
        };
        self.hand_back(number, HandedBack::NotSubmitted(back));
    }
}

#[expect(clippy::cast_precision_loss, reason = "at most 41")]
fn as_f64(rounds: u64) -> f64 {
    rounds as f64
}

/// The key of a Map's item, as the printed states make it: how the state is called,
/// and a hash of that, of the item's place, and of its input, which all items share here.
fn key(state: &str, place: Option<usize>) -> String {
    let place = place.map_or_else(String::new, |place| place.to_string());
    let hash = digest(&SHA256, format!("{state}#{place}{{}}").as_bytes());
    let hex: String = hash.as_ref().iter().take(10).map(|byte| format!("{byte:02x}")).collect();
    format!("{state}-{hex}")
}
