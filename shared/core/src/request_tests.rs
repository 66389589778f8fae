use super::{Method, OutgoingRequest, cancel_request, status_request, submit_request};
use crate::integration::{Bindings, MissingValue};
use crate::test_support::{render, wait_id};
use serde_json::json;
use url::Url;

/// A request's parts, with the header values that its `Debug` hides.
fn parts(request: &OutgoingRequest) -> (&str, &str, Vec<(&str, &str)>, Option<&str>) {
    let headers = request.headers.iter().map(|(name, value)| (name.as_str(), value.expose())).collect();
    (request.method.as_str(), &request.url, headers, request.body.as_deref())
}

const ACCEPT: (&str, &str) = ("accept", "application/json");
const CONTENT_TYPE: (&str, &str) = ("content-type", "application/json");

#[test]
fn a_submit_carries_the_payload_and_the_waits_id_as_idempotency_key() {
    let integration = render(&[]);
    let payload = json!({"scene": {"title": "dawn \"1\""}});
    let id = wait_id();
    let bindings = Bindings { payload: &payload, job_id: None, wait_id: id.as_str(), callback_url: None };
    let request = submit_request(&integration, &integration.base_url, &bindings, Some(&id)).unwrap();
    let expected = (
        "POST",
        "https://render.example.com/api/v1/jobs",
        vec![ACCEPT, CONTENT_TYPE, ("idempotency-key", id.as_str())],
        Some(r#"{"scene":{"title":"dawn \"1\""}}"#),
    );
    assert_eq!(parts(&request), expected);
}

#[test]
fn without_an_idempotency_header_in_the_file_no_key_is_sent() {
    let integration = render(&[("idempotency_header = \"Idempotency-Key\"\n", "")]);
    let payload = json!({"scene": 1});
    let id = wait_id();
    let bindings = Bindings { payload: &payload, job_id: None, wait_id: id.as_str(), callback_url: None };
    let request = submit_request(&integration, &integration.base_url, &bindings, Some(&id)).unwrap();
    assert_eq!(parts(&request).2, [ACCEPT, CONTENT_TYPE]);
}

#[test]
fn a_look_and_a_cancellation_go_to_the_job_and_carry_no_body() {
    let integration = render(&[]);
    let elsewhere = Url::parse("http://127.0.0.1:8080").unwrap();
    let look = status_request(&integration, &elsewhere, &wait_id(), "gid://a b").unwrap();
    assert_eq!(parts(&look), ("GET", "http://127.0.0.1:8080/v1/jobs/gid%3A%2F%2Fa%20b", vec![ACCEPT], None));
    let cancel = cancel_request(&integration, &elsewhere, &wait_id(), "j1").unwrap().unwrap();
    assert_eq!(parts(&cancel), ("DELETE", "http://127.0.0.1:8080/v1/jobs/j1", vec![ACCEPT], None));
}

#[test]
fn a_cancellation_may_carry_a_body() {
    let integration = render(&[(r#"method = "DELETE""#, "method = \"PUT\"\nbody = { stop = [\"{job_id}\"] }")]);
    let cancel = cancel_request(&integration, &integration.base_url, &wait_id(), "j1").unwrap().unwrap();
    assert_eq!(parts(&cancel).2, [ACCEPT, CONTENT_TYPE]);
    assert_eq!(parts(&cancel).3, Some(r#"{"stop":["j1"]}"#));
}

#[test]
fn without_a_cancel_section_there_is_no_cancellation() {
    let integration = render(&[("[cancel]\nmethod = \"DELETE\"\npath = \"/v1/jobs/{job_id}\"\n", "")]);
    assert_eq!(cancel_request(&integration, &integration.base_url, &wait_id(), "j1"), Ok(None));
}

#[test]
fn a_job_id_that_is_a_dot_segment_is_not_looked_at() {
    let integration = render(&[]);
    let error = status_request(&integration, &integration.base_url, &wait_id(), "..").unwrap_err();
    assert_eq!(error, MissingValue::Unsafe("job_id".to_owned(), "..".to_owned()));
    assert_eq!(error.to_string(), r#"the value for {job_id} is "..", which would change the path it stands in"#);
}

#[test]
fn a_request_shows_neither_its_header_values_nor_its_body() {
    let request = OutgoingRequest {
        method: Method::Post,
        url: "https://example.com/".to_owned(),
        headers: vec![("authorization".to_owned(), crate::SecretValue::new("Bearer hunter2"))],
        body: Some("{\"patient\":\"x\"}".to_owned()),
        redirects: false,
        most_bytes: 1024,
    };
    assert_eq!(
        format!("{request:?}"),
        r#"OutgoingRequest { method: "POST", url: "https://example.com/", headers: [("authorization", [REDACTED])], body_bytes: Some(15) }"#
    );
}
