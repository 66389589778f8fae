//! What is planned, printed and drawn.

use super::compare::{Asked, Comparison, Interval};
use super::{Plan, html, json, table};
use std::path::Path;
use std::time::Duration;
use stepwait_core::cost::{Architecture, Prices, Way};
use stepwait_core::integration::Integration;

fn asked(duration: &str, interval: Option<&str>) -> Asked {
    Asked {
        durations: duration.parse().unwrap(),
        per_month: 100_000,
        interval: interval.map(|interval| interval.parse().unwrap()),
        look: Duration::from_millis(100),
        architecture: Architecture::Arm64,
    }
}

fn shipped(name: &str) -> Integration {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../integrations/{name}.toml"));
    Integration::parse(name, &std::fs::read_to_string(path).unwrap()).unwrap()
}

fn compare(name: Option<&str>, duration: &str, interval: Option<&str>) -> Comparison {
    Comparison::of(name.map(shipped).as_ref(), &asked(duration, interval), &Prices::default())
}

fn plan(comparison: Comparison) -> Plan {
    Plan { prices: Prices::default(), architecture: Architecture::Arm64, comparisons: vec![comparison] }
}

fn taken(comparison: &Comparison) -> (Way, &str) {
    let recommended = comparison.recommended.as_ref().unwrap();
    (recommended.way, recommended.reason.as_str())
}

#[test]
fn a_webhook_is_taken_where_there_is_one() {
    let comparison = compare(Some("identity-check"), "1h", None);
    let (way, reason) = taken(&comparison);
    assert_eq!(way, Way::Reconciled);
    assert!(reason.starts_with("the third party's webhook tells at once"), "{reason}");
    let refused: Vec<Way> = comparison.rows.iter().filter(|row| row.figures.is_err()).map(|row| row.way).collect();
    assert_eq!(refused, [Way::Nested], "until its deadline it would take too many rounds");
}

#[test]
fn without_a_webhook_short_waits_are_nested_and_long_ones_pooled() {
    let short = compare(None, "1m..2m", Some("5s"));
    let (way, reason) = taken(&short);
    assert_eq!(way, Way::Nested);
    assert!(reason.contains("pooled would cost"), "{reason}");
    assert_eq!(taken(&compare(None, "lognormal:8h:0.5", Some("5m"))).0, Way::Pooled);
}

#[test]
fn what_to_write_for_a_way_is_said_unless_the_file_has_it() {
    let text = |name, duration| compare(Some(name), duration, None).recommended.unwrap().text();
    let other = text("transcript", "lognormal:20m:0.1");
    assert!(other.ends_with("; in a file: strategy = \"poll\", engine = \"pooled\""), "{other}");
    let same = text("transcript-pooled", "lognormal:8h:0.5");
    assert!(same.ends_with(", as the file has it"), "{same}");
}

#[test]
fn a_pooled_file_is_told_when_nested_rounds_would_be_too_many_for_it() {
    let mut integration = shipped("transcript-pooled");
    integration.deadline = Duration::from_hours(90 * 24);
    let comparison = Comparison::of(Some(&integration), &asked("8h", None), &Prices::default());
    let nested = comparison.rows.iter().find(|row| row.way == Way::Nested).unwrap();
    let why = "until its deadline it may take more rounds than an execution's history holds";
    assert_eq!(nested.figures.as_ref().err().map(String::as_str), Some(why));
}

#[test]
fn what_cannot_be_used_says_why() {
    let comparison = compare(Some("transcript"), "5m", None);
    let refused = |way| comparison.rows.iter().find(|row| row.way == way).unwrap().figures.as_ref().err().cloned();
    for way in [Way::Callback, Way::Reconciled, Way::DurableCallback] {
        assert_eq!(refused(way).as_deref(), Some("needs a webhook; the file has no [callback]"), "{way:?}");
    }
    assert_eq!(refused(Way::Nested), None);
    let text = table::print(&plan(comparison));
    assert!(text.contains("callback: needs a webhook"), "{text}");
}

