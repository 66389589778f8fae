//! Whatever stands in the headers, nobody who does not know the secret is
//! believed, and nobody crashes the verifier: not by headers, not by a body, and
//! not by a secret that is no key.
#![no_main]

use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;
use stepwait_core::integration::Verification;
use stepwait_fuzz::letter::Letter;
use stepwait_fuzz::now;
use stepwait_fuzz::sender::{LOGIN, SECRET, SENDERS, accepts, delivery, verification};

/// Every preset, and descriptions that use what no preset does.
static VERIFICATIONS: LazyLock<Vec<(Verification, &str)>> = LazyLock::new(|| {
    let presets = SENDERS.iter().map(|sender| format!(r#"{{ preset = "{}", secrets = ["any"] }}"#, sender.preset));
    let others = [
        r#"{ preset = "shared-header", header = "X-Secret", secrets = ["any"] }"#,
        r#"{ hmac = "sha1", content = "{method} {path} {header:X-Id}{body_sha256}", signature = { header = "X-Signature", separator = ",", prefix = "a=", encoding = "base64url" }, secrets = ["any"] }"#,
        r#"{ hmac = "sha512", content = "{field:n}{timestamp}{url}{body}", signature = { header = "X-Signature", field = "v1", separator = ";" }, timestamp = { field = "t", unit = "milliseconds" }, secrets = ["any"] }"#,
        r#"{ hmac = "sha384", key = "base64", content = "{timestamp}{body}", signature = { headers = ["X-Signature", "X-Secret"], separator = " " }, timestamp = { header = "X-Id", unit = "rfc3339" }, secrets = ["any"] }"#,
    ];
    let with_secret = presets.chain(others.map(str::to_owned)).map(|text| (verification(&text), SECRET));
    let login = (verification(r#"{ preset = "basic", secrets = ["any"] }"#), LOGIN);
    with_secret.chain([login]).collect()
});

fuzz_target!(|input: &[u8]| {
    // A secret, headers, body.
    let letter = Letter::read(input);
    let delivery = delivery(letter.headers.iter().cloned().collect(), letter.body);
    for (verification, secret) in VERIFICATIONS.iter() {
        // The comparison takes the same time wherever two texts differ, so that
        // the fuzzer, which sees every comparison, cannot learn the secret either.
        assert!(!accepts(verification, &delivery, secret, now()), "accepted by {verification}");
        // A secret that the input knows may vouch for it; one that is no key never does.
        let known = letter.word(0);
        let accepted = accepts(verification, &delivery, known, now());
        assert!(!accepted || known.len() >= 8, "{known:?} vouches by {verification}");
    }
});
