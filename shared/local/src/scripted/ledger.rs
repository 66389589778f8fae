//! The books: scripts and counts by reference, jobs by id.
//!
//! One lock over all of it, never held across an `.await`; every change wakes
//! whoever waits for a count.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::Value;
use tokio::sync::watch;

use super::clock::epoch_ms;
use super::script::{Ending, WebhookScript};
use super::seen::{Seen, TimedOut, WebhookSent};
use super::server::random;
use super::vendor::{Submission, Vendor};
use super::{Answer, Script};

/// A job as the vendor knows it.
#[derive(Clone, Debug)]
pub(super) struct Job {
    pub(super) id: String,
    /// What only the submit's answer tells, where the vendor's URLs carry a key.
    pub(super) key: String,
    pub(super) vendor: Vendor,
    pub(super) reference: String,
    pub(super) subject: String,
    pub(super) webhook_url: Option<String>,
    pub(super) state: JobState,
}

/// Where a job is in its life. The last three are final.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum JobState {
    Queued,
    InProgress,
    /// `None`: the vendor's usual result.
    Succeeded(Option<Value>),
    Failed(String),
    Canceled,
}

/// What came of a submit.
pub(super) enum Opened {
    /// A new job, to be lived by this ending and with these webhooks.
    New { job: Job, ending: Ending, webhook: WebhookScript },
    /// The job that an earlier submit with the same idempotency key made.
    Known(Job),
}

#[derive(Debug)]
pub(super) struct Ledger {
    books: Mutex<Books>,
    changes: watch::Sender<()>,
    run: String,
}

#[derive(Debug, Default)]
struct Books {
    references: HashMap<String, Entry>,
    jobs: HashMap<String, Job>,
    ids_by_key: HashMap<(Vendor, String), String>,
}

#[derive(Debug, Default)]
struct Entry {
    script: Script,
    seen: Seen,
    /// Jobs that are not done.
    under_way: usize,
}

impl JobState {
    pub(super) fn is_final(&self) -> bool {
        match self {
            Self::Queued | Self::InProgress => false,
            Self::Succeeded(_) | Self::Failed(_) | Self::Canceled => true,
        }
    }
}

impl Ledger {
    /// `run` goes into every job's id, so that ids of two runs differ.
    pub(super) fn new(run: String) -> Self {
        Self { books: Mutex::default(), changes: watch::Sender::new(()), run }
    }

    pub(super) fn script(&self, reference: &str, script: Script) {
        self.books().entry(reference).script = script;
    }

    pub(super) fn seen(&self, reference: &str) -> Seen {
        self.books().references.get(reference).map(|entry| entry.seen.clone()).unwrap_or_default()
    }

    /// Returns as soon as the counts of this reference are as expected.
    pub(super) async fn wait_until(
        &self,
        reference: &str,
        expected: impl Fn(&Seen) -> bool,
        at_most: Duration,
    ) -> Result<Seen, TimedOut> {
        // Subscribed before the first look, so that no change falls between.
        let mut changes = self.changes.subscribe();
        let watching = async {
            loop {
                let seen = self.seen(reference);
                if expected(&seen) {
                    return Some(seen);
                }
                changes.changed().await.ok()?;
            }
        };
        match tokio::time::timeout(at_most, watching).await {
            Ok(Some(seen)) => Ok(seen),
            Ok(None) | Err(_) => {
                Err(TimedOut { reference: reference.to_owned(), waited: at_most, seen: Box::new(self.seen(reference)) })
            }
        }
    }

    /// Counts a submit and says how it is answered.
    pub(super) fn count_submit(&self, reference: &str, key: Option<&str>, from: SocketAddr) -> Answer {
        self.change(|books| {
            let Entry { script, seen, .. } = books.entry(reference);
            seen.submits += 1;
            seen.submitted_from.push(from);
            if let Some(key) = key
                && !seen.idempotency_keys.iter().any(|known| known == key)
            {
                seen.idempotency_keys.push(key.to_owned());
            }
            script.submit_answers.pop_front().unwrap_or_else(Answer::normal)
        })
    }

    /// Counts a status check and says how it is answered; `None` for an unknown
    /// job.
    pub(super) fn count_check(&self, vendor: Vendor, id: &str) -> Option<Answer> {
        self.change(|books| {
            let Entry { script, seen, .. } = books.entry_of(vendor, id)?;
            seen.checks.push(epoch_ms());
            Some(script.check_answers.pop_front().unwrap_or_else(Answer::normal))
        })
    }

