//! URLs that requests could never be sent to.

use super::{Context, Finding, Rule, Topic};
use crate::check::diagnostic::Severity;
use stepwait_core::integration::{Integration, RequestTemplate, WhenUnknown};

pub(super) const RULE: Rule = Rule {
    topic: Topic {
        id: "foreign-host",
        severity: Severity::Error,
        summary: "a request goes to a host that the file does not allow",
        docs: "Requests go to the host of `base_url` and to those in `[hosts]`, and to no other, so that neither a \
               slip nor an answer can send credentials elsewhere. A `url` on another host would fail every wait. Add \
               the host to `hosts.trusted` if it is to get the credentials, else to `hosts.follow`. URLs out of \
               answers, such as `{kept:status_url}`, are checked when they are known.",
    },
    pedantic: false,
    check,
};

fn check(context: &Context<'_>) -> Vec<Finding> {
    let integration = context.integration;
    let literal = requests(integration).into_iter().filter_map(|(leg, request)| Some((leg, request.literal_url()?)));
    let foreign = literal.filter(|(_, url)| integration.hosts.trust(url, &integration.base_url).is_none());
    foreign
        .map(|(leg, url)| {
            let host = url.host_str().unwrap_or_default();
            Finding::new(
                context.document.span(&format!("{leg}.url")),
                format!("`{host}` is neither the host of `base_url` nor named in [hosts]"),
                format!("add `trusted = [\"{host}\"]` to [hosts], or `follow` if it must not get the credentials"),
            )
        })
        .collect()
}

/// All requests of an integration, with their sections.
fn requests(integration: &Integration) -> Vec<(&'static str, &RequestTemplate)> {
    let look_up = match &integration.submit.when_unknown {
        WhenUnknown::LookUp(look_up) => Some(&look_up.request),
        WhenUnknown::Resend | WhenUnknown::Fail => None,
    };
    let legs = [
        ("submit", integration.submit.request.as_ref()),
        ("submit.look_up", look_up),
        ("status", Some(&integration.status.request)),
        ("result", integration.result.fetch.as_ref().map(|fetch| &fetch.request)),
        ("cancel", integration.cancel.as_ref().map(|cancel| &cancel.request)),
    ];
    legs.into_iter().filter_map(|(leg, request)| Some((leg, request?))).collect()
}
