//! Wildcards that cover more than one owner.

use super::{Context, Finding, Rule, Topic};
use crate::check::diagnostic::Severity;

/// Labels below which anyone can register a name, though they have two. There
/// are thousands (<https://publicsuffix.org>); these are where files of third
/// parties mostly lie, and second levels of countries.
const SHARED: [&str; 16] = [
    "amazonaws.com",
    "s3.amazonaws.com",
    "azurewebsites.net",
    "blob.core.windows.net",
    "cloudfront.net",
    "core.windows.net",
    "github.io",
    "herokuapp.com",
    "run.app",
    "vercel.app",
    "web.app",
    "workers.dev",
    "co.uk",
    "co.jp",
    "com.au",
    "com.br",
];

pub(super) const RULE: Rule = Rule {
    topic: Topic {
        id: "follow-too-wide",
        severity: Severity::Warning,
        summary: "URLs out of answers may lead to hosts of anyone",
        docs: "`hosts.follow` says where URLs out of answers may lead. A wildcard over a whole top-level domain, or \
               over names that anyone can register, is no limit. Name the hosts, or the part of the name that is the \
               third party's own: `\"*.files.example.com\"`. Where a cloud's storage is meant, name the bucket's or \
               the account's host.",
    },
    pedantic: false,
    check,
};

fn check(context: &Context<'_>) -> Vec<Finding> {
    let follow = context.document.texts().into_iter().filter(|text| text.key == "follow");
    let wide = follow.filter(|text| text.path.starts_with("hosts.follow") && is_wide(text.text));
    wide.map(|text| {
        Finding::new(
            Some(text.span),
            format!("\"{}\" covers hosts of anyone", text.text),
            "name the hosts, or add the part of the name that is the third party's own",
        )
    })
    .collect()
}

fn is_wide(pattern: &str) -> bool {
    let pattern = pattern.to_ascii_lowercase();
    pattern.strip_prefix("*.").is_some_and(|rest| !rest.contains('.') || SHARED.contains(&rest))
}

#[cfg(test)]
mod tests {
    use super::is_wide;

    #[test]
    fn a_wildcard_must_leave_an_owner() {
        assert!(is_wide("*.com") && is_wide("*.co.uk") && is_wide("*.S3.amazonaws.com"));
        assert!(!is_wide("*.example.com") && !is_wide("storage.googleapis.com"));
    }
}
