//! The clock, and being asked to stop.

use std::io::{self, IsTerminal, stderr};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use indicatif::{ProgressBar, ProgressStyle};
use stepwait_core::Timestamp;
use stepwait_trial::{Pause, Time};
use tokio::sync::watch;
use tokio::time::{Instant, interval, sleep_until};

use crate::signals::{Signals, Stop};

/// Between two numbers of a countdown.
const COUNT: Duration = Duration::from_secs(1);

/// The shortest pause that is counted down: a shorter one would only flicker.
const MIN_COUNTED: Duration = Duration::from_secs(2);

/// Real time, in which pauses end early when somebody wants to stop.
#[derive(Debug)]
pub(super) struct Live {
    stop: watch::Receiver<Option<Stop>>,
    counts_down: bool,
}

/// Whether somebody wanted to stop.
#[derive(Debug)]
pub(super) struct Stopping(watch::Receiver<Option<Stop>>);

impl Stopping {
    /// The signal, if there was one.
    pub(super) fn signal(&self) -> Option<Stop> {
        *self.0.borrow()
    }
}

/// Now.
pub(crate) fn now() -> Timestamp {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::UNIX_EPOCH.saturating_add(since_epoch).unwrap_or(Timestamp::MAX)
}

impl Live {
    /// From now on the first signal ends the trial, and the second the process.
    pub(super) fn begin() -> io::Result<(Self, Stopping)> {
        let mut signals = Signals::listen()?;
        let (send, stop) = watch::channel(None);
        tokio::spawn(async move {
            send.send_replace(Some(signals.next().await));
            anstream::eprintln!(
                "stopping: the request under way is finished, then the job is called off; once more to leave at once"
            );
            std::process::exit(signals.next().await.status().into());
        });
        let is_dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        let counts_down = stderr().is_terminal() && !is_dumb;
        Ok((Self { stop: stop.clone(), counts_down }, Stopping(stop)))
    }
}

impl Time for Live {
    fn now(&self) -> Timestamp {
        now()
    }

    fn random(&self) -> u64 {
        fastrand::u64(..)
    }

    async fn pause(&self, length: Duration) -> Pause {
        let end = Instant::now() + length;
        let bar = if self.counts_down && length >= MIN_COUNTED { countdown() } else { ProgressBar::hidden() };
        let mut ticks = interval(COUNT);
        let mut stop = self.stop.clone();
        let pause = loop {
            tokio::select! {
                // Also true if it was wanted before the pause.
                true = async { stop.wait_for(Option::is_some).await.is_ok() } => break Pause::Stop,
                () = sleep_until(end) => break Pause::Over,
                now = ticks.tick() => bar.set_message(format!("{} s", (end - now).as_secs())),
            }
        };
        bar.finish_and_clear();
        pause
    }
}

fn countdown() -> ProgressBar {
    let style =
        ProgressStyle::with_template("         {msg:.dim}").unwrap_or_else(|_| ProgressStyle::default_spinner());
    ProgressBar::new_spinner().with_style(style)
}
