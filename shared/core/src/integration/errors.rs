//! `[errors]`: what to make of answers that say nothing about the job. It is
//! apart from the schedule: the schedule says when to ask, this says how often
//! in a row asking may go wrong.

use super::{KeyError, duration::DurationText};
use crate::answer::TransportError;
use schemars::JsonSchema;
use serde::Deserialize;
use serde::de::{Deserializer, Visitor};
use std::fmt;
use std::time::Duration;

/// The most refusals or errors in a row that a file may allow.
const MAX_BUDGET: u32 = 10_000;

/// How often in a row a third party may refuse a look unless the file says
/// otherwise, ten: a rotated token, a job that is not visible yet and a
/// firewall's bad hour pass, a wrong path does not.
const DEFAULT_REFUSALS: u32 = 10;

/// The longest time after a submit in which a missing job is not missed, one hour.
const MAX_GRACE: Duration = Duration::from_hours(1);

/// What to make of answers that say nothing about the job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ErrorPolicy {
    /// Errors after which the third party is asked again.
    pub ask_again: Vec<ErrorClass>,
    /// How many of those may follow each other; `None`: until the deadline.
    pub budget: Option<u32>,
    /// How many other errors may follow each other.
    pub refusals: u32,
    /// For how long after the submit a 404 means that the job is not visible yet.
    pub missing_grace: Duration,
}

/// A kind of error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorClass {
    /// One HTTP status code.
    Code(u16),
    /// A hundred of them, by their first digit.
    Hundred(u16),
    /// No connection was made.
    Connect,
    /// The connection broke, or the answer did not come in time.
    Broken,
    /// The body is not what it should be: not JSON, too large, no status in it.
    Body,
}

impl Default for ErrorPolicy {
    fn default() -> Self {
        use ErrorClass::{Body, Broken, Code, Connect, Hundred};
        Self {
            ask_again: vec![Code(408), Code(425), Code(429), Hundred(5), Connect, Broken, Body],
            budget: None,
            refusals: DEFAULT_REFUSALS,
            missing_grace: Duration::ZERO,
        }
    }
}

impl ErrorPolicy {
    /// Whether the third party is asked again after this status code.
    #[must_use]
    pub fn asks_again_after(&self, code: u16) -> bool {
        self.ask_again.iter().any(|class| match class {
            ErrorClass::Code(listed) => *listed == code,
            ErrorClass::Hundred(digit) => code / 100 == *digit,
            ErrorClass::Connect | ErrorClass::Broken | ErrorClass::Body => false,
        })
    }

    /// Whether the third party is asked again after this failure to reach it.
    #[must_use]
    pub fn asks_again_after_transport(&self, error: TransportError) -> bool {
        match error {
            TransportError::NotConnected => self.ask_again.contains(&ErrorClass::Connect),
            TransportError::Broken => self.ask_again.contains(&ErrorClass::Broken),
            TransportError::Unsendable | TransportError::Refused => false,
        }
    }

    /// Whether the third party is asked again after a body that cannot be used.
    #[must_use]
    pub fn asks_again_after_bad_body(&self) -> bool {
        self.ask_again.contains(&ErrorClass::Body)
    }
}

impl fmt::Display for ErrorClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Code(code) => write!(f, "{code}"),
            Self::Hundred(digit) => write!(f, "{digit}xx"),
            Self::Connect => f.write_str("connect"),
            Self::Broken => f.write_str("broken"),
            Self::Body => f.write_str("body"),
        }
    }
}

impl ErrorClass {
    fn parse(text: &str) -> Result<Self, String> {
        let hundred = |digit: &str| digit.parse::<u16>().ok().filter(|d| (3..=5).contains(d));
        match text {
            "connect" => Ok(Self::Connect),
            "broken" => Ok(Self::Broken),
            "body" => Ok(Self::Body),
            _ => text.strip_suffix("xx").and_then(hundred).map(Self::Hundred).ok_or_else(|| {
                format!("{text:?} is no kind of error: write a code such as 503, a class such as \"5xx\", or \"connect\", \"broken\" or \"body\"")
            }),
        }
    }

    fn code(code: i64) -> Result<Self, String> {
        u16::try_from(code)
            .ok()
            .filter(|code| (300..=599).contains(code))
            .map(Self::Code)
            .ok_or_else(|| format!("{code} is no HTTP status code of an error: write one from 300 to 599"))
    }
}

impl JsonSchema for ErrorClass {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "ErrorClass".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "anyOf": [
                { "type": "integer", "minimum": 300, "maximum": 599 },
                { "enum": ["3xx", "4xx", "5xx", "connect", "broken", "body"] }
            ]
        })
    }
}

impl<'de> Deserialize<'de> for ErrorClass {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;
        impl Visitor<'_> for Either {
            type Value = ErrorClass;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a status code such as 503, or a text such as \"5xx\" or \"connect\"")
            }
            fn visit_i64<E: serde::de::Error>(self, code: i64) -> Result<ErrorClass, E> {
                ErrorClass::code(code).map_err(E::custom)
            }
            fn visit_u64<E: serde::de::Error>(self, code: u64) -> Result<ErrorClass, E> {
                ErrorClass::code(i64::try_from(code).unwrap_or(i64::MAX)).map_err(E::custom)
            }
            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<ErrorClass, E> {
                ErrorClass::parse(text).map_err(E::custom)
            }
        }
        deserializer.deserialize_any(Either)
    }
}

/// `[errors]`: what to make of answers that say nothing about the job.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline)]
pub(super) struct RawErrors {
    /// Errors after which the third party is simply asked again: codes, classes such as `"5xx"`, and `"connect"` (no connection), `"broken"` (cut off or out of time) and `"body"` (not JSON, too large, or without a status).
    #[schemars(extend("default" = [408, 425, 429, "5xx", "connect", "broken", "body"]))]
    ask_again: Option<Vec<ErrorClass>>,
    /// How many of those may follow each other before the wait fails with `ThirdPartyUnavailable`. Without it the third party is asked until the deadline. A good answer starts the count anew.
    budget: Option<u32>,
    /// How many other errors, such as 403 or 404, may follow each other before the wait fails with `CheckRefused`. 1 fails it at the first.
    #[schemars(extend("default" = 10))]
    refusals: Option<u32>,
    /// For how long after the submit a 404 means that the job is not visible yet, up to 1h, for example `"30s"`.
    #[schemars(extend("default" = "0s"))]
    missing_grace: Option<DurationText>,
}

impl RawErrors {
    pub(super) fn check(self) -> Result<ErrorPolicy, KeyError> {
        let default = ErrorPolicy::default();
        for (key, count) in [("errors.budget", self.budget), ("errors.refusals", self.refusals)] {
            if count.is_some_and(|count| count == 0 || count > MAX_BUDGET) {
                return Err((key.to_owned(), format!("must lie between 1 and {MAX_BUDGET}")));
            }
        }
        let missing_grace = self.missing_grace.map_or(default.missing_grace, |text| text.0);
        if missing_grace > MAX_GRACE {
            return Err(("errors.missing_grace".to_owned(), "must be at most 1h".to_owned()));
        }
        Ok(ErrorPolicy {
            ask_again: self.ask_again.unwrap_or(default.ask_again),
            budget: self.budget,
            refusals: self.refusals.unwrap_or(default.refusals),
            missing_grace,
        })
    }
}
