//! What a service answers.

use serde_json::json;

/// An answer's JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// The call did what it should.
    Done(String),
    /// An error that the functions provoke on purpose: a condition that does not
    /// hold, a task that has ended.
    Refused(String),
    /// An error that nothing should provoke.
    Misunderstood(String),
}

impl Answer {
    /// An error that is part of the protocol.
    pub(super) fn refused(name: &str, message: &str) -> Self {
        Self::Refused(error(name, message))
    }

    /// An error that is a mistake, of the function or of this module.
    pub(super) fn misunderstood(name: &str, message: &str) -> Self {
        Self::Misunderstood(error(name, message))
    }

    pub(super) fn unknown_operation() -> Self {
        Self::misunderstood("UnknownOperationException", "aws::Services does not have this operation; add it")
    }
}

/// An error as the JSON protocol writes it
/// (<https://smithy.io/2.0/aws/protocols/aws-json-1_0-protocol.html#operation-error-serialization>).
fn error(name: &str, message: &str) -> String {
    json!({ "__type": name, "message": message }).to_string()
}
