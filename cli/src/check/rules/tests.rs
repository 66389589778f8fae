//! What the rules find, and do not find, in variants of one sensible file.

use super::{RULES, topics};
use crate::check::check_file;
use crate::check::files::File;

/// A file without findings.
const RENDER: &str = r#"
description = "Renders films"
docs = "https://render.example.com/docs/jobs"
strategy = "poll"
deadline = "2h"
base_url = "https://api.render.example.com"

[submit]
path = "/v1/jobs"
job_id = "body:/id"
idempotency_header = "Idempotency-Key"

[status]
path = "/v1/jobs/{job_id}"
value = "body:/state"
succeeded = ["done"]
failed = ["broken"]
pending = ["rendering"]

[cancel]
method = "DELETE"
path = "/v1/jobs/{job_id}"

[schedule]
interval = "2s..60s"
"#;

/// The rules that the file breaks after changes, each with the text that is underlined.
fn found(changes: &[(&str, &str)]) -> Vec<(&'static str, String)> {
    let text = changes.iter().fold(RENDER.to_owned(), |text, (from, to)| {
        assert!(text.contains(from), "{from}");
        text.replace(from, to)
    });
    let checked =
        check_file(File { path: "render.toml".to_owned(), name: "render".to_owned(), text: text.clone() }, true);
    let found = checked.diagnostics.into_iter();
    found.map(|found| (found.rule, text[found.span.unwrap()].to_owned())).collect()
}

fn one(rule: &'static str, underlined: &str) -> Vec<(&'static str, String)> {
    vec![(rule, underlined.to_owned())]
}

#[test]
fn identifiers_are_sorted_and_every_topic_has_one_of_its_own() {
    assert!(RULES.windows(2).all(|pair| pair[0].topic.id < pair[1].topic.id));
    let mut ids: Vec<_> = topics().into_iter().map(|topic| topic.id).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), topics().len());
}

#[test]
fn a_sensible_file_breaks_no_rule() {
    assert_eq!(found(&[]), []);
}

#[test]
fn an_acceptor_that_an_earlier_one_covers_is_found() {
    let accept = |first: &str, second: &str| {
        let text = format!(
            "[[status.accept]]\nstate = \"retry\"\nwhen = {first}\n[[status.accept]]\nstate = \"failure\"\nwhen = {second}\n\n[cancel]"
        );
        found(&[("[cancel]", &text)])
    };
    let code = |value: &str| format!("{{ at = \"code\", {value} }}");
    for (first, second) in [
        (code("equals = 422"), code("equals = 422")),
        (code("one_of = [409, 422]"), code("equals = 422")),
        (code("exists = true"), code("exists = true")),
        (
            code("equals = 422"),
            format!("{{ all = [{}, {{ at = \"body:/a\", exists = true }}] }}", code("equals = 422")),
        ),
    ] {
        assert_eq!(accept(&first, &second), one("statuses-overlap", &second), "{first} {second}");
    }
    assert_eq!(accept(&code("equals = 422"), &code("one_of = [409, 422]")), []);
    assert_eq!(accept(&code("equals = 422"), "{ at = \"header:X\", equals = 422 }"), []);
}

#[test]
fn a_host_is_used_by_a_url_in_the_file_or_by_one_out_of_an_answer() {
    let hosts = ("[submit]", "[hosts]\nfollow = [\"files.example.net\"]\n\n[submit]");
    assert_eq!(found(&[hosts]), one("unused", "\"files.example.net\""));
    let result = |url: &str| format!("[result]\nurl = \"{url}\"\n\n[cancel]");
    assert_eq!(found(&[hosts, ("[cancel]", &result("https://files.example.net/{job_id}"))]), []);
    assert_eq!(found(&[hosts, ("[cancel]", &result("{answer:/film}"))]), []);
    assert_eq!(
        found(&[("[cancel]", &result("https://files.example.net/{job_id}"))]),
        one("foreign-host", "\"https://files.example.net/{job_id}\"")
    );
}

#[test]
fn a_configured_value_is_used_by_a_placeholder_outside_of_the_values() {
    let values = ("[submit]", "[values]\naccount = 1\nquery = \"{value:account}\"\n\n[submit]");
    let path = ("path = \"/v1/jobs\"", "path = \"/v1/{value:query}\"");
    assert_eq!(found(&[values, path]), one("unused", "account"));
    assert_eq!(found(&[values, path, ("value = \"body", "query = { a = \"{value:account}\" }\nvalue = \"body")]), []);
}

#[test]
fn a_submit_that_is_said_to_fail_needs_no_idempotency_key() {
    let fails = ("idempotency_header = \"Idempotency-Key\"", "when_unknown = \"fail\"");
    assert_eq!(found(&[fails]), []);
}

#[test]
fn a_deadline_leaves_room_for_two_looks() {
    let short = |deadline: &str| found(&[("\"2h\"", deadline), ("[schedule]", "[schedule]\nfirst = \"10s\"")]);
    assert_eq!(short("\"12s\""), []);
    assert_eq!(short("\"11s\""), one("no-deadline-margin", "\"11s\""));
    assert_eq!(short("\"10s\""), one("no-deadline-margin", "\"10s\""));
}

#[test]
fn what_was_learned_counts_from_twenty_jobs_on_where_it_saves_looks_and_jobs_are_polled() {
    let learned = |jobs: &str| {
        let line = format!("[schedule]\nlearned = {{ jobs = \"128 per doubling, {jobs}\" }}");
        found(&[("[schedule]", &line)])
    };
    assert_eq!(learned("4m 58s: 15, 5m: 4.99"), one("learned-without-effect", "learned"));
    assert_eq!(learned("4m 58s: 15, 5m: 5"), []);
    // One look finds them all, whenever it comes.
    let daily = "first = \"1day\"\ninterval = \"1day\"\nlearned = { jobs = \"128 per doubling, 1h: 90\" }";
    let pooled = ("strategy = \"poll\"", "strategy = \"poll\"\nengine = \"pooled\"");
    let found = found(&[pooled, ("\"2h\"", "\"5days\""), ("interval = \"2s..60s\"", daily)]);
    assert_eq!(found, one("learned-without-effect", "learned"));
}

#[test]
fn a_history_that_few_requests_fill_is_worth_a_note() {
    assert_eq!(found(&[("\"2h\"", "\"8h\"")]), []);
    assert_eq!(found(&[("\"2h\"", "\"9h\"")]), one("history-limit", "\"9h\""));
}

#[test]
fn a_job_that_existed_before_needs_neither_cancel_nor_idempotency_key() {
    let existing = (
        "path = \"/v1/jobs\"\njob_id = \"body:/id\"\nidempotency_header = \"Idempotency-Key\"",
        "job_id = \"request:/id\"",
    );
    let cancel = ("[cancel]\nmethod = \"DELETE\"\npath = \"/v1/jobs/{job_id}\"\n", "");
    assert_eq!(found(&[existing, cancel]), []);
}
