//! Values that must never be printed. Their `Debug` says `[REDACTED]`, they
//! have no `Display`, and reading one is a visible call to `expose`.

use std::fmt;

/// A credential or signing key, as Secrets Manager holds it.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretValue(String);

/// A Step Functions task token: whoever holds it can resume the task, so it is
/// stored, sent to Step Functions, and shown to nobody.
#[derive(Clone, PartialEq, Eq, serde::Deserialize)]
#[serde(transparent)]
pub struct TaskToken(String);

macro_rules! redacted {
    ($name:ident) => {
        impl $name {
            /// Wraps a value that is to stay secret.
            #[must_use]
            pub fn new(value: impl Into<String>) -> Self {
                Self(value.into())
            }

            /// The value itself, for the one place that must send or store it.
            #[must_use]
            pub fn expose(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("[REDACTED]")
            }
        }
    };
}

redacted!(SecretValue);
redacted!(TaskToken);

#[cfg(test)]
mod tests {
    use super::{SecretValue, TaskToken};

    #[test]
    fn neither_kind_of_secret_prints_itself() {
        let shown = format!("{:?} {:?}", SecretValue::new("hunter2"), Some(TaskToken::new("AQC8")));
        assert_eq!(shown, "[REDACTED] Some([REDACTED])");
    }
}
