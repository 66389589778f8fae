//! `callback.verify`: by a signature or a secret, or by the wait's own address alone.

use super::CallbackAddress;
use crate::integration::verify::RawVerify;
use crate::integration::{KeyError, Verification};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, MapAccess, Visitor};
use std::borrow::Cow;
use std::fmt;

/// What a file writes where the wait's own address alone vouches for an event.
const CAPABILITY: &str = "capability";

/// `callback.verify` as written.
pub(super) enum RawVouch {
    /// The address: whoever knows it was told it.
    Capability,
    /// What the sender adds to a delivery.
    Verify(Box<RawVerify>),
}

impl RawVouch {
    pub(super) fn check(self, address: CallbackAddress) -> Result<Option<Verification>, KeyError> {
        match (self, address) {
            (Self::Verify(raw), _) => raw.check().map(Some),
            (Self::Capability, CallbackAddress::Wait) => Ok(None),
            (Self::Capability, CallbackAddress::Integration) => Err((
                "callback.verify".to_owned(),
                "\"capability\" is for addresses that nobody can guess: write address = \"wait\", or how the sender proves itself".to_owned(),
            )),
        }
    }
}

impl<'de> Deserialize<'de> for RawVouch {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = RawVouch;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a table such as { preset = \"standard-webhooks\", secrets = [\"vendor/webhook\"] }, or \"capability\" beside address = \"wait\"")
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<RawVouch, E> {
                if text == CAPABILITY {
                    Ok(RawVouch::Capability)
                } else {
                    Err(E::invalid_value(serde::de::Unexpected::Str(text), &self))
                }
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<RawVouch, A::Error> {
                RawVerify::deserialize(MapAccessDeserializer::new(map)).map(Box::new).map(RawVouch::Verify)
            }
        }
        deserializer.deserialize_any(Either)
    }
}

/// The schema of the table, which may be the text as well.
impl JsonSchema for RawVouch {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        "Verify".into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut schema = RawVerify::json_schema(generator);
        schema.insert("type".to_owned(), serde_json::json!(["object", "string"]));
        // Says something of texts only.
        schema.insert("pattern".to_owned(), serde_json::json!(format!("^{CAPABILITY}$")));
        schema
    }
}
