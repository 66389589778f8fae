//! Secrets Manager: values by name.

use super::answer::Answer;
use serde::Deserialize;
use serde_json::json;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Mutex, PoisonError};

/// The secrets.
#[derive(Default)]
pub struct Secrets(Mutex<BTreeMap<String, String>>);

#[derive(Deserialize)]
struct GetSecretValue {
    #[serde(rename = "SecretId")]
    id: String,
}

impl Secrets {
    /// Stores a secret.
    pub fn put(&self, name: &str, value: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned(), value.to_owned());
    }

    pub(super) fn call(&self, operation: &str, body: &[u8]) -> Answer {
        if operation != "GetSecretValue" {
            return Answer::unknown_operation();
        }
        let Ok(GetSecretValue { id }) = serde_json::from_slice(body) else {
            return Answer::misunderstood("InvalidRequestException", "the request has no SecretId");
        };
        match self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&id) {
            Some(value) => Answer::Done(json!({ "Name": id, "SecretString": value }).to_string()),
            None => Answer::misunderstood("ResourceNotFoundException", &format!("there is no secret {id:?}")),
        }
    }
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secrets([REDACTED])")
    }
}
