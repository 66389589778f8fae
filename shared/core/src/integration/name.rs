//! The name of an integration: part of file names, URL paths and table keys.

use std::fmt;

/// The most characters of a name: it is part of table keys and of execution names.
const MAX_NAME_CHARS: usize = 40;

/// A checked integration name: lower-case letters, digits and hyphens.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct IntegrationName(String);

/// Why a text is not an integration name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} is not an integration name: use 1 to {MAX_NAME_CHARS} lower-case letters, digits and hyphens, starting with a letter"
)]
pub struct NameError(String);

impl IntegrationName {
    /// Checks a name.
    ///
    /// # Errors
    /// An error unless it is 1 to 40 lower-case letters, digits and hyphens, a letter first.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        let fits = (1..=MAX_NAME_CHARS).contains(&text.len());
        let chars = text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        if fits && chars && text.starts_with(|c: char| c.is_ascii_lowercase()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(NameError(text.chars().take(MAX_NAME_CHARS).collect()))
        }
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for IntegrationName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for IntegrationName {
    type Error = NameError;
    fn try_from(text: String) -> Result<Self, NameError> {
        Self::parse(&text)
    }
}

impl From<IntegrationName> for String {
    fn from(name: IntegrationName) -> Self {
        name.0
    }
}
