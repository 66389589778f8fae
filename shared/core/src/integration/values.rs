//! `[values]`: configured values, for what differs between one's accounts and
//! for long texts such as GraphQL documents, which stand here verbatim.

use super::{KeyError, json_template};
use serde_json::Value;
use std::collections::BTreeMap;

/// The most values of a file; more are a program.
const MAX_VALUES: usize = 64;

/// Configured values by name.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Values(BTreeMap<String, Value>);

impl Values {
    pub(super) fn check(raw: BTreeMap<String, toml::Value>) -> Result<Self, KeyError> {
        if raw.len() > MAX_VALUES {
            return Err(("values".to_owned(), format!("at most {MAX_VALUES} values")));
        }
        raw.into_iter()
            .map(|(name, value)| match json_template::scalar(&value) {
                Ok(scalar) => Ok((name, scalar)),
                Err(e) => Err((format!("values.{name}"), e)),
            })
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// A value by its name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// All values, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value))
    }
}
