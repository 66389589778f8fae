//! Durations as people write them: "30s", "2m", "1h 30m", "7days".

use schemars::JsonSchema;
use serde::Deserialize;
use std::time::Duration;

/// A duration read from text such as "30s".
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema, PartialEq, Eq)]
#[serde(try_from = "String")]
#[schemars(with = "String", inline)]
pub(super) struct DurationText(pub(super) Duration);

impl TryFrom<String> for DurationText {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        parse(&text).map(Self)
    }
}

pub(super) fn parse(text: &str) -> Result<Duration, String> {
    humantime::parse_duration(text.trim())
        .map_err(|e| format!("{text:?} is not a duration ({e}); write for example \"30s\", \"2m\" or \"1h\""))
}
