use super::{Effect, Handover, Illegal, follow, handover, transition};
use crate::integration::IntegrationName;
use crate::test_support::{at, job, outcome, render_name, row, wait_id};
use crate::wait::change::{Awaited, TakenJob};
use crate::wait::update::MAX_LATE;
use crate::wait::{Change, Generation, Guarded, Kept, Outcome, OutcomeKind, Registration, Status, SubmitMark, WaitRow};
use crate::{ErrorName, TaskToken, Timestamp};
use serde_json::json;

const MINE: Generation = Generation::from_u64(7);

fn now() -> Timestamp {
    at("2026-11-23T12:10:00Z")
}

fn lock_until() -> Timestamp {
    at("2026-11-23T12:11:30Z")
}

/// A row of my generation.
fn registered() -> WaitRow {
    WaitRow { token: Some(TaskToken::new("AQC8")), ..row(7) }
}

fn submitted() -> WaitRow {
    WaitRow { status: Status::Submitted, job_id: Some(job("j1")), ..submitting("op", 1) }
}

/// A row on which attempt number `attempts` to submit was begun under the nonce `operation`.
fn submitting(operation: &str, attempts: u32) -> WaitRow {
    let mark = SubmitMark { operation: operation.to_owned(), lock_until: lock_until(), attempts };
    WaitRow { submit: Some(mark), ..registered() }
}

fn success() -> Outcome {
    outcome(OutcomeKind::Succeeded { output: json!(1) })
}

fn failure() -> Outcome {
    outcome(OutcomeKind::failed(ErrorName::JobFailed, "no light"))
}

/// A row that ended so, stored under the nonce `operation`.
fn ended(how: &Outcome, operation: &str) -> WaitRow {
    WaitRow {
        status: Status::of(&how.kind),
        outcome: Some(how.clone()),
        outcome_operation: Some(operation.to_owned()),
        ..submitted()
    }
}

fn settled(operation: &str) -> WaitRow {
    ended(&success(), operation)
}

fn later(row: WaitRow) -> WaitRow {
    WaitRow { generation: Generation::from_u64(8), ..row }
}

fn register(generation: u64) -> Change {
    Change::Register(Box::new(Registration {
        id: wait_id(),
        generation: Generation::from_u64(generation),
        token: Some(TaskToken::new("AQC9")),
        integration: render_name(),
        digest: "d1".to_owned(),
        started_at: at("2026-11-23T12:00:00Z"),
        deadline: at("2026-11-23T13:00:00Z"),
        execution_arn: "arn:execution".to_owned(),
        capability: None,
        due_from: at("2026-11-23T12:30:00Z"),
    }))
}

fn begin(operation: &str) -> Change {
    Change::BeginSubmit { mine: MINE, operation: operation.to_owned() }
}

fn taken(operation: &str) -> TakenJob {
    TakenJob { mine: MINE, operation: operation.to_owned(), job_id: job("j1"), kept: Kept::default() }
}

fn claim(outcome: Outcome, operation: &str) -> Change {
    let outcome = Box::new(outcome);
    Change::Claim { integration: render_name(), outcome, operation: operation.to_owned(), awaited: Awaited::ByToken }
}

fn postpone() -> Change {
    Change::Postpone { until: now(), failures: 1, refusals: 0 }
}

/// What a change does to a row, in a word.
fn word(row: Option<&WaitRow>, change: &Change) -> &'static str {
    match transition(row, &wait_id(), change, now()) {
        Ok(done) => match done.effect {
            Effect::BeginSubmit => "begin",
            Effect::LookIntoMailbox(_) => "mailbox",
            Effect::Send { .. } => "send",
            Effect::Await(_) => "await",
            Effect::HandOver(_) => "hand over",
            Effect::Nothing => "ok",
        },
        Err(illegal) => match illegal {
            Illegal::NoSuchWait => "no such wait",
            Illegal::OtherIntegration => "other",
            Illegal::Superseded(_) => "superseded",
            Illegal::SubmitInProgress(_) => "in progress",
            Illegal::AlreadySubmitted(_) => "submitted",
            Illegal::FateUnknown => "unknown",
            Illegal::Ended { .. } => "ended",
            Illegal::NotTheSender => "not sender",
            Illegal::LateIsFull => "full",
        },
    }
}

