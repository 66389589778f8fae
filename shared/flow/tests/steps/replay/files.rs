//! What a configuration is with real functions: the integration files that its
//! waits go by, and the third party that they describe.
//!
//! Each of two third parties has a host of its own and counts its own jobs, so
//! that both give the texts `job-1` and `job-2`. What else a third party is like
//! stands in the paths that its file names: below `/shared` every request is
//! answered with the one job there is, below `/silent` no look is answered.

use crate::world::{End, Script, Submission, Vendor, World, answer, document};
use serde_json::json;
use stepwait_catalog::Catalog;
use stepwait_core::Timestamp;
use stepwait_core::answer::{Answer, TransportError};
use stepwait_core::message::{Plan, PrepareInput};
use stepwait_core::request::OutgoingRequest;
use stepwait_core::wait::JobId;
use stepwait_flow::prepare::prepare;
use stepwait_flow::{Book, Settings};
use stepwait_model::state::JobNumber;
use stepwait_model::{Configuration, JobIds, Repetition, Strategy};

/// The integrations. The second one is there for another third party.
pub(super) const NAMES: [&str; 2] = ["alpha", "beta"];

/// A third party that does what the walk says.
const SCRIPT: Script = Script { submission: Submission::Taken, ..crate::scenarios::PROMPT };

/// A world with that third party, and no wait yet.
pub(super) fn world() -> World {
    let world = World::new(&SCRIPT);
    world.state().vendor.api = Some(api);
    world
}

/// The integrations of a configuration.
pub(super) fn book(c: &Configuration) -> Book {
    let texts = NAMES.map(|name| text(c, name));
    let files = [(NAMES[0], texts[0].as_str()), (NAMES[1], texts[1].as_str())];
    let settings = Settings { callback_base: Some("https://hooks.example.com".to_owned()), ..Settings::default() };
    Book::new(Catalog::of_written(&files).unwrap(), settings)
}

/// The integration that a wait goes by.
pub(super) fn integration(c: &Configuration, wait: u8) -> &'static str {
    NAMES[usize::from(c.ids == JobIds::SameTextTwice && wait > 0)]
}

/// Prepares a wait.
pub(super) fn plan(c: &Configuration, world: &World, book: &Book, wait: u8) -> Plan {
    let input = PrepareInput {
        integration: integration(c, wait).to_owned(),
        payload: json!({ "reference": "r-1" }),
        key: format!("#{wait}"),
        execution_arn: format!("arn:execution-{wait}"),
        requests: 1,
    };
    crate::finish(prepare(world, book, input)).unwrap()
}

fn text(c: &Configuration, name: &str) -> String {
    let (strategy, deadline) = match c.strategy {
        Strategy::Callback => ("callback", "20h"),
        Strategy::Poll => ("poll", "1h"),
    };
    let submit = if c.ids == JobIds::OneJobForTwo { "/shared/jobs" } else { "/jobs" };
    let looks = if c.has_looks { "/jobs" } else { "/silent/jobs" };
    let repetition = match c.repetition {
        Repetition::IdempotencyKey => "idempotency_header = \"Idempotency-Key\"",
        Repetition::LookUp => {
            "when_unknown = \"look_up\"\n[submit.look_up]\npath = \"/jobs\"\nquery = { reference = \"{wait_id}\" }\njob_id = \"body:/found\""
        }
        Repetition::Never => "",
    };
    let events = match c.strategy {
        Strategy::Callback => events(c),
        Strategy::Poll => "",
    };
    let (hook, events) = if events.is_empty() { ("", "") } else { (", webhook = \"{callback_url}\"", events) };
    format!(
        r#"
description = "The third party of a walk"
strategy = "{strategy}"
deadline = "{deadline}"
base_url = "https://{name}.example.com"

[auth]
bearer = {{ secret = "{name}/api-token" }}

[submit]
path = "{submit}"
body = {{ reference = "{{wait_id}}"{hook} }}
job_id = "body:/id"
{repetition}

[status]
path = "{looks}/{{job_id}}"
value = "body:/status"
succeeded = ["completed"]
failed = ["error", "canceled"]
pending = ["queued"]
error = "body:/error"

[result]
output = "body:/text"

[cancel]
method = "POST"
path = "/jobs/{{job_id}}/withdraw"

[schedule]
first = "30s"
interval = "30s..60s"

{events}"#
    )
}

