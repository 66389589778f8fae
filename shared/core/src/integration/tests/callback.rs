//! What `[callback]` may say of addresses, heartbeats and handshakes.

use super::broken_files::assert_says;
use crate::integration::{Callback, CallbackAddress, EchoProof, EventState, HandshakeReply, Locator};
use crate::test_support::{render, try_render};
use serde_json::json;
use std::time::Duration;

const BODY: &str = "body = { scene = \"{request:/scene}\" }";
const TELLS: (&str, &str) = (BODY, "body = { scene = \"{request:/scene}\", hook = \"{callback_url}\" }");
const JOB_ID: &str = "job_id = \"body:/job/id\"";
const VERIFY: &str = "verify = { preset = \"standard-webhooks\", secrets = [\"render/webhook\"] }";

fn callback(changes: &[(&str, &str)]) -> Callback {
    render(changes).callback.unwrap()
}

fn handshake(text: &str) -> HandshakeReply {
    callback(&[(JOB_ID, &format!("{JOB_ID}\nhandshake = {text}"))]).handshake.unwrap().reply
}

#[test]
fn an_address_is_the_integrations_unless_the_file_gives_each_wait_its_own() {
    assert_eq!(callback(&[]).address, CallbackAddress::Integration);
    let own = callback(&[TELLS, (JOB_ID, "address = \"wait\""), (VERIFY, "verify = \"capability\"")]);
    assert_eq!((own.address, own.job_id, own.verify), (CallbackAddress::Wait, None, None));
    let signed = callback(&[TELLS, (JOB_ID, "address = \"wait\"\njob_id = \"query:id\"")]);
    assert_eq!(signed.job_id.map(|at| at.to_string()).as_deref(), Some("query:id"));
    assert_eq!(signed.verify.map(|verify| verify.secrets.len()), Some(1));
}

#[test]
fn what_an_address_needs_is_said() {
    assert_says(&[
        (
            ("job_id = \"body:/job/id\"\n", ""),
            "callback.job_id: say where an event names its job, or write address = \"wait\", for an address that is one wait's own",
        ),
        (
            (VERIFY, "verify = \"capability\""),
            "callback.verify: \"capability\" is for addresses that nobody can guess: write address = \"wait\", or how the sender proves itself",
        ),
    ]);
    assert_says(&[(
        (JOB_ID, "address = \"wait\""),
        "callback.address: is each wait's own, so [submit] must tell the third party: put {callback_url} into it",
    )]);
    let said = try_render(&[(VERIFY, "verify = \"none\"")]).unwrap_err().to_string();
    assert!(said.contains("invalid value: string \"none\", expected a table such as"), "{said}");
}

#[test]
fn events_may_be_ignored_by_an_acceptor() {
    let accept = "accept = [{ state = \"ignore\", when = { at = \"query:kind\", equals = \"log\" } }]";
    let accept = callback(&[(JOB_ID, &format!("{JOB_ID}\n{accept}"))]).accept;
    assert_eq!(accept.iter().map(|acceptor| acceptor.state).collect::<Vec<_>>(), [EventState::Ignore]);
    let answers = "accept = [{ state = \"ignore\", when = { at = \"code\", equals = 200 } }]\nerror = \"body:/why\"";
    let said = try_render(&[("error = \"body:/why\"", answers)]).unwrap_err().to_string();
    assert!(said.contains("unknown variant `ignore`, expected one of `success`, `failure`, `retry`"), "{said}");
}

#[test]
fn a_query_string_is_a_part_of_events_only() {
    let cases = [
        (("job_id = \"body:/id\"", "job_id = \"query:id\""), "submit.job_id: query:id"),
        (("value = \"body:/state\"", "value = \"query:state\""), "status.value: query:state"),
        (("error = \"body:/why\"", "error = [\"body:/why\", \"query:why\"]"), "status.error: query:why"),
        (("output = \"body:/film\"", "output = \"query:film\""), "result.output: query:film"),
        (
            (
                "error = \"body:/why\"",
                "accept = [{ state = \"retry\", when = { any = [{ at = \"query:x\", exists = true }] } }]",
            ),
            "status.accept: query:x",
        ),
    ];
    for (change, at) in cases {
        assert_says(&[(change, &format!("{at} is a place in events only; an answer has no query string"))]);
    }
}

#[test]
fn a_heartbeat_is_whole_seconds_and_shorter_than_the_deadline() {
    let with = |text: &str| try_render(&[(JOB_ID, &format!("{JOB_ID}\nheartbeat = \"{text}\""))]);
    assert_eq!(with("30m").unwrap().callback.unwrap().heartbeat, Some(Duration::from_mins(30)));
    for text in ["9s", "10s 1ms"] {
        let said = with(text).unwrap_err().to_string();
        assert!(said.ends_with("callback.heartbeat: must be whole seconds, 10s or more"), "{said}");
    }
    let said = with("1h").unwrap_err().to_string();
    assert!(said.contains("callback.heartbeat: must be shorter than `deadline`"), "{said}");
}

