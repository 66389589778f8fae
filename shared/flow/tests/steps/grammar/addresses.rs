//! Events at a wait's own address, and at addresses that are nobody's.

use super::{SLOW, bench, changed};
use crate::direct::Bench;
use crate::scenarios::NEVER;
use crate::world::gate::Fault;
use crate::world::{End, Script, TaskState, document, signed};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::Duration;
use stepwait_core::wait::{JobId, OutcomeKind, Status};
use stepwait_core::webhook::Delivery;
use stepwait_flow::webhook::Reply;

const CAPABILITY: &str = "0000000000000000000000000000feed";

fn at(path: &str, body: &Value) -> Delivery {
    let event =
        json!({ "rawPath": path, "requestContext": { "http": { "method": "POST" } }, "body": body.to_string() });
    Delivery::from_event(event).unwrap()
}

fn own(bench: &Bench) -> String {
    format!("/webhooks/addressed/{}/{CAPABILITY}", bench.plan.wait.id)
}

fn event(end: End) -> Value {
    json!({ "data": document(&JobId::parse("job-1").unwrap(), end) })
}

fn nobody() -> Reply {
    Reply::new(404, "no integration receives webhooks at this path; the path is /webhooks/INTEGRATION")
}

#[test]
fn the_third_party_is_told_an_address_that_is_the_waits_own_and_stays_the_same_over_attempts() {
    let bench = bench("addressed", SLOW);
    bench.submit_dies_before(0, 5);
    assert_eq!(bench.world.state().vendor.told_path(), Some(own(&bench)));
    bench.world.state().now += stepwait_core::wait::SUBMIT_LOCK + Duration::from_secs(1);
    assert_eq!(bench.submit(1), TaskState::Waiting);
    let requests = bench.world.state().vendor.requests.clone();
    let bodies: Vec<_> = requests.iter().filter_map(|(_, request)| request.body.as_deref()).collect();
    assert_eq!((bodies.len(), bodies.first()), (2, bodies.last()));
}

#[test]
fn an_event_at_the_waits_own_address_ends_it_and_no_job_is_linked_by_it() {
    let bench = bench("addressed", SLOW);
    assert_eq!(bench.submit(0), TaskState::Waiting);
    let links = bench.world.state().store.table.rendezvous.clone();
    assert_eq!(bench.receive(&at(&own(&bench), &event(End::Success))), Reply::new(200, "stored and delivered"));
    let row = bench.row();
    assert_eq!(row.status, Status::Succeeded);
    let outcome = row.outcome.unwrap();
    assert_eq!(outcome.kind, OutcomeKind::Succeeded { output: json!("what was said in job-1") });
    assert_eq!(outcome.job_id, Some(JobId::parse("job-1").unwrap()));
    let state = bench.world.state();
    assert_eq!((&state.store.table.rendezvous, state.tokens.taken.len(), state.vendor.looks), (&links, 1, 0));
}

#[test]
fn whoever_is_wrong_in_any_way_gets_one_and_the_same_answer_and_changes_nothing() {
    let bench = bench("addressed", SLOW);
    assert_eq!(bench.submit(0), TaskState::Waiting);
    let before = (bench.row(), bench.world.state().store.table.rendezvous.clone());
    let id = bench.plan.wait.id.as_str();
    let unknown = id.replace(|c: char| c.is_ascii_digit(), "f");
    let paths = [
        format!("/webhooks/addressed/{id}/{}", CAPABILITY.replace("feed", "feee")),
        format!("/webhooks/addressed/{id}/"),
        format!("/webhooks/addressed/{id}"),
        format!("/webhooks/addressed/{unknown}/{CAPABILITY}"),
        format!("/webhooks/addressed/no-wait/{CAPABILITY}"),
        format!("/webhooks/thin/{id}/{CAPABILITY}"),
        format!("/webhooks/nobody/{id}/{CAPABILITY}"),
        "/webhooks/addressed".to_owned(),
    ];
    for path in paths {
        assert_eq!(bench.receive(&at(&path, &event(End::Success))), nobody(), "{path}");
    }
    assert_eq!((bench.row(), bench.world.state().store.table.rendezvous.clone()), before);
}

#[test]
fn the_address_of_an_integration_is_none_for_its_waits() {
    let bench = bench("thin", SLOW);
    assert_eq!(bench.submit(0), TaskState::Waiting);
    let path = format!("/webhooks/thin/{}/{CAPABILITY}", bench.plan.wait.id);
    assert_eq!(bench.receive(&at(&path, &event(End::Success))), nobody());
}

