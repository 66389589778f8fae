//! The fields of a message type, asked of the type itself.

use std::collections::BTreeSet;

use serde::de::{self, DeserializeOwned, Deserializer, Visitor};

/// The names of a type's fields, as it asks for them when it is deserialized.
pub(crate) fn fields_of<T: DeserializeOwned>() -> BTreeSet<String> {
    let mut fields = BTreeSet::new();
    let _ = T::deserialize(Fields(&mut fields));
    fields
}

/// A source that gives nothing, and notes which fields it was asked for.
struct Fields<'a>(&'a mut BTreeSet<String>);

impl<'de> Deserializer<'de> for Fields<'_> {
    type Error = de::value::Error;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Self::Error> {
        Err(de::Error::custom("there is nothing"))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        _: V,
    ) -> Result<V::Value, Self::Error> {
        self.0.extend(fields.iter().map(|field| (*field).to_owned()));
        Err(de::Error::custom("there is nothing"))
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map enum identifier ignored_any
    }
}

#[test]
fn a_types_fields_are_those_that_it_asks_for() {
    #[derive(serde::Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Caught {
        error: String,
        #[serde(default)]
        cause: Option<String>,
    }
    let caught: Caught = serde_json::from_str(r#"{"Error": "E"}"#).unwrap();
    assert_eq!((caught.error.as_str(), caught.cause), ("E", None));
    assert_eq!(Vec::from_iter(fields_of::<Caught>()), ["Cause", "Error"]);
}
