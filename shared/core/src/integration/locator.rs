//! Where in an answer or an event a value stands: `body:/id`, `header:Location`.

use super::header_name;
use crate::answer::Answer;
use serde::Deserialize;
use serde_json::Value;
use std::fmt;

/// A JSON Pointer, checked ([RFC 6901](https://www.rfc-editor.org/rfc/rfc6901)).
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct JsonPointer(String);

impl JsonPointer {
    /// Checks a pointer: empty for the whole document, or `/` before each step,
    /// with `~0` for `~` and `~1` for `/`.
    ///
    /// # Errors
    /// A text that says what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        if !text.is_empty() && !text.starts_with('/') {
            return Err(format!("{text:?} is not a JSON Pointer: start it with \"/\", for example \"/data/id\""));
        }
        let bad_escape = text.split('~').skip(1).any(|rest| !rest.starts_with(['0', '1']));
        if bad_escape {
            return Err(format!(
                "{text:?} is not a JSON Pointer: write \"~0\" for \"~\" and \"~1\" for \"/\" within a name"
            ));
        }
        Ok(Self(text.to_owned()))
    }

    /// The value it points to, if there is one.
    #[must_use]
    pub fn find<'v>(&self, document: &'v Value) -> Option<&'v Value> {
        document.pointer(&self.0)
    }
}

impl TryFrom<String> for JsonPointer {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text)
    }
}

impl fmt::Display for JsonPointer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A place in an answer.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub enum Locator {
    /// A part of the JSON body.
    Body(JsonPointer),
    /// A header, by its name in lower case.
    Header(String),
}

impl Locator {
    /// The value at this place, read from the parsed body or from a header.
    #[must_use]
    pub fn find(&self, body: Option<&Value>, header: impl Fn(&str) -> Option<String>) -> Option<Value> {
        match self {
            Self::Body(pointer) => pointer.find(body?).cloned(),
            Self::Header(name) => header(name).map(Value::String),
        }
    }

    /// The value at this place of an answer.
    #[must_use]
    pub fn find_in(&self, answer: &Answer, body: Option<&Value>) -> Option<Value> {
        self.find(body, |name| answer.header(name).map(str::to_owned))
    }
}

impl TryFrom<String> for Locator {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        match text.split_once(':') {
            Some(("body", pointer)) => JsonPointer::parse(pointer).map(Self::Body),
            Some(("header", name)) => header_name::parse(name).map(Self::Header),
            _ => Err(format!("{text:?} says no place: write \"body:/pointer\" or \"header:Name\"")),
        }
    }
}

impl fmt::Display for Locator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Body(pointer) => write!(f, "body:{pointer}"),
            Self::Header(name) => write!(f, "header:{name}"),
        }
    }
}

/// A scalar as text: what ids and statuses are compared as. Objects, arrays and
/// null are no scalars.
#[must_use]
pub fn scalar_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}