#[test]
fn a_handshake_is_a_preset_or_described_by_itself() {
    let query = |name: &str| Locator::Query(name.to_owned());
    let echo = |value, proof| HandshakeReply::Echo { value, key: None, proof };
    let token = EchoProof::Token { at: query("hub.verify_token"), secret: "render/meta".to_owned() };
    let topic = "arn:aws:sns:eu-central-1:123456789012:films";
    let plain_token = Locator::parse("body:/payload/plainToken").unwrap();
    let hmac = HandshakeReply::Hmac {
        value: plain_token,
        key: "plainToken".to_owned(),
        hmac_key: "encryptedToken".to_owned(),
    };
    let when = "when = { at = \"body:/type\", equals = \"hello\" }";
    let cases = [
        ("{ preset = \"slack\" }".to_owned(), echo(Locator::parse("body:/challenge").unwrap(), EchoProof::Verified)),
        ("{ preset = \"zoom\" }".to_owned(), hmac.clone()),
        ("{ preset = \"discord\" }".to_owned(), HandshakeReply::Constant { answer: json!({ "type": 1 }) }),
        ("{ preset = \"microsoft-graph\" }".to_owned(), echo(query("validationToken"), EchoProof::Nothing)),
        ("{ preset = \"meta\", secret = \"render/meta\" }".to_owned(), echo(query("hub.challenge"), token.clone())),
        ("{ preset = \"asana\" }".to_owned(), HandshakeReply::Header { name: "x-hook-secret".to_owned() }),
        (format!("{{ preset = \"sns\", topic = \"{topic}\" }}"), HandshakeReply::Sns { topic: topic.to_owned() }),
        (
            format!(
                "{{ {when}, echo = \"query:hub.challenge\", token = \"query:hub.verify_token\", secret = \"render/meta\" }}"
            ),
            echo(query("hub.challenge"), token),
        ),
        (format!("{{ {when}, echo = \"query:c\", signed = false }}"), echo(query("c"), EchoProof::Nothing)),
        (
            format!("{{ {when}, echo = \"query:c\", key = \"challenge\" }}"),
            HandshakeReply::Echo { value: query("c"), key: Some("challenge".to_owned()), proof: EchoProof::Verified },
        ),
        (format!("{{ {when}, echo_header = \"X-Once\" }}"), HandshakeReply::Header { name: "x-once".to_owned() }),
        (
            format!(
                "{{ {when}, hmac = {{ of = \"body:/payload/plainToken\", key = \"plainToken\", hmac_key = \"encryptedToken\" }} }}"
            ),
            hmac,
        ),
        (format!("{{ {when}, answer = {{ ok = true }} }}"), HandshakeReply::Constant { answer: json!({ "ok": true }) }),
    ];
    for (text, reply) in cases {
        assert_eq!(handshake(&text), reply, "{text}");
    }
}

#[test]
fn a_handshake_that_contradicts_itself_is_refused() {
    let when = "when = { at = \"body:/type\", equals = \"hello\" }";
    let cases = [
        ("{}".to_owned(), "callback.handshake: name a `preset`"),
        (format!("{{ {when} }}"), "callback.handshake: say by exactly one of"),
        (
            format!("{{ {when}, echo = \"body:/c\", echo_header = \"X-C\" }}"),
            "callback.handshake: say by exactly one of",
        ),
        (format!("{{ {when}, echo_header = \"X-C\", signed = true }}"), "callback.handshake.signed: belongs to `echo`"),
        (format!("{{ {when}, echo = \"body:/c\", secret = \"x\" }}"), "callback.handshake.secret: is what `token`"),
        (
            format!("{{ {when}, echo = \"body:/c\", token = \"body:/t\" }}"),
            "callback.handshake.secret: name the secret",
        ),
        (
            format!("{{ {when}, echo = \"body:/c\", token = \"body:/t\", secret = \"x\", signed = true }}"),
            "callback.handshake.token: stands for a signature",
        ),
        (
            format!("{{ {when}, hmac = {{ of = \"body:/c\", key = \"a\", hmac_key = \"a\" }} }}"),
            "callback.handshake.hmac: needs two keys that differ",
        ),
        (
            format!("{{ {when}, answer = {{ a = \"{}\" }} }}", "x".repeat(1_024)),
            "callback.handshake.answer: has more than",
        ),
        ("{ preset = \"zoom\", echo = \"body:/c\" }".to_owned(), "callback.handshake.echo: does not stand beside"),
        ("{ preset = \"zoom\", topic = \"x\" }".to_owned(), "callback.handshake.topic: does not stand beside"),
        ("{ preset = \"meta\" }".to_owned(), "callback.handshake.secret: name the secret"),
        ("{ preset = \"sns\" }".to_owned(), "callback.handshake.topic: name the topic's ARN"),
        (
            "{ preset = \"sns\", topic = \"arn:aws:sqs:r:1:n\" }".to_owned(),
            "callback.handshake.topic: name the topic's ARN",
        ),
    ];
    for (text, says) in cases {
        let said = try_render(&[(JOB_ID, &format!("{JOB_ID}\nhandshake = {text}"))]).unwrap_err().to_string();
        assert!(said.contains(says), "{text}: {said}");
    }
}

#[test]
fn an_hmac_is_made_with_a_secret_of_verify() {
    let zoom = [(JOB_ID, "address = \"wait\"\nhandshake = { preset = \"zoom\" }"), (VERIFY, "verify = \"capability\"")];
    let said = try_render(&zoom).unwrap_err().to_string();
    assert!(said.contains("callback.handshake.hmac: is made with the first secret of callback.verify"), "{said}");
}
