//! Watching the job: `shared/flow/src/check.rs` again and again, and
//! `close.rs` where the wait is given up.

use crate::event::{Event, Leg, Meaning, Observer};
use crate::outside::Watched;
use crate::submit::Taken;
use crate::time::{Pause, Time};
use crate::trial::{Ended, TrialError};
use std::time::Duration;
use stepwait_core::decide::check::{Rule, Seen, Verdict};
use stepwait_core::decide::round::{BreakEven, Next, Position, begin, next};
use stepwait_core::message::Action;
use stepwait_core::request::{Job, status_request};
use stepwait_core::wait::OutcomeKind;
use stepwait_core::{ErrorName, Timestamp};
use stepwait_flow::ports::{Secrets, ThirdParty};
use stepwait_flow::third_party::{cancel, look};

/// What was seen of the job so far.
#[derive(Default)]
struct Tally {
    checks: u32,
    /// Looks in a row without a usable answer.
    failures: u32,
    /// Looks in a row that were refused.
    refusals: u32,
}

/// Why the wait is given up, and whether the job is looked at once more before.
struct GivingUp {
    kind: OutcomeKind,
    looks_again: bool,
}

impl<T: ThirdParty, S: Secrets, C: Time, O: Observer> Watched<'_, T, S, C, O> {
    /// Looks at the job until it has ended, or the wait is given up.
    pub(crate) async fn watch(&self, taken: Taken) -> Result<Ended, TrialError> {
        let submitted_at = self.world.time.now();
        let mut tally = Tally::default();
        let job = Job { wait_id: Some(&self.trial.wait.id), job_id: taken.job.id.as_str(), kept: &taken.job.kept };
        let first = begin(
            &self.trial.integration.schedule,
            taken.retry_after,
            self.trial.wait.deadline,
            submitted_at,
            BreakEven::default(),
            self.world.time.random(),
        );
        let ended = |kind, tally: &Tally| Ended { kind, job_id: Some(taken.job.id.clone()), checks: tally.checks };
        let mut delay = (first.seconds, taken.retry_after.is_some());
        loop {
            let given_up = match self.wait(delay, submitted_at, &tally).await {
                Some(giving_up) => giving_up,
                None => {
                    let verdict = self.look(job, Some(submitted_at), &mut tally).await?;
                    if let Some(kind) = self.judge(&verdict, &mut tally) {
                        if !matches!(verdict, Verdict::Ended(_)) {
                            // The wait has ended without its job.
                            self.call_off(job, &kind).await;
                        }
                        return Ok(ended(kind, &tally));
                    }
                    match self.next(&verdict, submitted_at, &tally) {
                        Ok(seconds) => {
                            delay = (seconds, verdict.retry_after().is_some());
                            continue;
                        }
                        Err(giving_up) => giving_up,
                    }
                }
            };
            if given_up.looks_again
                && let Verdict::Ended(kind) = self.look(job, None, &mut tally).await?
            {
                return Ok(ended(kind, &tally));
            }
            self.call_off(job, &given_up.kind).await;
            return Ok(ended(given_up.kind, &tally));
        }
    }

    /// Waits for the next look; something, if the wait is given up instead.
    async fn wait(&self, (seconds, asked): (u64, bool), submitted_at: Timestamp, tally: &Tally) -> Option<GivingUp> {
        let options = &self.trial.options;
        if options.most_checks.is_some_and(|most| tally.checks >= most) {
            return Some(GivingUp::cancelled(&format!("not done after {} looks, as asked", tally.checks)));
        }
        let now = self.world.time.now();
        let spent = Duration::try_from(now.duration_since(submitted_at)).unwrap_or_default();
        let room = options.cancel_after.map(|after| after.saturating_sub(spent));
        let planned = Duration::from_secs(seconds);
        let pause = room.map_or(planned, |room| room.min(planned));
        self.tell(&Event::Waiting { seconds: pause.as_secs(), asked: asked && pause == planned });
        if self.world.time.pause(pause).await == Pause::Stop {
            return Some(GivingUp::cancelled("stopped"));
        }
        if room.is_some_and(|room| room <= planned) {
            return Some(GivingUp::cancelled("not done in time, as asked"));
        }
        let deadline = self.trial.wait.deadline;
        (self.world.time.now() >= deadline)
            .then(|| GivingUp { kind: OutcomeKind::expired(&format!("not done by {deadline}")), looks_again: true })
    }

    /// Looks at the job once.
    async fn look(
        &self,
        job: Job<'_>,
        submitted_at: Option<Timestamp>,
        tally: &mut Tally,
    ) -> Result<Verdict, TrialError> {
        let trial = self.trial;
        let since = submitted_at.and_then(|at| Duration::try_from(self.world.time.now().duration_since(at)).ok());
        if let Ok(request) = status_request(trial.integration, &trial.base_url, job) {
            self.looks(request);
        }
        let looked = look(self, trial.integration, &trial.base_url, job, since).await;
        let looked = looked.map_err(|error| TrialError::Look(self.world.veil.hide(&error.to_string())))?;
        tally.checks = tally.checks.saturating_add(1);
        self.tell(&self.looked(&looked.verdict, looked.seen, tally.checks));
        Ok(looked.verdict)
    }

    fn looked(&self, verdict: &Verdict, seen: Seen, check: u32) -> Event {
        let veil = self.world.veil;
        let (meaning, reason) = match verdict {
            Verdict::Pending { .. } => (Meaning::Pending, None),
            Verdict::AskAgain { reason, .. } => (Meaning::AskAgain, Some(veil.hide(reason))),
            Verdict::Refused { reason, .. } => (Meaning::Refused, Some(veil.hide(reason))),
            Verdict::Ended(_) => (Meaning::Ended, None),
        };
        let rule = self.rule(seen.rule);
        let [value, progress] = [seen.value, seen.progress].map(|text| text.map(|text| veil.hide(&text)));
        Event::Looked { check, meaning, rule, value, progress, reason }
    }

    /// The rule in the words of the file.
    fn rule(&self, rule: Rule) -> String {
        let accept = &self.trial.integration.status.accept;
        match rule {
            Rule::Acceptor(n) => {
                let when = n.checked_sub(1).and_then(|n| accept.get(n)).map(|acceptor| acceptor.when.to_string());
                format!("status.accept {n}: {}", when.unwrap_or_default())
            }
            Rule::Listed => "the status is listed".to_owned(),
            Rule::Unlisted => "the status is not listed; status.unknown".to_owned(),
            Rule::MissingGrace => "errors.missing_grace".to_owned(),
            Rule::Errors => "errors".to_owned(),
            Rule::Nothing => "no rule speaks of it".to_owned(),
        }
    }

    /// Whether the wait has ended by what a look found.
    fn judge(&self, verdict: &Verdict, tally: &mut Tally) -> Option<OutcomeKind> {
        let errors = &self.trial.integration.errors;
        match verdict {
            Verdict::Ended(kind) => Some(kind.clone()),
            Verdict::Pending { .. } => {
                (tally.failures, tally.refusals) = (0, 0);
                None
            }
            Verdict::AskAgain { reason, .. } => {
                tally.failures = tally.failures.saturating_add(1);
                let is_over = errors.budget.is_some_and(|budget| tally.failures >= budget);
                is_over.then(|| OutcomeKind::failed(ErrorName::ThirdPartyUnavailable, reason))
            }
            Verdict::Refused { reason, .. } => {
                tally.refusals = tally.refusals.saturating_add(1);
                let is_over = tally.refusals >= errors.refusals;
                is_over.then(|| OutcomeKind::failed(ErrorName::CheckRefused, reason))
            }
        }
    }

    /// How many seconds until the next look, unless there is none.
    fn next(&self, verdict: &Verdict, submitted_at: Timestamp, tally: &Tally) -> Result<u64, GivingUp> {
        let (time, schedule) = (self.world.time, &self.trial.integration.schedule);
        let now = time.now();
        // Rounds are the workflow's: whether a pause is spent inside one or not makes no difference here.
        let position = Position {
            checks: tally.checks,
            submitted_at: Some(submitted_at),
            round_started_at: now,
            deadline: self.trial.wait.deadline,
            now,
            break_even: BreakEven::default(),
        };
        let Next { action, seconds } = next(schedule, verdict, position, time.random());
        match action {
            Action::Wait | Action::Leave => Ok(seconds),
            Action::Exhausted => {
                let why = format!("the job was not done after {} looks (schedule.checks)", tally.checks);
                Err(GivingUp { kind: OutcomeKind::failed(ErrorName::RoundsExhausted, &why), looks_again: true })
            }
            Action::Expired | Action::Done => {
                let kind = OutcomeKind::expired(&format!("not done by {}", self.trial.wait.deadline));
                Err(GivingUp { kind, looks_again: true })
            }
        }
    }

    /// Calls the job off, if the third party can.
    async fn call_off(&self, job: Job<'_>, kind: &OutcomeKind) {
        let why = match kind {
            OutcomeKind::Expired { reason }
            | OutcomeKind::Cancelled { reason }
            | OutcomeKind::Failed { reason, .. } => reason.clone(),
            OutcomeKind::Succeeded { .. } => String::new(),
        };
        self.tell(&Event::GivenUp { why });
        self.asks(Leg::Cancel);
        let called_off = cancel(self, self.trial.integration, &self.trial.base_url, job).await;
        let (status, why_not) = match called_off {
            Ok(status) => (status, None),
            Err(why) => (None, Some(self.world.veil.hide(&why))),
        };
        self.tell(&Event::CalledOff { status, why_not });
    }
}

impl GivingUp {
    fn cancelled(why: &str) -> Self {
        Self { kind: OutcomeKind::cancelled(why), looks_again: false }
    }
}
