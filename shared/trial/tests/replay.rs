//! Recordings: all that are shipped are played back, and what is recorded can be.

use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use stepwait_core::Timestamp;
use stepwait_core::integration::Integration;
use stepwait_core::wait::OutcomeKind;
use stepwait_trial::{Ended, Event, Fixture, Meaning, Options, Replay, Tape, Trial, TrialError, Veil, World, dry_run};

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
