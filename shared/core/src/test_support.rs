//! What several test files build their cases from: one integration file that
//! has every section, and short ways to write answers, times and rows.

use crate::Timestamp;
use crate::answer::{Answer, Document, TransportError};
use crate::decide::check::{Reading, Verdict, read};
use crate::decide::collect::{self, Step};
use crate::integration::{Bindings, ConfigError, Integration, IntegrationName, Jobs, Schedule};
use crate::learn::{Learning, Promptness};
use crate::message::WaitRef;
use crate::request::Job;
use crate::wait::{Generation, JobId, Kept, Outcome, OutcomeKind, Source, Status, WaitId, WaitRow};
use serde_json::Value;
use std::time::Duration;

/// A third party that renders films: every section, polled unless changed.
pub(crate) const RENDER: &str = r#"description = "Renders films"
strategy = "poll"
deadline = "1h"
base_url = "https://render.example.com/api/"

[auth]
bearer = { secret = "render/api-token" }

[submit]
path = "/v1/jobs"
body = { scene = "{request:/scene}" }
job_id = "body:/id"
idempotency_header = "Idempotency-Key"

[status]
path = "/v1/jobs/{job_id}"
value = "body:/state"
succeeded = ["done"]
failed = ["broken"]
pending = ["queued", "running"]
error = "body:/why"

[result]
output = "body:/film"

[cancel]
method = "DELETE"
path = "/v1/jobs/{job_id}"

[callback]
job_id = "body:/job/id"
verify = { preset = "standard-webhooks", secrets = ["render/webhook"] }

[schedule]
first = "5s"
interval = "2s..60s"
"#;

/// A third party whose file uses nearly every key there is.
pub(crate) const EVERYTHING: &str = include_str!("test_support/everything.toml");

/// How long jobs took: mostly about five minutes, some of them half a minute.
pub(crate) const JOBS: &str = "128 per doubling, 30s: 9.5, 31s: 6.25, 4m 50s: 12, 4m 58s: 18.5, 5m: 30, 5m 6s: 21";

/// The schedule that learns from jobs, written as a histogram.
pub(crate) fn learning(jobs: &str, schedule: &Schedule) -> Schedule {
    let learning = Learning::new(jobs.parse().unwrap(), Promptness::AsTheBackoff, None);
    Schedule { learning: Some(learning), ..schedule.clone() }
}

/// The integration of [`EVERYTHING`] with each `(from, to)` replaced.
pub(crate) fn everything(changes: &[(&str, &str)]) -> Integration {
    Integration::parse("everything", &changed(EVERYTHING, changes)).unwrap()
}

/// The text of [`RENDER`] with each `(from, to)` replaced. `from` must stand in
/// it exactly once, so that no case tests an unchanged file.
pub(crate) fn render_text(changes: &[(&str, &str)]) -> String {
    changed(RENDER, changes)
}

fn changed(text: &str, changes: &[(&str, &str)]) -> String {
    changes.iter().fold(text.to_owned(), |text, (from, to)| {
        assert_eq!(text.matches(from).count(), 1, "{from:?} must stand in the file once");
        text.replace(from, to)
    })
}

/// What becomes of [`RENDER`] so changed.
pub(crate) fn try_render(changes: &[(&str, &str)]) -> Result<Integration, ConfigError> {
    Integration::parse("render", &render_text(changes))
}

/// The integration of [`RENDER`] so changed.
pub(crate) fn render(changes: &[(&str, &str)]) -> Integration {
    try_render(changes).unwrap()
}

/// A moment, as RFC 3339 writes it.
pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// An answer with a JSON body.
pub(crate) fn answer(status: u16, body: &Value) -> Answer {
    raw_answer(status, body.to_string().as_bytes())
}

/// An answer with any body.
pub(crate) fn raw_answer(status: u16, body: &[u8]) -> Answer {
    Answer { status, headers: Vec::new(), body: body.to_vec(), truncated: false }
}

/// The answer with one more header.
pub(crate) fn with_header(mut answer: Answer, name: &str, value: &str) -> Answer {
    answer.headers.push((name.to_owned(), value.to_owned()));
    answer
}

/// The answer with its body cut off at the limit.
pub(crate) fn cut_off(answer: Answer) -> Answer {
    Answer { truncated: true, ..answer }
}

/// What placeholders stand for in a submit with this payload.
pub(crate) fn bindings<'a>(payload: &'a Value, kept: &'a Kept) -> Bindings<'a> {
    Bindings {
        payload,
        jobs: Jobs::Unknown,
        wait_id: Some("w-1"),
        callback_url: None,
        kept,
        answer: None,
        secrets: &[],
    }
}

/// What an answer to a check comes to, its result included, a quarter of an hour after the submit.
pub(crate) fn verdict_of(integration: &Integration, received: Result<Answer, TransportError>) -> Verdict {
    let look = read(integration, &received, Some(Duration::from_mins(15)), at("2026-11-23T12:10:00Z"));
    match (look.reading, received) {
        (Reading::Verdict(verdict), _) => verdict,
        (Reading::Done, Err(error)) => panic!("{error}, and yet the job is done"),
        (Reading::Done, Ok(answer)) => {
            let (id, kept) = (wait_id(), Kept::default());
            let bindings = Job { wait_id: Some(&id), job_id: "j1", kept: &kept }.bindings();
            match collect::begin(integration, &integration.base_url, &bindings, &Document::of_answer(&answer), false) {
                Step::Over(verdict) => verdict,
                Step::Send(request, _) => panic!("the result is somewhere else: {request:?}"),
            }
        }
    }
}

/// A checked job id.
pub(crate) fn job(text: &str) -> JobId {
    JobId::parse(text).unwrap()
}

/// The name of [`RENDER`].
pub(crate) fn render_name() -> IntegrationName {
    IntegrationName::parse("render").unwrap()
}

/// The wait that the tests are about.
pub(crate) fn wait_id() -> WaitId {
    WaitId::derive("arn:execution", &render_name(), "film-1")
}

/// The wait that the tests are about, as it travels through the workflow.
pub(crate) fn wait_ref() -> WaitRef {
    WaitRef {
        id: wait_id(),
        integration: render_name(),
        digest: "d1".to_owned(),
        key: "film-1".to_owned(),
        execution_arn: "arn:execution".to_owned(),
        started_at: at("2026-11-23T12:00:00Z"),
        deadline: at("2026-11-23T13:00:00Z"),
    }
}

/// An outcome that a status check brought.
pub(crate) fn outcome(kind: OutcomeKind) -> Outcome {
    Outcome {
        kind,
        source: Source::Poll,
        at: at("2026-11-23T12:30:00Z"),
        pending_at: None,
        job_id: Some(job("j1")),
        event_id: None,
    }
}

/// A row that was just registered by attempt `generation`.
pub(crate) fn row(generation: u64) -> WaitRow {
    WaitRow {
        id: wait_id(),
        status: Status::Registered,
        generation: Generation::from_u64(generation),
        token: None,
        integration: render_name(),
        digest: "d1".to_owned(),
        started_at: at("2026-11-23T12:00:00Z"),
        deadline: at("2026-11-23T13:00:00Z"),
        execution_arn: "arn:execution".to_owned(),
        capability: None,
        job_id: None,
        kept: Kept::default(),
        submit: None,
        submitted_at: None,
        outcome: None,
        outcome_operation: None,
        delivered: None,
        late: Vec::new(),
        due: None,
        failures: 0,
        refusals: 0,
    }
}
