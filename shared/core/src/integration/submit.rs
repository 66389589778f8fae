//! `[submit]`: the request that starts a job, and what is taken from its answer.

use super::acceptor::{self, Acceptor, RawAcceptor};
use super::placeholder::{Leg, Scope};
use super::request::{RequestTemplate, leg};
use super::{Extract, JsonPointer, KeyError, Locator, Method, Values, header_name};
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeMap;

/// The most values that are kept with a wait: they are stored in its row.
const MAX_KEPT: usize = 8;

/// How a job is started.
#[derive(Clone, Debug)]
pub struct Submit {
    /// The request; absent where the job exists already and the payload names it.
    pub request: Option<RequestTemplate>,
    /// Where the job's id comes from.
    pub job_id: Extract,
    /// What is kept for later requests, by name.
    pub keep: Vec<(String, Extract)>,
    /// The header that carries the wait's id as idempotency key.
    pub idempotency_header: Option<String>,
    /// What to do when it is not known whether a submit arrived.
    pub when_unknown: WhenUnknown,
    /// What the answer means where its code alone does not tell.
    pub accept: Vec<Acceptor>,
    /// Where the result stands if the job is done at once; as in `[result]` if absent.
    pub output: Option<Locator>,
}

/// What to do when it is not known whether a submit arrived.
#[derive(Clone, Debug)]
pub enum WhenUnknown {
    /// Send it again: the third party recognizes it by its idempotency key.
    Resend,
    /// Look whether the job exists, and send it again if it does not.
    LookUp(Box<LookUp>),
    /// Fail: sending it twice could start two jobs.
    Fail,
}

/// A request that finds a job by the wait's id.
#[derive(Clone, Debug)]
pub struct LookUp {
    /// The request.
    pub request: RequestTemplate,
    /// Where the answer names the job; nothing there means that there is none.
    pub job_id: Locator,
}

impl Submit {
    /// The names of the secrets that the request hands over to the third party.
    #[must_use]
    pub fn secrets(&self) -> Vec<&str> {
        self.request.as_ref().map(RequestTemplate::secrets).unwrap_or_default()
    }

    /// What is taken out of the payload beside placeholders: the job's id, or kept values.
    pub fn of_payload(&self) -> impl Iterator<Item = &JsonPointer> {
        [&self.job_id].into_iter().chain(self.keep.iter().map(|(_, extract)| extract)).filter_map(|extract| {
            match extract {
                Extract::Request(pointer) => Some(pointer),
                Extract::Place(_) | Extract::Part { .. } => None,
            }
        })
    }

    /// Whether a submit may be sent again when its fate is not known.
    #[must_use]
    pub const fn may_resend(&self) -> bool {
        match self.when_unknown {
            WhenUnknown::Resend => true,
            WhenUnknown::LookUp(_) | WhenUnknown::Fail => false,
        }
    }
}

leg! {
    /// `[submit]`: starts a job. Without `path` and `url` nothing is sent, and `job_id` comes from the payload: the job exists already.
    RawSubmit {
        /// Where the answer names the job: `body:/id`, `header:Location`, or `{ from = "header:Location", pattern = "/jobs/([^/]+)" }`. It is the id by which people look the job up and webhooks name it. `request:/pointer` takes it from the payload.
        job_id: Extract,
        /// Further values for later requests, as `{kept:NAME}`: taken from the answer, or from the payload with `request:/pointer`. They are stored with the wait and never logged.
        #[serde(default)]
        keep: BTreeMap<String, Extract>,
        /// The header that carries the wait's id, by which the third party recognizes a request that is sent again.
        idempotency_header: Option<String>,
        /// What to do when it is not known whether the request arrived: `resend` it, `look_up` the job by `[submit.look_up]` and resend it if there is none, or `fail` with `SubmitUnknown`. Unless said, `resend` with an `idempotency_header` and `fail` without.
        when_unknown: Option<Policy>,
        /// Finds the job by the wait's id, for `when_unknown = "look_up"`.
        look_up: Option<RawLookUp>,
        /// Acceptors on the answer, tried in order before anything else: `success` means that the job is done already, `failure` that it was refused whatever the code says, `retry` that it was certainly not taken and may be sent again.
        #[serde(default)]
        accept: Vec<RawAcceptor>,
        /// Where the result of a job stands that is done already; as in `[result]` if absent.
        output: Option<Locator>,
    }
}

