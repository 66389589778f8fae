//! The integration files, checked when this crate is built and bundled into
//! whatever is linked with it: a function needs no file and no network to know
//! a third party, and a file with a mistake never reaches a deployment.

use std::collections::BTreeMap;
use stepwait_core::integration::{ConfigError, Integration};

/// Name and text of every `integrations/*.toml`, in the order of names.
pub static FILES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/files.rs"));

/// All bundled integrations, by name.
#[derive(Debug)]
pub struct Catalog {
    by_name: BTreeMap<&'static str, (Integration, &'static str)>,
}

impl Catalog {
    /// Parses the bundled files.
    ///
    /// # Errors
    /// None in practice: the build refuses files that do not parse.
    pub fn load() -> Result<Self, ConfigError> {
        Self::of(FILES)
    }

    /// Parses other files than the bundled ones, for tests and trials.
    ///
    /// # Errors
    /// [`ConfigError`] of the first file that does not parse.
    pub fn of(files: &[(&'static str, &'static str)]) -> Result<Self, ConfigError> {
        let parse = |&(name, text): &(&'static str, &'static str)| Ok((name, (Integration::parse(name, text)?, text)));
        Ok(Self { by_name: files.iter().map(parse).collect::<Result<_, _>>()? })
    }

    /// An integration by its name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Integration> {
        self.by_name.get(name).map(|(integration, _)| integration)
    }

    /// The text of an integration's file.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&'static str> {
        self.by_name.get(name).map(|(_, text)| *text)
    }

    /// All names, in order.
    pub fn names(&self) -> impl Iterator<Item = &'static str> + '_ {
        self.by_name.keys().copied()
    }
}

#[cfg(test)]
mod tests {
    use super::{Catalog, FILES};

    #[test]
    fn every_bundled_file_is_found_by_its_name() {
        let catalog = Catalog::load().unwrap();
        assert_eq!(catalog.names().collect::<Vec<_>>(), FILES.iter().map(|(name, _)| *name).collect::<Vec<_>>());
        for (name, text) in FILES {
            assert_eq!(catalog.get(name).unwrap().name.as_str(), *name);
            assert_eq!(catalog.text(name), Some(*text));
        }
        assert!(catalog.get("nobody").is_none());
    }
}
