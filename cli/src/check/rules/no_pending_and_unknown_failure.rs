//! Statuses of which every new one is a failure.

use super::{Context, Finding, Rule, Topic};
use crate::check::diagnostic::Severity;
use stepwait_core::integration::UnknownStatus;

pub(super) const RULE: Rule = Rule {
    topic: Topic {
        id: "no-pending-and-unknown-failure",
        severity: Severity::Warning,
        summary: "a job fails as soon as it has a status that is not listed, and no pending one is",
        docs: "With `unknown = \"failure\"` a status that stands in no list fails the wait. When `pending` is empty as \
               well, the first look at a job that is not done yet does that. List the pending values, or leave \
               `unknown` at `\"retry\"`, which logs a warning instead.",
    },
    pedantic: false,
    check,
};

fn check(context: &Context<'_>) -> Vec<Finding> {
    let map = context.integration.status.map.as_ref();
    if !map.is_some_and(|map| map.unknown == UnknownStatus::Failure && map.pending.is_empty()) {
        return vec![];
    }
    vec![Finding::new(
        context.document.span("status.unknown"),
        "no status is listed as pending, so every job fails that is not done at the first look",
        "list the values of a job under way in `pending`",
    )]
}
