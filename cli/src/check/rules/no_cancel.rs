//! Jobs that run on when nobody waits for them any more.

use super::{Context, Finding, Rule, Topic};
use crate::check::diagnostic::Severity;

pub(super) const RULE: Rule = Rule {
    topic: Topic {
        id: "no-cancel",
        severity: Severity::Note,
        summary: "a job runs on when its wait is given up",
        docs: "After the deadline, or when an execution is stopped, `[cancel]` calls the job off. Without it the third \
               party works on, and charges. If it has no such request, say so above the `[submit]` section: \
               `# stepwait: allow(no-cancel)`.",
    },
    pedantic: false,
    check,
};

fn check(context: &Context<'_>) -> Vec<Finding> {
    // A job that existed before was not ours to start, and is not ours to stop.
    if context.integration.cancel.is_some() || context.integration.submit.request.is_none() {
        return vec![];
    }
    vec![Finding::new(
        context.document.span("submit"),
        "the job runs on when its wait is given up",
        "add a [cancel] section, or `# stepwait: allow(no-cancel)` above this line if there is no such request",
    )]
}
