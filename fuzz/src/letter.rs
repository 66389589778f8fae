//! How inputs are written that stand for an HTTP message: words on the first
//! line, headers, an empty line, and the body to the last byte.
//!
//! ```text
//! replicate 200
//! retry-after: 5
//!
//! {"id": "j1", "status": "processing"}
//! ```
//!
//! Everything is a letter: what has no empty line has no body.

use std::borrow::Cow;

/// An input as words, headers and a body.
#[derive(Clone, Debug)]
pub struct Letter<'d> {
    first: Cow<'d, str>,
    /// Headers by their names in lower case, in order.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: &'d [u8],
}

impl<'d> Letter<'d> {
    /// Reads an input.
    #[must_use]
    pub fn read(input: &'d [u8]) -> Self {
        let end = input.windows(2).position(|pair| pair == b"\n\n").unwrap_or(input.len());
        let (head, rest) = input.split_at(end);
        let first_end = head.iter().position(|byte| *byte == b'\n').unwrap_or(head.len());
        let (first, fields) = head.split_at(first_end);
        let fields = String::from_utf8_lossy(fields);
        let headers = fields.lines().filter_map(|line| line.split_once(':'));
        Self {
            first: String::from_utf8_lossy(first),
            headers: headers.map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned())).collect(),
            body: rest.get(2..).unwrap_or_default(),
        }
    }

    /// The n-th word of the first line, counted from 0; empty if there are not so many.
    #[must_use]
    pub fn word(&self, n: usize) -> &str {
        self.first.split(' ').nth(n).unwrap_or_default()
    }

    /// Whether a word stands on the first line.
    #[must_use]
    pub fn says(&self, word: &str) -> bool {
        self.first.split(' ').any(|one| one == word)
    }
}
