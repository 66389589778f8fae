//! Diagnostics for code scanning services: SARIF 2.1.0
//! (<https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html>).

use serde_json::{Value, json};

use super::diagnostic::{Diagnostic, Position, Severity};
use super::files::File;
use super::report::Report;
use super::rules::{Topic, topics};

/// Where the schema is published that the documents keep to.
const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// The report as a SARIF log of one run.
pub(crate) fn log(report: &Report) -> Value {
    let topics = topics();
    let rules: Vec<_> = topics.iter().map(rule).collect();
    let results: Vec<_> = report.diagnostics().map(|(file, diagnostic)| result(file, diagnostic, &topics)).collect();
    json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": {
                "driver": {
                    "name": "stepwait",
                    "semanticVersion": env!("CARGO_PKG_VERSION"),
                    "rules": rules,
                },
            },
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    })
}

fn rule(topic: &Topic) -> Value {
    json!({
        "id": topic.id,
        "shortDescription": {"text": topic.summary},
        "fullDescription": {"text": topic.docs},
        "helpUri": topic.link(),
        "defaultConfiguration": {"level": level(topic.severity)},
    })
}

fn result(file: &File, diagnostic: &Diagnostic, topics: &[Topic]) -> Value {
    let message = match diagnostic.help.as_str() {
        "" => diagnostic.message.clone(),
        help => format!("{}; {help}", diagnostic.message),
    };
    let mut place = json!({"artifactLocation": {"uri": file.uri()}});
    if let (Some(span), Some(place)) = (&diagnostic.span, place.as_object_mut()) {
        let [start, end] = [span.start, span.end].map(|byte| Position::of(&file.text, byte));
        let region = json!({
            "startLine": start.line,
            "startColumn": start.column,
            "endLine": end.line,
            "endColumn": end.column,
        });
        place.insert("region".to_owned(), region);
    }
    json!({
        "ruleId": diagnostic.rule,
        "ruleIndex": topics.iter().position(|topic| topic.id == diagnostic.rule),
        "level": level(diagnostic.severity),
        "message": {"text": message},
        "locations": [{"physicalLocation": place}],
    })
}

/// SARIF's name of a severity, which happens to be ours.
const fn level(severity: Severity) -> &'static str {
    severity.as_str()
}
