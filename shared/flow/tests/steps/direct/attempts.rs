//! Attempts of the submit that meet each other, or what an earlier one has left.

use super::{Bench, error};
use crate::finish;
use crate::scenarios::{EARLY_WEBHOOK, Scenario, without_idempotency};
use crate::world::gate::Fault;
use crate::world::{Script, Submission, TaskState};
use std::collections::BTreeMap;
use std::time::Duration;
use stepwait_core::message::Settled;
use stepwait_core::wait::{Awaited, JobId, Outcome, OutcomeKind, Registration, SUBMIT_LOCK, Source, Status, WaitId};
use stepwait_flow::ports::Resumption;
use stepwait_flow::settle::{claim, deliver};

/// The effects of an attempt: 0 register, 1 begin submit, 2 read the secret,
/// 3 send, 4 bind, 5 mark submitted.
const SEND: usize = 3;

#[test]
fn a_zombie_attempt_changes_nothing_and_sends_nothing() {
    let bench = Bench::new(&EARLY_WEBHOOK);
    assert_eq!(bench.submit(1), TaskState::Waiting);
    let row = bench.row();

    assert_eq!(bench.submit(0), TaskState::Waiting);
    assert_eq!(bench.row(), row);
    assert_eq!(bench.world.state().vendor.submits.len(), 1);
}

#[test]
fn an_attempt_that_finds_a_live_lock_answers_submit_in_progress_and_sends_nothing() {
    let bench = Bench::new(&EARLY_WEBHOOK);
    bench.submit_dies_before(0, SEND);

    assert_eq!(error(&bench.submit(1)), Some("SubmitInProgress"));
    bench.world.state().now += SUBMIT_LOCK;
    assert_eq!(error(&bench.submit(2)), Some("SubmitInProgress"), "the lock holds until its last moment");
    assert_eq!(bench.world.state().vendor.submits.len(), 0);

    bench.world.state().now += Duration::from_millis(1);
    assert_eq!(bench.submit(3), TaskState::Waiting);
    assert_eq!(bench.world.state().vendor.submits.len(), 1);
    assert_eq!(bench.row().status, Status::Submitted);
}

#[test]
fn without_idempotency_header_an_unknown_fate_is_marked_and_never_sent_again() {
    let bench = Bench::new(&Scenario {
        pinned: Some(without_idempotency),
        script: Script { submission: Submission::FirstAnswerLost, ..EARLY_WEBHOOK.script },
        ..EARLY_WEBHOOK
    });
    assert_eq!(error(&bench.submit(0)), Some("SubmitUnknown"));
    assert_eq!(bench.row().status, Status::SubmitUnknown);

    bench.world.state().now += SUBMIT_LOCK * 2;
    assert_eq!(error(&bench.submit(1)), Some("SubmitUnknown"));
    assert_eq!(bench.world.state().vendor.submits.len(), 1);
}

#[test]
fn without_idempotency_header_an_attempt_that_died_while_sending_is_not_repeated() {
    let bench = Bench::new(&Scenario { pinned: Some(without_idempotency), ..EARLY_WEBHOOK });
    bench.submit_dies_before(0, SEND);

    bench.world.state().now += SUBMIT_LOCK * 2;
    assert_eq!(error(&bench.submit(1)), Some("SubmitUnknown"));
    assert_eq!(bench.row().status, Status::SubmitUnknown);
    assert_eq!(bench.world.state().vendor.submits.len(), 0);
}

#[test]
fn an_attempt_that_died_with_an_event_in_the_mailbox_is_followed_by_one_that_finds_it() {
    let bench = Bench::new(&EARLY_WEBHOOK);
    bench.submit_dies_before(0, SEND + 1);
    assert_eq!(bench.deliver(0).status, 202);
    assert_eq!(bench.row().outcome, None);

    bench.world.state().now += SUBMIT_LOCK * 2;
    assert!(matches!(bench.submit(1), TaskState::Resumed(_)));
    assert_eq!(bench.row().status, Status::Succeeded);
    assert_eq!(bench.row().job_id, Some(JobId::parse("job-1").unwrap()));
}

