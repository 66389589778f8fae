//! Results in pages: how the next one is found, and what bounds them.

use crate::ErrorName;
use crate::answer::{Answer, Document, MAX_RESULT_BYTES};
use crate::decide::check::Verdict;
use crate::decide::collect::{Step, begin};
use crate::integration::Integration;
use crate::request::Job;
use crate::test_support::{answer, at, raw_answer, render, wait_id, with_header};
use crate::wait::{Kept, OutcomeKind};
use serde_json::{Value, json};

/// The integration with a result in pages.
fn in_pages(pages: &str) -> Integration {
    render(&[
        ("[auth]", "[hosts]\nfollow = [\"files.example.net\"]\n\n[auth]"),
        ("output = \"body:/film\"", &format!("path = \"/films?of=j1\"\npages = {{ items = \"body:/data\", {pages} }}")),
    ])
}

/// Collects with these answers: the addresses asked, each with whether it gets
/// the credentials, and what it comes to.
fn collect(integration: &Integration, answers: &[Answer]) -> (Vec<(String, bool)>, Verdict) {
    let (id, kept) = (wait_id(), Kept::default());
    let bindings = Job { wait_id: Some(&id), job_id: "j1", kept: &kept }.bindings();
    let status = answer(200, &json!({"state": "done"}));
    let mut step = begin(integration, &integration.base_url, &bindings, &Document::of_answer(&status), false);
    let mut asked = Vec::new();
    let mut answers = answers.iter();
    loop {
        match step {
            Step::Over(verdict) => {
                assert_eq!(answers.next(), None, "an answer that was not asked for");
                return (asked, verdict);
            }
            Step::Send(request, collector) => {
                asked.push((request.url, request.credentials));
                let received = answers.next().expect("no more answers").clone();
                step = collector.receive(&Ok(received), at("2026-11-23T12:00:00Z"));
            }
        }
    }
}

fn page(items: &Value, next: &Value) -> Answer {
    answer(200, &json!({"data": items, "next": next}))
}

fn urls(asked: &[(String, bool)]) -> Vec<&str> {
    asked.iter().map(|(url, _)| url.strip_prefix("https://render.example.com/api").unwrap_or(url)).collect()
}

fn succeeded(items: Value) -> Verdict {
    Verdict::Ended(OutcomeKind::Succeeded { output: items })
}

fn failed(error: ErrorName, reason: &str) -> Verdict {
    Verdict::Ended(OutcomeKind::Failed { error, reason: reason.to_owned() })
}

#[test]
fn a_cursor_is_asked_for_until_there_is_none() {
    let integration = in_pages("next = \"body:/next\", query = \"page[cursor]\"");
    for end in [json!(null), json!(""), json!(false)] {
        let answers = [page(&json!([1, 2]), &json!("a&b")), page(&json!([]), &json!(7)), page(&json!([3]), &end)];
        let (asked, verdict) = collect(&integration, &answers);
        assert_eq!(
            urls(&asked),
            ["/films?of=j1", "/films?of=j1&page%5Bcursor%5D=a%26b", "/films?of=j1&page%5Bcursor%5D=7"]
        );
        assert_eq!(verdict, succeeded(json!([1, 2, 3])));
    }
}

