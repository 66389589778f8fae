//! What the pages in docs/ and the READMEs show is what there is: their TOML
//! parses, their commands exist, their links lead somewhere.

use std::path::{Path, PathBuf};

use crate::check::check_file;
use crate::check::files::File;
use clap::CommandFactory;
use serde_json::Value;
use stepwait_core::cost::{End, JobEnds, course};
use stepwait_core::decide::round::BreakEven;
use stepwait_core::integration::{Integration, Strategy};
use stepwait_core::message::PrepareInput;
use stepwait_core::plan::plan;
use toml::Table;

const PAGES: [&str; 7] = [
    "README.md",
    "docs/checks.md",
    "docs/hazards.md",
    "docs/keys.md",
    "docs/ten-minutes.md",
    "docs/webhooks.md",
    "integrations/examples/README.md",
];

/// What fragments of docs/keys.md are laid over.
const WHOLE: &str = r#"
description = "Jobs"
strategy = "callback"
deadline = "2h"
base_url = "https://api.vendor.example"

[submit]
path = "/v1/jobs"
job_id = "body:/id"

[status]
path = "/v1/jobs/{job_id}"
value = "body:/status"
succeeded = ["done"]

[callback]
job_id = "body:/id"
verify = { preset = "standard-webhooks", secrets = ["vendor/webhook"] }
"#;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn page(name: &str) -> String {
    std::fs::read_to_string(root().join(name)).unwrap()
}

/// The fenced blocks of a page with this info string.
fn blocks(name: &str, info: &str) -> Vec<String> {
    let fence = format!("\n```{info}\n");
    page(name).split(&fence).skip(1).map(|rest| rest.split("\n```").next().unwrap().to_owned() + "\n").collect()
}

/// Lays a fragment over a file: its tables are joined, its values count, and a
/// `url` takes the place of a `path`.
fn lay_over(file: &mut Table, fragment: Table) {
    for (key, value) in fragment {
        if key == "url" {
            file.remove("path");
        }
        match (file.get_mut(&key), value) {
            (Some(toml::Value::Table(below)), toml::Value::Table(above)) => lay_over(below, above),
            (_, value) => {
                file.insert(key, value);
            }
        }
    }
}

fn quarry() -> String {
    blocks("docs/ten-minutes.md", "toml fragment").concat()
}

fn quarry_with_webhooks() -> Integration {
    let mut file: Table = quarry().parse().unwrap();
    for change in blocks("docs/ten-minutes.md", "toml change") {
        lay_over(&mut file, change.parse().unwrap());
    }
    Integration::parse("quarry", &toml::to_string(&file).unwrap()).unwrap()
}

#[test]
fn every_example_of_the_reference_parses() {
    let fragments = blocks("docs/keys.md", "toml fragment");
    assert_eq!(fragments.len(), 6);
    for fragment in fragments {
        let mut file: Table = WHOLE.parse().unwrap();
        lay_over(&mut file, fragment.parse().unwrap());
        let parsed = Integration::parse("vendor", &toml::to_string(&file).unwrap());
        assert!(parsed.is_ok(), "{}\n{fragment}", parsed.unwrap_err());
    }
}

#[test]
fn the_ten_minutes_write_a_file_that_waits() {
    let integration = Integration::parse("quarry", &quarry()).unwrap();
    assert_eq!(integration.strategy, Strategy::Poll);
    let pages = integration.result.fetch.as_ref().and_then(|fetch| fetch.pages.as_ref()).unwrap();
    assert_eq!(pages.items.to_string(), "body:/tables");
    let ended = course(&integration, JobEnds::After(std::time::Duration::from_mins(5))).unwrap();
    assert!(matches!(ended.end, End::Known { .. }), "{ended:?}");
}

#[test]
fn the_ten_minutes_end_with_webhooks_that_are_verified_as_the_page_says() {
    let integration = quarry_with_webhooks();
    assert_eq!(integration.strategy, Strategy::Callback);
    let verify = integration.callback.unwrap().verify.unwrap().to_string();
    let says = "the field v1 of the header quarry-signature, in hex, holds the HMAC-SHA256 of \"{field:t}.{body}\" \
                with the secret quarry/notifications, and the time in the field t is at most 5m away";
    assert_eq!(verify, says);
}

