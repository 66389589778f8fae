//! An integration: all that is known about one third party, read from one TOML
//! file that a user wrote.
//!
//! Each section of the file is one file here. It holds the shape as written
//! (`Raw…`, unknown keys denied) and the domain type it becomes; only the
//! latter leaves this module, and it cannot hold nonsense: no zero interval, no
//! status that means both success and failure, no placeholder that its leg
//! could never fill.

mod auth;
mod callback;
mod cancel;
mod duration;
mod error;
mod header_name;
mod limits;
mod locator;
mod method;
mod name;
mod result;
mod schedule;
mod secret_name;
mod status;
mod submit;
mod template;

pub use auth::Auth;
pub use callback::{Callback, Verification};
pub use cancel::Cancel;
pub use error::ConfigError;
pub use limits::{Limits, MAX_IN_FLIGHT};
pub use locator::{JsonPointer, Locator, scalar_text};
pub use method::Method;
pub use name::IntegrationName;
pub use result::ResultLeg;
pub use schedule::{Jitter, Schedule};
pub use status::{JobState, StatusLeg, UnknownStatus};
pub use submit::Submit;
pub use template::{Bindings, JsonTemplate, MissingValue, Template};

use duration::DurationText;
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
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
    /// The third party's webhook resumes the task.
    Callback,
}

impl Strategy {
    /// The strategy as files, states and tables spell it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Poll => "poll",
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
    /// A digest of the file's text, pinned to each wait.
    pub digest: String,
    /// How to wait.
    pub strategy: Strategy,
    /// The longest a wait may take.
    pub deadline: Duration,
    /// Where the third party's API is.
    pub base_url: Url,
    /// How requests are authorized.
    pub auth: Option<Auth>,
    /// How a job is started.
    pub submit: Submit,
    /// How a job is looked at.
    pub status: StatusLeg,
    /// Which part of the answer is the result.
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

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawIntegration {
    description: String,
    strategy: Strategy,
    deadline: DurationText,
    base_url: String,
    auth: Option<Auth>,
    submit: submit::RawSubmit,
    status: status::RawStatus,
    #[serde(default)]
    result: result::RawResult,
    cancel: Option<cancel::RawCancel>,
    callback: Option<callback::RawCallback>,
    #[serde(default)]
    schedule: schedule::RawSchedule,
    limits: Option<limits::RawLimits>,
}

impl Integration {
    /// Parses the text of `integrations/NAME.toml`.
    ///
    /// # Errors
    /// [`ConfigError`], which names the file, the place in it and what to do.
    pub fn parse(name: &str, text: &str) -> Result<Self, ConfigError> {
        let at = |key: &str, what: String| ConfigError::new(name, key, what);
        let name_parsed = IntegrationName::parse(name).map_err(|e| at("(file name)", e.to_string()))?;
        let raw: RawIntegration = toml::from_str(text).map_err(|e| ConfigError::syntax(name, &e))?;

        let deadline = raw.deadline.0;
        if deadline < MIN_DEADLINE || deadline > MAX_DEADLINE {
            return Err(at("deadline", "must lie between 1s and 90days".to_owned()));
        }
        let base_url = parse_base_url(&raw.base_url).map_err(|e| at("base_url", e))?;
        let status = raw.status.check().map_err(|(k, e)| at(k, e))?;
        let callback = raw.callback.map(callback::RawCallback::check).transpose().map_err(|(k, e)| at(k, e))?;
        if raw.strategy == Strategy::Callback && callback.is_none() {
            return Err(at(
                "strategy",
                "\"callback\" needs a [callback] section that says how to verify and read webhooks".to_owned(),
            ));
        }
        let limits = raw.limits.map(|limits| limits.check(&name_parsed)).transpose().map_err(|(k, e)| at(k, e))?;
        Ok(Self {
            name: name_parsed,
            description: raw.description,
            digest: digest(text),
            strategy: raw.strategy,
            deadline,
            base_url,
            auth: raw.auth,
            submit: raw.submit.check(callback.is_some()).map_err(|(k, e)| at(k, e))?,
            status,
            result: raw.result.check().map_err(|(k, e)| at(k, e))?,
            cancel: raw.cancel.map(cancel::RawCancel::check).transpose().map_err(|(k, e)| at(k, e))?,
            callback,
            schedule: raw.schedule.check().map_err(|(k, e)| at(k, e))?,
            limits,
        })
    }
}

/// A key of the file and what is wrong with its value.
type KeyError = (&'static str, String);

fn parse_base_url(text: &str) -> Result<Url, String> {
    let url = Url::parse(text).map_err(|e| format!("{text:?} is not an absolute URL ({e}); start it with https://"))?;
    let is_local = matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
    let is_allowed = url.scheme() == "https" || (url.scheme() == "http" && is_local);
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

/// The first 16 bytes of the text's SHA-256, in hex: enough to tell any two
/// versions of a file apart, short enough to be read in a table.
fn digest(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().take(16).map(|b| format!("{b:02x}")).collect()
}

#[cfg(test)]
mod tests;
