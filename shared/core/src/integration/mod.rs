//! An integration: all that is known about one third party, read from one TOML
//! file that a user wrote.
//!
//! Each section of the file is one file here. It holds the shape as written
//! (`Raw…`, unknown keys denied) and the domain type it becomes; only the
//! latter leaves this module, and it cannot hold nonsense: no zero interval, no
//! status that means both success and failure, no placeholder that its leg
//! could never fill.

mod acceptor;
mod auth;
mod batch;
mod braces;
mod bundle;
mod callback;
mod cancel;
mod condition;
mod duration;
mod engine;
mod error;
mod errors;
mod extract;
mod header_name;
mod hosts;
mod json_template;
mod learned;
mod limits;
mod locator;
mod method;
mod name;
mod node;
mod pattern;
mod placeholder;
mod places;
mod request;
mod result;
mod schedule;
mod schema;
mod secret_name;
mod status;
mod submit;
mod template;
mod values;
pub(crate) mod verify;

pub use crate::encoding::Encoding;
pub use acceptor::{Acceptor, AcceptorState, first as first_acceptor};
pub use auth::{Auth, ClientAuth, Hmac, OAuth2, Scheme, SignedText};
pub use batch::Batch;
pub use bundle::Bundled;
pub use callback::{Callback, CallbackAddress, EchoProof, EventState, Handshake, HandshakeReply};
pub use cancel::Cancel;
pub use condition::{Condition, Test};
pub use error::ConfigError;
pub use errors::{ErrorClass, ErrorPolicy};
pub use extract::Extract;
pub use hosts::{Hosts, Trust};
pub use json_template::JsonTemplate;
pub use limits::{Limits, MAX_IN_FLIGHT};
pub use locator::{JsonPointer, Locator, Locators, scalar_text};
pub use method::Method;
pub use name::IntegrationName;
pub use pattern::Pattern;
pub use placeholder::{Bindings, Jobs, MissingValue};
pub use request::{BodyTemplate, RequestTemplate, Target};
pub use result::{Fetch, Format, NextPage, Pages, ResultLeg};
pub use schedule::{Jitter, Schedule};
pub use schema::schema;
pub use status::{JobState, StatusLeg, StatusMap, UnknownStatus};
pub use submit::{LookUp, Submit, WhenUnknown};
pub use template::{Escape, Template, percent_encode};
pub use values::Values;
pub use verify::{Algorithm, KeyForm, PublicKeyAlgorithm, SigningSecret, TimeUnit, Validity, Verification};

pub(crate) use auth::SignedPiece;
pub(crate) use request::{resolve, trust};
pub(crate) use template::encoded_field;

use duration::DurationText;
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::time::Duration;
use url::Url;

/// The longest deadline, 90 days: the main workflow's 40 requests, ten at a time
/// as the template has it, then fit into the year that a Standard execution may
/// last.
pub const MAX_DEADLINE: Duration = Duration::from_hours(90 * 24);

/// The shortest deadline, one second: below it no wait state can be of use.
pub const MIN_DEADLINE: Duration = Duration::from_secs(1);

/// How a workflow waits for this third party.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Strategy {
    /// A nested Express workflow asks again and again.
    Poll,
    /// The reconciler asks again and again, for all waits together, and resumes the task.
    Pooled,
    /// The third party's webhook resumes the task.
    Callback,
}

impl Strategy {
    /// The strategy as files, states and tables spell it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Poll => "poll",
            Self::Pooled => "pooled",
            Self::Callback => "callback",
        }
    }
}

