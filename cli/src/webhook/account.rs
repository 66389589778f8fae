//! All that is said of one delivery.

use serde::Serialize;
use stepwait_core::Timestamp;
use stepwait_core::webhook::PartSeen;

use super::news::Told;
use super::record::{Compared, Noted};

/// The verdict on a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Verdict {
    /// It is genuine.
    Accepted,
    /// It is not.
    Refused,
    /// That cannot be said here: a secret is missing.
    Unknown,
}

/// All that is said of one delivery.
#[derive(Debug, Serialize)]
pub(super) struct Account {
    pub(super) integration: String,
    pub(super) description: String,
    pub(super) verdict: Verdict,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) why: Option<String>,
    /// Where `now` comes from.
    pub(super) clock: Clock,
    pub(super) examination: Noted,
    /// The parts of what is signed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) parts: Vec<PartSeen>,
    /// What is signed, escaped and bounded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) content: Option<String>,
    /// The listener's URL, where it is part of what is signed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) url: Option<String>,
    /// What does not fit together in the file, or is noteworthy.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) notes: Vec<String>,
    /// What would have been accepted.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) hints: Vec<String>,
    /// What the event says, if there is a request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) event: Option<Told>,
    /// The request beside the record.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) compared: Vec<Compared>,
    /// When the record was made, where one was compared.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) recorded: Option<Timestamp>,
}

/// Where a time comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Clock {
    /// The command line.
    Given,
    /// The record.
    Record,
    /// The gateway's event.
    Gateway,
    /// This machine.
    Machine,
}
