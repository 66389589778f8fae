//! Jobs that can never fail.

use super::{Context, Finding, Rule, Topic};
use crate::check::diagnostic::Severity;
use stepwait_core::integration::{AcceptorState, UnknownStatus};

pub(super) const RULE: Rule = Rule {
    topic: Topic {
        id: "no-failure-state",
        severity: Severity::Warning,
        summary: "no answer means that the job failed",
        docs: "Without a failed state, a job that fails is waited for until its deadline, and the workflow learns that \
               time is up instead of what went wrong. List the third party's failed values in `status.failed`, or add \
               an acceptor with `state = \"failure\"`.",
    },
    pedantic: false,
    check,
};

fn check(context: &Context<'_>) -> Vec<Finding> {
    let status = &context.integration.status;
    let by_map = status.map.as_ref().is_some_and(|map| !map.failed.is_empty() || map.unknown == UnknownStatus::Failure);
    let by_acceptor = status.accept.iter().any(|acceptor| acceptor.state == AcceptorState::Failure);
    if by_map || by_acceptor {
        return vec![];
    }
    vec![Finding::new(
        context.document.span("status.failed"),
        "no answer means that the job failed",
        "list the failed values in `failed`, or add an acceptor with state = \"failure\"",
    )]
}
