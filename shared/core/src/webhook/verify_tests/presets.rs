//! One genuine delivery of each preset, from the third party's documentation
//! where it publishes one.

use super::{accepted, check, delivery, preset};
use crate::test_support::at;
use crate::webhook::Delivery;

/// A genuine delivery.
pub(super) struct Sample {
    pub(super) preset: &'static str,
    pub(super) secret: &'static str,
    pub(super) headers: &'static [(&'static str, &'static str)],
    pub(super) body: &'static str,
    /// When it was sent.
    pub(super) sent: &'static str,
    /// The header with the signature.
    pub(super) signed_in: &'static str,
    /// What stands before the signature in it.
    pub(super) before: &'static str,
    /// Whatever else is signed in a header of its own.
    pub(super) covered: &'static [&'static str],
    pub(super) id: Option<&'static str>,
}

impl Sample {
    pub(super) fn delivery(&self) -> Delivery {
        delivery(self.headers, self.body.as_bytes())
    }
}

const SECRET: &str = "an-agreed-secret";
const SENT: &str = "2021-02-25T15:02:10Z";
const BODY: &str = r#"{"id":"evt_1","event_id":"evt_2","webhookTimestamp":1614265330000}"#;

/// A sample of a third party that publishes none. Its signature was computed by
/// Python's `hmac.new(b"an-agreed-secret", CONTENT, "sha256")`, with CONTENT as
/// the comment says, B for the body.
const SELF_MADE: Sample = Sample {
    preset: "",
    secret: SECRET,
    headers: &[],
    body: BODY,
    sent: SENT,
    signed_in: "",
    before: "",
    covered: &[],
    id: None,
};

pub(super) const SAMPLES: [Sample; 12] = [
    // From the specification's own example.
    Sample {
        preset: "standard-webhooks",
        secret: "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        headers: &[
            ("webhook-id", "msg_p5jXN8AQM9LWM0D4loKWxJek"),
            ("webhook-timestamp", "1614265330"),
            ("webhook-signature", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="),
        ],
        body: r#"{"test": 2432232314}"#,
        sent: SENT,
        signed_in: "webhook-signature",
        before: "v1,",
        covered: &["webhook-id", "webhook-timestamp"],
        id: Some("msg_p5jXN8AQM9LWM0D4loKWxJek"),
    },
    // b"1614265330." + B
    Sample {
        preset: "stripe",
        headers: &[(
            "stripe-signature",
            "t=1614265330,v1=1f01f125780079819e1165079bd058475892d00d257583479c89de86c771ac2a",
        )],
        signed_in: "stripe-signature",
        before: "t=1614265330,v1=",
        id: Some("evt_1"),
        ..SELF_MADE
    },
    // https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries
    Sample {
        preset: "github",
        secret: "It's a Secret to Everybody",
        headers: &[
            ("x-hub-signature-256", "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"),
            ("x-github-delivery", "72d3162e-cc78-11e3-81ab-4c9367dc0958"),
        ],
        body: "Hello, World!",
        signed_in: "x-hub-signature-256",
        before: "sha256=",
        id: Some("72d3162e-cc78-11e3-81ab-4c9367dc0958"),
        ..SELF_MADE
    },
    // https://docs.slack.dev/authentication/verifying-requests-from-slack
    Sample {
        preset: "slack",
        secret: "8f742231b10e8888abcd99yyyzzz85a5",
        headers: &[
            ("x-slack-request-timestamp", "1531420618"),
            ("x-slack-signature", "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"),
        ],
        body: "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c",
        sent: "2018-07-12T18:36:58Z",
        signed_in: "x-slack-signature",
        before: "v0=",
        covered: &["x-slack-request-timestamp"],
        id: None,
    },
    // b"v0:1614265330:" + B
    Sample {
        preset: "zoom",
        headers: &[
            ("x-zm-request-timestamp", "1614265330"),
            ("x-zm-signature", "v0=2d28b35f81722bbefdc185a08fcf4b24c8dcc1284a8d7f03166733e4a8108a4f"),
        ],
        signed_in: "x-zm-signature",
        before: "v0=",
        covered: &["x-zm-request-timestamp"],
        ..SELF_MADE
    },
    // B
    Sample {
        preset: "shopify",
        headers: &[
            ("x-shopify-hmac-sha256", "FiJwyU2I7SAueWYeMCg32R+BHyMRLp2cU3vKpWccrNQ="),
            ("x-shopify-webhook-id", "b54557e4"),
        ],
        signed_in: "x-shopify-hmac-sha256",
        id: Some("b54557e4"),
        ..SELF_MADE
    },
    // B, with the key b"another-secret" for the first header
    Sample {
        preset: "docusign",
        headers: &[
            ("x-docusign-signature-1", "i3LTBrDhtp5363MqsAhWAlmnfYby14clrrSVVVOpn3U="),
            ("x-docusign-signature-2", "FiJwyU2I7SAueWYeMCg32R+BHyMRLp2cU3vKpWccrNQ="),
        ],
        signed_in: "x-docusign-signature-2",
        ..SELF_MADE
    },
    // B
    Sample {
        preset: "onfido",
        headers: &[("x-sha2-signature", "162270c94d88ed202e79661e302837d91f811f23112e9d9c537bcaa5671cacd4")],
        signed_in: "x-sha2-signature",
        ..SELF_MADE
    },
    // b"https://hooks.example.com/webhooks/render" + B
    Sample {
        preset: "square",
        headers: &[("x-square-hmacsha256-signature", "PID0D4hJPVOJH8w1u+pqTXP2jNBnJ2WgTfORkRI6uyU=")],
        signed_in: "x-square-hmacsha256-signature",
        id: Some("evt_2"),
        ..SELF_MADE
    },
    // b"1614265330:" + B
    Sample {
        preset: "paddle",
        headers: &[(
            "paddle-signature",
            "ts=1614265330;h1=264fe30aa0fc65e6d7f8d606d030999cff56d1d23e73f34fbd256c271aef9c2d",
        )],
        signed_in: "paddle-signature",
        before: "ts=1614265330;h1=",
        id: Some("evt_2"),
        ..SELF_MADE
    },
    // B
    Sample {
        preset: "linear",
        headers: &[
            ("linear-signature", "162270c94d88ed202e79661e302837d91f811f23112e9d9c537bcaa5671cacd4"),
            ("linear-delivery", "234d1a4e"),
        ],
        signed_in: "linear-signature",
        id: Some("234d1a4e"),
        ..SELF_MADE
    },
    // https://developer.box.com/guides/webhooks/v2/signatures-v2/, with the key of Box's sample event;
    // its other signature is by another key.
    Sample {
        preset: "box",
        secret: "SamplePrimaryKey",
        headers: &[
            ("box-delivery-id", "f96bb54b-ee16-4fc5-aa65-8c2d9e5b546f"),
            ("box-delivery-timestamp", "2020-01-01T00:00:00-07:00"),
            ("box-signature-primary", "6TfeAW3A1PASkgboxxA5yqHNKOwFyMWuEXny/FPD5hI="),
            ("box-signature-secondary", "v+1CD1Jdo3muIcbpv5lxxgPglOqMfsNHPV899xWYydo="),
        ],
        body: r#"{"type":"webhook_event","webhook":{"id":"1234567890"},"trigger":"FILE.UPLOADED","source":{"id":"1234567890","type":"file","name":"Test.txt"}}"#,
        sent: "2020-01-01T07:00:00Z",
        signed_in: "box-signature-primary",
        before: "",
        covered: &["box-delivery-timestamp"],
        id: Some("f96bb54b-ee16-4fc5-aa65-8c2d9e5b546f"),
    },
];

