//! One thing that is wrong with a file, or could be better.

use std::fmt;
use std::ops::Range;

/// How much a diagnostic matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Severity {
    /// Worth knowing.
    Note,
    /// Works, but probably not as meant.
    Warning,
    /// Does not work, or must not.
    Error,
}

impl Severity {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What is wrong, where, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Diagnostic {
    /// The rule's identifier.
    pub(crate) rule: &'static str,
    pub(crate) severity: Severity,
    /// The file, as it was asked for.
    pub(crate) file: String,
    /// The bytes of the file's text that it is about; none if it is about the file's name.
    pub(crate) span: Option<Range<usize>>,
    /// What is wrong, in one line.
    pub(crate) message: String,
    /// What to do, in one line.
    pub(crate) help: String,
    /// Where the documentation says more, from the repository's root.
    pub(crate) link: String,
}

impl Diagnostic {
    /// The order in which they are shown: by file, then by place.
    pub(crate) fn place(&self) -> (&str, usize, usize, &'static str) {
        let span = self.span.clone().unwrap_or_default();
        (&self.file, span.start, span.end, self.rule)
    }
}

/// A place as editors count: lines and columns from 1, columns in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Position {
    pub(crate) line: usize,
    pub(crate) column: usize,
}

impl Position {
    /// The position of a byte of `text`.
    pub(crate) fn of(text: &str, byte: usize) -> Self {
        let before = text.get(..byte).unwrap_or(text);
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        Self { line, column }
    }
}

#[cfg(test)]
mod tests {
    use super::Position;

    #[test]
    fn columns_count_characters_and_lines_count_from_one() {
        let text = "a = 1\nb = \"é\" # c";
        assert_eq!(Position::of(text, 0), Position { line: 1, column: 1 });
        assert_eq!(Position::of(text, 6), Position { line: 2, column: 1 });
        assert_eq!(Position::of(text, text.len() - 3), Position { line: 2, column: 9 });
        assert_eq!(Position::of(text, 999), Position { line: 2, column: 12 });
    }
}
