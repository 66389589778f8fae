//! The retries of the state machines, read from their definitions: what Step
//! Functions does here after an error is what the deployed one would do. Those of a
//! workflow of one's own are the states that `stepwait fragment` prints. Time
//! limits of states that call a function are longer than the function's own, and
//! are not simulated; those of the token's state come from the plan.

use crate::integrations::Books;
use serde_json::Value;
use std::sync::OnceLock;
use stepwait_core::integration::{Integration, IntegrationName};
use stepwait_fragment::{Fragment, Options};

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
    pub(crate) submit_in_round: Task,
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
                submit_in_round: task(&poll["States"]["Submit"]),
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

/// The states of a workflow of one's own that wait for one integration, as
/// `stepwait fragment` prints them: what is a number or a list there is read from there.
#[derive(Clone, Debug)]
pub(crate) struct Own {
    pub(crate) integration: IntegrationName,
    /// Whether its task holds a token; else it goes round by round.
    pub(crate) has_token: bool,
    /// How its states are called for people, and how its key begins.
    pub(crate) state: String,
    pub(crate) wait: Task,
    pub(crate) close: Task,
    /// How long the state that waits may take, in milliseconds.
    pub(crate) timeout_ms: u64,
    /// For how long its task may be told nothing, in milliseconds.
    pub(crate) silence_ms: Option<u64>,
    /// The longest that is waited, in seconds.
    pub(crate) deadline_seconds: u64,
    /// What bounds the loop around rounds.
    pub(crate) rounds: Rounds,
}

/// How often a workflow goes round.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Rounds {
    pub(crate) most: u64,
    /// In a row that fail.
    pub(crate) most_failed: u64,
    /// That stand in line.
    pub(crate) most_in_line: u64,
}

impl Rounds {
    /// The bounds that the state behind a round asks for.
    fn read(finished: &str) -> Self {
        Self {
            most: number_behind(finished, ".rounds < "),
            most_failed: number_behind(finished, ".failed_rounds < "),
            most_in_line: number_behind(finished, ".in_line <= "),
        }
    }
}

impl Own {
    /// Those of an integration, in the order of the files, which are made once.
    pub(crate) fn get(integration: usize) -> &'static Self {
        static OWN: OnceLock<Vec<Own>> = OnceLock::new();
        &OWN.get_or_init(|| Books::get().integrations.iter().map(Self::of).collect())[integration]
    }

    fn of(integration: &Integration) -> Self {
        let fragment = Fragment::of(integration, &Options::default()).unwrap().whole();
        let name = &integration.name;
        let state = format!("Wait for {name}");
        let (wait, finished) = (&fragment["States"][&state], &fragment["States"][format!("{name} finished?")]);
        let has_token = finished.is_null();
        Self {
            integration: name.clone(),
            has_token,
            state,
            wait: task(wait),
            close: task(&fragment["States"][format!("Close {name}")]),
            timeout_ms: wait["TimeoutSeconds"].as_u64().unwrap() * 1_000,
            silence_ms: wait["HeartbeatSeconds"].as_u64().map(|seconds| seconds * 1_000),
            deadline_seconds: number_behind(&wait.to_string(), "deadline_seconds"),
            rounds: if has_token { Rounds::default() } else { Rounds::read(&finished.to_string()) },
        }
    }
}

/// The first number behind those words.
fn number_behind(text: &str, words: &str) -> u64 {
    let behind = text.split_once(words).unwrap().1.trim_start_matches(|c: char| !c.is_ascii_digit());
    behind.chars().take_while(char::is_ascii_digit).collect::<String>().parse().unwrap()
}

#[cfg(test)]
mod tests {
    use super::Own;
    use crate::integrations::{Books, FILES};
    use stepwait_core::decide::round::BreakEven;
    use stepwait_core::integration::Strategy;
    use stepwait_core::plan::{RETRIES_IN_LINE, TokenBounds, deadline_seconds, rounds_of_fragment};

    #[test]
    fn states_of_ones_own_are_read_as_they_were_made() {
        for (number, (name, _)) in FILES.iter().enumerate() {
            let (own, integration) = (Own::get(number), &Books::get().integrations[number]);
            assert_eq!(own.has_token, integration.strategy != Strategy::Poll, "{name}");
            assert_eq!(own.deadline_seconds, deadline_seconds(integration), "{name}");
            if own.has_token {
                let TokenBounds { timeout_seconds, heartbeat_seconds } = TokenBounds::of(integration);
                assert_eq!(
                    (own.timeout_ms, own.silence_ms),
                    (timeout_seconds * 1_000, heartbeat_seconds.map(|s| s * 1_000)),
                    "{name}"
                );
            } else {
                let rounds = rounds_of_fragment(integration, BreakEven::default()).unwrap();
                assert_eq!(
                    (own.rounds.most, own.rounds.most_failed, own.rounds.most_in_line),
                    (rounds, 12, RETRIES_IN_LINE),
                    "{name}"
                );
            }
        }
    }
}
