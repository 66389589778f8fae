//! Intervals shorter than what a third party allows.

use std::time::Duration;

use super::{Context, Finding, Rule, Topic};
use crate::check::diagnostic::Severity;

/// The least time between two looks at the same job that a third party asks for.
struct Minimum {
    /// The end of its hosts' names.
    host: &'static str,
    who: &'static str,
    least: Duration,
}

const MINIMA: [Minimum; 5] = [
    // One status request per envelope in 15 minutes, as the review before going live checks:
    // https://developers.docusign.com/docs/esign-rest-api/esign101/rules-and-limits/
    Minimum { host: ".docusign.net", who: "DocuSign", least: Duration::from_mins(15) },
    Minimum { host: ".docusign.com", who: "DocuSign", least: Duration::from_mins(15) },
    // The minimum object polling interval, 10 minutes except for enterprise accounts:
    // https://opensource.adobe.com/acrobat-sign/developer_guide/best-practices.html
    Minimum { host: ".adobesign.com", who: "Acrobat Sign", least: Duration::from_mins(10) },
    Minimum { host: ".echosign.com", who: "Acrobat Sign", least: Duration::from_mins(10) },
    // No second look within two seconds, per document:
    // https://learn.microsoft.com/en-us/azure/ai-services/document-intelligence/service-limits
    Minimum { host: ".cognitiveservices.azure.com", who: "Azure Document Intelligence", least: Duration::from_secs(2) },
];

pub(super) const RULE: Rule = Rule {
    topic: Topic {
        id: "interval-under-vendor-minimum",
        severity: Severity::Warning,
        summary: "the job may be looked at more often than the third party allows",
        docs: "Some third parties say how often a job may be looked at, and answer with errors or refuse an \
               application's review when it is more: DocuSign 15 minutes, Acrobat Sign 10 minutes (less for \
               enterprise accounts), Azure Document Intelligence 2 seconds. The least \
               time of `schedule.interval` should be no shorter.",
    },
    pedantic: false,
    check,
};

fn check(context: &Context<'_>) -> Vec<Finding> {
    let host = context.integration.base_url.host_str().unwrap_or_default();
    let Some(minimum) = MINIMA.iter().find(|minimum| host.ends_with(minimum.host)) else {
        return vec![];
    };
    if context.integration.schedule.min >= minimum.least {
        return vec![];
    }
    let least = humantime::format_duration(minimum.least);
    let place = context.document.span("schedule.interval").or_else(|| context.document.span("base_url"));
    vec![Finding::new(
        place,
        format!("{} allows one look at a job in {least}", minimum.who),
        format!("write for example interval = \"{least}..6h\""),
    )]
}
