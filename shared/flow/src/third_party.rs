//! Exchanges with a third party, credentials included.

use crate::metric::UNLISTED_STATUS;
use crate::ports::{Outside, SecretError};
use crate::{Book, StepError};
use std::time::Duration;
use stepwait_core::answer::{Answer, Document, TransportError};
use stepwait_core::authorize::{AccessToken, AuthError, authorize, read_token, token_request};
use stepwait_core::decide::batch::{Part, Parts};
use stepwait_core::decide::check::{self, Reading, Rule, Seen, Verdict};
use stepwait_core::decide::collect::{self, Step};
use stepwait_core::integration::{Auth, Bindings, Integration, OAuth2};
use stepwait_core::request::{Job, OutgoingRequest, cancel_request, status_request};
use stepwait_core::wait::{JobId, Kept, WaitId};
use stepwait_core::{ErrorName, SecretValue, Timestamp};
use url::Url;

/// How long a look, or a submit, may go on before nothing further is asked for its
/// result, 25 seconds: the functions that look may run 45, the last page may take
/// 10, and storing what was found takes its share of the other 10.
pub const RESULT_TIME: Duration = Duration::from_secs(25);

/// How long a look may go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Patience {
    /// When nothing further is asked for; what is under way may end.
    last_request: Timestamp,
    /// When what is under way is given up, if that is before its own time is up.
    until: Option<Timestamp>,
}

impl Patience {
    /// That of a look that is made for its own sake, which `began` then.
    pub(crate) fn of_look(began: Timestamp) -> Self {
        Self { last_request: began.checked_add(RESULT_TIME).unwrap_or(Timestamp::MAX), until: None }
    }

    /// That of somebody who has to answer by then.
    pub(crate) const fn until(end: Timestamp) -> Self {
        Self { last_request: end, until: Some(end) }
    }
}

/// A request could not be sent, as its credentials cannot be had.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ExchangeError {
    /// A secret could not be read.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// A secret is of no use.
    #[error(transparent)]
    Auth(#[from] AuthError),
    /// There is no access token.
    #[error("{integration}: no access token: {why}; look at [auth.oauth2] and its secrets")]
    Token {
        /// The integration.
        integration: String,
        /// Why.
        why: String,
    },
}

/// Adds the integration's credentials and sends the request. An access token
/// that is refused is replaced, and the request sent once more: a server that
/// answers 401 has done nothing.
///
/// # Errors
/// [`ExchangeError`], when nothing was sent.
pub async fn exchange<P: Outside>(
    ports: &P,
    integration: &Integration,
    request: OutgoingRequest,
) -> Result<Result<Answer, TransportError>, ExchangeError> {
    let Some(auth) = integration.auth.as_ref().filter(|_| request.credentials) else {
        return Ok(send_noted(ports, integration, request).await);
    };
    let received = send(ports, integration, auth, request.clone()).await?;
    let Ok(Answer { status: status @ (401 | 403), .. }) = &received else {
        return Ok(received);
    };
    // It may have been rotated; the next request reads it anew.
    for name in auth.secrets() {
        ports.forget_secret(name);
    }
    if *status == 401 && auth.oauth2().is_some() {
        ports.keep_token(&integration.digest, None);
        return send(ports, integration, auth, request).await;
    }
    Ok(received)
}

async fn send<P: Outside>(
    ports: &P,
    integration: &Integration,
    auth: &Auth,
    mut request: OutgoingRequest,
) -> Result<Result<Answer, TransportError>, ExchangeError> {
    let mut secrets = Vec::new();
    for name in auth.secrets() {
        secrets.push((name, ports.secret(name).await?));
    }
    let token = match auth.oauth2() {
        Some(oauth) => Some(token(ports, integration, oauth, &secrets, request.until).await?.value),
        None => None,
    };
    authorize(&mut request, auth, &secrets, token.as_ref(), ports.now())?;
    Ok(send_noted(ports, integration, request).await)
}

