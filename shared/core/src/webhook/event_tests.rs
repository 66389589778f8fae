use super::{Event, EventError, News, read};
use crate::ErrorName;
use crate::test_support::{job, render};
use crate::wait::OutcomeKind;
use crate::webhook::Delivery;
use serde_json::{Value, json};

fn delivery(body: &[u8], headers: &[(&str, &str)]) -> Delivery {
    let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Delivery {
        method: "POST".to_owned(),
        domain: String::new(),
        path: "/webhooks/render".to_owned(),
        query: String::new(),
        headers,
        body: body.to_vec(),
    }
}

/// Reads an event for the integration file so changed.
fn read_with(changes: &[(&str, &str)], delivery: &Delivery) -> Result<Event, EventError> {
    let integration = render(changes);
    let callback = integration.callback.clone().unwrap();
    read(&integration, &callback, delivery)
}

fn read_json(body: &Value) -> Result<Event, EventError> {
    read_with(&[], &delivery(body.to_string().as_bytes(), &[]))
}

fn about_j1(news: News) -> Result<Event, EventError> {
    Ok(Event::OfJob { job_id: job("j1"), news })
}

fn no_job_id() -> Result<Event, EventError> {
    Err(EventError::NoJobId("body:/job/id".to_owned()))
}

/// The file says where events differ from answers.
const PLACES_OF_ITS_OWN: (&str, &str) = (
    "job_id = \"body:/job/id\"",
    "job_id = \"body:/job/id\"\nvalue = \"body:/job/state\"\noutput = \"body:/job/film\"\nerror = \"body:/job/why\"",
);