    /// Counts a check of a job in a request for so many.
    pub(super) fn count_check_among(&self, vendor: Vendor, id: &str, asked_for: usize) {
        self.change(|books| {
            if let Some(Entry { seen, .. }) = books.entry_of(vendor, id) {
                seen.checks.push(epoch_ms());
                seen.most_together = seen.most_together.max(asked_for);
            }
        });
    }

    /// Returns once so many checks of a job's reference have come in as its script
    /// wants to see together, or after this long.
    pub(super) async fn checks_together(&self, job: &Job, at_most: Duration) {
        let together = self.books().references.get(&job.reference).map_or(1, |entry| entry.script.checks_together);
        // Either way it is time to answer.
        let _ = self.wait_until(&job.reference, |seen| seen.checks.len() >= together, at_most).await;
    }

    /// Counts a cancel and says how it is answered; `None` for an unknown job.
    pub(super) fn count_cancel(&self, vendor: Vendor, id: &str) -> Option<Answer> {
        self.change(|books| {
            let Entry { script, seen, .. } = books.entry_of(vendor, id)?;
            seen.cancels += 1;
            Some(script.cancel_answers.pop_front().unwrap_or_else(Answer::normal))
        })
    }

    pub(super) fn count_page(&self, reference: &str) {
        self.change(|books| books.entry(reference).seen.pages += 1);
    }

    pub(super) fn count_webhook(&self, reference: &str, sent: WebhookSent) {
        self.change(|books| books.entry(reference).seen.webhooks.push(sent));
    }

    /// Makes a job, unless this idempotency key has made one.
    pub(super) fn open(&self, vendor: Vendor, submission: Submission, key: Option<&str>) -> Opened {
        self.change(|books| {
            if let Some(key) = key
                && let Some(id) = books.ids_by_key.get(&(vendor, key.to_owned()))
                && let Some(job) = books.jobs.get(id)
            {
                return Opened::Known(job.clone());
            }
            let number = books.jobs.len() + 1;
            let job = Job {
                id: format!("{}_{}_{number}", vendor.id_prefix(), self.run),
                key: format!("{:016x}", random()),
                vendor,
                reference: submission.reference,
                subject: submission.subject,
                webhook_url: submission.webhook_url,
                state: JobState::Queued,
            };
            if let Some(key) = key {
                books.ids_by_key.insert((vendor, key.to_owned()), job.id.clone());
            }
            books.jobs.insert(job.id.clone(), job.clone());
            let Entry { script, seen, under_way } = books.entry(&job.reference);
            seen.jobs.push(job.id.clone());
            *under_way += 1;
            seen.most_under_way = seen.most_under_way.max(*under_way);
            Opened::New { ending: script.ending.clone(), webhook: script.webhook.clone(), job }
        })
    }

    pub(super) fn job(&self, id: &str) -> Option<Job> {
        self.books().jobs.get(id).cloned()
    }

    /// Moves a job on, unless its state is final; returns the job as it then is,
    /// or `None` where nothing was moved.
    pub(super) fn move_on(&self, id: &str, next: JobState) -> Option<Job> {
        self.change(|books| {
            let job = books.jobs.get_mut(id).filter(|job| !job.state.is_final())?;
            job.state = next;
            let job = job.clone();
            let Entry { seen, under_way, .. } = books.entry(&job.reference);
            *under_way -= usize::from(job.state.is_final());
            if matches!(job.state, JobState::Succeeded(_) | JobState::Failed(_)) {
                seen.done_at_ms.get_or_insert_with(epoch_ms);
            }
            Some(job)
        })
    }

    fn change<T>(&self, change: impl FnOnce(&mut Books) -> T) -> T {
        let result = change(&mut self.books());
        self.changes.send_replace(());
        result
    }

    fn books(&self) -> MutexGuard<'_, Books> {
        self.books.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Books {
    fn entry(&mut self, reference: &str) -> &mut Entry {
        self.references.entry(reference.to_owned()).or_default()
    }

    fn entry_of(&mut self, vendor: Vendor, id: &str) -> Option<&mut Entry> {
        let job = self.jobs.get(id).filter(|job| job.vendor == vendor)?;
        self.references.get_mut(&job.reference)
    }
}