/// Sends a request, and tells whoever keeps the pace what came of it.
async fn send_noted<P: Outside>(
    ports: &P,
    integration: &Integration,
    request: OutgoingRequest,
) -> Result<Answer, TransportError> {
    // A host that gets no credentials only keeps files: it says nothing of the third party.
    let is_theirs = request.credentials;
    let is_hurried = request.until.is_some();
    let received = ports.send(request).await;
    // Who could not wait for an answer does not know whether one would have come.
    if is_theirs && !(is_hurried && received.is_err()) {
        ports.note(integration, &received).await;
    }
    received
}

/// The access token that is kept, or a new one.
async fn token<P: Outside>(
    ports: &P,
    integration: &Integration,
    oauth: &OAuth2,
    secrets: &[(&str, SecretValue)],
    until: Option<Timestamp>,
) -> Result<AccessToken, ExchangeError> {
    if let Some(known) = ports.token(&integration.digest).filter(|token| token.expires_at > ports.now()) {
        return Ok(known);
    }
    let none = |why: String| ExchangeError::Token { integration: integration.name.to_string(), why };
    let received = ports.send(OutgoingRequest { until, ..token_request(oauth, secrets)? }).await;
    let answer = received.map_err(|e| none(e.to_string()))?;
    let fresh = read_token(&answer, ports.now()).map_err(|e| {
        // The client may have been rotated.
        for (name, _) in secrets {
            ports.forget_secret(name);
        }
        none(e.to_string())
    })?;
    ports.keep_token(&integration.digest, Some(fresh.clone()));
    Ok(fresh)
}

/// What a look at a job found, its result included.
#[derive(Clone, Debug, PartialEq)]
pub struct Looked {
    /// What it means for the wait.
    pub verdict: Verdict,
    /// What was seen, for people.
    pub seen: Seen,
}

/// Looks at a job once; if it is done, collects its result.
///
/// # Errors
/// [`StepError`], when the request could not be made.
pub async fn look<P: Outside>(
    ports: &P,
    integration: &Integration,
    base_url: &Url,
    job: Job<'_>,
    since_submit: Option<Duration>,
) -> Result<Looked, StepError> {
    look_within(ports, integration, base_url, job, since_submit, Patience::of_look(ports.now())).await
}

/// The same, for somebody with less patience, or more.
pub(crate) async fn look_within<P: Outside>(
    ports: &P,
    integration: &Integration,
    base_url: &Url,
    job: Job<'_>,
    since_submit: Option<Duration>,
    patience: Patience,
) -> Result<Looked, StepError> {
    let request = status_request(integration, base_url, job)
        .map_err(|e| StepError::new(ErrorName::BadAnswer, format!("{}: the status request: {e}", integration.name)))?;
    let request = OutgoingRequest { until: patience.until, ..request };
    let received = match exchange(ports, integration, request).await {
        // The third party's own token endpoint is down or refuses: that is told as any other error of its.
        Err(ExchangeError::Token { why, .. }) => return Ok(without_token(&why)),
        exchanged => exchanged?,
    };
    let received = received.map(|answer| match &integration.status.batch {
        Some(batch) => Parts::of(batch, answer).of_job(job.job_id),
        None => Part::Answer(answer),
    });
    look_at(ports, integration, base_url, job, since_submit, received, patience).await
}

/// Reads what was answered about a job; if it is done, collects its result.
pub(crate) async fn look_at<P: Outside>(
    ports: &P,
    integration: &Integration,
    base_url: &Url,
    job: Job<'_>,
    since_submit: Option<Duration>,
    received: Result<Part, TransportError>,
    patience: Patience,
) -> Result<Looked, StepError> {
    let (received, unreadable) = match received {
        Ok(Part::Unreadable(answer, why)) => (Ok(answer), Some(why)),
        Ok(Part::Answer(answer)) => (Ok(answer), None),
        Err(error) => (Err(error), None),
    };
    let look = match (&received, unreadable) {
        (Ok(answer), Some(why)) => check::unreadable(integration, answer, why, ports.now()),
        (received, _) => check::read(integration, received, since_submit, ports.now()),
    };
    if look.seen.rule == Rule::Unlisted {
        tracing::warn!(metric = UNLISTED_STATUS, integration = %integration.name, status = look.seen.value, "a status that the integration file does not list");
    }
    let verdict = match (look.reading, received) {
        (Reading::Verdict(verdict), _) => verdict,
        (Reading::Done, Ok(answer)) => {
            let bindings = job.bindings();
            collect_within(ports, integration, base_url, &bindings, &answer, false, patience).await?
        }
        (Reading::Done, Err(error)) => Verdict::AskAgain { reason: error.to_string(), retry_after: None },
    };
    Ok(Looked { verdict, seen: look.seen })
}

