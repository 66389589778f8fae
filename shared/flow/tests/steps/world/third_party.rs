//! A third party that follows a script: it takes jobs, one for each idempotency
//! key, says how they are doing, calls them off, and sends signed webhooks. It
//! speaks the dialects of both integrations at once, each in fields of its own.

use super::{Errors, State, World};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};
use sha2::Sha256;
use std::time::Duration;
use stepwait_core::answer::{Answer, TransportError};
use stepwait_core::request::OutgoingRequest;
use stepwait_core::wait::JobId;
use stepwait_core::webhook::Delivery;
use stepwait_core::{SecretValue, Timestamp};
use stepwait_flow::ports::ThirdParty;

/// The key that webhooks are signed with.
const SIGNING_KEY: &[u8; 24] = b"twenty-four signing byte";

/// How the third party behaves.
#[derive(Clone, Debug)]
pub(crate) struct Script {
    pub(crate) submission: Submission,
    /// How each job ends.
    pub(crate) end: End,
    /// How long each job takes.
    pub(crate) takes: Duration,
    /// The webhooks about each job: when, and what they say.
    pub(crate) events: &'static [(When, End)],
    /// How often a webhook is sent at most, until it is answered with 2xx.
    pub(crate) deliveries: u32,
    /// When it answers nothing of use, counted from the world's beginning.
    pub(crate) trouble: Option<(Trouble, Duration, Duration)>,
}

/// How every request is answered for a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// With 502.
    Down,
    /// With 429, and a minute to stay away.
    Throttles,
}

/// What becomes of requests to start a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Submission {
    /// The job is taken.
    Taken,
    /// The job is taken, but the first answer is lost.
    FirstAnswerLost,
    /// The first request is answered with 429, the next is taken.
    BusyFirst,
    /// The request is refused with 422.
    Refused,
}

/// A third party with an API of its own: what it answers to a request, at what
/// time and after how many effects.
pub(crate) type Api = fn(&mut Vendor, &OutgoingRequest, Timestamp, usize) -> Result<Answer, TransportError>;

/// How a job stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    Success,
    Failure,
    CalledOff,
    Pending,
}

/// When a webhook is sent for the first time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum When {
    /// So many effects after the job was taken, or when nothing else happens;
    /// 0 is before the submit returns.
    Effects(usize),
    /// So long after the job was taken.
    Later(Duration),
    /// As soon as the job was looked at.
    Looked,
    /// As soon as the job was called off.
    CalledOff,
}

/// What a request asks for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Asked {
    Submit,
    Status,
    Cancel,
}

impl Asked {
    fn of(request: &OutgoingRequest) -> Self {
        match request.method.as_str() {
            "GET" => Self::Status,
            "POST" if !request.url.ends_with("/withdraw") => Self::Submit,
            _ => Self::Cancel,
        }
    }
}

/// A job at the third party.
#[derive(Clone, Debug)]
pub(crate) struct Job {
    pub(crate) id: JobId,
    /// The idempotency key that came with it.
    pub(crate) key: Option<String>,
    pub(crate) taken_at: Timestamp,
    /// How many effects there had been when it was taken.
    taken_after: usize,
    was_looked_at: bool,
    is_called_off: bool,
    /// How it has ended, where a test says so instead of the script.
    pub(crate) end: Option<End>,
}

/// A webhook, from the sender's side.
#[derive(Clone, Debug)]
pub(crate) struct Event {
    /// The index of its job.
    job: usize,
    when: When,
    pub(crate) says: End,
    /// How often it was sent.
    pub(crate) sent: u32,
    /// The last answer.
    pub(crate) answer: Option<u16>,
}

impl Event {
    /// Whether the sender was told that the event is kept.
    pub(crate) fn is_acknowledged(&self) -> bool {
        self.answer.is_some_and(|status| (200..300).contains(&status))
    }
}

/// The third party, and what it was asked.
pub(crate) struct Vendor {
    pub(crate) script: Script,
    pub(crate) jobs: Vec<Job>,
    pub(crate) events: Vec<Event>,
    /// The URLs of the requests to start a job.
    pub(crate) submits: Vec<String>,
    pub(crate) looks: usize,
    pub(crate) cancels: usize,
    /// The most jobs that were under way at a time.
    pub(crate) most_at_work: usize,
    /// Answers in place of the dialects of both integrations.
    pub(crate) api: Option<Api>,
    /// All requests, as they were sent.
    pub(crate) requests: Vec<(Timestamp, OutgoingRequest)>,
    began_at: Timestamp,
}

