//! Whatever stands in the headers, nobody who does not know the secret is
//! believed, and nobody crashes the verifier: not by headers, not by a body, not
//! by a secret that is no key, and not by what a host of keys answers.
#![no_main]

use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;
use stepwait_core::answer::Answer;
use stepwait_core::integration::Verification;
use stepwait_core::webhook::{Delivery, KeyDocument};
use stepwait_fuzz::letter::Letter;
use stepwait_fuzz::now;
use stepwait_fuzz::sender::{ED25519_BASE64, ED25519_HEX, LOGIN, SECRET, SENDERS, accepts, delivery, verification};

/// Keys of P-256 and RSA, of which the private halves lie with the core's tests.
const P256: &str = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEKmgK9rHNcXh3Gm7EuPWp5Uo3S4S2OBwySR8+OBXbH7sRMPy1hYJZNuhpzqee1gQtGBfr3iBEeeHxQ7mK3khVuQ==";
const P256_JWK: &str = r#"{"key":{"kid":"k1","kty":"EC","crv":"P-256","alg":"ES256","use":"sig","x":"KmgK9rHNcXh3Gm7EuPWp5Uo3S4S2OBwySR8-OBXbH7s","y":"ETD8tYWCWTboac6nntYELRgX694gRHnh8UO5it5IVbk"}}"#;
const ED25519_JWKS: &str =
    r#"{"keys":[{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}"#;
const RSA: &str = include_str!("../../shared/core/src/webhook/verify_tests/keys/rsa.certificate.pem");

/// The secret's bytes in hex and in base64url.
const HEX: &str = "73746570776169742d66757a7a2d736563726574";
const BASE64_URL: &str = "c3RlcHdhaXQtZnV6ei1zZWNyZXQtb2YtMzMtYnl0ZXM";

/// What a delivery has to get past.
struct Door {
    /// The preset's name, or `described`.
    name: &'static str,
    verification: Verification,
    secret: &'static str,
    /// What the host of the third party's keys answers.
    document: &'static str,
}

