//! Deliveries that carry the secret itself.

use super::{accepted, check, delivery, missing, preset, verification};
use crate::test_support::at;
use crate::webhook::{Refusal, Verified};

const NOW: &str = "2021-02-25T15:02:10Z";

/// What is said of a delivery with this value of `X-Secret`.
fn header(value: &str, secrets: &[&str]) -> Result<Verified, Refusal> {
    let verification = verification(r#"{ preset = "shared-header", secrets = ["a"], header = "X-Secret" }"#);
    check(&verification, &delivery(&[("x-secret", value)], b"{}"), secrets, at(NOW))
}

fn basic(value: &str, secrets: &[&str]) -> Result<Verified, Refusal> {
    check(&preset("basic"), &delivery(&[("authorization", value)], b"{}"), secrets, at(NOW))
}

fn wrong(header: &str, secrets: usize) -> Result<Verified, Refusal> {
    Err(Refusal::WrongSecret { header: header.to_owned(), secrets })
}

#[test]
fn a_header_with_one_of_the_secrets_is_accepted() {
    assert_eq!(header("correct-horse", &["correct-horse"]), accepted(None));
    assert_eq!(header("correct-horse", &["battery-staple", " correct-horse\n"]), accepted(None));
    assert_eq!(header("correct-horse", &["correct-horse", "battery-staple"]), accepted(None));
}

#[test]
fn a_header_that_differs_in_anything_is_refused() {
    for value in super::header_flips("correct-horse") {
        assert_eq!(header(&value, &["correct-horse"]), wrong("x-secret", 1), "{value:?}");
    }
    for value in ["correct-horse ", "correct-hors", "correct-horse,correct-horse", "Correct-Horse", "\u{0}"] {
        assert_eq!(header(value, &["correct-horse", "battery-staple"]), wrong("x-secret", 2), "{value:?}");
    }
    assert_eq!(header("correct-horse", &[]), Err(Refusal::NoKey));
    assert_eq!(header("", &["correct-horse"]), missing("x-secret"));
}

#[test]
fn a_secret_that_is_empty_or_short_lets_nobody_in() {
    for secret in ["", " ", "seven!!"] {
        let refusal = || Err(Refusal::BadSecret("at least 8 bytes of text"));
        for value in [" ", "seven!!", "correct-horse"] {
            assert_eq!(header(value, &[secret]), refusal(), "{secret:?} {value:?}");
            if value != "correct-horse" {
                assert_eq!(header(value, &["correct-horse", secret]), refusal(), "{secret:?} {value:?}");
            }
        }
    }
}

#[test]
fn user_and_password_are_accepted_as_rfc_7617_writes_them() {
    // The RFC's own example: user "Aladdin", password "open sesame".
    for value in ["Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==", "basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="] {
        assert_eq!(basic(value, &["Aladdin:open sesame"]), accepted(None), "{value}");
        assert_eq!(basic(value, &["Aladdin:open sesame!", "Aladdin:open sesame"]), accepted(None), "{value}");
        assert_eq!(basic(value, &["Aladdin:open sesame!"]), wrong("authorization", 1), "{value}");
    }
}

#[test]
fn an_authorization_of_another_kind_is_refused() {
    for value in ["Bearer QWxhZGRpbjpvcGVuIHNlc2FtZQ==", "Basic", "Basic %%%", "QWxhZGRpbjpvcGVuIHNlc2FtZQ=="] {
        let form = r#""Basic " and base64"#.to_owned();
        let refusal = Refusal::NoSignature { place: r#"the header "authorization""#.to_owned(), form };
        assert_eq!(basic(value, &["Aladdin:open sesame"]), Err(refusal), "{value}");
    }
    assert_eq!(basic("", &["Aladdin:open sesame"]), missing("authorization"));
    let refusal = Refusal::BadSecret("\"user:password\" of at least 8 bytes");
    assert_eq!(basic("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==", &["password without user"]), Err(refusal));
}

#[test]
fn a_delivery_may_be_named_whatever_makes_it_genuine() {
    let verification = verification(r#"{ preset = "basic", secrets = ["a"], id = "body:/id" }"#);
    let check = |body: &str| {
        let delivery = delivery(&[("authorization", "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==")], body.as_bytes());
        check(&verification, &delivery, &["Aladdin:open sesame"], at(NOW))
    };
    assert_eq!(check(r#"{"id": 7}"#), accepted(Some("7")));
    for body in ["not json", "{}", r#"{"id": ""}"#, r#"{"id": {}}"#] {
        assert_eq!(check(body), accepted(None), "{body}");
    }
}
