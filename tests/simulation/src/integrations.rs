//! The third parties of the simulation, as files of the package, in the two
//! versions that are deployed one after the other.

use std::sync::OnceLock;
use stepwait_catalog::Catalog;
use stepwait_core::integration::Integration;
use stepwait_flow::{Book, Settings};

/// The files, by name. The last three are polled, and the last of them all together.
pub(crate) const FILES: [(&str, &str); 6] = [
    ("checks", include_str!("../integrations/checks.toml")),
    ("scans", include_str!("../integrations/scans.toml")),
    ("letters", include_str!("../integrations/letters.toml")),
    ("renders", include_str!("../integrations/renders.toml")),
    ("exports", include_str!("../integrations/exports.toml")),
    ("archives", include_str!("../integrations/archives.toml")),
];

/// Where the listener is reached.
pub(crate) const CALLBACK_BASE: &str = "https://hooks.example.com";

/// What is deployed, before and after a deployment on the way.
pub(crate) struct Books {
    pub(crate) before: Book,
    pub(crate) after: Book,
    /// The files as they are read, in the order of [`FILES`].
    pub(crate) integrations: Vec<Integration>,
}

impl Books {
    /// The books, which are read once.
    pub(crate) fn get() -> &'static Self {
        static BOOKS: OnceLock<Books> = OnceLock::new();
        BOOKS.get_or_init(|| {
            let later = FILES.map(|(name, text)| (name, text.replace("description = \"", "description = \"Now: ")));
            let later: Vec<(&'static str, &str)> = later.iter().map(|(name, text)| (*name, text.as_str())).collect();
            Self {
                before: book(&FILES),
                after: book(&later),
                integrations: FILES.iter().map(|(name, text)| Integration::parse(name, text).unwrap()).collect(),
            }
        })
    }
}

fn book(files: &[(&'static str, &str)]) -> Book {
    let settings = Settings { callback_base: Some(CALLBACK_BASE.to_owned()), ..Settings::default() };
    Book::new(Catalog::of_written(files).unwrap(), settings)
}
