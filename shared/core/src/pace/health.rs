//! How a third party is doing, by what everybody has heard of it last.

use crate::Timestamp;
use crate::answer::{Answer, TransportError};
use crate::decide::retry_after;
use std::time::Duration;

/// After how many failures in a row the breaker opens, five: one lost answer, or
/// one server of many, keeps nobody away.
pub const FAILURES_TO_OPEN: u32 = 5;

/// The first pause of an open breaker, 5 seconds; it doubles with each probe that fails.
const FIRST_PAUSE: Duration = Duration::from_secs(5);

/// The longest pause, 5 minutes: for so long may it go unnoticed that the third
/// party is back, and no answer silences all executions for longer.
const LONGEST_PAUSE: Duration = Duration::from_mins(5);

/// The shortest pause that a third party can ask for, one second: "0" means
/// that it wants to be asked less.
const SHORTEST_PAUSE: Duration = Duration::from_secs(1);

/// The pause after a 429 that does not name one, 5 seconds.
const DEFAULT_PAUSE: Duration = Duration::from_secs(5);

/// A circuit breaker: closed while there are few failures, open while it is
/// paused, half-open when the pause is over, until a probe was answered. A pause
/// that the third party asked for is not a failure.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Health {
    /// Failures in a row; from [`FAILURES_TO_OPEN`] on, probes that failed included.
    pub failures: u32,
    /// Until when everybody stays away.
    pub paused_until_us: i64,
    /// Whether a probe is out, and the pause is its lease.
    pub probing: bool,
}

/// What an exchange says of the third party's health.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heard {
    /// It answers, with whatever it has to say.
    Good,
    /// It asks everybody to stay away for so long.
    Throttled(Duration),
    /// It gave no answer, or one of a server that is broken.
    Failed,
    /// The request never left.
    Nothing,
}

impl Heard {
    /// What an exchange says.
    #[must_use]
    pub fn of(received: &Result<Answer, TransportError>, now: Timestamp) -> Self {
        let answer = match received {
            Ok(answer) => answer,
            Err(TransportError::NotConnected | TransportError::Broken) => return Self::Failed,
            Err(TransportError::Unsendable | TransportError::Refused) => return Self::Nothing,
        };
        let asked = answer.header("retry-after").and_then(|text| retry_after::parse(text, now));
        match (answer.status, asked) {
            // RFC 6585 section 4; a 503 asks for a pause only when it names one.
            (429, asked) => Self::Throttled(asked.unwrap_or(DEFAULT_PAUSE).clamp(SHORTEST_PAUSE, LONGEST_PAUSE)),
            (503, Some(asked)) => Self::Throttled(asked.clamp(SHORTEST_PAUSE, LONGEST_PAUSE)),
            (500..=599, _) => Self::Failed,
            _ => Self::Good,
        }
    }
}

impl Health {
    /// Whether the breaker is open, or half-open.
    #[must_use]
    pub const fn is_down(self) -> bool {
        self.failures >= FAILURES_TO_OPEN
    }

    /// Whether requests that are no probe may go.
    #[must_use]
    pub const fn lets_through(self, now_us: i64) -> bool {
        self.paused_until_us <= now_us && !self.is_down()
    }

    /// The health after an exchange; `None` if it tells nothing new.
    #[must_use]
    pub fn after(self, heard: Heard, now: Timestamp) -> Option<Self> {
        let now_us = now.as_microsecond();
        let until = |pause: Duration| now_us.saturating_add(i64::try_from(pause.as_micros()).unwrap_or(i64::MAX));
        let becomes = match heard {
            Heard::Nothing => self,
            Heard::Good if self.is_down() => Self::default(),
            // A pause that was asked for goes on.
            Heard::Good => Self { failures: 0, ..self },
            // An answer to the probe: it is up, and busy.
            Heard::Throttled(pause) if self.probing => {
                Self { failures: 0, paused_until_us: until(pause), probing: false }
            }
            // From before it went down.
            Heard::Throttled(_) if self.is_down() => self,
            Heard::Throttled(pause) => {
                Self { failures: 0, paused_until_us: self.paused_until_us.max(until(pause)), probing: false }
            }
            Heard::Failed if self.probing || !self.is_down() => {
                let failures = self.failures.saturating_add(1);
                let paused_until_us = match failures.checked_sub(FAILURES_TO_OPEN) {
                    None => self.paused_until_us,
                    Some(0) => self.paused_until_us.max(until(FIRST_PAUSE)),
                    Some(reopened) => until(pause(reopened)),
                };
                Self { failures, paused_until_us, probing: false }
            }
            // Sent before the breaker opened, or past it; the next probe will tell.
            Heard::Failed => self,
        };
        (becomes != self).then_some(becomes)
    }
}

/// The pause of a breaker that was opened again so often.
fn pause(reopened: u32) -> Duration {
    FIRST_PAUSE.saturating_mul(2_u32.saturating_pow(reopened)).min(LONGEST_PAUSE)
}
