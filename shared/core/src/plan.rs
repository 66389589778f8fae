//! What `prepare` decides: whether a request can be sent at all, which wait it
//! becomes, and the bounds of everything that follows.

use crate::decide::round::{BreakEven, ROUND};
use crate::integration::{Bindings, Integration, Jobs, MissingValue, Strategy, scalar_text};
use crate::message::{Direct, Plan, PrepareInput, WaitRef};
use crate::request::submit_request;
use crate::wait::{Kept, WaitId, WaitRow};
use crate::{ErrorName, SecretValue, Timestamp, duration::signed};
use serde_json::Value;
use std::time::Duration;

/// History events that the main workflow may use for its rounds. Step Functions
/// fails an execution at 25,000; the rest is for everything else and for retries.
const HISTORY_FOR_ROUNDS: u64 = 20_000;

/// History events of one round with one retry of its Poll: entered, scheduled,
/// started, failed, scheduled, started, succeeded, exited; entered and exited
/// of the Choice and of the Wait.
const EVENTS_PER_ROUND: u64 = 12;

/// How often a submit that stands in line because of `[limits]` is tried again,
/// as the definition of the main workflow has it.
pub const RETRIES_IN_LINE: u64 = 40;

/// History events of all attempts in line: each is scheduled, started, on the
/// token path submitted, and fails.
const EVENTS_IN_LINE: u64 = RETRIES_IN_LINE * 4;

/// The most bytes of a payload as JSON, 64 KiB: it travels in the workflow's
/// state (256 KiB) beside the plan, and becomes part of one request.
pub const MAX_PAYLOAD_BYTES: usize = 64 * 1024;

/// The most characters of a caller's key, 64: it is part of the result's sort key
/// and stands in tables; the main workflow allows as many.
const MAX_KEY_CHARS: usize = 64;

/// Why a request was refused before anything was sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// The payload does not fill the integration's placeholders.
    #[error("integration {integration:?}: {missing}")]
    Payload {
        /// The integration.
        integration: String,
        /// What is missing.
        missing: MissingValue,
    },
    /// The payload is too large.
    #[error(
        "integration {integration:?}: the payload has {bytes} bytes, at most {MAX_PAYLOAD_BYTES} can be carried; pass a reference instead"
    )]
    PayloadTooLarge {
        /// The integration.
        integration: String,
        /// The payload's size as JSON, in bytes.
        bytes: usize,
    },
    /// The key is too long.
    #[error("the request's key has more than {MAX_KEY_CHARS} characters; use a shorter one")]
    KeyTooLong,
    /// The rounds would not fit into the history.
    #[error(
        "integration {integration:?}: up to {rounds} polling rounds in an execution of {requests} requests, but its history holds only {allowed} for each; raise schedule.interval, lower deadline, or send fewer requests"
    )]
    TooManyRounds {
        /// The integration.
        integration: String,
        /// Rounds that the schedule could take.
        rounds: u64,
        /// Requests that share the history.
        requests: u64,
        /// Rounds that each may take.
        allowed: u64,
    },
    /// The integration waits in another way than the states that were made for it.
    #[error(
        "integration {integration:?}: its file now waits by {now}, and this workflow's states were made for {made}; make them again with `stepwait fragment {integration}`. Nothing was sent"
    )]
    OtherWay {
        /// The integration.
        integration: String,
        /// How it waits now.
        now: &'static str,
        /// What the states do.
        made: &'static str,
    },
}

impl PlanError {
    /// The name under which the workflow sees the error.
    #[must_use]
    pub const fn name(&self) -> ErrorName {
        match self {
            Self::Payload { .. } | Self::PayloadTooLarge { .. } | Self::KeyTooLong => ErrorName::InvalidRequest,
            Self::TooManyRounds { .. } => ErrorName::TooManyRounds,
            Self::OtherWay { .. } => ErrorName::OutdatedFragment,
        }
    }
}

/// Checks a request and fixes its wait's identity, deadline and bounds.
///
/// # Errors
/// [`PlanError`], before anything was sent or stored.
pub fn plan(
    integration: &Integration,
    input: PrepareInput,
    now: Timestamp,
    break_even: BreakEven,
) -> Result<Plan, PlanError> {
    let wait = WaitRef::begun(integration, &input.execution_arn, &input.key, now, integration.deadline);
    check(integration, &wait, &input.payload)?;
    let requests = input.requests.max(1);
    let allowed = rounds_allowed(integration, requests);
    let rounds = rounds_at_most(integration, break_even);
    if rounds > allowed {
        return Err(PlanError::TooManyRounds { integration: integration.name.to_string(), rounds, requests, allowed });
    }
    let bounds = TokenBounds::of(integration);
    Ok(Plan {
        waiting_on: format!("{} by {} until {:.0}", integration.name, integration.strategy.as_str(), wait.deadline),
        strategy: integration.strategy,
        wait,
        payload: input.payload,
        timeout_seconds: bounds.timeout_seconds,
        // Step Functions wants a heartbeat that is shorter than the timeout, so where the
        // file counts on none, the one that never comes ends the wait at its deadline.
        heartbeat_seconds: bounds.heartbeat_seconds.unwrap_or(bounds.timeout_seconds - 1),
        max_rounds: rounds,
    })
}

/// Checks a request that a workflow of one's own makes without a plan, and fixes its
/// wait's identity and deadline. `with_token` says what its states were made for.
///
/// # Errors
/// [`PlanError`], before anything was sent or stored.
pub fn plan_direct(integration: &Integration, direct: &Direct, with_token: bool) -> Result<WaitRef, PlanError> {
    if with_token == (integration.strategy == Strategy::Poll) {
        let made = if with_token { "a task token" } else { "rounds of the nested workflow" };
        let now = integration.strategy.as_str();
        return Err(PlanError::OtherWay { integration: integration.name.to_string(), now, made });
    }
    let wait = direct_wait(integration, direct);
    check(integration, &wait, &direct.payload)?;
    Ok(wait)
}

