//! Webhooks that are not what they should be, or that say something else later.

use super::Bench;
use crate::scenarios::{CONTRADICTION, EARLY_WEBHOOK};
use crate::world::{TaskState, signed};
use std::collections::BTreeMap;
use stepwait_core::ErrorName;
use stepwait_core::wait::{JobId, OutcomeKind, Status, WaitRow};
use stepwait_core::webhook::Delivery;
use stepwait_flow::webhook::Reply;

fn genuine(bench: &Bench, body: &str) -> Delivery {
    signed("event-x", bench.integration().as_str(), body, bench.world.state().now)
}

/// Delivers something to a wait that was submitted; asserts that nothing changed.
fn refused(spoil: impl FnOnce(&Bench, &mut Delivery)) -> Reply {
    let bench = Bench::new(&EARLY_WEBHOOK);
    assert_eq!(bench.submit(0), TaskState::Waiting);
    let before = (bench.row(), bench.world.state().store.table.rendezvous.clone());
    let body = r#"{"data": {"check_id": "job-1", "state": "approved", "report": 1}}"#;
    let mut delivery = genuine(&bench, body);
    spoil(&bench, &mut delivery);

    let reply = bench.receive(&delivery);
    assert_eq!((bench.row(), bench.world.state().store.table.rendezvous.clone()), before);
    reply
}

#[test]
fn a_delivery_without_a_signature_is_refused() {
    let reply = refused(|_, delivery| {
        delivery.headers.remove("webhook-signature");
    });
    assert_eq!(reply, Reply::new(401, "the header \"webhook-signature\" is missing".to_owned()));
}

#[test]
fn a_delivery_whose_body_was_changed_is_refused() {
    let reply = refused(|_, delivery| delivery.body.push(b' '));
    let message = "none of the 1 signatures matches any of the 1 secrets".to_owned();
    assert_eq!(reply, Reply::new(401, message));
}

#[test]
fn a_delivery_that_was_signed_an_hour_ago_is_refused() {
    let reply = refused(|bench, _| bench.world.state().now += std::time::Duration::from_hours(1));
    assert_eq!(reply.status, 401);
    assert!(reply.message.starts_with("the header \"webhook-timestamp\" lies 3600 s before now"), "{}", reply.message);
}

#[test]
fn a_genuine_delivery_that_is_not_json_is_refused_with_its_kind_and_not_its_content() {
    let reply = refused(|bench, delivery| *delivery = genuine(bench, "<html>"));
    let message = "the body is not JSON (6 bytes of HTML or XML)".to_owned();
    assert_eq!(reply, Reply::new(400, message));
}

#[test]
fn a_genuine_delivery_that_names_no_job_is_refused() {
    let reply = refused(|bench, delivery| *delivery = genuine(bench, r#"{"data": {}}"#));
    let message = "the event has no job id at body:/data/check_id; check callback.job_id".to_owned();
    assert_eq!(reply, Reply::new(400, message));
}

#[test]
fn a_delivery_to_an_integration_that_receives_none_is_not_found() {
    for path in ["/webhooks/transcript", "/webhooks/nobody", "/"] {
        let reply = refused(|_, delivery| path.clone_into(&mut delivery.path));
        assert_eq!(reply.status, 404, "{path}");
    }
}

/// What a genuine event of a wait's end takes, once its secret is there.
fn effects_of_an_event(spoil: impl FnOnce(&Bench)) -> Vec<&'static str> {
    let bench = Bench::new(&EARLY_WEBHOOK);
    assert_eq!(bench.submit(0), TaskState::Waiting);
    spoil(&bench);
    bench.world.state().gate.open(BTreeMap::new());
    let body = r#"{"data": {"check_id": "job-1", "state": "approved", "report": 1}}"#;
    assert_eq!(bench.receive(&genuine(&bench, body)).status, 200);
    assert_eq!((bench.row().status, bench.row().delivered), (Status::Succeeded, Some(bench.row().generation)));
    bench.world.state().gate.passed().to_vec()
}

#[test]
fn an_event_of_a_wait_that_started_with_the_deployed_version_takes_one_call_for_each_step() {
    assert_eq!(effects_of_an_event(|_| ()), ["read secret", "mail", "claim", "resume", "mark delivered"]);
}

#[test]
fn a_link_that_does_not_say_the_version_has_its_wait_read_first() {
    let as_earlier_deployments_left_it = |bench: &Bench| {
        let mut state = bench.world.state();
        let link = state.store.table.rendezvous.values_mut().next().unwrap();
        assert_eq!(link.digest.take(), Some(bench.plan.wait.digest.clone()));
    };
    assert_eq!(
        effects_of_an_event(as_earlier_deployments_left_it),
        ["read secret", "mail", "read rendezvous", "read", "mail", "claim", "resume", "mark delivered"]
    );
}

#[test]
fn an_event_of_a_job_that_nobody_knows_is_kept_and_accepted() {
    let bench = Bench::new(&EARLY_WEBHOOK);
    let body = r#"{"data": {"check_id": "job-9", "state": "approved", "report": 1}}"#;
    assert_eq!(bench.receive(&genuine(&bench, body)).status, 202);

    let state = bench.world.state();
    let kept = &state.store.table.rendezvous[&(bench.integration(), JobId::parse("job-9").unwrap())];
    let kind = kept.event.as_ref().map(|event| &event.kind);
    assert_eq!(kind, Some(&OutcomeKind::Succeeded { output: 1.into() }));
    assert_eq!((&kept.wait_id, state.store.table.waits.len()), (&None, 0));
}

#[test]
fn an_event_that_contradicts_the_stored_one_is_kept_as_late_and_changes_nothing() {
    let bench = Bench::new(&CONTRADICTION);
    assert_eq!(bench.submit(0), TaskState::Waiting);
    assert_eq!(bench.deliver(0).status, 200);
    let row = bench.row();
    assert_eq!(row.status, Status::Succeeded);

    assert_eq!(bench.deliver(1).status, 200);
    let after = bench.row();
    let late: Vec<_> = after.late.iter().map(|late| late.kind.clone()).collect();
    let reason = "status \"declined\": the document is forged";
    assert_eq!(late, [OutcomeKind::failed(ErrorName::JobFailed, reason)]);
    assert_eq!(WaitRow { late: Vec::new(), ..after }, row);
    assert_eq!(bench.world.state().tokens.taken.len(), 1);
}
