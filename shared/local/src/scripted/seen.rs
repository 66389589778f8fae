//! What the third party was asked, and what it sent.

use std::net::SocketAddr;
use std::time::Duration;

use serde::Serialize;

/// Everything seen of one reference. Times are milliseconds since 1970.
///
/// Only requests with the right bearer token, and with the key where the URL has
/// one, count.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Seen {
    /// Submits, whatever they were answered.
    pub submits: u32,
    /// From where these came, in order.
    pub submitted_from: Vec<SocketAddr>,
    /// The ids of the jobs these made, in order.
    pub jobs: Vec<String>,
    /// The most of these jobs that were under way at a time.
    pub most_under_way: usize,
    /// The different idempotency keys the submits carried, in order.
    pub idempotency_keys: Vec<String>,
    /// When each status check came in.
    pub checks: Vec<i64>,
    /// The most jobs that one request asked for which asked for one of these, where
    /// several can be asked for.
    pub most_together: usize,
    /// Pages of results that were handed out.
    pub pages: u32,
    /// Cancels, whatever they were answered.
    pub cancels: u32,
    /// Webhooks sent, in the order in which they were answered or given up.
    pub webhooks: Vec<WebhookSent>,
    /// When the first of the jobs was done, by the vendor's timer.
    pub done_at_ms: Option<i64>,
}

/// One webhook that was sent: a copy or a retry is one more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct WebhookSent {
    /// The event's type: `check.updated` or `check.finished`.
    pub event: &'static str,
    /// When it was sent.
    pub sent_at_ms: i64,
    /// What came of it.
    #[serde(flatten)]
    pub outcome: WebhookOutcome,
}

/// What came of a webhook.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum WebhookOutcome {
    /// The receiver answered with this status.
    Status(u16),
    /// There was no answer, for this reason.
    Unanswered(String),
}

impl Seen {
    /// The status each webhook was answered with; `None` where there was no
    /// answer.
    #[must_use]
    pub fn webhook_statuses(&self) -> Vec<Option<u16>> {
        self.webhooks.iter().map(|sent| sent.outcome.status()).collect()
    }
}

impl WebhookOutcome {
    /// The status, if there was an answer.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Status(status) => Some(*status),
            Self::Unanswered(_) => None,
        }
    }

    /// 2xx: the receiver has taken the event, and no retry follows.
    pub(super) fn is_accepted(&self) -> bool {
        self.status().is_some_and(|status| (200..300).contains(&status))
    }
}

/// The third party did not see in time what was waited for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "waited {waited:?} for the third party to see what is expected of `{reference}`, \
     and this is all that came: {seen:?}"
)]
pub struct TimedOut {
    /// Whose counts were watched.
    pub reference: String,
    /// How long.
    pub waited: Duration,
    /// The counts at the end.
    pub seen: Box<Seen>,
}
