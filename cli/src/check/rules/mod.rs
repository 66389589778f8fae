//! The rules: one file each, with an identifier, a sentence, a severity, a
//! paragraph of documentation and a function that finds what breaks it.
//!
//! A rule may read the integration, which has all defaults filled in, and the
//! document, which knows where things stand. A file that is sensible breaks
//! none: whatever is a matter of taste is `pedantic`, and printed on demand only.

mod callback_body_unproven;
mod description_empty;
mod docs_missing;
mod follow_too_wide;
mod foreign_host;
mod history_limit;
mod insecure_base_url;
mod interval_under_vendor_minimum;
mod learned_without_effect;
mod no_cancel;
mod no_deadline_margin;
mod no_failure_state;
mod no_idempotency;
mod no_pending_and_unknown_failure;
mod poll_through_long_deadline;
mod result_may_be_large;
mod secret_in_clear;
mod statuses_overlap;
mod unused;

use std::ops::Range;

use stepwait_core::integration::Integration;

use super::diagnostic::{Diagnostic, Severity};
use super::locate::Document;
use super::misreading;

/// All rules, in the order of their identifiers.
pub(crate) const RULES: [&Rule; 19] = [
    &callback_body_unproven::RULE,
    &description_empty::RULE,
    &docs_missing::RULE,
    &follow_too_wide::RULE,
    &foreign_host::RULE,
    &history_limit::RULE,
    &insecure_base_url::RULE,
    &interval_under_vendor_minimum::RULE,
    &learned_without_effect::RULE,
    &no_cancel::RULE,
    &no_deadline_margin::RULE,
    &no_failure_state::RULE,
    &no_idempotency::RULE,
    &no_pending_and_unknown_failure::RULE,
    &poll_through_long_deadline::RULE,
    &result_may_be_large::RULE,
    &secret_in_clear::RULE,
    &statuses_overlap::RULE,
    &unused::RULE,
];

/// What a rule is, for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Topic {
    /// The identifier, which is also the heading in docs/checks.md.
    pub(crate) id: &'static str,
    /// The severity of most findings.
    pub(crate) severity: Severity,
    /// One sentence: what a finding says.
    pub(crate) summary: &'static str,
    /// A paragraph in Markdown: why it matters, and what to do.
    pub(crate) docs: &'static str,
}

impl Topic {
    /// Where docs/checks.md explains it, from the repository's root.
    pub(crate) fn link(&self) -> String {
        format!("docs/checks.md#{}", self.id)
    }
}

/// A rule for files that parse.
#[derive(Debug)]
pub(crate) struct Rule {
    pub(crate) topic: Topic,
    /// Whether it is looked at only with `--pedantic`.
    pub(crate) pedantic: bool,
    pub(crate) check: fn(&Context<'_>) -> Vec<Finding>,
}

/// What a rule looks at.
#[derive(Debug)]
pub(crate) struct Context<'c> {
    pub(crate) document: &'c Document<'c>,
    pub(crate) integration: &'c Integration,
}

/// Something that breaks a rule.
#[derive(Debug)]
pub(crate) struct Finding {
    span: Option<Range<usize>>,
    severity: Option<Severity>,
    message: String,
    help: String,
}

impl Finding {
    fn new(span: Option<Range<usize>>, message: impl Into<String>, help: impl Into<String>) -> Self {
        // What stands nowhere is shown at the file's beginning.
        Self { span: Some(span.unwrap_or_default()), severity: None, message: message.into(), help: help.into() }
    }

    /// With another severity than the rule's own.
    fn with(self, severity: Severity) -> Self {
        Self { severity: Some(severity), ..self }
    }

    pub(crate) fn of(self, rule: &Rule, file: &str) -> Diagnostic {
        Diagnostic {
            rule: rule.topic.id,
            severity: self.severity.unwrap_or(rule.topic.severity),
            file: file.to_owned(),
            span: self.span,
            message: self.message,
            help: self.help,
            link: rule.topic.link(),
        }
    }
}

/// What there is to read about: every reason why a file may not parse, then all rules.
pub(crate) fn topics() -> Vec<Topic> {
    misreading::TOPICS.into_iter().chain(RULES.into_iter().map(|rule| rule.topic)).collect()
}

#[cfg(test)]
mod tests;