impl Vendor {
    pub(super) fn new(script: Script, began_at: Timestamp) -> Self {
        Self {
            script,
            jobs: Vec::new(),
            events: Vec::new(),
            submits: Vec::new(),
            looks: 0,
            cancels: 0,
            most_at_work: 0,
            api: None,
            requests: Vec::new(),
            began_at,
        }
    }

    /// What is answered instead, while there is trouble.
    fn troubled(&self, now: Timestamp) -> Option<Answer> {
        let (trouble, from, until) = self.script.trouble?;
        let is_now = (self.began_at + from..self.began_at + until).contains(&now);
        is_now.then(|| match trouble {
            Trouble::Down => answer(502, &json!({})),
            Trouble::Throttles => {
                let headers = vec![("retry-after".to_owned(), "60".to_owned())];
                Answer { headers, ..answer(429, &json!({})) }
            }
        })
    }

    /// The job that an event is about.
    pub(crate) fn job_of(&self, event: &Event) -> &JobId {
        &self.jobs[event.job].id
    }

    /// The events that are to be sent for the first time now.
    pub(crate) fn due(&self, now: Timestamp, effects: usize, idle: bool) -> Option<usize> {
        self.events.iter().position(|event| {
            let job = &self.jobs[event.job];
            event.sent == 0
                && match event.when {
                    When::Effects(count) => idle || effects >= job.taken_after + count,
                    When::Later(delay) => now >= job.taken_at + delay,
                    When::Looked => job.was_looked_at,
                    When::CalledOff => job.is_called_off,
                }
        })
    }

    /// When the next event is due that is sent at a certain time.
    pub(crate) fn next_due(&self) -> Option<Timestamp> {
        let unsent = self.events.iter().filter(|event| event.sent == 0);
        unsent
            .filter_map(|event| match event.when {
                When::Later(delay) => Some(self.jobs[event.job].taken_at + delay),
                When::Effects(_) | When::Looked | When::CalledOff => None,
            })
            .min()
    }

    /// A webhook as it is sent at `now`.
    pub(crate) fn delivery(&self, event: usize, integration: &str, now: Timestamp) -> Delivery {
        let Event { job, says, .. } = &self.events[event];
        let body = json!({ "data": document(&self.jobs[*job].id, *says) }).to_string();
        let mut delivery = signed(&format!("event-{event}"), integration, &body, now);
        if let Some(path) = self.told_path() {
            delivery.path = path;
        }
        delivery
    }

    /// The path of the address that it was told to send webhooks to, if it was told one.
    pub(crate) fn told_path(&self) -> Option<String> {
        let bodies = self.requests.iter().filter_map(|(_, request)| request.body.as_deref());
        let mut told =
            bodies.filter_map(|body| serde_json::from_str::<Value>(body).ok()?["webhook"].as_str().map(str::to_owned));
        told.next_back().map(|url| url.strip_prefix("https://hooks.example.com").unwrap().to_owned())
    }

    fn answer(&mut self, request: &OutgoingRequest, now: Timestamp, effects: usize) -> Result<Answer, TransportError> {
        self.requests.push((now, request.clone()));
        if let Some(answer) = self.troubled(now) {
            return Ok(answer);
        }
        if let Some(api) = self.api {
            return api(self, request, now, effects);
        }
        let asked = Asked::of(request);
        if asked == Asked::Submit {
            return self.take(request, now, effects);
        }
        let id = request.url.trim_end_matches("/withdraw").rsplit('/').next().unwrap();
        let Some(job) = self.jobs.iter_mut().find(|job| job.id.as_str() == id) else {
            return Ok(answer(404, &json!({})));
        };
        if asked == Asked::Status {
            let id = job.id.clone();
            return Ok(answer(200, &document(&id, self.look(&id, now))));
        }
        let id = job.id.clone();
        self.call_off(&id);
        Ok(answer(202, &json!({})))
    }

    /// How a job stands that somebody looks at.
    pub(crate) fn look(&mut self, id: &JobId, now: Timestamp) -> End {
        self.looks += 1;
        let job = self.jobs.iter_mut().find(|job| job.id == *id).unwrap();
        job.was_looked_at = true;
        let is_done = now >= job.taken_at + self.script.takes;
        match (job.is_called_off, is_done) {
            (true, _) => End::CalledOff,
            (false, true) => self.script.end,
            (false, false) => End::Pending,
        }
    }

    /// Calls a job off.
    pub(crate) fn call_off(&mut self, id: &JobId) {
        self.cancels += 1;
        self.jobs.iter_mut().find(|job| job.id == *id).unwrap().is_called_off = true;
    }

