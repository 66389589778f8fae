//! The retries of the state machines, read from their definitions: what Step
//! Functions does here after an error is what the deployed one would do. Time
//! limits of states that call a function are longer than the function's own, and
//! are not simulated; those of the token's state come from the plan.

use serde_json::Value;
use std::sync::OnceLock;

const MAIN: &str = include_str!("../../../statemachines/main.asl.json");
const POLL: &str = include_str!("../../../statemachines/poll.asl.json");

/// How Step Functions calls any error of a task but its timeout.
const TASK_FAILED: &str = "States.TaskFailed";

/// How it calls a task's timeout, which `States.TaskFailed` does not match.
pub(crate) const TIMEOUT: &str = "States.Timeout";

/// How it calls a heartbeat that did not come.
pub(crate) const HEARTBEAT_TIMEOUT: &str = "States.HeartbeatTimeout";

/// A state that does something.
#[derive(Clone, Debug)]
pub(crate) struct Task {
    retries: Vec<Retrier>,
}

#[derive(Clone, Debug)]
struct Retrier {
    errors: Vec<String>,
    interval_ms: f64,
    rate: f64,
    most: u32,
    longest_ms: f64,
    jitters: bool,
}

/// How often each retrier of a state was used since the state was entered.
#[derive(Clone, Debug, Default)]
pub(crate) struct Retries(Vec<u32>);

impl Retries {
    /// `State.RetryCount` of the context object.
    pub(crate) fn count(&self) -> u64 {
        self.0.iter().copied().map(u64::from).sum()
    }
}

/// The states that do something.
#[derive(Clone, Debug)]
pub(crate) struct Definition {
    pub(crate) prepare: Task,
    pub(crate) submit_and_await: Task,
    pub(crate) submit: Task,
    pub(crate) poll: Task,
    pub(crate) close: Task,
    pub(crate) check: Task,
    /// How long a round may take, in milliseconds.
    pub(crate) round_ms: u64,
}

impl Definition {
    /// The definition, which is read once.
    pub(crate) fn get() -> &'static Self {
        static DEFINITION: OnceLock<Definition> = OnceLock::new();
        DEFINITION.get_or_init(|| {
            let main: Value = serde_json::from_str(MAIN).unwrap();
            let poll: Value = serde_json::from_str(POLL).unwrap();
            let states = &main["States"]["For each request"]["ItemProcessor"]["States"];
            Self {
                prepare: task(&states["Prepare"]),
                submit_and_await: task(&states["Submit and await"]),
                submit: task(&states["Submit"]),
                poll: task(&states["Poll"]),
                close: task(&states["Close"]),
                check: task(&poll["States"]["Check status"]),
                round_ms: poll["TimeoutSeconds"].as_u64().unwrap() * 1_000,
            }
        })
    }
}

fn task(state: &Value) -> Task {
    let number = |value: &Value, key: &str| value[key].as_f64();
    let retrier = |retry: &Value| Retrier {
        errors: retry["ErrorEquals"].as_array().unwrap().iter().map(|e| e.as_str().unwrap().to_owned()).collect(),
        interval_ms: number(retry, "IntervalSeconds").unwrap() * 1_000.0,
        rate: number(retry, "BackoffRate").unwrap(),
        most: u32::try_from(retry["MaxAttempts"].as_u64().unwrap()).unwrap(),
        longest_ms: number(retry, "MaxDelaySeconds").map_or(f64::INFINITY, |seconds| seconds * 1_000.0),
        jitters: retry["JitterStrategy"] == "FULL",
    };
    Task { retries: state["Retry"].as_array().unwrap().iter().map(retrier).collect() }
}

impl Task {
    /// After how many milliseconds the state is tried again after that error;
    /// `None` if it is not. `chance` is between 0 and 1.
    pub(crate) fn retry(&self, error: &str, used: &mut Retries, chance: f64) -> Option<u64> {
        used.0.resize(self.retries.len(), 0);
        let matches = |listed: &String| listed == error || (listed == TASK_FAILED && !is_timeout(error));
        let index = self.retries.iter().position(|retrier| retrier.errors.iter().any(matches))?;
        let (retrier, used) = (&self.retries[index], &mut used.0[index]);
        if *used >= retrier.most {
            return None;
        }
        let delay = (retrier.interval_ms * retrier.rate.powf(f64::from(*used))).min(retrier.longest_ms);
        *used += 1;
        let delay = if retrier.jitters { delay * chance } else { delay };
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "minutes, in milliseconds")]
        Some(delay as u64)
    }
}

fn is_timeout(error: &str) -> bool {
    error == TIMEOUT || error == HEARTBEAT_TIMEOUT
}
