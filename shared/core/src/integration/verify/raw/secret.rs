//! Secrets by name, and when they count.

use crate::Timestamp;
use crate::integration::secret_name;
use crate::integration::verify::SigningSecret;
use schemars::JsonSchema;
use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, MapAccess, Visitor};
use std::fmt;

/// A secret that may have signed: its name, or its name and when it counts.
pub(super) struct RawSecret(RawWindow);

/// A secret's name and when it counts.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline)]
struct RawWindow {
    /// The secret's name: `"vendor/webhook-old"`.
    name: String,
    /// From when it counts: `"2026-12-01T00:00:00Z"`. Always if absent.
    from: Option<String>,
    /// Until when it counts: `"2026-12-31T00:00:00Z"`. Always if absent.
    until: Option<String>,
}

/// What a file may write for [`RawSecret`], for its schema.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "only its schema is of use")]
#[schemars(untagged, inline)]
enum NameOrWindow {
    Name(String),
    Window(RawWindow),
}

impl JsonSchema for RawSecret {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        NameOrWindow::schema_name()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        NameOrWindow::json_schema(generator)
    }
}

impl<'de> Deserialize<'de> for RawSecret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = RawSecret;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a secret's name such as \"vendor/webhook\", or a table with `name`, `from` and `until`")
            }

            fn visit_str<E>(self, text: &str) -> Result<RawSecret, E> {
                Ok(RawSecret(RawWindow { name: text.to_owned(), from: None, until: None }))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<RawSecret, A::Error> {
                RawWindow::deserialize(MapAccessDeserializer::new(map)).map(RawSecret)
            }
        }
        deserializer.deserialize_any(Either)
    }
}

impl RawSecret {
    pub(super) fn check(self) -> Result<SigningSecret, String> {
        let RawWindow { name, from, until } = self.0;
        let name = secret_name::parse(name)?;
        let time = |text: Option<String>| {
            text.map(|text| {
                text.parse::<Timestamp>()
                    .map_err(|_| format!("{text:?} is not a date and time: write for example \"2026-12-31T00:00:00Z\""))
            })
        };
        let (from, until) = (time(from).transpose()?, time(until).transpose()?);
        match (from, until) {
            (Some(from), Some(until)) if from >= until => {
                Err(format!("{name:?} would never count, as it counts from {from} until {until}"))
            }
            (_, _) => Ok(SigningSecret { name, from, until }),
        }
    }
}
