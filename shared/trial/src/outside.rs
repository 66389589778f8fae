//! The ports of a trial: those of its world, each use of which is told to the
//! observer, put on the tape, and searched for what must not be shown.

use crate::event::{Event, Leg, Observer, ShownRequest};
use crate::places;
use crate::time::Time;
use crate::trial::{Trial, World};
use crate::veil::{REDACTED, Veil};
use serde_json::Value;
use std::sync::{Mutex, MutexGuard, PoisonError};
use stepwait_core::answer::{Answer, Document, TransportError};
use stepwait_core::authorize::AccessToken;
use stepwait_core::integration::{Auth, Extract, Integration, Scheme};
use stepwait_core::request::OutgoingRequest;
use stepwait_core::wait::OutcomeKind;
use stepwait_core::{SecretValue, Timestamp};
use stepwait_flow::ports::{Clock, Pace, SecretError, Secrets, ThirdParty, Tokens};

/// What an answer with a token holds besides (RFC 6749, sections 5.1 and 5.2).
const NO_TOKENS: [&str; 5] = ["token_type", "scope", "error", "error_description", "error_uri"];

/// A trial's world, watched.
pub(crate) struct Watched<'a, T, S, C, O> {
    pub(crate) world: &'a World<'a, T, S, C, O>,
    pub(crate) trial: &'a Trial<'a>,
    asking: Mutex<Asking>,
    token: Mutex<Option<AccessToken>>,
}

/// What the next requests are for.
enum Asking {
    /// A leg of one request.
    One(Leg),
    /// A look: what is not this request fetches the result.
    Look(Box<OutgoingRequest>),
}

impl<'a, T, S, C, O> Watched<'a, T, S, C, O> {
    pub(crate) const fn new(world: &'a World<'a, T, S, C, O>, trial: &'a Trial<'a>) -> Self {
        Self { world, trial, asking: Mutex::new(Asking::One(Leg::Submit)), token: Mutex::new(None) }
    }

    /// Says what the next request is for.
    pub(crate) fn asks(&self, leg: Leg) {
        *lock(&self.asking) = Asking::One(leg);
    }

    /// Says that the next request is this one, and that others fetch the result.
    pub(crate) fn looks(&self, request: OutgoingRequest) {
        *lock(&self.asking) = Asking::Look(Box::new(request));
    }

    fn leg(&self, request: &OutgoingRequest) -> Leg {
        let oauth = self.trial.integration.auth.as_ref().and_then(Auth::oauth2);
        if oauth.is_some_and(|oauth| !request.credentials && oauth.token_url.as_str() == request.url) {
            return Leg::Token;
        }
        match &*lock(&self.asking) {
            Asking::One(leg) => *leg,
            Asking::Look(look) => {
                let is_look = (look.method, &look.url, &look.body) == (request.method, &request.url, &request.body);
                if is_look { Leg::Status } else { Leg::Result }
            }
        }
    }

    /// The outcome as it may be shown.
    pub(crate) fn veiled(&self, kind: &OutcomeKind) -> OutcomeKind {
        let veil = self.world.veil;
        match kind {
            OutcomeKind::Succeeded { output } => OutcomeKind::Succeeded { output: veil.hide_json(output) },
            OutcomeKind::Failed { error, reason } => OutcomeKind::Failed { error: *error, reason: veil.hide(reason) },
            OutcomeKind::Expired { reason } => OutcomeKind::Expired { reason: veil.hide(reason) },
            OutcomeKind::Cancelled { reason } => OutcomeKind::Cancelled { reason: veil.hide(reason) },
        }
    }

    /// Hides all that the answer to a request for a token brings: some bring more tokens than one.
    fn learn_tokens(&self, document: &Document<'_>) {
        for (name, value) in document.body().and_then(Value::as_object).into_iter().flatten() {
            if let Some(text) = value.as_str().filter(|_| !NO_TOKENS.contains(&name.as_str())) {
                self.world.veil.learn_kept(text);
            }
        }
    }

    /// Hides what the answer to a submit brings for later requests, before anybody sees the answer.
    /// What is kept of the payload is the caller's own, and shown.
    fn learn_kept(&self, document: &Document<'_>) {
        let (submit, payload, veil) = (&self.trial.integration.submit, &self.trial.payload, self.world.veil);
        for extract in submit.keep.iter().map(|(_, extract)| extract).filter(|extract| extract.place().is_some()) {
            let Some(value) = extract.find(document, payload) else { continue };
            match (&submit.job_id, submit.job_id.find(document, payload)) {
                (Extract::Part { from, pattern }, Some(id)) if extract.place() == Some(from) => {
                    veil.learn_kept_around(&value, &id, |shown| pattern.find(shown) == Some(id.as_str()));
                }
                _ => veil.learn_kept(&value),
            }
        }
    }
}

