//! `callback.address`: whose address `{callback_url}` is.

use schemars::JsonSchema;
use serde::Deserialize;

/// Where webhooks are sent to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum CallbackAddress {
    /// One address for all waits: an event names its job.
    #[default]
    Integration,
    /// An address for each wait, which nobody can guess: events that come there are of that wait.
    Wait,
}
