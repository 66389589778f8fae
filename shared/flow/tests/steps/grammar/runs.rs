//! Each subject undisturbed, and with every fault at every effect.

use super::{SLOW, book, set_up, subject};
use crate::faults::judge;
use crate::run::{Ending, Run};
use crate::scenarios::{Expected, NEVER, PROMPT, Scenario};
use crate::world::gate::Fault;
use crate::world::{End, Script, Submission, When, World};
use serde_json::Value;
use std::collections::BTreeMap;
use std::time::Duration;
use stepwait_core::integration::Method;
use stepwait_flow::Book;

/// Stands where a subject has no table of its own.
pub(super) const UNSEEN: Expected = Expected { outcome: "", asked: [0, 0, 0], sent: 0, attempts: 0 };

const NEWS_THEN_END: &[(When, End)] =
    &[(When::Later(Duration::from_secs(5)), End::Pending), (When::Later(MINUTE), End::Success)];

const MINUTE: Duration = Duration::from_mins(1);

/// A subject, and what has been seen when all is over: the outcome, with the
/// result or the error; requests to start a job, looks, and requests to call it
/// off; webhooks sent; attempts of the submit.
pub(super) struct Subject {
    pub(super) scenario: Scenario,
    says: &'static str,
}

fn row(
    name: &'static str,
    integration: &'static str,
    script: Script,
    says: &'static str,
    (outcome, asked, sent, attempts): (&'static str, [usize; 3], u32, u32),
) -> Subject {
    let expected = Expected { outcome, asked, sent, attempts };
    Subject { scenario: Scenario { expected, ..subject(name, integration, script) }, says }
}

const fn with_events(events: &'static [(When, End)]) -> Script {
    Script { events, ..SLOW }
}

impl Subject {
    /// How else it may end when something goes wrong.
    fn or(self, outcome: &'static str) -> Self {
        Self { scenario: Scenario { may_end_as: Some(outcome), ..self.scenario }, ..self }
    }
}

/// Every subject.
pub(super) fn subjects() -> Vec<Subject> {
    let lost = Script { submission: Submission::FirstAnswerLost, ..SLOW };
    let early = Script { events: &[(When::Effects(0), End::Success)], ..PROMPT };
    let said = "\"what was said in job-1\"";
    vec![
        row("kept values", "kept", SLOW, said, ("succeeded", [1, 5, 0], 0, 1)),
        row("kept values, and the submit's answer is lost", "kept", lost.clone(), said, ("succeeded", [2, 5, 0], 0, 2)),
        row(
            "kept values of a job that is called off",
            "kept-thin",
            never(),
            "DeadlinePassed",
            ("expired", [1, 1, 1], 0, 1),
        ),
        row("look-up", "looked-up", SLOW, said, ("succeeded", [1, 5, 0], 0, 1)),
        // With a fault as well, the right to send may be held for longer than the retries last.
        row("look-up after a lost answer", "looked-up", lost, said, ("succeeded", [1, 1, 0], 0, 5)).or("failed"),
        row(
            "look-up where the third party was busy",
            "looked-up",
            Script { submission: Submission::BusyFirst, ..SLOW },
            said,
            ("succeeded", [2, 6, 0], 0, 2),
        ),
        row("no request", "referenced", SLOW, "\"what was said in r-1\"", ("succeeded", [0, 5, 0], 0, 1)),
        row("done at once", "prompt", PROMPT, said, ("succeeded", [1, 0, 0], 0, 1)),
        row("done at once, with an event before that", "prompt", early, said, ("succeeded", [1, 0, 0], 1, 1)),
        row("done at once, polled", "prompt-polled", PROMPT, said, ("succeeded", [1, 0, 0], 0, 1)),
        row("done at once, without an id", "anonymous", PROMPT, "\"said at once\"", ("succeeded", [1, 0, 0], 0, 1)),
        row("result in pages", "paged", SLOW, "[1,2,3]", ("succeeded", [1, 5, 0], 0, 1)),
        row("large result", "large", SLOW, "stored", ("succeeded", [1, 5, 0], 0, 1)),
        row(
            "event at the wait's own address",
            "addressed",
            with_events(NEWS_THEN_END),
            said,
            ("succeeded", [1, 0, 0], 2, 1),
        ),
        row(
            "event at the wait's own address before the submit returns",
            "addressed",
            with_events(&[(When::Effects(0), End::Success)]),
            said,
            ("succeeded", [1, 0, 0], 1, 1),
        ),
        row("thin event", "thin", with_events(NEWS_THEN_END), said, ("succeeded", [1, 2, 0], 2, 1)),
        row(
            "thin event before the submit returns",
            "thin",
            Script { events: &[(When::Effects(0), End::Success)], ..PROMPT },
            said,
            ("succeeded", [1, 1, 0], 1, 1),
        ),
        row(
            "thin event before what it needs is kept",
            "kept-thin",
            Script { events: &[(When::Effects(1), End::Success)], ..PROMPT },
            said,
            ("succeeded", [1, 1, 0], 2, 1),
        ),
        row(
            "event whose result is fetched",
            "fetched",
            with_events(&[(When::Later(MINUTE), End::Success)]),
            said,
            ("succeeded", [1, 1, 0], 1, 1),
        ),
        row(
            "event that comes sooner than the job shows its end",
            "fetched",
            with_events(&[(When::Effects(0), End::Success)]),
            said,
            ("succeeded", [1, 3, 0], 3, 1),
        ),
        row(
            "event signed with a secret that was handed over",
            "handed",
            with_events(&[(When::Later(MINUTE), End::Success)]),
            said,
            ("succeeded", [1, 0, 0], 1, 1),
        ),
        row("access token that is refused once", "oauth", SLOW, said, ("succeeded", [1, 5, 0], 0, 1)),
        row("third party that is down", "down", SLOW, "ThirdPartyUnavailable", ("failed", [1, 3, 1], 0, 1)),
        row("third party that refuses", "refusing", SLOW, "CheckRefused", ("failed", [1, 2, 1], 0, 1)),
        row("status URL on a foreign host", "elsewhere", SLOW, "BadAnswer", ("failed", [1, 0, 1], 0, 1)),
        row("job that is not visible at first", "late", SLOW, said, ("succeeded", [1, 8, 0], 0, 1)),
        row("unlisted status", "strange", SLOW, said, ("succeeded", [1, 5, 0], 0, 1)),
        row("looks used up", "counted", never(), "RoundsExhausted", ("failed", [1, 4, 1], 0, 1)),
    ]
}

fn never() -> Script {
    Script { takes: NEVER, ..PROMPT }
}

/// Runs a subject with faults.
pub(super) fn run(scenario: &Scenario, book: &Book, faults: BTreeMap<usize, Fault>) -> (World, Ending) {
    let world = World::new(&scenario.script);
    set_up(&world, scenario);
    let ending = Run::new(&world, book, scenario, faults, None).play();
    (world, ending)
}

/// What went wrong, beside what goes wrong with any scenario.
fn findings(Subject { scenario, says }: &Subject, world: &World, ending: &Ending) -> Vec<String> {
    let mut findings = judge(scenario, world, ending);
    let said = ending.settled.output.as_ref().or(ending.settled.error.as_ref());
    if *says == "stored" {
        findings.extend(not_stored(world, ending));
    } else if said.map(String::as_str) != Some(*says) && scenario.may_end_as != Some(ending.settled.outcome.as_str()) {
        findings.push(format!("ended with {:?}", ending.settled));
    }
    let state = world.state();
    let deadline = ending.plan.wait.deadline;
    let is_submit = |url: &str| !url.ends_with("/cancel") && !url.ends_with("/token");
    let too_late = state
        .vendor
        .requests
        .iter()
        .find(|(at, sent)| *at >= deadline && sent.method == Method::Post && is_submit(&sent.url));
    findings.extend(too_late.map(|(at, _)| format!("a job was asked for at {at}")));
    findings
}

/// The result is where the outcome says.
fn not_stored(world: &World, ending: &Ending) -> Option<String> {
    let pointer: Value = serde_json::from_str(ending.settled.output.as_deref().unwrap_or("null")).unwrap();
    let key = pointer["stored_at"].as_str().unwrap_or_default().trim_start_matches("s3://results/").to_owned();
    let expected = ("text/plain; charset=utf-8".to_owned(), vec![b'x'; super::api::LARGE]);
    let is_there = world.state().store.results.get(&key) == Some(&expected)
        && pointer["content_type"] == "text/plain; charset=utf-8"
        && pointer["bytes"] == super::api::LARGE;
    (!is_there).then(|| format!("the outcome points to {pointer}"))
}

#[test]
fn every_subject_goes_as_its_table_says_when_nothing_goes_wrong() {
    let book = book();
    for subject in subjects() {
        let scenario = &subject.scenario;
        let (world, ending) = run(scenario, &book, BTreeMap::new());
        assert_eq!(findings(&subject, &world, &ending), Vec::<String>::new(), "{}", scenario.name);
        let state = world.state();
        let seen = Expected::seen(scenario.expected.outcome, &state.vendor, ending.attempts);
        assert_eq!(seen, scenario.expected, "{}: {:?}", scenario.name, state.gate.passed());
    }
}

#[test]
fn no_single_fault_breaks_an_invariant_or_changes_how_any_subject_ends() {
    let book = book();
    for subject in subjects() {
        let (undisturbed, _) = run(&subject.scenario, &book, BTreeMap::new());
        let effects = undisturbed.state().gate.passed().to_vec();
        for (number, effect) in effects.into_iter().enumerate() {
            for fault in Fault::ALL {
                let (world, ending) = run(&subject.scenario, &book, BTreeMap::from([(number, fault)]));
                let found = findings(&subject, &world, &ending);
                assert_eq!(found, Vec::<String>::new(), "{}: {fault:?} at {number}, {effect}", subject.scenario.name);
            }
        }
    }
}
