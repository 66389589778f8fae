//! Conditions: what each comparison takes for equal, present or in range.

use crate::answer::{Answer, Document};
use crate::integration::Condition;
use crate::test_support::{answer, raw_answer, render, with_header};
use serde_json::json;

/// The condition that a file so writes.
fn condition(text: &str) -> Condition {
    let acceptor = format!("[[status.accept]]\nstate = \"retry\"\nwhen = {text}\n\n[result]");
    render(&[("[result]", &acceptor)]).status.accept.remove(0).when
}

fn job() -> Answer {
    let body = json!({
        "state": "done", "n": 200, "flag": true, "none": null, "list": [], "errors": [{"m": 1}],
        "price": "1.5", "nan": "NaN", "huge": "1e999", "long": "x".repeat(4 * 1024 + 1), "whole": 1.0,
    });
    with_header(answer(200, &body), "X-State", "Done")
}

fn assert_hold(received: &Answer, cases: &[(&str, bool)]) {
    for (text, expected) in cases {
        assert_eq!(condition(text).holds(&Document::of_answer(received)), *expected, "{text}");
    }
}

#[test]
fn equals_and_one_of_compare_scalars_as_texts_whatever_their_type() {
    assert_hold(
        &job(),
        &[
            (r#"{ at = "body:/state", equals = "done" }"#, true),
            (r#"{ at = "body:/state", equals = "Done" }"#, false),
            (r#"{ at = "body:/n", equals = 200 }"#, true),
            (r#"{ at = "body:/n", equals = "200" }"#, true),
            (r#"{ at = "body:/whole", equals = 1.0 }"#, true),
            (r#"{ at = "body:/flag", equals = true }"#, true),
            (r#"{ at = "body:/flag", equals = "true" }"#, true),
            (r#"{ at = "code", equals = 200 }"#, true),
            (r#"{ at = "code", equals = "202" }"#, false),
            (r#"{ at = "header:x-STATE", equals = "Done" }"#, true),
            (r#"{ at = "header:X-Other", equals = "" }"#, false),
            (r#"{ at = "body:/none", equals = "null" }"#, false),
            (r#"{ at = "body:/list", equals = "[]" }"#, false),
            (r#"{ at = "body:/n", one_of = [1, "200"] }"#, true),
            (r#"{ at = "body:/n", one_of = [1, 2] }"#, false),
            (r#"{ at = "body:/absent", one_of = [""] }"#, false),
        ],
    );
}

#[test]
fn null_counts_as_absent_and_an_empty_list_as_there() {
    assert_hold(
        &job(),
        &[
            (r#"{ at = "body:/none", exists = true }"#, false),
            (r#"{ at = "body:/none", exists = false }"#, true),
            (r#"{ at = "body:/absent", exists = false }"#, true),
            (r#"{ at = "body:/list", exists = true }"#, true),
            (r#"{ at = "body:/list/0", exists = true }"#, false),
            (r#"{ at = "body:/errors/0", exists = true }"#, true),
            (r#"{ at = "body:", exists = true }"#, true),
            (r#"{ at = "header:X-State", exists = true }"#, true),
            (r#"{ at = "header:X-Other", exists = false }"#, true),
            (r#"{ at = "code", exists = true }"#, true),
        ],
    );
}

#[test]
fn matches_finds_an_expression_anywhere_in_a_scalar_of_up_to_4_kib() {
    assert_hold(
        &job(),
        &[
            (r#"{ at = "body:/state", matches = "on" }"#, true),
            (r#"{ at = "body:/state", matches = "^on" }"#, false),
            (r#"{ at = "body:/n", matches = "^2\\d\\d$" }"#, true),
            (r#"{ at = "code", matches = "^2" }"#, true),
            (r#"{ at = "header:X-State", matches = "(?i)^done$" }"#, true),
            (r#"{ at = "body:/errors", matches = "" }"#, false),
            (r#"{ at = "body:/absent", matches = "" }"#, false),
            (r#"{ at = "body:/long", matches = "x" }"#, false),
        ],
    );
}

#[test]
fn a_range_holds_its_bounds_and_takes_numbers_written_as_text() {
    assert_hold(
        &job(),
        &[
            (r#"{ at = "body:/n", at_least = 200, at_most = 200 }"#, true),
            (r#"{ at = "body:/n", at_least = 200.5 }"#, false),
            (r#"{ at = "body:/n", at_most = 199 }"#, false),
            (r#"{ at = "body:/price", at_least = 1.5 }"#, true),
            (r#"{ at = "code", at_least = 200, at_most = 299 }"#, true),
            (r#"{ at = "body:/state", at_least = 0 }"#, false),
            (r#"{ at = "body:/flag", at_least = 0 }"#, false),
            (r#"{ at = "body:/nan", at_most = 1 }"#, false),
            (r#"{ at = "body:/huge", at_least = 1 }"#, false),
            (r#"{ at = "body:/absent", at_most = 1 }"#, false),
        ],
    );
}

#[test]
fn all_needs_every_member_and_any_needs_one() {
    let yes = r#"{ at = "body:/state", equals = "done" }"#;
    let no = r#"{ at = "body:/state", equals = "broken" }"#;
    let cases = [
        (format!("{{ all = [{yes}, {yes}] }}"), true),
        (format!("{{ all = [{yes}, {no}] }}"), false),
        (format!("{{ any = [{no}, {yes}] }}"), true),
        (format!("{{ any = [{no}, {no}] }}"), false),
        (format!("{{ all = [{yes}, {{ any = [{no}, {{ all = [{yes}] }}] }}] }}"), true),
    ];
    for (text, expected) in cases {
        assert_eq!(condition(&text).holds(&Document::of_answer(&job())), expected, "{text}");
    }
}

#[test]
fn in_a_body_that_is_not_json_there_is_nothing() {
    let html = raw_answer(502, b"<html>done</html>");
    assert_hold(
        &html,
        &[
            (r#"{ at = "body:", exists = true }"#, false),
            (r#"{ at = "body:/state", exists = false }"#, true),
            (r#"{ at = "body:", matches = "done" }"#, false),
            (r#"{ at = "code", equals = 502 }"#, true),
        ],
    );
}

#[test]
fn a_condition_reads_as_a_sentence() {
    let cases = [
        (r#"{ at = "body:/state", equals = "done" }"#, r#"body:/state is "done""#),
        (r#"{ at = "code", one_of = [200, 202] }"#, r#"code is one of ["200", "202"]"#),
        (r#"{ at = "body:/errors/0", exists = true }"#, "body:/errors/0 exists"),
        (r#"{ at = "body:/errors/0", exists = false }"#, "body:/errors/0 is absent"),
        (r#"{ at = "header:X-State", matches = "^d" }"#, "header:x-state matches /^d/"),
        (r#"{ at = "code", at_least = 200, at_most = 299 }"#, "code is from 200 to 299"),
        (r#"{ at = "body:/n", at_least = 0.5 }"#, "body:/n is at least 0.5"),
        (r#"{ at = "body:/n", at_most = 1 }"#, "body:/n is at most 1"),
        (
            r#"{ any = [{ at = "body:/a", exists = true }, { all = [{ at = "body:/b", exists = true }, { at = "code", equals = 200 }] }] }"#,
            r#"body:/a exists or (body:/b exists and code is "200")"#,
        ),
    ];
    for (text, expected) in cases {
        assert_eq!(condition(text).to_string(), expected);
    }
}
