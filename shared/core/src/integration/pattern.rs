//! Regular expressions in integration files. The engine takes time linear in
//! the text for a given expression, so that no vendor's text can hang a check.

use regex_lite::Regex;
use std::fmt;

/// The most characters of an expression: enough for an id in a URL, too few to
/// compile into anything large.
const MAX_PATTERN_CHARS: usize = 256;

/// The most bytes of a text that an expression is applied to, 4 KiB: ids,
/// statuses and URLs are shorter, and what is longer is not searched for them.
const MAX_TEXT_BYTES: usize = 4 * 1024;

/// A checked regular expression.
#[derive(Clone)]
pub struct Pattern(Regex);

impl Pattern {
    /// Checks an expression.
    ///
    /// # Errors
    /// A text that says what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        if text.chars().count() > MAX_PATTERN_CHARS {
            return Err(format!("a regular expression has at most {MAX_PATTERN_CHARS} characters"));
        }
        Regex::new(text).map(Self).map_err(|e| format!("{text:?} is no regular expression: {e}"))
    }

    /// Checks an expression that must have exactly one group: what it finds.
    ///
    /// # Errors
    /// A text that says what is wrong with it.
    pub fn parse_with_group(text: &str) -> Result<Self, String> {
        let pattern = Self::parse(text)?;
        // The whole match counts as a group of its own.
        if pattern.0.captures_len() == 2 {
            Ok(pattern)
        } else {
            Err(format!(
                "{text:?} needs exactly one group in parentheses around the part that is meant; write (?:…) for others"
            ))
        }
    }

    /// Whether the expression occurs in the text.
    #[must_use]
    pub fn is_match(&self, text: &str) -> bool {
        text.len() <= MAX_TEXT_BYTES && self.0.is_match(text)
    }

    /// What the one group finds in the text.
    #[must_use]
    pub fn find<'t>(&self, text: &'t str) -> Option<&'t str> {
        if text.len() > MAX_TEXT_BYTES {
            return None;
        }
        self.0.captures(text)?.get(1).map(|found| found.as_str())
    }
}

impl fmt::Debug for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pattern({:?})", self.0.as_str())
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.as_str())
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.0.as_str() == other.0.as_str()
    }
}
