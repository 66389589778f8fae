//! Results that are carried whole.

use super::{Context, Finding, Rule, Topic};
use crate::check::diagnostic::Severity;
use stepwait_core::integration::Format;

pub(super) const RULE: Rule = Rule {
    topic: Topic {
        id: "result-may-be-large",
        severity: Severity::Note,
        summary: "the whole of a file or of a list is fetched as the result",
        docs: "Files and lists in pages have no size that the third party promises. A function holds the result in \
               memory and fails the wait with `ResultTooLarge` beyond its limit; over 32 KiB the workflow gets a \
               pointer instead of the result. If the workflow needs only an address or an id, locate that in the \
               status answer by `output`, and fetch the rest where it is used.",
    },
    pedantic: true,
    check,
};

fn check(context: &Context<'_>) -> Vec<Finding> {
    let Some(fetch) = &context.integration.result.fetch else {
        return vec![];
    };
    let (key, what) = match fetch.format {
        Format::Base64 => ("result.format", "a whole file"),
        Format::Json | Format::Text | Format::Lines if fetch.pages.is_some() => {
            ("result.pages", "all items of all pages")
        }
        Format::Json | Format::Text | Format::Lines => return vec![],
    };
    vec![Finding::new(
        context.document.key_span(key),
        format!("the result is {what}, of whatever size"),
        "if an address or an id is enough, locate it by `output` instead",
    )]
}
