//! Secrets of somebody who tries an integration: from the command line, a file
//! or the environment, in this order.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::env;
use std::path::Path;
use std::str::FromStr;

use stepwait_core::SecretValue;
use stepwait_flow::ports::{SecretError, Secrets};

use super::{TryError, files};

/// What the names of variables begin with.
const PREFIX: &str = "STEPWAIT_SECRET_";

/// The most bytes of a file of secrets, 1 MiB.
const MAX_BYTES: u64 = 1024 * 1024;

/// A secret as it is given: `NAME=VALUE`.
#[derive(Clone, Debug)]
pub(crate) struct GivenSecret {
    name: String,
    value: SecretValue,
}

impl GivenSecret {
    /// The same, its value read from a file where it is `@FILE`.
    pub(crate) fn loaded(self) -> Result<Self, TryError> {
        let Some(path) = self.value.expose().strip_prefix('@') else {
            return Ok(self);
        };
        let value = SecretValue::new(files::read(Path::new(path), MAX_BYTES)?);
        Ok(Self { value, ..self })
    }
}

impl GivenSecret {
    fn parse(text: &str) -> Result<Self, &'static str> {
        let (name, value) = text.split_once('=').ok_or("write NAME=VALUE")?;
        Ok(Self { name: name.trim().to_owned(), value: SecretValue::new(value) })
    }
}

/// Fails later, in [`GivenSecrets::read`]: the text may be the secret, and what
/// fails here is quoted.
impl FromStr for GivenSecret {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(Self::parse(text).unwrap_or_else(|_| Self { name: String::new(), value: SecretValue::new("") }))
    }
}

/// The secrets that were given.
#[derive(Debug)]
pub(crate) struct GivenSecrets(BTreeMap<String, SecretValue>);

impl GivenSecrets {
    /// Reads what the command line names.
    pub(crate) fn read(file: Option<&Path>, secrets: &[GivenSecret]) -> Result<Self, TryError> {
        let mut given = BTreeMap::new();
        if let Some(path) = file {
            let text = files::read(path, MAX_BYTES)?;
            for (n, line) in (1..).zip(text.lines().map(str::trim)) {
                if line.is_empty() || line.starts_with('#') {
                    continue;
                }
                let secret = GivenSecret::parse(line)
                    .map_err(|why| TryError::Usage(format!("{}, line {n}: {why}", path.display())))?;
                given.insert(secret.name, secret.value);
            }
        }
        if secrets.iter().any(|secret| secret.name.is_empty()) {
            return Err(TryError::Usage("--secret: write NAME=VALUE".to_owned()));
        }
        given.extend(secrets.iter().map(|secret| (secret.name.clone(), secret.value.clone())));
        Ok(Self(given))
    }

    /// Sees whether all are there, before anything is sent.
    pub(super) fn must_have(&self, names: &[&str]) -> Result<(), TryError> {
        let missing: Vec<_> = names.iter().filter(|name| self.find(name).is_none()).map(|name| missing(name)).collect();
        if missing.is_empty() { Ok(()) } else { Err(TryError::Out(missing.join("\nerror: "))) }
    }

    /// The secret of this name, if it was given and is not empty.
    pub(crate) fn find(&self, name: &str) -> Option<SecretValue> {
        let variable = variable(name);
        let given = self.0.get(name).or_else(|| self.0.get(&variable)).cloned();
        given
            .or_else(|| env::var(&variable).ok().map(SecretValue::new))
            .filter(|value| !value.expose().trim().is_empty())
    }
}

/// What to do about a secret that is missing.
pub(crate) fn missing(name: &str) -> String {
    format!(
        "the secret {name:?} is missing; set {}, or name a file with a line {name}=VALUE by --secrets",
        variable(name)
    )
}

/// The variable that holds a secret.
fn variable(name: &str) -> String {
    let letters = name.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' });
    PREFIX.chars().chain(letters).collect()
}

impl Secrets for GivenSecrets {
    async fn secret(&self, name: &str) -> Result<SecretValue, SecretError> {
        let why = || format!("{} is not set", variable(name));
        self.find(name).ok_or_else(|| SecretError { name: name.to_owned(), why: why() })
    }

    fn forget_secret(&self, _: &str) {}
}

#[cfg(test)]
mod tests {
    use super::{missing, variable};

    #[test]
    fn the_variable_of_a_secret_is_its_name_in_capitals() {
        assert_eq!(variable("replicate/api-token"), "STEPWAIT_SECRET_REPLICATE_API_TOKEN");
        assert_eq!(
            missing("a/b"),
            "the secret \"a/b\" is missing; set STEPWAIT_SECRET_A_B, or name a file with a line a/b=VALUE by --secrets"
        );
    }
}
