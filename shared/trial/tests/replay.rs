//! Recordings: all that are shipped are played back, and what is recorded can be.

#![expect(clippy::unwrap_used, reason = "all of this is test code: what cannot be read must fail the test")]

use serde_json::json;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use stepwait_core::Timestamp;
use stepwait_core::integration::Integration;
use stepwait_core::wait::OutcomeKind;
use stepwait_trial::{
    Ended, Event, Fixture, Leg, Meaning, Options, Replay, Tape, Trial, TrialError, Veil, World, dry_run,
};

const HOOK: &str = "https://hooks.example.com/webhooks/try";

fn examples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../integrations/examples")
}

fn integration(name: &str) -> Integration {
    let text = fs::read_to_string(examples().join(format!("{name}.toml"))).unwrap();
    Integration::parse(name, &text).unwrap()
}

fn fixture(path: &str) -> Fixture {
    Fixture::parse(&fs::read_to_string(examples().join("fixtures").join(path)).unwrap()).unwrap()
}

fn start() -> Timestamp {
    Timestamp::from_second(1_795_000_000).unwrap()
}

fn options() -> Options {
    Options { callback_url: Some(HOOK.to_owned()), ..Options::default() }
}

struct Played {
    ended: Result<Ended, TrialError>,
    events: Vec<Event>,
    differences: Vec<String>,
    recorded: Option<Fixture>,
}

async fn play(integration: &Integration, fixture: &Fixture, options: Options) -> Played {
    let trial = Trial::new(integration, fixture.request.clone(), "a replay", options, start()).unwrap();
    let replay = Replay::new(fixture, integration, trial.names(), start());
    let events = Mutex::new(Vec::new());
    let (veil, tape) = (Veil::default(), Tape::default());
    let observer = |event: &Event| events.lock().unwrap().push(event.clone());
    let world = World {
        third_party: &replay,
        secrets: &replay,
        time: &replay,
        observer: &observer,
        veil: &veil,
        tape: Some(&tape),
    };
    let ended = trial.run(&world).await;
    let differences = ended.as_ref().map(|ended| replay.differences(ended)).unwrap_or_default();
    let recorded = ended.as_ref().ok().map(|ended| tape.fixture(&trial, &veil, ended));
    let differences = differences.iter().map(ToString::to_string).collect();
    let events = events.into_inner().unwrap();
    Played { ended, events, differences, recorded }
}

#[tokio::test]
async fn every_shipped_recording_is_played_back_without_a_difference_and_so_is_a_recording_of_that() {
    let mut played = 0;
    for folder in fs::read_dir(examples().join("fixtures")).unwrap() {
        for file in fs::read_dir(folder.unwrap().path()).unwrap() {
            let path = file.unwrap().path();
            let fixture = Fixture::parse(&fs::read_to_string(&path).unwrap()).unwrap();
            let integration = integration(&fixture.integration);
            let once = play(&integration, &fixture, options()).await;
            assert_eq!(once.differences, Vec::<String>::new(), "{path:?}: {:?}", once.ended);
            let copy = once.recorded.unwrap();
            let twice = play(&integration, &copy, options()).await;
            assert_eq!(twice.differences, Vec::<String>::new(), "{path:?}, recorded: {:?}", twice.ended);
            played += 1;
        }
    }
    assert!(played >= 63, "{played}");
}

#[tokio::test]
async fn each_look_is_told_with_the_rule_that_decided_and_the_values_that_the_file_points_to() {
    let played = play(&integration("plaid-asset-report"), &fixture("plaid-asset-report/oddity.json"), options()).await;
    let looks = played.events.iter().filter_map(|event| {
        if let Event::Looked { check, meaning, rule, .. } = event {
            Some((*check, *meaning, rule.as_str()))
        } else {
            None
        }
    });
    let not_yet = "status.accept 2: body:/error_code is \"PRODUCT_NOT_READY\"";
    let done = "status.accept 1: body:/report exists";
    let expected = [
        (1, Meaning::Pending, not_yet),
        (2, Meaning::Pending, not_yet),
        (3, Meaning::Pending, not_yet),
        (4, Meaning::AskAgain, "errors"),
        (5, Meaning::Ended, done),
    ];
    assert_eq!(looks.collect::<Vec<_>>(), expected);
    let located = played.events.iter().filter_map(|event| {
        if let Event::Answered { leg: Leg::Submit, located, .. } = event { Some(located) } else { None }
    });
    let located: Vec<_> = located.flatten().map(|found| (found.at.as_str(), found.value.as_str())).collect();
    assert_eq!(
        located,
        [("body:/asset_report_id", "9b64e1d7-2f0c-4835-a6b9-c7d81e03f52a"), ("body:/asset_report_token", "[REDACTED]")]
    );
}

#[tokio::test]
async fn what_is_not_as_recorded_is_told_with_its_place() {
    let integration = integration("stripe-payout");
    let mut fixture = fixture("stripe-payout/failure.json");
    fixture.request["amount"] = json!(7);
    fixture.exchanges.pop();
    let played = play(&integration, &fixture, options()).await;
    assert_eq!(
        played.differences,
        [
            "exchange 1 (submit): body differs: recorded amount=1100&currency=eur&metadata%5Bwait%5D={wait_id}, now amount=7&currency=eur&metadata%5Bwait%5D={wait_id}",
            "exchange 4 differs: recorded nothing was asked, now POST https://api.stripe.com/v1/payouts/po_1SQx7bK2mVdR9tYwLc4HfZ0e/cancel",
            "outcome differs: recorded failed, now cancelled",
        ]
    );
}

