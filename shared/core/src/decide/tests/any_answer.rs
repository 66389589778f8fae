//! No answer and no event crashes whoever reads it, whatever its code, headers and bytes.

use crate::Timestamp;
use crate::answer::{Answer, Document, TransportError};
use crate::authorize::read_token;
use crate::decide::check::{Reading, Verdict, read};
use crate::decide::collect::{Step, begin};
use crate::decide::submit::{self, SubmitVerdict, read_look_up};
use crate::integration::{Integration, WhenUnknown};
use crate::request::Job;
use crate::test_support::{at, everything, wait_id};
use crate::wait::{Kept, OutcomeKind};
use crate::webhook::{Delivery, read_event};
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Value, json};
use std::sync::LazyLock;
use std::time::Duration;

static PAGES: LazyLock<Integration> = LazyLock::new(|| everything(&[]));

const CURSOR: &str = "next = \"body:/next\", query = \"cursor\", most = 5";
const PAGED: &str = "pages = { items = \"body:/items\", next = \"body:/next\", query = \"cursor\", most = 5 }\n";

/// The same third party, with every other way to a result, and a look-up.
static OTHERS: LazyLock<Vec<Integration>> = LazyLock::new(|| {
    let keep = "keep = { status_url = \"header:Operation-Location\", result_id = \"body:/result/id\", owner = \"request:/owner\" }\nidempotency_header = \"Idempotency-Key\"\nwhen_unknown = \"resend\"\n";
    let look_up = "keep = { status_url = \"request:/url\", result_id = \"request:/owner\" }\nwhen_unknown = \"look_up\"\nlook_up = { path = \"/jobs/{wait_id}\", job_id = \"body:/id\" }\n";
    vec![
        everything(&[(CURSOR, "next = \"link\", most = 5"), (keep, look_up)]),
        everything(&[(CURSOR, "next = \"url:body:/next\", most = 5")]),
        everything(&[(CURSOR, "next = \"offset\", query = \"cursor\", size = 2")]),
        everything(&[(PAGED, "format = \"text\"\n")]),
        everything(&[(PAGED, "format = \"lines\"\n")]),
        everything(&[(PAGED, "format = \"base64\"\n")]),
        everything(&[(PAGED, "output = \"body:/items\"\n")]),
    ]
});

/// Names that the file looks for, so that its rules are reached.
fn any_key() -> impl Strategy<Value = String> {
    let names = "id state errors 0 error code message why percent result items next job score film reason";
    let names: Vec<String> = names.split(' ').map(str::to_owned).collect();
    prop_oneof![9 => prop::sample::select(names), 1 => ".{0,8}"]
}

fn any_scalar() -> impl Strategy<Value = Value> {
    let words = [
        "done",
        "broken",
        "running",
        "queued",
        "job_not_ready",
        "busy",
        "/next",
        "?a=1",
        "https://files.example.net/x",
        "https://",
    ];
    prop_oneof![
        4 => prop::sample::select(words.to_vec()).prop_map(Value::from),
        2 => any::<i64>().prop_map(Value::from),
        1 => any::<f64>().prop_map(Value::from),
        1 => any::<bool>().prop_map(Value::from),
        1 => Just(Value::Null),
        1 => any::<String>().prop_map(Value::from),
    ]
}

fn any_json() -> impl Strategy<Value = Value> {
    any_scalar().prop_recursive(3, 24, 5, |inner| {
        prop_oneof![
            1 => vec(inner.clone(), 0..4).prop_map(Value::Array),
            4 => vec((any_key(), inner), 0..5).prop_map(|entries| Value::Object(entries.into_iter().collect())),
        ]
    })
}

fn any_body() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        3 => any_json().prop_map(|value| value.to_string().into_bytes()),
        1 => vec(any::<u8>(), 0..200),
        1 => any::<String>().prop_map(String::into_bytes),
        // Cut off somewhere.
        1 => (any_json(), any::<prop::sample::Index>()).prop_map(|(value, at)| {
            let mut bytes = value.to_string().into_bytes();
            bytes.truncate(at.index(bytes.len() + 1));
            bytes
        }),
        1 => (0_usize..2_000).prop_map(|depth| "[".repeat(depth).into_bytes()),
    ]
}

fn any_headers() -> impl Strategy<Value = Vec<(String, String)>> {
    let names = ["retry-after", "location", "operation-location", "link", "x-state", "x-error", "x-event", "x-film"];
    let values = [
        "5",
        "inf",
        "1e300",
        "-5",
        "Mon, 23 Nov 2026 11:00:00 GMT",
        "/jobs/j1",
        "</next>; rel=next",
        "<https://>; rel=next",
        "<",
        "job.done",
        "failed",
        "<a>;rel=\"next\",<b>",
    ];
    let value = prop_oneof![3 => prop::sample::select(values.to_vec()).prop_map(str::to_owned), 1 => any::<String>()];
    vec((prop::sample::select(names.to_vec()).prop_map(str::to_owned), value), 0..5)
}

