//! Placeholders: what they stand for, and that nothing in them gets out of the
//! place where they stand.

use crate::integration::{Bindings, Integration, MissingValue};
use crate::request::submit_request;
use crate::test_support::{bindings, render};
use crate::wait::Kept;
use serde_json::{Value, json};

const PATH: &str = r#"path = "/v1/jobs""#;
const BODY: &str = r#"{ scene = "{request:/scene}" }"#;

/// An integration whose submit has this path and this body.
fn submitting(path: &str, body: &str) -> Integration {
    let path = format!("path = \"{path}\"");
    render(&[(r#"strategy = "poll""#, r#"strategy = "callback""#), (PATH, &path), (BODY, body)])
}

/// The URL and the body of its submit.
fn submit(integration: &Integration, payload: &Value) -> Result<(String, Value), MissingValue> {
    let kept = Kept::default();
    let bindings = Bindings { callback_url: Some("https://hooks/x?y=\""), ..bindings(payload, &kept) };
    let request = submit_request(integration, &integration.base_url, &bindings, None)?.unwrap();
    Ok((request.url, serde_json::from_str(&request.body.unwrap()).unwrap()))
}

fn url_of(path: &str, payload: &Value) -> Result<String, MissingValue> {
    submit(&submitting(path, "{}"), payload).map(|(url, _)| url)
}

fn body_of(body: &str, payload: &Value) -> Result<Value, MissingValue> {
    submit(&submitting("/", body), payload).map(|(_, body)| body)
}

#[test]
fn each_placeholder_stands_for_its_value() {
    let body = r#"{ a = "{wait_id}", b = "{callback_url}", c = "{request:/n}", d = ["x{request:/n}y{wait_id}"] }"#;
    let expected = json!({"a": "w-1", "b": "https://hooks/x?y=\"", "c": 7, "d": ["x7yw-1"]});
    assert_eq!(body_of(body, &json!({"n": 7})), Ok(expected));
}

#[test]
fn a_text_that_is_nothing_but_a_placeholder_takes_a_value_of_any_type() {
    for value in [json!(null), json!(true), json!(1.5), json!("a"), json!([1, {"b": 2}]), json!({})] {
        let payload = json!({"v": value});
        assert_eq!(body_of(r#"{ v = "{request:/v}" }"#, &payload), Ok(payload));
    }
}

#[test]
fn the_whole_payload_can_be_the_body() {
    let payload = json!({"a": [1, 2], "b": null});
    assert_eq!(body_of(r#""{request:}""#, &payload), Ok(payload));
}

#[test]
fn what_holds_no_placeholder_stays_as_the_file_has_it() {
    let body = r#"{ a = 1, b = -2.5, c = false, d = "{{request:/x}}", e = "}}{{", f = [] }"#;
    let expected = json!({"a": 1, "b": -2.5, "c": false, "d": "{request:/x}", "e": "}{", "f": []});
    assert_eq!(body_of(body, &Value::Null), Ok(expected));
}

#[test]
fn a_brace_beside_a_placeholder_is_doubled() {
    assert_eq!(body_of(r#""{{{wait_id}}}""#, &Value::Null), Ok(json!("{w-1}")));
}

#[test]
fn an_absent_value_is_an_error_and_not_an_empty_text() {
    let missing = Err(MissingValue::Payload("/scene".to_owned()));
    assert_eq!(url_of("/{request:/scene}", &json!({})), missing);
    assert_eq!(url_of("/{request:/scene}", &Value::Null), missing);
    assert_eq!(
        body_of(r#"{ a = ["-{request:/scene}-"] }"#, &json!([])),
        Err(MissingValue::Payload("/scene".to_owned()))
    );
}

#[test]
fn a_value_that_is_no_scalar_cannot_become_part_of_a_text() {
    for value in [json!(null), json!([]), json!({"a": 1})] {
        let error = url_of("/{request:/v}", &json!({"v": value})).unwrap_err();
        assert_eq!(error, MissingValue::NotScalar("request:/v".to_owned()));
        assert_eq!(
            error.to_string(),
            "the value for {request:/v} must be a text, a number, true or false, as it becomes part of a text"
        );
    }
}

#[test]
fn an_empty_value_or_a_dot_segment_cannot_be_part_of_a_path() {
    for value in ["", ".", ".."] {
        let error = url_of("/v1/{request:/v}/x", &json!({"v": value})).unwrap_err();
        assert_eq!(error, MissingValue::Unsafe("request:/v".to_owned(), value.to_owned()));
    }
}

#[test]
fn what_separates_the_parts_of_a_url_is_escaped() {
    let payload = json!({"v": "a/../b?c=d&e#f g%2Fh+ä"});
    let escaped = "a%2F..%2Fb%3Fc%3Dd%26e%23f%20g%252Fh%2B%C3%A4";
    assert_eq!(
        url_of("/v1/{request:/v}/x?q={request:/v}&r=1", &payload),
        Ok(format!("https://render.example.com/api/v1/{escaped}/x?q={escaped}&r=1"))
    );
}
