//! What `stepwait check` says about files with mistakes, word by word.
//!
//! `broken/` holds 41 files with one mistake each, and beside each what is said
//! about it. After a change that is meant, `UPDATE_SNAPSHOTS=1 cargo test -p
//! stepwait --test check` writes what is said anew, and the diff shows whether
//! it still says where, what, and what to do.

#![expect(clippy::unwrap_used, reason = "all of this is test code")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The files with mistakes.
fn broken() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/check/broken")
}

/// Runs `stepwait check` in a folder.
fn check(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_stepwait"));
    command.current_dir(folder).arg("check").args(arguments).output().unwrap()
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// What is said about each file, by its name.
fn said() -> BTreeMap<String, (String, Option<i32>)> {
    let files = fs::read_dir(broken()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let files = files.filter(|name| name.ends_with(".toml"));
    files
        .map(|name| {
            let output = check(&broken(), &["--pedantic", &name]);
            let status = output.status.code();
            (name, (stdout(&output), status))
        })
        .collect()
}

fn assert_snapshot(path: &Path, said: &str) {
    if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
        fs::write(path, said).unwrap();
    }
    let expected = fs::read_to_string(path).unwrap_or_default();
    assert_eq!(said, expected, "{} says something else", path.display());
}

#[test]
fn each_of_41_broken_files_gives_its_own_exact_message() {
    let said = said();
    assert_eq!(said.len(), 41);
    let messages: BTreeSet<_> = said.values().map(|(text, _)| text.lines().next().unwrap()).collect();
    assert_eq!(messages.len(), 41);
    for (name, (text, status)) in &said {
        assert_snapshot(&broken().join(name).with_extension("txt"), text);
        assert!(text.lines().last().unwrap().starts_with("checked 1 file: 1 "), "{name} has one mistake");
        assert_eq!(*status, Some(i32::from(text.starts_with("error"))), "{name}");
    }
}

#[test]
fn every_rule_is_broken_by_a_file() {
    let log: serde_json::Value =
        serde_json::from_str(&stdout(&check(&broken(), &["--pedantic", "--format", "sarif", "."]))).unwrap();
    let rules = log["runs"][0]["tool"]["driver"]["rules"].as_array().unwrap();
    let rules: Vec<_> = rules.iter().map(|rule| rule["id"].as_str().unwrap()).collect();
    let results = log["runs"][0]["results"].as_array().unwrap();
    let broken: BTreeSet<_> = results.iter().map(|result| result["ruleId"].as_str().unwrap()).collect();
    assert_eq!(broken, rules.iter().copied().collect());
    for result in results {
        assert_eq!(result["ruleId"], rules[usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap()]);
    }
}

#[test]
fn no_credential_of_a_file_is_printed_in_any_format() {
    for format in ["text", "json", "sarif"] {
        let said = stdout(&check(&broken(), &["--format", format, "."]));
        assert!(!said.contains("hunter2") && !said.contains("3b1f0c9ad27e4e6f"), "{format}");
    }
}

#[test]
fn the_json_document_and_the_sarif_log_keep_their_shapes() {
    for (format, name) in [("json", "key-misspelt.json"), ("sarif", "key-misspelt.sarif")] {
        let output = check(&broken(), &["--format", format, "key-misspelt.toml"]);
        assert_eq!(output.status.code(), Some(1));
        assert_snapshot(&broken().join("../formats").join(name), &stdout(&output));
    }
}

#[test]
fn the_shipped_files_have_no_findings() {
    let output = check(&Path::new(env!("CARGO_MANIFEST_DIR")).join(".."), &[]);
    let said = stdout(&output);
    assert!(said.starts_with("checked ") && said.ends_with(" files: no findings\n"), "{said}");
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn warnings_fail_only_where_they_are_denied() {
    let status = |arguments: &[&str]| check(&broken(), arguments).status.code();
    assert_eq!(status(&["no-idempotency.toml"]), Some(0));
    assert_eq!(status(&["--deny-warnings", "no-idempotency.toml"]), Some(1));
    assert_eq!(status(&["--deny-warnings", "no-cancel.toml"]), Some(0));
}

#[test]
fn what_cannot_be_checked_is_told_from_what_is_wrong() {
    let output = check(&broken(), &["nobody.toml"]);
    assert_eq!(
        String::from_utf8(output.stderr).unwrap(),
        "error: cannot read nobody.toml: No such file or directory (os error 2); run it where integrations/ is, or name the files\n"
    );
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(check(&broken(), &["no-cancel.txt"]).status.code(), Some(2));
    assert_eq!(check(&broken(), &["--format", "xml"]).status.code(), Some(2));
}

#[test]
fn a_comment_silences_a_rule() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("silenced");
    fs::create_dir_all(&folder).unwrap();
    let text = fs::read_to_string(broken().join("no-cancel.toml")).unwrap();
    fs::write(folder.join("render.toml"), text.replace("[submit]", "# stepwait: allow(no-cancel)\n[submit]")).unwrap();
    assert_eq!(stdout(&check(&folder, &["."])), "checked 1 file: no findings\n");
}
