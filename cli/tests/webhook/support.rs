//! Running the command, and what every run must hold to.

use serde_json::Value;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// When all of this happens.
pub(crate) const NOW: &str = "2026-11-24T12:00:00Z";

/// A secret that is one in hex, in base64 and as text, and a user's password.
pub(crate) const SECRET: &str = "c0ffee00112233445566778899aabbcc";
pub(crate) const LOGIN: &str = "user:c0ffee00112233445566778899aabbcc";

/// Another one.
pub(crate) const OTHER: &str = "0badc0de998877665544332211ffeedd";

/// Private keys that are good for nothing else: of RFC 8032, section 7.1, test 1,
/// and of the tests of `stepwait-core`.
pub(crate) const ED25519: &str = "MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g";
const KEYS: &str = "shared/core/src/webhook/verify_tests/keys";

/// What a command printed, and how it ended.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) status: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Said {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

pub(crate) fn key(name: &str) -> String {
    format!("{KEYS}/{name}")
}

/// Runs the command where integrations/ is, with this on standard input.
pub(crate) fn run_with(arguments: &[&str], input: &[u8]) -> Said {
    let mut command = Command::new(env!("CARGO_BIN_EXE_stepwait"));
    command.current_dir(root()).arg("webhook").args(arguments).env_clear();
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    // Whoever needs no input does not read it.
    drop(stdin.write_all(input));
    drop(stdin);
    let output = child.wait_with_output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Said { status: output.status.code().unwrap(), out: text(output.stdout), err: text(output.stderr) }
}

/// The same; no secret of these tests is printed, however it is written.
pub(crate) fn run(arguments: &[&str], input: &[u8]) -> Said {
    let said = run_with(arguments, input);
    for hidden in [SECRET, OTHER, ED25519, "YzBmZmVlMDAxMTIyMzM0NDU1NjY3Nzg4OTlhYWJiY2M"] {
        assert!(!said.out.contains(hidden) && !said.err.contains(hidden), "{arguments:?} printed a secret: {said:?}");
    }
    said
}

/// A delivery as the third party would send it, with this secret.
pub(crate) fn sent(integration: &str, arguments: &[&str]) -> Vec<u8> {
    let said = run_with(&[&["send", integration, "--dry-run", "--now", NOW], arguments].concat(), b"");
    assert_eq!(said.status, 0, "{said:?}");
    said.out.into_bytes()
}

/// What is said of a delivery, as JSON.
pub(crate) fn verified(integration: &str, delivery: &[u8], arguments: &[&str]) -> (i32, Value) {
    let fixed = ["verify", integration, "--request", "-", "--format", "json"];
    let now = if arguments.contains(&"--now") { &[][..] } else { &["--now", NOW] };
    let said = run(&[&fixed, now, arguments].concat(), delivery);
    (said.status, said.json())
}

/// A file in the folder of this build's tests.
pub(crate) fn file(name: &str, text: impl AsRef<[u8]>) -> String {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("webhook");
    fs::create_dir_all(&folder).unwrap();
    let path = folder.join(name);
    fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

/// An integration with this `verify`, of which nothing else matters.
pub(crate) fn integration(name: &str, verify: &str, thin: bool) -> String {
    let text = format!(
        r#"description = "Rendering"
strategy = "callback"
deadline = "1h"
base_url = "https://api.example.com"

[submit]
path = "/jobs"
body = {{ url = "{{callback_url}}" }}
job_id = "body:/id"

[status]
path = "/jobs/{{job_id}}"
value = "body:/state"
succeeded = ["done"]
failed = ["failed"]
pending = ["working"]

[callback]
job_id = "body:/job"
thin = {thin}
verify = {{ {verify} }}
"#
    );
    file(&format!("{name}.toml"), text)
}

/// A delivery whose text was changed; it must have been there once.
pub(crate) fn replaced(delivery: &[u8], from: &str, to: &str) -> Vec<u8> {
    let text = std::str::from_utf8(delivery).unwrap();
    assert_eq!(text.matches(from).count(), 1, "{from:?} in {text}");
    text.replacen(from, to, 1).into_bytes()
}

/// A delivery with another body.
pub(crate) fn with_body(delivery: &[u8], change: impl Fn(&str) -> String) -> Vec<u8> {
    let text = std::str::from_utf8(delivery).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    format!("{head}\r\n\r\n{}", change(body)).into_bytes()
}

pub(crate) fn assert_snapshot(name: &str, said: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/webhook/snapshots").join(name);
    if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
        fs::write(&path, said).unwrap();
    }
    let expected = fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(said, expected, "{} says something else", path.display());
}

/// The integrations of the repository that take webhooks, and the name of the
/// first secret of each.
pub(crate) fn shipped() -> Vec<(String, String)> {
    let mut shipped = Vec::new();
    for folder in ["integrations", "integrations/examples"] {
        for entry in fs::read_dir(root().join(folder)).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_none_or(|extension| extension != "toml") {
                continue;
            }
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            let text = fs::read_to_string(&path).unwrap();
            let parsed = stepwait_core::integration::Integration::parse(&name, &text).unwrap();
            // Where the wait's own address vouches, nothing is verified.
            if let Some(verify) = parsed.callback.and_then(|callback| callback.verify) {
                shipped.push((name, verify.secrets.first().unwrap().name.clone()));
            }
        }
    }
    shipped.sort();
    shipped
}
