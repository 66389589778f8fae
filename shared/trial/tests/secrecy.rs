//! A third party that repeats every secret it is given: nothing that is shown or
//! recorded holds one.

#![expect(clippy::unwrap_used, reason = "all of this is test code: what cannot be read must fail the test")]

use serde_json::json;
use std::sync::Mutex;
use stepwait_core::answer::{Answer, TransportError};
use stepwait_core::integration::Integration;
use stepwait_core::request::OutgoingRequest;
use stepwait_core::{SecretValue, Timestamp};
use stepwait_flow::ports::{SecretError, Secrets, ThirdParty};
use stepwait_trial::{Event, Options, Tape, Trial, Veil, VirtualTime, World};

const FILE: &str = r#"
description = "A third party that repeats everything"
strategy = "callback"
deadline = "1h"
base_url = "https://api.example.com"

[auth]
oauth2 = { token_url = "https://api.example.com/token", client_id = "echo/id", client_secret = "echo/client", client_auth = "body" }
query = { key = "echo/key" }

[submit]
path = "/jobs"
form = { hook = "{secret:echo/hook}" }
job_id = "body:/id"
keep = { ticket = "body:/ticket" }

[status]
path = "/jobs/{job_id}/{kept:ticket}"
value = "body:/status"
succeeded = ["done"]
failed = ["failed"]
error = "body:/echo"

[callback]
job_id = "body:/id"
verify = { preset = "standard-webhooks", secrets = ["echo/hook"] }
"#;

/// What must not be seen, in no form.
const SECRETS: [(&str, &str); 4] = [
    ("echo/id", "id of mine"),
    ("echo/client", "p\"ss/wörd"),
    ("echo/key", "q&k=1+1"),
    ("echo/hook", "whsec_aG9vaw=="),
];
const TOKEN: &str = "token-9f8e7d";
const TICKET: &str = "ticket/1a2b3c";

/// Answers with all that it was sent.
struct Echo;

impl ThirdParty for Echo {
    async fn send(&self, request: OutgoingRequest) -> Result<Answer, TransportError> {
        let headers: Vec<_> = request.headers.iter().map(|(_, value)| value.expose().to_owned()).collect();
        let query: Vec<_> = request.secret_query.iter().map(|(_, value)| value.expose().to_owned()).collect();
        let echo = format!("{} {headers:?} {query:?} {:?} {SECRETS:?}", request.url, request.body);
        let status = if request.url.contains("/jobs/") { "failed" } else { "new" };
        let body = json!({
            "id": "7", "status": status, "echo": echo, "ticket": TICKET,
            "access_token": TOKEN, "refresh_token": "refresh-9f8e7d", "expires_in": 600,
        });
        let headers = vec![("location".to_owned(), format!("/{TICKET}"))];
        Ok(Answer { status: 200, headers, body: body.to_string().into_bytes(), truncated: false })
    }
}

struct Known;

impl Secrets for Known {
    async fn secret(&self, name: &str) -> Result<SecretValue, SecretError> {
        Ok(SecretValue::new(SECRETS.iter().find(|(known, _)| *known == name).unwrap().1))
    }

    fn forget_secret(&self, _: &str) {}
}

#[tokio::test]
async fn nothing_that_is_shown_or_recorded_holds_a_secret_a_token_or_a_kept_value() {
    let integration = Integration::parse("echo", FILE).unwrap();
    let start = Timestamp::from_second(1_795_000_000).unwrap();
    let options = Options { callback_url: Some("https://hooks.example.com/".to_owned()), ..Options::default() };
    let trial = Trial::new(&integration, json!({}), "secrecy", options, start).unwrap();
    let shown = Mutex::new(String::new());
    let observer = |event: &Event| {
        shown.lock().unwrap().push_str(&format!("{event:?} {}\n", serde_json::to_string(event).unwrap()))
    };
    let (veil, tape) = (Veil::default(), Tape::default());
    let time = VirtualTime::from(start);
    let world =
        World { third_party: &Echo, secrets: &Known, time: &time, observer: &observer, veil: &veil, tape: Some(&tape) };
    let ended = trial.run(&world).await.unwrap();
    let recording = serde_json::to_string(&tape.fixture(&trial, &veil, &ended)).unwrap();
    let shown = shown.into_inner().unwrap();
    assert!(shown.contains("Sent { leg: Token"), "{shown}");
    assert!(shown.contains("CalledOff") || shown.contains("Looked"), "{shown}");
    let forms = SECRETS.map(|(_, value)| value).into_iter().chain([
        TOKEN,
        TICKET,
        "refresh-9f8e7d",
        "ticket%2F1a2b3c",
        "q%26k%3D1%2B1",
    ]);
    for secret in forms {
        assert!(!shown.contains(secret), "{secret}: {shown}");
        assert!(!recording.contains(secret), "{secret}: {recording}");
    }
}
