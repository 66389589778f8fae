//! No preset is left out of the cases.

use super::cases::CASES;
use serde_json::Value;

/// The presets, as the schema lists them.
fn presets(schema: &Value) -> Vec<String> {
    match schema {
        Value::Object(members) => match members.get("preset") {
            Some(preset) => constants(preset),
            None => members.values().flat_map(presets).collect(),
        },
        Value::Array(items) => items.iter().flat_map(presets).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Vec::new(),
    }
}

fn constants(schema: &Value) -> Vec<String> {
    match schema {
        Value::Object(members) => {
            let mine = members.get("const").and_then(Value::as_str).map(str::to_owned);
            mine.into_iter().chain(members.values().flat_map(constants)).collect()
        }
        Value::Array(items) => items.iter().flat_map(constants).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Vec::new(),
    }
}

#[test]
fn every_preset_that_signs_has_a_case() {
    // Handshakes have presets too, which sign nothing.
    let schema = crate::integration::schema();
    let verify = schema
        .pointer("/properties/callback/properties/verify")
        .or_else(|| schema.pointer("/properties/callback/anyOf/0/properties/verify"));
    let mut signing = presets(verify.expect("the schema describes callback.verify"));
    assert_eq!(signing.len(), 33);
    signing.retain(|name| !matches!(name.as_str(), "shared-header" | "assemblyai" | "basic"));
    let with_case: Vec<&str> = CASES.iter().map(|case| case.preset).filter(|name| !name.is_empty()).collect();
    assert_eq!(signing, with_case);
}
