//! What `verify` says, word by word.

use crate::support::{NOW, OTHER, SECRET, assert_snapshot, file, replaced, root, run, sent, with_body};
use serde_json::json;

const NAME: &str = "stripe-payout";

fn delivery() -> Vec<u8> {
    let secret = format!("stripe/webhook={SECRET}");
    sent(NAME, &["--secret", &secret, "--job-id", "po_1"])
}

fn told(delivery: &[u8], secret: &str, more: &[&str]) -> (i32, String) {
    let secret = format!("stripe/webhook={secret}");
    let fixed = ["verify", NAME, "--request", "-", "--secret", &secret];
    let now = if more.contains(&"--now") { &[][..] } else { &["--now", NOW] };
    let said = run(&[&fixed, now, more].concat(), delivery);
    assert_eq!(said.err, "");
    (said.status, said.out)
}

#[test]
fn a_genuine_delivery() {
    let (status, said) = told(&delivery(), SECRET, &["--show"]);
    assert_eq!(status, 0);
    assert_snapshot("accepted.txt", &said);
}

#[test]
fn a_delivery_that_was_signed_with_another_secret() {
    let (status, said) = told(&delivery(), OTHER, &[]);
    assert_eq!(status, 1);
    assert_snapshot("other-secret.txt", &said);
}

#[test]
fn a_delivery_whose_body_an_editor_changed() {
    let (status, said) = told(&with_body(&delivery(), |body| format!("{body}\n")), SECRET, &[]);
    assert_eq!(status, 1);
    assert_snapshot("line-break.txt", &said);
}

#[test]
fn the_page_on_webhooks_shows_what_is_said() {
    let page = std::fs::read_to_string(root().join("docs/webhooks.md")).unwrap();
    let shown = page.split("```text\n").nth(1).unwrap().split("```").next().unwrap();
    let (_, said) = told(&with_body(&delivery(), |body| format!("{body}\n")), SECRET, &[]);
    assert_eq!(shown, said);
}

#[test]
fn a_delivery_of_yesterday() {
    let (status, said) = told(&delivery(), SECRET, &["--now", "2026-11-25T12:30:00Z"]);
    assert_eq!(status, 1);
    assert_snapshot("yesterday.txt", &said);
}

#[test]
fn a_delivery_without_its_signature() {
    let renamed = replaced(&delivery(), "stripe-signature", "x-stripe-signature");
    let (status, said) = told(&renamed, SECRET, &[]);
    assert_eq!(status, 1);
    assert_snapshot("renamed.txt", &said);
}

#[test]
fn a_delivery_that_a_missing_secret_leaves_undecided() {
    let said = run(&["verify", NAME, "--request", "-", "--now", NOW], &delivery());
    assert_eq!(said.status, 3);
    assert_snapshot("no-secret.txt", &said.out);
}

#[test]
fn an_event_of_a_gateway_is_looked_at_as_of_when_it_came() {
    let text = String::from_utf8(delivery()).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    let signature = head.lines().find_map(|line| line.strip_prefix("stripe-signature: ")).unwrap();
    let event = json!({
        "version": "2.0",
        "rawPath": "/webhooks/stripe-payout",
        "rawQueryString": "",
        "headers": {"Stripe-Signature": signature, "content-type": "application/json"},
        "requestContext": {"domainName": "x.lambda-url.eu-central-1.on.aws", "timeEpoch": 1_795_521_604_000_i64, "http": {"method": "POST"}},
        "body": body,
        "isBase64Encoded": false,
    });
    let path = file("event.json", event.to_string());
    let secret = format!("stripe/webhook={SECRET}");
    let said = run(&["verify", NAME, "--request", &path, "--secret", &secret], b"");
    assert_eq!(said.status, 0, "{said:?}");
    assert!(said.out.contains("2026-11-24T12:00:04Z  when the gateway received it\n"), "{}", said.out);
    assert!(
        said.out.contains("2026-11-24T12:00:00Z, 4s before now  (the field \"t\"; 5m is tolerated)\n"),
        "{}",
        said.out
    );
}

#[test]
fn a_delivery_that_went_elsewhere_is_noted() {
    let elsewhere = replaced(&delivery(), "/webhooks/stripe-payout", "/hooks");
    let (status, said) = told(&elsewhere, SECRET, &[]);
    assert_eq!(status, 0);
    assert!(said.contains("it was sent to \"/hooks\"; the listener receives those of stripe-payout at\n    \"/webhooks/stripe-payout\" and answers 404 elsewhere"), "{said}");
}

#[test]
fn what_a_sender_says_does_not_reach_the_terminal_as_it_is() {
    let secret = format!("stripe/webhook={SECRET}");
    let event = r#"{"type": "payout.failed", "data": {"object": {"id": "po_1", "status": "failed", "failure_message": "\u001b[2Jgone"}}}"#;
    let (status, said) = told(&sent(NAME, &["--secret", &secret, "--body", event]), SECRET, &[]);
    assert_eq!(status, 0);
    assert!(said.contains("failed: JobFailed: status \"failed\": [2Jgone\n"), "{said}");
    assert!(!said.contains('\u{1b}'), "{said}");
}

#[test]
fn a_genuine_event_that_cannot_be_used_is_not_taken_for_fine() {
    let secret = format!("stripe/webhook={SECRET}");
    let delivery = sent(NAME, &["--secret", &secret, "--body", r#"{"type": "payout.paid"}"#]);
    let (status, said) = told(&delivery, SECRET, &[]);
    assert_eq!(status, 1);
    assert!(said.starts_with("accepted\n"), "{said}");
    assert!(said.contains("the event has no job id at body:/data/object/id; check callback.job_id"), "{said}");
}

#[test]
fn a_secret_without_its_name_is_not_quoted() {
    let said = run(&["verify", NAME, "--request", "-", "--secret", SECRET], &delivery());
    assert_eq!((said.status, said.out.as_str()), (2, ""));
    assert_eq!(said.err, "error: --secret: write NAME=VALUE\n");
    let path = file("secret.txt", format!("{SECRET}\n"));
    let said = run(
        &["verify", NAME, "--request", "-", "--now", NOW, "--secret", &format!("stripe/webhook=@{path}")],
        &delivery(),
    );
    assert_eq!(said.status, 0, "{said:?}");
}

#[test]
fn what_is_of_no_use_is_told() {
    let cases: [(&[&str], &str); 5] = [
        (
            &["verify", "transcript", "--request", "-"],
            "error: transcript has no [callback], so it takes no webhooks; add one to its file\n",
        ),
        (
            &["verify", NAME, "--request", "/nowhere"],
            "error: cannot read /nowhere: No such file or directory (os error 2)\n",
        ),
        (
            &["verify", NAME, "--request", "-"],
            "error: standard input: the headers do not end; write a start line such as POST /webhooks/NAME HTTP/1.1, a header on each line, an empty line, and the body\n",
        ),
        (
            &["verify", NAME, "--record", "README.md"],
            "error: README.md: holds no refusal of a webhook of stripe-payout; copy a line of the listener's log with the field `examination`\n",
        ),
        (
            &["send", NAME, "--dry-run"],
            "error: the secret \"stripe/webhook\" is missing; set STEPWAIT_SECRET_STRIPE_WEBHOOK, or name a file with a line stripe/webhook=VALUE by --secrets\n",
        ),
    ];
    for (arguments, expected) in cases {
        let said = run(arguments, b"");
        assert_eq!((said.out.as_str(), said.err.as_str()), ("", expected));
        assert_eq!(said.status, if arguments[0] == "send" { 3 } else { 2 });
    }
}
