//! docs/checks.md, written from the rules: what is documented is what there is.

use std::path::Path;

use super::rules::{RULES, Topic, topics};

const INTRODUCTION: &str = "\
# What `stepwait check` finds

`stepwait check` parses integration files as the functions do, then looks for what is probably a mistake. Errors fail the command, warnings do so with `--deny-warnings`, notes never.

A comment silences a rule, on the line above what is found, or for the whole file above its first key:

```toml
# stepwait: allow(no-cancel) as the third party has no such request
[submit]
```
";

/// The page.
fn page() -> String {
    let mut page = INTRODUCTION.to_owned();
    let reasons = topics().len() - RULES.len();
    for (index, topic) in topics().iter().enumerate() {
        if index == 0 {
            page.push_str("\n## Files that do not parse\n");
        } else if index == reasons {
            page.push_str("\n## Files that parse\n");
        }
        page.push_str(&section(topic));
    }
    page
}

fn section(topic: &Topic) -> String {
    let is_pedantic = RULES.iter().any(|rule| rule.topic == *topic && rule.pedantic);
    let on_demand = if is_pedantic { ", with `--pedantic` only" } else { "" };
    let Topic { id, severity, summary, docs } = topic;
    let mut letters = summary.chars();
    let first = letters.next().into_iter().flat_map(char::to_uppercase);
    let summary: String = first.chain(letters).collect();
    format!("\n### {id}\n\n{summary} ({severity}{on_demand}).\n\n{docs}\n")
}

#[test]
fn the_page_says_what_the_rules_say() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/checks.md");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, page()).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(written == page(), "docs/checks.md is stale: run `UPDATE=1 cargo test -p stepwait the_page`");
}
