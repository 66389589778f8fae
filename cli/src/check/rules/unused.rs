//! What is defined and never used.

use super::{Context, Finding, Rule, Topic};
use crate::check::diagnostic::Severity;
use stepwait_core::integration::{Hosts, NextPage};

pub(super) const RULE: Rule = Rule {
    topic: Topic {
        id: "unused",
        severity: Severity::Warning,
        summary: "a value, a kept value or a host is never used",
        docs: "A value that nothing uses is mostly a placeholder with another name. A kept value is stored with every \
               wait. A host that no URL can lead to is a permission without a purpose. Leave them out.",
    },
    pedantic: false,
    check,
};

fn check(context: &Context<'_>) -> Vec<Finding> {
    let values = unnamed(context, "values", "value", "no placeholder");
    let kept = unnamed(context, "submit.keep", "kept", "no later request");
    values.into_iter().chain(kept).chain(hosts(context)).collect()
}

/// Keys of a section that no placeholder names.
fn unnamed(context: &Context<'_>, section: &str, kind: &str, nobody: &str) -> Vec<Finding> {
    let texts = context.document.texts();
    let is_used = |name: &str| {
        let placeholder = format!("{{{kind}:{name}}}");
        // A configured value is verbatim: what looks like a placeholder there is none.
        texts.iter().any(|text| !text.path.starts_with("values.") && text.text.contains(&placeholder))
    };
    let keys = context.document.keys(section).into_iter().filter(|(name, _)| !is_used(name));
    keys.map(|(name, span)| {
        let message = format!("{nobody} uses `{name}`");
        Finding::new(Some(span), message, format!("write {{{kind}:{name}}} where it belongs, or leave it out"))
    })
    .collect()
}

/// Hosts that no request can go to: all URLs stand in the file, and on other hosts.
fn hosts(context: &Context<'_>) -> Vec<Finding> {
    let integration = context.integration;
    let texts = context.document.texts();
    let urls: Vec<_> = texts.iter().filter(|text| text.key == "url" && !text.path.contains("body.")).collect();
    let pages = integration.result.fetch.as_ref().and_then(|fetch| fetch.pages.as_ref());
    let follows_pages = pages.is_some_and(|pages| matches!(pages.next, NextPage::Link | NextPage::Url { .. }));
    // Where a URL out of an answer leads is not known before.
    if follows_pages || urls.iter().any(|url| url.text.starts_with('{')) {
        return vec![];
    }
    let urls: Vec<_> = urls.iter().filter_map(|url| url::Url::parse(url.text.split('{').next()?).ok()).collect();
    let is_used = |host: &str| {
        let only = Hosts { follow: vec![host.to_ascii_lowercase()], trusted: vec![] };
        urls.iter().any(|url| only.trust(url, &integration.base_url).is_some())
    };
    let hosts = texts.iter().filter(|text| text.path.starts_with("hosts."));
    let unused = hosts.filter(|text| !is_used(text.text));
    unused
        .map(|text| {
            let message = format!("no request goes to \"{}\", and no URL out of an answer is followed", text.text);
            Finding::new(Some(text.span.clone()), message, "leave it out")
        })
        .collect()
}
