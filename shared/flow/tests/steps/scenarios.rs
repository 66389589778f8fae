//! The scenarios as a table: what the third party does, and what the workflow
//! and the third party have seen when all is over and nothing went wrong.

use crate::world::{End, Script, Submission, Trouble, Vendor, When, World};
use serde_json::json;
use std::time::Duration;
use stepwait_catalog::Catalog;
use stepwait_core::integration::{Bundled, Integration, IntegrationName};
use stepwait_core::message::{Plan, PrepareInput};
use stepwait_flow::prepare::prepare;
use stepwait_flow::{Book, Settings};

/// One way for a wait to go.
pub(crate) struct Scenario {
    pub(crate) name: &'static str,
    pub(crate) integration: &'static str,
    /// What the integration file said when the wait began, if not what it says now.
    pub(crate) pinned: Option<fn(&str) -> String>,
    pub(crate) script: Script,
    pub(crate) expected: Expected,
    /// How else it may end when something goes wrong; why is said at each.
    pub(crate) may_end_as: Option<&'static str>,
}

/// What has been seen when all is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Expected {
    /// How the wait ended.
    pub(crate) outcome: &'static str,
    /// Requests to start a job, looks at it, and requests to call it off.
    pub(crate) asked: [usize; 3],
    /// How often webhooks were sent.
    pub(crate) sent: u32,
    /// Attempts of the submit.
    pub(crate) attempts: u32,
}

impl Expected {
    /// What a third party has seen of a wait that ended so, after so many attempts.
    pub(crate) fn seen(outcome: &'static str, vendor: &Vendor, attempts: u32) -> Self {
        Self {
            outcome,
            asked: [vendor.submits.len(), vendor.looks, vendor.cancels],
            sent: vendor.events.iter().map(|event| event.sent).sum(),
            attempts,
        }
    }
}

const CALLBACK: &str = "identity-check";
const POLL: &str = "transcript";
const URGENT_POLL: &str = "transcript-urgent";
const POOLED: &str = "transcript-pooled";

const SECOND: Duration = Duration::from_secs(1);
const HOUR: Duration = Duration::from_hours(1);
const A_SECOND_MORE: Duration = Duration::from_secs(60 * 60 + 1);

/// Longer than any deadline.
pub(crate) const NEVER: Duration = Duration::from_hours(24 * 365);

/// As often as anybody needs.
const PATIENT: u32 = 8;

/// A third party that takes every job, is done with it at once, and sends no webhook.
pub(crate) const PROMPT: Script = Script {
    submission: Submission::Taken,
    end: End::Success,
    takes: Duration::ZERO,
    events: &[],
    deliveries: PATIENT,
    trouble: None,
};

/// What a wait looks like that ends with the first webhook.
const ONE_WEBHOOK: Expected = Expected { outcome: "succeeded", asked: [1, 0, 0], sent: 1, attempts: 1 };

/// The file without the line that makes sending twice safe.
pub(crate) fn without_idempotency(text: &str) -> String {
    let line = "idempotency_header = \"Idempotency-Key\"\n";
    assert!(text.contains(line), "the file must have had the header");
    text.replace(line, "")
}

/// The file with every limit, each as tight as can be.
pub(crate) fn tightly_limited(text: &str) -> String {
    format!("{text}\n[limits]\nin_flight = 1\nper_second = 1\n")
}

const fn callback(name: &'static str, script: Script, expected: Expected) -> Scenario {
    Scenario { name, integration: CALLBACK, pinned: None, script, expected, may_end_as: None }
}

