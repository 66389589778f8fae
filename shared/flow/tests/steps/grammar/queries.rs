//! Events as forms and as query strings, and how long a sender is kept waiting.

use super::{SLOW, bench, changed};
use crate::direct::Bench;
use crate::world::{End, TaskState, document, signed};
use serde_json::json;
use std::time::Duration;
use stepwait_core::answer::TransportError;
use stepwait_core::wait::{JobId, OutcomeKind, Status};
use stepwait_core::webhook::Delivery;
use stepwait_flow::webhook::Reply;

/// The callback section replaced by one that reads a form or a query string,
/// from a sender that shows its secret.
fn reading(place: &str) -> Bench {
    changed("thin", |text| {
        let (rest, _) = text.split_once("[callback]").unwrap();
        format!(
            "{rest}[callback]\njob_id = \"{place}id\"\nvalue = \"{place}status\"\noutput = \"{place}output\"\nerror = [\"{place}cause\", \"{place}error\"]\nverify = {{ preset = \"shared-header\", header = \"X-Secret\", secrets = [\"vendor/login\"] }}\n"
        )
    })
}

fn sent(query: &str, content_type: &str, body: &str) -> Delivery {
    let event = json!({
        "rawPath": "/webhooks/thin",
        "rawQueryString": query,
        "requestContext": { "http": { "method": "GET" } },
        "headers": { "X-Secret": "api-token", "Content-Type": content_type },
        "body": body,
    });
    Delivery::from_event(event).unwrap()
}

const FORM: &str = "application/x-www-form-urlencoded";

#[test]
fn an_event_that_is_called_as_a_link_ends_its_wait() {
    let bench = reading("query:");
    assert_eq!(bench.submit(0), TaskState::Waiting);
    let delivery = sent("id=job-1&status=completed&output=all%20is%20well", "", "");
    assert_eq!(bench.receive(&delivery), Reply::new(200, "stored and delivered"));
    let kind = bench.row().outcome.unwrap().kind;
    assert_eq!(kind, OutcomeKind::Succeeded { output: json!("all is well") });
}

#[test]
fn an_event_that_is_a_form_ends_its_wait() {
    let bench = reading("body:/");
    assert_eq!(bench.submit(0), TaskState::Waiting);
    let delivery = sent("", FORM, "id=job-1&status=error&error=Dark&cause=no+light&id=job-2");
    assert_eq!(bench.receive(&delivery), Reply::new(200, "stored and delivered"));
    assert_eq!(bench.row().status, Status::Failed);
    let task = bench.world.state().tokens.taken.pop().unwrap();
    assert!(format!("{:?}", task.with).contains("thin job job-1: status \\\"error\\\": no light"), "{task:?}");
}

#[test]
fn an_event_of_an_unknown_job_is_kept_whatever_its_form() {
    let bench = reading("query:");
    let delivery = sent("id=job-9&status=completed&output=x", "", "");
    assert_eq!(bench.receive(&delivery), Reply::new(202, "kept: the job is not known yet"));
    let state = bench.world.state();
    let kept = &state.store.table.rendezvous[&(bench.integration(), JobId::parse("job-9").unwrap())];
    assert!(kept.event.is_some());
}

#[test]
fn what_a_form_lacks_is_said_without_repeating_it() {
    let bench = reading("body:/");
    let delivery = sent("", FORM, "ID=secret-job&status=completed");
    let says = "the event has no job id at body:/id; check callback.job_id";
    assert_eq!(bench.receive(&delivery), Reply::new(400, says));
}

#[test]
fn a_look_for_a_sender_that_waits_is_given_up_in_time_for_an_answer() {
    let bench = bench("thin", SLOW);
    assert_eq!(bench.submit(0), TaskState::Waiting);
    let now = bench.world.state().now;
    let body = json!({ "data": document(&JobId::parse("job-1").unwrap(), End::Success) }).to_string();
    // A third party that does not answer before whoever asked has gone.
    bench.world.state().vendor.api = Some(|_, request, now, _| match request.until {
        Some(until) if until > now => Err(TransportError::Broken),
        Some(_) | None => panic!("a look that nobody bounds"),
    });
    let reply = bench.receive(&signed("e", "thin", &body, now));
    assert_eq!(reply, Reply::new(503, "the job could not be looked at; please send again"));
    let state = bench.world.state();
    let (_, look) = state.vendor.requests.last().unwrap();
    assert_eq!(look.until, Some(now + Duration::from_secs(5)));
    let submit = &state.vendor.requests.first().unwrap().1;
    assert_eq!(submit.until, None, "nobody waits for a submit");
}
