//! Conditions on an answer or an event: comparisons, `all` and `any`. There is
//! no expression language, so that a file can be read without a manual and no
//! answer can make a condition costly.

use super::locator::{Locator, scalar_text};
use super::pattern::Pattern;
use crate::answer::Document;
use schemars::JsonSchema;
use serde::Deserialize;
use serde::de::{Deserializer, Visitor};
use serde_json::Value;
use std::fmt;

/// The most alternatives of a `one_of`, and members of an `all` or `any`.
const MAX_MEMBERS: usize = 64;

/// The deepest nesting of `all` and `any`: two levels say any rule of this kind.
const MAX_DEPTH: usize = 4;

/// A condition.
#[derive(Clone, Debug, PartialEq)]
pub enum Condition {
    /// Holds if all members do.
    All(Vec<Condition>),
    /// Holds if any member does.
    Any(Vec<Condition>),
    /// Holds if the value at a place passes a test.
    Value {
        /// The place.
        at: Locator,
        /// The test.
        test: Test,
    },
}

/// What is asked of one value. Scalars are compared as text, so that `200` and
/// `"200"` are equal: vendors change their minds about quotes.
#[derive(Clone, Debug, PartialEq)]
pub enum Test {
    /// It is this.
    Equals(String),
    /// It is one of these.
    OneOf(Vec<String>),
    /// There is one that is not null, or there is none.
    Exists(bool),
    /// A regular expression occurs in it.
    Matches(Pattern),
    /// It is a number within these bounds, both included.
    Within {
        /// The least.
        at_least: Option<f64>,
        /// The most.
        at_most: Option<f64>,
    },
}

impl Condition {
    /// Whether the document meets the condition.
    #[must_use]
    pub fn holds(&self, document: &Document<'_>) -> bool {
        match self {
            Self::All(members) => members.iter().all(|c| c.holds(document)),
            Self::Any(members) => members.iter().any(|c| c.holds(document)),
            Self::Value { at, test } => test.passes(at.find(document).as_ref()),
        }
    }
}

impl Condition {
    /// Whether the condition asks for anything in the body, which must then be JSON.
    #[must_use]
    pub fn looks_into_body(&self) -> bool {
        match self {
            Self::All(members) | Self::Any(members) => members.iter().any(Self::looks_into_body),
            Self::Value { at, .. } => at.is_in_body(),
        }
    }
}

impl Test {
    fn passes(&self, value: Option<&Value>) -> bool {
        if let Self::Exists(wanted) = self {
            return value.is_some() == *wanted;
        }
        let Some(text) = value.and_then(scalar_text) else {
            return false;
        };
        match self {
            Self::Equals(expected) => text == *expected,
            Self::OneOf(list) => list.contains(&text),
            Self::Matches(pattern) => pattern.is_match(&text),
            Self::Exists(wanted) => *wanted,
            Self::Within { at_least, at_most } => text.parse::<f64>().is_ok_and(|number| {
                number.is_finite()
                    && at_least.is_none_or(|least| number >= least)
                    && at_most.is_none_or(|most| number <= most)
            }),
        }
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |f: &mut fmt::Formatter<'_>, members: &[Self], word: &str| {
            for (i, member) in members.iter().enumerate() {
                if i > 0 {
                    write!(f, " {word} ")?;
                }
                match member {
                    Self::Value { .. } => write!(f, "{member}")?,
                    Self::All(_) | Self::Any(_) => write!(f, "({member})")?,
                }
            }
            Ok(())
        };
        match self {
            Self::All(members) => list(f, members, "and"),
            Self::Any(members) => list(f, members, "or"),
            Self::Value { at, test } => write!(f, "{at} {test}"),
        }
    }
}

impl fmt::Display for Test {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Equals(expected) => write!(f, "is {expected:?}"),
            Self::OneOf(list) => write!(f, "is one of {list:?}"),
            Self::Exists(true) => f.write_str("exists"),
            Self::Exists(false) => f.write_str("is absent"),
            Self::Matches(pattern) => write!(f, "matches /{pattern}/"),
            Self::Within { at_least, at_most } => match (at_least, at_most) {
                (Some(least), Some(most)) => write!(f, "is from {least} to {most}"),
                (Some(least), None) => write!(f, "is at least {least}"),
                (None, Some(most)) => write!(f, "is at most {most}"),
                (None, None) => f.write_str("is a number"),
            },
        }
    }
}