/// The wait that a workflow of one's own began without a plan, by the file as it is now.
#[must_use]
pub fn direct_wait(integration: &Integration, direct: &Direct) -> WaitRef {
    let longest = integration.deadline.min(Duration::from_secs(direct.deadline_seconds));
    WaitRef::begun(integration, &direct.execution_arn, &direct.key, direct.started_at, longest)
}

impl WaitRef {
    /// The wait that begins then, goes by the file as it is now, and takes no longer than that.
    fn begun(
        integration: &Integration,
        execution_arn: &str,
        key: &str,
        started_at: Timestamp,
        longest: Duration,
    ) -> Self {
        Self {
            id: WaitId::derive(execution_arn, &integration.name, key),
            integration: integration.name.clone(),
            digest: integration.digest.clone(),
            key: key.to_owned(),
            execution_arn: execution_arn.to_owned(),
            started_at,
            deadline: started_at.saturating_add(signed(longest)).unwrap_or(Timestamp::MAX),
        }
    }

    /// The wait of that row; of the caller's key the row knows no more than the wait's id.
    #[must_use]
    pub fn of_row(row: &WaitRow, key: &str) -> Self {
        Self {
            id: row.id.clone(),
            integration: row.integration.clone(),
            digest: row.digest.clone(),
            key: key.to_owned(),
            execution_arn: row.execution_arn.clone(),
            started_at: row.started_at,
            deadline: row.deadline,
        }
    }
}

/// What a state that holds a token must be told of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TokenBounds {
    /// The state's timeout, in seconds: the token must not time out before the deadline.
    pub timeout_seconds: u64,
    /// The longest silence of a third party that tells how its jobs are doing, in seconds.
    pub heartbeat_seconds: Option<u64>,
}

impl TokenBounds {
    /// An integration's.
    #[must_use]
    pub fn of(integration: &Integration) -> Self {
        // A third party that is polled need send no events at all.
        let callback = integration.callback.as_ref().filter(|_| integration.strategy == Strategy::Callback);
        let silence = callback.and_then(|callback| callback.heartbeat);
        Self {
            timeout_seconds: deadline_seconds(integration) + 1,
            heartbeat_seconds: silence.map(|silence| silence.as_secs()),
        }
    }
}

/// An integration's deadline in whole seconds, rounded up.
#[must_use]
pub fn deadline_seconds(integration: &Integration) -> u64 {
    integration.deadline.as_secs() + u64::from(integration.deadline.subsec_nanos() > 0)
}

/// Checks a wait's key, and that its request can be made.
fn check(integration: &Integration, wait: &WaitRef, payload: &Value) -> Result<(), PlanError> {
    let name = || integration.name.to_string();
    if wait.key.chars().count() > MAX_KEY_CHARS {
        return Err(PlanError::KeyTooLong);
    }
    let bytes = payload.to_string().len();
    if bytes > MAX_PAYLOAD_BYTES {
        return Err(PlanError::PayloadTooLarge { integration: name(), bytes });
    }
    // The request is made once for nothing: what cannot be made later must not start now.
    let bindings = Bindings {
        payload,
        jobs: Jobs::Unknown,
        wait_id: Some(wait.id.as_str()),
        callback_url: Some("x"),
        kept: &Kept::default(),
        answer: None,
        secrets: &integration
            .submit
            .secrets()
            .into_iter()
            .map(|s| (s.to_owned(), SecretValue::new("x")))
            .collect::<Vec<_>>(),
    };
    let bad_payload = |missing| PlanError::Payload { integration: name(), missing };
    submit_request(integration, &integration.base_url, &bindings, None).map_err(bad_payload)?;
    for extract in integration.submit.of_payload() {
        if extract.find(payload).and_then(scalar_text).is_none() {
            return Err(bad_payload(MissingValue::Payload(extract.to_string())));
        }
    }
    Ok(())
}

/// Rounds that each of `requests` may take when they share one execution's history.
#[must_use]
pub fn rounds_allowed(integration: &Integration, requests: u64) -> u64 {
    let in_line = if integration.limits.is_some() { EVENTS_IN_LINE } else { 0 };
    (HISTORY_FOR_ROUNDS / requests.max(1)).saturating_sub(in_line) / EVENTS_PER_ROUND
}

/// Rounds of the nested workflow that a workflow of one's own may take for one wait.
/// Its first round submits, which may take all of it.
///
/// # Errors
/// [`PlanError::TooManyRounds`], if an execution's history does not hold them and
/// those that stand in line.
pub fn rounds_of_fragment(integration: &Integration, break_even: BreakEven) -> Result<u64, PlanError> {
    let rounds = rounds_at_most(integration, break_even) + 1;
    let in_line = if integration.limits.is_some() { RETRIES_IN_LINE } else { 0 };
    let allowed = (HISTORY_FOR_ROUNDS / EVENTS_PER_ROUND).saturating_sub(in_line);
    if rounds > allowed {
        return Err(PlanError::TooManyRounds {
            integration: integration.name.to_string(),
            rounds,
            requests: 1,
            allowed,
        });
    }
    Ok(rounds)
}

/// Rounds of the nested workflow that one wait may take at most.
#[must_use]
pub fn rounds_at_most(integration: &Integration, break_even: BreakEven) -> u64 {
    match integration.strategy {
        Strategy::Callback | Strategy::Pooled => 0,
        Strategy::Poll => integration.schedule.rounds_at_most(integration.deadline, break_even.longest_inside(), ROUND),
    }
}

#[cfg(test)]
#[path = "plan_tests.rs"]
mod tests;
