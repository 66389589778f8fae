//! Webhooks whose verification proves nothing about their bodies.

use super::{Context, Finding, Rule, Topic};
use crate::check::diagnostic::Severity;

/// Schemes by which a sender shows a secret instead of signing with it.
const SCHEMES_WITHOUT_SIGNATURE: [&str; 3] = ["shared-header", "assemblyai", "basic"];

pub(super) const RULE: Rule = Rule {
    topic: Topic {
        id: "callback-body-unproven",
        severity: Severity::Note,
        summary: "webhooks are believed whose bodies nothing proves",
        docs: "`shared-header`, `assemblyai` and `basic` prove that a sender knows a secret, not that the body is the one it wrote: \
               whoever reads one delivery, in a log or at a proxy, can make others. With `thin = true` the event only \
               causes a look at the job, and its outcome comes from the third party itself. Sign the webhooks instead \
               if the third party can.",
    },
    pedantic: false,
    check,
};

fn check(context: &Context<'_>) -> Vec<Finding> {
    let Some(callback) = &context.integration.callback else {
        return vec![];
    };
    let preset = context.document.text("callback.verify.preset").unwrap_or_default();
    if callback.thin || !SCHEMES_WITHOUT_SIGNATURE.contains(&preset) {
        return vec![];
    }
    vec![Finding::new(
        context.document.span("callback.verify.preset"),
        format!("\"{preset}\" shows that the sender knows a secret, and nothing about the body"),
        "add `thin = true` to [callback], so that an event only causes a look at the job",
    )]
}