/// A text, number or truth value, kept as text.
#[derive(Clone, Debug, PartialEq, Eq, JsonSchema)]
#[schemars(with = "AnyScalar", inline)]
pub(super) struct Scalar(pub(super) String);

/// What a file may write for a [`Scalar`], for its schema.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "only its schema is of use")]
#[schemars(untagged, inline)]
enum AnyScalar {
    Text(String),
    Number(f64),
    Flag(bool),
}

impl<'de> Deserialize<'de> for Scalar {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any;
        impl Visitor<'_> for Any {
            type Value = Scalar;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text, a number, true or false")
            }
            fn visit_str<E>(self, text: &str) -> Result<Scalar, E> {
                Ok(Scalar(text.to_owned()))
            }
            fn visit_i64<E>(self, number: i64) -> Result<Scalar, E> {
                Ok(Scalar(number.to_string()))
            }
            fn visit_f64<E>(self, number: f64) -> Result<Scalar, E> {
                Ok(Scalar(Value::from(number).to_string()))
            }
            fn visit_bool<E>(self, flag: bool) -> Result<Scalar, E> {
                Ok(Scalar(flag.to_string()))
            }
        }
        deserializer.deserialize_any(Any)
    }
}

/// A condition: `at` with one comparison, or `all` or `any` of several.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Condition")]
pub(super) struct RawCondition {
    /// The place whose value is compared.
    at: Option<Locator>,
    /// The value is this. Scalars are compared as text: 200 equals "200".
    equals: Option<Scalar>,
    /// The value is one of these.
    one_of: Option<Vec<Scalar>>,
    /// There is a value that is not null (`true`), or there is none (`false`).
    exists: Option<bool>,
    /// A regular expression occurs in the value.
    matches: Option<String>,
    /// The value is a number, and at least this.
    at_least: Option<f64>,
    /// The value is a number, and at most this.
    at_most: Option<f64>,
    /// All of these conditions hold.
    all: Option<Vec<RawCondition>>,
    /// Any of these conditions holds.
    any: Option<Vec<RawCondition>>,
}

impl RawCondition {
    pub(super) fn check(self) -> Result<Condition, String> {
        self.check_at(1)
    }

    fn check_at(self, depth: usize) -> Result<Condition, String> {
        const HOW: &str = "write { at = PLACE, … } with one of equals, one_of, exists, matches or at_least/at_most, or { all = [ … ] }, or { any = [ … ] }";
        if depth > MAX_DEPTH {
            return Err(format!("conditions are nested deeper than {MAX_DEPTH}; write several acceptors instead"));
        }
        let members = |list: Vec<Self>| -> Result<Vec<Condition>, String> {
            if list.is_empty() || list.len() > MAX_MEMBERS {
                return Err(format!("a condition has 1 to {MAX_MEMBERS} members"));
            }
            list.into_iter().map(|c| c.check_at(depth + 1)).collect()
        };
        let range = self.at_least.is_some() || self.at_most.is_some();
        let tests = usize::from(self.equals.is_some())
            + usize::from(self.one_of.is_some())
            + usize::from(self.exists.is_some())
            + usize::from(self.matches.is_some())
            + usize::from(range);
        match (self.at, self.all, self.any) {
            (None, Some(all), None) if tests == 0 => members(all).map(Condition::All),
            (None, None, Some(any)) if tests == 0 => members(any).map(Condition::Any),
            (Some(at), None, None) if tests == 1 => {
                let test = if let Some(Scalar(expected)) = self.equals {
                    Test::Equals(expected)
                } else if let Some(list) = self.one_of {
                    if list.is_empty() || list.len() > MAX_MEMBERS {
                        return Err(format!("`one_of` has 1 to {MAX_MEMBERS} values"));
                    }
                    Test::OneOf(list.into_iter().map(|Scalar(text)| text).collect())
                } else if let Some(exists) = self.exists {
                    Test::Exists(exists)
                } else if let Some(pattern) = self.matches {
                    Test::Matches(Pattern::parse(&pattern)?)
                } else {
                    if let (Some(least), Some(most)) = (self.at_least, self.at_most)
                        && least > most
                    {
                        return Err(format!("no number is at least {least} and at most {most}"));
                    }
                    Test::Within { at_least: self.at_least, at_most: self.at_most }
                };
                Ok(Condition::Value { at, test })
            }
            _ => Err(HOW.to_owned()),
        }
    }
}
