//! What is explained of the shipped files, word for word, and of all others
//! that it can be.

use super::{Bill, Picture, as_json, as_text};
use std::path::{Path, PathBuf};
use std::time::Duration;
use stepwait_core::cost::Prices;
use stepwait_core::integration::Integration;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn parsed(path: &Path) -> Integration {
    let name = path.file_stem().unwrap().to_str().unwrap();
    Integration::parse(name, &std::fs::read_to_string(path).unwrap()).unwrap()
}

/// Compares with a file beside this one; `UPDATE=1` rewrites it.
fn assert_written(file: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/explain/expected").join(file);
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, text).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        written == text,
        "{file} is not what is explained; see what changed with `UPDATE=1 cargo test -p stepwait explain`"
    );
}

fn shipped(name: &str) -> Integration {
    parsed(&root().join(format!("integrations/{name}.toml")))
}

#[test]
fn a_polled_integration_is_explained_like_this() {
    let integration = shipped("transcript");
    assert_written("transcript.txt", &as_text(&integration, &Bill::of(&integration, None, &Prices::default())));
    assert_written("transcript.mmd", &Picture::of(&integration).mermaid());
}

#[test]
fn an_integration_with_webhooks_is_explained_like_this() {
    let integration = shipped("identity-check");
    assert_written("identity-check.txt", &as_text(&integration, &Bill::of(&integration, None, &Prices::default())));
    assert_written("identity-check.mmd", &Picture::of(&integration).mermaid());
}

#[test]
fn a_pooled_integration_is_explained_like_this() {
    let integration = shipped("transcript-pooled");
    assert_written("transcript-pooled.txt", &as_text(&integration, &Bill::of(&integration, None, &Prices::default())));
    assert_written("transcript-pooled.mmd", &Picture::of(&integration).mermaid());
}

#[test]
fn an_integration_that_learned_is_explained_like_this() {
    let learned = "learned = { jobs = \"128 per doubling, 30s: 9.5, 31s: 6.25, 4m 50s: 12, 5m: 48.5, 5m 6s: 21\", until = \"2026-11-24T09:30:00Z\" }";
    let written = std::fs::read_to_string(root().join("integrations/transcript.toml")).unwrap();
    let integration = Integration::parse("transcript", &format!("{written}{learned}\n")).unwrap();
    assert_written("learned.txt", &as_text(&integration, &Bill::of(&integration, None, &Prices::default())));
    assert_written("learned.mmd", &Picture::of(&integration).mermaid());
}

#[test]
fn programs_read_counts_and_nano_dollars() {
    let integration = shipped("transcript");
    let json = as_json(&integration, &Bill::of(&integration, Some(Duration::from_secs(30)), &Prices::default()));
    let case = &json["cost_of_1000_waits"]["cases"][0];
    let read = |key: &str| case[key].as_u64().unwrap();
    assert_eq!(read("job_ends_after_ms"), 30_000);
    let counted = ["looks", "standard_transitions", "express_requests", "lambda_requests", "nano_dollars"].map(read);
    assert_eq!(counted, [7_000, 12_000, 1_000, 9_000, 354_853_696]);
}

#[test]
fn every_file_that_is_there_can_be_explained() {
    let mut explained = 0;
    for folder in ["integrations", "integrations/examples"] {
        for entry in std::fs::read_dir(root().join(folder)).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|extension| extension == "toml") {
                let integration = parsed(&path);
                let bill = Bill::of(&integration, None, &Prices::default());
                let (text, json) = (as_text(&integration, &bill), as_json(&integration, &bill));
                assert!(text.contains("US dollars"), "{text}");
                assert!(json["sections"].as_array().is_some_and(|sections| sections.len() >= 7), "{json}");
                explained += 1;
            }
        }
    }
    assert!(explained >= 3, "{explained}");
}
