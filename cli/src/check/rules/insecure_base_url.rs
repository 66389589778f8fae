//! Plain HTTP, which only this machine is asked by.

use super::{Context, Finding, Rule, Topic};
use crate::check::diagnostic::Severity;

pub(super) const RULE: Rule = Rule {
    topic: Topic {
        id: "insecure-base-url",
        severity: Severity::Note,
        summary: "the file is for this machine only",
        docs: "Plain `http` is allowed for loopback addresses, for a trial against a server on this machine. A \
               deployed function has no such server.",
    },
    pedantic: false,
    check,
};

fn check(context: &Context<'_>) -> Vec<Finding> {
    if context.integration.base_url.scheme() == "https" {
        return vec![];
    }
    vec![Finding::new(
        context.document.span("base_url"),
        "this address is reached from this machine only",
        "write the third party's https:// address before the file is deployed",
    )]
}
