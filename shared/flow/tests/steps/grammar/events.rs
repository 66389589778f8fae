//! Events that say less than how a job has ended.

use super::{SLOW, api, bench, changed};
use crate::direct::Bench;
use crate::finish;
use crate::scenarios::{NEVER, PROMPT, pin};
use crate::world::{End, Script, TaskState, document, signature, signed};
use serde_json::{Value, json};
use stepwait_core::wait::{JobId, Status};
use stepwait_flow::ports::WaitStore as _;
use stepwait_flow::webhook::Reply;

fn receive(bench: &Bench, body: &Value) -> Reply {
    let now = bench.world.state().now;
    bench.receive(&signed("event-x", bench.integration().as_str(), &body.to_string(), now))
}

fn event(end: End) -> Value {
    json!({ "data": document(&JobId::parse("job-1").unwrap(), end) })
}

fn reply(status: u16, message: &str) -> Reply {
    Reply { status, message: message.to_owned(), handshake: None }
}

#[test]
fn a_thin_event_of_a_job_that_is_under_way_is_noted_and_stores_nothing() {
    let bench = bench("thin", SLOW);
    assert_eq!(bench.submit(0), TaskState::Waiting);
    let row = bench.row();
    assert_eq!(receive(&bench, &event(End::Success)), reply(200, "noted: the job is still under way"));
    assert_eq!(bench.row(), row);
    assert_eq!(bench.world.state().vendor.looks, 1);
}

#[test]
fn a_thin_event_is_believed_in_nothing_but_that_something_happened() {
    let bench = bench("thin", Script { end: End::Failure, ..PROMPT });
    assert_eq!(bench.submit(0), TaskState::Waiting);
    assert_eq!(receive(&bench, &event(End::Success)), reply(200, "stored and delivered"));
    assert_eq!(bench.row().status, Status::Failed);
}

#[test]
fn a_thin_event_of_a_wait_that_has_ended_asks_nobody_and_stores_nothing() {
    let bench = bench("thin", Script { takes: NEVER, ..PROMPT });
    assert_eq!(bench.submit(0), TaskState::Waiting);
    bench.world.state().now = bench.plan.wait.deadline;
    assert_eq!(bench.close("States.Timeout").outcome, "expired");
    let (row, looks) = (bench.row(), bench.world.state().vendor.looks);

    assert_eq!(receive(&bench, &event(End::Success)), reply(200, "stored and delivered"));
    let state = bench.world.state();
    assert_eq!(state.vendor.looks, looks);
    let linked = state.store.table.rendezvous.values().next().unwrap();
    assert_eq!((&linked.event, &state.store.table.waits[&row.id].late.len()), (&None, &0));
    assert_eq!(state.store.table.waits[&row.id].outcome, row.outcome);
}

#[test]
fn a_thin_event_of_a_job_that_no_wait_is_known_of_is_kept_with_what_a_look_finds() {
    let bench = bench("thin", PROMPT);
    bench.submit_dies_before(0, 4);
    assert_eq!(receive(&bench, &event(End::Pending)), reply(202, "kept: the job is not known yet"));
    let state = bench.world.state();
    let kept = state.store.table.rendezvous.values().next().unwrap();
    assert_eq!(kept.wait_id, None);
    assert_eq!(Status::of(&kept.event.as_ref().unwrap().kind), Status::Succeeded);
}

#[test]
fn an_event_of_a_job_that_cannot_be_looked_at_is_asked_for_again() {
    let bench = bench("thin", SLOW);
    assert_eq!(bench.submit(0), TaskState::Waiting);
    let row = bench.row();
    bench.world.state().vendor.api = Some(|_, _, _, _| Ok(api::answer(503, &json!({}))));
    let expected = reply(503, "the job could not be looked at; please send again");
    assert_eq!(receive(&bench, &event(End::Success)), expected);
    bench.world.state().vendor.api = Some(|_, _, _, _| Ok(api::answer(403, &json!({}))));
    assert_eq!(receive(&bench, &event(End::Success)), expected);
    assert_eq!(bench.row(), row);
}

#[test]
fn an_event_of_an_end_that_the_job_does_not_show_yet_is_asked_for_again() {
    let bench = bench("fetched", SLOW);
    assert_eq!(bench.submit(0), TaskState::Waiting);
    let expected = reply(503, "the job is still under way there; please send again");
    assert_eq!(receive(&bench, &event(End::Success)), expected);
    assert_eq!(bench.row().outcome, None);
}

#[test]
fn an_event_of_another_kind_is_acknowledged_and_ignored() {
    let bench = bench("handed", SLOW);
    assert_eq!(bench.submit(0), TaskState::Waiting);
    let (row, sent) = (bench.row(), bench.world.state().vendor.requests.len());
    let other = json!({ "meeting": { "id": "job-1" }, "data": { "status": "completed" } });
    assert_eq!(receive(&bench, &other), reply(200, "ignored: the integration takes other events"));
    assert_eq!(bench.row(), row);
    assert_eq!(bench.world.state().vendor.requests.len(), sent);
}

#[test]
fn an_event_in_which_an_older_version_names_another_job_does_not_end_the_wait_that_the_deployed_one_finds() {
    let mut bench = bench("handed", SLOW);
    let text = super::FILES.iter().find(|(name, _)| *name == "handed").unwrap().1;
    let older = text.replace("job_id = \"body:/data/id\"", "job_id = \"body:/data/parent\"");
    bench.plan.wait.digest = pin(&bench.world, &bench.integration(), &older);
    assert_eq!(bench.submit(0), TaskState::Waiting);

    let mut body = event(End::Success);
    body["data"]["parent"] = json!("job-7");
    assert_eq!(receive(&bench, &body).status, 202);
    assert_eq!(bench.row().outcome, None);
    let rendezvous = finish(bench.world.rendezvous(&bench.integration(), &JobId::parse("job-1").unwrap())).unwrap();
    assert_eq!(rendezvous.event, None);
}

#[test]
fn an_address_that_is_signed_is_that_at_which_the_listener_was_called_though_nobody_told_it() {
    let by_url = r#"{ hmac = "sha256", key = "base64", secrets = ["vendor/webhook"], content = "{url}|{body}", signature = { header = "X-Signature", encoding = "base64" } }"#;
    let preset = r#"{ preset = "standard-webhooks", secrets = ["vendor/webhook"] }"#;
    let bench = changed("thin", |text| text.replace(preset, by_url));
    assert_eq!(bench.submit(0), TaskState::Waiting);
    let body = event(End::Success).to_string();
    let deliver = |url: &str| {
        let mut delivery = signed("event-x", "thin", &body, bench.world.state().now);
        delivery.headers = [("x-signature".to_owned(), signature(&format!("{url}|{body}")))].into();
        bench.receive(&delivery)
    };
    assert_eq!(deliver("https://elsewhere.example.net/webhooks/thin").status, 401);
    assert_eq!(deliver("https://hooks.example.com/webhooks/thin"), reply(200, "noted: the job is still under way"));
}
