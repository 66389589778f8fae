//! What happened, line by line: kept as text to be read, as a digest to be
//! compared, or not at all.

use std::hash::{DefaultHasher, Hasher as _};

/// What becomes of the lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep {
    /// Nothing.
    Nothing,
    /// Their digest.
    Digest,
    /// All of them.
    Lines,
}

/// The lines of one seed.
#[derive(Debug)]
pub(crate) struct Trace {
    keep: Keep,
    lines: String,
    digest: DefaultHasher,
}

impl Trace {
    pub(crate) fn new(keep: Keep) -> Self {
        Self { keep, lines: String::new(), digest: DefaultHasher::new() }
    }

    /// Adds a line, which is made only where it is wanted.
    pub(crate) fn line(&mut self, now: u64, line: impl FnOnce() -> String) {
        let text = match self.keep {
            Keep::Nothing => return,
            Keep::Digest | Keep::Lines => line(),
        };
        let (seconds, milliseconds) = (now / 1_000, now % 1_000);
        let (days, hours, minutes, seconds) = (seconds / 86_400, seconds / 3_600 % 24, seconds / 60 % 60, seconds % 60);
        let text = format!("{days}d {hours:02}:{minutes:02}:{seconds:02}.{milliseconds:03} {text}\n");
        self.digest.write(text.as_bytes());
        if self.keep == Keep::Lines {
            self.lines.push_str(&text);
        }
    }

    pub(crate) fn into_parts(self) -> (String, u64) {
        (self.lines, self.digest.finish())
    }
}
