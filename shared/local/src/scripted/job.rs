//! One job's life, from its submit to its last webhook.

use std::sync::Arc;

use serde_json::{Value, json};
use tokio::time::{Instant, sleep, sleep_until};

use super::clock::epoch_ms;
use super::courier::{Courier, Delivery, Manner};
use super::ledger::{Job, JobState, Ledger};
use super::script::{Ending, WebhookScript};
use super::seen::{WebhookOutcome, WebhookSent};
use super::signing::{Signing, WebhookSecret};

/// Everything one job needs to live by itself, in a task of its own.
#[derive(Debug)]
pub(super) struct Life {
    pub(super) ledger: Arc<Ledger>,
    pub(super) courier: Arc<Courier>,
    pub(super) job: Job,
    pub(super) ending: Ending,
    pub(super) webhook: WebhookScript,
}

impl Life {
    /// Lives the job to its end. It is done when its timer says so, whether or
    /// not anybody asks, and however long its progress event takes to deliver.
    pub(super) async fn live(self) {
        let submitted = Instant::now();
        let Some(after) = self.ending.after() else {
            self.begin().await;
            return;
        };
        let working = async {
            sleep_until(submitted + after / 2).await;
            self.begin().await;
        };
        let finishing = async {
            sleep_until(submitted + after).await;
            self.ledger.move_on(&self.job.id, self.outcome())
        };
        // A canceled job was not moved: it ends without a webhook.
        let (_, finished) = tokio::join!(working, finishing);
        if let Some(job) = finished {
            sleep(self.webhook.delay).await;
            self.announce(&job).await;
        }
    }

    async fn begin(&self) {
        let begun = self.ledger.move_on(&self.job.id, JobState::InProgress);
        if let Some(job) = begun
            && self.webhook.progress_first
        {
            let event_id = self.courier.event_id();
            self.send(&event_id, "check.updated", &job).await;
        }
    }

    fn outcome(&self) -> JobState {
        match &self.ending {
            Ending::Succeeds { result, .. } => JobState::Succeeded(result.clone()),
            Ending::Fails { reason, .. } => JobState::Failed(reason.clone()),
            Ending::Never => JobState::InProgress,
        }
    }

    async fn announce(&self, job: &Job) {
        let event_id = self.courier.event_id();
        for _ in 0..self.webhook.copies {
            let mut retries_left = self.webhook.retries;
            while !self.send(&event_id, "check.finished", job).await && retries_left > 0 {
                retries_left -= 1;
                sleep(self.webhook.retry_gap).await;
            }
        }
    }

    /// Sends one webhook and counts it; whether it was accepted. A job without a
    /// webhook URL has nobody to tell.
    async fn send(&self, event_id: &str, event: &'static str, job: &Job) -> bool {
        let Some(url) = job.webhook_url.clone() else {
            return true;
        };
        let body: Value = json!({"type": event, "data": job.vendor.show(job)});
        let sent_at_ms = epoch_ms();
        let delivery = Delivery { url, body: body.to_string().into_bytes(), sign: self.signing() };
        let outcome = match self.courier.deliver_event(event_id, delivery, Manner::Json).await {
            Ok(answer) => WebhookOutcome::Status(answer.status),
            Err(error) => WebhookOutcome::Unanswered(error.to_string()),
        };
        let accepted = outcome.is_accepted();
        let sent = WebhookSent { event, sent_at_ms, outcome };
        self.ledger.count_webhook(&job.reference, sent);
        accepted
    }

    fn signing(&self) -> Signing {
        if self.webhook.wrongly_signed {
            // Well formed, of the right length, and known to nobody.
            Signing::WithSecret(WebhookSecret::from_key([0x5a; 32]))
        } else {
            Signing::Valid
        }
    }
}
