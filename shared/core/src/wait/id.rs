//! The ids of a wait and of a third party's job.

use crate::encoding::short_digest;
use crate::integration::IntegrationName;
use std::fmt;

/// The most bytes of a job id. DynamoDB keys hold 2,048 bytes, and no vendor
/// looked at uses more than 200.
const MAX_JOB_ID_BYTES: usize = 1_024;

/// A wait's identity: the same for every attempt of the same task, different
/// for any two tasks. It is also the idempotency key of the submit.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct WaitId(String);

impl WaitId {
    /// The id of the wait on `integration` that `execution_arn` makes under `key`.
    #[must_use]
    pub fn derive(execution_arn: &str, integration: &IntegrationName, key: &str) -> Self {
        let mut named = Vec::new();
        // A length before each part keeps ("a", "bc") apart from ("ab", "c").
        for part in [execution_arn, integration.as_str(), key] {
            named.extend((part.len() as u64).to_be_bytes());
            named.extend(part.as_bytes());
        }
        Self(format!("w-{}", short_digest(&named)))
    }

    /// The id that a text spells, if it has the form of one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let hex = text.strip_prefix("w-")?;
        let is_hex = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        (hex.len() == 32 && hex.bytes().all(is_hex)).then(|| Self(text.to_owned()))
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for WaitId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The third party's id for a job.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct JobId(String);

/// Why a text cannot be a job's id.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a job id must have 1 to {MAX_JOB_ID_BYTES} bytes and no control characters; this one has {0} bytes")]
pub struct JobIdError(usize);

impl JobId {
    /// Checks an id that a third party gave.
    ///
    /// # Errors
    /// [`JobIdError`] when it is empty, too long, or holds control characters.
    pub fn parse(text: &str) -> Result<Self, JobIdError> {
        let fits = (1..=MAX_JOB_ID_BYTES).contains(&text.len());
        if fits && !text.chars().any(char::is_control) {
            Ok(Self(text.to_owned()))
        } else {
            Err(JobIdError(text.len()))
        }
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for JobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for JobId {
    type Error = JobIdError;
    fn try_from(text: String) -> Result<Self, JobIdError> {
        Self::parse(&text)
    }
}

impl From<JobId> for String {
    fn from(id: JobId) -> Self {
        id.0
    }
}

#[cfg(test)]
mod tests {
    use super::{JobId, WaitId};
    use crate::integration::IntegrationName;

    #[test]
    fn a_wait_id_is_the_same_for_the_same_task_and_differs_for_any_other() {
        let a = IntegrationName::parse("a").unwrap();
        let ab = IntegrationName::parse("ab").unwrap();
        let id = WaitId::derive("arn:x", &a, "bc");
        assert_eq!(id, WaitId::derive("arn:x", &a, "bc"));
        assert_ne!(id, WaitId::derive("arn:x", &ab, "c"));
        assert_ne!(id, WaitId::derive("arn:y", &a, "bc"));
        assert_eq!(id.as_str().len(), 34);
        assert_eq!(WaitId::parse(id.as_str()), Some(id.clone()));
        for other in ["", "w-1", &id.as_str().to_uppercase(), &format!("{id}0"), &id.as_str().replace("w-", "w/")] {
            assert_eq!(WaitId::parse(other), None, "{other}");
        }
    }

    #[test]
    fn a_job_id_that_is_empty_or_holds_control_characters_is_refused() {
        for bad in ["", "a\nb", "a\0", &"x".repeat(1_025)] {
            assert!(JobId::parse(bad).is_err(), "{bad:?}");
        }
        assert_eq!(JobId::parse("gid://shopify/Bulk/1").unwrap().as_str(), "gid://shopify/Bulk/1");
    }
}
