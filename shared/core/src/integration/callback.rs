//! `[callback]`: how a webhook is verified, and where it names the job and its state.

use super::{KeyError, Locator, secret_name};
use serde::Deserialize;

/// The most signing secrets at a time: the current one, the one before and the
/// next one, with one to spare.
const MAX_SECRETS: usize = 4;

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

/// How a webhook is verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verification {
    /// [Standard Webhooks](https://www.standardwebhooks.com): HMAC-SHA256 over
    /// id, timestamp and body.
    StandardWebhooks {
        /// Names of the secrets, any of which may have signed (rotation).
        secrets: Vec<String>,
    },
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

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawVerify {
    preset: Preset,
    secrets: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Preset {
    StandardWebhooks,
}

impl RawCallback {
    pub(super) fn check(self) -> Result<Callback, KeyError> {
        if self.verify.secrets.is_empty() || self.verify.secrets.len() > MAX_SECRETS {
            return Err(("callback.verify.secrets", format!("name 1 to {MAX_SECRETS} secrets")));
        }
        let secrets = self.verify.secrets.into_iter().map(secret_name::parse).collect::<Result<_, _>>();
        let secrets = secrets.map_err(|e| ("callback.verify.secrets", e))?;
        let verify = match self.verify.preset {
            Preset::StandardWebhooks => Verification::StandardWebhooks { secrets },
        };
        Ok(Callback { job_id: self.job_id, value: self.value, output: self.output, error: self.error, verify })
    }
}
