//! What a job does, written as a sentence.

use std::collections::VecDeque;
use std::time::Duration;

use serde_json::Value;

use super::Answer;

/// This many seconds; short, because scripts are read more than written.
#[must_use]
pub const fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// This many milliseconds.
#[must_use]
pub const fn millis(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

/// What becomes of the jobs submitted with one reference.
///
/// ```
/// # use stepwait_local::scripted::{Answer, Script, secs};
/// let flaky = Script::fails_after(secs(3), "the applicant is under age")
///     .check_answers([Answer::html(), Answer::hang_up()])
///     .progress_event_first()
///     .webhook_delay(secs(1))
///     .webhook_copies(2);
/// ```
#[derive(Clone, Debug)]
pub struct Script {
    pub(super) ending: Ending,
    pub(super) webhook: WebhookScript,
    pub(super) submit_answers: VecDeque<Answer>,
    pub(super) check_answers: VecDeque<Answer>,
    pub(super) cancel_answers: VecDeque<Answer>,
    /// Checks are answered once so many have come in.
    pub(super) checks_together: usize,
}

/// How a job ends, and how long after its submit.
#[derive(Clone, Debug)]
pub(super) enum Ending {
    /// `None`: the vendor's usual result.
    Succeeds {
        after: Duration,
        result: Option<Value>,
    },
    Fails {
        after: Duration,
        reason: String,
    },
    Never,
}

/// What the webhook of a finished job does.
#[derive(Clone, Debug)]
pub(super) struct WebhookScript {
    pub(super) delay: Duration,
    pub(super) copies: u32,
    pub(super) before_answer: bool,
    pub(super) progress_first: bool,
    pub(super) wrongly_signed: bool,
    pub(super) retries: u32,
    pub(super) retry_gap: Duration,
}

impl Default for Script {
    fn default() -> Self {
        Self::succeeds_after(Duration::ZERO)
    }
}

impl Script {
    /// The job succeeds with the vendor's usual result.
    #[must_use]
    pub fn succeeds_after(after: Duration) -> Self {
        Self::ending(Ending::Succeeds { after, result: None })
    }

    /// The job succeeds with this result: the `text` of a transcript, the
    /// `report` of an identity check, the list of a rendering's frames.
    #[must_use]
    pub fn succeeds_with(result: Value, after: Duration) -> Self {
        Self::ending(Ending::Succeeds { after, result: Some(result) })
    }

    /// The job fails for this reason.
    #[must_use]
    pub fn fails_after(after: Duration, reason: impl Into<String>) -> Self {
        Self::ending(Ending::Fails { after, reason: reason.into() })
    }

    /// The job is worked on until it is canceled.
    #[must_use]
    pub fn never_ends() -> Self {
        Self::ending(Ending::Never)
    }

    /// Answers to the first submits; after them, submits are answered normally.
    #[must_use]
    pub fn submit_answers(mut self, answers: impl IntoIterator<Item = Answer>) -> Self {
        self.submit_answers.extend(answers);
        self
    }

    /// Answers to the first status checks; after them, the truth.
    #[must_use]
    pub fn check_answers(mut self, answers: impl IntoIterator<Item = Answer>) -> Self {
        self.check_answers.extend(answers);
        self
    }

    /// The first status checks are held back until so many of them have come in:
    /// whoever asks is then certain to ask beside another.
    #[must_use]
    pub fn checks_together(mut self, checks: usize) -> Self {
        self.checks_together = checks;
        self
    }

    /// Answers to the first cancels; after them, a cancel cancels.
    #[must_use]
    pub fn cancel_answers(mut self, answers: impl IntoIterator<Item = Answer>) -> Self {
        self.cancel_answers.extend(answers);
        self
    }

    /// The webhook leaves this long after the job was done.
    #[must_use]
    pub fn webhook_delay(mut self, delay: Duration) -> Self {
        self.webhook.delay = delay;
        self
    }

    /// The webhook is sent this many times, one after the other, each with the
    /// same `webhook-id`.
    #[must_use]
    pub fn webhook_copies(mut self, copies: u32) -> Self {
        self.webhook.copies = copies;
        self
    }

    /// The webhook is never sent.
    #[must_use]
    pub fn webhook_lost(self) -> Self {
        self.webhook_copies(0)
    }

    /// The submit is answered only after the webhook was: the caller hears of
    /// the end of a job before it knows the job's id.
    #[must_use]
    pub fn webhook_before_answer(mut self) -> Self {
        self.webhook.before_answer = true;
        self
    }

    /// Half-way through, a `check.updated` event says that the job is in review.
    #[must_use]
    pub fn progress_event_first(mut self) -> Self {
        self.webhook.progress_first = true;
        self
    }

    /// Webhooks are signed with a secret that nobody shares.
    #[must_use]
    pub fn webhook_wrongly_signed(mut self) -> Self {
        self.webhook.wrongly_signed = true;
        self
    }

    /// A webhook that is not answered 2xx is sent again, at most this many times.
    #[must_use]
    pub fn webhook_retries(mut self, retries: u32, gap: Duration) -> Self {
        self.webhook.retries = retries;
        self.webhook.retry_gap = gap;
        self
    }

    fn ending(ending: Ending) -> Self {
        Self {
            ending,
            webhook: WebhookScript {
                delay: Duration::ZERO,
                copies: 1,
                before_answer: false,
                progress_first: false,
                wrongly_signed: false,
                retries: 0,
                retry_gap: Duration::ZERO,
            },
            submit_answers: VecDeque::new(),
            check_answers: VecDeque::new(),
            cancel_answers: VecDeque::new(),
            checks_together: 1,
        }
    }
}

impl Ending {
    /// From submit to done; `None` for a job that never is.
    pub(super) fn after(&self) -> Option<Duration> {
        match self {
            Self::Succeeds { after, .. } | Self::Fails { after, .. } => Some(*after),
            Self::Never => None,
        }
    }
}
