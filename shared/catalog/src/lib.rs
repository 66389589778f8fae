//! The integration files, checked when this crate is built and bundled into
//! whatever is linked with it, with all that is calculated from them: a function
//! needs no file, no network and no planning to know a third party, and a file with
//! a mistake never reaches a deployment.

use std::borrow::Cow;
use std::collections::BTreeMap;
use stepwait_core::integration::{Bundled, ConfigError, Integration};

/// A bundled file, in JSON: functions carry no parser of TOML.
#[derive(Clone, Copy, Debug)]
pub struct File {
    /// The integration's name.
    pub name: &'static str,
    /// The digest of the JSON.
    pub digest: &'static str,
    /// What the file says, and what comes of it.
    pub json: &'static str,
}

/// Every `integrations/*.toml`, in the order of names.
pub static FILES: &[File] = include!(concat!(env!("OUT_DIR"), "/files.rs"));

/// All bundled integrations, by name.
#[derive(Debug)]
pub struct Catalog {
    by_name: BTreeMap<&'static str, (Integration, Cow<'static, str>)>,
}

impl Catalog {
    /// Reads the bundled files.
    ///
    /// # Errors
    /// None in practice: the build refuses files that cannot be read.
    pub fn load() -> Result<Self, ConfigError> {
        let read = |file: &File| {
            let integration = Integration::from_bundle(file.name, file.digest, file.json)?;
            Ok((file.name, (integration, Cow::Borrowed(file.json))))
        };
        Ok(Self { by_name: FILES.iter().map(read).collect::<Result<_, _>>()? })
    }

    /// Reads files as they are written, by name: for tests and trials.
    ///
    /// # Errors
    /// [`ConfigError`] of the first file that cannot be read.
    pub fn of_written(files: &[(&'static str, &str)]) -> Result<Self, ConfigError> {
        let read = |&(name, text): &(&'static str, &str)| {
            let Bundled { digest, json } = Integration::bundle(name, text)?;
            Ok((name, (Integration::from_bundle(name, &digest, &json)?, Cow::Owned(json))))
        };
        Ok(Self { by_name: files.iter().map(read).collect::<Result<_, _>>()? })
    }

    /// An integration by its name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Integration> {
        self.by_name.get(name).map(|(integration, _)| integration)
    }

    /// An integration's file, as it is bundled.
    #[must_use]
    pub fn json(&self, name: &str) -> Option<&str> {
        self.by_name.get(name).map(|(_, json)| json.as_ref())
    }

    /// All names, in order.
    pub fn names(&self) -> impl Iterator<Item = &'static str> + '_ {
        self.by_name.keys().copied()
    }
}

#[cfg(test)]
mod tests {
    use super::{Catalog, FILES};
    use stepwait_core::integration::Integration;

    #[test]
    fn every_bundled_file_is_found_by_its_name_and_means_what_it_says() {
        let catalog = Catalog::load().unwrap();
        assert_eq!(catalog.names().collect::<Vec<_>>(), FILES.iter().map(|file| file.name).collect::<Vec<_>>());
        for file in FILES {
            assert_eq!(catalog.json(file.name), Some(file.json));
            let folders = ["integrations", "integrations/examples"]
                .map(|folder| format!("{}/../../{folder}/{}.toml", env!("CARGO_MANIFEST_DIR"), file.name));
            let text = folders.iter().find_map(|path| std::fs::read_to_string(path).ok()).unwrap();
            let written = Integration::parse(file.name, &text).unwrap();
            assert_eq!(format!("{:#?}", catalog.get(file.name).unwrap()), format!("{written:#?}"));
        }
        assert!(catalog.get("nobody").is_none());
    }
}
