//! Deadlines that leave no time for looking.

use super::{Context, Finding, Rule, Topic};
use crate::check::diagnostic::Severity;

pub(super) const RULE: Rule = Rule {
    topic: Topic {
        id: "no-deadline-margin",
        severity: Severity::Warning,
        summary: "the deadline passes before a job can be looked at twice",
        docs: "A wait whose first look comes at its deadline, or whose second would, cannot tell a slow job from one \
               that is stuck, and returns a result only by luck. `schedule.first` and the least time of \
               `schedule.interval` should both fit into `deadline`, several times over.",
    },
    pedantic: false,
    check,
};

fn check(context: &Context<'_>) -> Vec<Finding> {
    let (schedule, deadline) = (&context.integration.schedule, context.integration.deadline);
    let shown = humantime::format_duration;
    let place = context.document.span("deadline");
    let help = "raise `deadline`, or look earlier by `schedule.first` and `schedule.interval`";
    if schedule.first >= deadline {
        let message = format!("the first look is due after {}, at or after the deadline", shown(schedule.first));
        vec![Finding::new(place, message, help)]
    } else if schedule.first.saturating_add(schedule.min) > deadline {
        let second = shown(schedule.first.saturating_add(schedule.min));
        vec![Finding::new(place, format!("the second look is due after {second}, past the deadline"), help)]
    } else {
        vec![]
    }
}
