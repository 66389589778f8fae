//! What a test found wrong: all of it, and not only the first.

use std::fmt::Display;

/// Findings, one a line: where, what, and what to do.
#[derive(Debug, Default)]
pub(crate) struct Findings(Vec<String>);

impl Findings {
    /// Adds a finding unless `holds`.
    pub(crate) fn unless(&mut self, holds: bool, place: &dyn Display, what: impl Display) {
        if !holds {
            self.add(place, what);
        }
    }

    /// Adds a finding.
    pub(crate) fn add(&mut self, place: &dyn Display, what: impl Display) {
        self.0.push(format!("{place}: {what}"));
    }

    /// The findings, for tests that expect some.
    pub(crate) fn lines(&self) -> Vec<&str> {
        self.0.iter().map(String::as_str).collect()
    }

    /// Ends a test: fails it if there are any.
    #[track_caller]
    pub(crate) fn assert_none(&self) {
        assert!(self.0.is_empty(), "{} to mend:\n  {}", self.0.len(), self.0.join("\n  "));
    }
}
