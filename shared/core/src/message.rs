//! The contract between functions and state machines: what each passes to the
//! other. A state machine knows the functions by these names only, and a test
//! of the definitions compares both sides.

use crate::integration::{IntegrationName, Strategy};
use crate::wait::{Generation, JobId, Outcome, WaitId};
use crate::{ErrorName, TaskToken, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What identifies a wait and bounds it; carried through the whole workflow.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaitRef {
    /// The wait.
    pub id: WaitId,
    /// The integration.
    pub integration: IntegrationName,
    /// The version of its file that the wait started with.
    pub digest: String,
    /// The caller's key for the request, unique within the execution.
    pub key: String,
    /// The execution that waits.
    pub execution_arn: String,
    /// When the wait began.
    pub started_at: Timestamp,
    /// When the wait is given up.
    pub deadline: Timestamp,
}

/// To `prepare`.
#[derive(Clone, Debug, Deserialize)]
pub struct PrepareInput {
    /// The integration's name, unchecked.
    pub integration: String,
    /// The caller's payload.
    #[serde(default)]
    pub payload: Value,
    /// The caller's key for the request.
    pub key: String,
    /// The execution that waits.
    pub execution_arn: String,
    /// How many requests share the execution's history.
    pub requests: u64,
}

/// From `prepare`: the plan that bounds everything that follows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// For the person who looks at the execution: on whom it waits, how, until when.
    pub waiting_on: String,
    /// Which path the workflow takes.
    pub strategy: Strategy,
    /// The wait.
    pub wait: WaitRef,
    /// The caller's payload.
    pub payload: Value,
    /// The token state's timeout, in seconds.
    pub timeout_seconds: u64,
    /// How long the token state may go without a heartbeat, in seconds; shorter than its timeout.
    pub heartbeat_seconds: u64,
    /// The most rounds of the nested workflow.
    pub max_rounds: u64,
}

/// Which attempt of its state an invocation belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub struct Attempt {
    /// `State.EnteredTime` of the context object.
    pub entered_at: Timestamp,
    /// `State.RetryCount` of the context object.
    pub retry_count: u64,
}

impl Attempt {
    /// The attempt's generation.
    #[must_use]
    pub fn generation(self) -> Generation {
        Generation::of(self.entered_at, self.retry_count)
    }
}

/// To `submit`, on both paths.
#[derive(Clone, Debug, Deserialize)]
pub struct SubmitInput {
    /// The wait.
    pub wait: WaitRef,
    /// The caller's payload.
    #[serde(default)]
    pub payload: Value,
    /// The attempt.
    pub attempt: Attempt,
    /// The task token, on the token path.
    pub token: Option<TaskToken>,
}

/// A wait as a workflow of one's own begins it, without a plan: `submit` makes the
/// plan from the integration file. Bounds that are numbers in the workflow's
/// definition were made from that file once; the shorter ones count.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Direct {
    /// The integration's name, unchecked.
    pub integration: String,
    /// The caller's key, unique within the execution.
    pub key: String,
    /// The caller's payload; `close` needs none.
    #[serde(default)]
    pub payload: Value,
    /// The execution that waits.
    pub execution_arn: String,
    /// When the state that waits was entered first.
    pub started_at: Timestamp,
    /// The longest that the definition waits, in seconds.
    pub deadline_seconds: u64,
}

/// To `submit`, of a workflow of one's own.
#[derive(Clone, Debug, Deserialize)]
pub struct DirectSubmit {
    /// The wait.
    pub direct: Direct,
    /// The attempt.
    pub attempt: Attempt,
    /// The task token, on the token path.
    pub token: Option<TaskToken>,
    /// When the round of the nested workflow began that submits, on the other path.
    pub round_started_at: Option<Timestamp>,
}

/// What `submit` is called with: the main workflow's input, or an object with a
/// field `direct`.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "Value")]
pub enum SubmitEvent {
    /// A wait that `prepare` has planned.
    Planned(Box<SubmitInput>),
    /// A wait without a plan.
    Direct(Box<DirectSubmit>),
}

impl TryFrom<Value> for SubmitEvent {
    type Error = serde_json::Error;

    fn try_from(event: Value) -> Result<Self, Self::Error> {
        if event.get("direct").is_some() {
            serde_json::from_value(event).map(Box::new).map(Self::Direct)
        } else {
            serde_json::from_value(event).map(Box::new).map(Self::Planned)
        }
    }
}

/// From `submit`, to whoever called it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SubmitAnswer {
    /// The wait, for those who did not know it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wait: Option<WaitRef>,
    /// The third party's job; absent when the task has its outcome already.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub job_id: Option<JobId>,
    /// What follows: a wait inside the round, or leaving it at once.
    pub action: Action,
    /// For how long, in whole seconds.
    pub seconds: u64,
    /// Where polling starts.
    pub poll: PollState,
}

impl From<Submitted> for SubmitAnswer {
    fn from(Submitted { job_id, action, seconds, poll }: Submitted) -> Self {
        Self { wait: None, job_id, action, seconds, poll }
    }
}

/// What one attempt to submit came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Submitted {
    /// The third party's job; absent when the task has its outcome already.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub job_id: Option<JobId>,
    /// What the first round begins with: a wait inside it, or leaving it at once.
    pub action: Action,
    /// For how long, in whole seconds.
    pub seconds: u64,
    /// Where polling starts.
    pub poll: PollState,
}

