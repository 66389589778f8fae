//! How a wait goes, drawn: as text art for terminals, and as Mermaid for pages.

use std::fmt::Write as _;

use stepwait_core::integration::{AcceptorState, Condition, Integration, Schedule, Strategy};

use super::legs::line;
use super::words::duration;

/// The most characters of what decides a branch; more would widen the picture beyond a terminal.
const MAX_WHEN_CHARS: usize = 44;

/// A wait's course: a request, the watching, and how it ends.
pub(super) struct Picture {
    submit: String,
    /// What lies between the submit and the watching.
    between: String,
    /// What is done until the end: "look" or "wait".
    watch: &'static str,
    watched: String,
    branches: Vec<Branch>,
}

/// Where the watching leads to.
struct Branch {
    when: String,
    leads: Leads,
}

enum Leads {
    /// Back to the watching.
    Back,
    /// To an end: its name, and what comes with it.
    To(&'static str, String),
}

impl Picture {
    /// The picture of an integration.
    pub(super) fn of(integration: &Integration) -> Self {
        let submit = integration.submit.request.as_ref().map_or_else(
            || format!("nothing is sent; the job is {}", integration.submit.job_id),
            |request| line(integration, request),
        );
        let schedule = &integration.schedule;
        let (between, watch, watched) = match integration.strategy {
            Strategy::Poll => (between(schedule), "look", line(integration, &integration.status.request)),
            Strategy::Pooled => {
                let schedule = integration.looks();
                (
                    format!("{}, by the reconciler", between(&schedule)),
                    "look",
                    line(integration, &integration.status.request),
                )
            }
            Strategy::Callback => {
                let every = duration(schedule.reconcile);
                (
                    format!("looked at every {every} beside it"),
                    "wait",
                    format!("for POST /webhooks/{}", integration.name),
                )
            }
        };
        Self { submit, between, watch, watched, branches: branches(integration) }
    }

    /// For terminals.
    pub(super) fn text(&self) -> String {
        let mut art = String::new();
        // Writing to a String cannot fail.
        let _ = write!(art, "  submit  {}\n    │     {}\n", self.submit, self.between);
        let _ = writeln!(art, "   {}   {}", self.watch, self.watched);
        let width = self.branches.iter().map(|branch| branch.when.chars().count()).max().unwrap_or_default();
        for (n, Branch { when, leads }) in (1..).zip(&self.branches) {
            let corner = if n == self.branches.len() { '╰' } else { '├' };
            let line = "─".repeat(width - when.chars().count() + 1);
            let _ = match leads {
                Leads::Back => writeln!(art, "    {corner}─ {when} {line}↺ {}s on", self.watch),
                Leads::To(end, with) => writeln!(art, "    {corner}─ {when} {line}▶ {end}{with}"),
            };
        }
        art
    }

    /// For pages.
    pub(super) fn mermaid(&self) -> String {
        let watch = self.watch;
        let mut chart = String::from("flowchart TD\n");
        let _ = writeln!(chart, "    submit[\"submit<br/>{}\"]", escaped(&self.submit));
        let _ = writeln!(chart, "    watch{{{{\"{watch}<br/>{}\"}}}}", escaped(&self.watched));
        let _ = writeln!(chart, "    submit -- \"{}\" --> watch", escaped(&self.between));
        for (n, Branch { when, leads }) in (1..).zip(&self.branches) {
            let when = escaped(when);
            let _ = match leads {
                Leads::Back => writeln!(chart, "    watch -- \"{when}\" --> watch"),
                Leads::To(end, with) => {
                    writeln!(chart, "    watch -- \"{when}\" --> end{n}([\"{end}{}\"])", escaped(with))
                }
            };
        }
        chart
    }
}

/// What each thing leads to that may be seen.
fn branches(integration: &Integration) -> Vec<Branch> {
    let output = integration.result.output.as_ref();
    let mut branches = Vec::new();
    let result = match (&integration.result.fetch, &integration.callback) {
        (Some(fetch), _) => format!(" with {}", line(integration, &fetch.request)),
        (None, Some(callback)) if integration.strategy == Strategy::Callback && !callback.thin => {
            callback.output.as_ref().or(output).map_or_else(String::new, |place| format!(" with {place}"))
        }
        (None, _) => output.map_or_else(String::new, |place| format!(" with {place}")),
    };
    let lead = |state: AcceptorState| match state {
        AcceptorState::Success => Leads::To("succeeds", result.clone()),
        AcceptorState::Failure => Leads::To("fails", " with JobFailed".to_owned()),
        AcceptorState::Retry => Leads::Back,
    };
    let callback = integration.callback.as_ref().filter(|_| integration.strategy == Strategy::Callback);
    let thin = callback.is_some_and(|callback| callback.thin);
    let accept: Vec<(AcceptorState, &Condition)> = match callback {
        // Events that are ignored lead nowhere.
        Some(callback) if !thin => {
            callback.accept.iter().filter_map(|acceptor| Some((acceptor.state.of_job()?, &acceptor.when))).collect()
        }
        Some(_) | None => integration.status.accept.iter().map(|acceptor| (acceptor.state, &acceptor.when)).collect(),
    };
    // A thin event leads to a look, whose answer decides.
    let before = if thin { "look: " } else { "" };
    for (state, when) in accept {
        branches.push(Branch { when: short(&format!("{before}{when}")), leads: lead(state) });
    }
    if let Some(map) = &integration.status.map {
        let lists = [
            (&map.pending, AcceptorState::Retry),
            (&map.succeeded, AcceptorState::Success),
            (&map.failed, AcceptorState::Failure),
        ];
        for (values, state) in lists.into_iter().filter(|(values, _)| !values.is_empty()) {
            branches.push(Branch { when: short(&format!("{before}{}", values.join(", "))), leads: lead(state) });
        }
    }
    let cancel = integration.cancel.as_ref().map(|cancel| format!(", after {}", line(integration, &cancel.request)));
    branches.push(Branch {
        when: format!("after {}", duration(integration.deadline)),
        leads: Leads::To("fails", format!(" with DeadlinePassed{}", cancel.unwrap_or_default())),
    });
    branches
}

fn short(when: &str) -> String {
    if when.chars().count() <= MAX_WHEN_CHARS {
        when.to_owned()
    } else {
        format!("{} …", when.chars().take(MAX_WHEN_CHARS - 2).collect::<String>())
    }
}

/// A text within Mermaid's quotes, by its entity codes.
fn escaped(text: &str) -> String {
    text.replace('#', "#35;").replace('"', "#quot;").replace('<', "#lt;").replace('>', "#gt;")
}

/// When looks come after the submit, in few words.
fn between(schedule: &Schedule) -> String {
    match schedule.learned().and_then(|learned| learned.times().next()) {
        Some(first) => format!("{} later, then where earlier jobs ended", duration(first)),
        None => {
            let [first, min, max] = [schedule.first, schedule.min, schedule.max].map(duration);
            format!("{first} later, then every {min} to {max}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_means_something_in_mermaid_is_escaped() {
        assert_eq!(escaped(r##"a "b" <c> #1"##), "a #quot;b#quot; #lt;c#gt; #35;1");
    }

    #[test]
    fn long_conditions_are_cut() {
        assert_eq!(short(&"x".repeat(44)), "x".repeat(44));
        assert_eq!(short(&"x".repeat(45)), format!("{} …", "x".repeat(42)));
    }
}
