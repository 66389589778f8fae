//! The front desk: one request in, one answer out.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Incoming;
use serde_json::{Value, json};
use tokio::sync::oneshot;
use tokio::task::JoinSet;

use super::answer::HangUp;
use super::courier::Courier;
use super::job::Life;
use super::ledger::{Job, JobState, Ledger, Opened};
use super::renderings;
use super::server::BODY_LIMIT_BYTES;
use super::vendor::{Call, Vendor};

/// A submit held back until its webhook was answered, or a check until another
/// has come in, is let go after this long, which is longer than any client here waits.
const HOLD_LIMIT: Duration = Duration::from_secs(30);

/// The most jobs of one request that are looked at.
const MOST_TOGETHER: usize = 500;

type Reply = Response<Full<Bytes>>;

/// Answers requests; owns the tasks in which jobs live, and ends them when it is
/// dropped.
#[derive(Debug)]
pub(super) struct Desk {
    pub(super) ledger: Arc<Ledger>,
    pub(super) courier: Arc<Courier>,
    pub(super) tokens: Tokens,
    lives: Mutex<JoinSet<()>>,
}

/// The bearer token each vendor wants to see.
pub(super) struct Tokens {
    pub(super) transcripts: String,
    pub(super) checks: String,
    pub(super) renderings: String,
}

impl std::fmt::Debug for Tokens {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Tokens([REDACTED])")
    }
}

impl Desk {
    pub(super) fn new(ledger: Arc<Ledger>, courier: Arc<Courier>, tokens: Tokens) -> Self {
        Self { ledger, courier, tokens, lives: Mutex::default() }
    }

    /// The answer to one request; an error closes the connection without one.
    pub(super) async fn answer(&self, request: Request<Incoming>, from: SocketAddr) -> Result<Reply, HangUp> {
        let (head, body) = request.into_parts();
        let Some(call) = Call::read(&head.method, head.uri.path()) else {
            return Ok(refusal(StatusCode::NOT_FOUND, "there is no such path"));
        };
        if !self.is_authorized(call.vendor(), &head.headers) {
            let message = "the bearer token is missing or wrong";
            return Ok(refusal(StatusCode::UNAUTHORIZED, message));
        }
        let query = head.uri.query();
        if let Call::Check(Vendor::Renderings, id) | Call::Cancel(Vendor::Renderings, id) = &call
            && self.ledger.job(id).is_some_and(|job| !renderings::is_keyed(&job, query))
        {
            return Ok(refusal(StatusCode::FORBIDDEN, "the operation's key is missing or wrong"));
        }
        match call {
            Call::Submit(vendor) => {
                let Ok(body) = Limited::new(body, BODY_LIMIT_BYTES).collect().await else {
                    let message = "the body is larger than 1 MiB, or broke off";
                    return Ok(refusal(StatusCode::PAYLOAD_TOO_LARGE, message));
                };
                self.submit(vendor, &head.headers, &body.to_bytes(), from).await
            }
            Call::Check(vendor, id) => self.check(vendor, &id).await,
            Call::CheckMany(vendor) => Ok(self.check_many(vendor, query)),
            Call::Cancel(vendor, id) => self.cancel(vendor, &id).await,
            Call::Page(vendor, id) => Ok(self.page(vendor, &id, query)),
        }
    }

    async fn submit(
        &self,
        vendor: Vendor,
        headers: &HeaderMap,
        body: &[u8],
        from: SocketAddr,
    ) -> Result<Reply, HangUp> {
        let submission = match vendor.read_submission(body) {
            Ok(submission) => submission,
            Err(message) => return Ok(refusal(StatusCode::UNPROCESSABLE_ENTITY, &message)),
        };
        let key = headers.get("idempotency-key").and_then(|value| value.to_str().ok());
        let answer = self.ledger.count_submit(&submission.reference, key, from);
        if !answer.takes_effect() {
            return answer.give(None).await;
        }
        let normal = match self.ledger.open(vendor, submission, key) {
            Opened::Known(job) => submitted(vendor, StatusCode::OK, &job, headers),
            Opened::New { job, ending, webhook } => {
                // The answer shows the job as it was when it came in, even where
                // it is held back until the job is done.
                let normal = submitted(vendor, vendor.submitted(), &job, headers);
                let is_held = webhook.before_answer && ending.after().is_some();
                let announced = self.begin_life(Life {
                    ledger: Arc::clone(&self.ledger),
                    courier: Arc::clone(&self.courier),
                    job,
                    ending,
                    webhook,
                });
                if is_held {
                    // Either way it is time to answer.
                    let _ = tokio::time::timeout(HOLD_LIMIT, announced).await;
                }
                normal
            }
        };
        answer.give(Some(normal)).await
    }

