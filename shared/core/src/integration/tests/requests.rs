//! What a request looks like that a file describes.

use crate::integration::WhenUnknown;
use crate::integration::{Bindings, Integration, Method, MissingValue};
use crate::request::{OutgoingRequest, batch_request, look_up_request, submit_request};
use crate::test_support::{bindings, render};
use crate::wait::Kept;
use serde_json::{Value, json};

const BODY: &str = "body = { scene = \"{request:/scene}\" }\n";

/// An integration whose submit has these lines instead of its body.
fn submitting(lines: &str) -> Integration {
    render(&[(BODY, &format!("{lines}\n")), ("idempotency_header = \"Idempotency-Key\"\n", "")])
}

fn submit(integration: &Integration, payload: &Value) -> Result<OutgoingRequest, MissingValue> {
    let kept = Kept::default();
    let bindings = Bindings { callback_url: Some("https://hooks.example.com/x"), ..bindings(payload, &kept) };
    Ok(submit_request(integration, &integration.base_url, &bindings, None)?.unwrap())
}

fn rendered(lines: &str, payload: &Value) -> OutgoingRequest {
    submit(&submitting(lines), payload).unwrap()
}

fn headers(request: &OutgoingRequest) -> Vec<(&str, &str)> {
    request.headers.iter().map(|(name, value)| (name.as_str(), value.expose())).collect()
}

#[test]
fn query_keys_and_values_are_escaped_and_follow_those_of_the_path() {
    let integration = render(&[
        ("path = \"/v1/jobs\"", "path = \"/v1/jobs?version=2\""),
        (BODY, "query = { \"filter[a b]\" = \"x&y={request:/v}\", empty = \"\", hook = \"{callback_url}\" }\n"),
    ]);
    let request = submit(&integration, &json!({"v": "1&2 ä"})).unwrap();
    assert_eq!(
        request.url,
        "https://render.example.com/api/v1/jobs?version=2&empty=&filter%5Ba%20b%5D=x%26y%3D1%262%20%C3%A4&hook=https%3A%2F%2Fhooks.example.com%2Fx"
    );
    assert_eq!(request.body, None);
}

#[test]
fn a_query_value_may_be_empty_or_dots_where_a_path_segment_may_not() {
    let integration = render(&[("path = \"/v1/jobs\"", "path = \"/v1/jobs?q={request:/v}&r=1\""), (BODY, "")]);
    for (value, query) in [("", "q=&r=1"), (".", "q=.&r=1"), ("..", "q=..&r=1")] {
        let request = submit(&integration, &json!({"v": value})).unwrap();
        assert_eq!(request.url, format!("https://render.example.com/api/v1/jobs?{query}"));
    }
}

#[test]
fn headers_are_added_and_may_replace_what_is_sent_by_default() {
    let lines = r#"body = { a = 1 }
headers = { Prefer = "respond-async", X-Title = "film {request:/v}", Accept = "application/hal+json", Content-Type = "application/vnd.api+json" }"#;
    let request = rendered(lines, &json!({"v": "ä, \"b\"; c"}));
    assert_eq!(
        headers(&request),
        [
            ("accept", "application/hal+json"),
            ("content-type", "application/vnd.api+json"),
            ("prefer", "respond-async"),
            ("x-title", "film ä, \"b\"; c"),
        ]
    );
}

#[test]
fn a_header_value_that_would_end_its_header_is_refused() {
    let integration = submitting("headers = { X-Title = \"{request:/v}\" }");
    for value in ["a\r\nb: c", "a\n", "\u{0}", "\u{7f}", "\u{85}"] {
        let error = submit(&integration, &json!({"v": value})).unwrap_err();
        assert_eq!(error, MissingValue::Control("request:/v".to_owned()));
        assert_eq!(
            error.to_string(),
            "the value for {request:/v} holds a control character, which would change the header it stands in"
        );
    }
}

#[test]
fn a_form_is_written_field_by_field_in_the_order_of_their_names() {
    let request = rendered(
        r#"form = { "metadata[wait]" = "{wait_id}", amount = "{request:/amount}", note = "a b+c&d" }"#,
        &json!({"amount": 100}),
    );
    assert_eq!(
        headers(&request),
        [("content-type", "application/x-www-form-urlencoded"), ("accept", "application/json")]
    );
    assert_eq!(request.body.as_deref(), Some("amount=100&metadata%5Bwait%5D=w-1&note=a%20b%2Bc%26d"));
}

