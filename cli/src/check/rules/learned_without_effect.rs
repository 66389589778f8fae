//! Durations that were learned, and that nothing goes by.

use super::{Context, Finding, Rule, Topic};
use crate::check::diagnostic::Severity;
use stepwait_core::integration::Strategy;
use stepwait_core::learn::LEAST_OBSERVATIONS;

pub(super) const RULE: Rule = Rule {
    topic: Topic {
        id: "learned-without-effect",
        severity: Severity::Note,
        summary: "looks do not go by what was learned",
        docs: "`schedule.learned` counts from 20 jobs on: of fewer, too little can be said of the next one. It also \
               counts for nothing where it would save no look, and where a webhook tells when a job has ended. The \
               other keys of `[schedule]` count then, which does no harm: `stepwait learn` adds to it what ended since.",
    },
    pedantic: false,
    check,
};

fn check(context: &Context<'_>) -> Vec<Finding> {
    let integration = context.integration;
    let Some(learning) = &integration.schedule.learning else {
        return vec![];
    };
    let jobs = learning.jobs().observations();
    let (message, help) = if integration.strategy == Strategy::Callback {
        ("a webhook tells when a job has ended, not the schedule".to_owned(), "leave it out, or poll")
    } else if jobs < LEAST_OBSERVATIONS {
        let message = format!("{jobs} of the {LEAST_OBSERVATIONS} jobs are known from which on looks go by them");
        (message, "run `stepwait learn` once more waits have ended")
    } else if integration.learned().is_none() {
        let message = "looks that go by it would be no fewer than those of the schedule as it is written".to_owned();
        (message, "leave it out, or ask for ends to be known sooner or later by schedule.learned.delay")
    } else {
        return vec![];
    };
    vec![Finding::new(context.document.key_span("schedule.learned"), message, help)]
}
