//! `[callback]`: how a webhook is verified, and where it names the job and its state.

mod accept;
mod address;
mod handshake;
mod raw_handshake;
mod vouch;

pub use accept::EventState;
pub use address::CallbackAddress;
pub use handshake::{EchoProof, Handshake, HandshakeReply};

use super::acceptor::Acceptor;
use super::condition::{Condition, RawCondition};
use super::duration::DurationText;
use super::locator::Locators;
use super::{Extract, KeyError, Locator, StatusLeg, Verification};
use accept::RawEventAcceptor;
use raw_handshake::RawHandshake;
use schemars::JsonSchema;
use serde::Deserialize;
use std::time::Duration;
use vouch::RawVouch;

/// The shortest silence that a heartbeat may tolerate, ten seconds: a third party
/// that reports more often says so in its answers to looks as well.
const MIN_HEARTBEAT: Duration = Duration::from_secs(10);

/// What the third party's webhooks look like.
#[derive(Clone, Debug)]
pub struct Callback {
    /// Where webhooks are sent to.
    pub address: CallbackAddress,
    /// Where an event names the job; absent where its address says of which wait it is.
    pub job_id: Option<Extract>,
    /// Which events are meant; others are acknowledged and ignored.
    pub only: Option<Condition>,
    /// Whether an event only says that something happened, so that the job is
    /// looked at before its wait is resumed.
    pub thin: bool,
    /// What events mean; the first that applies decides.
    pub accept: Vec<Acceptor<EventState>>,
    /// Where an event tells the job's status; as in `[status]` if absent.
    pub value: Option<Locator>,
    /// Which part of the event is the result; as in `[result]` if absent.
    pub output: Option<Locator>,
    /// Where an event of a failed job says why; as in `[status]` if empty.
    pub error: Locators,
    /// The longest that a job may go without an event before its wait is given
    /// up; whole seconds.
    pub heartbeat: Option<Duration>,
    /// How the third party makes sure that it reaches the right listener.
    pub handshake: Option<Handshake>,
    /// How to tell a genuine webhook; `None` where the wait's own address does.
    pub verify: Option<Verification>,
}

/// `[callback]`: what the third party's webhooks look like.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline)]
pub(super) struct RawCallback {
    /// Where webhooks are sent to: `integration` is one address for all waits, `wait` one for each, which `{callback_url}` then is. Such an address cannot be guessed, and events that come there are of its wait, whatever they say.
    #[serde(default)]
    #[schemars(extend("default" = "integration"))]
    address: CallbackAddress,
    /// Where an event names the job. Needed unless `address = "wait"`; there it is compared, if it is named: events of other jobs are ignored.
    job_id: Option<Extract>,
    /// Which events are meant, for third parties that send all kinds to one address; others are acknowledged and ignored.
    only: Option<RawCondition>,
    /// Whether the event says only that something happened, so that the job is looked at before its wait is resumed.
    #[serde(default)]
    thin: bool,
    /// Acceptors on the event; the first whose condition holds decides.
    #[serde(default)]
    accept: Vec<RawEventAcceptor>,
    /// Where an event tells the job's status; as in `[status]` if absent.
    value: Option<Locator>,
    /// Which part of an event is the result; as in `[result]` if absent.
    output: Option<Locator>,
    /// Where an event of a failed job says why; as in `[status]` if absent.
    #[serde(default)]
    error: Locators,
    /// The longest silence, 10s or more and shorter than `deadline`: every event of a job that is under way shows that it is, and a wait whose job goes without one for longer is given up. Leave it out where the third party sends no events on the way.
    heartbeat: Option<DurationText>,
    /// How the third party makes sure that it reaches the right listener.
    handshake: Option<RawHandshake>,
    /// How to tell a genuine webhook.
    verify: RawVouch,
}

impl RawCallback {
    pub(super) fn check(self, status: &StatusLeg, deadline: Duration) -> Result<Callback, KeyError> {
        let verify = self.verify.check(self.address)?;
        match (&self.job_id, self.address) {
            (Some(Extract::Request(_)), _) => {
                return Err((
                    "callback.job_id".to_owned(),
                    "an event holds no payload: write \"body:/pointer\" or \"header:Name\"".to_owned(),
                ));
            }
            (None, CallbackAddress::Integration) => {
                return Err((
                    "callback.job_id".to_owned(),
                    "say where an event names its job, or write address = \"wait\", for an address that is one wait's own".to_owned(),
                ));
            }
            (Some(_), _) | (None, CallbackAddress::Wait) => {}
        }
        if !self.thin && verify.as_ref().is_some_and(|verify| !verify.covers_body()) {
            return Err((
                "callback.thin".to_owned(),
                "must be true, as what callback.verify describes does not cover the body: whoever saw one event could send others, so an event may only cause a look at the job".to_owned(),
            ));
        }
        let only = self.only.map(RawCondition::check).transpose().map_err(|e| ("callback.only".to_owned(), e))?;
        let accept = accept::check(self.accept)?;
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
        let handshake = self.handshake.map(RawHandshake::check).transpose()?;
        if matches!(&handshake, Some(Handshake { reply: HandshakeReply::Hmac { .. }, .. }))
            && verify.as_ref().is_none_or(|verify| verify.secrets.is_empty())
        {
            return Err((
                "callback.handshake.hmac".to_owned(),
                "is made with the first secret of callback.verify, which names none".to_owned(),
            ));
        }
        Ok(Callback {
            address: self.address,
            job_id: self.job_id,
            only,
            thin: self.thin,
            accept,
            value: self.value,
            output: self.output,
            error: self.error,
            heartbeat: self.heartbeat.map(|DurationText(silence)| heartbeat(silence, deadline)).transpose()?,
            handshake,
            verify,
        })
    }
}

/// Step Functions counts heartbeats in whole seconds, and wants them shorter than the timeout.
fn heartbeat(silence: Duration, deadline: Duration) -> Result<Duration, KeyError> {
    let fail = |what: &str| Err(("callback.heartbeat".to_owned(), what.to_owned()));
    if silence < MIN_HEARTBEAT || silence.subsec_nanos() > 0 {
        return fail("must be whole seconds, 10s or more");
    }
    if silence >= deadline {
        return fail("must be shorter than `deadline`, or leave it out: the deadline ends the wait anyway");
    }
    Ok(silence)
}
