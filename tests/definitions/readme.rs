//! What the README shows is what the code does.

use crate::template::Template;
use serde_json::{Value, json};
use std::path::Path;
use stepwait_catalog::Catalog;
use stepwait_core::ErrorName;
use stepwait_core::decide::round::BreakEven;
use stepwait_core::integration::Integration;
use stepwait_core::message::PrepareInput;
use stepwait_core::plan::plan;
use stepwait_fragment::{Fragment, Options};

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

fn readme() -> String {
    std::fs::read_to_string(root().join("README.md")).unwrap()
}

/// The fenced blocks of one language.
fn blocks(language: &str) -> Vec<String> {
    let readme = readme();
    let fence = format!("```{language}\n");
    readme.split(&fence).skip(1).map(|rest| rest.split("```").next().unwrap().to_owned()).collect()
}

#[test]
fn the_integration_in_the_readme_is_the_demos() {
    let blocks = blocks("toml");
    assert_eq!(blocks.len(), 1);
    let shown = Integration::parse("identity-check", &blocks[0]).unwrap();
    let shipped = Catalog::load().unwrap().get("identity-check").unwrap().clone();
    let shown = Integration { digest: shipped.digest.clone(), ..shown };
    assert_eq!(format!("{shown:#?}"), format!("{shipped:#?}"));
}

#[test]
fn every_request_of_the_readmes_input_can_be_planned() {
    let blocks = blocks("json");
    assert_eq!(blocks.len(), 1);
    let input: Value = serde_json::from_str(&blocks[0]).unwrap();
    let catalog = Catalog::load().unwrap();
    let requests = input["requests"].as_array().unwrap();
    for request in requests {
        let event = json!({
            "integration": request["integration"],
            "payload": request["payload"],
            "key": "#0",
            "execution_arn": "arn:aws:states:us-east-1:000000000000:execution:stepwait-main:one",
            "requests": requests.len(),
        });
        let event: PrepareInput = serde_json::from_value(event).unwrap();
        let integration = catalog.get(&event.integration).unwrap();
        plan(integration, event, "2026-11-23T12:00:00Z".parse().unwrap(), BreakEven::default()).unwrap();
    }
}

/// The first state of a fragment, without what is retried, which is long.
fn first_state(fragment: &Fragment) -> String {
    let text = fragment.text();
    let (first, _) = text.split_once("\n  },\n").unwrap();
    let (before, after) = first.split_once("\"Retry\": [").unwrap();
    let (_, after) = after.split_once("\n    ],").unwrap();
    let lines: Vec<String> =
        format!("{before}\"Retry\": [ … ],{after}\n  }}\n").lines().skip(1).map(dedented).collect();
    lines.join("\n") + "\n"
}

fn dedented(line: &str) -> String {
    line.strip_prefix("  ").unwrap_or(line).to_owned()
}

#[test]
fn the_fragment_in_the_readme_is_what_the_command_prints() {
    let shipped = Catalog::load().unwrap();
    let options = Options { next: Some("Store".to_owned()), ..Options::default() };
    let fragment = Fragment::of(shipped.get("identity-check").unwrap(), &options).unwrap();
    assert_eq!(blocks("jsonc"), [first_state(&fragment)]);
}

#[test]
fn every_parameter_of_the_template_stands_in_the_readme() {
    let readme = readme();
    for name in Template::read().parameters() {
        assert!(readme.contains(&format!("`{name}`")), "README.md does not mention the parameter {name}");
    }
}

#[test]
fn every_error_that_the_readme_explains_exists() {
    let readme = readme();
    let table = readme.split("| error | what happened |").nth(1).unwrap().split("\n\n").next().unwrap();
    let explained: Vec<&str> = table
        .lines()
        .filter_map(|row| row.split('|').nth(1))
        .flat_map(|cell| cell.split('`').skip(1).step_by(2))
        .collect();
    assert!(!explained.is_empty());
    for name in &explained {
        assert!(ErrorName::parse(name).is_some(), "README.md explains {name}, which is no error");
    }
}

#[test]
fn the_commands_of_the_readme_are_the_ones_that_ci_runs() {
    let ci = std::fs::read_to_string(root().join(".ci/run")).unwrap();
    let commands = blocks("sh");
    for command in [&commands[0], &commands[1]] {
        assert!(ci.contains(command.trim()), ".ci/run does not run `{}`", command.trim());
    }
}

#[test]
fn every_file_that_the_readme_links_to_exists() {
    let readme = readme();
    let links: Vec<&str> = readme.split("](").skip(1).filter_map(|rest| rest.split(')').next()).collect();
    assert!(!links.is_empty());
    for link in links.into_iter().filter(|link| !link.starts_with("https://") && !link.starts_with('#')) {
        assert!(root().join(link).exists(), "README.md links to {link}, which is not there");
    }
}
