//! Lambda.

use http::Method;
use serde_json::Value;

use super::CallError;
use super::client::{Client, unexpected};

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
}
