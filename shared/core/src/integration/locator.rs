//! Where in an answer or an event a value stands: `code`, `header:Location`,
//! `body:/data/id`, and in an event `query:id`.

use super::header_name;
use crate::answer::Document;
use schemars::JsonSchema;
use serde::Deserialize;
use serde::de::{Deserializer, SeqAccess, Visitor};
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

    /// The pointer as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
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

/// A place in an answer or an event: `code`, `header:Name` or `body:/pointer`, and in an event `query:name`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(try_from = "String")]
#[schemars(with = "String", inline, extend("pattern" = "^(code|header:[^ ]+|query:.+|body:(/.*)?)$"))]
pub enum Locator {
    /// The HTTP status code.
    Code,
    /// A part of the JSON body.
    Body(JsonPointer),
    /// A header, by its name in lower case.
    Header(String),
    /// A field of an event's query string, by its name, decoded.
    Query(String),
}

impl Locator {
    /// The value at this place, if there is one. `null` counts as nothing: APIs
    /// write it where others leave the field out.
    #[must_use]
    pub fn find(&self, document: &Document<'_>) -> Option<Value> {
        match self {
            Self::Code => document.code().map(Value::from),
            Self::Body(pointer) => pointer.find(document.body()?).filter(|v| !v.is_null()).cloned(),
            Self::Header(name) => document.header(name).map(|v| Value::String(v.to_owned())),
            Self::Query(name) => document.query(name).map(|v| Value::String(v.into_owned())),
        }
    }

    /// The value at this place as text, if it is a scalar.
    #[must_use]
    pub fn find_text(&self, document: &Document<'_>) -> Option<String> {
        self.find(document).as_ref().and_then(scalar_text)
    }

    /// Whether the place lies in the body, which must then be JSON.
    #[must_use]
    pub const fn is_in_body(&self) -> bool {
        matches!(self, Self::Body(_))
    }

    /// Reads a locator.
    ///
    /// # Errors
    /// A text that says how to write one.
    pub fn parse(text: &str) -> Result<Self, String> {
        match text.split_once(':') {
            None if text == "code" => Ok(Self::Code),
            Some(("body", pointer)) => JsonPointer::parse(pointer).map(Self::Body),
            Some(("header", name)) => header_name::parse(name).map(Self::Header),
            Some(("query", name)) if !name.is_empty() => Ok(Self::Query(name.to_owned())),
            _ => Err(format!(
                "{text:?} says no place: write \"body:/pointer\", \"header:Name\" or \"code\"; for an event also \"query:name\""
            )),
        }
    }
}

impl TryFrom<String> for Locator {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text)
    }
}

impl fmt::Display for Locator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Code => f.write_str("code"),
            Self::Body(pointer) => write!(f, "body:{pointer}"),
            Self::Header(name) => write!(f, "header:{name}"),
            Self::Query(name) => write!(f, "query:{name}"),
        }
    }
}

/// The most places of one list: vendors put their error texts in two or three.
const MAX_PLACES: usize = 8;

/// One place or a list of them, of which the first that has a value counts.
#[derive(Clone, Debug, Default, PartialEq, Eq, JsonSchema)]
#[schemars(with = "OneOrMore", inline)]
pub struct Locators(Vec<Locator>);

/// What a file may write for [`Locators`], for its schema.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "only its schema is of use")]
#[schemars(untagged, inline)]
enum OneOrMore {
    One(Locator),
    More(Vec<Locator>),
}

impl Locators {
    /// The first value found, as text.
    #[must_use]
    pub fn find_text(&self, document: &Document<'_>) -> Option<String> {
        self.0.iter().find_map(|place| place.find_text(document))
    }

    /// The places, in order.
    #[must_use]
    pub fn places(&self) -> &[Locator] {
        &self.0
    }
}

impl<'de> Deserialize<'de> for Locators {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = Locators;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a place such as \"body:/error\", or a list of places")
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Locators, E> {
                Locator::parse(text).map(|place| Locators(vec![place])).map_err(E::custom)
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Locators, A::Error> {
                let mut places = Vec::new();
                while let Some(place) = list.next_element()? {
                    places.push(place);
                }
                if (1..=MAX_PLACES).contains(&places.len()) {
                    Ok(Locators(places))
                } else {
                    Err(serde::de::Error::custom(format!("name 1 to {MAX_PLACES} places")))
                }
            }
        }
        deserializer.deserialize_any(Either)
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