#[test]
fn where_the_sender_signs_as_well_its_address_alone_does_not_vouch() {
    let with_signature = |text: &str| {
        text.replace(
            "verify = \"capability\"",
            "job_id = \"body:/data/id\"\nverify = { preset = \"standard-webhooks\", secrets = [\"vendor/webhook\"] }",
        )
    };
    let bench = changed("addressed", with_signature);
    assert_eq!(bench.submit(0), TaskState::Waiting);
    let unsigned = at(&own(&bench), &event(End::Success));
    assert_eq!(bench.receive(&unsigned), Reply::new(401, "the header \"webhook-signature\" is missing"));

    let now = bench.world.state().now;
    let signed_as = |body: &Value| Delivery { path: own(&bench), ..signed("e", "addressed", &body.to_string(), now) };
    let other = json!({ "data": document(&JobId::parse("job-2").unwrap(), End::Success) });
    let ignored = Reply::new(200, "ignored: the integration takes other events");
    assert_eq!(bench.receive(&signed_as(&other)), ignored);
    assert_eq!(bench.row().outcome, None);
    assert_eq!(bench.receive(&signed_as(&event(End::Failure))), Reply::new(200, "stored and delivered"));
    assert_eq!(bench.row().status, Status::Failed);
}

#[test]
fn a_thin_event_at_an_address_whose_job_is_not_known_yet_is_asked_for_again() {
    let bench = changed("addressed", |text| text.replace("address = \"wait\"", "address = \"wait\"\nthin = true"));
    bench.submit_dies_before(0, 4);
    let path = own(&bench);
    assert_eq!(
        bench.receive(&at(&path, &event(End::Success))),
        Reply::new(503, "the job is not known yet; please send again")
    );
    assert_eq!((bench.row().outcome, bench.world.state().vendor.looks), (None, 0));
}

#[test]
fn an_event_of_a_job_that_is_under_way_is_a_heartbeat_of_its_task() {
    let bench = bench("addressed", Script { takes: NEVER, ..SLOW });
    assert_eq!(bench.plan.heartbeat_seconds, 600);
    assert_eq!(bench.submit(0), TaskState::Waiting);
    let row = bench.row();
    let noted = Reply::new(200, "noted: the job is still under way");
    assert_eq!(bench.receive(&at(&own(&bench), &event(End::Pending))), noted);
    assert_eq!((bench.row(), bench.world.state().tokens.heartbeats), (row, 1));

    // What Step Functions did not take is sent again.
    bench.world.state().gate.open(BTreeMap::from([(1, Fault::NotDone)]));
    let again = Reply::new(503, "not passed on; please send again");
    assert_eq!(bench.receive(&at(&own(&bench), &event(End::Pending))), again);
    bench.world.state().gate.open(BTreeMap::new());

    assert_eq!(bench.receive(&at(&own(&bench), &event(End::Success))).status, 200);
    assert_eq!(bench.receive(&at(&own(&bench), &event(End::Pending))), noted);
    assert_eq!(bench.world.state().tokens.heartbeats, 1, "a task that was resumed needs none");
}

#[test]
fn where_the_file_counts_on_no_heartbeat_none_is_sent() {
    let bench = bench("thin", Script { takes: NEVER, ..SLOW });
    assert_eq!(bench.submit(0), TaskState::Waiting);
    let body = event(End::Pending).to_string();
    let delivery = signed("e", "thin", &body, bench.world.state().now);
    assert_eq!(bench.receive(&delivery), Reply::new(200, "noted: the job is still under way"));
    assert_eq!(bench.world.state().tokens.heartbeats, 0);
}

#[test]
fn a_wait_without_a_heartbeat_is_given_up_with_that_reason_and_its_job_is_called_off() {
    let bench = bench("addressed", Script { takes: NEVER, ..SLOW });
    assert_eq!(bench.submit(0), TaskState::Waiting);
    let settled = bench.close("States.HeartbeatTimeout");
    assert_eq!((settled.outcome.as_str(), settled.error.as_deref()), ("cancelled", Some("WaitCancelled")));
    let reason = "no event said in time that the job is under way; see callback.heartbeat of the integration";
    assert_eq!(settled.reason.as_deref(), Some(reason));
    assert_eq!(bench.world.state().vendor.cancels, 1);
}