    /// Starts a job; returns its index.
    pub(crate) fn start(&mut self, key: Option<String>, now: Timestamp, effects: usize) -> usize {
        let id = JobId::parse(&format!("job-{}", self.jobs.len() + 1)).unwrap();
        self.jobs.push(Job {
            id,
            key,
            taken_at: now,
            taken_after: effects,
            was_looked_at: false,
            is_called_off: false,
            end: None,
        });
        let takes = self.script.takes;
        let at_work = self.jobs.iter().filter(|job| now < job.taken_at + takes && !job.is_called_off);
        self.most_at_work = self.most_at_work.max(at_work.count());
        let job = self.jobs.len() - 1;
        let event = |&(when, says): &(When, End)| Event { job, when, says, sent: 0, answer: None };
        self.events.extend(self.script.events.iter().map(event));
        job
    }

    fn take(&mut self, request: &OutgoingRequest, now: Timestamp, effects: usize) -> Result<Answer, TransportError> {
        self.submits.push(request.url.clone());
        let is_first = self.submits.len() == 1;
        match self.script.submission {
            Submission::Refused => return Ok(answer(422, &json!({ "reason": "no such applicant" }))),
            Submission::BusyFirst if is_first => return Ok(answer(429, &json!({}))),
            Submission::Taken | Submission::FirstAnswerLost | Submission::BusyFirst => {}
        }
        let key = request.headers.iter().find(|(name, _)| name == "idempotency-key");
        let key = key.map(|(_, value)| value.expose().to_owned());
        let known = self.jobs.iter().position(|job| key.is_some() && job.key == key);
        let index = known.unwrap_or_else(|| self.start(key, now, effects));
        if is_first && self.script.submission == Submission::FirstAnswerLost {
            return Err(TransportError::Broken);
        }
        Ok(answer(201, &document(&self.jobs[index].id, End::Pending)))
    }
}

/// A job as both vendors describe it.
pub(crate) fn document(id: &JobId, end: End) -> Value {
    let (state, status) = match end {
        End::Success => ("approved", "completed"),
        End::Failure => ("declined", "error"),
        End::CalledOff => ("withdrawn", "canceled"),
        End::Pending => ("pending", "queued"),
    };
    let mut job = json!({ "check_id": id, "id": id, "state": state, "status": status });
    match end {
        End::Success => {
            job["report"] = json!({ "of": id });
            job["text"] = json!(format!("what was said in {id}"));
        }
        End::Failure => {
            job["reason"] = json!("the document is forged");
            job["error"] = json!("nothing was said");
        }
        End::CalledOff | End::Pending => {}
    }
    job
}

/// An answer in JSON.
pub(crate) fn answer(status: u16, body: &Value) -> Answer {
    Answer { status, headers: Vec::new(), body: body.to_string().into_bytes(), truncated: false }
}

/// The secret that the listener verifies webhooks with.
pub(super) fn signing_secret() -> SecretValue {
    SecretValue::new(format!("whsec_{}", STANDARD.encode(SIGNING_KEY)))
}

/// A signature that only the third party can make.
pub(crate) fn signature(content: &str) -> String {
    let mac = Hmac::<Sha256>::new_from_slice(SIGNING_KEY).unwrap();
    STANDARD.encode(mac.chain_update(content).finalize().into_bytes())
}

/// A delivery with a genuine signature, by the Standard Webhooks specification.
pub(crate) fn signed(id: &str, integration: &str, body: &str, now: Timestamp) -> Delivery {
    let timestamp = now.as_second().to_string();
    let signature = format!("v1,{}", signature(&format!("{id}.{timestamp}.{body}")));
    let headers = [("webhook-id", id), ("webhook-timestamp", &timestamp), ("webhook-signature", &signature)];
    Delivery {
        method: "POST".to_owned(),
        domain: "hooks.example.com".to_owned(),
        path: format!("/webhooks/{integration}"),
        query: String::new(),
        headers: headers.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
        body: body.as_bytes().to_vec(),
    }
}

impl ThirdParty for World {
    async fn send(&self, request: OutgoingRequest) -> Result<Answer, TransportError> {
        let name = match Asked::of(&request) {
            Asked::Submit if request.url.ends_with("/token") => "send token request",
            Asked::Submit => "send submit request",
            Asked::Status => "send status request",
            Asked::Cancel => "send cancel request",
        };
        let errors = Errors { not_done: TransportError::NotConnected, lost: TransportError::Broken };
        self.effect(name, errors, |state: &mut State| {
            state.vendor.answer(&request, state.now, state.gate.passed().len())
        })
        .await
    }
}