/// Collects the result of a job that an answer said to be done, which was asked
/// for when it `began`.
///
/// # Errors
/// [`ExchangeError`], when a request could not be sent.
pub async fn collect_result<P: Outside>(
    ports: &P,
    integration: &Integration,
    base_url: &Url,
    bindings: &Bindings<'_>,
    answer: &Answer,
    at_once: bool,
    began: Timestamp,
) -> Result<Verdict, ExchangeError> {
    collect_within(ports, integration, base_url, bindings, answer, at_once, Patience::of_look(began)).await
}

async fn collect_within<P: Outside>(
    ports: &P,
    integration: &Integration,
    base_url: &Url,
    bindings: &Bindings<'_>,
    answer: &Answer,
    at_once: bool,
    patience: Patience,
) -> Result<Verdict, ExchangeError> {
    let mut step = collect::begin(integration, base_url, bindings, &Document::of_answer(answer), at_once);
    let has_pages = integration.result.fetch.as_ref().is_some_and(|fetch| fetch.pages.is_some());
    let is_begun = matches!(step, Step::Send(..));
    let _room = if has_pages && is_begun { ports.room_for_pages().await } else { None };
    loop {
        match step {
            Step::Over(verdict) => return Ok(verdict),
            Step::Send(request, collector) => {
                if ports.now() > patience.last_request {
                    let reason = match patience.until {
                        None => format!("the result did not arrive within {} s", RESULT_TIME.as_secs()),
                        Some(_) => "the result did not arrive in time".to_owned(),
                    };
                    return Ok(Verdict::AskAgain { reason, retry_after: None });
                }
                let request = OutgoingRequest { until: patience.until, ..*request };
                let received = match exchange(ports, integration, request).await {
                    Err(ExchangeError::Token { why, .. }) => return Ok(without_token(&why).verdict),
                    exchanged => exchanged?,
                };
                step = collector.receive(&received, ports.now());
            }
        }
    }
}

/// Nothing was asked, for want of an access token: ask again.
pub(crate) fn without_token(why: &str) -> Looked {
    let verdict = Verdict::AskAgain { reason: format!("no access token: {why}"), retry_after: None };
    Looked { verdict, seen: Seen { rule: Rule::Errors, ..Seen::default() } }
}

/// Calls a job off, if the third party can. Whether that works changes nothing
/// for the wait, which has its outcome already.
pub(crate) async fn call_off<P: Outside>(
    ports: &P,
    book: &Book,
    integration: &Integration,
    wait: &WaitId,
    job_id: &JobId,
    kept: &Kept,
) {
    let job = Job { wait_id: Some(wait), job_id: job_id.as_str(), kept };
    match cancel(ports, integration, book.base_url(integration), job).await {
        Ok(None) => {}
        Ok(Some(status)) if (200..=299).contains(&status) => {
            tracing::info!(wait = %wait, job = %job_id, status, "the job was called off");
        }
        Ok(Some(status)) => tracing::warn!(wait = %wait, job = %job_id, status, "the job was not called off"),
        Err(why) => tracing::warn!(wait = %wait, job = %job_id, why, "the job was not called off"),
    }
}

/// Sends the request that calls a job off; the answer's status, or `None` where
/// the third party cannot.
///
/// # Errors
/// Why there is no answer.
pub async fn cancel<P: Outside>(
    ports: &P,
    integration: &Integration,
    base_url: &Url,
    job: Job<'_>,
) -> Result<Option<u16>, String> {
    let Some(request) = cancel_request(integration, base_url, job).map_err(|e| e.to_string())? else {
        return Ok(None);
    };
    let received = exchange(ports, integration, request).await.map_err(|e| e.to_string())?;
    received.map(|answer| Some(answer.status)).map_err(|e| e.to_string())
}