/// One third party, as its file describes it.
#[derive(Clone, Debug)]
pub struct Integration {
    /// The file's name without `.toml`.
    pub name: IntegrationName,
    /// What a person should know about it.
    pub description: String,
    /// The page of the third party's documentation that the file was written from.
    pub docs: Option<Url>,
    /// A digest of what functions are bundled with, pinned to each wait.
    pub digest: String,
    /// How to wait.
    pub strategy: Strategy,
    /// How long a job is expected to take.
    pub expected: Duration,
    /// The longest a wait may take.
    pub deadline: Duration,
    /// Where the third party's API is.
    pub base_url: Url,
    /// Configured values.
    pub values: Values,
    /// Which other hosts requests may go to.
    pub hosts: Hosts,
    /// How requests are authorized.
    pub auth: Option<Auth>,
    /// How a job is started.
    pub submit: Submit,
    /// How a job is looked at.
    pub status: StatusLeg,
    /// What to make of answers that say nothing about the job.
    pub errors: ErrorPolicy,
    /// Where the result comes from.
    pub result: ResultLeg,
    /// How a job is called off.
    pub cancel: Option<Cancel>,
    /// What the third party's webhooks look like.
    pub callback: Option<Callback>,
    /// When the job is looked at.
    pub schedule: Schedule,
    /// How much it may be asked for, by all executions together.
    pub limits: Option<Limits>,
}

/// One third party: how its jobs are started, looked at, called off, and waited for.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Integration")]
struct RawIntegration {
    /// What a person should know about this third party, in a sentence.
    description: String,
    /// The page of the third party's documentation that the file was written from.
    docs: Option<String>,
    /// How to wait: `poll` asks again and again, `callback` lets the webhook resume the task and needs a `[callback]` section.
    strategy: engine::RawStrategy,
    /// With `strategy = "poll"`, who asks: `nested` is a workflow of the wait's own, which costs more the longer it waits; `pooled` is the reconciler, which looks at all waits together once a minute; `auto` takes whichever costs less for a job that takes as long as is `expected`, and `nested` where looks less than a minute apart matter.
    #[serde(default)]
    #[schemars(extend("default" = "nested"))]
    engine: engine::Engine,
    /// How long a job is expected to take, for `engine = "auto"`; a quarter of `deadline` if absent.
    expected: Option<DurationText>,
    /// The longest that a wait may take, 1s to 90days, for example `"2h"`. After it the job is looked at a last time; if it is not done, the request fails with `DeadlinePassed` and the job is called off.
    deadline: DurationText,
    /// Where the third party's API is, with `https://`. Plain `http://` is allowed for this machine only.
    base_url: String,
    /// Configured values, as `{value:NAME}`: texts, numbers and truth values. Texts stand here verbatim: braces are not doubled.
    #[serde(default)]
    #[schemars(with = "BTreeMap<String, condition::Scalar>")]
    values: BTreeMap<String, node::Node>,
    /// Hosts that requests may go to, beside that of `base_url`.
    #[serde(default)]
    hosts: hosts::RawHosts,
    /// How requests are authorized: by one of `bearer`, `basic`, `oauth2` and `hmac`, by `headers` and `query`, or by both. Secrets are named as Secrets Manager has them, after the deployment's prefix.
    auth: Option<auth::RawAuth>,
    /// How a job is started. Without `path` and `url` nothing is sent, and `job_id` comes from the payload: the job exists already.
    submit: submit::RawSubmit,
    /// How a job is looked at. What the answer means is said by `value` with the lists `succeeded`, `failed` and `pending`, by acceptors, or by both: acceptors come first.
    status: status::RawStatus,
    /// What to make of answers that say nothing about the job.
    #[serde(default)]
    errors: errors::RawErrors,
    /// Where the result comes from. Without `path` and `url` it is a part of the status answer; without this section, the whole of it.
    result: Option<result::RawResult>,
    /// How a job is called off when its wait is given up. Without this section such a job runs on.
    cancel: Option<cancel::RawCancel>,
    /// What the third party's webhooks look like, and how a genuine one is told. `strategy = "callback"` needs it.
    callback: Option<callback::RawCallback>,
    /// When the job is looked at, where it is polled. `Retry-After` counts before it.
    #[serde(default)]
    schedule: schedule::RawSchedule,
    /// How much the third party may be asked for, by all executions together.
    limits: Option<limits::RawLimits>,
}

