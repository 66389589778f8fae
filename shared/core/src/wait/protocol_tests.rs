use super::{AfterRegister, Claimed, Handover, MaySubmit, after_claim, after_register, handover, may_submit};
use crate::test_support::{at, job, outcome, row};
use crate::wait::{Generation, Guarded, Outcome, OutcomeKind, Status, SubmitMark, WaitRow};
use crate::{ErrorName, TaskToken, Timestamp};
use serde_json::{Value, json};

const MINE: Generation = Generation::from_u64(7);

fn lock_until() -> Timestamp {
    at("2026-11-23T12:01:30Z")
}

/// A row of my generation.
fn registered() -> WaitRow {
    WaitRow { token: Some(TaskToken::new("AQC8")), ..row(7) }
}

fn submitted() -> WaitRow {
    WaitRow { status: Status::Submitted, job_id: Some(job("j1")), ..registered() }
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

/// A row that ended with a success, stored under the nonce `operation`.
fn settled(operation: &str) -> WaitRow {
    WaitRow {
        status: Status::Succeeded,
        outcome: Some(success()),
        outcome_operation: Some(operation.to_owned()),
        ..submitted()
    }
}

#[test]
fn an_attempt_that_registered_submits_unless_a_job_or_an_outcome_is_there() {
    let unknown = WaitRow { status: Status::SubmitUnknown, ..registered() };
    let cases = [
        (registered(), AfterRegister::Submit),
        (submitting("op", 1), AfterRegister::Submit),
        (unknown, AfterRegister::Submit),
        (submitted(), AfterRegister::AlreadySubmitted(job("j1"))),
        (settled("op"), AfterRegister::Settled(Box::new(settled("op")))),
    ];
    for (row, expected) in cases {
        assert_eq!(after_register(Guarded::Applied(row), MINE), expected);
    }
}

#[test]
fn a_registration_whose_answer_was_lost_recognizes_its_own_generation() {
    assert_eq!(after_register(Guarded::Refused(Some(registered())), MINE), AfterRegister::Submit);
    let expected = AfterRegister::AlreadySubmitted(job("j1"));
    assert_eq!(after_register(Guarded::Refused(Some(submitted())), MINE), expected);
}

#[test]
fn a_later_attempt_supersedes_an_earlier_one_even_where_the_wait_has_ended() {
    for later in [
        WaitRow { generation: Generation::from_u64(8), ..registered() },
        WaitRow { generation: Generation::from_u64(8), ..settled("op") },
    ] {
        assert_eq!(after_register(Guarded::Refused(Some(later.clone())), MINE), AfterRegister::Superseded);
        assert_eq!(may_submit(Guarded::Refused(Some(later)), MINE, "op"), MaySubmit::Superseded);
    }
}

#[test]
fn a_row_that_vanished_supersedes_whoever_asks_for_it() {
    assert_eq!(after_register(Guarded::Refused(None), MINE), AfterRegister::Superseded);
    assert_eq!(may_submit(Guarded::Refused(None), MINE, "op"), MaySubmit::Superseded);
}

#[test]
fn the_right_to_send_tells_how_many_have_begun_before() {
    assert_eq!(may_submit(Guarded::Applied(submitting("op", 1)), MINE, "op"), MaySubmit::Send { earlier: 0 });
    assert_eq!(may_submit(Guarded::Applied(submitting("op", 3)), MINE, "op"), MaySubmit::Send { earlier: 2 });
}

#[test]
fn a_right_to_send_whose_answer_was_lost_is_recognized_by_its_nonce() {
    let refused = |operation| Guarded::Refused(Some(submitting(operation, 2)));
    assert_eq!(may_submit(refused("op"), MINE, "op"), MaySubmit::Send { earlier: 1 });
    assert_eq!(may_submit(refused("other"), MINE, "op"), MaySubmit::InProgress(lock_until()));
}

#[test]
fn whoever_is_refused_the_right_to_send_learns_why() {
    let unknown = WaitRow { status: Status::SubmitUnknown, ..submitting("op", 1) };
    let cases = [
        (submitted(), MaySubmit::AlreadySubmitted(job("j1"))),
        (settled("op"), MaySubmit::Settled(Box::new(settled("op")))),
        (unknown, MaySubmit::FateUnknown),
        (registered(), MaySubmit::Superseded),
    ];
    for (row, expected) in cases {
        assert_eq!(may_submit(Guarded::Refused(Some(row)), MINE, "op"), expected);
    }
}

#[test]
fn a_job_that_was_taken_is_not_submitted_again_whoever_marked_it() {
    let row = WaitRow { status: Status::Submitted, job_id: Some(job("j1")), ..submitting("op", 1) };
    for answer in [Guarded::Applied(row.clone()), Guarded::Refused(Some(row))] {
        assert_eq!(may_submit(answer, MINE, "op"), MaySubmit::AlreadySubmitted(job("j1")));
    }
}

#[test]
fn the_first_outcome_wins_and_the_next_is_told_whether_it_said_something_else() {
    assert_eq!(after_claim(Guarded::Applied(settled("op")), &success(), "op"), Claimed::Won(settled("op")));
    let refused = || Guarded::Refused(Some(settled("other")));
    let lost = |contradicts| Claimed::Lost { row: settled("other"), contradicts };
    assert_eq!(after_claim(refused(), &success(), "op"), lost(false));
    assert_eq!(after_claim(refused(), &outcome(OutcomeKind::Succeeded { output: Value::Null }), "op"), lost(false));
    let contradictions = [failure(), outcome(OutcomeKind::expired("late")), outcome(OutcomeKind::cancelled("by hand"))];
    for mine in contradictions {
        assert_eq!(after_claim(refused(), &mine, "op"), lost(true), "{mine:?}");
    }
}

#[test]
fn a_claim_whose_answer_was_lost_recognizes_its_own_outcome() {
    assert_eq!(after_claim(Guarded::Refused(Some(settled("op"))), &success(), "op"), Claimed::Won(settled("op")));
}

#[test]
fn a_claim_on_no_row_or_on_another_integrations_wait_finds_no_wait() {
    assert_eq!(after_claim(Guarded::Refused(None), &success(), "op"), Claimed::NoSuchWait);
    assert_eq!(after_claim(Guarded::Refused(Some(submitted())), &success(), "op"), Claimed::NoSuchWait);
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
