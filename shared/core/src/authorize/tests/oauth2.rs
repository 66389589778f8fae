//! OAuth 2 client credentials: the request for a token, and its answer.

use crate::SecretValue;
use crate::answer::Answer;
use crate::authorize::{AccessToken, AuthError, TokenError, authorize, read_token, token_request};
use crate::integration::Integration;
use crate::request::{Job, OutgoingRequest, status_request};
use crate::test_support::{answer, at, raw_answer, render, wait_id};
use crate::wait::Kept;
use serde_json::{Value, json};

fn integration(more: &str) -> Integration {
    let oauth = format!(
        "oauth2 = {{ token_url = \"https://login.example.com/token?v=1\", client_id = \"render/id\", client_secret = \"render/secret\"{more} }}"
    );
    render(&[("bearer = { secret = \"render/api-token\" }", &oauth)])
}

fn asked(more: &str) -> OutgoingRequest {
    let integration = integration(more);
    let secrets = [("render/id", SecretValue::new("me+you:1")), ("render/secret", SecretValue::new("p&w\n"))];
    token_request(integration.auth.unwrap().oauth2().unwrap(), &secrets).unwrap()
}

fn read(received: &Answer) -> Result<AccessToken, TokenError> {
    read_token(received, at("2026-11-23T12:00:00Z"))
}

#[test]
fn a_token_is_asked_for_with_the_clients_credentials_in_a_header() {
    let request = asked(", scope = \"a b\", audience = \"https://x\"");
    assert_eq!((request.method.as_str(), request.url.as_str()), ("POST", "https://login.example.com/token?v=1"));
    assert_eq!(request.body.as_deref(), Some("grant_type=client_credentials&scope=a%20b&audience=https%3A%2F%2Fx"));
    // Base64 of "me%2Byou%3A1:p%26w": both parts are form-encoded first.
    assert_eq!(request.header("authorization").map(SecretValue::expose), Some("Basic bWUlMkJ5b3UlM0ExOnAlMjZ3"));
    let content_type = request.header("content-type").map(SecretValue::expose);
    assert_eq!(content_type, Some("application/x-www-form-urlencoded"));
    assert!(!request.credentials && !request.redirects);
}

#[test]
fn a_token_may_be_asked_for_with_the_clients_credentials_in_the_body() {
    let request = asked(", client_auth = \"body\"");
    let body = "grant_type=client_credentials&client_id=me%2Byou%3A1&client_secret=p%26w";
    assert_eq!(request.body.as_deref(), Some(body));
    assert_eq!(request.header("authorization"), None);
    assert!(!format!("{request:?}").contains("p%26w"));
}

#[test]
fn a_token_is_used_until_half_a_minute_before_it_expires() {
    let until = |expires_in: Value| {
        let body = json!({"access_token": "t-1", "token_type": "Bearer", "expires_in": expires_in});
        read(&answer(200, &body)).unwrap().expires_at
    };
    assert_eq!(until(json!(3_600)), at("2026-11-23T12:59:30Z"));
    assert_eq!(until(json!("3600")), at("2026-11-23T12:59:30Z"));
    assert_eq!(until(json!(30)), at("2026-11-23T12:00:00Z"));
    assert_eq!(until(json!(0)), at("2026-11-23T12:00:00Z"));
    for a_day in [json!(86_400), json!(u64::MAX), json!(604_800)] {
        assert_eq!(until(a_day), at("2026-11-24T11:59:30Z"));
    }
    for nonsense in [json!(null), json!(-5), json!(1e300), json!("soon"), json!("inf"), json!([]), json!(true)] {
        assert_eq!(until(nonsense), at("2026-11-23T12:04:30Z"));
    }
    let end = read_token(&answer(200, &json!({"access_token": "t"})), crate::Timestamp::MAX).unwrap();
    assert_eq!(end.expires_at, crate::Timestamp::MAX);
}

#[test]
fn an_answer_without_a_token_that_could_be_sent_is_an_error() {
    let none = Err(TokenError::NoToken);
    for body in [json!({}), json!({"access_token": null}), json!({"access_token": ""}), json!({"access_token": 7})] {
        assert_eq!(read(&answer(200, &body)), none, "{body}");
    }
    for token in ["a\nb", "ä", "a\u{7f}"] {
        assert_eq!(read(&answer(200, &json!({"access_token": token}))), none, "{token:?}");
    }
    for body in [&b""[..], b"<html>", b"access_token=t"] {
        assert_eq!(read(&raw_answer(200, body)), none);
    }
    assert_eq!(TokenError::NoToken.to_string(), "the token endpoint's answer holds no access_token");
}

#[test]
fn a_refusal_is_reported_with_the_errors_code_alone() {
    let said = |received: Answer| read(&received).unwrap_err().to_string();
    let body = json!({"error": "invalid_client", "error_description": "secret p&w is wrong"});
    assert_eq!(said(answer(401, &body)), "the token endpoint answered HTTP 401: invalid_client");
    assert_eq!(said(answer(400, &json!({"error": "a b<c>\u{1b}"}))), "the token endpoint answered HTTP 400: abc");
    assert_eq!(
        said(answer(400, &json!({"error": "x".repeat(100)}))),
        format!("the token endpoint answered HTTP 400: {}", "x".repeat(64))
    );
    assert_eq!(said(raw_answer(302, b"")), "the token endpoint answered HTTP 302");
}

#[test]
fn a_request_carries_the_token_and_needs_one() {
    let integration = integration("");
    let job = Job { wait_id: Some(&wait_id()), job_id: "j1", kept: &Kept::default() };
    let mut request = status_request(&integration, &integration.base_url, job).unwrap();
    let auth = integration.auth.as_ref().unwrap();
    let now = at("2026-11-23T12:00:00Z");
    let error = authorize(&mut request, auth, &[], None, now).unwrap_err();
    assert_eq!((error.to_string(), error), ("there is no access token".to_owned(), AuthError::NoToken));
    assert_eq!(authorize(&mut request, auth, &[], Some(&SecretValue::new("t-1")), now), Ok(()));
    assert_eq!(request.header("authorization").map(SecretValue::expose), Some("Bearer t-1"));
    assert_eq!(auth.secrets(), ["render/id", "render/secret"]);
}

#[test]
fn the_token_is_not_printed() {
    let token = read(&answer(200, &json!({"access_token": "hunter2"}))).unwrap();
    assert_eq!(format!("{token:?}"), "AccessToken { value: [REDACTED], expires_at: 2026-11-23T12:04:30Z }");
}
