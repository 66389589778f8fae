//! The lists of writes, played with the changes that make them.

use crate::TaskToken;
use crate::Timestamp;
use crate::cost::assumed::ENTRY_BYTES;
use crate::cost::writes::{
    CLOSED_WITH_TOKEN, END_POLLED, END_WITH_TOKEN, SUBMIT_POLLED, SUBMIT_WITH_TOKEN, Write, units,
};
use crate::integration::IntegrationName;
use crate::wait::change::TakenJob;
use crate::wait::due::{DueWait, due_from};
use crate::wait::{
    Awaited, Change, Generation, Guarded, JobId, Kept, Outcome, OutcomeKind, Registration, Source, WaitId, WaitRow,
};
use std::time::Duration;

const TEMPLATE: &str = include_str!("../../../../../template.yaml");

fn now() -> Timestamp {
    "2026-11-23T12:00:00.123456789Z".parse().unwrap()
}

fn id() -> WaitId {
    WaitId::parse(&format!("w-{}", "0f".repeat(16))).unwrap()
}

fn registration(token: Option<TaskToken>, first_look: Duration) -> Registration {
    let deadline = "2026-11-26T12:00:00.123456789Z".parse().unwrap();
    Registration {
        id: id(),
        generation: Generation::from_u64(1),
        due_from: due_from(token.is_some().then_some(first_look), deadline, now()),
        token,
        integration: IntegrationName::parse("identity-check-of-applicants").unwrap(),
        digest: "0123456789abcdef".repeat(2),
        started_at: now(),
        deadline,
        execution_arn: "arn:aws:states:us-east-1:000000000000:execution:stepwait-main:one".to_owned(),
        capability: None,
    }
}

fn life(token: Option<TaskToken>, awaited: Awaited) -> Vec<Change> {
    life_looked_at(Duration::from_mins(5), token, awaited)
}

/// The life of a wait that the reconciler looks at after so long.
fn life_looked_at(first: Duration, token: Option<TaskToken>, awaited: Awaited) -> Vec<Change> {
    let registration = registration(token, first);
    let (mine, integration) = (registration.generation, registration.integration.clone());
    let job_id = JobId::parse("3f0c1d2e-7a55-4c34-9b7e-1a2b3c4d5e6f").unwrap();
    let kind = OutcomeKind::Succeeded { output: serde_json::json!({ "report": 1 }) };
    let outcome = Outcome {
        kind,
        source: Source::Poll,
        at: now(),
        pending_at: Some(now()),
        job_id: Some(job_id.clone()),
        event_id: None,
    };
    let operation = "0".repeat(16);
    vec![
        Change::Register(Box::new(registration)),
        Change::BeginSubmit { mine, operation: operation.clone() },
        Change::Submitted(TakenJob { mine, operation: operation.clone(), job_id, kept: Kept::default() }),
        Change::Claim { integration, outcome: Box::new(outcome), operation, awaited },
        Change::Delivered { to: mine },
    ]
}

/// The units that the indexes write for a change, as DynamoDB counts them.
fn entries(before: Option<&WaitRow>, after: &WaitRow) -> u64 {
    let due = match (before.and_then(DueWait::of), DueWait::of(after)) {
        (None, None) => 0,
        (None, Some(_)) | (Some(_), None) => 1,
        (Some(was), Some(is)) if was == is => 0,
        (Some(was), Some(is)) => 1 + u64::from(was.position() != is.position()),
    };
    // The other index has nothing but the row's key and its execution, which never changes.
    due + u64::from(before.is_none())
}

fn played(changes: &[Change]) -> Vec<u64> {
    let mut row: Option<WaitRow> = None;
    let play = |change: &Change| {
        let Guarded::Applied(after) = change.update(now()).apply(&id(), row.as_ref()) else {
            panic!("{change:?} was refused");
        };
        let written = entries(row.as_ref(), &after);
        row = Some(after);
        written
    };
    changes.iter().map(play).collect()
}

fn listed(writes: &[&[Write]]) -> Vec<u64> {
    // The link from the job's id is a row of its own, which no index shows.
    let of_wait = writes.concat().into_iter().filter(|write| write.what != SUBMIT_POLLED[2].what);
    of_wait.map(|write| write.entries).collect()
}

fn token() -> Option<TaskToken> {
    Some(TaskToken::new("t".repeat(1_000)))
}

#[test]
fn the_indexes_write_what_the_changes_of_a_wait_make_them_write() {
    let with_token = life(token(), Awaited::ByToken);
    assert_eq!(played(&with_token), listed(&[&SUBMIT_WITH_TOKEN, &END_WITH_TOKEN]));
    // A pooled one is looked at soon, and each look that finds its job under way changes nothing.
    let pooled = life_looked_at(Duration::from_secs(1), token(), Awaited::ByToken);
    assert_eq!(played(&pooled), listed(&[&SUBMIT_WITH_TOKEN, &END_WITH_TOKEN]));
    let polled = life(None, Awaited::ByWorkflow);
    assert_eq!(played(&polled[..4]), listed(&[&SUBMIT_POLLED, &END_POLLED]));
    let closed = life(token(), Awaited::ByWorkflow);
    assert_eq!(played(&closed[..4]), listed(&[&SUBMIT_WITH_TOKEN, &CLOSED_WITH_TOKEN]));
}

#[test]
fn a_wait_writes_so_many_units_in_its_life() {
    let with_token = units(&SUBMIT_WITH_TOKEN) + units(&END_WITH_TOKEN);
    let polled = units(&SUBMIT_POLLED) + units(&END_POLLED);
    assert_eq!((with_token, polled), (17, 9));
}

#[test]
fn the_index_shows_what_the_model_takes_it_to_show() {
    let shown = TEMPLATE.split("IndexName: due").nth(1).unwrap().split("IndexName:").next().unwrap();
    let attributes: Vec<&str> =
        shown.lines().filter_map(|line| line.strip_prefix("              - ")).map(str::trim).collect();
    let read = ["status", "integration", "integration_digest", "started_at", "deadline"];
    let read_later = ["job_id", "submitted_at", "failures", "refusals"];
    assert_eq!(attributes, [read.as_slice(), &read_later].concat());
    let other = TEMPLATE.split("IndexName: execution").nth(1).unwrap();
    assert!(other.lines().take(4).any(|line| line.contains("ProjectionType: KEYS_ONLY")), "{other}");
}

#[test]
fn an_entry_of_the_index_is_no_larger_than_assumed() {
    let mut row = None;
    for change in &life(token(), Awaited::ByToken)[..3] {
        let Guarded::Applied(after) = change.update(now()).apply(&id(), row.as_ref()) else {
            panic!("{change:?} was refused");
        };
        row = Some(after);
    }
    let entry = DueWait::of(&row.unwrap()).unwrap();
    // The length of each name and each value; a number has a byte for two digits and one more.
    let texts = [
        ("pk", format!("W#{}", entry.id)),
        ("due_shard", "0".to_owned()),
        ("due_at", "12345678".to_owned()),
        ("status", entry.status.as_str().to_owned()),
        ("integration", entry.integration.as_str().to_owned()),
        ("integration_digest", entry.digest),
        ("started_at", entry.started_at.to_string()),
        ("deadline", entry.deadline.to_string()),
        ("job_id", entry.job_id.unwrap().to_string()),
        ("submitted_at", entry.submitted_at.unwrap().to_string()),
    ];
    let bytes: usize = texts.iter().map(|(name, value)| name.len() + value.len()).sum();
    let assumed = usize::try_from(ENTRY_BYTES).unwrap();
    assert!((assumed - 30..=assumed).contains(&bytes), "{bytes}");
}
