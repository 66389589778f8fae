//! Third parties: each takes jobs, says how they are doing, calls them off, and
//! tells of them by webhooks. All speak one language; the ids of their jobs are
//! the same from one to the other.

use super::effect::Errors;
use super::{Ports, State};
use crate::course::{Temper, Trouble};
use crate::fault::{Effect, Step, Witness};
use crate::integrations::FILES;
use crate::oracle::looks::looked;
use crate::time::{MINUTE, SECOND};
use serde_json::{Value, json};
use stepwait_core::answer::{Answer, TransportError};
use stepwait_core::request::OutgoingRequest;
use stepwait_core::wait::{JobId, WaitId};
use stepwait_flow::ports::ThirdParty;

/// What makes a result too large to travel, in bytes: more than 32 KiB.
const LARGE_BYTES: usize = 33 * 1024;

/// The longest that a third party asks to be left alone, 8 minutes: what comes
/// after a trouble counts ten.
const LONGEST_PAUSE_S: u64 = 480;

/// How a job stands, in a third party's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Says {
    Done,
    Failed,
    Withdrawn,
    Pending,
}

impl Says {
    /// Whether the job has ended by that.
    pub(crate) const fn is_end(self) -> bool {
        !matches!(self, Self::Pending)
    }
}

/// A job at a third party.
#[derive(Clone, Debug)]
pub(crate) struct Job {
    pub(crate) id: JobId,
    /// For which wait it was started.
    pub(crate) reference: WaitId,
    pub(super) key: Option<String>,
    /// When its end is, and when a look shows it.
    pub(super) ends_at: Option<u64>,
    pub(crate) shows_at: Option<u64>,
    pub(super) end: Says,
    pub(super) called_off_at: Option<u64>,
    /// Where its webhooks are sent to.
    pub(crate) webhook: Option<String>,
    pub(super) is_large: bool,
    /// Its id was given to another wait too.
    pub(crate) is_confused: bool,
    /// Until when it is not to be looked at, as a look was last told.
    pub(crate) put_off_until: Option<u64>,
    /// Looks by chance before a plan's time, which is so many milliseconds behind the submit.
    pub(crate) by_chance: (u64, u32),
}

/// An event of a job, as its sender has it.
#[derive(Clone, Debug)]
pub(crate) struct JobEvent {
    pub(crate) job: usize,
    pub(crate) says: Says,
    pub(crate) is_acknowledged: bool,
    pub(crate) was_received: bool,
    /// The last delivery of whose failure the sender knows.
    pub(crate) last_answered: Option<u32>,
}

/// A third party.
#[derive(Debug)]
pub(crate) struct Vendor {
    pub(crate) name: &'static str,
    pub(crate) temper: Temper,
    pub(crate) jobs: Vec<Job>,
    pub(crate) events: Vec<JobEvent>,
    /// Requests with these idempotency keys were answered with another wait's job.
    confused: Vec<(String, usize)>,
}

/// What a request asks for.
fn asked(request: &OutgoingRequest) -> Effect {
    match (request.method.as_str(), request.url.ends_with("/withdraw"), request.url.contains("?reference=")) {
        ("GET", _, true) => Effect::SendLookUp,
        ("GET", _, false) => Effect::SendStatus,
        (_, true, _) => Effect::SendCancel,
        (_, false, _) => Effect::SendSubmit,
    }
}

/// A job as it is described in answers and events.
pub(crate) fn statement(vendor: &str, job: &Job, says: Says) -> Value {
    let state = match says {
        Says::Done => "done",
        Says::Failed => "failed",
        Says::Withdrawn => "withdrawn",
        Says::Pending => "pending",
    };
    let mut statement = json!({ "id": job.id, "state": state });
    match says {
        Says::Done => {
            statement["report"] = json!({ "of": format!("{vendor}/{}/{}", job.id, job.reference) });
            if job.is_large {
                statement["report"]["pages"] = json!("x".repeat(LARGE_BYTES));
            }
        }
        Says::Failed => statement["reason"] = json!(format!("{vendor}/{} went wrong", job.id)),
        Says::Withdrawn | Says::Pending => {}
    }
    statement
}

