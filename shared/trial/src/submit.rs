//! Starting the job: `shared/flow/src/submit/send.rs`, for one attempt after the
//! other and without a table.

use crate::event::{Event, Leg, Observer};
use crate::outside::Watched;
use crate::time::{Pause, Time};
use crate::trial::{Ended, TrialError};
use std::time::Duration;
use stepwait_core::ErrorName;
use stepwait_core::SecretValue;
use stepwait_core::answer::Answer;
use stepwait_core::decide::check::Verdict;
use stepwait_core::decide::submit::{Found, SubmitVerdict, TakenJob, read, read_look_up, without_request};
use stepwait_core::integration::{Bindings, Jobs, LookUp, WhenUnknown};
use stepwait_core::request::{look_up_request, submit_request};
use stepwait_core::wait::{Kept, OutcomeKind};
use stepwait_flow::ports::{Secrets, ThirdParty};
use stepwait_flow::third_party::{collect_result, exchange};

/// How often the request is sent at most, three times: a workflow has more
/// patience, but somebody who looks on wants to know.
const ATTEMPTS: u32 = 3;

/// The pause before the second attempt, 2 seconds, as in the main workflow; it
/// doubles before the third.
const FIRST_PAUSE: Duration = Duration::from_secs(2);

/// A job to watch.
pub(crate) struct Taken {
    pub(crate) job: TakenJob,
    pub(crate) retry_after: Option<Duration>,
}

/// What an attempt came to.
enum Attempt {
    Taken(Taken),
    Ended(OutcomeKind),
    /// There is no job.
    NotTaken(String),
    /// There may be a job.
    Unknown(String),
}