/// What one check hands to the next, across rounds: the schedule's place.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PollState {
    /// Checks so far.
    pub checks: u32,
    /// Checks in a row that were refused.
    pub refusals: u32,
    /// Checks in a row that got no usable answer.
    #[serde(default)]
    pub failures: u32,
    /// When the job was submitted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub submitted_at: Option<Timestamp>,
    /// When a look last found the job pending.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pending_at: Option<Timestamp>,
    /// When the current round began; set by whoever begins it, the submit or a round's first check.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub round_started_at: Option<Timestamp>,
}

/// To `check-status`.
#[derive(Clone, Debug, Deserialize)]
pub struct CheckInput {
    /// The wait.
    pub wait: WaitRef,
    /// The third party's job.
    pub job_id: JobId,
    /// The schedule's place.
    pub poll: PollState,
}

/// From `check-status`: what the round does next.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Checked {
    /// What to do.
    pub action: Action,
    /// For how long, in whole seconds, before the next look; 0 when there is none.
    pub seconds: u64,
    /// The schedule's place.
    pub poll: PollState,
    /// The end, when the action is `done`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub settled: Option<Settled>,
}

/// What a round does after the submit or a check. A definition begins each later
/// round with `check`, which no function returns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// Sleep inside the round, then check again.
    Wait,
    /// End the round; the Standard workflow sleeps, which is cheaper.
    Leave,
    /// The wait has ended.
    Done,
    /// The deadline has passed.
    Expired,
    /// The most looks that the schedule allows are used up.
    Exhausted,
}

/// To `close`.
#[derive(Clone, Debug, Deserialize)]
pub struct CloseInput {
    /// The wait.
    pub wait: WaitRef,
    /// The job, where the workflow knows it.
    pub job_id: Option<JobId>,
    /// Why the wait is given up.
    pub error: CaughtError,
    /// `State.RetryCount` of the context object: which attempt to close this is.
    pub retry_count: u64,
}

/// To `close`, of a workflow of one's own.
#[derive(Clone, Debug, Deserialize)]
pub struct DirectClose {
    /// The wait.
    pub direct: Direct,
    /// The job, where the workflow knows it.
    pub job_id: Option<JobId>,
    /// Why the wait is given up.
    pub error: CaughtError,
    /// `State.RetryCount` of the context object: which attempt to close this is.
    pub retry_count: u64,
}

/// To `close`, of an execution that was stopped: what the template's rule makes of
/// EventBridge's "Step Functions Execution Status Change".
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Stopped {
    /// The execution.
    pub execution_arn: String,
    /// `ABORTED`, `TIMED_OUT` or `FAILED`.
    pub status: String,
}

/// What `close` is called with: the main workflow's input, an object with a field
/// `direct`, or one whose only field is `stopped`.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "Value")]
pub enum CloseEvent {
    /// A workflow gives a wait up.
    GivenUp(Box<CloseInput>),
    /// A workflow gives a wait up that it began without a plan.
    Direct(Box<DirectClose>),
    /// A workflow was stopped.
    Stopped(Stopped),
}

impl TryFrom<Value> for CloseEvent {
    type Error = serde_json::Error;

    fn try_from(mut event: Value) -> Result<Self, Self::Error> {
        match event.get_mut("stopped").map(Value::take) {
            Some(stopped) => serde_json::from_value(stopped).map(Self::Stopped),
            None if event.get("direct").is_some() => serde_json::from_value(event).map(Box::new).map(Self::Direct),
            None => serde_json::from_value(event).map(Box::new).map(Self::GivenUp),
        }
    }
}

/// An error as Step Functions catches it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct CaughtError {
    /// Its name.
    pub error: String,
    /// Its cause.
    #[serde(default)]
    pub cause: String,
}

impl CaughtError {
    /// What happened, for people: of a Lambda's error only its message, which
    /// Step Functions wraps in a JSON object together with a type and a trace.
    #[must_use]
    pub fn message(&self) -> String {
        let wrapped = serde_json::from_str::<Value>(&self.cause).ok();
        let message = wrapped.as_ref().and_then(|cause| cause.get("errorMessage")).and_then(Value::as_str);
        message.unwrap_or(&self.cause).to_owned()
    }

    /// The error as one of ours, if it is one.
    #[must_use]
    pub fn name(&self) -> Option<ErrorName> {
        ErrorName::parse(&self.error)
    }

    /// Whether the error says that time is up, rather than that something broke.
    #[must_use]
    pub fn is_timeout(&self) -> bool {
        const TIMEOUTS: [&str; 3] = ["States.Timeout", "States.HeartbeatTimeout", "DeadlinePassed"];
        TIMEOUTS.contains(&self.error.as_str())
    }
}

/// How a wait ended, in the one shape that all paths return.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Settled {
    /// `succeeded`, `failed`, `expired` or `cancelled`.
    pub outcome: String,
    /// The third party's job.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub job_id: Option<JobId>,
    /// The result of a success, as JSON text: expressions of a workflow would
    /// round its numbers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output: Option<String>,
    /// The error's name otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// The reason otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl Settled {
    /// The shape of an outcome.
    #[must_use]
    pub fn of(outcome: &Outcome) -> Self {
        use crate::wait::OutcomeKind::{Cancelled, Expired, Failed, Succeeded};
        let (name, output) = match &outcome.kind {
            Succeeded { output } => ("succeeded", Some(output.to_string())),
            Failed { .. } => ("failed", None),
            Expired { .. } => ("expired", None),
            Cancelled { .. } => ("cancelled", None),
        };
        let failure = outcome.kind.failure();
        Self {
            outcome: name.to_owned(),
            job_id: outcome.job_id.clone(),
            output,
            error: failure.map(|(error, _)| error.to_string()),
            reason: failure.map(|(_, reason)| reason.to_owned()),
        }
    }
}

#[cfg(test)]
#[path = "message_tests.rs"]
mod tests;
