//! Polling for days.

use std::time::Duration;

use super::{Context, Finding, Rule, Topic};
use crate::check::diagnostic::Severity;
use stepwait_core::integration::Strategy;

/// A wait longer than this is long, one day.
const LONG: Duration = Duration::from_hours(24);

/// Looks further apart than this cost little, ten minutes: 144 a day.
const FAR_APART: Duration = Duration::from_mins(10);

pub(super) const RULE: Rule = Rule {
    topic: Topic {
        id: "poll-through-long-deadline",
        severity: Severity::Note,
        summary: "polling may go on for days at short intervals",
        docs: "Each look costs an invocation and, outside of a round, transitions of the workflow. For hours that is \
               cheap; for days at short intervals a webhook, `engine = \"pooled\"`, or a longer most time of \
               `schedule.interval`, is cheaper by far, and a job that takes days is seldom needed to the minute. `stepwait explain` shows the costs.",
    },
    pedantic: false,
    check,
};

fn check(context: &Context<'_>) -> Vec<Finding> {
    let integration = context.integration;
    let is_long = integration.strategy == Strategy::Poll && integration.deadline > LONG;
    if !is_long || integration.schedule.max >= FAR_APART {
        return vec![];
    }
    let looks = integration.deadline.as_secs() / integration.schedule.max.as_secs().max(1);
    let deadline = humantime::format_duration(integration.deadline);
    vec![Finding::new(
        context.document.span("deadline"),
        format!("a wait of {deadline} may look {looks} times or more"),
        "write engine = \"pooled\", let the looks grow further apart, for example interval = \"10s..30m\", or use the third party's webhooks",
    )]
}
