//! `[callback]`: how a webhook is verified, and where it names the job and its state.

use super::acceptor::{self, Acceptor, RawAcceptor};
use super::condition::{Condition, RawCondition};
use super::locator::Locators;
use super::verify::RawVerify;
use super::{Extract, KeyError, Locator, StatusLeg, Verification};
use schemars::JsonSchema;
use serde::Deserialize;

/// What the third party's webhooks look like.
#[derive(Clone, Debug)]
pub struct Callback {
    /// Where an event names the job.
    pub job_id: Extract,
    /// Which events are meant; others are acknowledged and ignored.
    pub only: Option<Condition>,
    /// Whether an event only says that something happened, so that the job is
    /// looked at before its wait is resumed.
    pub thin: bool,
    /// What events mean; the first that applies decides.
    pub accept: Vec<Acceptor>,
    /// Where an event tells the job's status; as in `[status]` if absent.
    pub value: Option<Locator>,
    /// Which part of the event is the result; as in `[result]` if absent.
    pub output: Option<Locator>,
    /// Where an event of a failed job says why; as in `[status]` if empty.
    pub error: Locators,
    /// How to tell a genuine webhook.
    pub verify: Verification,
}

/// `[callback]`: what the third party's webhooks look like.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline)]
pub(super) struct RawCallback {
    /// Where an event names the job.
    job_id: Extract,
    /// Which events are meant, for third parties that send all kinds to one address; others are acknowledged and ignored.
    only: Option<RawCondition>,
    /// Whether the event says only that something happened, so that the job is looked at before its wait is resumed.
    #[serde(default)]
    thin: bool,
    /// Acceptors on the event; the first whose condition holds decides.
    #[serde(default)]
    accept: Vec<RawAcceptor>,
    /// Where an event tells the job's status; as in `[status]` if absent.
    value: Option<Locator>,
    /// Which part of an event is the result; as in `[result]` if absent.
    output: Option<Locator>,
    /// Where an event of a failed job says why; as in `[status]` if absent.
    #[serde(default)]
    error: Locators,
    /// How to tell a genuine webhook.
    verify: RawVerify,
}

impl RawCallback {
    pub(super) fn check(self, status: &StatusLeg) -> Result<Callback, KeyError> {
        let verify = self.verify.check()?;
        if let Extract::Request(_) = self.job_id {
            return Err((
                "callback.job_id".to_owned(),
                "an event holds no payload: write \"body:/pointer\" or \"header:Name\"".to_owned(),
            ));
        }
        if !self.thin && !verify.covers_body() {
            return Err((
                "callback.thin".to_owned(),
                "must be true, as what callback.verify describes does not cover the body: whoever saw one event could send others, so an event may only cause a look at the job".to_owned(),
            ));
        }
        let only = self.only.map(RawCondition::check).transpose().map_err(|e| ("callback.only".to_owned(), e))?;
        let accept = acceptor::check(self.accept, "callback.accept")?;
        // Values mean something by the lists of [status]; acceptors of [status] look at its answers, not at events.
        let can_tell = !accept.is_empty() || status.map.is_some();
        if !self.thin && !can_tell {
            return Err((
                "callback".to_owned(),
                "does not say what an event means, as [status] has acceptors only: write thin = true, or [[callback.accept]]".to_owned(),
            ));
        }
        if self.value.is_some() && status.map.is_none() {
            return Err((
                "callback.value".to_owned(),
                "means something by the lists of [status], which has none".to_owned(),
            ));
        }
        Ok(Callback {
            job_id: self.job_id,
            only,
            thin: self.thin,
            accept,
            value: self.value,
            output: self.output,
            error: self.error,
            verify,
        })
    }
}
