//! Signed requests. The hashes are checked with the vectors of RFC 4231 and
//! RFC 2202, the signed parts with values that Python's `hmac` computed.

use crate::SecretValue;
use crate::authorize::{AuthError, authorize};
use crate::request::OutgoingRequest;
use crate::test_support::{at, bindings, render};
use crate::wait::Kept;
use serde_json::json;

/// A submit signed as these keys of `hmac` say.
fn signed(keys: &str, secret: &str) -> Result<OutgoingRequest, AuthError> {
    let hmac = format!("hmac = {{ secret = \"render/key\", {keys} }}");
    let integration = render(&[
        ("bearer = { secret = \"render/api-token\" }", &hmac),
        ("path = \"/v1/jobs\"", "path = \"/v1/jobs?a=1\"\nquery = { b = \"x y\" }"),
    ]);
    let (payload, kept) = (json!({"scene": "dawn \"1\""}), Kept::default());
    let request = integration.submit.request.as_ref().unwrap();
    let mut request = request.render(&integration, &integration.base_url, &bindings(&payload, &kept)).unwrap();
    let secrets = [("render/key", SecretValue::new(secret))];
    authorize(&mut request, integration.auth.as_ref().unwrap(), &secrets, None, at("2026-11-23T12:00:00.750Z"))?;
    Ok(request)
}

/// The header `X-Signature` of a submit so signed.
fn signature(keys: &str, secret: &str) -> Result<String, AuthError> {
    let headers = "headers = { X-Signature = \"{signature}\" }";
    signed(&format!("{keys}, {headers}"), secret).map(|request| header(&request, "x-signature"))
}

fn header(request: &OutgoingRequest, name: &str) -> String {
    request.header(name).unwrap().expose().to_owned()
}

#[test]
fn each_hash_agrees_with_its_published_vector() {
    // Test case 2 of RFC 4231 (section 4.3) and of RFC 2202 (section 3).
    let content = "content = \"what do ya want for nothing?\"";
    let cases = [
        ("sha1", "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"),
        ("sha256", "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"),
        (
            "sha512",
            "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea2505549758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737",
        ),
    ];
    for (algorithm, expected) in cases {
        let keys = format!("{content}, algorithm = \"{algorithm}\"");
        assert_eq!(signature(&keys, "Jefe").as_deref(), Ok(expected));
    }
    assert_eq!(signature(content, "Jefe").as_deref(), Ok(cases[1].1));
}

#[test]
fn a_key_may_be_written_as_text_base64_or_hexadecimal() {
    // Test case 1 of RFC 4231 (section 4.2): a key of twenty bytes 0x0b.
    let expected = "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7";
    let content = "content = \"Hi There\"";
    let hex = "0b".repeat(20);
    for (form, secret) in [
        ("hex", hex.as_str()),
        ("hex", "0B0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b\n"),
        ("base64", "CwsLCwsLCwsLCwsLCwsLCwsLCws="),
    ] {
        assert_eq!(signature(&format!("{content}, key = \"{form}\""), secret).as_deref(), Ok(expected));
    }
}

/// Everything that can be signed, a line each.
const CONTENT: &str =
    r#"content = "{method}\n{host}\n{path}\n{query}\n{path_and_query}\n{timestamp}\n{body_sha256}\n{body}""#;

#[test]
fn every_part_of_the_request_can_be_signed() {
    let cases = [
        ("sha1", "hex", "15f090428708fce31ac807b57aeeb0537fb9ea84"),
        ("sha256", "hex", "4ae982a1e892cb3d7d5a7590bc00280b6014c9324e991a4985a41075ee7536fd"),
        ("sha256", "base64", "SumCoeiSyz19WnWQvAAoC2AUyTJOmRpJhaQQde51Nv0="),
        (
            "sha512",
            "base64",
            "Zph300asnSzsJb2/j6XLUyYncMZiyfpIisudOK6zoNPhm6XfECnjvO1Rv53OHTC+Hu2rCoCjbw565rvwjmyH2w==",
        ),
    ];
    for (algorithm, encoding, expected) in cases {
        let keys = format!("{CONTENT}, algorithm = \"{algorithm}\", encoding = \"{encoding}\"");
        assert_eq!(signature(&keys, "k-1").as_deref(), Ok(expected), "{algorithm} {encoding}");
    }
}

#[test]
fn the_time_is_written_as_the_file_says() {
    let headers =
        "content = \"x\", headers = { X-Time = \"{timestamp}\", X-Signature = \"v1={signature},t={timestamp}\" }";
    for (form, expected) in
        [("seconds", "1795435200"), ("milliseconds", "1795435200750"), ("rfc3339", "2026-11-23T12:00:00Z")]
    {
        let request = signed(&format!("{headers}, timestamp = \"{form}\""), "k").unwrap();
        assert_eq!(header(&request, "x-time"), expected);
        assert!(header(&request, "x-signature").ends_with(&format!(",t={expected}")));
        assert!(header(&request, "x-signature").starts_with("v1="));
    }
}

#[test]
fn a_secret_that_is_no_key_of_its_form_is_an_error_that_does_not_quote_it() {
    let cases = [
        ("hex", "0b0", "hexadecimal"),
        ("hex", "+f", "hexadecimal"),
        ("hex", "äö", "hexadecimal"),
        ("base64", "a b", "base64"),
        ("text", " \n", "a key"),
        ("hex", "", "a key"),
    ];
    for (form, secret, what) in cases {
        let error = signature(&format!("content = \"x\", key = \"{form}\""), secret).unwrap_err();
        assert_eq!(error, AuthError::BadSecret("render/key".to_owned(), what));
        let says = format!(r#"the secret "render/key" is not {what}; correct the secret, or what [auth] says of it"#);
        assert_eq!(error.to_string(), says);
    }
}
