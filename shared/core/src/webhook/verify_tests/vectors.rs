//! Signatures that third parties and standards have published, beside those of `presets.rs`.

use super::cases::P256_OTHER;
use super::{accepted, check_at, delivery, no_match, preset, verification};
use crate::test_support::at;
use crate::webhook::{Delivery, Keys, Refusal, examine};
use crate::{SecretValue, Timestamp};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha1::Sha1;

fn ms(milliseconds: i64) -> Timestamp {
    Timestamp::from_millisecond(milliseconds).unwrap()
}

#[test]
fn hubspots_two() {
    // https://github.com/HubSpot/hubspot-api-python and https://github.com/HubSpot/hubspot-api-ruby, tests of signatures.
    let body = b"{'example_field':'example_value'}";
    for (time, signature) in [
        (1_693_657_560_000, "K36dawei4A+QBNolUOqo7s91KQDWQ5MXZ/QufNYuk/Y="),
        (1_700_000_300_000, "RnbPH7+UMKVkbV32P8bz450N4M56aPmcru1+D3kSDtw="),
    ] {
        let time_text = i64::to_string(&time);
        let headers = [("x-hubspot-signature-v3", signature), ("x-hubspot-request-timestamp", time_text.as_str())];
        let url = Some("https://www.example.com/webhook_uri");
        let secret = ["yyyyyyyy-yyyy-yyyy-yyyy-yyyyyyyyyyyy"];
        let verified = check_at(&preset("hubspot"), &delivery(&headers, body), &secret, url, ms(time));
        assert_eq!(verified, accepted(None));
    }
}

#[test]
fn onfidos() {
    // https://github.com/onfido/onfido-python, tests of webhooks.
    let body = br#"{"payload":{"resource_type":"check","action":"check.completed","object":{"id":"check-123","status":"complete","completed_at_iso8601":"2020-01-01T00:00:00Z","href":"https://api.onfido.com/v3/checks/check-123"}}}"#;
    let headers = [("x-sha2-signature", "a0082d7481f9f0a2907583dbe1f344d6d4c0d9989df2fd804f98479f60cd760e")];
    let verified =
        super::check(&preset("onfido"), &delivery(&headers, body), &["_ABC123abc123ABC123abc123ABC123_"], ms(0));
    assert_eq!(verified, accepted(None));
}

