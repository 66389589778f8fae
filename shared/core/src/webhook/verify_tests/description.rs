//! Schemes that a file describes itself.

use super::{URL, accepted, check, check_at, delivery, missing, no_match, verification};
use crate::integration::Verification;
use crate::test_support::at;
use crate::webhook::{Delivery, Refusal};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

const BODY: &[u8] = br#"{"id":"evt_1","event_id":"evt_2","webhookTimestamp":1614265330000}"#;
const NOW: &str = "2021-02-25T15:02:10Z";

/// The bytes 0 to 15.
const HEX_KEY: &str = "000102030405060708090a0b0c0d0e0f";
const BASE64_KEY: &str = "AAECAwQFBgcICQoLDA0ODw==";

/// A scheme that signs everything that can be signed.
fn everything(algorithm: &str, key: &str, encoding: &str) -> Verification {
    let content = r"{method}\n{path}\n{url}\n{header:X-Time}\n{body_sha256}";
    verification(&format!(
        r#"{{ hmac = "{algorithm}", key = "{key}", secrets = ["a"], content = "{content}", signature = {{ header = "X-Signature", encoding = "{encoding}" }} }}"#
    ))
}

fn signed(signature: &str) -> Delivery {
    delivery(&[("x-signature", signature), ("x-time", "1614265330")], BODY)
}

// Python: `hmac.new(bytes(range(16)), CONTENT, NAME).hexdigest()`, CONTENT being
// `b"POST\n/webhooks/render\nhttps://hooks.example.com/webhooks/render\n1614265330\n"`
// and the `hashlib.sha256(BODY).hexdigest()` in ASCII.
const SIGNATURES: [(&str, &str); 4] = [
    ("sha1", "46d56854364a9ed6c6bdfb0737f6449aaaa5cb33"),
    ("sha256", "db83ab795590eb00b65ec5f3b85f2589050862a09a5d2f76b02c93509e5710a0"),
    ("sha384", "a295169cc24d44a44b0460b9fc0678220f673e2794aca0b8126b39c7e94fa5870bcc114941cbf36305e7e01c616f5217"),
    (
        "sha512",
        "93684a9463bee3a9d040cc780e3e1233d241753f94a97b43d8c925788353de9d03b1671d76403671170bdedb6e52597b01d3bb88e8a1fc4c02589dcfa65cd148",
    ),
];
/// The last of them, by Python's `base64.urlsafe_b64encode`.
const IN_BASE64URL: &str = "k2hKlGO-46nQQMx4Dj4SM9JBdT-UqXtD2MkleINT3p0DsWcddkA2cRcL3ttuUll7AdO7iOih_EwCWJ3PplzRSA==";

#[test]
fn every_hash_key_and_encoding_is_what_python_computes() {
    for (algorithm, signature) in SIGNATURES {
        for (key, secret) in [("hex", HEX_KEY), ("base64", BASE64_KEY)] {
            for written in [signature.to_owned(), signature.to_uppercase()] {
                let verified = check(&everything(algorithm, key, "hex"), &signed(&written), &[secret], at(NOW));
                assert_eq!(verified, accepted(None), "{algorithm} {key}");
            }
        }
    }
    let scheme = everything("sha512", "hex", "base64url");
    for written in [IN_BASE64URL, IN_BASE64URL.trim_end_matches('=')] {
        assert_eq!(check(&scheme, &signed(written), &[HEX_KEY], at(NOW)), accepted(None), "{written}");
    }
}

#[test]
fn a_signature_by_another_hash_or_key_form_is_refused() {
    for (algorithm, _) in SIGNATURES {
        for (other, signature) in SIGNATURES.iter().filter(|(other, _)| *other != algorithm) {
            let verified = check(&everything(algorithm, "hex", "hex"), &signed(signature), &[HEX_KEY], at(NOW));
            assert_eq!(verified, no_match(1, 1), "{algorithm}, signed with {other}");
        }
    }
    let as_text = everything("sha256", "text", "hex");
    assert_eq!(check(&as_text, &signed(SIGNATURES[1].1), &[HEX_KEY], at(NOW)), no_match(1, 1));
}