/// Every scenario.
pub(crate) const SCENARIOS: &[Scenario] = &[
    callback("webhook", Script { takes: HOUR, events: &[(When::Later(HOUR), End::Success)], ..PROMPT }, ONE_WEBHOOK),
    callback("webhook before the submit returns", early(&[(When::Effects(0), End::Success)]), ONE_WEBHOOK),
    callback("webhook after the job is linked", early(&[(When::Effects(1), End::Success)]), ONE_WEBHOOK),
    callback("webhook after the job is noted", early(&[(When::Effects(2), End::Success)]), ONE_WEBHOOK),
    callback(
        "webhook twice",
        early(&[(When::Effects(0), End::Success), (When::Effects(1), End::Success)]),
        Expected { sent: 2, ..ONE_WEBHOOK },
    ),
    callback(
        "progress, then success, then a contradiction",
        Script {
            takes: HOUR,
            events: &[
                (When::Effects(0), End::Pending),
                (When::Later(HOUR), End::Success),
                (When::Later(Duration::from_hours(2)), End::Failure),
            ],
            ..PROMPT
        },
        Expected { sent: 3, ..ONE_WEBHOOK },
    ),
    Scenario {
        // Whichever is kept first counts.
        may_end_as: Some("failed"),
        ..callback(
            "success, and a contradiction a second later",
            Script {
                takes: HOUR,
                events: &[(When::Later(HOUR), End::Success), (When::Later(A_SECOND_MORE), End::Failure)],
                ..PROMPT
            },
            Expected { sent: 2, ..ONE_WEBHOOK },
        )
    },
    callback(
        "job fails",
        Script { end: End::Failure, takes: HOUR, events: &[(When::Later(HOUR), End::Failure)], ..PROMPT },
        Expected { outcome: "failed", ..ONE_WEBHOOK },
    ),
    callback(
        "no webhook, and the last look finds the job done",
        Script { takes: HOUR, ..PROMPT },
        Expected { asked: [1, 1, 0], sent: 0, ..ONE_WEBHOOK },
    ),
    Scenario {
        // The webhook overtakes the close, unless its first delivery fails.
        may_end_as: Some("expired"),
        ..callback(
            "webhook between the last look and the end",
            Script { takes: NEVER, events: &[(When::Looked, End::Success)], ..PROMPT },
            Expected { asked: [1, 1, 0], ..ONE_WEBHOOK },
        )
    },
    callback(
        "deadline passes",
        Script { takes: NEVER, ..PROMPT },
        Expected { outcome: "expired", asked: [1, 1, 1], sent: 0, attempts: 1 },
    ),
    callback(
        "deadline passes, and the third party reports that the job was called off",
        Script { takes: NEVER, events: &[(When::CalledOff, End::CalledOff)], ..PROMPT },
        Expected { outcome: "expired", asked: [1, 1, 1], sent: 1, attempts: 1 },
    ),
    callback(
        "deadline passes, and the webhook comes too late",
        Script { takes: NEVER, events: &[(When::Later(Duration::from_hours(100)), End::Success)], ..PROMPT },
        Expected { outcome: "expired", asked: [1, 1, 1], sent: 1, attempts: 1 },
    ),
    callback(
        "submit refused",
        Script { submission: Submission::Refused, ..PROMPT },
        Expected { outcome: "failed", asked: [1, 0, 0], sent: 0, attempts: 1 },
    ),
    callback(
        "third party busy at first",
        Script { submission: Submission::BusyFirst, ..early(&[(When::Effects(0), End::Success)]) },
        Expected { asked: [2, 0, 0], attempts: 2, ..ONE_WEBHOOK },
    ),
    callback(
        "the submit's answer is lost",
        Script { submission: Submission::FirstAnswerLost, ..early(&[(When::Later(SECOND), End::Success)]) },
        Expected { asked: [2, 0, 0], attempts: 2, ..ONE_WEBHOOK },
    ),
    Scenario {
        pinned: Some(without_idempotency),
        // A submit whose fate is unknown is not sent again; its wait is given up.
        may_end_as: Some("failed"),
        ..callback(
            "webhook, without idempotency keys",
            Script { takes: HOUR, events: &[(When::Later(HOUR), End::Success)], ..PROMPT },
            ONE_WEBHOOK,
        )
    },
    Scenario {
        pinned: Some(tightly_limited),
        ..callback(
            "webhook, within limits",
            Script { submission: Submission::BusyFirst, ..early(&[(When::Effects(0), End::Success)]) },
            Expected { asked: [2, 0, 0], attempts: 2, ..ONE_WEBHOOK },
        )
    },
    Scenario {
        name: "poll, within limits",
        integration: POLL,
        pinned: Some(tightly_limited),
        script: Script { takes: Duration::from_secs(20), ..PROMPT },
        expected: Expected { outcome: "succeeded", asked: [1, 6, 0], sent: 0, attempts: 1 },
        may_end_as: None,
    },
    Scenario {
        name: "poll, within limits, of a third party that is down for a while",
        integration: POLL,
        pinned: Some(tightly_limited),
        script: Script {
            takes: Duration::from_secs(20),
            trouble: Some((Trouble::Down, SECOND, Duration::from_secs(90))),
            ..PROMPT
        },
        expected: Expected { outcome: "succeeded", asked: [1, 1, 0], sent: 0, attempts: 1 },
        may_end_as: None,
    },
    Scenario {
        name: "poll",
        integration: POLL,
        pinned: None,
        script: Script { takes: Duration::from_secs(20), ..PROMPT },
        expected: Expected { outcome: "succeeded", asked: [1, 6, 0], sent: 0, attempts: 1 },
        may_end_as: None,
    },
    Scenario {
        name: "polled job fails",
        integration: POLL,
        pinned: None,
        script: Script { end: End::Failure, takes: SECOND, ..PROMPT },
        expected: Expected { outcome: "failed", asked: [1, 1, 0], sent: 0, attempts: 1 },
        may_end_as: None,
    },
    Scenario {
        name: "deadline of a polled job passes",
        integration: URGENT_POLL,
        pinned: None,
        script: Script { takes: NEVER, ..PROMPT },
        expected: Expected { outcome: "expired", asked: [1, 5, 1], sent: 0, attempts: 1 },
        may_end_as: None,
    },
    Scenario {
        name: "polled submit refused",
        integration: POLL,
        pinned: None,
        script: Script { submission: Submission::Refused, ..PROMPT },
        expected: Expected { outcome: "failed", asked: [1, 0, 0], sent: 0, attempts: 1 },
        may_end_as: None,
    },
    pooled(
        "deadline of a pooled job passes",
        Script { takes: NEVER, ..PROMPT },
        Expected { outcome: "expired", asked: [1, 1, 1], sent: 0, attempts: 1 },
    ),
    pooled(
        "pooled submit refused",
        Script { submission: Submission::Refused, ..PROMPT },
        Expected { outcome: "failed", asked: [1, 0, 0], sent: 0, attempts: 1 },
    ),
    pooled(
        "the answer to a pooled submit is lost",
        Script { submission: Submission::FirstAnswerLost, takes: HOUR, ..PROMPT },
        Expected { asked: [2, 1, 0], attempts: 2, ..SEEN_AT_LAST },
    ),
];