/// The whole protocol on a page: what each change does to a wait in each status.
#[test]
fn every_change_in_every_status_does_what_the_table_says() {
    let rows = [
        None,
        Some(registered()),
        Some(WaitRow { status: Status::SubmitUnknown, ..submitting("op", 1) }),
        Some(submitted()),
        Some(settled("other")),
        Some(ended(&failure(), "other")),
        Some(ended(&outcome(OutcomeKind::expired("late")), "other")),
        Some(ended(&outcome(OutcomeKind::cancelled("by hand")), "other")),
    ];
    #[rustfmt::skip]
    let table: [(Change, [&str; 8]); 13] = [
        //                                 no row          REGISTERED      UNKNOWN       SUBMITTED     SUCCEEDED     FAILED        EXPIRED       CANCELLED
        (register(6),                     ["begin",        "superseded",   "superseded", "superseded", "superseded", "superseded", "superseded", "superseded"]),
        (register(7),                     ["begin",        "begin",        "begin",      "mailbox",    "hand over",  "hand over",  "hand over",  "hand over"]),
        (register(8),                     ["begin",        "begin",        "begin",      "mailbox",    "hand over",  "hand over",  "hand over",  "hand over"]),
        (begin("op"),                     ["no such wait", "send",         "unknown",    "submitted",  "ended",      "ended",      "ended",      "ended"]),
        (Change::ReleaseSubmit { operation: "op".to_owned() },
                                          ["no such wait", "not sender",   "ok",         "ok",         "ok",         "ok",         "ok",         "ok"]),
        (Change::SubmitUnknown { operation: "op".to_owned() },
                                          ["no such wait", "not sender",   "unknown",    "submitted",  "ended",      "ended",      "ended",      "ended"]),
        (Change::Submitted(taken("op")),  ["no such wait", "await",        "await",      "await",      "ended",      "ended",      "ended",      "ended"]),
        (Change::NoteJob(taken("op")),    ["no such wait", "await",        "await",      "await",      "hand over",  "hand over",  "hand over",  "hand over"]),
        (claim(success(), "op"),          ["no such wait", "hand over",    "hand over",  "hand over",  "ended",      "ended",      "ended",      "ended"]),
        (Change::KeepLate(Box::new(failure())),
                                          ["no such wait", "ok",           "ok",         "ok",         "ok",         "ok",         "ok",         "ok"]),
        (Change::Delivered { to: MINE },  ["no such wait", "ok",           "ok",         "ok",         "ok",         "ok",         "ok",         "ok"]),
        (Change::Delivered { to: Generation::from_u64(6) },
                                          ["no such wait", "superseded",   "superseded", "superseded", "superseded", "superseded", "superseded", "superseded"]),
        (postpone(),                      ["no such wait", "ok",           "ok",         "ok",         "ended",      "ended",      "ended",      "ended"]),
    ];
    for (change, expected) in &table {
        let found = rows.each_ref().map(|row| word(row.as_ref(), change));
        assert_eq!(found, *expected, "{change:?}");
    }
}

#[test]
fn a_zombie_can_change_nothing() {
    for row in [later(registered()), later(submitting("another", 2)), later(settled("other"))] {
        // Only who sent the request last may still note its job: that is a fact, not a right.
        let nothing = [register(7), begin("zombie"), Change::NoteJob(taken("zombie")), Change::Delivered { to: MINE }];
        for change in nothing {
            assert_eq!(
                transition(Some(&row), &wait_id(), &change, now()),
                Err(Illegal::Superseded(Box::new(row.clone()))),
                "{change:?}"
            );
            let answer = change.update(now()).apply(&wait_id(), Some(&row));
            assert_eq!(answer, Guarded::Refused(Some(row.clone())), "{change:?}");
        }
    }
}

