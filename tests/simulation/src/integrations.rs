//! The third parties of the simulation, as files of the package, in the two
//! versions that are deployed one after the other.

use crate::learned::Learned;
use std::sync::OnceLock;
use stepwait_catalog::Catalog;
use stepwait_core::integration::Integration;
use stepwait_flow::{Book, Settings};

/// The files, by name. The last five are polled, and the last two of them all together;
/// of one each of these is known how long earlier jobs took.
pub(crate) const FILES: [(&str, &str); 8] = [
    ("checks", include_str!("../integrations/checks.toml")),
    ("scans", include_str!("../integrations/scans.toml")),
    ("letters", include_str!("../integrations/letters.toml")),
    ("renders", include_str!("../integrations/renders.toml")),
    ("exports", include_str!("../integrations/exports.toml")),
    ("transcripts", include_str!("../integrations/transcripts.toml")),
    ("archives", include_str!("../integrations/archives.toml")),
    ("audits", include_str!("../integrations/audits.toml")),
];

/// Where the listener is reached.
pub(crate) const CALLBACK_BASE: &str = "https://hooks.example.com";

/// What is deployed, before and after a deployment on the way.
pub(crate) struct Books {
    pub(crate) before: Book,
    pub(crate) after: Book,
    /// The files as they are read, in the order of [`FILES`].
    pub(crate) integrations: Vec<Integration>,
    /// What was learned for them, in the same order.
    pub(crate) learned: Vec<Option<Learned>>,
}

impl Books {
    /// The books, which are read once.
    pub(crate) fn get() -> &'static Self {
        static BOOKS: OnceLock<Books> = OnceLock::new();
        BOOKS.get_or_init(|| {
            let later = FILES.map(|(name, text)| (name, later(text)));
            let later: Vec<(&'static str, &str)> = later.iter().map(|(name, text)| (*name, text.as_str())).collect();
            let parsed = FILES.iter().map(|(name, text)| Integration::parse(name, text).unwrap());
            let integrations: Vec<Integration> = parsed.collect();
            let learned = integrations.iter().map(Learned::of).collect();
            Self { before: book(&FILES), after: book(&later), integrations, learned }
        })
    }
}

/// What is deployed later: other words everywhere, and for some less time than the
/// states of a workflow of one's own were made for.
fn later(text: &str) -> String {
    let shorter = [("deadline = \"6h\"", "deadline = \"5h\""), ("deadline = \"8h\"", "deadline = \"6h\"")];
    let text = text.replace("description = \"", "description = \"Now: ");
    shorter.iter().fold(text, |text, (before, after)| text.replace(before, after))
}

fn book(files: &[(&'static str, &str)]) -> Book {
    let settings = Settings { callback_base: Some(CALLBACK_BASE.to_owned()), ..Settings::default() };
    Book::new(Catalog::of_written(files).unwrap(), settings)
}