fn any_answer() -> impl Strategy<Value = Answer> {
    let codes =
        prop_oneof![4 => prop::sample::select(vec![200, 201, 202, 204, 400, 404, 409, 429, 503]), 1 => any::<u16>()];
    (codes, any_headers(), any_body(), prop::bool::weighted(0.1))
        .prop_map(|(status, headers, body, truncated)| Answer { status, headers, body, truncated })
}

fn any_received() -> impl Strategy<Value = Result<Answer, TransportError>> {
    let errors =
        [TransportError::NotConnected, TransportError::Broken, TransportError::Unsendable, TransportError::Refused];
    prop_oneof![19 => any_answer().prop_map(Ok), 1 => prop::sample::select(errors.to_vec()).prop_map(Err)]
}

fn now() -> Timestamp {
    at("2026-11-23T12:00:00Z")
}

/// What is said to people stays short, and cannot steer their terminal.
fn assert_readable(verdict: &Verdict) {
    let said = match verdict {
        Verdict::AskAgain { reason, .. } | Verdict::Refused { reason, .. } => reason,
        Verdict::Ended(OutcomeKind::Failed { reason, .. }) => reason,
        Verdict::Pending { .. } | Verdict::Ended(_) => return,
    };
    assert!(!said.is_empty() && said.chars().count() <= 1_000 && !said.contains('\u{1b}'), "{said:?}");
}

/// Looks, and collects the result with the same answer again and again.
fn look(integration: &Integration, received: &Result<Answer, TransportError>, at_once: bool) {
    let looked = read(integration, received, Some(Duration::from_secs(10)), now());
    if let Reading::Verdict(verdict) = &looked.reading {
        assert_readable(verdict);
    }
    let Ok(answer) = received else { return };
    let (id, kept) = (wait_id(), Kept::default());
    let bindings = Job { wait_id: Some(&id), job_id: "j1", kept: &kept }.bindings();
    let document = Document::of_answer(answer);
    let mut step = begin(integration, &integration.base_url, &bindings, &document, at_once);
    for _ in 0..=20 {
        match step {
            Step::Over(verdict) => return assert_readable(&verdict),
            Step::Send(_, collector) => step = collector.receive(received, now()),
        }
    }
    panic!("a result of more pages than the file allows");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10_000))]

    #[test]
    fn no_answer_crashes_a_look_or_the_collection_of_its_result(received in any_received(), at_once: bool, other in 0_usize..8) {
        let integration = OTHERS.get(other).unwrap_or(&PAGES);
        look(integration, &received, at_once);
    }

    #[test]
    fn no_answer_crashes_a_submit_a_look_up_or_a_token(received in any_received()) {
        let payload = json!({"owner": "me", "url": "/x"});
        match submit::read(&PAGES, &received, &payload, now()) {
            SubmitVerdict::Taken { job, .. } | SubmitVerdict::Done(Some(job)) => prop_assert!(!job.id.as_str().is_empty()),
            SubmitVerdict::NotTaken(why) | SubmitVerdict::Unknown(why) | SubmitVerdict::Refused(_, why) => {
                prop_assert!(!why.is_empty());
            }
            SubmitVerdict::Done(None) => {}
        }
        let WhenUnknown::LookUp(look_up) = &OTHERS[0].submit.when_unknown else { panic!("no look-up") };
        drop(read_look_up(&OTHERS[0], look_up, &received, &payload));
        if let Ok(answer) = &received {
            drop(read_token(answer, now()));
        }
    }

    #[test]
    fn no_event_crashes_its_reader(headers in any_headers(), query in "\\PC{0,40}", is_form: bool, body in any_body(), other in 0_usize..8) {
        let integration = OTHERS.get(other).unwrap_or(&PAGES);
        let mut headers: std::collections::BTreeMap<_, _> = headers.into_iter().collect();
        if is_form {
            headers.insert("content-type".to_owned(), "application/x-www-form-urlencoded".to_owned());
        }
        let delivery = Delivery { method: "POST".to_owned(), domain: String::new(), path: "/webhooks/everything".to_owned(), query, headers, body };
        if let Err(error) = read_event(integration, integration.callback.as_ref().unwrap(), &delivery) {
            prop_assert!(!error.to_string().is_empty());
        }
    }
}