#[test]
fn an_event_is_read_by_the_rules_of_answers_where_the_file_says_no_others() {
    let cases = [
        (json!({"job": {"id": "j1"}, "state": "running"}), News::Pending),
        (
            json!({"job": {"id": "j1"}, "state": "done", "film": 7}),
            News::Ended(OutcomeKind::Succeeded { output: json!(7) }),
        ),
        (
            json!({"job": {"id": "j1"}, "state": "broken", "why": "no light"}),
            News::Ended(OutcomeKind::failed(ErrorName::JobFailed, r#"status "broken": no light"#)),
        ),
    ];
    for (body, news) in cases {
        assert_eq!(read_json(&body), about_j1(news), "{body}");
    }
}

#[test]
fn an_event_is_read_at_its_own_places_where_the_file_says_so() {
    let event = |job: Value| delivery(json!({"job": job, "state": "queued"}).to_string().as_bytes(), &[]);
    let done = event(json!({"id": "j1", "state": "done", "film": 7}));
    let ended = OutcomeKind::Succeeded { output: json!(7) };
    assert_eq!(read_with(&[PLACES_OF_ITS_OWN], &done), about_j1(News::Ended(ended)));
    let broken = event(json!({"id": "j1", "state": "broken", "why": "no light"}));
    let ended = OutcomeKind::failed(ErrorName::JobFailed, r#"status "broken": no light"#);
    assert_eq!(read_with(&[PLACES_OF_ITS_OWN], &broken), about_j1(News::Ended(ended)));
}

#[test]
fn an_event_without_a_status_reports_something_else_and_ends_nothing() {
    for state in [json!(null), json!({"name": "done"})] {
        assert_eq!(read_json(&json!({"job": {"id": "j1"}, "state": state})), about_j1(News::Pending));
    }
    assert_eq!(read_json(&json!({"job": {"id": "j1"}, "viewers": 3})), about_j1(News::Pending));
}

#[test]
fn a_status_never_seen_before_ends_a_wait_only_where_the_file_says_so() {
    let event = delivery(br#"{"job": {"id": "j1"}, "state": "paused"}"#, &[]);
    assert_eq!(read_with(&[], &event), about_j1(News::Unlisted("paused".to_owned())));
    let strict = ("[result]", "unknown = \"failure\"\n[result]");
    let ended = OutcomeKind::failed(ErrorName::JobFailed, r#"status "paused""#);
    assert_eq!(read_with(&[strict], &event), about_j1(News::Ended(ended)));
}

#[test]
fn a_job_may_be_named_by_a_number_or_by_a_header() {
    assert_eq!(read_json(&json!({"job": {"id": 42}})), Ok(Event::OfJob { job_id: job("42"), news: News::Pending }));
    let in_header = [("job_id = \"body:/job/id\"", "job_id = \"header:X-Job\"")];
    assert_eq!(read_with(&in_header, &delivery(b"{}", &[("x-job", "j1")])), about_j1(News::Pending));
}

#[test]
fn an_event_that_names_no_usable_job_is_an_error_that_says_where_it_was_sought() {
    let too_long = "x".repeat(1_025);
    for id in [json!(null), json!(""), json!({"v": 1}), json!(["j1"]), json!("a\u{0}b"), json!(too_long)] {
        assert_eq!(read_json(&json!({"job": {"id": id}, "state": "done", "film": 1})), no_job_id(), "{id}");
    }
    assert_eq!(read_json(&json!([])), no_job_id());
    assert_eq!(no_job_id().unwrap_err().to_string(), "the event has no job id at body:/job/id; check callback.job_id");
}

#[test]
fn a_body_that_is_not_json_is_an_error_that_does_not_quote_it() {
    let cases: [(&[u8], &str); 3] = [
        (b"", "the body is not JSON (0 bytes of nothing)"),
        (b"<secret/>", "the body is not JSON (9 bytes of HTML or XML)"),
        (b"{\"job\": {\"id\"", "the body is not JSON (13 bytes of cut-off or malformed JSON)"),
    ];
    for (body, says) in cases {
        let error = read_with(&[], &delivery(body, &[])).unwrap_err();
        assert_eq!(error, EventError::NotJson(says.to_owned()));
        assert_eq!(error.to_string(), says);
    }
}

#[test]
fn a_success_without_its_result_is_a_failure() {
    let reason = "the job is done, but there is no result at body:/film; check result.output";
    let ended = OutcomeKind::failed(ErrorName::BadAnswer, reason);
    assert_eq!(read_json(&json!({"job": {"id": "j1"}, "state": "done"})), about_j1(News::Ended(ended)));
}

#[test]
fn a_thin_event_asks_for_a_look_and_tells_whether_the_job_should_have_ended() {
    let thin = ("job_id = \"body:/job/id\"", "job_id = \"body:/job/id\"\nthin = true");
    let cases = [
        (json!({"job": {"id": "j1"}, "state": "running"}), News::Pending),
        (json!({"job": {"id": "j1"}, "state": "done"}), News::Look { has_ended: true }),
        (json!({"job": {"id": "j1"}, "state": "broken"}), News::Look { has_ended: true }),
        (json!({"job": {"id": "j1"}}), News::Look { has_ended: false }),
    ];
    for (body, news) in cases {
        let read = read_with(&[thin], &delivery(body.to_string().as_bytes(), &[]));
        assert_eq!(read, about_j1(news), "{body}");
    }
}

fn form(body: &str) -> Delivery {
    delivery(body.as_bytes(), &[("content-type", "application/x-www-form-urlencoded")])
}

#[test]
fn a_form_is_read_as_an_object_of_texts() {
    let in_form = [("job_id = \"body:/job/id\"", "job_id = \"body:/job\"")];
    let ended = News::Ended(OutcomeKind::Succeeded { output: json!("7 of 7") });
    assert_eq!(read_with(&in_form, &form("job=j1&state=done&film=7+of+7&job=j2")), about_j1(ended));
    assert_eq!(read_with(&in_form, &form("job=j1&state=running")), about_j1(News::Pending));
}

/// Everything stands in the query string, as callbacks by a link have it.
const IN_QUERY: &str = "job_id = \"query:id\"\nvalue = \"query:status\"\noutput = \"query:output\"\nerror = [\"query:cause\", \"query:error\"]";

fn asked(query: &str, body: &[u8]) -> Delivery {
    Delivery { method: "GET".to_owned(), query: query.to_owned(), ..delivery(body, &[]) }
}

#[test]
fn an_event_may_say_all_in_its_query_string() {
    let in_query = [("job_id = \"body:/job/id\"", IN_QUERY)];
    let ended = News::Ended(OutcomeKind::Succeeded { output: json!("a b") });
    assert_eq!(read_with(&in_query, &asked("id=j1&status=done&output=a%20b&id=j2", b"")), about_j1(ended));
    let failed = News::Ended(OutcomeKind::failed(ErrorName::JobFailed, r#"status "broken": no light"#));
    assert_eq!(read_with(&in_query, &asked("id=j1&status=broken&error=Dark&cause=no+light", b"")), about_j1(failed));
    assert_eq!(read_with(&in_query, &asked("id=j1", b"<not looked at>")), about_j1(News::Pending));
    let error = EventError::NoJobId("query:id".to_owned());
    assert_eq!(read_with(&in_query, &asked("status=done", b"{}")), Err(error));
}

#[test]
fn of_an_event_without_a_body_the_query_string_is_the_result_where_the_file_names_no_place() {
    let whole = [
        ("job_id = \"body:/job/id\"", "job_id = \"query:id\"\nvalue = \"query:status\""),
        ("[result]\noutput = \"body:/film\"\n", ""),
    ];
    let ended = OutcomeKind::Succeeded { output: json!({"id": "j1", "status": "done"}) };
    assert_eq!(read_with(&whole, &asked("id=j1&status=done", b"")), about_j1(News::Ended(ended)));
    let ended = OutcomeKind::Succeeded { output: json!({"film": 7}) };
    assert_eq!(read_with(&whole, &asked("id=j1&status=done", b"{\"film\": 7}")), about_j1(News::Ended(ended)));
}

#[test]
fn an_acceptor_may_say_that_an_event_is_about_something_else() {
    let ignore = "accept = [{ state = \"ignore\", when = { at = \"body:/state\", equals = \"rendered\" } }]";
    let file = [("job_id = \"body:/job/id\"", format!("job_id = \"body:/job/id\"\n{ignore}"))];
    let file = [(file[0].0, file[0].1.as_str())];
    assert_eq!(read_with(&file, &delivery(br#"{"state": "rendered"}"#, &[])), Ok(Event::Other));
    let done = delivery(br#"{"job": {"id": "j1"}, "state": "done", "film": 7}"#, &[]);
    assert_eq!(read_with(&file, &done), about_j1(News::Ended(OutcomeKind::Succeeded { output: json!(7) })));
}

#[test]
fn an_event_at_a_waits_own_address_is_of_that_wait_whether_or_not_it_names_its_job() {
    let verify = "verify = { preset = \"standard-webhooks\", secrets = [\"render/webhook\"] }";
    let done = delivery(br#"{"job": {"id": "j1"}, "state": "done", "film": 7}"#, &[]);
    let news = || News::Ended(OutcomeKind::Succeeded { output: json!(7) });
    let body = "body = { scene = \"{request:/scene}\" }";
    let tells = (body, "body = { scene = \"{callback_url}\" }");
    let unnamed = [tells, ("job_id = \"body:/job/id\"", "address = \"wait\""), (verify, "verify = \"capability\"")];
    assert_eq!(read_with(&unnamed, &done), Ok(Event::OfWait { named: None, news: news() }));
    let named = [tells, ("job_id = \"body:/job/id\"", "address = \"wait\"\njob_id = \"body:/job/id\"")];
    assert_eq!(read_with(&named, &done), Ok(Event::OfWait { named: Some(job("j1")), news: news() }));
    let anonymous = delivery(br#"{"state": "done", "film": 7}"#, &[]);
    assert_eq!(read_with(&named, &anonymous), Ok(Event::OfWait { named: None, news: news() }));
}

#[test]
fn what_sns_sends_of_another_topic_is_none_of_our_business() {
    let topic = "arn:aws:sns:eu-central-1:123456789012:films";
    let lines = format!("job_id = \"body:/job/id\"\nhandshake = {{ preset = \"sns\", topic = \"{topic}\" }}");
    let file = [("job_id = \"body:/job/id\"", lines.as_str())];
    let event = |topic: &str| {
        let body = json!({"TopicArn": topic, "job": {"id": "j1"}, "state": "done", "film": 7});
        read_with(&file, &delivery(body.to_string().as_bytes(), &[]))
    };
    assert_eq!(event(topic), about_j1(News::Ended(OutcomeKind::Succeeded { output: json!(7) })));
    assert_eq!(event("arn:aws:sns:eu-central-1:999999999999:films"), Ok(Event::Other));
    assert_eq!(event(""), Ok(Event::Other));
}
