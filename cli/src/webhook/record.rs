//! What the listener logs when it refuses a delivery: found in whatever form
//! somebody copied it out of the logs, and compared with a request.

use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use stepwait_core::Timestamp;
use stepwait_core::integration::Integration;
use stepwait_core::webhook::Examination;

use super::received;
use crate::trial::TryError;

/// The most bytes of a file of log lines, 4 MiB: a line has one or two KiB.
const MAX_BYTES: u64 = 4 * 1024 * 1024;

/// How deep a record may lie in the JSON around it: the answer of `aws logs`
/// holds lines, and a line the record as text.
const MAX_DEPTH: u32 = 8;

/// An examination as it is written out. What a later version adds is left alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Noted {
    pub(super) genuine: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) refusal: Option<String>,
    #[serde(default)]
    pub(super) ours: bool,
    pub(super) now: Timestamp,
    pub(super) rule: String,
    #[serde(default)]
    pub(super) signatures: Vec<NotedSignature>,
    #[serde(default)]
    pub(super) keys: Vec<NotedKey>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) content: Option<NotedBytes>,
    pub(super) body: NotedBytes,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) missing: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) timestamp: Option<NotedTime>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct NotedSignature {
    pub(super) place: String,
    pub(super) readable: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) bytes: Option<usize>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) sha256_begins: Option<String>,
    pub(super) matched: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct NotedKey {
    pub(super) name: String,
    pub(super) outcome: NotedOutcome,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) needed: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum NotedOutcome {
    Matched,
    DidNotMatch,
    NotYetValid,
    NoLongerValid,
    Malformed,
    NotLoaded,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct NotedBytes {
    pub(super) bytes: usize,
    pub(super) sha256: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct NotedTime {
    pub(super) place: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) sent: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) apart_ms: Option<i64>,
    pub(super) past_s: u64,
    pub(super) future_s: u64,
    pub(super) within: bool,
}

impl Noted {
    /// What an examination writes out.
    pub(super) fn of(examination: &Examination) -> Result<Self, TryError> {
        let written = serde_json::to_value(examination).and_then(serde_json::from_value);
        written.map_err(|error| TryError::Usage(format!("the examination cannot be read back ({error})")))
    }

    /// Reads the record of an integration out of a file of log lines, and says
    /// how many others there are in it; the last one counts.
    pub(super) fn read(path: &Path, integration: &Integration) -> Result<(Self, usize), TryError> {
        let usage = |why: String| TryError::Usage(format!("{}: {why}", path.display()));
        let bytes = received::read(path, MAX_BYTES).map_err(usage)?;
        let text = String::from_utf8_lossy(&bytes);
        let mut found = Vec::new();
        match serde_json::from_str::<Value>(&text) {
            Ok(value) => find(&value, MAX_DEPTH, &mut found),
            Err(_) => text.lines().filter_map(json_in).for_each(|value| find(&value, MAX_DEPTH, &mut found)),
        }
        let of_this = |name: &Option<String>| name.as_deref().is_none_or(|name| name == integration.name.as_str());
        let mut records: Vec<_> = found.into_iter().filter(|(name, _)| of_this(name)).collect();
        let (_, text) = records.pop().ok_or_else(|| {
            usage(format!(
                "holds no refusal of a webhook of {}; copy a line of the listener's log with the field `examination`",
                integration.name
            ))
        })?;
        let noted = serde_json::from_str(&text)
            .map_err(|error| usage(format!("the field `examination` cannot be read ({error}); copy the whole line")))?;
        Ok((noted, records.len()))
    }

    /// Whether this request is the one that was refused, and what differs.
    pub(super) fn compare(&self, request: &Self) -> Vec<Compared> {
        let fingerprints = |noted: &Self| -> Vec<Option<String>> {
            noted.signatures.iter().map(|signature| signature.sha256_begins.clone()).collect()
        };
        let mut compared = vec![
            Compared::new("the body", self.body == request.body, || {
                format!("{} there, {} here", said(&self.body), said(&request.body))
            }),
            Compared::new("the signatures", fingerprints(self) == fingerprints(request), || {
                format!("{} there, {} here, or other ones", self.signatures.len(), request.signatures.len())
            }),
            Compared::new("what is missing", self.missing == request.missing, || {
                format!("{} there, {} here", list(&self.missing), list(&request.missing))
            }),
            Compared::new("what is signed", self.content == request.content, || {
                let said = |bytes: &Option<NotedBytes>| bytes.as_ref().map_or_else(|| "nothing".to_owned(), said);
                format!("{} there, {} here", said(&self.content), said(&request.content))
            }),
            Compared::new("the rule", self.rule == request.rule, || {
                "the listener's file is another one than this; look which was deployed".to_owned()
            }),
        ];
        if let (Some(there), Some(here)) = (&self.timestamp, &request.timestamp) {
            compared.push(Compared::new("the time of sending", there.sent == here.sent, || {
                let said = |time: &Option<Timestamp>| time.map_or_else(|| "unreadable".to_owned(), |t| t.to_string());
                format!("{} there, {} here", said(&there.sent), said(&here.sent))
            }));
        }
        compared
    }
}

/// What was compared between a record and a request.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct Compared {
    pub(super) what: &'static str,
    pub(super) same: bool,
    /// What differs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) differs: Option<String>,
}

impl Compared {
    fn new(what: &'static str, same: bool, differs: impl FnOnce() -> String) -> Self {
        Self { what, same, differs: (!same).then(differs) }
    }
}

fn said(bytes: &NotedBytes) -> String {
    format!("{} bytes, sha-256 {}…", bytes.bytes, bytes.sha256.chars().take(12).collect::<String>())
}

fn list(texts: &[String]) -> String {
    if texts.is_empty() { "nothing".to_owned() } else { texts.join(", ") }
}

/// The JSON of a line, which the log's own time may stand before.
fn json_in(line: &str) -> Option<Value> {
    serde_json::from_str(line.get(line.find('{')?..)?).ok()
}

/// Examinations within a value, each with the integration that stands beside it.
fn find(value: &Value, depth: u32, found: &mut Vec<(Option<String>, String)>) {
    let Some(depth) = depth.checked_sub(1) else {
        return;
    };
    match value {
        Value::Object(members) => {
            if let Some(examination) = members.get("examination") {
                let name = members.get("integration").and_then(Value::as_str).map(str::to_owned);
                let text = examination.as_str().map_or_else(|| examination.to_string(), str::to_owned);
                found.push((name, text));
            } else if members.contains_key("genuine") && members.contains_key("rule") {
                found.push((None, value.to_string()));
            } else {
                members.values().for_each(|member| find(member, depth, found));
            }
        }
        Value::Array(items) => items.iter().for_each(|item| find(item, depth, found)),
        Value::String(text) => {
            if let Some(value) = json_in(text) {
                find(&value, depth, found);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
