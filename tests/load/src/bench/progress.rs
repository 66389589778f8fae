//! How far a run is: a bar on a terminal, a line for each phase in a log.

use std::io::{IsTerminal as _, stderr};

use indicatif::{ProgressBar, ProgressStyle};

/// Where progress is shown: on standard error.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Progress {
    is_terminal: bool,
}

impl Progress {
    pub(crate) fn on_stderr() -> Self {
        Self { is_terminal: stderr().is_terminal() }
    }

    /// Something of unknown length.
    pub(crate) fn spinner(self, name: &'static str) -> ProgressBar {
        self.announce(name);
        self.styled(ProgressBar::new_spinner().with_message(name), "{spinner:.cyan} {elapsed:>4.dim} {msg}")
    }

    /// So many of something.
    pub(super) fn bar(self, name: &'static str, count: usize) -> ProgressBar {
        self.announce(&format!("{name}: {count}"));
        let bar = ProgressBar::new(u64::try_from(count).unwrap_or(u64::MAX)).with_message(name);
        self.styled(bar, "{spinner:.cyan} {elapsed:>4.dim} {msg:20} {wide_bar:.dim} {pos}/{len}")
    }

    fn announce(self, what: &str) {
        if !self.is_terminal {
            anstream::eprintln!("{what}");
        }
    }

    fn styled(self, bar: ProgressBar, template: &str) -> ProgressBar {
        let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
        bar.with_style(style)
    }
}