#[test]
fn a_raw_body_escapes_its_values_as_the_file_says() {
    let payload = json!({"v": "<a b=\"1\">&'\n\u{1}\\</a>", "n": 7});
    let cases = [
        (
            "xml",
            "<x a='{request:/v}'>{request:/n}</x>",
            "<x a='&lt;a b=&quot;1&quot;&gt;&amp;&apos;&#10;\u{fffd}\\&lt;/a&gt;'>7</x>",
        ),
        ("json", r#"{{"v": "{request:/v}", "n": {request:/n}}}"#, r#"{"v": "<a b=\"1\">&'\n\u0001\\</a>", "n": 7}"#),
        ("url", "v={request:/v}&n={request:/n}", "v=%3Ca%20b%3D%221%22%3E%26%27%0A%01%5C%3C%2Fa%3E&n=7"),
    ];
    for (escape, text, expected) in cases {
        let lines = format!("raw = {{ content_type = \"text/x\", escape = \"{escape}\", text = '''{text}''' }}");
        let request = rendered(&lines, &payload);
        assert_eq!(request.body.as_deref(), Some(expected));
        assert_eq!(headers(&request)[0], ("content-type", "text/x"));
    }
}

#[test]
fn a_raw_body_without_placeholders_is_sent_as_it_stands() {
    let request =
        rendered(r#"raw = { content_type = "text/plain; charset=utf-8", text = "{{a}} & <b>" }"#, &Value::Null);
    assert_eq!(request.body.as_deref(), Some("{a} & <b>"));
}

#[test]
fn configured_values_stand_verbatim_and_keep_their_type() {
    let values = "[values]\nquery = 'query { node(id: 1) { id } }'\nlimit = 10\nurgent = true\nshare = 0.5\n\n[auth]";
    let body = r#"body = { query = "{value:query}", limit = "{value:limit}", urgent = "{value:urgent}", text = "{value:limit}/{value:share}" }"#;
    let integration = render(&[("[auth]", values), (BODY, &format!("{body}\n"))]);
    let sent: Value = serde_json::from_str(&submit(&integration, &Value::Null).unwrap().body.unwrap()).unwrap();
    assert_eq!(sent, json!({"query": "query { node(id: 1) { id } }", "limit": 10, "urgent": true, "text": "10/0.5"}));
}

#[test]
fn each_leg_has_its_method_and_any_may_name_another() {
    let integration = render(&[(BODY, "method = \"PATCH\"\n")]);
    assert_eq!(submit(&integration, &Value::Null).unwrap().method, Method::Patch);
    let integration = render(&[(BODY, ""), ("value = \"body:/state\"", "method = \"POST\"\nvalue = \"body:/state\"")]);
    assert_eq!(submit(&integration, &Value::Null).unwrap().method, Method::Post);
    assert_eq!(integration.status.request.method, Method::Post);
}

#[test]
fn redirects_are_followed_only_where_the_file_says_so() {
    assert!(!rendered("", &Value::Null).redirects);
    assert!(rendered("redirects = true", &Value::Null).redirects);
}

#[test]
fn a_value_that_becomes_a_dot_segment_beside_what_stands_there_is_refused() {
    for (path, value) in [("/a/.{request:/v}/b", "."), ("/a/{request:/v}./b", "."), ("/a/%2{request:/v}/b", "e")] {
        let integration = render(&[("path = \"/v1/jobs\"", &format!("path = \"{path}\"")), (BODY, "")]);
        let error = submit(&integration, &json!({"v": value})).unwrap_err();
        assert!(matches!(error, MissingValue::Unsafe(name, _) if name == "request:/v"), "{path}");
    }
}

#[test]
fn a_look_up_carries_the_waits_id_and_the_payload() {
    let look_up = "when_unknown = \"look_up\"\n[submit.look_up]\npath = \"/v1/jobs\"\nquery = { reference = \"{wait_id}\", owner = \"{request:/owner}\" }\njob_id = \"body:/data/0/id\"\n";
    let integration = render(&[("idempotency_header = \"Idempotency-Key\"\n", look_up)]);
    let WhenUnknown::LookUp(look_up) = &integration.submit.when_unknown else {
        panic!("{:?}", integration.submit.when_unknown);
    };
    let (payload, kept) = (json!({"owner": "me"}), Kept::default());
    let request = look_up_request(&integration, look_up, &integration.base_url, &bindings(&payload, &kept)).unwrap();
    assert_eq!(request.method, Method::Get);
    assert_eq!(request.url, "https://render.example.com/api/v1/jobs?owner=me&reference=w-1");
}

#[test]
fn a_request_for_many_jobs_holds_them_as_a_list_joined_or_repeated() {
    let asked = |lines: &str| {
        let batch = "batch = { most = 50, items = \"body:/jobs\", job_id = \"body:/id\" }";
        let status = format!("[status]\n{lines}\n{batch}");
        let integration = render(&[("[status]\npath = \"/v1/jobs/{job_id}\"", &status)]);
        batch_request(&integration, &integration.base_url, &["a,1", "b&2"]).unwrap()
    };
    let listed =
        asked("method = \"POST\"\npath = \"/v1/look\"\nbody = { of = \"{job_ids}\", text = \"ids: {job_ids}\" }");
    assert_eq!(listed.body.unwrap(), r#"{"of":["a,1","b&2"],"text":"ids: a,1,b&2"}"#);
    assert_eq!(asked("path = \"/v1/jobs/{job_ids}\"").url, "https://render.example.com/api/v1/jobs/a%2C1%2Cb%262");
    assert_eq!(
        asked("path = \"/v1/jobs?all=1\"\nquery = { \"id[]\" = \"{each_job_id}\", view = \"short\" }").url,
        "https://render.example.com/api/v1/jobs?all=1&id%5B%5D=a%2C1&id%5B%5D=b%262&view=short"
    );
    let form = asked("method = \"POST\"\npath = \"/v1/look\"\nform = { id = \"{each_job_id}\" }");
    assert_eq!(form.body.unwrap(), "id=a%2C1&id=b%262");
}