#[test]
fn a_terminal_status_absorbs_only_its_token_mark_and_late_events_change() {
    let before = settled("other");
    let changes = [
        register(8),
        begin("op"),
        Change::SubmitUnknown { operation: "op".to_owned() },
        Change::Submitted(taken("op")),
        Change::NoteJob(taken("op")),
        claim(failure(), "op"),
        Change::KeepLate(Box::new(failure())),
        Change::Delivered { to: MINE },
        postpone(),
    ];
    for change in changes {
        if let Guarded::Applied(after) = change.update(now()).apply(&wait_id(), Some(&before)) {
            assert_eq!((after.status, &after.outcome), (before.status, &before.outcome), "{change:?}");
        }
    }
}

#[test]
fn a_newer_attempt_brings_its_token_and_makes_the_wait_due_again() {
    let Guarded::Applied(after) = register(8).update(now()).apply(&wait_id(), Some(&settled("op"))) else {
        panic!("the newer attempt was refused");
    };
    assert_eq!(after.token, Some(TaskToken::new("AQC9")));
    assert_eq!(after.due, Some(at("2026-11-23T12:30:00Z")));
    assert_eq!(follow(&register(8), Guarded::Applied(after.clone())), Ok(Effect::HandOver(Box::new(after))));
}

#[test]
fn an_outcome_makes_the_wait_due_for_delivery_until_it_is_delivered() {
    let Guarded::Applied(after) = claim(success(), "op").update(now()).apply(&wait_id(), Some(&submitted())) else {
        panic!("the claim was refused");
    };
    assert_eq!(after.due, Some(at("2026-11-23T12:10:30Z")));
    let delivered = Change::Delivered { to: MINE }.update(now());
    let Guarded::Applied(after) = delivered.apply(&wait_id(), Some(&after)) else {
        panic!("the mark was refused");
    };
    assert_eq!((after.delivered, after.due), (Some(MINE), None));
}

#[test]
fn an_update_whose_answer_was_lost_recognizes_itself() {
    let refused = |row: &WaitRow| Guarded::Refused(Some(row.clone()));
    assert_eq!(follow(&register(7), refused(&registered())), Ok(Effect::BeginSubmit));
    assert_eq!(follow(&register(7), refused(&submitted())), Ok(Effect::LookIntoMailbox(job("j1"))));
    assert_eq!(follow(&begin("op"), refused(&submitting("op", 2))), Ok(Effect::Send { earlier: 1 }));
    let own = settled("op");
    assert_eq!(follow(&claim(success(), "op"), refused(&own)), Ok(Effect::HandOver(Box::new(own))));
}

#[test]
fn the_right_to_send_is_one_attempts_until_its_lock_runs_out() {
    let held = submitting("other", 1);
    assert_eq!(transition(Some(&held), &wait_id(), &begin("op"), now()), Err(Illegal::SubmitInProgress(lock_until())));
    let after_lock = at("2026-11-23T12:12:00Z");
    let begun = transition(Some(&held), &wait_id(), &begin("op"), after_lock).unwrap();
    assert_eq!(begun.effect, Effect::Send { earlier: 1 });
    let mark = begun.row.and_then(|row| row.submit).unwrap();
    assert_eq!((mark.attempts, mark.lock_until), (2, at("2026-11-23T12:13:30Z")));
}

#[test]
fn a_right_that_is_given_back_counts_as_never_taken() {
    let release = Change::ReleaseSubmit { operation: "op".to_owned() };
    let released = transition(Some(&submitting("op", 1)), &wait_id(), &release, now()).unwrap();
    assert_eq!(released.effect, Effect::Nothing);
    let again = transition(released.row.as_ref(), &wait_id(), &begin("new"), now()).unwrap();
    assert_eq!(again.effect, Effect::Send { earlier: 0 });
    // Repeated, it finds nothing to do.
    assert_eq!(transition(released.row.as_ref(), &wait_id(), &release, now()), Err(Illegal::NotTheSender));
}

