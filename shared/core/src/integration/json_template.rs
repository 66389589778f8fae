//! JSON values with placeholders in their texts, as files write bodies.

use super::placeholder::{Bindings, MissingValue, Placeholder, Scope};
use super::template::Template;
use serde_json::{Map, Value};

/// A JSON value with placeholders in its texts. A text that is nothing but one
/// placeholder takes its value as it is, of whatever type.
#[derive(Clone, Debug, PartialEq)]
pub enum JsonTemplate {
    /// A text.
    Text(Template),
    /// A list.
    List(Vec<JsonTemplate>),
    /// An object; its keys hold no placeholders.
    Object(Vec<(String, JsonTemplate)>),
    /// Anything without placeholders.
    Plain(Value),
}

impl JsonTemplate {
    pub(super) fn parse(value: &toml::Value, scope: Scope<'_>) -> Result<Self, String> {
        use toml::Value as Toml;
        Ok(match value {
            Toml::String(text) => Self::Text(Template::parse(text, scope)?),
            Toml::Array(items) => Self::List(items.iter().map(|v| Self::parse(v, scope)).collect::<Result<_, _>>()?),
            Toml::Table(map) => Self::Object(
                map.iter().map(|(k, v)| Ok((k.clone(), Self::parse(v, scope)?))).collect::<Result<_, String>>()?,
            ),
            Toml::Boolean(_) | Toml::Integer(_) | Toml::Float(_) | Toml::Datetime(_) => Self::Plain(scalar(value)?),
        })
    }

    pub(super) fn holes(&self) -> Vec<&Placeholder> {
        match self {
            Self::Text(template) => template.holes().collect(),
            Self::List(items) => items.iter().flat_map(Self::holes).collect(),
            Self::Object(entries) => entries.iter().flat_map(|(_, v)| v.holes()).collect(),
            Self::Plain(_) => Vec::new(),
        }
    }

    /// The value with its placeholders filled in.
    ///
    /// # Errors
    /// [`MissingValue`] when a value is absent, or not a scalar within a text.
    pub fn render(&self, bindings: &Bindings<'_>) -> Result<Value, MissingValue> {
        Ok(match self {
            Self::Text(template) => match template.only_hole() {
                Some(hole) => hole.value(bindings)?,
                // The JSON encoder escapes the text when the body is written.
                None => Value::String(template.render_text(bindings)?),
            },
            Self::List(items) => Value::Array(items.iter().map(|v| v.render(bindings)).collect::<Result<_, _>>()?),
            Self::Object(entries) => Value::Object(
                entries.iter().map(|(k, v)| Ok((k.clone(), v.render(bindings)?))).collect::<Result<Map<_, _>, _>>()?,
            ),
            Self::Plain(value) => value.clone(),
        })
    }
}

/// A TOML scalar as JSON.
pub(super) fn scalar(value: &toml::Value) -> Result<Value, String> {
    use toml::Value as Toml;
    match value {
        Toml::String(text) => Ok(Value::from(text.as_str())),
        Toml::Boolean(flag) => Ok(Value::Bool(*flag)),
        Toml::Integer(number) => Ok(Value::from(*number)),
        Toml::Float(number) if number.is_finite() => Ok(Value::from(*number)),
        Toml::Float(number) => Err(format!("{number} does not exist in JSON; write a finite number")),
        Toml::Datetime(time) => Err(format!("JSON has no dates; write {time} as a text, in quotes")),
        Toml::Array(_) | Toml::Table(_) => Err("must be a text, a number, true or false".to_owned()),
    }
}
