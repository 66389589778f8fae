//! Secrets Manager.

use serde_json::json;

use super::CallError;
use super::client::Client;

/// Calls to Secrets Manager on the engine.
#[derive(Clone, Debug)]
pub struct Secrets {
    client: Client,
}

impl Secrets {
    pub(super) fn new(client: Client) -> Self {
        Self { client }
    }

    /// Makes a secret.
    ///
    /// # Errors
    ///
    /// When there is one of this name.
    pub async fn create(&self, name: &str, value: &str) -> Result<(), CallError> {
        let input = json!({ "Name": name, "SecretString": value });
        self.client.json("secretsmanager.CreateSecret", &input).await?;
        Ok(())
    }
}