fn answer(status: u16, body: &Value) -> Answer {
    Answer { status, headers: Vec::new(), body: body.to_string().into_bytes(), truncated: false }
}

fn later(status: u16, seconds: u64) -> Answer {
    let headers = vec![("retry-after".to_owned(), seconds.to_string())];
    Answer { headers, ..answer(status, &json!({})) }
}

impl Vendor {
    pub(crate) fn new(index: usize, temper: &Temper) -> Self {
        let (name, _) = FILES[index];
        Self { name, temper: temper.clone(), jobs: Vec::new(), events: Vec::new(), confused: Vec::new() }
    }

    fn trouble(&self, now: u64) -> Option<Trouble> {
        let is_now = |(from, until, _): &&(u64, u64, Trouble)| (*from..*until).contains(&now);
        self.temper.troubles.iter().find(is_now).map(|(_, _, trouble)| *trouble)
    }

    /// The jobs that a look asks for, the youngest first.
    fn looked_at(&self, url: &str) -> Vec<usize> {
        let one = url.rsplit('/').next().unwrap_or_default();
        let ids = url.split_once("?ids=").map_or(one, |(_, ids)| ids);
        let asked_for = |job: &Job| ids.split("%2C").any(|id| id == job.id.as_str());
        (0..self.jobs.len()).rev().filter(|number| asked_for(&self.jobs[*number])).collect()
    }

    fn job(&mut self, url: &str) -> Option<&mut Job> {
        let id = url.trim_end_matches("/withdraw").rsplit('/').next()?;
        self.jobs.iter_mut().find(|job| job.id.as_str() == id)
    }
}

impl Job {
    /// How a look shows it.
    fn shows(&self, now: u64) -> Says {
        match (self.called_off_at, self.shows_at) {
            (Some(_), _) => Says::Withdrawn,
            (None, Some(at)) if at <= now => self.end,
            (None, _) => Says::Pending,
        }
    }
}

impl State {
    fn asked(
        &mut self,
        vendor: usize,
        effect: Effect,
        step: Step,
        request: &OutgoingRequest,
    ) -> Result<Answer, TransportError> {
        let looked_at =
            if effect == Effect::SendStatus { self.vendors[vendor].looked_at(&request.url) } else { Vec::new() };
        for &job in &looked_at {
            looked(self, vendor, job, step);
        }
        match self.vendors[vendor].trouble(self.now) {
            Some(Trouble::Down) => return Ok(answer(502, &json!({}))),
            Some(Trouble::Throttles) => {
                let pause = self.pause();
                for job in looked_at {
                    self.vendors[vendor].jobs[job].put_off_until = Some(self.now + pause * SECOND);
                }
                return Ok(later(429, pause));
            }
            Some(Trouble::Forbids) if effect != Effect::SendSubmit => return Ok(answer(403, &json!({}))),
            Some(Trouble::Unreachable) => return Err(TransportError::NotConnected),
            Some(Trouble::Forbids) | None => {}
        }
        let now = self.now;
        let this = &mut self.vendors[vendor];
        let name = this.name;
        if effect == Effect::SendLookUp {
            let reference = request.url.rsplit('=').next().unwrap_or_default();
            let found = this.jobs.iter().filter(|job| job.reference.as_str() == reference);
            let data: Vec<Value> = found.map(|job| statement(name, job, job.shows(now))).collect();
            if !data.is_empty() {
                self.saw(Witness::LookedUp);
            }
            return Ok(answer(200, &json!({ "data": data })));
        }
        if request.url.contains("?ids=") {
            let jobs = looked_at.iter().map(|number| &this.jobs[*number]);
            let jobs: Vec<Value> = jobs.map(|job| statement(name, job, job.shows(now))).collect();
            return Ok(answer(200, &json!({ "jobs": jobs })));
        }
        if effect == Effect::SendStatus {
            return Ok(match this.job(&request.url) {
                Some(job) => answer(200, &statement(name, job, job.shows(now))),
                None => answer(404, &json!({})),
            });
        }
        if effect == Effect::SendSubmit {
            return self.submitted(vendor, request);
        }
        if let Some(job) = this.job(&request.url)
            && job.ends_at.is_none_or(|at| at > now)
            && job.called_off_at.is_none()
        {
            job.called_off_at = Some(now);
            let id = job.id.clone();
            self.tell_of_withdrawal(vendor, &id);
        }
        Ok(answer(202, &json!({})))
    }