impl<T, S, C, O: Observer> Watched<'_, T, S, C, O> {
    pub(crate) fn tell(&self, event: &Event) {
        self.world.observer.saw(event);
    }
}

impl<T: Sync, S: Sync, C: Time, O: Sync> Clock for Watched<'_, T, S, C, O> {
    fn now(&self) -> Timestamp {
        self.world.time.now()
    }

    fn random(&self) -> u64 {
        self.world.time.random()
    }
}

impl<T: ThirdParty, S: Sync, C: Time, O: Observer> ThirdParty for Watched<'_, T, S, C, O> {
    async fn send(&self, request: OutgoingRequest) -> Result<Answer, TransportError> {
        let World { third_party, veil, time, tape, .. } = self.world;
        let leg = self.leg(&request);
        if leg != Leg::Token && !request.credentials {
            // Elsewhere, addresses carry their permission with them: signatures stand in the query.
            veil.learn_kept(request.url.split_once('?').map_or("", |(_, query)| query));
        }
        let integration = self.trial.integration;
        self.tell(&Event::Sent { leg, request: shown(integration, &request, veil) });
        let sent = tape.map(|_| request.clone());
        let began = time.now();
        let received = third_party.send(request).await;
        let took_ms = u64::try_from(time.now().duration_since(began).as_millis()).unwrap_or(0);
        match &received {
            Ok(answer) => {
                let document = Document::of_answer(answer);
                match leg {
                    Leg::Token => self.learn_tokens(&document),
                    Leg::Submit => self.learn_kept(&document),
                    Leg::LookUp | Leg::Status | Leg::Result | Leg::Cancel => {}
                }
                self.tell(&Event::Answered {
                    leg,
                    status: answer.status,
                    bytes: answer.body.len(),
                    took_ms,
                    located: places::located(integration, leg, &document, &self.trial.payload, veil),
                });
            }
            Err(error) => self.tell(&Event::NotAnswered {
                leg,
                why: error.to_string(),
                refused: matches!(error, TransportError::Refused | TransportError::Unsendable),
                took_ms,
            }),
        }
        if let Some((tape, sent)) = tape.zip(sent) {
            tape.keep(leg, sent, &received);
        }
        received
    }
}

impl<T: Sync, S: Secrets, C: Sync, O: Sync> Secrets for Watched<'_, T, S, C, O> {
    async fn secret(&self, name: &str) -> Result<SecretValue, SecretError> {
        let value = self.world.secrets.secret(name).await?;
        self.world.veil.learn_secret(&value);
        Ok(value)
    }

    fn forget_secret(&self, name: &str) {
        self.world.secrets.forget_secret(name);
    }
}

impl<T: Sync, S: Sync, C: Sync, O: Sync> Tokens for Watched<'_, T, S, C, O> {
    fn token(&self, _: &str) -> Option<AccessToken> {
        lock(&self.token).clone()
    }

    fn keep_token(&self, _: &str, token: Option<AccessToken>) {
        if let Some(token) = &token {
            self.world.veil.learn_secret(&token.value);
        }
        *lock(&self.token) = token;
    }
}

/// One wait alone keeps within limits by its schedule; there is nobody to tell.
impl<T: Sync, S: Sync, C: Sync, O: Sync> Pace for Watched<'_, T, S, C, O> {
    async fn note(&self, _: &Integration, _: &Result<Answer, TransportError>) {}
}

/// A request as it may be shown.
pub(crate) fn shown(integration: &Integration, request: &OutgoingRequest, veil: &Veil) -> ShownRequest {
    let headers = request.headers.iter().map(|(name, value)| {
        let is_credential = carries_credential(integration, name);
        (name.clone(), if is_credential { REDACTED.to_owned() } else { veil.hide(value.expose()) })
    });
    ShownRequest {
        method: request.method.as_str(),
        url: veil.hide(&request.url),
        headers: headers.collect(),
        body: request.body.as_deref().map(|body| veil.hide(body)),
    }
}

/// Whether a header, by its name in lower case, is one by which requests are authorized.
pub(crate) fn carries_credential(integration: &Integration, header: &str) -> bool {
    let of_scheme = integration.auth.as_ref().is_some_and(|auth| {
        let of_hmac = match &auth.scheme {
            Some(Scheme::Hmac(hmac)) => hmac.headers.iter().any(|(name, _)| name == header),
            Some(Scheme::Bearer { .. } | Scheme::Basic { .. } | Scheme::OAuth2(_)) | None => false,
        };
        of_hmac || auth.headers.iter().any(|(name, _)| name == header)
    });
    of_scheme || header == "authorization"
}

pub(crate) fn lock<V>(mutex: &Mutex<V>) -> MutexGuard<'_, V> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
