//! Submits whose fate may stay unknown.

use super::{Context, Finding, Rule, Topic};
use crate::check::diagnostic::Severity;
use stepwait_core::integration::WhenUnknown;

pub(super) const RULE: Rule = Rule {
    topic: Topic {
        id: "no-idempotency",
        severity: Severity::Warning,
        summary: "a submit that may or may not have arrived cannot be sent again",
        docs: "A connection can break after the request was sent and before the answer came. Sent again, it could start \
               a second job; not sent again, the wait fails with `SubmitUnknown`. If the third party takes an \
               idempotency key, name its header in `submit.idempotency_header`, or put `{wait_id}` where the key goes \
               and write `when_unknown = \"resend\"`. If it can find a job by a reference of yours, write \
               `when_unknown = \"look_up\"`. If it can do neither, write `when_unknown = \"fail\"` to say that you know.",
    },
    pedantic: false,
    check,
};

fn check(context: &Context<'_>) -> Vec<Finding> {
    let submit = &context.integration.submit;
    let is_said = context.document.get("submit.when_unknown").is_some();
    if submit.request.is_none() || !matches!(submit.when_unknown, WhenUnknown::Fail) || is_said {
        return vec![];
    }
    vec![Finding::new(
        context.document.span("submit"),
        "if the connection breaks during the submit, the wait fails with SubmitUnknown: sending it again could start two jobs",
        "name the third party's `idempotency_header`, or write `when_unknown = \"look_up\"` or \"fail\"",
    )]
}