#[test]
fn a_link_header_names_the_next_page_by_its_relation() {
    let integration = in_pages("next = \"link\"");
    let linked = |items: Value, link: &str| with_header(answer(200, &json!({"data": items})), "Link", link);
    let answers = [
        linked(
            json!([1]),
            r#"</api/films?page=0>; rel="prev", <https://render.example.com/api/films?page=2>; title="a, b"; rel="last next""#,
        ),
        with_header(linked(json!([2]), "<x>; rel=first"), "Link", "<films?page=3>; REL=Next"),
        linked(json!([3]), r#"<films?page=3>; rel="last""#),
    ];
    let (asked, verdict) = collect(&integration, &answers);
    assert_eq!(urls(&asked), ["/films?of=j1", "/films?page=2", "/films?page=3"]);
    assert_eq!(verdict, succeeded(json!([1, 2, 3])));
}

#[test]
fn a_url_in_the_body_may_be_relative_and_may_lead_to_a_host_that_is_followed() {
    let integration = in_pages("next = \"url:body:/next\"");
    let answers = [
        page(&json!([1]), &json!("?after=1")),
        page(&json!([2]), &json!("https://files.example.net/films?sig=%2F")),
        page(&json!([3]), &json!(null)),
    ];
    let (asked, verdict) = collect(&integration, &answers);
    let at_base = "https://render.example.com/api/films";
    let expected = [
        (format!("{at_base}?of=j1"), true),
        (format!("{at_base}?after=1"), true),
        ("https://files.example.net/films?sig=%2F".to_owned(), false),
    ];
    assert_eq!(asked, expected);
    assert_eq!(verdict, succeeded(json!([1, 2, 3])));
}

#[test]
fn an_offset_counts_the_items_until_a_page_is_not_full() {
    let integration = in_pages("next = \"offset\", query = \"skip\", size = 2");
    let page = |items| answer(200, &json!({"data": items}));
    let (asked, verdict) = collect(&integration, &[page(json!([1, 2])), page(json!([3, 4])), page(json!([5]))]);
    assert_eq!(urls(&asked), ["/films?of=j1&skip=0", "/films?of=j1&skip=2", "/films?of=j1&skip=4"]);
    assert_eq!(verdict, succeeded(json!([1, 2, 3, 4, 5])));
    let (asked, verdict) = collect(&integration, &[page(json!([]))]);
    assert_eq!((asked.len(), verdict), (1, succeeded(json!([]))));
}

#[test]
fn more_pages_than_the_file_allows_fail_the_wait_rather_than_return_a_part() {
    let integration = in_pages("next = \"body:/next\", query = \"c\", most = 2");
    let answers = [page(&json!([1]), &json!("a")), page(&json!([2]), &json!("b"))];
    let reason = "the result has more than 2 pages; raise result.pages.most, or let [result] ask for less";
    assert_eq!(collect(&integration, &answers).1, failed(ErrorName::ResultTooLarge, reason));
    let answers = [page(&json!([1]), &json!("a")), page(&json!([2]), &json!(null))];
    assert_eq!(collect(&integration, &answers).1, succeeded(json!([1, 2])));
}

#[test]
fn all_pages_together_are_bounded_in_bytes() {
    let integration = in_pages("next = \"body:/next\", query = \"c\"");
    // Three of these fit, and a fourth does not.
    let large = |next: Value| page(&json!(["x".repeat(MAX_RESULT_BYTES / 4)]), &next);
    let reason = "the job is done, but its result has more than 2097152 bytes; let [result] ask for a smaller part, or return the address alone";
    let answers = ["a", "b", "c", "d"].map(|next| large(json!(next)));
    assert_eq!(collect(&integration, &answers).1, failed(ErrorName::ResultTooLarge, reason));
}

#[test]
fn a_page_that_names_itself_a_foreign_host_or_no_address_as_the_next_is_a_bad_answer() {
    let integration = in_pages("next = \"url:body:/next\"");
    let cases = [
        ("?of=j1", "a page of the result names itself as the next one; check result.pages"),
        (
            "https://evil.example/films",
            "the next page of the result: the address is on \"https://evil.example\", but requests go to that of `base_url` only, and by https to the hosts of [hosts]; name its host there if they may go to it",
        ),
        ("https://", "a page of the result names a next one that is no URL; check result.pages.next"),
        (
            "https://me:pw@render.example.com/",
            "a page of the result names a next one that is no URL; check result.pages.next",
        ),
    ];
    for (next, reason) in cases {
        let (_, verdict) = collect(&integration, &[page(&json!([1]), &json!(next))]);
        assert_eq!(verdict, failed(ErrorName::BadAnswer, reason));
    }
}

#[test]
fn a_page_without_its_list_is_a_bad_answer_and_one_that_is_not_json_follows_the_policy() {
    let integration = in_pages("next = \"link\"");
    let reason = "the job is done, but a page of its result has no list at body:/data; check result.pages.items";
    for body in [json!({}), json!({"data": null}), json!({"data": {"0": 1}}), json!([1])] {
        assert_eq!(collect(&integration, &[answer(200, &body)]).1, failed(ErrorName::BadAnswer, reason), "{body}");
    }
    let reason = "the result: the body is not JSON (6 bytes of HTML or XML)".to_owned();
    let expected = Verdict::AskAgain { reason, retry_after: None };
    assert_eq!(collect(&integration, &[raw_answer(200, b"<html>")]).1, expected);
}