#[test]
fn squares() {
    // https://developer.squareup.com/docs/webhooks/step3validate
    let headers = [("x-square-hmacsha256-signature", "2kRE5qRU2tR+tBGlDwMEw2avJ7QM4ikPYD/PJ3bd9Og=")];
    let delivery = delivery(&headers, br#"{"hello":"world"}"#);
    let verified = check_at(&preset("square"), &delivery, &["asdf1234"], Some("https://example.com/webhook"), ms(0));
    assert_eq!(verified, accepted(None));
}

#[test]
fn adyens() {
    // https://docs.adyen.com/development-resources/webhooks/secure-webhooks/verify-hmac-signatures
    let body = br#"{"live":"false","notificationItems":[{"NotificationRequestItem":{"additionalData":{"hmacSignature":"coqCmt/IZ4E3CzPvMY8zTjQVL5hYJUiBRg8UU+iCWo0="},"amount":{"value":1130,"currency":"EUR"},"pspReference":"7914073381342284","eventCode":"AUTHORISATION","merchantAccountCode":"TestMerchant","merchantReference":"TestPayment-1407325143704","success":"true"}}]}"#;
    let key = ["44782DEF547AAA06C910C43932B1EB0C71FC68D9D0C057550C48EC2ACF6BA056"];
    let verified = super::check(&preset("adyen"), &delivery(&[], body), &key, ms(0));
    assert_eq!(verified, accepted(Some("7914073381342284")));
}

#[test]
fn sendgrids_and_the_two_that_must_fail() {
    // https://github.com/sendgrid/sendgrid-ruby, fixtures of event webhooks.
    let key = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE83T4O/n84iotIvIW4mdBgQ/7dAfSmpqIM8kF9mN1flpVKS3GRqe62gw+2fNNRaINXvVpiglSI8eNEc6wEA3F+g==";
    let other_key = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEqTxd43gyp8IOEto2LdIfjRQrIbsd4SXZkLW6jDutdhXSJCWHw8REntlo7aNDthvj+y7GjUuFDb/R1NGe1OPzpA==";
    let signature = "MEUCIGHQVtGj+Y3LkG9fLcxf3qfI10QysgDWmMOVmxG0u6ZUAiEAyBiXDWzM+uOe5W0JuG+luQAbPIqHh89M15TluLtEZtM=";
    let other_signature =
        "MEUCIQCtIHJeH93Y+qpYeWrySphQgpNGNr/U+UyUlBkU6n7RAwIgJTz2C+8a8xonZGi6BpSzoQsbVRamr2nlxFDWYNH3j/0=";
    let body = concat!(
        r#"[{"email":"hello@world.com","event":"dropped","reason":"Bounced Address","#,
        r#""sg_event_id":"ZHJvcC0xMDk5NDkxOS1MUnpYbF9OSFN0T0doUTRrb2ZTbV9BLTA","#,
        r#""sg_message_id":"LRzXl_NHStOGhQ4kofSm_A.filterdrecv-p3mdw1-756b745b58-kmzbl-18-5F5FC76C-9.0","#,
        r#""smtp-id":"<LRzXl_NHStOGhQ4kofSm_A@ismtpd0039p1iad1.sendgrid.net>","timestamp":1600112492}]"#,
        "\r\n"
    );
    let sent = |signature: &str| {
        let headers = [
            ("x-twilio-email-event-webhook-signature", signature),
            ("x-twilio-email-event-webhook-timestamp", "1600112502"),
        ];
        delivery(&headers, body.as_bytes())
    };
    let now = ms(1_600_112_502_000);
    assert_eq!(super::check(&preset("sendgrid"), &sent(signature), &[key], now), accepted(None));
    assert_eq!(super::check(&preset("sendgrid"), &sent(signature), &[other_key], now), no_match(1, 1));
    assert_eq!(super::check(&preset("sendgrid"), &sent(other_signature), &[key], now), no_match(1, 1));
    // The key may stand in the file, and be PEM.
    let in_file = verification(&format!(r#"{{ preset = "sendgrid", keys = ["{other_key}", "{key}"] }}"#));
    assert_eq!(super::check(&in_file, &sent(signature), &[], now), accepted(None));
    let as_pem = verification(&format!(
        "{{ public_key = \"ecdsa-p256\", content = \"{{timestamp}}{{body}}\", signature = {{ header = \"X-Twilio-Email-Event-Webhook-Signature\", encoding = \"base64\" }}, timestamp = {{ header = \"X-Twilio-Email-Event-Webhook-Timestamp\" }}, keys = [\"\"\"{P256_OTHER}\"\"\", \"\"\"-----BEGIN PUBLIC KEY-----\n{key}\n-----END PUBLIC KEY-----\"\"\"] }}"
    ));
    assert_eq!(super::check(&as_pem, &sent(signature), &[], now), accepted(None));
}

/// What Twilio signs of a request, and the signature of it with the token
/// `12345` of Twilio's own examples, which is too short to be taken for a secret.
fn twilio(name: &str, query: &str, content_type: &str, body: &[u8]) -> String {
    let mut delivery: Delivery = delivery(&[("content-type", content_type), ("x-twilio-signature", "AAAA")], body);
    query.clone_into(&mut delivery.query);
    let secrets = [("a", SecretValue::new("12345"))];
    let keys = Keys { secrets: &secrets, fetched: None };
    let examination = examine(&preset(name), &delivery, &keys, Some("https://mycompany.com/myapp.php"), ms(0));
    assert_eq!(examination.verdict(), Err(&Refusal::BadSecret("at least 8 bytes of text")));
    let mut mac = Hmac::<Sha1>::new_from_slice(b"12345").unwrap();
    mac.update(examination.content_bytes().unwrap());
    crate::encoding::Encoding::Base64.encode(&mac.finalize().into_bytes())
}

#[test]
fn twilios_four() {
    let form = "application/x-www-form-urlencoded";
    let query = "foo=1&bar=2";
    // https://www.twilio.com/docs/usage/webhooks/webhooks-security
    let body = b"CallSid=CA1234567890ABCDE&Caller=%2B12349013030&Digits=1234&From=%2B12349013030&To=%2B18005551212";
    assert_eq!(twilio("twilio", query, form, body), "0/KCTR6DLpKmkAf8muzZqo1nDgQ=");
    // https://github.com/twilio/twilio-python, tests of the request validator.
    let body = b"From=%2B14158675309&To=%2B18005551212&CallSid=CA1234567890ABCDE&Caller=%2B14158675309&Digits=1234";
    assert_eq!(twilio("twilio", query, form, body), "RSOYDt4T1cUTdK1PDd93/VVr8B8=");
    let body = b"Sid=CA123&SidAccount=AC123&Digits=5678&Digits=1234&Digits=1234";
    assert_eq!(twilio("twilio", query, form, body), "IK+Dwps556ElfBT0I3Rgjkr1wJU=");
    let body = br#"{"property": "value", "boolean": true}"#;
    let query = "foo=1&bar=2&bodySHA256=0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620";
    assert_eq!(twilio("twilio-json", query, "application/json", body), "a9nBmqA0ju/hNViExpshrM61xv4=");
}

#[test]
fn a_signature_over_the_url_alone_is_none_for_a_body_that_is_no_form() {
    // What Twilio signs of a GET would otherwise be good for any body of another kind.
    let secret = "an-agreed-secret";
    let mut mac = Hmac::<Sha1>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(super::URL.as_bytes());
    let signature = crate::encoding::Encoding::Base64.encode(&mac.finalize().into_bytes());
    for content_type in ["application/json", "text/plain", ""] {
        let delivery = delivery(&[("content-type", content_type), ("x-twilio-signature", &signature)], b"{}");
        assert_eq!(
            super::check(&preset("twilio"), &delivery, &[secret], at(super::cases::SENT)),
            Err(Refusal::NotAForm)
        );
    }
    let many = "a=1&".repeat(1_001);
    let headers = [("content-type", "application/x-www-form-urlencoded"), ("x-twilio-signature", signature.as_str())];
    let verified = super::check(&preset("twilio"), &delivery(&headers, many.as_bytes()), &[secret], ms(0));
    assert_eq!(verified, Err(Refusal::TooManyFields(1_000)));
}
