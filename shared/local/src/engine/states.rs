//! Step Functions.

use serde_json::{Value, json};

use super::CallError;
use super::client::{Client, list, text, unexpected};

/// Calls to Step Functions on the engine.
#[derive(Clone, Debug)]
pub struct States {
    client: Client,
}

/// What DescribeExecution tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Execution {
    /// `RUNNING`, `SUCCEEDED`, `FAILED`, `TIMED_OUT` or `ABORTED`.
    pub status: String,
    /// The output of one that succeeded.
    pub output: Option<Value>,
    /// The error's name, of one that failed.
    pub error: Option<String>,
    /// The error's cause, of one that failed.
    pub cause: Option<String>,
}

impl Execution {
    /// Whether it has not ended yet.
    #[must_use]
    pub fn is_running(&self) -> bool {
        self.status == "RUNNING"
    }
}

impl States {
    pub(super) fn new(client: Client) -> Self {
        Self { client }
    }

    /// Starts an execution and gives its ARN.
    ///
    /// # Errors
    ///
    /// When the engine refuses: an unknown state machine, a name in use.
    pub async fn start_execution(&self, state_machine: &str, name: &str, input: &Value) -> Result<String, CallError> {
        const CALL: &str = "AWSStepFunctions.StartExecution";
        let input = json!({
            "stateMachineArn": state_machine,
            "name": name,
            "input": input.to_string(),
        });
        let answer = self.client.json(CALL, &input).await?;
        text(CALL, &answer, "executionArn")
    }

    /// How an execution stands.
    ///
    /// # Errors
    ///
    /// When the engine knows no such execution, or its output is not JSON.
    pub async fn describe_execution(&self, execution: &str) -> Result<Execution, CallError> {
        const CALL: &str = "AWSStepFunctions.DescribeExecution";
        let input = json!({ "executionArn": execution });
        let answer = self.client.json(CALL, &input).await?;
        let output =
            answer["output"].as_str().map(serde_json::from_str).transpose().map_err(|_| unexpected(CALL, "output"))?;
        Ok(Execution {
            status: text(CALL, &answer, "status")?,
            output,
            error: text(CALL, &answer, "error").ok(),
            cause: text(CALL, &answer, "cause").ok(),
        })
    }

    /// All events of an execution, oldest first.
    ///
    /// # Errors
    ///
    /// When the engine knows no such execution.
    pub async fn history(&self, execution: &str) -> Result<Vec<Value>, CallError> {
        self.pages(
            "AWSStepFunctions.GetExecutionHistory",
            json!({ "executionArn": execution, "maxResults": 1000 }),
            "events",
        )
        .await
    }

    /// The executions of a state machine, as ListExecutions has them.
    ///
    /// # Errors
    ///
    /// When the engine knows no such state machine.
    pub async fn list_executions(&self, state_machine: &str) -> Result<Vec<Value>, CallError> {
        self.pages("AWSStepFunctions.ListExecutions", json!({ "stateMachineArn": state_machine }), "executions").await
    }

    /// Aborts an execution.
    ///
    /// # Errors
    ///
    /// When the engine knows no such execution.
    pub async fn stop_execution(&self, execution: &str) -> Result<(), CallError> {
        let input = json!({ "executionArn": execution });
        self.client.json("AWSStepFunctions.StopExecution", &input).await?;
        Ok(())
    }

    /// The definition of a state machine as deployed: its substitutions made.
    ///
    /// # Errors
    ///
    /// When the engine knows no such state machine.
    pub async fn definition(&self, state_machine: &str) -> Result<Value, CallError> {
        const CALL: &str = "AWSStepFunctions.DescribeStateMachine";
        let input = json!({ "stateMachineArn": state_machine });
        let answer = self.client.json(CALL, &input).await?;
        let definition = text(CALL, &answer, "definition")?;
        serde_json::from_str(&definition).map_err(|_| unexpected(CALL, "definition"))
    }

    /// Makes a Standard state machine beside the deployed ones; gives its ARN.
    ///
    /// # Errors
    ///
    /// When the engine refuses the name or the definition.
    pub async fn create_state_machine(&self, name: &str, definition: &Value) -> Result<String, CallError> {
        const CALL: &str = "AWSStepFunctions.CreateStateMachine";
        let input = json!({
            "name": name,
            "definition": definition.to_string(),
            // The engine asks for a role and does not use it.
            "roleArn": "arn:aws:iam::000000000000:role/local",
            "type": "STANDARD",
        });
        let answer = self.client.json(CALL, &input).await?;
        text(CALL, &answer, "stateMachineArn")
    }

    async fn pages(&self, call: &str, mut input: Value, field: &str) -> Result<Vec<Value>, CallError> {
        // A history ends at 25,000 events; a page holds a hundred at the least.
        const MOST_PAGES: usize = 250;
        let mut all = Vec::new();
        for _ in 0..MOST_PAGES {
            let mut answer = self.client.json(call, &input).await?;
            all.extend(list(call, &mut answer, field)?);
            let token = answer["nextToken"].take();
            if token.is_null() {
                return Ok(all);
            }
            input["nextToken"] = token;
        }
        Err(unexpected(call, "last page"))
    }
}