#[tokio::test]
async fn a_recording_holds_no_kept_value_and_no_token() {
    let played = play(&integration("plaid-asset-report"), &fixture("plaid-asset-report/success.json"), options()).await;
    let token = "assets-";
    let text = serde_json::to_string(&played.recorded).unwrap();
    assert!(!text.contains(token), "{text}");
    let shown = serde_json::to_string(&played.events).unwrap();
    assert!(!shown.contains(token), "{shown}");
    let played = play(&integration("zoom-recording"), &fixture("zoom-recording/success.json"), options()).await;
    let text = serde_json::to_string(&played.recorded).unwrap();
    assert!(!text.contains("eyJ0eXAiOiJKV1QifQ.example.token"), "{text}");
    assert!(text.contains(r#""access_token":"[REDACTED]""#), "{text}");
}

#[tokio::test]
async fn a_job_that_is_not_done_by_the_deadline_is_looked_at_once_more_and_called_off() {
    let integration = integration("replicate");
    let mut fixture = fixture("replicate/cancel.json");
    fixture.expected = stepwait_trial::Expected::Expired;
    let played = play(&integration, &fixture, options()).await;
    assert_eq!(played.differences, Vec::<String>::new());
    let Ok(Ended { kind: OutcomeKind::Expired { .. }, checks: 2, .. }) = played.ended else {
        panic!("{:?}", played.ended);
    };
    assert!(matches!(
        played.events.as_slice(),
        [.., Event::CalledOff { status: Some(200), why_not: None }, Event::Ended { .. }]
    ));
}

#[tokio::test]
async fn a_job_that_may_not_be_looked_at_any_more_is_called_off() {
    let text = fs::read_to_string(examples().join("replicate.toml")).unwrap();
    let integration = Integration::parse("replicate", &format!("{text}\n[errors]\nrefusals = 1\n")).unwrap();
    let recorded = fs::read_to_string(examples().join("fixtures/replicate/cancel.json")).unwrap();
    let mut recorded: serde_json::Value = serde_json::from_str(&recorded).unwrap();
    let exchanges = recorded["exchanges"].as_array_mut().unwrap();
    exchanges[1]["answer"] = json!({ "status": 403, "headers": {} });
    exchanges.retain(|exchange| exchange["leg"] != "status" || exchange["answer"]["status"] == 403);
    recorded["expected"] = json!({ "outcome": "failed", "error": "CheckRefused", "reason": "HTTP 403" });
    let played = play(&integration, &Fixture::parse(&recorded.to_string()).unwrap(), options()).await;
    assert_eq!(played.differences, Vec::<String>::new());
    assert!(matches!(
        played.events.as_slice(),
        [.., Event::CalledOff { status: Some(200), why_not: None }, Event::Ended { .. }]
    ));
}

#[tokio::test]
async fn a_trial_may_be_bounded_by_looks() {
    let options = Options { most_checks: Some(1), ..options() };
    let played = play(&integration("replicate"), &fixture("replicate/cancel.json"), options).await;
    let Ok(Ended { kind: OutcomeKind::Cancelled { reason }, checks: 1, .. }) = played.ended else {
        panic!("{:?}", played.ended);
    };
    assert_eq!(reason, "not done after 1 looks, as asked");
}

#[test]
fn every_shipped_file_can_be_run_dry_and_names_what_is_not_known_yet() {
    for (name, leg, url) in [
        ("openai-batch", "result", "https://api.openai.com/v1/files/{answer:/output_file_id}/content"),
        ("azure-document-intelligence", "status", "{kept:operation}"),
        ("replicate", "cancel", "https://api.replicate.com/v1/predictions/{job_id}/cancel"),
    ] {
        let integration = integration(name);
        let request = fixture(&format!("{name}/success.json")).request;
        let trial = Trial::new(&integration, request, "dry", options(), start()).unwrap();
        let dry = dry_run(&trial);
        let found = dry.iter().find(|dry| dry.leg.as_str() == leg).unwrap().request.as_ref().unwrap();
        assert_eq!(found.url, url);
        assert!(found.headers.iter().any(|(_, value)| value == "[REDACTED]"), "{found:?}");
    }
    for file in fs::read_dir(examples()).unwrap() {
        let path = file.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "toml") {
            continue;
        }
        let name = path.file_stem().unwrap().to_str().unwrap();
        let integration = integration(name);
        let fixtures = examples().join("fixtures").join(name);
        let Ok(mut fixtures) = fs::read_dir(fixtures) else { continue };
        let fixture = Fixture::parse(&fs::read_to_string(fixtures.next().unwrap().unwrap().path()).unwrap()).unwrap();
        let trial = Trial::new(&integration, fixture.request, "dry", options(), start()).unwrap();
        for dry in dry_run(&trial) {
            let request = dry.request.unwrap_or_else(|missing| panic!("{name}, {:?}: {missing}", dry.leg));
            assert!(!format!("{request:?}").contains("stepwait-unknown"), "{name}: {request:?}");
        }
    }
}