#[test]
fn a_genuine_delivery_of_each_preset_is_accepted_and_named() {
    for sample in SAMPLES {
        let verified = check(&preset(sample.preset), &sample.delivery(), &[sample.secret], at(sample.sent));
        assert_eq!(verified, accepted(sample.id), "{}", sample.preset);
    }
}

#[test]
fn white_space_around_a_secret_does_no_harm() {
    for sample in SAMPLES {
        let pasted = format!("  {}\n", sample.secret);
        let verified = check(&preset(sample.preset), &sample.delivery(), &[&pasted], at(sample.sent));
        assert_eq!(verified, accepted(sample.id), "{}", sample.preset);
    }
}

#[test]
fn a_file_may_name_deliveries_by_something_else_than_the_preset() {
    let github = r#"{ preset = "github", secrets = ["a"], id = "header:X-Hub-Signature-256" }"#;
    let sample = &SAMPLES[2];
    let verified = check(&super::verification(github), &sample.delivery(), &[sample.secret], at(sample.sent));
    assert_eq!(verified, accepted(Some(sample.headers[0].1)));
}

#[test]
fn the_key_of_either_header_is_enough() {
    let docusign = &SAMPLES[6];
    assert_eq!(docusign.preset, "docusign");
    for secret in [SECRET, "another-secret"] {
        let verified = check(&preset("docusign"), &docusign.delivery(), &[secret], at(SENT));
        assert_eq!(verified, accepted(None), "{secret}");
    }
    let boxed = &SAMPLES[11];
    let verified = check(&preset("box"), &boxed.delivery(), &["SampleSecondaryKey"], at(boxed.sent));
    assert_eq!(verified, accepted(boxed.id));
}
