//! Events: which are meant, which say enough, and which ask for a look.

use crate::ErrorName;
use crate::integration::Integration;
use crate::test_support::{job, render};
use crate::wait::OutcomeKind;
use crate::webhook::{Delivery, Event, News, read_event};
use serde_json::{Value, json};

/// The integration with these lines in its callback section.
fn with_lines(lines: &str) -> Integration {
    render(&[("job_id = \"body:/job/id\"", &format!("job_id = \"body:/job/id\"\n{lines}"))])
}

fn event(integration: &Integration, kind: &str, body: &Value) -> Event {
    let headers = [("x-event".to_owned(), kind.to_owned())].into_iter().collect();
    let delivery = Delivery {
        method: "POST".to_owned(),
        domain: String::new(),
        path: "/webhooks/render".to_owned(),
        query: String::new(),
        headers,
        body: body.to_string().into_bytes(),
    };
    read_event(integration, integration.callback.as_ref().unwrap(), &delivery).unwrap()
}

fn about_j1(news: News) -> Event {
    Event::OfJob { job_id: job("j1"), news }
}

fn body(state: &str) -> Value {
    json!({"job": {"id": "j1"}, "state": state, "film": 7})
}

#[test]
fn events_of_another_kind_are_told_apart_before_their_job_is_sought() {
    let integration = with_lines("only = { at = \"header:X-Event\", one_of = [\"job.done\"] }");
    assert_eq!(event(&integration, "invoice.paid", &json!({})), Event::Other);
    let ended = News::Ended(OutcomeKind::Succeeded { output: json!(7) });
    assert_eq!(event(&integration, "job.done", &body("done")), about_j1(ended));
}

#[test]
fn a_thin_event_asks_for_a_look_unless_it_says_that_the_job_is_under_way() {
    let integration = with_lines("thin = true");
    for state in ["done", "broken"] {
        assert_eq!(event(&integration, "", &body(state)), about_j1(News::Look { has_ended: true }), "{state}");
    }
    assert_eq!(event(&integration, "", &json!({"job": {"id": "j1"}})), about_j1(News::Look { has_ended: false }));
    assert_eq!(event(&integration, "", &body("running")), about_j1(News::Pending));
}

#[test]
fn acceptors_on_events_come_before_the_map() {
    let accept = "accept = [{ state = \"failure\", when = { at = \"header:X-Event\", equals = \"job.failed\" } }, { state = \"success\", when = { at = \"header:X-Event\", equals = \"job.done\" } }]";
    let integration = with_lines(accept);
    let failed = News::Ended(OutcomeKind::failed(ErrorName::JobFailed, r#"header:x-event is "job.failed""#));
    assert_eq!(event(&integration, "job.failed", &body("done")), about_j1(failed));
    let done = News::Ended(OutcomeKind::Succeeded { output: json!(7) });
    assert_eq!(event(&integration, "job.done", &body("running")), about_j1(done.clone()));
    assert_eq!(event(&integration, "job.other", &body("done")), about_j1(done));
    assert_eq!(event(&integration, "job.other", &body("running")), about_j1(News::Pending));
}

#[test]
fn an_event_of_a_job_whose_result_is_elsewhere_asks_for_a_look() {
    let integration = render(&[("output = \"body:/film\"", "path = \"/v1/films/{job_id}\"")]);
    assert_eq!(event(&integration, "", &body("done")), about_j1(News::Look { has_ended: true }));
    let failed = News::Ended(OutcomeKind::failed(ErrorName::JobFailed, r#"status "broken""#));
    assert_eq!(event(&integration, "", &body("broken")), about_j1(failed));
}