fn events(c: &Configuration) -> &'static str {
    match (c.is_addressed, c.is_thin) {
        (true, _) => {
            r#"
[callback]
address = "wait"
job_id = "body:/data/id"
value = "body:/data/status"
output = "body:/data/text"
error = "body:/data/error"
verify = "capability"
"#
        }
        (false, true) => {
            r#"
[callback]
job_id = "body:/data/id"
thin = true
verify = { preset = "standard-webhooks", secrets = ["vendor/webhook"] }
"#
        }
        (false, false) => {
            r#"
[callback]
job_id = "body:/data/id"
value = "body:/data/status"
output = "body:/data/text"
error = "body:/data/error"
verify = { preset = "standard-webhooks", secrets = ["vendor/webhook"] }
"#
        }
    }
}

/// The id that the third party gave a job.
pub(super) fn job_id(job: JobNumber) -> JobId {
    JobId::parse(&format!("job-{}", job.index() % 2 + 1)).unwrap()
}

/// Which job the third party of an integration means by an id.
pub(super) fn number(integration: &str, id: &JobId) -> JobNumber {
    let of_host = JobNumber::of(usize::from(integration == NAMES[1]));
    of_host[usize::from(id.as_str() == "job-2")]
}

/// The place of a job in the third party's list, where it was started.
pub(super) fn place(vendor: &Vendor, integration: &str, id: &JobId) -> Option<usize> {
    vendor.jobs.iter().position(|job| job.id.as_str() == format!("{integration}.example.com {id}"))
}

/// What the third parties answer.
fn api(
    vendor: &mut Vendor,
    request: &OutgoingRequest,
    now: Timestamp,
    effects: usize,
) -> Result<Answer, TransportError> {
    let mut parts = request.url.strip_prefix("https://").unwrap().splitn(2, '/');
    let (host, path) = (parts.next().unwrap(), parts.next().unwrap());
    let integration = host.split('.').next().unwrap();
    let first = || JobId::parse("job-1").unwrap();
    match (request.method.as_str(), path.trim_end_matches("/withdraw")) {
        ("GET", path) if path.starts_with("silent/") => Ok(answer(502, &json!({}))),
        ("GET", path) if path.starts_with("jobs?reference=") => {
            let found = place(vendor, integration, &first()).map(|_| "job-1");
            Ok(answer(200, &json!({ "found": found })))
        }
        ("GET", path) => {
            let id = JobId::parse(path.trim_start_matches("jobs/")).unwrap();
            let job = place(vendor, integration, &id).unwrap();
            vendor.looks += 1;
            Ok(answer(200, &document(&id, vendor.jobs[job].end.unwrap_or(End::Pending))))
        }
        (_, "jobs" | "shared/jobs") => {
            let key = request.headers.iter().find(|(name, _)| name == "idempotency-key");
            let key = key.map(|(_, value)| value.expose().to_owned());
            let of_host = |id: &JobId| id.as_str().starts_with(host);
            let is_known = vendor.jobs.iter().any(|job| of_host(&job.id) && key.is_some() && job.key == key);
            let is_shared = path.starts_with("shared/") && place(vendor, integration, &first()).is_some();
            if is_known || is_shared {
                // Every wait has a host of its own where it has a key of its own, but for the shared job.
                return Ok(answer(201, &document(&first(), End::Pending)));
            }
            let count = vendor.jobs.iter().filter(|job| of_host(&job.id)).count();
            let id = JobId::parse(&format!("job-{}", count + 1)).unwrap();
            let job = vendor.start(key, now, effects);
            vendor.jobs[job].id = JobId::parse(&format!("{host} {id}")).unwrap();
            Ok(answer(201, &document(&id, End::Pending)))
        }
        (_, path) => {
            let id = JobId::parse(path.trim_start_matches("jobs/")).unwrap();
            let job = place(vendor, integration, &id).unwrap();
            vendor.cancels += 1;
            vendor.jobs[job].end.get_or_insert(End::CalledOff);
            Ok(answer(202, &json!({})))
        }
    }
}
