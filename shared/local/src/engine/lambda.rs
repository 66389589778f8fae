//! Lambda.

use http::Method;
use serde_json::Value;
use std::collections::BTreeMap;

use super::CallError;
use super::client::{Client, list, unexpected};

/// Calls to Lambda on the engine.
#[derive(Clone, Debug)]
pub struct Lambda {
    client: Client,
}

/// What a function answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invocation {
    /// Its result, or `errorType` and `errorMessage` if it failed.
    pub payload: Value,
    /// Whether it failed.
    pub failed: bool,
}

impl Lambda {
    pub(super) fn new(client: Client) -> Self {
        Self { client }
    }

    /// Invokes a function and waits for its answer.
    ///
    /// # Errors
    ///
    /// When there is no such function, or it answers no JSON. A function that
    /// fails is an answer.
    pub async fn invoke(&self, function: &str, payload: &Value) -> Result<Invocation, CallError> {
        const CALL: &str = "Lambda.Invoke";
        let path = format!("/2015-03-31/functions/{function}/invocations");
        let answer = self.client.rest(CALL, Method::POST, &path, payload.to_string().into_bytes()).await?;
        Ok(Invocation {
            failed: answer.headers.contains_key("X-Amz-Function-Error"),
            payload: serde_json::from_slice(&answer.body).map_err(|_| unexpected(CALL, "payload"))?,
        })
    }

    /// The variables that a function was deployed with, by its name in the template.
    ///
    /// # Errors
    ///
    /// When no function was made of that name.
    pub async fn environment(&self, logical_id: &str) -> Result<BTreeMap<String, String>, CallError> {
        const CALL: &str = "Lambda.ListFunctions";
        let answer = self.client.rest(CALL, Method::GET, "/2015-03-31/functions/", Vec::new()).await?;
        let mut answer: Value = serde_json::from_slice(&answer.body).map_err(|_| unexpected(CALL, "body"))?;
        let mut functions = list(CALL, &mut answer, "Functions")?.into_iter();
        // CloudFormation names a function by the stack, its name in the template, and some chance.
        let is_it = |function: &Value| function["FunctionName"].as_str().is_some_and(|name| name.contains(logical_id));
        let function = functions.find(is_it).ok_or_else(|| unexpected(CALL, logical_id))?;
        serde_json::from_value(function["Environment"]["Variables"].clone())
            .map_err(|_| unexpected(CALL, "Environment.Variables"))
    }
}
