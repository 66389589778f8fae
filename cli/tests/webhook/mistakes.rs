//! Usual mistakes, each made once: what is said of it.

use crate::support::{OTHER, SECRET, integration, replaced, sent, verified, with_body};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

const EVENT: &str = r#"{"job":"j/1","state":"done","share":1.0,"parts":[1,2],"none":{}}"#;
const DESCRIBED: &str =
    r#"hmac = "sha256", content = "{timestamp}.{body}", signature = { header = "X-Sig" }, secrets = ["a"]"#;

fn described(name: &str, more: &str) -> String {
    let time = if more.contains("timestamp") { "" } else { r#", timestamp = { header = "X-Time" }"# };
    integration(name, &format!("{DESCRIBED}{time}{more}"), false)
}

fn given(secret: &str) -> String {
    format!("a={secret}")
}

fn signed(file: &str, more: &[&str]) -> Vec<u8> {
    sent(file, &[&["--secret", &given(SECRET), "--body", EVENT], more].concat())
}

/// The hints on a delivery that is refused.
fn hints(file: &str, delivery: &[u8], arguments: &[&str]) -> Vec<String> {
    let (status, told) = verified(file, delivery, arguments);
    assert_eq!((status, told["verdict"].as_str()), (1, Some("refused")), "{told:#}");
    let hints = told["hints"].as_array().cloned().unwrap_or_default();
    hints.iter().map(|hint| hint.as_str().unwrap().to_owned()).collect()
}

fn hints_on(file: &str, delivery: &[u8]) -> Vec<String> {
    hints(file, delivery, &["--secret", &given(SECRET)])
}

#[test]
fn a_body_that_was_written_anew() {
    let file = described("anew", "");
    let delivery = signed(&file, &[]);
    let pretty = "{\n  \"job\": \"j/1\",\n  \"state\": \"done\",\n  \"share\": 1.0,\n  \"parts\": [\n    1,\n    2\n  ],\n  \"none\": {}\n}";
    let anew = "the body is JSON that was written anew on its way";
    for body in [pretty, r#"{"job": "j/1", "state": "done", "share": 1.0, "parts": [1, 2], "none": {}}"#] {
        let hints = hints_on(&file, &with_body(&delivery, |_| body.to_owned()));
        assert_eq!(hints, [format!("{anew}: without white space a signature matches; pass the body on as it came")]);
    }
    let delivery = sent(&file, &["--secret", &given(SECRET), "--body", pretty]);
    let hints = hints_on(&file, &with_body(&delivery, |_| EVENT.to_owned()));
    assert_eq!(hints, [format!("{anew}: indented by two blanks a signature matches; pass the body on as it came")]);
    let escaped = EVENT.replace('/', "\\/");
    let delivery = sent(&file, &["--secret", &given(SECRET), "--body", &escaped]);
    let hints = hints_on(&file, &with_body(&delivery, |_| EVENT.to_owned()));
    assert_eq!(
        hints,
        [format!("{anew}: with its slashes written as \\/ a signature matches; pass the body on as it came")]
    );
}

#[test]
fn a_body_whose_line_breaks_were_changed() {
    let file = described("breaks", "");
    let delivery = signed(&file, &[]);
    let one_too_many = "the body has one line break too many at its end: without it a signature matches; an editor, or `echo`, added it";
    for added in ["\n", "\r\n"] {
        assert_eq!(hints_on(&file, &with_body(&delivery, |body| format!("{body}{added}"))), [one_too_many]);
    }
    let lines = "{\n\"job\": \"j1\",\n\"state\": \"done\"}\n";
    let delivery = sent(&file, &["--secret", &given(SECRET), "--body", lines]);
    let hints = hints_on(&file, &with_body(&delivery, |body| body.replace('\n', "\r\n")));
    assert_eq!(hints, ["the body's lines end in CR LF, and were signed with LF: without the CR a signature matches"]);
    let hints = hints_on(&file, &with_body(&delivery, |body| body.trim_end().to_owned()));
    assert_eq!(
        hints,
        ["the body lacks a line break at its end: with it a signature matches; it was lost when the body was copied"]
    );
}

#[test]
fn a_body_that_is_still_base64() {
    let file = described("base64", "");
    let hints = hints_on(&file, &with_body(&signed(&file, &[]), |body| STANDARD.encode(body)));
    assert_eq!(
        hints,
        [
            "the body is base64, as a gateway passes bodies on: decoded a signature matches; keep the event's isBase64Encoded"
        ]
    );
}

#[test]
fn a_secret_that_the_file_reads_in_another_form() {
    let forms =
        ["text", "base64", "hex"].map(|form| described(&format!("form-{form}"), &format!(", key = \"{form}\"")));
    for (by, form) in forms.iter().zip(["text", "base64", "hex"]) {
        let delivery = signed(by, &[]);
        for file in forms.iter().filter(|file| *file != by) {
            // What is hex, base64url writes as base64 does.
            let hints = hints_on(file, &delivery);
            let expected = format!(
                "the same secret matches if it is read as {form}: the file reads it otherwise; write key = \"{form}\" in a description of the signature, or store the secret as the file reads it"
            );
            assert_eq!(hints.first(), Some(&expected), "{file}");
            assert_eq!(hints.len(), if form == "base64" { 2 } else { 1 }, "{hints:?}");
        }
    }
}

#[test]
fn a_secret_that_was_pasted_with_more_than_itself() {
    let file = described("pasted", "");
    let delivery = signed(&file, &[]);
    for (text, says) in [
        (format!("\"{SECRET}\""), "without the quotes around it"),
        (format!("whsec_{SECRET}"), "without \"whsec_\" before it"),
        (format!("SIGNING_SECRET={SECRET}"), "without the name and `=` before it"),
        (format!("{{\"signing\": \"{SECRET}\"}}"), "if it is the value of \"signing\" alone, not the whole JSON"),
    ] {
        let hints = hints(&file, &delivery, &["--secret", &given(&text)]);
        assert_eq!(hints, [format!("the secret a matches {says}; store it so")]);
    }
    let (status, told) = verified(&file, &delivery, &["--secret", &given(&format!(" {SECRET}\n"))]);
    assert_eq!(
        (status, told["verdict"].as_str()),
        (0, Some("accepted")),
        "white space around a secret is no part of it"
    );
}

#[test]
fn a_secret_of_another_integration() {
    let delivery = sent("stripe-payout", &["--secret", &format!("stripe/webhook={SECRET}")]);
    let secrets = [format!("stripe/webhook={OTHER}"), format!("github/webhook={SECRET}")];
    let hints = hints("stripe-payout", &delivery, &["--secret", &secrets[0], "--secret", &secrets[1]]);
    assert_eq!(
        hints,
        ["it is signed with the secret github/webhook of github-actions: is it that integration's delivery?"]
    );
}

#[test]
fn a_header_that_goes_by_another_name() {
    let name = "openai-batch";
    let secret = format!("openai/webhook={SECRET}");
    let delivery = String::from_utf8(sent(name, &["--secret", &secret])).unwrap();
    let svix = delivery.replace("\r\nwebhook-", "\r\nsvix-");
    assert_eq!(
        hints(name, svix.as_bytes(), &["--secret", &secret]),
        [
            "there is a header \"svix-signature\": is it what \"webhook-signature\" was called on its way?",
            "the header \"webhook-signature\" came as \"svix-signature\": under its right name a signature matches; see what renames it",
        ]
    );
    let dropped: String =
        delivery.split_inclusive("\r\n").filter(|line| !line.starts_with("webhook-signature")).collect();
    assert_eq!(
        hints(name, dropped.as_bytes(), &["--secret", &secret]),
        ["no header is called like \"webhook-signature\": a proxy dropped it, or the sender uses another scheme"]
    );
}

#[test]
fn a_url_that_is_written_otherwise() {
    let file = integration("square", r#"preset = "square", secrets = ["a"]"#, false);
    let delivery = signed(&file, &["--url", "https://hooks.example.com/webhooks/square"]);
    let behind_proxy =
        replaced(&delivery, "host: hooks.example.com", "host: 10.0.0.7:8080\r\nx-forwarded-host: hooks.example.com");
    assert_eq!(
        hints_on(&file, &behind_proxy),
        [
            "the URL is signed, and a signature matches with https://hooks.example.com/webhooks/square, not with https://10.0.0.7:8080/webhooks/square: tell the third party, or the deployment, the same one"
        ]
    );
    let with_slash =
        hints(&file, &delivery, &["--secret", &given(SECRET), "--url", "http://hooks.example.com/webhooks/square/"]);
    assert_eq!(
        with_slash,
        [
            "the URL is signed, and a signature matches with https://hooks.example.com/webhooks/square, not with http://hooks.example.com/webhooks/square/: tell the third party, or the deployment, the same one"
        ]
    );
    let (_, told) = verified(&file, &delivery, &["--secret", &given(SECRET)]);
    assert_eq!(
        (told["verdict"].as_str(), told["url"].as_str()),
        (Some("accepted"), Some("https://hooks.example.com/webhooks/square"))
    );
}

#[test]
fn a_time_in_another_unit() {
    let seconds = described("seconds", "");
    let milliseconds = described("milliseconds", r#", timestamp = { header = "X-Time", unit = "milliseconds" }"#);
    assert_eq!(
        hints_on(&seconds, &signed(&milliseconds, &[])),
        [
            "the header \"x-time\" is in milliseconds (2026-11-24T12:00:00Z), and the file reads seconds: write unit = \"milliseconds\""
        ]
    );
    assert_eq!(
        hints_on(&milliseconds, &signed(&seconds, &[])),
        [
            "the header \"x-time\" is in seconds (2026-11-24T12:00:00Z), and the file reads milliseconds: write unit = \"seconds\""
        ]
    );
}

#[test]
fn a_delivery_that_is_only_late() {
    let file = described("late", "");
    let late = hints(&file, &signed(&file, &[]), &["--secret", &given(SECRET), "--now", "2026-11-24T13:00:00Z"]);
    assert_eq!(
        late,
        [
            "a signature matches, and the time alone speaks against it: --now 2026-11-24T12:00:00Z looks at it as of when it was sent"
        ]
    );
}

#[test]
fn two_mistakes_at_once() {
    let (text, hex) = (described("two", ""), described("two-hex", r#", key = "hex""#));
    let delivery = with_body(&signed(&text, &[]), |body| format!("{body}\n"));
    let found = hints_on(&hex, &delivery);
    assert_eq!(found.len(), 1);
    assert!(found[0].starts_with("two things together: the same secret matches if it is read as text: "), "{found:?}");
    assert!(found[0].ends_with("; and the body has one line break too many at its end: without it a signature matches; an editor, or `echo`, added it"), "{found:?}");
}

#[test]
fn what_is_no_usual_mistake_is_said_to_be_none() {
    let none = "no usual mistake accounts for it: compare the secret with the one that the third party shows, for this very endpoint; if it is the same, the body or a signed header is not what was sent";
    let file = described("forged", "");
    let forged = with_body(&signed(&file, &[]), |body| body.replace("done", "dome"));
    assert_eq!(hints_on(&file, &forged), [none]);
    let by_another = hints(&file, &signed(&file, &[]), &["--secret", &given(OTHER)]);
    assert_eq!(by_another, [none]);
}
