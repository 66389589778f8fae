//! Signing, where it cannot be done; that it can is the business of every other test here.

use super::cases::{CASES, ED25519_PRIVATE, P256_PRIVATE, SENT};
use super::{delivery, verification};
use crate::test_support::at;
use crate::webhook::{Refusal, SignError, sign};

#[test]
fn a_key_of_another_kind_signs_nothing() {
    let bad = SignError::BadKey("a private key of this algorithm in PKCS#8, in PEM or base64");
    for case in CASES.iter().filter(|case| case.secret.is_none_or(|secret| secret != case.signs) && !case.is_signed) {
        let other = if case.signs == P256_PRIVATE { ED25519_PRIVATE } else { P256_PRIVATE };
        for key in ["", "an-agreed-secret-of-32-characters", other] {
            let plain = delivery(case.headers, case.body.as_bytes());
            let signed = sign(&case.verification(), &plain, &case.signing(key));
            assert_eq!(signed, Err(bad.clone()), "{}: {key:.30}", case.name());
        }
    }
    let github = &CASES[4];
    let signed = sign(&github.verification(), &delivery(&[], b"{}"), &github.signing("short"));
    assert_eq!(signed, Err(SignError::BadKey("at least 8 bytes of text")));
}

#[test]
fn what_is_signed_and_not_there_is_named() {
    let fal = CASES.iter().find(|case| case.preset == "fal").unwrap();
    let signed = sign(&fal.verification(), &delivery(&[], b"{}"), &fal.signing(fal.signs));
    let missing = SignError::Missing(Refusal::MissingHeader("x-fal-webhook-user-id".to_owned()));
    assert_eq!(signed, Err(missing.clone()));
    let says = "cannot sign: the header \"x-fal-webhook-user-id\" is missing; add it to the delivery";
    assert_eq!(missing.to_string(), says);
}

#[test]
fn a_signature_in_the_body_needs_an_object_there() {
    let mailgun = CASES.iter().find(|case| case.preset == "mailgun").unwrap();
    for body in [&b"not json"[..], b"", b"[]", b"7", br#"{"signature":7}"#] {
        let signed = sign(&mailgun.verification(), &delivery(&[], body), &mailgun.signing(mailgun.signs));
        assert!(matches!(signed, Err(SignError::NotAnObject(_))), "{signed:?}");
    }
}

#[test]
fn what_cannot_be_signed_is_said_to_be_so() {
    let sns = CASES.iter().find(|case| case.preset == "aws-sns-v1").unwrap();
    let signed = sign(&sns.verification(), &delivery(&[], sns.body.as_bytes()), &sns.signing(sns.signs));
    assert!(matches!(signed, Err(SignError::Impossible(_))), "{signed:?}");
    let within_itself =
        verification(r#"{ hmac = "sha256", secrets = ["a"], content = "{body}", signature = { body = "/sig" } }"#);
    let signed = sign(&within_itself, &delivery(&[], b"{}"), &sns.signing("an-agreed-secret"));
    assert_eq!(signed, Err(SignError::Impossible("the signature would be part of what it signs")));
}

#[test]
fn a_secret_that_is_shown_is_put_where_it_is_looked_for() {
    for (verify, header, value) in [
        (r#"{ preset = "shared-header", header = "X-Secret", secrets = ["a"] }"#, "x-secret", "Aladdin:open sesame"),
        (r#"{ preset = "assemblyai", header = "X-Secret", secrets = ["a"] }"#, "x-secret", "Aladdin:open sesame"),
        // RFC 7617, section 2.
        (r#"{ preset = "basic", secrets = ["a"] }"#, "authorization", "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="),
    ] {
        let verification = verification(verify);
        let signed = sign(&verification, &delivery(&[], b"{}"), &CASES[0].signing("Aladdin:open sesame")).unwrap();
        assert_eq!(signed.header(header), Some(value));
        assert!(super::check(&verification, &signed, &["Aladdin:open sesame"], at(SENT)).is_ok());
    }
}