impl<T: ThirdParty, S: Secrets, C: Time, O: Observer> Watched<'_, T, S, C, O> {
    /// Starts the job: it was taken, or the trial has ended.
    pub(crate) async fn submit(&self) -> Result<Result<Taken, Ended>, TrialError> {
        let trial = self.trial;
        let mut secrets = Vec::new();
        for name in trial.integration.submit.secrets() {
            secrets.push((
                name.to_owned(),
                self.secret(name).await.map_err(stepwait_flow::third_party::ExchangeError::from)?,
            ));
        }
        let mut is_known = true;
        let mut pause = FIRST_PAUSE;
        for attempt in 1..=ATTEMPTS {
            let (why, certain) = match self.attempt(&secrets, is_known).await? {
                Attempt::Taken(taken) => {
                    let kept = taken.job.kept.names().map(str::to_owned).collect();
                    self.tell(&Event::Taken { job_id: self.world.veil.hide(taken.job.id.as_str()), kept });
                    return Ok(Ok(taken));
                }
                Attempt::Ended(kind) => return Ok(Err(Ended { kind, job_id: None, checks: 0 })),
                Attempt::NotTaken(why) => (why, true),
                Attempt::Unknown(why) => (why, false),
            };
            is_known = certain;
            self.tell(&Event::NotTaken { why: self.world.veil.hide(&why), certain });
            if attempt == ATTEMPTS {
                let integration = trial.integration.name.to_string();
                let fate = if certain { "was not started" } else { "may have been started" };
                return Err(TrialError::NotStarted { integration, why, fate, attempts: ATTEMPTS });
            }
            self.tell(&Event::Waiting { seconds: pause.as_secs(), asked: false });
            if self.world.time.pause(pause).await == Pause::Stop {
                break;
            }
            pause *= 2;
        }
        let why =
            if is_known { "stopped before the job was started" } else { "stopped; the job may have been started" };
        Ok(Err(Ended { kind: OutcomeKind::cancelled(why), job_id: None, checks: 0 }))
    }

    /// One attempt. `is_known`: whether it is certain that the one before it started nothing.
    async fn attempt(&self, secrets: &[(String, SecretValue)], is_known: bool) -> Result<Attempt, TrialError> {
        let trial = self.trial;
        let integration = trial.integration;
        let bindings = Bindings {
            payload: &trial.payload,
            jobs: Jobs::Unknown,
            wait_id: Some(trial.wait.id.as_str()),
            callback_url: trial.options.callback_url.as_deref(),
            kept: &Kept::default(),
            answer: None,
            secrets,
        };
        let refused = |name, why: &str| Ok(Attempt::Ended(OutcomeKind::failed(name, why)));
        match &integration.submit.when_unknown {
            WhenUnknown::LookUp(look_up) if !is_known => match self.find(look_up, &bindings).await? {
                Found::Job(job) => return Ok(Attempt::Taken(Taken { job, retry_after: None })),
                Found::Nothing => {}
                Found::Unknown(why) => return Ok(Attempt::Unknown(why)),
            },
            WhenUnknown::LookUp(_) | WhenUnknown::Resend | WhenUnknown::Fail => {}
        }
        let request = match submit_request(integration, &trial.base_url, &bindings, Some(&trial.wait.id)) {
            Ok(Some(request)) => request,
            Ok(None) => {
                self.tell(&Event::NothingToSend);
                return match without_request(integration, &trial.payload) {
                    Ok(job) => Ok(Attempt::Taken(Taken { job, retry_after: None })),
                    Err(why) => refused(ErrorName::InvalidRequest, &why),
                };
            }
            Err(missing) => return refused(ErrorName::InvalidRequest, &missing.to_string()),
        };
        self.asks(Leg::Submit);
        let received = exchange(self, integration, request).await?;
        match read(integration, &received, &trial.payload, self.world.time.now()) {
            SubmitVerdict::Taken { job, retry_after } => Ok(Attempt::Taken(Taken { job, retry_after })),
            SubmitVerdict::Done(job) => match &received {
                Ok(answer) => self.done(job, answer, &bindings).await,
                Err(error) => Ok(Attempt::Unknown(error.to_string())),
            },
            SubmitVerdict::NotTaken(why) => Ok(Attempt::NotTaken(why)),
            SubmitVerdict::Unknown(why) => match &integration.submit.when_unknown {
                WhenUnknown::Resend | WhenUnknown::LookUp(_) => Ok(Attempt::Unknown(why)),
                WhenUnknown::Fail => refused(
                    ErrorName::SubmitUnknown,
                    &format!(
                        "{why}; the job may have been started. It is not sent again, as the integration gives no safe way to (submit.idempotency_header, submit.when_unknown)"
                    ),
                ),
            },
            SubmitVerdict::Refused(name, why) => refused(name, &why),
        }
    }

    /// Looks whether the job exists.
    async fn find(&self, look_up: &LookUp, bindings: &Bindings<'_>) -> Result<Found, TrialError> {
        let integration = self.trial.integration;
        match look_up_request(integration, look_up, &self.trial.base_url, bindings) {
            Err(missing) => Ok(Found::Unknown(missing.to_string())),
            Ok(request) => {
                self.asks(Leg::LookUp);
                let received = exchange(self, integration, request).await?;
                Ok(read_look_up(integration, look_up, &received, bindings.payload))
            }
        }
    }

    /// The third party has done the job at once.
    async fn done(
        &self,
        job: Option<TakenJob>,
        answer: &Answer,
        bindings: &Bindings<'_>,
    ) -> Result<Attempt, TrialError> {
        self.tell(&Event::DoneAtOnce);
        let nothing_kept = Kept::default();
        let bindings = Bindings {
            jobs: job.as_ref().map_or(Jobs::Unknown, |job| Jobs::One(job.id.as_str())),
            kept: job.as_ref().map_or(&nothing_kept, |job| &job.kept),
            ..*bindings
        };
        self.asks(Leg::Result);
        let (integration, base_url, now) = (self.trial.integration, &self.trial.base_url, self.world.time.now());
        match collect_result(self, integration, base_url, &bindings, answer, true, now).await? {
            Verdict::Ended(kind) => Ok(Attempt::Ended(kind)),
            verdict @ (Verdict::Pending { .. } | Verdict::AskAgain { .. } | Verdict::Refused { .. }) => match job {
                // The result will be there when the job is looked at.
                Some(job) => Ok(Attempt::Taken(Taken { job, retry_after: None })),
                None => {
                    let why = match verdict {
                        Verdict::AskAgain { reason, .. } | Verdict::Refused { reason, .. } => reason,
                        Verdict::Pending { .. } | Verdict::Ended(_) => {
                            "the job is done, but there is no result".to_owned()
                        }
                    };
                    Ok(Attempt::Ended(OutcomeKind::failed(ErrorName::BadAnswer, &why)))
                }
            },
        }
    }
}
