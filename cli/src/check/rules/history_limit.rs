//! Schedules whose rounds do not fit into an execution's history.

use super::{Context, Finding, Rule, Topic};
use crate::check::diagnostic::Severity;
use stepwait_core::decide::round::BreakEven;
use stepwait_core::plan::{rounds_allowed, rounds_at_most};

/// Requests that should fit into one execution: lists of more than four are for
/// short waits, or for webhooks.
const COMFORTABLE_REQUESTS: u64 = 4;

pub(super) const RULE: Rule = Rule {
    topic: Topic {
        id: "history-limit",
        severity: Severity::Error,
        summary: "the rounds of a wait do not fit into an execution's history",
        docs: "Step Functions ends an execution after 25,000 events, and each round of polling takes some. `prepare` \
               refuses a wait whose rounds could exceed what is left (`TooManyRounds`). It is an error if not even one \
               request fits into an execution, and a note if fewer than four do. A longer least interval, a shorter \
               deadline, `engine = \"pooled\"` or `strategy = \"callback\"` take fewer rounds.",
    },
    pedantic: false,
    check,
};

fn check(context: &Context<'_>) -> Vec<Finding> {
    let rounds = rounds_at_most(context.integration, BreakEven::default());
    let fit = rounds_allowed(context.integration, 1).checked_div(rounds).unwrap_or(u64::MAX);
    let place = context.document.span("deadline");
    let help = "raise the least time of `schedule.interval`, lower `deadline`, or write engine = \"pooled\"";
    if fit == 0 {
        let message = format!(
            "up to {rounds} polling rounds, and an execution has room for {}",
            rounds_allowed(context.integration, 1)
        );
        vec![Finding::new(place, message, help)]
    } else if fit < COMFORTABLE_REQUESTS {
        let message = format!("up to {rounds} polling rounds each: one execution has room for {fit} of these requests");
        vec![Finding::new(place, message, help).with(Severity::Note)]
    } else {
        vec![]
    }
}
