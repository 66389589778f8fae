//! What a submit keeps for later requests: status URLs, tokens to poll with.

use std::collections::BTreeMap;
use std::fmt;

/// The most bytes of one kept value, 4 KiB: a signed URL takes one or two.
pub const MAX_KEPT_BYTES: usize = 4 * 1024;

/// Kept values by name. Some are as good as credentials, so they are stored
/// with the wait and printed nowhere.
#[derive(Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct Kept(BTreeMap<String, String>);

impl Kept {
    /// A value by its name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// Whether nothing was kept.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The names of the kept values.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }
}

impl FromIterator<(String, String)> for Kept {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(values: I) -> Self {
        Self(values.into_iter().collect())
    }
}

impl fmt::Debug for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.0.keys().map(|name| (name, "[REDACTED]"))).finish()
    }
}