impl Integration {
    /// Whether looking at a job needs what the submit kept, which stands in the wait's row.
    #[must_use]
    pub fn look_needs_kept(&self) -> bool {
        self.status.request.needs_kept() || self.result.fetch.as_ref().is_some_and(|fetch| fetch.request.needs_kept())
    }
}

impl RawIntegration {
    fn check(self, name: IntegrationName, digest: String) -> Result<Integration, KeyError> {
        let fail = |key: &str, what: &str| Err((key.to_owned(), what.to_owned()));
        let deadline = self.deadline.0;
        if deadline < MIN_DEADLINE || deadline > MAX_DEADLINE {
            return fail("deadline", "must lie between 1s and 90days");
        }
        let docs = match self.docs.as_deref().map(Url::parse) {
            None => None,
            Some(Ok(url)) => Some(url),
            Some(Err(e)) => return fail("docs", &format!("is not a URL ({e})")),
        };
        let values = Values::check(self.values)?;
        let submit = self.submit.check(&values, self.callback.is_some())?;
        let kept: Vec<String> = submit.keep.iter().map(|(name, _)| name.clone()).collect();
        let status = self.status.check(&kept, &values)?;
        let callback = self.callback.map(|raw| raw.check(&status, deadline)).transpose()?;
        let strategy = engine::strategy(self.strategy, self.engine);
        if strategy == Some(Strategy::Callback) && callback.is_none() {
            return fail(
                "strategy",
                "\"callback\" needs a [callback] section that says how to verify and read webhooks",
            );
        }
        if self.cancel.is_some() && submit.request.is_none() && callback.is_none() {
            return fail(
                "cancel",
                "nothing is sent by [submit], so several waits may wait for the same job, and none may call it off; leave the section out",
            );
        }
        let is_own = callback.as_ref().is_some_and(|callback| callback.address == CallbackAddress::Wait);
        if is_own && !submit.request.as_ref().is_some_and(RequestTemplate::tells_callback_url) {
            return fail(
                "callback.address",
                "is each wait's own, so [submit] must tell the third party: put {callback_url} into it",
            );
        }
        let limits = self.limits.map(|raw| raw.check(&name)).transpose()?;
        let mut integration = Integration {
            name,
            description: self.description,
            docs,
            digest,
            strategy: strategy.unwrap_or(Strategy::Poll),
            expected: engine::expected(self.expected, deadline)?,
            deadline,
            base_url: parse_base_url(&self.base_url).map_err(|e| ("base_url".to_owned(), e))?,
            hosts: self.hosts.check()?,
            auth: self.auth.map(auth::RawAuth::check).transpose()?,
            errors: self.errors.check()?,
            result: self.result.map(|raw| raw.check(&kept, &values)).transpose()?.unwrap_or_default(),
            cancel: self.cancel.map(|raw| raw.check(&kept, &values)).transpose()?,
            schedule: self.schedule.check()?,
            values,
            submit,
            status,
            callback,
            limits,
        };
        places::check(&integration)?;
        if strategy.is_none() {
            integration.strategy = crate::decide::engine::choose(&integration);
        }
        Ok(integration)
    }
}

/// A key of the file and what is wrong with its value.
type KeyError = (String, String);

fn parse_base_url(text: &str) -> Result<Url, String> {
    let url = Url::parse(text).map_err(|e| format!("{text:?} is not an absolute URL ({e}); start it with https://"))?;
    let is_allowed = url.scheme() == "https" || is_local_http(&url);
    if !is_allowed || url.host_str().is_none() {
        return Err(format!("{text:?} must start with https://"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        // The text is not quoted: it may hold a password.
        return Err("must not carry a user or a password; name a secret in [auth]".to_owned());
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(format!("{text:?} must not carry a query or a fragment; put them into `path`"));
    }
    Ok(url)
}

/// Whether a URL is plain HTTP to this machine, which is for tests and trials.
fn is_local_http(url: &Url) -> bool {
    url.scheme() == "http" && matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"))
}

#[cfg(test)]
mod tests;