#[test]
fn the_first_outcome_wins_and_the_next_is_told_whether_it_said_something_else() {
    let lost = |mine: Outcome| match transition(Some(&settled("other")), &wait_id(), &claim(mine, "op"), now()) {
        Err(Illegal::Ended { row, contradicts }) if *row == settled("other") => contradicts,
        other => panic!("{other:?}"),
    };
    assert!(!lost(success()));
    assert!(!lost(outcome(OutcomeKind::Succeeded { output: json!(null) })));
    for mine in [failure(), outcome(OutcomeKind::expired("late")), outcome(OutcomeKind::cancelled("by hand"))] {
        assert!(lost(mine.clone()), "{mine:?}");
    }
}

#[test]
fn another_integrations_event_cannot_end_a_wait() {
    let other = IntegrationName::parse("other").unwrap();
    let change = Change::Claim {
        integration: other,
        outcome: Box::new(success()),
        operation: "op".to_owned(),
        awaited: Awaited::ByToken,
    };
    assert_eq!(transition(Some(&submitted()), &wait_id(), &change, now()), Err(Illegal::OtherIntegration));
}

#[test]
fn at_most_five_late_outcomes_are_kept() {
    let mut row = settled("op");
    for _ in 0..MAX_LATE {
        row = transition(Some(&row), &wait_id(), &Change::KeepLate(Box::new(failure())), now()).unwrap().row.unwrap();
    }
    assert_eq!(row.late.len(), 5);
    assert_eq!(
        transition(Some(&row), &wait_id(), &Change::KeepLate(Box::new(failure())), now()),
        Err(Illegal::LateIsFull)
    );
}

#[test]
fn what_was_kept_first_stays() {
    let kept = |value: &str| -> Kept { [("token".to_owned(), value.to_owned())].into_iter().collect() };
    let note = |value: &str| Change::Submitted(TakenJob { kept: kept(value), ..taken("op") });
    let first = transition(Some(&submitting("op", 1)), &wait_id(), &note("a"), now()).unwrap().row.unwrap();
    let again = transition(Some(&first), &wait_id(), &note("b"), now()).unwrap().row.unwrap();
    assert_eq!((again.kept, again.submitted_at), (kept("a"), Some(now())));
}

#[test]
fn an_outcome_is_delivered_once_to_each_attempt() {
    let send = Handover::Send { token: TaskToken::new("AQC8"), generation: MINE, outcome: Box::new(success()) };
    let delivered = |generation| WaitRow { delivered: Some(Generation::from_u64(generation)), ..settled("op") };
    assert_eq!(handover(&settled("op")), send);
    assert_eq!(handover(&delivered(7)), Handover::Done);
    // A retry brought a new token after the outcome was delivered with the old one.
    assert_eq!(handover(&delivered(6)), send);
}

#[test]
fn nothing_is_delivered_without_an_outcome_or_without_a_token() {
    assert_eq!(handover(&submitted()), Handover::NoOutcome);
    assert_eq!(handover(&WaitRow { token: None, ..settled("op") }), Handover::NoToken);
}

#[test]
fn a_delivery_does_not_show_its_token() {
    assert!(!format!("{:?}", handover(&settled("op"))).contains("AQC8"));
}

#[test]
fn every_status_is_spelt_one_way_in_the_table() {
    let spelt = Status::ALL.map(Status::as_str);
    let expected = ["REGISTERED", "SUBMITTED", "SUBMIT_UNKNOWN", "SUCCEEDED", "FAILED", "EXPIRED", "CANCELLED"];
    assert_eq!(spelt, expected);
    for status in Status::ALL {
        assert_eq!(Status::parse(status.as_str()), Some(status));
        assert_eq!(serde_json::to_value(status).unwrap(), status.as_str());
    }
    assert_eq!(Status::parse("Registered"), None);
}
