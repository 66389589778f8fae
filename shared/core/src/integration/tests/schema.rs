//! The JSON Schema: editors check files against it, and show its descriptions.

use crate::integration::schema;
use crate::test_support::{EVERYTHING, RENDER};
use jsonschema::{Validator, validator_for};
use serde_json::Value;
use std::path::Path;

fn validator() -> Validator {
    validator_for(&schema()).unwrap()
}

/// The errors that an editor would show for a file.
fn errors(validator: &Validator, text: &str) -> Vec<String> {
    let file: Value = serde_json::to_value(toml::from_str::<toml::Value>(text).unwrap()).unwrap();
    validator.iter_errors(&file).map(|error| format!("{}: {error}", error.instance_path())).collect()
}

#[test]
fn the_schema_is_one_of_draft_2020_12() {
    let schema = schema();
    assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
    assert_eq!(jsonschema::meta::validate(&schema).err().map(|error| error.to_string()), None);
}

#[test]
fn every_key_of_a_file_has_a_description() {
    fn walk(at: &str, schema: &Value, missing: &mut Vec<String>) {
        match schema {
            Value::Object(map) => {
                for (name, property) in map.get("properties").and_then(Value::as_object).into_iter().flatten() {
                    let is_described = property["description"].as_str().is_some_and(|text| text.ends_with(['.', '`']));
                    if !is_described {
                        missing.push(format!("{at}.{name}"));
                    }
                }
                map.iter().for_each(|(key, value)| walk(&format!("{at}.{key}"), value, missing));
            }
            Value::Array(items) => items.iter().for_each(|item| walk(at, item, missing)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
    let mut missing = Vec::new();
    walk("", &schema(), &mut missing);
    assert_eq!(missing, Vec::<String>::new());
}

#[test]
fn every_shipped_file_validates_against_the_schema() {
    let validator = validator();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../integrations");
    let mut checked = 0;
    for entry in folder.read_dir().unwrap().chain(folder.join("examples").read_dir().into_iter().flatten()) {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "toml") {
            let text = String::from_utf8(bytes_of(&path)).unwrap();
            assert_eq!(errors(&validator, &text), Vec::<String>::new(), "{}", path.display());
            checked += 1;
        }
    }
    assert!(checked >= 3, "{checked} files");
}

#[expect(clippy::disallowed_methods, reason = "a test of the files beside the crate, not a decision")]
fn bytes_of(path: &Path) -> Vec<u8> {
    std::fs::read(path).unwrap()
}

#[test]
fn the_files_of_the_tests_validate_against_the_schema() {
    let validator = validator();
    for text in [RENDER, EVERYTHING] {
        assert_eq!(errors(&validator, text), Vec::<String>::new());
    }
}

#[test]
fn an_editor_marks_what_the_parser_would_refuse() {
    let validator = validator();
    let cases = [
        ("[status]", "[statuss]"),
        ("strategy = \"poll\"", "strategy = \"polling\""),
        ("job_id = \"body:/id\"", "job_id = \"id\""),
        ("job_id = \"body:/id\"", "job_id = { from = \"body:/id\" }"),
        ("value = \"body:/state\"", "value = \"request:/state\""),
        ("method = \"DELETE\"", "method = \"HEAD\""),
        ("bearer = { secret = \"render/api-token\" }", "bearer = \"render/api-token\""),
        ("[result]", "[errors]\nask_again = [\"6xx\"]\n\n[result]"),
        ("[result]", "[errors]\nask_again = [200]\n\n[result]"),
        ("[result]", "[[status.accept]]\nstate = \"done\"\nwhen = { at = \"code\", equals = 1 }\n\n[result]"),
        ("[result]", "[[status.accept]]\nstate = \"retry\"\nwhen = { at = \"code\", equals = [] }\n\n[result]"),
        ("[result]", "[[status.accept]]\nstate = \"retry\"\n\n[result]"),
    ];
    for (from, to) in cases {
        let text = RENDER.replace(from, to);
        assert_ne!(text, RENDER);
        assert!(!errors(&validator, &text).is_empty(), "{to}");
    }
}
