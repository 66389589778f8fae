//! What was found in all files.

use super::diagnostic::{Diagnostic, Severity};
use super::files::File;

/// The files that were checked, and their diagnostics in the order of files and places.
#[derive(Debug)]
pub(crate) struct Report {
    pub(crate) files: Vec<Checked>,
}

/// One file and what was found in it.
#[derive(Debug)]
pub(crate) struct Checked {
    /// The file; what looks like a credential in its text is masked.
    pub(crate) file: File,
    pub(crate) diagnostics: Vec<Diagnostic>,
}

/// How many there are of each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Summary {
    pub(crate) files: usize,
    pub(crate) errors: usize,
    pub(crate) warnings: usize,
    pub(crate) notes: usize,
}

impl Report {
    /// All diagnostics, each with its file.
    pub(crate) fn diagnostics(&self) -> impl Iterator<Item = (&File, &Diagnostic)> {
        self.files.iter().flat_map(|checked| checked.diagnostics.iter().map(|found| (&checked.file, found)))
    }

    pub(crate) fn summary(&self) -> Summary {
        let mut summary = Summary { files: self.files.len(), ..Summary::default() };
        for (_, diagnostic) in self.diagnostics() {
            match diagnostic.severity {
                Severity::Error => summary.errors += 1,
                Severity::Warning => summary.warnings += 1,
                Severity::Note => summary.notes += 1,
            }
        }
        summary
    }
}
