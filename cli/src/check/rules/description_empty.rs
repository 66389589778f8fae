//! A description that says nothing.

use super::{Context, Finding, Rule, Topic};
use crate::check::diagnostic::Severity;

pub(super) const RULE: Rule = Rule {
    topic: Topic {
        id: "description-empty",
        severity: Severity::Warning,
        summary: "the description says nothing",
        docs: "The description is what a person reads who finds a workflow waiting and wonders for what. A few words \
               are enough: \"Transcripts of recordings\".",
    },
    pedantic: false,
    check,
};

fn check(context: &Context<'_>) -> Vec<Finding> {
    if !context.integration.description.trim().is_empty() {
        return vec![];
    }
    vec![Finding::new(
        context.document.span("description"),
        "the description is empty",
        "say in a few words what the third party does",
    )]
}
