//! No link to the third party's documentation.

use super::{Context, Finding, Rule, Topic};
use crate::check::diagnostic::Severity;

pub(super) const RULE: Rule = Rule {
    topic: Topic {
        id: "docs-missing",
        severity: Severity::Note,
        summary: "the file does not say which documentation it was written from",
        docs: "Whoever has to change the file looks for that page first. `docs` keeps its address.",
    },
    pedantic: true,
    check,
};

fn check(context: &Context<'_>) -> Vec<Finding> {
    if context.integration.docs.is_some() {
        return vec![];
    }
    vec![Finding::new(
        context.document.key_span("description"),
        "there is no link to the third party's documentation",
        "add `docs = \"https://…\"`: the page that this file was written from",
    )]
}