    /// For how many seconds a third party asks to be left alone: mostly for less than a minute.
    fn pause(&mut self) -> u64 {
        let (least, most) = if self.chance.happens(0.7) { (1, 60) } else { (60, LONGEST_PAUSE_S) };
        self.chance.between(least, most)
    }

    fn tell_of_withdrawal(&mut self, vendor: usize, id: &JobId) {
        if let Some(job) = self.vendors[vendor].jobs.iter().position(|job| job.id == *id)
            && self.chance.happens(0.5)
        {
            let delay = self.chance.magnitude(1, MINUTE);
            self.tell(vendor, job, Says::Withdrawn, delay);
        }
    }

    /// A request to start a job arrives.
    fn submitted(&mut self, vendor: usize, request: &OutgoingRequest) -> Result<Answer, TransportError> {
        let temper = self.vendors[vendor].temper.clone();
        let body: Value = serde_json::from_str(request.body.as_deref().unwrap_or_default()).unwrap();
        let key = request.header("idempotency-key").map(|key| key.expose().to_owned());
        let reference = WaitId::parse(body["reference"].as_str().unwrap()).unwrap();
        let this = &self.vendors[vendor];
        let known = this.jobs.iter().position(|job| key.is_some() && job.key == key);
        let confused = || this.confused.iter().find(|(other, _)| Some(other) == key.as_ref()).map(|(_, job)| *job);
        let index = match known.or_else(confused) {
            Some(job) => job,
            None => {
                if self.chance.happens(temper.busy) {
                    return Ok(later(self.chance.one(&[429, 503]), self.chance.between(1, 20)));
                }
                if self.chance.happens(temper.refuses) {
                    return Ok(answer(422, &json!({ "reason": "no" })));
                }
                match self.confuse(vendor, &reference, key.as_ref(), temper.confuses) {
                    Some(job) => job,
                    None => self.take(vendor, reference, key, body["webhook"].as_str().map(str::to_owned)),
                }
            }
        };
        if self.chance.happens(temper.mute) {
            return if self.chance.happens(0.5) { Ok(answer(500, &json!({}))) } else { Err(TransportError::Broken) };
        }
        let this = &self.vendors[vendor];
        let job = &this.jobs[index];
        self.trace.line(self.now, || format!("    {} answers {} to {}", this.name, job.id, job.reference));
        Ok(answer(201, &json!({ "id": job.id, "state": "pending" })))
    }

    /// Answers with the job of another wait, as a confused third party does.
    fn confuse(&mut self, vendor: usize, reference: &WaitId, key: Option<&String>, how_likely: f64) -> Option<usize> {
        if !self.chance.happens(how_likely) {
            return None;
        }
        let this = &mut self.vendors[vendor];
        let other = this.jobs.iter().position(|job| job.reference != *reference)?;
        this.jobs[other].is_confused = true;
        this.confused.extend(key.map(|key| (key.clone(), other)));
        Some(other)
    }
}

impl ThirdParty for Ports<'_> {
    async fn send(&self, request: OutgoingRequest) -> Result<Answer, TransportError> {
        let effect = asked(&request);
        let vendor = FILES.iter().position(|(name, _)| request.url.starts_with(&format!("https://{name}."))).unwrap();
        let errors = Errors { not_done: TransportError::NotConnected, lost: TransportError::Broken };
        let step = self.doing().step;
        let mut first = None;
        self.effect(effect, errors, |state| {
            // No client sends a request twice that could start two jobs.
            if effect == Effect::SendSubmit && request.header("idempotency-key").is_none() {
                return first.get_or_insert_with(|| state.asked(vendor, effect, step, &request)).clone();
            }
            state.asked(vendor, effect, step, &request)
        })
        .await
    }
}
