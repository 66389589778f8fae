//! What an integration file can say, subject by subject: a file for each in
//! `files/`, which waits for a third party ([`api`]) that has the subject's oddity.
//!
//! - [`runs`]: each subject undisturbed, and with every fault at every effect.
//! - [`logs`]: nothing secret is logged in any of these runs.
//! - [`submits`], [`looks`], [`events`], [`addresses`], [`queries`], [`handshakes`],
//!   [`closing`]: single steps.

mod addresses;
mod api;
mod closing;
mod events;
mod handshakes;
mod logs;
mod looks;
mod queries;
mod runs;
mod submits;

use crate::direct::Bench;
use crate::scenarios::{PROMPT, Scenario};
use crate::world::{Script, World};
use std::time::Duration;
use stepwait_catalog::Catalog;
use stepwait_core::wait::JobId;
use stepwait_flow::{Book, Settings};

macro_rules! files {
    ($($name:literal),* $(,)?) => {
        &[$(($name, include_str!(concat!("files/", $name, ".toml")))),*]
    };
}

const FILES: &[(&str, &str)] = files![
    "addressed",
    "anonymous",
    "counted",
    "down",
    "elsewhere",
    "fetched",
    "handed",
    "kept",
    "kept-thin",
    "large",
    "late",
    "looked-up",
    "oauth",
    "paged",
    "prompt",
    "prompt-polled",
    "referenced",
    "refusing",
    "strange",
    "thin",
];

fn book() -> Book {
    Book::new(Catalog::of_written(FILES).unwrap(), settings())
}

fn settings() -> Settings {
    Settings { callback_base: Some("https://hooks.example.com".to_owned()), ..Settings::default() }
}

/// Lets the third party behave as the subject needs it.
fn set_up(world: &World, scenario: &Scenario) {
    let vendor = &mut world.state().vendor;
    vendor.api = Some(api::api);
    if scenario.integration == "referenced" {
        let now = "2026-11-23T12:00:00Z".parse().unwrap();
        let job = vendor.start(None, now, 0);
        vendor.jobs[job].id = JobId::parse("r-1").unwrap();
    }
}

fn subject(name: &'static str, integration: &'static str, script: Script) -> Scenario {
    Scenario { name, integration, pinned: None, script, expected: runs::UNSEEN, may_end_as: None }
}

/// A wait for one of these integrations, and one step after the other.
fn bench(integration: &'static str, script: Script) -> Bench {
    let scenario = subject(integration, integration, script);
    let bench = Bench::with_book(&scenario, book());
    set_up(&bench.world, &scenario);
    bench
}

/// A wait for one integration whose file was changed.
fn changed(name: &'static str, change: impl FnOnce(&str) -> String) -> Bench {
    let text = FILES.iter().find(|(known, _)| *known == name).unwrap().1;
    let scenario = subject(name, name, SLOW);
    let book = Book::new(Catalog::of_written(&[(name, &change(text))]).unwrap(), settings());
    let bench = Bench::with_book(&scenario, book);
    set_up(&bench.world, &scenario);
    bench
}

/// A third party that takes a job and takes its time.
const SLOW: Script = Script { takes: Duration::from_secs(20), ..PROMPT };
