//! What an event says, and what the listener would answer.

use serde::Serialize;
use stepwait_core::integration::{Callback, Integration};
use stepwait_core::wait::OutcomeKind;
use stepwait_core::webhook::{Delivery, Event, News, begin_handshake, read_event};

use super::path_of;

/// What an event says.
#[derive(Debug, Serialize)]
pub(super) struct Told {
    /// The job that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) job_id: Option<String>,
    /// What it says of the job, or why it says nothing.
    pub(super) says: String,
    /// Whether the listener can use it, be it by ignoring it.
    pub(super) usable: bool,
    /// The status that the listener answers a genuine one with.
    pub(super) status: u16,
    /// What that depends on, and means.
    pub(super) answer: &'static str,
}

impl Told {
    fn new(job_id: Option<String>, says: impl Into<String>, status: u16, answer: &'static str) -> Self {
        Self { job_id, says: says.into(), usable: status < 300, status, answer }
    }

    /// Reads the event, as the listener reads a genuine one.
    pub(super) fn by(integration: &Integration, callback: &Callback, delivery: &Delivery) -> Self {
        if begin_handshake(callback, delivery, true).is_some() {
            return Self::new(None, "it is a handshake, and no event", 200, "as the file's [callback.handshake] says");
        }
        match read_event(integration, callback, delivery) {
            Err(error) => Self::new(None, error.to_string(), 400, "as it cannot be read"),
            Ok(Event::Other) => {
                Self::new(None, "it is of another kind than [callback] takes", 200, "as it is acknowledged and ignored")
            }
            Ok(Event::OfJob { job_id, news }) => Self::of_job(Some(job_id.as_str().to_owned()), news),
            Ok(Event::OfWait { named, news }) => Self::of_job(named.map(|id| id.as_str().to_owned()), news),
        }
    }

    fn of_job(job_id: Option<String>, news: News) -> Self {
        let stored = "once it is stored and the workflow goes on; 202 as long as no wait knows the job";
        let looked = "once the job was looked at there; 503 if that fails";
        match news {
            News::Pending => Self::new(job_id, "pending: the job is under way", 200, "and the wait goes on"),
            News::Unlisted(status) => {
                Self::new(job_id, format!("pending: the file does not list {status:?}"), 200, "and the wait goes on")
            }
            News::Ended(OutcomeKind::Succeeded { output }) => {
                let bytes = output.to_string().len();
                Self::new(job_id, format!("succeeded, with a result of {bytes} bytes"), 200, stored)
            }
            News::Ended(OutcomeKind::Failed { error, reason }) => {
                Self::new(job_id, format!("failed: {error}: {reason}"), 200, stored)
            }
            News::Ended(OutcomeKind::Expired { reason } | OutcomeKind::Cancelled { reason }) => {
                Self::new(job_id, format!("ended: {reason}"), 200, stored)
            }
            News::Look { has_ended: true } => {
                Self::new(job_id, "the job has ended: it is looked at for how", 200, looked)
            }
            News::Look { has_ended: false } => {
                Self::new(job_id, "something happened: the job is looked at", 200, looked)
            }
        }
    }
}

/// What is wrong with the path that a delivery went to, if anything is.
pub(super) fn wrong_path(integration: &Integration, delivery: &Delivery) -> Option<String> {
    let path = path_of(integration);
    let behind = delivery.path.strip_prefix(&path);
    let is_right = behind.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    (!is_right).then(|| {
        format!(
            "it was sent to {:?}; the listener receives those of {} at {path:?} and answers 404 elsewhere",
            delivery.path, integration.name
        )
    })
}