#[test]
fn the_request_at_the_end_of_the_ten_minutes_can_be_planned() {
    let last = blocks("docs/ten-minutes.md", "json").pop().unwrap();
    let input: Value = serde_json::from_str(&last).unwrap();
    let request = &input["requests"][0];
    let input = serde_json::json!({
        "integration": request["integration"],
        "payload": request["payload"],
        "key": "#0",
        "execution_arn": "arn:aws:states:us-east-1:000000000000:execution:stepwait-main:one",
        "requests": 1,
    });
    let input: PrepareInput = serde_json::from_value(input).unwrap();
    let now = "2026-11-23T12:00:00Z".parse().unwrap();
    assert_eq!(
        plan(&quarry_with_webhooks(), input, now, BreakEven::default()).map(|plan| plan.strategy),
        Ok(Strategy::Callback)
    );
}

#[test]
fn the_ten_minutes_pass_the_check() {
    let file = File { path: "quarry.toml".to_owned(), name: "quarry".to_owned(), text: quarry() };
    let found: Vec<String> = check_file(file, false).diagnostics.into_iter().map(|found| found.message).collect();
    assert_eq!(found, Vec::<String>::new());
}

/// A command line's words; single quotes keep blanks together.
fn words(line: &str) -> Vec<String> {
    let parts = line.split('\'').enumerate().map(|(n, part)| (n % 2 == 1, part));
    let words = parts.flat_map(|(quoted, part)| {
        if quoted { vec![part.to_owned()] } else { part.split_whitespace().map(str::to_owned).collect() }
    });
    words.collect()
}

/// Stands for the id that a page leaves to its reader.
const SOME_WAIT: &str = "w-0123456789abcdef0123456789abcdef";

#[test]
fn every_command_that_the_pages_show_exists() {
    let mut shown = 0;
    for name in PAGES {
        for line in blocks(name, "sh").iter().flat_map(|block| block.lines()) {
            let line = line.replacen("cargo run -- ", "stepwait ", 1).replace("w-…", SOME_WAIT);
            let line = line.split_once(" # ").map_or(line.as_str(), |(command, _comment)| command);
            let words = words(line);
            if words.first().is_none_or(|word| word != "stepwait") {
                continue;
            }
            let parsed = crate::Arguments::command().try_get_matches_from(&words);
            assert!(parsed.is_ok(), "{name}: {line}: {}", parsed.unwrap_err());
            shown += 1;
        }
        // Within sentences, only the command's name can be told.
        for rest in page(name).split("`stepwait ").skip(1) {
            let command = rest.split([' ', '`']).next().unwrap();
            let is_there = crate::Arguments::command().find_subcommand(command).is_some();
            assert!(is_there, "{name}: there is no `stepwait {command}`");
        }
    }
    assert!(shown >= 4, "{shown}");
}

/// The anchor that GitHub gives a heading.
fn anchor(heading: &str) -> String {
    let kept = heading.trim().to_lowercase().replace(' ', "-");
    kept.chars().filter(|c| c.is_alphanumeric() || matches!(c, '-' | '_')).collect()
}

#[test]
fn every_link_of_the_pages_leads_to_a_file_and_a_heading_that_are_there() {
    for name in PAGES {
        let text = page(name);
        let folder = root().join(name).parent().unwrap().to_owned();
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            if link.starts_with("https://") {
                continue;
            }
            let (file, heading) = link.split_once('#').map_or((link, None), |(file, heading)| (file, Some(heading)));
            let target = if file.is_empty() { root().join(name) } else { folder.join(file) };
            assert!(target.exists(), "{name} links to {link}, which is not there");
            if let Some(heading) = heading {
                let there = std::fs::read_to_string(&target).unwrap();
                let is_there =
                    there.lines().any(|line| line.starts_with('#') && anchor(line.trim_start_matches('#')) == heading);
                assert!(is_there, "{name} links to {link}, where there is no such heading");
            }
        }
    }
}
