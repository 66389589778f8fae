//! Lines that change: in place on a terminal, one below the other in a log.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::io::{IsTerminal, stderr};
use std::process::ExitCode;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use stepwait_local::engine::{State, Step};

/// Between two lines in a log about the same compilation.
const LOG_GAP: Duration = Duration::from_secs(10);
/// Between two turns of a spinner.
const SPIN: Duration = Duration::from_millis(120);
/// The longest name of a line: "environment of the local engine".
const NAME_WIDTH: usize = 31;

/// Where progress is shown: on standard error.
#[derive(Debug)]
pub(crate) struct Screen {
    bars: Option<MultiProgress>,
    lines: Mutex<BTreeMap<String, Line>>,
}

#[derive(Debug)]
struct Line {
    text: String,
    shown_at: Instant,
    bar: Option<ProgressBar>,
}

impl Screen {
    pub(crate) fn on_stderr() -> Self {
        let is_dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        Self { bars: (stderr().is_terminal() && !is_dumb).then(MultiProgress::new), lines: Mutex::default() }
    }

    /// Shows a step of the set-up.
    pub(crate) fn set_up(&self, step: &Step) {
        let name = step.part.to_string();
        match &step.state {
            State::Began => self.show(&name, "begins"),
            // A compilation counts hundreds of crates: too many lines for a log.
            State::Going(far) if self.is_due(&name) => self.show(&name, far),
            State::Going(_) => {}
            State::Done(_) => self.finish(&name, &step.state.to_string()),
        }
    }

    /// Shows how something stands.
    pub(crate) fn show(&self, name: &str, text: &str) {
        self.put(name, text, false);
    }

    /// Shows how something ended.
    pub(crate) fn finish(&self, name: &str, text: &str) {
        self.put(name, text, true);
    }

    /// Prints a line that stays.
    pub(crate) fn note(&self, text: &str) {
        match &self.bars {
            Some(bars) => bars.suspend(|| anstream::eprintln!("{text}")),
            None => anstream::eprintln!("{text}"),
        }
    }

    /// Says why a command ends, and gives the status that it ends with.
    pub(crate) fn fail(&self, error: &dyn Display) -> ExitCode {
        self.freeze();
        self.note(&format!("error: {error}"));
        ExitCode::FAILURE
    }

    /// Leaves the lines as they are; whatever is printed from now on stands
    /// below them.
    pub(crate) fn freeze(&self) {
        let lines = std::mem::take(&mut *self.lines());
        let Some(bars) = &self.bars else { return };
        for bar in lines.values().filter_map(|line| line.bar.as_ref()) {
            bar.abandon();
        }
        bars.set_draw_target(ProgressDrawTarget::hidden());
        if !lines.is_empty() {
            // The cursor is still at the end of the last of them.
            anstream::eprintln!();
        }
    }

    fn put(&self, name: &str, text: &str, is_last: bool) {
        let mut lines = self.lines();
        let line = lines.entry(name.to_owned()).or_insert_with(|| Line {
            text: String::new(),
            shown_at: Instant::now(),
            bar: self.bars.as_ref().map(|bars| bar(bars, name)),
        });
        match &line.bar {
            Some(bar) if is_last => {
                bar.set_style(style("  {prefix:WIDTH}  {msg}"));
                bar.finish_with_message(text.to_owned());
            }
            Some(bar) => bar.set_message(text.to_owned()),
            None if line.text != text => anstream::eprintln!("{name:NAME_WIDTH$}  {text}"),
            None => {}
        }
        text.clone_into(&mut line.text);
        line.shown_at = Instant::now();
    }

    fn is_due(&self, name: &str) -> bool {
        self.bars.is_some() || self.lines().get(name).is_none_or(|line| line.shown_at.elapsed() >= LOG_GAP)
    }

    fn lines(&self) -> MutexGuard<'_, BTreeMap<String, Line>> {
        // A line half written is still a line.
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn bar(bars: &MultiProgress, name: &str) -> ProgressBar {
    let bar = ProgressBar::new_spinner().with_prefix(name.to_owned());
    let bar = bars.add(bar.with_style(style("{spinner:.cyan} {prefix:WIDTH}  {elapsed:>4.dim} {wide_msg}")));
    bar.enable_steady_tick(SPIN);
    bar
}

fn style(template: &str) -> ProgressStyle {
    let template = template.replace("WIDTH", &NAME_WIDTH.to_string());
    ProgressStyle::with_template(&template).unwrap_or_else(|_| ProgressStyle::default_spinner())
}
