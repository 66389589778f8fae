//! The vendors' paths, bodies and words for the same things, side by side.

use http::{Method, StatusCode};
use serde_json::{Value, json};

use super::ledger::{Job, JobState};
use super::renderings;

/// Who is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Vendor {
    /// Polled.
    Transcripts,
    /// Sends webhooks.
    Checks,
    /// Polled by a URL of its own making.
    Renderings,
}

/// What is asked, read from method and path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Call {
    Submit(Vendor),
    Check(Vendor, String),
    /// How several jobs are doing, by the query.
    CheckMany(Vendor),
    Cancel(Vendor, String),
    /// A page of a result that is not in the answer to a check.
    Page(Vendor, String),
}

/// A submit's body, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Submission {
    pub(super) reference: String,
    /// What the job is about: an audio file's URL, an applicant, a film.
    pub(super) subject: String,
    pub(super) webhook_url: Option<String>,
}

impl Call {
    pub(super) fn read(method: &Method, path: &str) -> Option<Self> {
        use Vendor::{Checks, Renderings, Transcripts};
        let segments: Vec<&str> = path.trim_start_matches('/').split('/').collect();
        match (method.as_str(), segments.as_slice()) {
            ("POST", ["v1", "transcripts"]) => Some(Self::Submit(Transcripts)),
            ("GET", ["v1", "transcripts"]) => Some(Self::CheckMany(Transcripts)),
            ("GET", ["v1", "transcripts", id]) => Some(Self::Check(Transcripts, (*id).to_owned())),
            ("DELETE", ["v1", "transcripts", id]) => Some(Self::Cancel(Transcripts, (*id).to_owned())),
            ("POST", ["v1", "checks"]) => Some(Self::Submit(Checks)),
            ("GET", ["v1", "checks", id]) => Some(Self::Check(Checks, (*id).to_owned())),
            ("POST", ["v1", "checks", id, "withdraw"]) => Some(Self::Cancel(Checks, (*id).to_owned())),
            ("POST", ["v1", "renderings"]) => Some(Self::Submit(Renderings)),
            ("GET", ["v1", "operations", id]) => Some(Self::Check(Renderings, (*id).to_owned())),
            ("DELETE", ["v1", "operations", id]) => Some(Self::Cancel(Renderings, (*id).to_owned())),
            ("GET", ["v1", "renderings", id, "frames"]) => Some(Self::Page(Renderings, (*id).to_owned())),
            _ => None,
        }
    }

    pub(super) fn vendor(&self) -> Vendor {
        match self {
            Self::Submit(vendor)
            | Self::Check(vendor, _)
            | Self::CheckMany(vendor)
            | Self::Cancel(vendor, _)
            | Self::Page(vendor, _) => *vendor,
        }
    }
}

impl Vendor {
    /// In front of a job's number.
    pub(super) fn id_prefix(self) -> &'static str {
        match self {
            Self::Transcripts => "tr",
            Self::Checks => "chk",
            Self::Renderings => "rnd",
        }
    }

    /// The status of a submit's answer when it made a new job. A submit repeated
    /// with the same idempotency key is answered 200.
    pub(super) fn submitted(self) -> StatusCode {
        match self {
            Self::Transcripts => StatusCode::CREATED,
            Self::Checks | Self::Renderings => StatusCode::ACCEPTED,
        }
    }

    /// The status of the answer to a check.
    pub(super) fn looked_at(self, job: &Job) -> StatusCode {
        match self {
            Self::Transcripts | Self::Checks => StatusCode::OK,
            Self::Renderings => renderings::status(job),
        }
    }

    /// Reads a submit's body.
    pub(super) fn read_submission(self, body: &[u8]) -> Result<Submission, String> {
        let body: Value = serde_json::from_slice(body).map_err(|error| format!("the body is not JSON: {error}"))?;
        let text = |key: &str| {
            body.get(key)
                .and_then(Value::as_str)
                .filter(|text| !text.is_empty())
                .map(str::to_owned)
                .ok_or_else(|| format!("`{key}` is required, as a text that is not empty"))
        };
        let (subject, webhook_url) = match self {
            Self::Transcripts => (text("audio_url")?, None),
            Self::Checks => (text("applicant")?, Some(text("webhook_url")?)),
            Self::Renderings => (text("film")?, None),
        };
        Ok(Submission { reference: text("reference")?, subject, webhook_url })
    }

    /// A job as this vendor shows it; also the `data` of its webhooks.
    pub(super) fn show(self, job: &Job) -> Value {
        match self {
            Self::Transcripts => show_transcript(job),
            Self::Checks => show_check(job),
            Self::Renderings => renderings::show(job),
        }
    }
}

fn show_transcript(job: &Job) -> Value {
    let id = &job.id;
    match &job.state {
        JobState::Queued => json!({"id": id, "status": "queued"}),
        JobState::InProgress => json!({"id": id, "status": "processing"}),
        JobState::Succeeded(Some(text)) => {
            json!({"id": id, "status": "completed", "text": text})
        }
        JobState::Succeeded(None) => {
            let text = format!("what is said in {}", job.subject);
            json!({"id": id, "status": "completed", "text": text})
        }
        JobState::Failed(reason) => json!({"id": id, "status": "error", "error": reason}),
        JobState::Canceled => json!({"id": id, "status": "canceled"}),
    }
}

fn show_check(job: &Job) -> Value {
    let id = &job.id;
    match &job.state {
        JobState::Queued => json!({"check_id": id, "state": "pending"}),
        JobState::InProgress => json!({"check_id": id, "state": "in_review"}),
        JobState::Succeeded(Some(report)) => {
            json!({"check_id": id, "state": "approved", "report": report})
        }
        JobState::Succeeded(None) => {
            let report = json!({"score": 97, "reference": job.reference});
            json!({"check_id": id, "state": "approved", "report": report})
        }
        JobState::Failed(reason) => {
            json!({"check_id": id, "state": "declined", "reason": reason})
        }
        JobState::Canceled => json!({"check_id": id, "state": "withdrawn"}),
    }
}
