//! CloudWatch Logs.

use serde_json::json;

use super::CallError;
use super::client::{Client, list};

/// Calls to CloudWatch Logs on the engine.
#[derive(Clone, Debug)]
pub struct Logs {
    client: Client,
}

impl Logs {
    pub(super) fn new(client: Client) -> Self {
        Self { client }
    }

    /// The names of all log groups: the first page, fifty.
    ///
    /// # Errors
    ///
    /// When the engine does not answer.
    pub async fn groups(&self) -> Result<Vec<String>, CallError> {
        const CALL: &str = "Logs_20140328.DescribeLogGroups";
        let mut answer = self.client.json(CALL, &json!({})).await?;
        let groups = list(CALL, &mut answer, "logGroups")?;
        Ok(groups.iter().filter_map(|group| group["logGroupName"].as_str().map(str::to_owned)).collect())
    }

    /// The messages of a log group, oldest first: the first page, ten thousand.
    ///
    /// # Errors
    ///
    /// When there is no such group: a function's comes with its first invocation.
    pub async fn messages(&self, group: &str) -> Result<Vec<String>, CallError> {
        const CALL: &str = "Logs_20140328.FilterLogEvents";
        let mut answer = self.client.json(CALL, &json!({ "logGroupName": group })).await?;
        let events = list(CALL, &mut answer, "events")?;
        Ok(events.iter().filter_map(|event| event["message"].as_str().map(str::to_owned)).collect())
    }
}
