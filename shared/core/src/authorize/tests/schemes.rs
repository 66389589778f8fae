//! Bearer, basic, headers and query keys.

use crate::SecretValue;
use crate::authorize::{AuthError, authorize};
use crate::integration::{Auth, Integration};
use crate::request::{Job, OutgoingRequest, status_request};
use crate::test_support::{at, render, wait_id};
use crate::wait::Kept;

const BEARER: &str = "bearer = { secret = \"render/api-token\" }";

fn integration(auth: &str) -> Integration {
    render(&[(BEARER, auth)])
}

fn request(integration: &Integration) -> OutgoingRequest {
    let job = Job { wait_id: Some(&wait_id()), job_id: "j1", kept: &Kept::default() };
    status_request(integration, &integration.base_url, job).unwrap()
}

/// The request with its credentials, from these secrets.
fn authorized(auth: &str, secrets: &[(&str, &str)]) -> Result<OutgoingRequest, AuthError> {
    let integration = integration(auth);
    let secrets: Vec<_> = secrets.iter().map(|(name, value)| (*name, SecretValue::new(*value))).collect();
    let mut request = request(&integration);
    let auth: &Auth = integration.auth.as_ref().unwrap();
    authorize(&mut request, auth, &secrets, None, at("2026-11-23T12:00:00Z"))?;
    Ok(request)
}

/// The `Authorization` header from these secrets.
fn authorization(auth: &str, secrets: &[(&str, &str)]) -> Result<String, AuthError> {
    authorized(auth, secrets).map(|request| request.header("authorization").unwrap().expose().to_owned())
}

#[test]
fn a_bearer_token_is_sent_without_the_line_break_that_files_end_with() {
    assert_eq!(authorization(BEARER, &[("render/api-token", " t-1\n")]), Ok("Bearer t-1".to_owned()));
}

#[test]
fn basic_takes_its_user_from_the_file_or_from_the_secret() {
    // RFC 7617, section 2.
    let aladdin = Ok("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==".to_owned());
    let named = "basic = { user = \"Aladdin\", secret = \"render/login\" }";
    assert_eq!(authorization(named, &[("render/login", "open sesame")]), aladdin);
    let whole = "basic = { secret = \"render/login\" }";
    assert_eq!(authorization(whole, &[("render/login", "Aladdin:open sesame\n")]), aladdin);
    let error = authorization(whole, &[("render/login", "open sesame")]).unwrap_err();
    assert_eq!(error, AuthError::BadSecret("render/login".to_owned(), "\"user:password\""));
    assert_eq!(
        error.to_string(),
        r#"the secret "render/login" is not "user:password"; correct the secret, or what [auth] says of it"#
    );
    // A key for the user and no password, as some vendors have it.
    assert_eq!(authorization("basic = { user = \"\", secret = \"a\" }", &[("a", "k")]), Ok("Basic Oms=".to_owned()));
}

#[test]
fn headers_and_query_keys_carry_secrets_beside_a_scheme() {
    let auth =
        format!("{BEARER}\nheaders = {{ X-Client-Id = \"a\", X-Secret = \"b\" }}\nquery = {{ api_key = \"c\" }}");
    let secrets = [("render/api-token", "t"), ("a", "1"), ("b", "2\n"), ("c", "k/1")];
    let request = authorized(&auth, &secrets).unwrap();
    let headers: Vec<_> = request.headers.iter().map(|(name, value)| (name.as_str(), value.expose())).collect();
    let expected =
        [("accept", "application/json"), ("x-client-id", "1"), ("x-secret", "2"), ("authorization", "Bearer t")];
    assert_eq!(headers, expected);
    let query: Vec<_> = request.secret_query.iter().map(|(name, value)| (name.as_str(), value.expose())).collect();
    assert_eq!(query, [("api_key", "k/1")]);
    assert_eq!(request.url, "https://render.example.com/api/v1/jobs/j1");
    assert_eq!(integration(&auth).auth.unwrap().secrets(), ["render/api-token", "a", "b", "c"]);
}

#[test]
fn a_secret_that_was_not_supplied_is_named() {
    for auth in [BEARER, "headers = { X-A = \"render/api-token\" }", "query = { a = \"render/api-token\" }"] {
        let error = authorized(auth, &[("render/other", "t")]).unwrap_err();
        assert_eq!(error, AuthError::NoSecret("render/api-token".to_owned()));
        assert_eq!(error.to_string(), r#"the secret "render/api-token" was not supplied"#);
    }
}

#[test]
fn a_request_that_gets_no_credentials_stays_as_it_is() {
    let auth = format!("{BEARER}\nheaders = {{ X-A = \"a\" }}\nquery = {{ k = \"a\" }}");
    let integration = integration(&auth);
    let mut request = OutgoingRequest { credentials: false, ..request(&integration) };
    let before = request.clone();
    let auth = integration.auth.unwrap();
    assert_eq!(authorize(&mut request, &auth, &[], None, at("2026-11-23T12:00:00Z")), Ok(()));
    assert_eq!(request, before);
}
