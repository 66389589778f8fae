//! How far a run is, on standard error, if it takes over a second.

use indicatif::{ProgressBar, ProgressStyle};
use std::io::{IsTerminal as _, stderr};
use std::time::Duration;
use stepwait_simulation::many::{Total, Until};

/// When something is shown for the first time.
const FIRST: Duration = Duration::from_secs(1);

/// How often a line is written where there is no terminal.
const LINES: Duration = Duration::from_secs(30);

/// How far a run is.
pub(crate) struct Progress {
    until: Until,
    bar: Option<ProgressBar>,
    is_terminal: bool,
    next: Duration,
}

impl Progress {
    pub(crate) fn on_stderr(until: Until) -> Self {
        Self { until, bar: None, is_terminal: stderr().is_terminal(), next: FIRST }
    }

    /// Shows how far it is, if that is due.
    pub(crate) fn show(&mut self, total: &Total) {
        if total.took < self.next {
            return;
        }
        let (hit, possible) = total.coverage.cells();
        let line =
            format!("{} seeds, {:.0} a second, {hit} of {possible} cells", total.seeds, rate(total.seeds, total.took));
        if !self.is_terminal {
            anstream::eprintln!("{}: {line}", humantime::format_duration(Duration::from_secs(total.took.as_secs())));
            self.next = total.took + LINES;
            return;
        }
        let (done, all) = match self.until {
            Until::Seeds(seeds) => (total.seeds, seeds),
            Until::Time(time) => (total.took.as_secs(), time.as_secs()),
        };
        let bar = self.bar.get_or_insert_with(|| bar(all));
        bar.set_position(done);
        bar.set_message(line);
    }

    /// Leaves nothing behind.
    pub(crate) fn clear(self) {
        if let Some(bar) = self.bar {
            bar.finish_and_clear();
        }
    }
}

fn bar(all: u64) -> ProgressBar {
    let style = ProgressStyle::with_template("{spinner:.cyan} {elapsed:>4.dim} {wide_bar:.dim} {msg}");
    ProgressBar::new(all).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

/// How many a second.
pub(crate) fn rate(count: u64, took: Duration) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "a rate for people")]
    let count = count as f64;
    count / took.as_secs_f64().max(0.001)
}
