//! The five executions, and what each should come to.

use serde_json::{Value, json};
use stepwait_core::ErrorName;
use stepwait_local::scripted::{Script, secs};

/// An execution of the main workflow with one request.
#[derive(Clone, Copy, Debug)]
pub(super) struct Case {
    /// The request's reference at the third party, and the execution's name.
    pub(super) name: &'static str,
    /// What it shows.
    pub(super) shows: &'static str,
    /// On whom it waits.
    pub(super) integration: &'static str,
    /// What it should come to.
    pub(super) expected: Expected,
    payload: fn(&str) -> Value,
    script: fn() -> Script,
}

/// What an execution should come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Expected {
    /// The request has its result.
    Success,
    /// The request fails by this error.
    Failure(ErrorName),
}

pub(super) const CASES: [Case; 5] = [
    Case {
        name: "polled",
        shows: "polled until it succeeds",
        integration: "transcript",
        expected: Expected::Success,
        payload: transcript,
        script: || Script::succeeds_after(secs(4)),
    },
    Case {
        name: "called-back",
        shows: "succeeds and calls back",
        integration: "identity-check",
        expected: Expected::Success,
        payload: applicant,
        script: || Script::succeeds_after(secs(5)),
    },
    Case {
        name: "fails",
        shows: "fails at the third party",
        integration: "transcript",
        expected: Expected::Failure(ErrorName::JobFailed),
        payload: transcript,
        script: || Script::fails_after(secs(3), "the recording is silent"),
    },
    Case {
        name: "webhook-first",
        shows: "calls back before the submit ends",
        integration: "identity-check",
        expected: Expected::Success,
        payload: applicant,
        script: || Script::succeeds_after(secs(1)).webhook_before_answer(),
    },
    Case {
        name: "too-late",
        shows: "polled past its deadline",
        integration: "transcript-urgent",
        expected: Expected::Failure(ErrorName::DeadlinePassed),
        payload: transcript,
        script: Script::never_ends,
    },
];

impl Case {
    /// What becomes of its job.
    pub(super) fn script(&self) -> Script {
        (self.script)()
    }

    /// The main workflow's input.
    pub(super) fn input(&self) -> Value {
        json!({
            "subject": "customer-1",
            "requests": [{
                "integration": self.integration,
                "payload": (self.payload)(self.name),
            }],
        })
    }
}

fn transcript(reference: &str) -> Value {
    json!({ "audio_url": "https://recordings.example.com/1.mp3", "reference": reference })
}

fn applicant(reference: &str) -> Value {
    json!({ "applicant": "Ada Lovelace", "reference": reference })
}
