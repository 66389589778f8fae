//! Statuses that mean two things, and acceptors that never apply.

use std::collections::BTreeSet;

use super::{Context, Finding, Rule, Topic};
use crate::check::diagnostic::Severity;
use stepwait_core::integration::{Acceptor, Condition, Locator, Test};

pub(super) const RULE: Rule = Rule {
    topic: Topic {
        id: "statuses-overlap",
        severity: Severity::Warning,
        summary: "a status is listed twice, or an acceptor can never apply",
        docs: "Statuses are compared exactly. Two that differ only in case, in different lists, are mostly one status \
               and a slip. Of acceptors the first whose condition holds decides, so that a later one for the same \
               values never does, whatever it says: put the narrower condition first.",
    },
    pedantic: false,
    check,
};

fn check(context: &Context<'_>) -> Vec<Finding> {
    let lists = by_case(context).into_iter();
    let status = shadowed(context, "status", &context.integration.status.accept);
    let submit = shadowed(context, "submit", &context.integration.submit.accept);
    let callback = context.integration.callback.as_ref();
    let callback = callback.map_or_else(Vec::new, |callback| shadowed(context, "callback", &callback.accept));
    lists.chain(submit).chain(status).chain(callback).collect()
}

/// Statuses in different lists that differ only in case.
fn by_case(context: &Context<'_>) -> Vec<Finding> {
    let Some(map) = &context.integration.status.map else {
        return vec![];
    };
    let lists = [("succeeded", &map.succeeded), ("failed", &map.failed), ("pending", &map.pending)];
    let mut findings = Vec::new();
    for (i, (name, values)) in lists.iter().enumerate() {
        for (other, others) in lists.iter().skip(i + 1) {
            for (number, value) in (1..).zip(others.iter()) {
                if let Some(same) = values.iter().find(|same| same.to_lowercase() == value.to_lowercase()) {
                    findings.push(Finding::new(
                        context.document.span(&format!("status.{other}[{number}]")),
                        format!("\"{value}\" in `{other}` is \"{same}\" in `{name}`, but for its case"),
                        "statuses are compared exactly; keep the one that the third party sends",
                    ));
                }
            }
        }
    }
    findings
}

/// Acceptors of a section whose every value an earlier one takes.
fn shadowed<S>(context: &Context<'_>, section: &str, acceptors: &[Acceptor<S>]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (index, acceptor) in acceptors.iter().enumerate() {
        let earlier = acceptors.get(..index).unwrap_or_default();
        if let Some(by) = (1..).zip(earlier).find(|(_, by)| covers(&by.when, &acceptor.when)).map(|(number, _)| number)
        {
            let path = format!("{section}.accept[{}].when", index + 1);
            findings.push(Finding::new(
                context.document.span(&path),
                format!("this acceptor never applies: acceptor {by} of [[{section}.accept]] takes the same answers before it"),
                "put the narrower condition first, or leave one of them out",
            ));
        }
    }
    findings
}

/// Whether a condition holds wherever another does, as far as can be told simply.
fn covers(wide: &Condition, narrow: &Condition) -> bool {
    if wide == narrow {
        return true;
    }
    if let Condition::All(members) = narrow
        && members.iter().any(|member| covers(wide, member))
    {
        return true;
    }
    match (values(wide), values(narrow)) {
        (Some((at, taken)), Some((same, values))) => at == same && values.is_subset(&taken),
        _ => false,
    }
}

/// The values at a place for which a condition holds, if they are listed.
fn values(condition: &Condition) -> Option<(&Locator, BTreeSet<&str>)> {
    let Condition::Value { at, test } = condition else {
        return None;
    };
    match test {
        Test::Equals(value) => Some((at, [value.as_str()].into())),
        Test::OneOf(values) => Some((at, values.iter().map(String::as_str).collect())),
        Test::Exists(_) | Test::Matches(_) | Test::Within { .. } => None,
    }
}
