//! What the listener logs, in words, and beside a request.

use crate::support::{NOW, OTHER, SECRET, assert_snapshot, file, run, sent, with_body};
use serde_json::{Value, json};

const NAME: &str = "stripe-payout";

fn secret(value: &str) -> String {
    format!("stripe/webhook={value}")
}

fn delivery() -> Vec<u8> {
    sent(NAME, &["--secret", &secret(SECRET), "--job-id", "po_1"])
}

/// The examination of a delivery, as the listener makes it with this secret.
fn examination(delivery: &[u8], value: Option<&str>) -> Value {
    let given = value.map(secret);
    let mut arguments = vec!["verify", NAME, "--request", "-", "--now", NOW, "--format", "json"];
    arguments.extend(given.iter().flat_map(|given| ["--secret", given.as_str()]));
    run(&arguments, delivery).json()["examination"].clone()
}

/// A line of the log, as the function writes it.
fn line(examination: &Value) -> String {
    json!({
        "level": "WARN",
        "message": "delivery refused",
        "integration": NAME,
        "refusal": examination["refusal"],
        "examination": examination.to_string(),
    })
    .to_string()
}

#[test]
fn a_record_alone_is_told_in_words() {
    let path = file("record.json", line(&examination(&delivery(), Some(OTHER))));
    let said = run(&["verify", NAME, "--record", &path], b"");
    assert_eq!((said.status, said.err.as_str()), (1, ""));
    assert_snapshot("record.txt", &said.out);
}

#[test]
fn a_record_says_whose_fault_it_was() {
    let path = file("record-ours.json", line(&examination(&delivery(), None)));
    let said = run(&["verify", NAME, "--record", &path, "--format", "json"], b"").json();
    assert_eq!(said["why"], "the signing secret stripe/webhook could not be loaded, and no other key has signed");
    assert_eq!(
        said["hints"],
        json!([
            "the function could not read stripe/webhook: create it below the deployment's SecretPrefix, and see that the function's role may read it"
        ])
    );
}

#[test]
fn a_record_of_a_late_delivery_says_that_nothing_else_is_wrong() {
    let given = secret(SECRET);
    let late =
        ["verify", NAME, "--request", "-", "--now", "2026-11-24T15:00:00Z", "--format", "json", "--secret", &given];
    let path = file("record-late.json", line(&run(&late, &delivery()).json()["examination"]));
    let said = run(&["verify", NAME, "--record", &path, "--format", "json"], b"").json();
    assert_eq!(
        said["why"],
        "the field \"t\" lies 10800 s before now, at most 300 s are accepted; look at the sender's clock, or send the delivery again"
    );
    assert_eq!(
        said["hints"],
        json!([
            "a signature matches, and the time alone speaks against it: was it sent again late, or is the sender's clock wrong?"
        ])
    );
}

#[test]
fn a_record_beside_the_request_it_was_made_of() {
    let path = file("record-same.json", line(&examination(&delivery(), Some(OTHER))));
    let said = run(&["verify", NAME, "--record", &path, "--request", "-", "--secret", &secret(SECRET)], &delivery());
    assert_eq!(said.status, 0, "the delivery is genuine, whatever the listener had for a secret");
    assert_snapshot("record-same-request.txt", &said.out);
}

#[test]
fn a_record_beside_another_request() {
    let path = file("record-other.json", line(&examination(&delivery(), Some(SECRET))));
    let other = with_body(&delivery(), |body| format!("{body}\n"));
    let said = run(&["verify", NAME, "--record", &path, "--request", "-", "--secret", &secret(SECRET)], &other);
    assert_eq!(said.status, 1);
    assert_snapshot("record-other-request.txt", &said.out);
}

#[test]
fn a_record_is_found_in_whatever_it_was_copied_with() {
    let record = line(&examination(&delivery(), Some(OTHER)));
    let of_another = record.replace(NAME, "identity-check");
    let lines = [
        format!("2026-11-24T12:00:00.000Z {of_another}"),
        "START RequestId: 1".to_owned(),
        format!("2026-11-24T12:00:01.000Z {record}"),
    ];
    let events = json!({"events": [{"message": format!("{of_another}\n")}, {"message": format!("{record}\n")}]});
    let bare = examination(&delivery(), Some(OTHER)).to_string();
    for text in [record, lines.join("\n"), format!("{events:#}"), bare] {
        let path = file("record-found.json", &text);
        let said = run(&["verify", NAME, "--record", &path, "--format", "json"], b"");
        assert_eq!(said.status, 1, "{said:?}");
        assert_eq!(said.json()["why"], "none of the 1 signatures matches any of the 1 secrets");
        assert_eq!(said.json().get("notes"), None, "{text}");
    }
}

#[test]
fn a_record_that_cannot_be_read_is_no_verdict() {
    let path = file("record-broken.json", r#"{"integration": "stripe-payout", "examination": "{\"genuine\": false"}"#);
    let said = run(&["verify", NAME, "--record", &path], b"");
    assert_eq!((said.status, said.out.as_str()), (2, ""));
    assert!(said.err.contains("the field `examination` cannot be read (EOF while parsing"), "{said:?}");
}
