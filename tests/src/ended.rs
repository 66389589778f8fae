//! An execution that has ended.

use serde_json::Value;
use stepwait_local::engine::Execution;

/// An execution that has ended, with its history.
#[derive(Clone, Debug)]
pub struct Ended {
    /// Its ARN.
    pub arn: String,
    /// How it ended.
    pub execution: Execution,
    /// Its history, oldest event first.
    pub events: Vec<Value>,
}

impl Ended {
    /// Its status, as Step Functions spells it.
    #[must_use]
    pub fn status(&self) -> &str {
        &self.execution.status
    }

    /// The cause of a failed one; empty otherwise.
    #[must_use]
    pub fn cause(&self) -> &str {
        self.execution.cause.as_deref().unwrap_or_default()
    }

    /// The summary of the request at `index`, of one that succeeded.
    #[must_use]
    pub fn summary(&self, index: usize) -> &Value {
        self.execution.output.as_ref().map_or(&Value::Null, |output| &output["results"][index])
    }

    /// The cause of an execution with one request, from the integration on and
    /// up to the first parenthesis, behind which sizes stand.
    #[must_use]
    pub fn summary_of_failure(&self) -> &str {
        let cause = self.cause();
        let from = cause.split_once(": ").map_or(cause, |(_, rest)| rest);
        from.split(" (").next().unwrap_or(from)
    }
}