#[test]
fn an_attempt_that_could_not_read_a_secret_leaves_no_lock_behind() {
    let bench = Bench::new(&EARLY_WEBHOOK);
    bench.world.state().gate.open(BTreeMap::from([(SEND - 1, Fault::NotDone)]));
    assert_eq!(error(&bench.submit(0)), Some("SecretUnavailable"));
    assert_eq!(bench.submit(1), TaskState::Waiting);
    assert_eq!(bench.row().status, Status::Submitted);
}

#[test]
fn an_attempt_that_takes_over_while_an_outcome_is_sent_gets_it_too() {
    let bench = Bench::new(&EARLY_WEBHOOK);
    assert_eq!(bench.submit(0), TaskState::Waiting);
    let outcome = Outcome {
        kind: OutcomeKind::Succeeded { output: 1.into() },
        source: Source::Webhook,
        at: bench.plan.wait.started_at,
        pending_at: None,
        job_id: None,
        event_id: None,
    };
    let row = finish(claim(&bench.world, &bench.plan.wait.id, &bench.integration(), &outcome, Awaited::ByToken))
        .unwrap()
        .unwrap();
    let later = bench.attempt(1);
    let registration = bench.registration(&later);
    bench.register(registration.clone());

    finish(deliver(&bench.world, &row)).unwrap();
    let output = serde_json::to_string(&Settled::of(&outcome)).unwrap();
    let state = bench.world.state();
    assert_eq!(state.tokens.state(&later.token.unwrap()), &TaskState::Resumed(Resumption::Success(output)));
    assert_eq!(state.store.table.waits[&bench.plan.wait.id].delivered, Some(registration.generation));
}

#[test]
fn a_job_id_that_belongs_to_another_wait_fails_the_wait_and_leaves_the_other_untouched() {
    let bench = Bench::new(&EARLY_WEBHOOK);
    let name = bench.integration();
    let other = WaitId::derive("arn:other", &name, "#0");
    let job_id = JobId::parse("job-1").unwrap();
    let registration = Registration { id: other.clone(), ..bench.registration(&bench.attempt(0)) };
    bench.register(registration);
    bench.bind(&job_id, &other);
    let before = bench.world.state().store.table.waits[&other].clone();

    assert_eq!(error(&bench.submit(0)), Some("JobIdTaken"));
    assert_eq!(bench.row().status, Status::Failed);
    let state = bench.world.state();
    assert_eq!(state.store.table.waits[&other], before);
    let rendezvous = &state.store.table.rendezvous[&(name, job_id)];
    assert_eq!((rendezvous.wait_id.as_ref(), &rendezvous.event), (Some(&other), &None));
}

#[test]
fn a_wait_whose_integration_has_changed_is_sent_as_the_pinned_text_says() {
    let bench = Bench::new(&Scenario {
        pinned: Some(|text| text.replace("path = \"/v1/checks\"", "path = \"/v0/checks\"")),
        ..EARLY_WEBHOOK
    });
    assert_eq!(bench.submit(0), TaskState::Waiting);
    assert_eq!(bench.world.state().vendor.submits, ["https://identity.example.com/v0/checks"]);
}

#[test]
fn a_wait_whose_pinned_text_is_gone_fails_and_sends_nothing() {
    let mut bench = Bench::new(&EARLY_WEBHOOK);
    bench.plan.wait.digest = "0".repeat(32);
    assert_eq!(error(&bench.submit(0)), Some("IntegrationLost"));
    let state = bench.world.state();
    assert_eq!((state.vendor.submits.len(), state.store.table.waits.len()), (0, 0));
}

#[test]
fn a_webhook_is_read_as_the_version_says_with_which_its_wait_started() {
    let bench = Bench::new(&Scenario {
        // In that version an approval was a failure.
        pinned: Some(|text| {
            text.replace("[\"approved\"]", "[\"cleared\"]").replace("[\"declined\", ", "[\"approved\", \"declined\", ")
        }),
        ..EARLY_WEBHOOK
    });
    assert_eq!(bench.submit(0), TaskState::Waiting);
    assert_eq!(bench.deliver(0).status, 200);
    assert_eq!(bench.row().status, Status::Failed);
}
