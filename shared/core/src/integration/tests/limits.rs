//! `[limits]`: what may be limited, and with whom it is shared.

use crate::integration::{Integration, IntegrationName, Limits};
use crate::test_support::{RENDER, render_name};
use std::time::Duration;

fn parse(keys: &str) -> Result<Option<Limits>, String> {
    let text = format!("{RENDER}\n[limits]\n{keys}\n");
    Integration::parse("render", &text).map(|integration| integration.limits).map_err(|e| e.what)
}

fn limited() -> Limits {
    Limits { group: render_name(), in_flight: None, interval: None, breaker: true }
}

#[test]
fn each_limit_is_read_and_the_breaker_is_on_unless_the_file_says_otherwise() {
    let micros = |micros| Some(Duration::from_micros(micros));
    let group = IntegrationName::parse("film-studio").unwrap();
    let cases = [
        ("in_flight = 200", Limits { in_flight: Some(200), ..limited() }),
        ("per_second = 5", Limits { interval: micros(200_000), ..limited() }),
        ("per_second = 3.0", Limits { interval: micros(333_333), ..limited() }),
        ("per_second = 0.01", Limits { interval: micros(100_000_000), ..limited() }),
        ("per_second = 1000", Limits { interval: micros(1_000), ..limited() }),
        ("breaker = true", limited()),
        ("in_flight = 1\nbreaker = false", Limits { in_flight: Some(1), breaker: false, ..limited() }),
        ("breaker = true\ngroup = \"film-studio\"", Limits { group, ..limited() }),
    ];
    for (keys, expected) in cases {
        assert_eq!(parse(keys), Ok(Some(expected)), "{keys}");
    }
    assert_eq!(Integration::parse("render", RENDER).unwrap().limits, None);
}

#[test]
fn a_section_that_limits_nothing_or_not_sensibly_is_refused() {
    let nothing = "limits nothing: set in_flight, per_second or breaker = true";
    let cases = [
        ("", nothing),
        ("group = \"film-studio\"", nothing),
        ("breaker = false", nothing),
        ("in_flight = 0", "0 jobs at a time cannot be kept: write 1 to 200"),
        ("in_flight = 201", "201 jobs at a time cannot be kept: write 1 to 200"),
        ("in_flight = -1", "-1 jobs at a time cannot be kept: write 1 to 200"),
        ("per_second = 0", "0 requests a second cannot be kept: write 0.01 to 1000"),
        ("per_second = 1000.5", "1000.5 requests a second cannot be kept: write 0.01 to 1000"),
        ("per_second = nan", "NaN requests a second cannot be kept: write 0.01 to 1000"),
        (
            "breaker = true\ngroup = \"Film\"",
            "\"Film\" is not an integration name: use 1 to 40 lower-case letters, digits and hyphens, starting with a letter",
        ),
    ];
    for (keys, expected) in cases {
        assert_eq!(parse(keys).unwrap_err(), expected, "{keys}");
    }
}