#[test]
fn a_month_is_as_many_of_a_million_waits_as_are_asked_for() {
    let comparison = compare(None, "5m", Some("10s"));
    for row in &comparison.rows {
        let figures = row.figures.as_ref().unwrap();
        assert_eq!(figures.month, figures.whole.div_ceil(10), "{:?}", row.way);
    }
}

#[test]
fn programs_read_whole_numbers_of_every_way() {
    let json = json::print(&plan(compare(None, "1m", Some("5s"))));
    assert_eq!(json["break_even_ms"], 72_945);
    let ways = json["plans"][0]["ways"].as_array().unwrap();
    assert_eq!(ways.len(), 9);
    for way in ways {
        assert!(way["of_a_million_waits"]["nano_dollars_waiting"].as_u64().is_some_and(|nano| nano > 0), "{way}");
        assert!(way["mean_delay_ms"].as_u64().is_some(), "{way}");
    }
    // Twelve looks, at three states each.
    assert_eq!(ways[0]["of_a_million_waits"]["waiting"]["standard_transitions"], 36_000_000);
    assert_eq!(ways[5]["only"], "if it sends webhooks");
}

#[test]
fn nothing_is_recommended_where_jobs_take_longer_than_the_deadline() {
    let comparison = compare(Some("transcript"), "8h", None);
    assert!(comparison.recommended.is_none());
    let printed = table::print(&plan(comparison));
    assert!(!printed.contains('→') && !printed.contains(" 0s "), "{printed}");
    let note = "nested: 100.0 % of the jobs take longer than the deadline; raise `deadline`";
    assert!(printed.contains(note), "{printed}");
}

#[test]
fn intervals_are_one_time_or_two_and_nothing_else() {
    let read = |text: &str| text.parse::<Interval>();
    assert_eq!(read("30s"), read("30s..30s"));
    assert_eq!(read("1m..10s").unwrap_err(), "\"1m..10s\" runs backwards: write the shorter time first");
    assert_eq!(read("10ms").unwrap_err(), "\"10ms\" is out of bounds: an interval lies between 1s and 1day");
    assert!(read("often").unwrap_err().starts_with("\"often\" is no duration"));
}

#[test]
fn the_page_needs_nothing_else_and_can_be_read_without_seeing_it() {
    let mut comparison = compare(Some("transcript"), "lognormal:2m:0.5", None);
    comparison.title = "<script>alert(\"&\")</script>".to_owned();
    let page = html::page(&plan(comparison));
    assert!(!page.contains("<script") && page.contains("&lt;script&gt;alert(&quot;&amp;&quot;)"));
    for outside in ["http://", "https://", "src=", "url(", "@import", "<link"] {
        assert!(!page.contains(outside), "{outside}");
    }
    assert!(page.contains("prefers-color-scheme: dark") && page.contains("72 s: leaving a round"));
    let count = |what: &str| page.matches(what).count();
    assert_eq!((count("<svg role=\"img\""), count("<desc id="), count("<details>")), (3, 3, 3));
    assert!(!page.contains("NaN") && !page.contains("inf\""), "every point has a place");
    // Each way that can be used has a line in both charts of cost, and each a name.
    for name in ["standard-loop", "nested", "pooled", "durable-polling"] {
        assert_eq!(count(&format!("<polyline class=\"line {name}\"")), 2, "{name}");
    }
    assert_eq!(count("<polyline class=\"line callback\""), 0, "the file has no webhook");
}

#[test]
fn the_excerpt_in_the_readme_is_what_is_printed() {
    let readme = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../README.md")).unwrap();
    let command = "stepwait plan --waits-per-month 100000 --duration lognormal:8h:0.5 --interval 5m";
    assert!(readme.contains(&command.replace("stepwait", "cargo run --")), "the command that prints it");
    let excerpt = readme.split("```text\nany third party\n").nth(1).unwrap().split("```").next().unwrap();
    let printed = table::print(&plan(compare(None, "lognormal:8h:0.5", Some("5m"))));
    assert!(printed.contains(excerpt.trim_end()), "the README shows\n{excerpt}\nand printed is\n{printed}");
}