/// A wait that the reconciler looks at. Undisturbed scenarios run without it, and
/// its task then times out: what happens is what `Close` does.
const fn pooled(name: &'static str, script: Script, expected: Expected) -> Scenario {
    Scenario { name, integration: POOLED, pinned: None, script, expected, may_end_as: None }
}

/// A job that is done long before its wait's deadline, and seen by the last look.
const SEEN_AT_LAST: Expected = Expected { outcome: "succeeded", asked: [1, 1, 0], sent: 0, attempts: 1 };

/// A pooled wait that nothing disturbs.
pub(crate) const POOLED_JOB: Scenario =
    pooled("pooled", Script { takes: Duration::from_mins(20), ..PROMPT }, SEEN_AT_LAST);

/// The scenarios of pooled waits that the reconciler is to end.
pub(crate) const POOLED_SCENARIOS: &[Scenario] = &[
    POOLED_JOB,
    pooled("pooled job is done at once", PROMPT, SEEN_AT_LAST),
    pooled(
        "pooled job fails",
        Script { end: End::Failure, takes: HOUR, ..PROMPT },
        Expected { outcome: "failed", ..SEEN_AT_LAST },
    ),
    Scenario {
        pinned: Some(tightly_limited),
        ..pooled("pooled, within limits", Script { takes: HOUR, ..PROMPT }, SEEN_AT_LAST)
    },
    pooled(
        "pooled, of a third party that is down for a while",
        Script {
            takes: HOUR,
            trouble: Some((Trouble::Down, Duration::from_mins(5), Duration::from_mins(90))),
            ..PROMPT
        },
        SEEN_AT_LAST,
    ),
];

/// A job that is done at once, with webhooks that come early.
const fn early(events: &'static [(When, End)]) -> Script {
    Script { events, ..PROMPT }
}

/// A webhook that is sent only once, whatever becomes of it.
pub(crate) const SENT_ONCE: Scenario = callback(
    "webhook that is sent only once",
    Script { takes: HOUR, events: &[(When::Later(HOUR), End::Success)], deliveries: 1, ..PROMPT },
    ONE_WEBHOOK,
);

/// A job that is done before its submit returns.
pub(crate) const EARLY_WEBHOOK: Scenario =
    callback("early webhook", early(&[(When::Effects(0), End::Success)]), ONE_WEBHOOK);

/// A job that is never done.
pub(crate) const NEVER_DONE: Scenario =
    callback("job that is never done", Script { takes: NEVER, ..PROMPT }, ONE_WEBHOOK);

/// A job of which the third party says two things.
pub(crate) const CONTRADICTION: Scenario = callback(
    "contradiction",
    early(&[(When::Effects(0), End::Success), (When::Effects(0), End::Failure)]),
    ONE_WEBHOOK,
);

/// The shipped integrations, as deployed at `hooks.example.com`.
pub(crate) fn book() -> Book {
    let settings = Settings { callback_base: Some("https://hooks.example.com".to_owned()), ..Settings::default() };
    Book::new(Catalog::load().unwrap(), settings)
}

impl Scenario {
    /// Prepares the wait: what the workflow does before anything can be lost.
    pub(crate) fn plan(&self, world: &World, book: &Book) -> Plan {
        self.plan_keyed(world, book, "#0")
    }

    /// Prepares one of several waits.
    pub(crate) fn plan_keyed(&self, world: &World, book: &Book, key: &str) -> Plan {
        let input = PrepareInput {
            integration: self.integration.to_owned(),
            payload: json!({ "applicant": "a-1", "reference": "r-1", "audio_url": "https://example.com/a.mp3" }),
            key: key.to_owned(),
            execution_arn: "arn:execution".to_owned(),
            requests: 1,
        };
        let mut plan = crate::finish(prepare(world, book, input)).unwrap();
        if let Some(change) = self.pinned {
            let text = change(&written(self.integration));
            plan.wait.digest = pin(world, &plan.wait.integration, &text);
        }
        plan
    }
}

/// Keeps the text of a file that is no longer deployed; returns its digest.
pub(crate) fn pin(world: &World, name: &IntegrationName, text: &str) -> String {
    let Bundled { digest, json } = Integration::bundle(name.as_str(), text).unwrap();
    world.state().store.pins.insert((name.clone(), digest.clone()), json);
    digest
}

/// A shipped file as it is written.
pub(crate) fn written(name: &str) -> String {
    let path = format!("{}/../../integrations/{name}.toml", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(path).unwrap()
}
