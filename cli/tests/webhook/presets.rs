//! What `send` makes, `verify` accepts: for every file and every preset; and what
//! was changed on its way it refuses.

use crate::support::{ED25519, LOGIN, NOW, SECRET, file, integration, key, run, sent, shipped, verified};
use serde_json::Value;
use std::process::Command;

#[test]
fn what_is_sent_for_every_shipped_file_is_accepted_and_says_that_the_job_is_done() {
    let shipped = shipped();
    assert!(shipped.len() >= 9, "{shipped:?}");
    for (name, secret) in shipped {
        let secret = format!("{secret}={SECRET}");
        let given = ["--secret", secret.as_str()];
        let delivery = sent(&name, &[&given[..], &["--job-id", "job-77"]].concat());
        let (status, told) = verified(&name, &delivery, &given);
        assert_eq!((status, told["verdict"].as_str()), (0, Some("accepted")), "{name}: {told:#}");
        assert_eq!(told["event"]["job_id"], "job-77", "{name}");
        let says = told["event"]["says"].as_str().unwrap();
        let is_done = says.starts_with("succeeded") || says.contains("is looked at");
        assert!(is_done, "{name} says {says:?}");
        assert_eq!(told.get("hints"), None, "{name}");
    }
}

/// A preset, and what it takes beside a secret.
struct Preset {
    name: String,
    verify: String,
    send: Vec<String>,
    verify_arguments: Vec<String>,
    thin: bool,
}

impl Preset {
    fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            verify: r#"secrets = ["a"]"#.to_owned(),
            send: vec!["--secret".to_owned(), format!("a={SECRET}")],
            verify_arguments: vec!["--secret".to_owned(), format!("a={SECRET}")],
            thin: false,
        }
    }

    /// Signed with a private key; `public` stands in the file.
    fn keys(name: &str, private: &str, public: &str) -> Self {
        let send = vec!["--private-key".to_owned(), private.to_owned()];
        Self { verify: format!("keys = [{public:?}]"), send, verify_arguments: Vec::new(), ..Self::new(name) }
    }

    /// Signed with a private key; the third party publishes the document.
    fn published(name: &str, verify: &str, private: &str, document: &str) -> Self {
        let send = ["--private-key", private, "--key-id", "k1"].map(str::to_owned).to_vec();
        let verify_arguments = vec!["--key".to_owned(), document.to_owned()];
        Self { verify: verify.to_owned(), send, verify_arguments, ..Self::new(name) }
    }

    fn of(name: &str) -> Self {
        let (p256, rsa, certificate) = (key("p256.pem"), key("rsa.pem"), key("rsa.certificate.pem"));
        let ed25519 = file("ed25519.txt", ED25519);
        let raw = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";
        match name {
            "shared-header" | "assemblyai" => {
                Self { verify: r#"secrets = ["a"], header = "X-Secret""#.to_owned(), ..Self::new(name) }
            }
            "basic" => {
                let login = vec!["--secret".to_owned(), format!("a={LOGIN}")];
                Self { send: login.clone(), verify_arguments: login, ..Self::new(name) }
            }
            "adyen" | "mailgun" => Self { thin: true, ..Self::new(name) },
            "standard-webhooks-ed25519" => Self::keys(name, &ed25519, &format!("whpk_{raw}")),
            "telnyx" => Self::keys(name, &ed25519, raw),
            "discord" => Self::keys(name, &ed25519, "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"),
            "sendgrid" => Self::keys(
                name,
                &p256,
                "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEKmgK9rHNcXh3Gm7EuPWp5Uo3S4S2OBwySR8+OBXbH7sRMPy1hYJZNuhpzqee1gQtGBfr3iBEeeHxQ7mK3khVuQ==",
            ),
            "fal" => {
                let jwks =
                    r#"{"keys":[{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}"#;
                Self::published(name, "", &ed25519, &file("fal.json", jwks))
            }
            "plaid" | "plaid-sandbox" => {
                let jwk = r#"{"key":{"kid":"k1","kty":"EC","crv":"P-256","alg":"ES256","use":"sig","x":"KmgK9rHNcXh3Gm7EuPWp5Uo3S4S2OBwySR8-OBXbH7s","y":"ETD8tYWCWTboac6nntYELRgX694gRHnh8UO5it5IVbk"}}"#;
                let verify = r#"credentials = { client_id = "plaid/id", secret = "plaid/secret" }"#;
                Self::published(name, verify, &p256, &file(&format!("{name}.json"), jwk))
            }
            "paypal" | "paypal-sandbox" => {
                let verify = r#"values = { webhook_id = "8PT597110X687430L" }"#;
                Self { thin: true, ..Self::published(name, verify, &rsa, &certificate) }
            }
            "aws-sns" | "aws-sns-v1" => {
                let verify = r#"values = { topic_arn = "arn:aws:sns:us-east-1:123456789012:jobs" }"#;
                Self { thin: true, ..Self::published(name, verify, &rsa, &certificate) }
            }
            _ => Self::new(name),
        }
    }

    fn file(&self) -> String {
        let verify = format!(r#"preset = "{}", {}"#, self.name, self.verify);
        integration(&format!("preset-{}", self.name), verify.trim_end_matches(", "), self.thin)
    }

    fn send(&self) -> Vec<&str> {
        self.send.iter().map(String::as_str).collect()
    }

    fn verify_arguments(&self) -> Vec<&str> {
        self.verify_arguments.iter().map(String::as_str).collect()
    }
}

/// The presets, as the schema lists them.
fn presets() -> Vec<Preset> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_stepwait"));
    let output = command.arg("schema").output().unwrap();
    let schema: Value = serde_json::from_slice(&output.stdout).unwrap();
    let mut names = Vec::new();
    collect(&schema, false, &mut names);
    assert!(names.len() >= 33, "{names:?}");
    names.iter().map(|name| Preset::of(name)).collect()
}

