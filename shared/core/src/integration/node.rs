//! Values of any shape within a file, such as JSON bodies, in the order in which
//! they were written. They come from TOML when a file is checked, and from JSON
//! when a function reads what was bundled with it.

use serde::de::{Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde::ser::{SerializeMap as _, Serializer};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::fmt;

/// The key under which the TOML parser hands a date over.
const TOML_DATE: &str = "$__toml_private_datetime";

/// A value of any shape.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Node {
    /// A text, a number or a truth value.
    Scalar(Value),
    /// A list.
    List(Vec<Node>),
    /// A table, in its order.
    Table(Vec<(String, Node)>),
}

impl Node {
    /// The text at that path of keys.
    pub(super) fn text(&self, path: &[&str]) -> Option<&str> {
        match (self, path) {
            (Self::Scalar(value), []) => value.as_str(),
            (Self::Table(entries), [key, within @ ..]) => {
                entries.iter().find(|(name, _)| name == key).and_then(|(_, node)| node.text(within))
            }
            (Self::Scalar(_) | Self::List(_), _) | (Self::Table(_), []) => None,
        }
    }

    /// Sets the text at that path of keys, in a table that there is.
    pub(super) fn set(&mut self, path: &[&str], text: &str) {
        match (self, path) {
            (node, []) => *node = Self::Scalar(Value::from(text)),
            (Self::Table(entries), [key, within @ ..]) => {
                if let Some((_, node)) = entries.iter_mut().find(|(name, _)| name == key) {
                    node.set(within, text);
                } else if within.is_empty() {
                    entries.push(((*key).to_owned(), Self::Scalar(Value::from(text))));
                }
            }
            (Self::Scalar(_) | Self::List(_), _) => {}
        }
    }
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any;
        impl<'de> Visitor<'de> for Any {
            type Value = Node;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text, a number, true or false, a list or a table")
            }

            fn visit_str<E>(self, text: &str) -> Result<Node, E> {
                Ok(Node::Scalar(Value::from(text)))
            }

            fn visit_bool<E>(self, flag: bool) -> Result<Node, E> {
                Ok(Node::Scalar(Value::from(flag)))
            }

            fn visit_i64<E>(self, number: i64) -> Result<Node, E> {
                Ok(Node::Scalar(Value::from(number)))
            }

            fn visit_u64<E>(self, number: u64) -> Result<Node, E> {
                Ok(Node::Scalar(Value::from(number)))
            }

            fn visit_f64<E: Error>(self, number: f64) -> Result<Node, E> {
                if number.is_finite() {
                    Ok(Node::Scalar(Value::from(number)))
                } else {
                    Err(E::custom(format!("{number} does not exist in JSON; write a finite number")))
                }
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Node, A::Error> {
                let mut items = Vec::new();
                while let Some(item) = list.next_element()? {
                    items.push(item);
                }
                Ok(Node::List(items))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Node, A::Error> {
                let mut entries = Vec::new();
                while let Some(key) = map.next_key::<String>()? {
                    if key == TOML_DATE {
                        let time: String = map.next_value()?;
                        return Err(A::Error::custom(format!("JSON has no dates; write {time} as a text, in quotes")));
                    }
                    entries.push((key, map.next_value()?));
                }
                Ok(Node::Table(entries))
            }
        }
        deserializer.deserialize_any(Any)
    }
}

impl Serialize for Node {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Scalar(value) => value.serialize(serializer),
            Self::List(items) => serializer.collect_seq(items),
            Self::Table(entries) => {
                let mut map = serializer.serialize_map(Some(entries.len()))?;
                for (key, value) in entries {
                    map.serialize_entry(key, value)?;
                }
                map.end()
            }
        }
    }
}
