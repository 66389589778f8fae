//! Secrets from Secrets Manager, kept for a while in the function.

use crate::Edges;
use aws_sdk_secretsmanager::error::DisplayErrorContext;
use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::{Duration, Instant};
use stepwait_core::SecretValue;
use stepwait_flow::ports::{SecretError, Secrets};
use tokio::sync::Mutex as AsyncMutex;

/// How long a secret is used without asking again, 5 minutes: a rotated secret
/// is picked up within that time, and a busy function asks twelve times an hour.
const FRESH: Duration = Duration::from_mins(5);

/// The most characters of an AWS error that are passed on: its code and its
/// sentence, not the chain behind them.
const MAX_ERROR_CHARS: usize = 200;

#[derive(Debug, Default)]
pub(crate) struct SecretCache {
    known: Mutex<BTreeMap<String, (Instant, SecretValue)>>,
    /// Held by whoever asks Secrets Manager, so that hundreds of looks that begin
    /// together ask once.
    asking: AsyncMutex<()>,
}

impl SecretCache {
    fn get(&self, name: &str) -> Option<SecretValue> {
        let known = self.known.lock().ok()?;
        known.get(name).filter(|(since, _)| since.elapsed() < FRESH).map(|(_, value)| value.clone())
    }

    fn forget(&self, name: &str) {
        if let Ok(mut known) = self.known.lock() {
            known.remove(name);
        }
    }

    fn put(&self, name: &str, value: SecretValue) {
        if let Ok(mut known) = self.known.lock() {
            known.insert(name.to_owned(), (Instant::now(), value));
        }
    }
}

impl Secrets for Edges {
    async fn secret(&self, name: &str) -> Result<SecretValue, SecretError> {
        if let Some(known) = self.secrets.get(name) {
            return Ok(known);
        }
        let _asking = self.secrets.asking.lock().await;
        if let Some(known) = self.secrets.get(name) {
            return Ok(known);
        }
        let full = format!("{}{name}", self.settings.secret_prefix);
        let failed = |why: String| SecretError { name: full.clone(), why: why.chars().take(MAX_ERROR_CHARS).collect() };
        let answer = self.secrets_manager.get_secret_value().secret_id(&full).send().await;
        let text = answer.map_err(|e| failed(DisplayErrorContext(&e).to_string()))?.secret_string;
        let value = SecretValue::new(text.ok_or_else(|| failed("it is binary; store it as text".to_owned()))?);
        self.secrets.put(name, value.clone());
        Ok(value)
    }

    fn forget_secret(&self, name: &str) {
        self.secrets.forget(name);
    }
}