fn collect(schema: &Value, within: bool, names: &mut Vec<String>) {
    match schema {
        Value::Object(members) => {
            let verify = |key: &str| key == "preset" && members.contains_key("public_key");
            for (key, member) in members {
                match member.as_str() {
                    Some(name) if within && key == "const" => names.push(name.to_owned()),
                    _ => collect(member, within || verify(key), names),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, within, names)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// There is nobody who signs so any more, and no way to.
const UNSIGNABLE: &str = "aws-sns-v1";

#[test]
fn what_is_sent_by_every_preset_is_accepted() {
    for preset in presets() {
        if preset.name == UNSIGNABLE {
            let said = run(&[&["send", &preset.file(), "--dry-run"], &preset.send()[..]].concat(), b"");
            let why = "error: cannot sign: RSA with SHA-1 is verified for third parties that have nothing newer, and made nowhere\n";
            assert_eq!((said.status, said.out.as_str(), said.err.as_str()), (2, "", why));
            continue;
        }
        let delivery = sent(&preset.file(), &preset.send());
        let (_, told) = verified(&preset.file(), &delivery, &preset.verify_arguments());
        assert_eq!(told["verdict"], "accepted", "{}: {told:#}", preset.name);
        assert_eq!(told.get("hints"), None, "{}", preset.name);
    }
}

#[test]
fn what_was_changed_on_its_way_is_refused_by_every_preset_that_signs_it() {
    let mut refused = 0;
    for preset in presets().into_iter().filter(|preset| preset.name != UNSIGNABLE) {
        for what in ["body", "signature", "timestamp"] {
            let file = preset.file();
            let arguments =
                [&["send", &file, "--dry-run", "--now", NOW, "--tamper", what], &preset.send()[..]].concat();
            let said = crate::support::run_with(&arguments, b"");
            if said.status == 2 {
                let why = said.err.strip_prefix("error: --tamper is of no use: ").unwrap_or_else(|| panic!("{said:?}"));
                let has_no_time = why == "there is no time to change\n";
                assert!(has_no_time || why == "the time is part of the token; change the signature\n", "{why}");
                assert_eq!(what, "timestamp", "{}", preset.name);
                continue;
            }
            let (status, told) = verified(&preset.file(), said.out.as_bytes(), &preset.verify_arguments());
            if said.err.contains("the third party does not sign the body") {
                assert_eq!(what, "body");
                // All the same PayPal's checksum shows it.
                assert!(preset.name.starts_with("paypal") || told["verdict"] == "accepted", "{}", preset.name);
                continue;
            }
            refused += 1;
            assert_eq!((status, told["verdict"].as_str()), (1, Some("refused")), "{} {what}: {told:#}", preset.name);
            let why = told["why"].as_str().unwrap();
            let expected = [
                "none of the 1 signatures matches any of the 1 secrets",
                "the header \"x-secret\" holds none of the 1 secrets",
                "the header \"authorization\" holds none of the 1 secrets",
                "the query's \"bodySHA256\" is not the SHA-256 of the body",
                "the token's \"/request_body_sha256\" is not the SHA-256 of the body",
            ];
            assert!(expected.contains(&why), "{} {what}: {why}", preset.name);
        }
    }
    assert!(refused >= 70, "{refused} were refused");
}
