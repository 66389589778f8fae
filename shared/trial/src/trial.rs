//! What is tried, and how far.

use crate::event::{Event, Observer};
use crate::fixture::{Names, Tape};
use crate::outside::Watched;
use crate::time::Time;
use crate::veil::Veil;
use serde_json::Value;
use std::time::Duration;
use stepwait_core::Timestamp;
use stepwait_core::integration::Integration;
use stepwait_core::message::{PrepareInput, WaitRef};
use stepwait_core::plan::{PlanError, plan};
use stepwait_core::wait::{JobId, OutcomeKind};
use stepwait_flow::ports::{Secrets, ThirdParty};
use stepwait_flow::third_party::ExchangeError;
use url::Url;

/// How far a trial goes, and where.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Where the third party's API is instead: a sandbox, or this machine.
    pub base_url: Option<Url>,
    /// Where the third party is told to send its webhooks.
    pub callback_url: Option<String>,
    /// Call the job off after this long, if it has not ended.
    pub cancel_after: Option<Duration>,
    /// Call the job off after this many looks.
    pub most_checks: Option<u32>,
}

/// One request to one integration, checked as `prepare` checks it.
#[derive(Clone, Debug)]
pub struct Trial<'i> {
    pub(crate) integration: &'i Integration,
    pub(crate) payload: Value,
    pub(crate) wait: WaitRef,
    pub(crate) base_url: Url,
    pub(crate) options: Options,
}

/// Whom a trial calls, what time it is there, and who is told.
#[derive(Clone, Copy, Debug)]
pub struct World<'a, T, S, C, O> {
    /// Who answers requests.
    pub third_party: &'a T,
    /// The secrets.
    pub secrets: &'a S,
    /// The clock.
    pub time: &'a C,
    /// Who is told.
    pub observer: &'a O,
    /// What must not be shown.
    pub veil: &'a Veil,
    /// Where exchanges are kept, if they are.
    pub tape: Option<&'a Tape>,
}

/// How a trial ended.
#[derive(Clone, Debug, PartialEq)]
pub struct Ended {
    /// How the wait ended; the result is as the third party sent it.
    pub kind: OutcomeKind,
    /// The third party's job, if it took one.
    pub job_id: Option<JobId>,
    /// How often it was looked at.
    pub checks: u32,
}

/// Why a trial ended without an outcome.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TrialError {
    /// A request could not be made: a secret or a token is missing.
    #[error(transparent)]
    Exchange(#[from] ExchangeError),
    /// The job could not be started.
    #[error("{integration}: {why}; after {attempts} attempts the job {fate}")]
    NotStarted {
        /// The integration.
        integration: String,
        /// Why the last attempt failed.
        why: String,
        /// What is known of the job.
        fate: &'static str,
        /// How many attempts there were.
        attempts: u32,
    },
    /// A request of a job that was started could not be made.
    #[error("{0}")]
    Look(String),
}

impl<'i> Trial<'i> {
    /// Checks a request. `run` makes the wait's id, by which the third party
    /// tells this trial from others.
    ///
    /// # Errors
    /// [`PlanError`], as `prepare` would refuse the request.
    pub fn new(
        integration: &'i Integration,
        payload: Value,
        run: &str,
        options: Options,
        now: Timestamp,
    ) -> Result<Self, PlanError> {
        let input = PrepareInput {
            integration: integration.name.to_string(),
            payload,
            key: "try".to_owned(),
            execution_arn: run.to_owned(),
            requests: 1,
        };
        let plan = plan(integration, input, now, stepwait_core::decide::round::BreakEven::default())?;
        let base_url = options.base_url.clone().unwrap_or_else(|| integration.base_url.clone());
        Ok(Self { integration, payload: plan.payload, wait: plan.wait, base_url, options })
    }

    /// The names of the secrets that its requests need, each once.
    #[must_use]
    pub fn secrets(&self) -> Vec<&'i str> {
        let mut names = self.integration.auth.iter().flat_map(|auth| auth.secrets()).collect::<Vec<_>>();
        names.extend(self.integration.submit.secrets());
        names.sort_unstable();
        names.dedup();
        names
    }

    /// What is written in recordings for what differs from run to run.
    #[must_use]
    pub fn names(&self) -> Names {
        Names { wait_id: self.wait.id.to_string(), callback_url: self.options.callback_url.clone() }
    }

    /// The payload.
    #[must_use]
    pub const fn payload(&self) -> &Value {
        &self.payload
    }

    /// Runs it to its end.
    ///
    /// # Errors
    /// [`TrialError`] if the job could not be started, or not be looked at.
    pub async fn run<T: ThirdParty, S: Secrets, C: Time, O: Observer>(
        &self,
        world: &World<'_, T, S, C, O>,
    ) -> Result<Ended, TrialError> {
        let watched = Watched::new(world, self);
        let ended = match watched.submit().await? {
            Ok(taken) => watched.watch(taken).await?,
            Err(ended) => ended,
        };
        watched.tell(&Event::Ended { end: watched.veiled(&ended.kind), checks: ended.checks });
        Ok(ended)
    }
}
