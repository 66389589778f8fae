//! `[callback]`: how a webhook is verified, and where it names the job and its state.

use super::verify::RawVerify;
use super::{KeyError, Locator, Verification};
use serde::Deserialize;

/// What the third party's webhooks look like.
#[derive(Clone, Debug)]
pub struct Callback {
    /// Where an event names the job.
    pub job_id: Locator,
    /// Where an event tells the job's status; as in `[status]` if absent.
    pub value: Option<Locator>,
    /// Which part of the event is the result; as in `[result]` if absent.
    pub output: Option<Locator>,
    /// Where an event of a failed job says why; as in `[status]` if absent.
    pub error: Option<Locator>,
    /// How to tell a genuine webhook.
    pub verify: Verification,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawCallback {
    job_id: Locator,
    value: Option<Locator>,
    output: Option<Locator>,
    error: Option<Locator>,
    verify: RawVerify,
}

impl RawCallback {
    pub(super) fn check(self) -> Result<Callback, KeyError> {
        let verify = self.verify.check()?;
        Ok(Callback { job_id: self.job_id, value: self.value, output: self.output, error: self.error, verify })
    }
}
