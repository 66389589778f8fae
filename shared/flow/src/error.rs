//! How a step fails: by a name that the state machines know, and a text for people.

use crate::ports::{SecretError, StoreError};
use crate::third_party::ExchangeError;
use stepwait_core::ErrorName;

/// Why a step did not get through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepError {
    /// The name that Retry and Catch match.
    pub name: ErrorName,
    /// What happened and what to do; never holds a secret, a token or a body.
    pub message: String,
}

impl StepError {
    /// An error of that name.
    #[must_use]
    pub fn new(name: ErrorName, message: impl Into<String>) -> Self {
        Self { name, message: message.into() }
    }
}

impl std::fmt::Display for StepError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.name, self.message)
    }
}

impl std::error::Error for StepError {}

impl From<StoreError> for StepError {
    fn from(error: StoreError) -> Self {
        let name = match error {
            StoreError::Unavailable(_) => ErrorName::StoreUnavailable,
            StoreError::Corrupt(_) => ErrorName::Defect,
        };
        Self::new(name, error.to_string())
    }
}

impl From<SecretError> for StepError {
    fn from(error: SecretError) -> Self {
        Self::new(ErrorName::SecretUnavailable, error.to_string())
    }
}

impl From<ExchangeError> for StepError {
    fn from(error: ExchangeError) -> Self {
        Self::new(ErrorName::SecretUnavailable, error.to_string())
    }
}