#[test]
fn what_is_signed_cannot_change() {
    let scheme = everything("sha256", "hex", "hex");
    let genuine = signed(SIGNATURES[1].1);
    let mut time = genuine.clone();
    time.headers.insert("x-time".to_owned(), "1614265331".to_owned());
    let changed = [
        Delivery { method: "PUT".to_owned(), ..genuine.clone() },
        Delivery { method: "POST".to_owned(), path: "/webhooks/other".to_owned(), ..genuine.clone() },
        Delivery { body: b"{}".to_vec(), ..genuine.clone() },
        time,
    ];
    for delivery in changed {
        assert_eq!(check(&scheme, &delivery, &[HEX_KEY], at(NOW)), no_match(1, 1), "{delivery:?}");
    }
    let elsewhere = check_at(&scheme, &genuine, &[HEX_KEY], Some("https://other.example.com"), at(NOW));
    assert_eq!(elsewhere, no_match(1, 1));
}

#[test]
fn what_is_signed_and_unknown_is_an_error_and_never_an_empty_text() {
    let scheme = everything("sha256", "hex", "hex");
    let genuine = signed(SIGNATURES[1].1);
    let mut without_time = genuine.clone();
    without_time.headers.remove("x-time");
    assert_eq!(check(&scheme, &without_time, &[HEX_KEY], at(NOW)), missing("x-time"));
    let no_method = Delivery { method: String::new(), ..genuine.clone() };
    assert_eq!(check(&scheme, &no_method, &[HEX_KEY], at(NOW)), Err(Refusal::NoMethod));
    let no_url = check_at(&scheme, &genuine, &[HEX_KEY], None, at(NOW));
    assert_eq!(no_url, Err(Refusal::NoCallbackUrl));
}

#[test]
fn keys_in_hex_have_at_least_16_bytes() {
    let scheme = everything("sha256", "hex", "hex");
    for secret in ["", "0", HEX_KEY.split_at(30).0, HEX_KEY.split_at(31).0, "xx0102030405060708090a0b0c0d0e0f"] {
        let refusal = Refusal::BadSecret("at least 16 bytes in hex");
        assert_eq!(check(&scheme, &signed(SIGNATURES[1].1), &[secret], at(NOW)), Err(refusal), "{secret:?}");
    }
}

