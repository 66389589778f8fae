//! The JSON Schema of integration files, for editors: it is made from the very
//! types that the files are parsed into, and their comments are its descriptions.

use super::RawIntegration;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value};

/// The JSON Schema (draft 2020-12) of integration files.
#[must_use]
pub fn schema() -> Value {
    let generator = SchemaSettings::draft2020_12().into_generator();
    without_null(generator.into_root_schema_for::<RawIntegration>().to_value())
}

/// A schema that never allows `null`, which TOML does not have: an optional key
/// is one that may be left out.
fn without_null(schema: Value) -> Value {
    match schema {
        Value::Array(items) => Value::Array(items.into_iter().map(without_null).collect()),
        Value::Object(members) => {
            let members = members.into_iter().filter(|(key, value)| !(key == "default" && value.is_null()));
            let mut members: Map<String, Value> = members.map(|(key, value)| (key, without_null(value))).collect();
            if let Some(Value::Array(types)) = members.get_mut("type") {
                types.retain(|name| name != "null");
                if let [only] = types.as_slice() {
                    let only = only.clone();
                    members.insert("type".to_owned(), only);
                }
            }
            if let Some(Value::Array(values)) = members.get_mut("enum") {
                values.retain(|value| !value.is_null());
            }
            if let Some(Value::Array(choices)) = members.get_mut("anyOf") {
                choices.retain(|choice| choice["type"] != "null");
                if let [Value::Object(only)] = choices.as_slice() {
                    // What is said of the key counts before what is said of its type.
                    let mut only = only.clone();
                    members.remove("anyOf");
                    only.extend(members);
                    return Value::Object(only);
                }
            }
            Value::Object(members)
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => schema,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_optional_key_may_be_left_out_and_is_never_null() {
        let optional = json!({
            "properties": {
                "path": { "type": ["string", "null"], "description": "a path" },
                "when": { "anyOf": [{ "$ref": "#/$defs/Condition" }, { "type": "null" }], "description": "a condition" },
                "checks": { "type": ["integer", "null"], "default": null },
                "separator": { "type": ["string", "null"], "enum": [",", null] },
                "place": { "anyOf": [{ "type": "string" }, { "type": "array" }] },
            },
        });
        let expected = json!({
            "properties": {
                "path": { "type": "string", "description": "a path" },
                "when": { "$ref": "#/$defs/Condition", "description": "a condition" },
                "checks": { "type": "integer" },
                "separator": { "type": "string", "enum": [","] },
                "place": { "anyOf": [{ "type": "string" }, { "type": "array" }] },
            },
        });
        assert_eq!(without_null(optional), expected);
        assert!(!schema().to_string().contains("null\""), "somewhere a null is left");
    }
}