leg! {
    /// Finds the job by the wait's id.
    RawLookUp {
        /// Where the answer names the job; nothing there means that there is none.
        job_id: Locator,
    }
}

/// What to do when it is not known whether a submit arrived.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
enum Policy {
    Resend,
    LookUp,
    Fail,
}

impl RawSubmit {
    pub(super) fn check(mut self, values: &Values, has_callback: bool) -> Result<Submit, KeyError> {
        let fail = |key: &str, what: &str| Err((format!("submit.{key}"), what.to_owned()));
        let scope = |leg| Scope { leg, kept: &[], values, has_callback, has_batch: false };
        let raw = self.request();
        let request =
            if raw.is_absent() { None } else { Some(raw.check("submit", scope(Leg::Submit), Method::Post)?) };
        if request.is_none() && !self.accept.is_empty() {
            return fail(
                "accept",
                "there is no `path` and no `url`, so nothing is sent and there is no answer; leave it out",
            );
        }
        if request.is_none() && !matches!(self.job_id, Extract::Request(_)) {
            return fail(
                "path",
                "there is no `path` and no `url`, so nothing is sent, and `job_id` must come from the payload: write \"request:/pointer\"",
            );
        }
        let keep: Vec<_> = self.keep.into_iter().collect();
        if keep.len() > MAX_KEPT {
            return fail("keep", &format!("at most {MAX_KEPT} values are kept"));
        }
        if request.is_none() && keep.iter().any(|(_, extract)| extract.place().is_some()) {
            return fail(
                "keep",
                "nothing is sent, so values can come from the payload only: write \"request:/pointer\"",
            );
        }
        let idempotency_header = self.idempotency_header.map(|h| header_name::parse_settable(&h)).transpose();
        let idempotency_header = idempotency_header.map_err(|e| ("submit.idempotency_header".to_owned(), e))?;
        let default = if idempotency_header.is_some() || request.is_none() { Policy::Resend } else { Policy::Fail };
        let when_unknown = match (self.when_unknown.unwrap_or(default), self.look_up) {
            (Policy::LookUp, Some(mut raw)) => {
                let request = raw.request().check("submit.look_up", scope(Leg::LookUp), Method::Get)?;
                if !request.carries_wait_id() {
                    return fail("look_up", "must carry {wait_id}, or it could find another wait's job");
                }
                if let Some((name, place)) = keep.iter().find_map(|(name, extract)| Some((name, extract.place()?))) {
                    return fail(
                        &format!("keep.{name}"),
                        &format!(
                            "a job that a look-up finds never showed its answer to the submit, so there is no {place} to keep; take it from the payload, or use another when_unknown"
                        ),
                    );
                }
                WhenUnknown::LookUp(Box::new(LookUp { request, job_id: raw.job_id }))
            }
            (Policy::LookUp, None) => {
                return fail("when_unknown", "needs a [submit.look_up] section that finds the job by {wait_id}");
            }
            (Policy::Resend | Policy::Fail, Some(_)) => {
                return fail("look_up", "is used only with when_unknown = \"look_up\"");
            }
            (Policy::Resend, None) => {
                let carries_key = request.as_ref().is_none_or(RequestTemplate::carries_wait_id);
                if idempotency_header.is_none() && !carries_key {
                    return fail(
                        "when_unknown",
                        "\"resend\" needs an `idempotency_header`, or {wait_id} where the third party takes an idempotency key; without one it could start two jobs",
                    );
                }
                WhenUnknown::Resend
            }
            (Policy::Fail, None) => WhenUnknown::Fail,
        };
        Ok(Submit {
            request,
            job_id: self.job_id,
            keep,
            idempotency_header,
            when_unknown,
            accept: acceptor::check(self.accept, "submit.accept")?,
            output: self.output,
        })
    }
}
