use super::{Job, Method, OutgoingRequest, cancel_request, status_request, submit_request};
use crate::integration::{Bindings, Integration, Jobs, MissingValue};
use crate::test_support::{render, wait_id};
use crate::wait::Kept;
use serde_json::{Value, json};
use url::Url;

/// A request's parts, with the header values that its `Debug` hides.
fn parts(request: &OutgoingRequest) -> (&str, &str, Vec<(&str, &str)>, Option<&str>) {
    let headers = request.headers.iter().map(|(name, value)| (name.as_str(), value.expose())).collect();
    (request.method.as_str(), &request.url, headers, request.body.as_deref())
}

/// The submit of this payload, with the wait's id as its key.
fn submit(integration: &Integration, payload: &Value) -> OutgoingRequest {
    let (id, kept) = (wait_id(), Kept::default());
    let bindings = Bindings {
        payload,
        jobs: Jobs::Unknown,
        wait_id: Some(id.as_str()),
        callback_url: None,
        kept: &kept,
        answer: None,
        secrets: &[],
    };
    submit_request(integration, &integration.base_url, &bindings, Some(&id)).unwrap().unwrap()
}

/// The look at a job, below this address.
fn look(integration: &Integration, base_url: &Url, job_id: &str) -> Result<OutgoingRequest, MissingValue> {
    status_request(integration, base_url, Job { wait_id: Some(&wait_id()), job_id, kept: &Kept::default() })
}

/// The cancellation of job `j1`, below this address.
fn cancel(integration: &Integration, base_url: &Url) -> Result<Option<OutgoingRequest>, MissingValue> {
    cancel_request(integration, base_url, Job { wait_id: Some(&wait_id()), job_id: "j1", kept: &Kept::default() })
}

const ACCEPT: (&str, &str) = ("accept", "application/json");
const CONTENT_TYPE: (&str, &str) = ("content-type", "application/json");

#[test]
fn a_submit_carries_the_payload_and_the_waits_id_as_idempotency_key() {
    let integration = render(&[]);
    let payload = json!({"scene": {"title": "dawn \"1\""}});
    let id = wait_id();
    let request = submit(&integration, &payload);
    let expected = (
        "POST",
        "https://render.example.com/api/v1/jobs",
        vec![CONTENT_TYPE, ACCEPT, ("idempotency-key", id.as_str())],
        Some(r#"{"scene":{"title":"dawn \"1\""}}"#),
    );
    assert_eq!(parts(&request), expected);
}

#[test]
fn without_an_idempotency_header_in_the_file_no_key_is_sent() {
    let integration = render(&[("idempotency_header = \"Idempotency-Key\"\n", "")]);
    let payload = json!({"scene": 1});
    let request = submit(&integration, &payload);
    assert_eq!(parts(&request).2, [CONTENT_TYPE, ACCEPT]);
}

#[test]
fn a_look_and_a_cancellation_go_to_the_job_and_carry_no_body() {
    let integration = render(&[]);
    let elsewhere = Url::parse("http://127.0.0.1:8080").unwrap();
    let look = look(&integration, &elsewhere, "gid://a b").unwrap();
    assert_eq!(parts(&look), ("GET", "http://127.0.0.1:8080/v1/jobs/gid%3A%2F%2Fa%20b", vec![ACCEPT], None));
    let cancel = cancel(&integration, &elsewhere).unwrap().unwrap();
    assert_eq!(parts(&cancel), ("DELETE", "http://127.0.0.1:8080/v1/jobs/j1", vec![ACCEPT], None));
}

#[test]
fn a_cancellation_may_carry_a_body() {
    let integration = render(&[(r#"method = "DELETE""#, "method = \"PUT\"\nbody = { stop = [\"{job_id}\"] }")]);
    let cancel = cancel(&integration, &integration.base_url).unwrap().unwrap();
    assert_eq!(parts(&cancel).2, [CONTENT_TYPE, ACCEPT]);
    assert_eq!(parts(&cancel).3, Some(r#"{"stop":["j1"]}"#));
}

#[test]
fn without_a_cancel_section_there_is_no_cancellation() {
    let integration = render(&[("[cancel]\nmethod = \"DELETE\"\npath = \"/v1/jobs/{job_id}\"\n", "")]);
    assert_eq!(cancel(&integration, &integration.base_url), Ok(None));
}

#[test]
fn a_job_id_that_is_a_dot_segment_is_not_looked_at() {
    let integration = render(&[]);
    let error = look(&integration, &integration.base_url, "..").unwrap_err();
    assert_eq!(error, MissingValue::Unsafe("job_id".to_owned(), "..".to_owned()));
    assert_eq!(error.to_string(), r#"the value for {job_id} is "..", which would change the path it stands in"#);
}

#[test]
fn a_request_shows_neither_its_header_values_nor_its_body() {
    let request = OutgoingRequest {
        method: Method::Post,
        url: "https://example.com/a?signature=hunter2".to_owned(),
        headers: vec![("authorization".to_owned(), crate::SecretValue::new("Bearer hunter2"))],
        secret_query: vec![("api_key".to_owned(), crate::SecretValue::new("hunter2"))],
        body: Some("{\"patient\":\"x\"}".to_owned()),
        credentials: true,
        redirects: false,
        most_bytes: 1,
        until: None,
    };
    assert_eq!(
        format!("{request:?}"),
        r#"OutgoingRequest { method: "POST", url: "https://example.com/a", headers: [("authorization", [REDACTED])], body_bytes: Some(15), .. }"#
    );
}