/// Those who publish keys, describe what no preset does, or are no senders of
/// [`SENDERS`] for another reason.
const OTHERS: [(&str, &str, &str); 20] = [
    (r#"preset = "shared-header", header = "X-Secret", secrets = ["a"]"#, SECRET, ""),
    (r#"preset = "basic", secrets = ["a"]"#, LOGIN, ""),
    (r#"preset = "twilio", secrets = ["a"]"#, SECRET, ""),
    (r#"preset = "twilio-json", secrets = ["a"]"#, SECRET, ""),
    (r#"preset = "adyen", secrets = ["a"]"#, HEX, ""),
    (r#"preset = "authorize-net", secrets = ["a"]"#, SECRET, ""),
    (r#"preset = "mailgun", secrets = ["a"]"#, SECRET, ""),
    (r#"preset = "sendgrid", secrets = ["a"]"#, P256, ""),
    (r#"preset = "discord", secrets = ["a"]"#, ED25519_HEX, ""),
    (r#"preset = "telnyx", secrets = ["a"]"#, ED25519_BASE64, ""),
    (r#"preset = "fal""#, "", ED25519_JWKS),
    (r#"preset = "plaid", credentials = { client_id = "a", secret = "b" }"#, SECRET, P256_JWK),
    (r#"preset = "paypal", values = { webhook_id = "8PT597110X687430LKGECATA" }"#, "", RSA),
    (r#"preset = "aws-sns", values = { topic_arn = "arn:aws:sns:us-east-1:123456789012:jobs" }"#, "", RSA),
    (r#"preset = "aws-sns-v1", values = { topic_arn = "arn:aws:sns:us-east-1:123456789012:jobs" }"#, "", RSA),
    (
        r#"hmac = "sha1", content = "{method} {path} {header:X-Id}{body_sha256}", signature = { header = "X-Signature", separator = ",", prefix = "a=", encoding = "base64url" }, secrets = ["a"]"#,
        SECRET,
        "",
    ),
    (
        r#"hmac = "sha512", content = "{field:n}{timestamp}{url}{body}", signature = { header = "X-Signature", field = "v1", separator = ";" }, timestamp = { field = "t", unit = "milliseconds" }, secrets = ["a", "b"]"#,
        SECRET,
        "",
    ),
    (
        r#"hmac = "sha384", key = "base64", content = "{timestamp}{body}", signature = { headers = ["X-Signature", "X-Secret"], separator = " " }, timestamp = { header = "X-Id", unit = "rfc3339" }, secrets = ["a"]"#,
        SECRET,
        "",
    ),
    (
        r#"hmac = "sha384", key = "base64url", content = "{query:t}\n{path}\n{body_sha256}", signature = { query = "sig", encoding = "base64url" }, timestamp = { query = "t" }, secrets = ["a"]"#,
        BASE64_URL,
        "",
    ),
    (
        r#"jwt = "EdDSA", key = "base64", signature = { header = "X-Signature" }, body_hash = { claim = "/hash" }, timestamp = { claim = "/iat" }, secrets = ["a"]"#,
        ED25519_BASE64,
        "",
    ),
];

static DOORS: LazyLock<Vec<Door>> = LazyLock::new(|| {
    let senders = SENDERS.iter().map(|sender| Door {
        name: sender.preset,
        verification: verification(&format!(r#"{{ preset = "{}", secrets = ["any"] }}"#, sender.preset)),
        secret: sender.secret(),
        document: "",
    });
    let preset = |keys: &'static str| keys.strip_prefix("preset = \"")?.split('"').next();
    let others = OTHERS.iter().map(|(keys, secret, document)| Door {
        name: preset(keys).unwrap_or("described"),
        verification: verification(&format!("{{ {keys} }}")),
        secret,
        document,
    });
    senders.chain(others).collect()
});

fuzz_target!(|input: &[u8]| {
    // NAME SECRET QUERY, headers, body. Without a known name the first byte chooses one.
    let letter = Letter::read(input);
    let mut delivery = delivery(letter.headers.iter().cloned().collect(), letter.body);
    letter.word(2).clone_into(&mut delivery.query);
    let known = DOORS.iter().filter(|door| door.name == letter.word(0));
    let by_byte = usize::from(letter.word(0).bytes().next().unwrap_or_default()) % DOORS.len();
    let chosen = known.clone().next().is_none().then(|| DOORS.get(by_byte)).flatten();
    known.chain(chosen).for_each(|door| door.holds(&delivery, letter.word(1)));
});

impl Door {
    /// Nobody gets past it, with a secret that the input has made up.
    fn holds(&self, delivery: &Delivery, made_up: &str) {
        let Self { verification, secret, document, .. } = self;
        let fetched = fetched(verification, delivery, document.as_bytes());
        // The comparison takes the same time wherever two texts differ, so that
        // the fuzzer, which sees every comparison, cannot learn the secret either.
        let accepted = accepts(verification, delivery, secret, fetched.as_ref(), now());
        assert!(!accepted, "accepted by {verification}");
        // A secret that the input knows may vouch for it; one that is no key never does.
        let accepted = accepts(verification, delivery, made_up, None, now());
        assert!(!accepted || made_up.len() >= 8, "{made_up:?} vouches by {verification}");
        // And so may keys that are the sender's own.
        let own = self::fetched(verification, delivery, &delivery.body);
        let _either = accepts(verification, delivery, secret, own.as_ref(), now());
    }
}

/// What is read of the answer of the third party's host, if the delivery leads to it.
fn fetched(verification: &Verification, delivery: &Delivery, document: &[u8]) -> Option<KeyDocument> {
    let request = verification.key_request(delivery).ok()??;
    assert!(!request.name().is_empty() && !request.host().is_empty());
    let answer = Answer { status: 200, headers: Vec::new(), body: document.to_vec(), truncated: false };
    let document = request.read(&answer).ok()?;
    Some(document).filter(|document| document.has(request.key_id()))
}
