//! How a value is taken out of an answer, or out of the caller's payload: a
//! place, and if the value is only a part of what stands there, an expression.

use super::locator::{JsonPointer, Locator, scalar_text};
use super::pattern::Pattern;
use crate::answer::Document;
use schemars::JsonSchema;
use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::Value;
use std::fmt;

/// Where a value comes from.
#[derive(Clone, Debug, PartialEq)]
pub enum Extract {
    /// A place in the answer or the event.
    Place(Locator),
    /// A part of what stands at a place.
    Part {
        /// The place.
        from: Locator,
        /// Its one group is the part.
        pattern: Pattern,
    },
    /// The caller's payload.
    Request(JsonPointer),
}

impl Extract {
    /// The value as text, if there is one and it is a scalar.
    #[must_use]
    pub fn find(&self, document: &Document<'_>, payload: &Value) -> Option<String> {
        match self {
            Self::Place(place) => place.find_text(document),
            Self::Part { from, pattern } => {
                from.find_text(document).and_then(|text| pattern.find(&text).map(str::to_owned))
            }
            Self::Request(pointer) => pointer.find(payload).and_then(scalar_text),
        }
    }

    /// The place in the answer, if it comes from there.
    #[must_use]
    pub const fn place(&self) -> Option<&Locator> {
        match self {
            Self::Place(place) | Self::Part { from: place, .. } => Some(place),
            Self::Request(_) => None,
        }
    }

    fn parse(text: &str) -> Result<Self, String> {
        match text.split_once(':') {
            Some(("request", pointer)) => JsonPointer::parse(pointer).map(Self::Request),
            _ => Locator::parse(text).map(Self::Place),
        }
    }
}

impl fmt::Display for Extract {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Place(place) => place.fmt(f),
            Self::Part { from, pattern } => write!(f, "{from} by {pattern:?}", pattern = pattern.to_string()),
            Self::Request(pointer) => write!(f, "request:{pointer}"),
        }
    }
}

/// A part of what stands at a place, as files write it.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline)]
struct RawPart {
    /// The place.
    from: Locator,
    /// A regular expression whose one group is the value, for example `/results/([^/?]+)`.
    pattern: String,
}

/// What a file may write for an [`Extract`], for its schema.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "only its schema is of use")]
#[schemars(untagged, inline)]
enum TextOrPart {
    Text(#[schemars(extend("pattern" = "^(code|header:[^ ]+|query:.+|body:(/.*)?|request:(/.*)?)$"))] String),
    Part(RawPart),
}

impl JsonSchema for Extract {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Extract".into()
    }
    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        TextOrPart::json_schema(generator)
    }
}

impl<'de> Deserialize<'de> for Extract {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = Extract;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(
                    "a place such as \"body:/id\", or { from = \"header:Location\", pattern = \"/jobs/([^/]+)\" }",
                )
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Extract, E> {
                Extract::parse(text).map_err(E::custom)
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Extract, A::Error> {
                let RawPart { from, pattern } = RawPart::deserialize(MapAccessDeserializer::new(map))?;
                let pattern = Pattern::parse_with_group(&pattern).map_err(serde::de::Error::custom)?;
                Ok(Extract::Part { from, pattern })
            }
        }
        deserializer.deserialize_any(Either)
    }
}
