//! `stepwait try` without anybody to call: what it prints, and its exit status.

#![expect(clippy::expect_used, reason = "all of this is test code: what cannot be read must fail the test")]

use serde_json::{Value, json};
use std::process::{Command, Output};

fn stepwait(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_stepwait"));
    // Names are looked up below the current folder.
    command.current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/..")).arg("try").args(arguments);
    command.env_remove("STEPWAIT_SECRET_REPLICATE_API_TOKEN").output().expect("the command was not run")
}

fn stdout(output: &Output) -> &str {
    std::str::from_utf8(&output.stdout).expect("the output is not utf-8")
}

fn stderr(output: &Output) -> &str {
    std::str::from_utf8(&output.stderr).expect("the output is not utf-8")
}

fn documents(output: &Output) -> Vec<Value> {
    stdout(output).lines().map(|line| serde_json::from_str(line).expect("a line is not json")).collect()
}

const REQUEST: &str = r#"{"version": "acme/model:1", "input": {"prompt": "fog"}}"#;

#[test]
fn a_dry_run_prints_all_requests_and_needs_no_secret() {
    let output = stepwait(&["replicate", "--request", REQUEST, "--dry-run"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let expected = r#"[submit]
POST https://api.replicate.com/v1/predictions
prefer: wait=5
content-type: application/json
accept: application/json
authorization: [REDACTED]
{"input":{"prompt":"fog"},"version":"acme/model:1","webhook":"https://stepwait.invalid/webhooks/replicate","webhook_events_filter":["completed"]}

[status]
GET https://api.replicate.com/v1/predictions/{job_id}
accept: application/json
authorization: [REDACTED]

[cancel]
POST https://api.replicate.com/v1/predictions/{job_id}/cancel
accept: application/json
authorization: [REDACTED]

"#;
    assert_eq!(stdout(&output), expected);
}

#[test]
fn the_recordings_of_a_folder_are_played_back_and_agree() {
    let output = stepwait(&["replicate", "--replay", "integrations/examples/fixtures/replicate", "--format", "json"]);
    assert_eq!(output.status.code(), Some(0), "{}", stdout(&output));
    let compared: Vec<_> = documents(&output).into_iter().filter(|event| event["event"] == "compared").collect();
    assert_eq!(compared, vec![json!({"event": "compared", "differences": []}); 6]);
}

#[test]
fn a_recording_of_another_file_differs_and_the_status_says_so() {
    let output = stepwait(&["openai-batch", "--replay", "integrations/examples/fixtures/replicate/success.json"]);
    assert_eq!(output.status.code(), Some(2), "the payload lacks what this file needs");
    let output = stepwait(&["zoom-recording", "--replay", "integrations/examples/fixtures/stripe-payout/success.json"]);
    assert_eq!(output.status.code(), Some(2), "{}", stdout(&output));
    let output = stepwait(&["paged-by-url", "--replay", "integrations/examples/fixtures/paged-by-offset/success.json"]);
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    assert!(stdout(&output).contains("exchange 5 (result): url differs: recorded "), "{}", stdout(&output));
}

#[test]
fn a_missing_secret_is_named_with_its_variable_and_nothing_is_sent() {
    let output = stepwait(&["replicate", "--request", REQUEST]);
    assert_eq!(output.status.code(), Some(3));
    assert_eq!(stdout(&output), "");
    assert_eq!(
        stderr(&output),
        "error: the secret \"replicate/api-token\" is missing; set STEPWAIT_SECRET_REPLICATE_API_TOKEN, or name a file with a line replicate/api-token=VALUE by --secrets\n"
    );
}

#[test]
fn what_is_of_no_use_is_told_before_anything_is_sent() {
    let cases: [(&[&str], &str); 5] = [
        (
            &["nobody"],
            "error: there is no integrations/nobody.toml and no integrations/examples/nobody.toml in this folder; give the path of the file instead\n",
        ),
        (
            &["replicate", "--request", "{"],
            "error: --request is not JSON (EOF while parsing an object at line 1 column 1); write JSON, or @FILE to read it from a file\n",
        ),
        (
            &["replicate", "--request", "{}"],
            "error: integration \"replicate\": the payload has no value at \"/input\"; the integration's submit needs it\n",
        ),
        (&["replicate", "--replay", "docs"], "error: there is no .json file in docs\n"),
        (
            &["replicate", "--request", REQUEST, "--base-url", "http://127.0.0.1:1"],
            "error: http://127.0.0.1:1/ cannot be called: plain http is spoken with this machine or a private network only, where that is allowed; use https; --allow-private lets requests go to this machine and to private networks\n",
        ),
    ];
    for (arguments, expected) in cases {
        let output = stepwait(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert_eq!(stderr(&output), expected);
        assert_eq!(stdout(&output), "");
    }
}

#[test]
fn whom_nobody_answers_is_told_so_after_three_attempts() {
    // Port 1 of this machine is nobody's.
    let arguments = ["aria2", "--base-url", "http://127.0.0.1:1", "--allow-private", "--format", "json"];
    let secret = ["--secret", "aria2/rpc-password=hunter2", "--request", r#"{"url": "https://files.example.com/a"}"#];
    let output = stepwait(&[arguments.as_slice(), &secret].concat());
    assert_eq!(output.status.code(), Some(3));
    let events = documents(&output);
    assert_eq!(events.iter().filter(|event| event["event"] == "not_answered").count(), 3);
    assert_eq!(stderr(&output), "error: aria2: could not connect; after 3 attempts the job was not started\n");
    assert!(!stdout(&output).contains("hunter2"));
}
