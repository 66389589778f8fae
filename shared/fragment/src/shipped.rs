//! What the main workflow's definition says of the same steps: what is retried, how
//! often, and how long a step may take. Taken from the definition itself, the two
//! cannot part.

use serde_json::Value;

const MAIN: &str = include_str!("../../../statemachines/main.asl.json");

/// Rounds that fail in a row before a wait is given up, as the main workflow's
/// `Finished?` has it.
pub(crate) const FAILED_ROUNDS: u64 = 12;

/// A field of one of the states that wait there.
fn field(state: &str, field: &str) -> Value {
    let main: Value = serde_json::from_str(MAIN).unwrap_or_default();
    main["States"]["For each request"]["ItemProcessor"]["States"][state][field].clone()
}

/// How a state that submits and awaits is retried.
pub(crate) fn retry_of_token_state() -> Value {
    field("Submit and await", "Retry")
}

/// How the call of a round is retried.
pub(crate) fn retry_of_round() -> Value {
    field("Poll", "Retry")
}

/// How long the call of a round may take, in seconds.
pub(crate) fn timeout_of_round() -> Value {
    field("Poll", "TimeoutSeconds")
}

/// How closing is retried.
pub(crate) fn retry_of_close() -> Value {
    field("Close", "Retry")
}

/// How long closing may take, in seconds.
pub(crate) fn timeout_of_close() -> Value {
    field("Close", "TimeoutSeconds")
}

/// How long an execution may take, in seconds.
pub(crate) fn timeout() -> Value {
    let main: Value = serde_json::from_str(MAIN).unwrap_or_default();
    main["TimeoutSeconds"].clone()
}

#[cfg(test)]
mod tests {
    use super::*;
    use stepwait_core::plan::RETRIES_IN_LINE;

    #[test]
    fn the_main_workflow_has_what_is_taken_from_it() {
        for retry in [retry_of_token_state(), retry_of_round(), retry_of_close()] {
            assert!(retry.as_array().is_some_and(|entries| !entries.is_empty()), "{retry}");
        }
        for seconds in [timeout_of_round(), timeout_of_close(), timeout()] {
            assert!(seconds.as_u64().is_some_and(|seconds| seconds > 0), "{seconds}");
        }
    }

    #[test]
    fn rounds_that_fail_and_attempts_in_line_are_bounded_as_in_the_main_workflow() {
        let conditions = field("Finished?", "Choices").to_string();
        assert!(conditions.contains(&format!("failed_rounds < {FAILED_ROUNDS} ")), "{conditions}");
        assert_eq!(retry_of_token_state()[1]["MaxAttempts"], RETRIES_IN_LINE);
    }
}
