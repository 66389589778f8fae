//! The signing itself, against the published vector.

use super::super::{InvalidSecret, WebhookSecret};

const PUBLISHED: &str = "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

#[test]
fn the_published_vector_is_signed_as_published() {
    let secret = WebhookSecret::parse(PUBLISHED).unwrap();

    let signature = secret.sign("msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, br#"{"test": 2432232314}"#);

    assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
}

#[test]
fn a_secret_reads_the_same_with_and_without_its_prefix_and_prints_redacted() {
    let bare = WebhookSecret::parse(PUBLISHED).unwrap();
    let prefixed = WebhookSecret::parse(&format!("whsec_{PUBLISHED}")).unwrap();

    assert_eq!(bare, prefixed);
    assert_eq!(bare.expose(), format!("whsec_{PUBLISHED}"));
    assert_eq!(format!("{bare:?}"), "WebhookSecret([REDACTED])");
}

#[test]
fn what_is_no_secret_is_refused_with_a_reason() {
    assert_eq!(WebhookSecret::parse("whsec_%%%"), Err(InvalidSecret::NotBase64));
    assert_eq!(WebhookSecret::parse("whsec_c2hvcnQ="), Err(InvalidSecret::WrongLength(5)));
}