/// A signature by the text `an-agreed-secret` over this content.
fn sign(content: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(b"an-agreed-secret").unwrap();
    mac.update(content);
    mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn what_a_sender_wrote_is_never_read_as_a_placeholder() {
    let scheme = verification(
        r#"{ hmac = "sha256", secrets = ["a"], content = "{{{header:X-Note}}}{body}", signature = { header = "X-S" } }"#,
    );
    for note in ["{body}", "{header:X-S}", "{{", "}", "{"] {
        for body in ["{header:X-Note}", "{{body}}", "{"] {
            let verbatim = sign(format!("{{{note}}}{body}").as_bytes());
            let genuine = delivery(&[("x-note", note), ("x-s", &verbatim)], body.as_bytes());
            assert_eq!(check(&scheme, &genuine, &["an-agreed-secret"], at(NOW)), accepted(None), "{note} {body}");
        }
    }
    let substituted = sign(b"{the body}the body");
    let forged = delivery(&[("x-note", "{body}"), ("x-s", &substituted)], b"the body");
    assert_eq!(check(&scheme, &forged, &["an-agreed-secret"], at(NOW)), no_match(1, 1));
}

#[test]
fn a_body_of_any_bytes_is_signed_as_it_is() {
    let scheme = verification(
        r#"{ hmac = "sha256", secrets = ["a"], content = "{url}|{body}", signature = { header = "X-S" } }"#,
    );
    for body in [&b""[..], b"\xff\xfe\x00", "ü".as_bytes()] {
        let signature = sign(&[URL.as_bytes(), b"|", body].concat());
        let genuine = delivery(&[("x-s", &signature)], body);
        assert_eq!(check(&scheme, &genuine, &["an-agreed-secret"], at(NOW)), accepted(None), "{body:?}");
    }
}

#[test]
fn fields_of_the_signatures_header_may_be_signed_and_signatures_repeated() {
    let scheme = verification(
        r#"{ hmac = "sha256", secrets = ["a"], content = "{field:nonce}.{timestamp}.{body}", signature = { header = "X-S", field = "v1" }, timestamp = { field = "t" } }"#,
    );
    let check = |header: &str| check(&scheme, &delivery(&[("x-s", header)], BODY), &["an-agreed-secret"], at(NOW));
    let (right, wrong) = (sign(&[b"n=7.1614265330.", BODY].concat()), sign(b""));
    assert_eq!(check(&format!("t=1614265330,nonce=n=7,v1={right}")), accepted(None));
    assert_eq!(check(&format!("v0={wrong}, v1={wrong}, v1={right}, nonce=n=7, t=1614265330, other")), accepted(None));
    assert_eq!(check(&format!("t=1614265330,nonce=n=7,v1={wrong}")), no_match(1, 1));
    assert_eq!(check(&format!("t=1614265330,nonce=n=7,v0={right},v1={wrong}")), no_match(1, 1));
    // The first of a name is what is signed.
    assert_eq!(check(&format!("t=1614265330,nonce=n=8,nonce=n=7,v1={right}")), no_match(1, 1));
    let lacks = |field: &str| Err(Refusal::MissingField { header: "x-s".to_owned(), field: field.to_owned() });
    assert_eq!(check(&format!("t=1614265330,v1={right}")), lacks("nonce"));
    assert_eq!(check(&format!("t=1614265330,nonce=,v1={right}")), lacks("nonce"));
    assert_eq!(check(&format!("nonce=n=7,v1={right}")), lacks("t"));
}

#[test]
fn a_gateway_that_joins_headers_by_commas_does_no_harm_where_the_file_says_so() {
    let scheme = verification(
        r#"{ hmac = "sha256", secrets = ["a"], content = "{body}", signature = { header = "X-S", separator = "," } }"#,
    );
    let joined = format!("{}, {}", sign(b""), sign(BODY));
    let verified = check(&scheme, &delivery(&[("x-s", &joined)], BODY), &["an-agreed-secret"], at(NOW));
    assert_eq!(verified, accepted(None));
}

#[test]
fn a_refusal_says_what_to_look_at() {
    let place = || r#"the header "x-t""#.to_owned();
    let header = || "x-s".to_owned();
    let said = [
        Refusal::MissingHeader(header()),
        Refusal::MissingField { header: header(), field: "t".to_owned() },
        Refusal::NoMethod,
        Refusal::NoCallbackUrl,
        Refusal::NoSignature { place: r#"the header "x-s""#.to_owned(), form: "\"v1=\" and hex".to_owned() },
        Refusal::BadSecret("at least 16 bytes in hex"),
        Refusal::NoMatch { signatures: 1, secrets: 2 },
        Refusal::WrongSecret { header: header(), secrets: 2 },
        Refusal::MissingValue(r#"the body's "/at""#.to_owned()),
        Refusal::BadTimestamp { place: place(), unit: "a number of seconds" },
        Refusal::OutsideTolerance { place: place(), apart_ms: -399_001, tolerance: 300 },
    ]
    .map(|refusal| (refusal.to_string(), refusal.is_ours()));
    let expected = [
        (r#"the header "x-s" is missing"#, false),
        (r#"the header "x-s" has no field "t""#, false),
        ("the sender signs the request's method, which the gateway did not pass on", true),
        ("the sender signs the listener's URL, which this deployment does not know", true),
        (r#"the header "x-s" holds no signature written as "v1=" and hex"#, false),
        ("a signing secret is not at least 16 bytes in hex", true),
        ("none of the 1 signatures matches any of the 2 secrets", false),
        (r#"the header "x-s" holds none of the 2 secrets"#, false),
        (r#"the body's "/at" is missing or no text or number"#, false),
        (r#"the header "x-t" is not a number of seconds"#, false),
        (
            r#"the header "x-t" lies 400 s after now, at most 300 s are accepted; look at the sender's clock, or send the delivery again"#,
            false,
        ),
    ]
    .map(|(text, ours)| (text.to_owned(), ours));
    assert_eq!(said, expected);
}
