//! `stepwait try`, the real binary, against a real job server: aria2, a download
//! manager, with jobs that succeed, fail, and are called off.
//!
//! aria2 was written by people who never heard of this program, which no scripted
//! third party can claim. It listens on this machine for as long as the tests run
//! (`server`), and downloads from a web server of the tests (`web`). Without
//! `aria2c` on the PATH the tests are shown as ignored.

mod command;
mod server;
mod web;

use command::{Run, Running};
use libtest_mimic::{Arguments, Failed, Trial};
use serde_json::{Value, json};
use server::Server;
use std::fs;
use std::process::ExitCode;
use std::sync::Arc;
use web::{REPORT, Web};

/// Why a test could not go on.
pub(crate) type Trouble = Box<dyn std::error::Error + Send + Sync>;

/// What the tests share.
struct Place {
    server: Server,
    web: Web,
}

type Test = fn(&Place) -> Result<(), Trouble>;

const TESTS: [(&str, Test); 6] = [
    ("a_download_that_completes_is_a_success_and_its_files_are_the_result", completes),
    ("a_download_that_is_not_found_fails_with_what_aria2_says", is_not_found),
    ("a_download_that_takes_too_long_is_called_off", takes_too_long),
    ("ctrl_c_calls_the_job_off", is_interrupted),
    ("a_recording_holds_no_password_and_can_be_played_back", is_recorded),
    ("a_missing_secret_is_told_before_anything_is_sent", lacks_a_secret),
];

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let place = match Server::start() {
        Ok(Some(server)) => Web::start().map(|web| Some(Arc::new(Place { server, web }))),
        Ok(None) => {
            eprintln!("ignored: there is no aria2c on the PATH; install aria2 to run these tests");
            Ok(None)
        }
        Err(trouble) => Err(trouble),
    };
    let place = match place {
        Ok(place) => place,
        Err(trouble) => {
            eprintln!("{trouble}");
            return ExitCode::FAILURE;
        }
    };
    let trials = TESTS.map(|(name, test)| match &place {
        None => Trial::test(name, || Ok(())).with_ignored_flag(true),
        Some(place) => {
            let place = Arc::clone(place);
            Trial::test(name, move || test(&place).map_err(Failed::from))
        }
    });
    let conclusion = libtest_mimic::run(&arguments, trials.into());
    // Stops the server, which `exit` would not.
    drop(place);
    conclusion.exit_code()
}

fn completes(place: &Place) -> Result<(), Trouble> {
    let run = Run::of(place, "report.csv", &[])?.end()?;
    assert_eq!(run.status, Some(0), "{run:?}");
    let end = run.last("ended")?;
    let path = end.pointer("/end/output/0/path").and_then(Value::as_str).ok_or("the result names no file")?;
    assert_eq!(fs::read_to_string(path)?, REPORT);
    let look = run.last("looked")?;
    assert_eq!(look["value"], "complete");
    assert_eq!(look["rule"], "the status is listed");
    Ok(())
}

fn is_not_found(place: &Place) -> Result<(), Trouble> {
    let run = Run::of(place, "nothing.csv", &[])?.end()?;
    assert_eq!(run.status, Some(1), "{run:?}");
    let expected = json!({"outcome": "failed", "error": "JobFailed", "reason": "status \"error\": Resource not found"});
    assert_eq!(run.last("ended")?["end"], expected);
    Ok(())
}

fn takes_too_long(place: &Place) -> Result<(), Trouble> {
    let run = Run::of(place, "endless.csv", &["--cancel-after", "2s"])?.end()?;
    assert_eq!(run.status, Some(1), "{run:?}");
    assert_eq!(run.last("called_off")?["status"], 200);
    assert_eq!(run.last("ended")?["end"], json!({"outcome": "cancelled", "reason": "not done in time, as asked"}));
    Ok(())
}

fn is_interrupted(place: &Place) -> Result<(), Trouble> {
    let mut running: Running = Run::of(place, "endless.csv", &[])?;
    let look = running.until("looked")?;
    assert_eq!(look["meaning"], "pending");
    running.interrupt()?;
    let run = running.end()?;
    assert_eq!(run.status, Some(130), "{run:?}");
    assert_eq!(run.last("called_off")?["status"], 200);
    Ok(())
}

fn is_recorded(place: &Place) -> Result<(), Trouble> {
    let folder = place.server.folder().join("recordings");
    let folder_text = folder.display().to_string();
    let run = Run::of(place, "report.csv", &["--record", &folder_text])?.end()?;
    assert_eq!(run.status, Some(0), "{run:?}");
    let recording = fs::read_to_string(folder.join("success.json"))?;
    assert!(!recording.contains(server::PASSWORD), "{recording}");
    assert!(!run.all.contains(server::PASSWORD), "{run:?}");
    let replay = Run::replay(place, &folder)?.end()?;
    assert_eq!(replay.status, Some(0), "{replay:?}");
    assert_eq!(replay.last("compared")?["differences"], json!([]));
    Ok(())
}

fn lacks_a_secret(place: &Place) -> Result<(), Trouble> {
    let run = Run::without_secrets(place)?.end()?;
    assert_eq!(run.status, Some(3), "{run:?}");
    assert!(run.errors.contains("set STEPWAIT_SECRET_ARIA2_RPC_PASSWORD"), "{run:?}");
    assert_eq!(run.all, "");
    Ok(())
}