    async fn check(&self, vendor: Vendor, id: &str) -> Result<Reply, HangUp> {
        let Some(answer) = self.ledger.count_check(vendor, id) else {
            return Ok(unknown_job(id));
        };
        if let Some(job) = self.ledger.job(id) {
            self.ledger.checks_together(&job, HOLD_LIMIT).await;
        }
        let normal = match self.ledger.job(id) {
            Some(job) => reply(vendor.looked_at(&job), &vendor.show(&job)),
            None => unknown_job(id),
        };
        answer.give(Some(normal)).await
    }

    /// All jobs that the query names and that are known; scripted answers are for
    /// checks of one.
    fn check_many(&self, vendor: Vendor, query: Option<&str>) -> Reply {
        let ids = query.and_then(|query| query.strip_prefix("ids=")).unwrap_or_default();
        let ids: Vec<&str> = ids.split("%2C").filter(|id| !id.is_empty()).take(MOST_TOGETHER).collect();
        for id in &ids {
            self.ledger.count_check_among(vendor, id, ids.len());
        }
        let known = ids.iter().filter_map(|id| self.ledger.job(id)).filter(|job| job.vendor == vendor);
        reply(StatusCode::OK, &json!({ "transcripts": known.map(|job| vendor.show(&job)).collect::<Vec<_>>() }))
    }

    async fn cancel(&self, vendor: Vendor, id: &str) -> Result<Reply, HangUp> {
        let Some(answer) = self.ledger.count_cancel(vendor, id) else {
            return Ok(unknown_job(id));
        };
        if !answer.takes_effect() {
            return answer.give(None).await;
        }
        // Not moved: canceled before, which is as good, or already done.
        self.ledger.move_on(id, JobState::Canceled);
        let normal = match self.ledger.job(id) {
            Some(job) if job.state == JobState::Canceled => reply(StatusCode::OK, &vendor.show(&job)),
            Some(_) => refusal(StatusCode::CONFLICT, "the job is already done"),
            None => unknown_job(id),
        };
        answer.give(Some(normal)).await
    }

    fn page(&self, vendor: Vendor, id: &str, query: Option<&str>) -> Reply {
        let Some(job) = self.ledger.job(id).filter(|job| job.vendor == vendor) else {
            return unknown_job(id);
        };
        let Some(page) = renderings::page(&job, query) else {
            return refusal(StatusCode::NOT_FOUND, "there is no such page");
        };
        self.ledger.count_page(&job.reference);
        reply(StatusCode::OK, &page)
    }

    /// Lets a job live in a task; the receiver resolves when it has sent its last
    /// webhook.
    fn begin_life(&self, life: Life) -> oneshot::Receiver<Infallible> {
        let (announcing, announced) = oneshot::channel();
        let mut lives = self.lives.lock().unwrap_or_else(PoisonError::into_inner);
        // Those that have ended make room.
        while lives.try_join_next().is_some() {}
        lives.spawn(async move {
            // Dropped at the end, which is what the receiver waits for.
            let _announcing = announcing;
            life.live().await;
        });
        announced
    }

    /// Ends all jobs' tasks and waits until they are gone.
    pub(super) async fn end_lives(&self) {
        let mut lives = std::mem::take(&mut *self.lives.lock().unwrap_or_else(PoisonError::into_inner));
        lives.shutdown().await;
    }

    fn is_authorized(&self, vendor: Vendor, headers: &HeaderMap) -> bool {
        let token = match vendor {
            Vendor::Transcripts => &self.tokens.transcripts,
            Vendor::Checks => &self.tokens.checks,
            Vendor::Renderings => &self.tokens.renderings,
        };
        headers.get(AUTHORIZATION).is_some_and(|value| value == format!("Bearer {token}").as_str())
    }
}

/// The normal answer to a submit.
fn submitted(vendor: Vendor, status: StatusCode, job: &Job, headers: &HeaderMap) -> Reply {
    match vendor {
        Vendor::Transcripts | Vendor::Checks => reply(status, &vendor.show(job)),
        Vendor::Renderings => renderings::accepted(job, headers),
    }
}

fn unknown_job(id: &str) -> Reply {
    refusal(StatusCode::NOT_FOUND, &format!("there is no job `{id}`"))
}

fn refusal(status: StatusCode, message: &str) -> Reply {
    reply(status, &json!({"error": message}))
}

fn reply(status: StatusCode, body: &Value) -> Reply {
    let mut reply = Response::new(Full::new(Bytes::from(body.to_string())));
    *reply.status_mut() = status;
    let json = HeaderValue::from_static("application/json");
    reply.headers_mut().insert(CONTENT_TYPE, json);
    reply
}
