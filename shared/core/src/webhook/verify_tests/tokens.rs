//! Signatures that are tokens.

use super::cases::{CASES, Case, P256_PUBLIC, RSA_PUBLIC, SENT};
use super::{accepted, check, delivery, verification};
use crate::encoding::Encoding;
use crate::integration::Verification;
use crate::test_support::at;
use crate::webhook::{Delivery, Refusal, Verified};
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};
use sha2::Sha256;

fn plaid() -> &'static Case {
    CASES.iter().find(|case| case.preset == "plaid").unwrap()
}

/// A description that verifies the token alone, as the standards' examples sign no body.
fn token_alone(algorithm: &str, keys: &str) -> Verification {
    verification(&format!(
        r#"{{ jwt = "{algorithm}", covers_body = false, signature = {{ header = "X-Token" }}, {keys} }}"#
    ))
}

fn check_token(verification: &Verification, token: &str) -> Result<Verified, Refusal> {
    check(verification, &delivery(&[("x-token", token)], b"any body"), &[], at(SENT))
}

/// The point of RFC 7515's key: 4, x and y.
const RFC_7515_ES256: &str = "BH_Nzidw9sRdQYPL7m_bS3tYBzM1e-nvE7rPbjx70VRFx_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0";

#[test]
fn the_standards_own_tokens_are_accepted_by_their_algorithm_alone() {
    // RFC 7515, appendix A.3; RFC 8037, appendix A.4.
    let es256 = "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
    let eddsa = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";
    let by_es256 = token_alone("ES256", &format!(r#"key = "base64url", keys = ["{RFC_7515_ES256}"]"#));
    let by_eddsa = token_alone("EdDSA", r#"key = "base64url", keys = ["11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"]"#);
    assert_eq!(check_token(&by_es256, es256), accepted(None));
    assert_eq!(check_token(&by_eddsa, eddsa), accepted(None));
    for (verification, token) in [(&by_es256, eddsa), (&by_eddsa, es256)] {
        assert_eq!(check_token(verification, token), Err(another_algorithm("x-token")));
    }
    for (verification, token) in [(&by_es256, es256), (&by_eddsa, eddsa)] {
        let mut refused = 0;
        for flipped in super::header_flips(token) {
            assert!(check_token(verification, &flipped).is_err(), "{flipped}");
            refused += 1;
        }
        assert_eq!(refused, token.len() * 8);
    }
}

fn another_algorithm(header: &str) -> Refusal {
    let form = "a token of the algorithm that the file pins".to_owned();
    Refusal::NoSignature { place: format!("the header {header:?}"), form }
}

/// The genuine token of the case, with another header and signature.
fn with_token(change: impl FnOnce(&mut Value), sign: impl FnOnce(&str) -> String) -> Delivery {
    let mut delivery = plaid().genuine();
    let token = delivery.headers["plaid-verification"].clone();
    let parts: Vec<&str> = token.split('.').collect();
    let mut header: Value = serde_json::from_slice(&Encoding::Base64url.decode(parts[0]).unwrap()).unwrap();
    assert_eq!(header, json!({"alg": "ES256", "typ": "JWT", "kid": "k1"}));
    change(&mut header);
    let header = Encoding::Base64url.encode(header.to_string().as_bytes());
    let content = format!("{}.{}", header.trim_end_matches('='), parts[1]);
    let signature = sign(&content);
    delivery.headers.insert("plaid-verification".to_owned(), format!("{content}.{signature}"));
    delivery
}

#[test]
fn a_token_that_says_another_algorithm_is_refused_before_any_key_is_tried() {
    let hs256 = |key: &'static str| {
        move |content: &str| {
            let mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).unwrap().chain_update(content.as_bytes());
            Encoding::Base64url.encode(&mac.finalize().into_bytes()).trim_end_matches('=').to_owned()
        }
    };
    let forged = [
        with_token(|header| header["alg"] = json!("none"), |_| String::new()),
        with_token(|header| header["alg"] = json!("None"), |_| String::new()),
        // The public key, which everybody has, taken for a secret.
        with_token(|header| header["alg"] = json!("HS256"), hs256(P256_PUBLIC)),
        with_token(|header| header["alg"] = json!("RS256"), hs256(RSA_PUBLIC)),
        with_token(|header| header["alg"] = json!("es256"), |_| "AAAA".to_owned()),
        with_token(|header| header["alg"] = json!(["ES256"]), |_| "AAAA".to_owned()),
        with_token(|header| header["alg"] = Value::Null, |_| "AAAA".to_owned()),
    ];
    for delivery in forged {
        assert_eq!(plaid().check(&delivery, at(SENT)), Err(another_algorithm("plaid-verification")));
    }
    // The pinned algorithm, and a code by the public key in place of a signature.
    let confused = with_token(|_| {}, hs256(P256_PUBLIC));
    assert_eq!(plaid().check(&confused, at(SENT)), Err(Refusal::NoMatch { signatures: 1, secrets: 1 }));
}

#[test]
fn a_token_with_what_a_receiver_must_understand_is_refused() {
    let delivery = with_token(|header| header["crit"] = json!(["b64"]), |_| "AAAA".to_owned());
    let form = "a token without critical extensions".to_owned();
    let place = "the header \"plaid-verification\"".to_owned();
    assert_eq!(plaid().check(&delivery, at(SENT)), Err(Refusal::NoSignature { place, form }));
}

#[test]
fn what_is_no_token_is_refused() {
    for text in ["a", "a.b", "a.b.c.d", "..", "e30.e30.", "!.!.!", &"a".repeat(20_000)] {
        let mut delivery = plaid().genuine();
        delivery.headers.insert("plaid-verification".to_owned(), text.to_owned());
        let refusal = plaid().check(&delivery, at(SENT)).unwrap_err();
        assert!(matches!(refusal, Refusal::NoSignature { .. }), "{text:.20}: {refusal}");
    }
}

#[test]
fn a_token_is_good_for_its_body_and_its_time_only() {
    let case = plaid();
    let genuine = case.genuine();
    let other = Delivery { body: b"{}".to_vec(), ..genuine.clone() };
    let place = "the token's \"/request_body_sha256\"".to_owned();
    assert_eq!(case.check(&other, at(SENT)), Err(Refusal::WrongBodyHash(place)));
    for (now, apart_ms) in [("2021-02-25T15:07:10.001Z", 300_001), ("2021-02-25T14:57:09.999Z", -300_001)] {
        let place = "the token's \"/iat\"".to_owned();
        let refusal = Refusal::OutsideTolerance { place, apart_ms, tolerance: 300 };
        assert_eq!(case.check(&genuine, at(now)), Err(refusal));
    }
}
