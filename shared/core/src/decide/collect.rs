//! Where is the result? Reads it from the answer that said that the job is done,
//! or says which request to send for it, page after page.

use super::check::{Verdict, no_answer, output};
use super::retry_after;
use crate::answer::{
    Answer, BodyError, Document, MAX_PARSED_BYTES, MAX_RESULT_BYTES, TransportError, parse_json, parsed_bytes,
};
use crate::integration::{
    Bindings, Fetch, Format, Integration, Locator, NextPage, Pages, Trust, encoded_field, resolve, trust,
};
use crate::request::OutgoingRequest;
use crate::wait::OutcomeKind;
use crate::{ErrorName, Timestamp};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use url::{Url, form_urlencoded};

/// The most lines of a result: even a short one takes memory as a value.
const MAX_LINES: usize = 30_000;

/// What to do for the result.
#[derive(Debug)]
pub enum Step<'i> {
    /// Send this request, and hand its answer to the collector.
    Send(Box<OutgoingRequest>, Box<Collector<'i>>),
    /// The result is there, or cannot be had.
    Over(Verdict),
}

/// A result on its way.
#[derive(Debug)]
pub struct Collector<'i> {
    integration: &'i Integration,
    base_url: Url,
    fetch: &'i Fetch,
    first: OutgoingRequest,
    current: String,
    items: Vec<Value>,
    pages: u16,
    /// Bytes of all answers so far.
    bytes: usize,
    /// Bytes of memory that they take at most once parsed.
    parsed_bytes: usize,
}

/// Begins with the document that says that the job is done: a status answer, or
/// the answer to a submit that was done at once (then `at_once`).
#[must_use]
pub fn begin<'i>(
    integration: &'i Integration,
    base_url: &Url,
    bindings: &Bindings<'_>,
    document: &Document<'_>,
    at_once: bool,
) -> Step<'i> {
    let leg = &integration.result;
    if let Some(at) = integration.submit.output.as_ref().filter(|_| at_once) {
        return Step::Over(Verdict::Ended(output(document, Some(at), "submit.output")));
    }
    let Some(fetch) = &leg.fetch else {
        // The body may be there the next time; a part of it that was cut off will not.
        let in_body = leg.output.as_ref().is_none_or(Locator::is_in_body);
        if let Some(error @ BodyError::NotJson(1.., _)) = document.body_error().filter(|_| in_body && !at_once) {
            let again = integration.errors.asks_again_after_bad_body();
            return Step::Over(no_answer(again, format!("the job is done, but {error}"), None));
        }
        return Step::Over(Verdict::Ended(output(document, leg.output.as_ref(), "result.output")));
    };
    if fetch.when.as_ref().is_some_and(|when| !when.holds(document)) {
        return Step::Over(Verdict::Ended(output(document, None, "result.output")));
    }
    let bindings = Bindings { answer: Some(document), ..*bindings };
    let mut first = match fetch.request.render(integration, base_url, &bindings) {
        Ok(request) => request,
        Err(missing) => {
            return failed(
                ErrorName::BadAnswer,
                &format!("the job is done, but its result cannot be asked for: {missing}"),
            );
        }
    };
    first.most_bytes = MAX_RESULT_BYTES;
    if let Some(Pages { next: NextPage::Offset { query, .. }, .. }) = &fetch.pages {
        set_query(&mut first.url, query, "0");
    }
    let current = first.url.clone();
    let collector = Collector {
        integration,
        base_url: base_url.clone(),
        fetch,
        first: first.clone(),
        current,
        items: Vec::new(),
        pages: 0,
        bytes: 0,
        parsed_bytes: 0,
    };
    Step::Send(Box::new(first), Box::new(collector))
}

fn failed<'i>(name: ErrorName, reason: &str) -> Step<'i> {
    Step::Over(Verdict::Ended(OutcomeKind::failed(name, reason)))
}

impl<'i> Collector<'i> {
    /// Reads an answer to a request for the result.
    #[must_use]
    pub fn receive(mut self: Box<Self>, received: &Result<Answer, TransportError>, now: Timestamp) -> Step<'i> {
        let errors = &self.integration.errors;
        let answer = match received {
            Ok(answer) => answer,
            Err(error) => {
                return Step::Over(no_answer(
                    errors.asks_again_after_transport(*error),
                    format!("the result: {error}"),
                    None,
                ));
            }
        };
        let retry_after = answer.header("retry-after").and_then(|h| retry_after::parse(h, now));
        if !(200..=299).contains(&answer.status) {
            let again = errors.asks_again_after(answer.status);
            return Step::Over(no_answer(again, format!("the result: HTTP {}", answer.status), retry_after));
        }
        self.bytes += answer.body.len();
        if answer.truncated || self.bytes > MAX_RESULT_BYTES {
            return failed(
                ErrorName::ResultTooLarge,
                &format!(
                    "the job is done, but its result has more than {MAX_RESULT_BYTES} bytes; let [result] ask for a smaller part, or return the address alone"
                ),
            );
        }
        if self.fetch.format.is_parsed() {
            // All pages, and all lines, are in memory together.
            self.parsed_bytes = self.parsed_bytes.saturating_add(parsed_bytes(&answer.body));
            let has_lines = self.fetch.format == Format::Lines;
            if self.parsed_bytes > MAX_PARSED_BYTES || (has_lines && lines(&answer.body).count() > MAX_LINES) {
                return failed(
                    ErrorName::ResultTooLarge,
                    "the job is done, but its result holds too many values to be read; let [result] ask for a smaller part, or return it as text",
                );
            }
        }
        let bad_body = |why: &str| {
            Step::Over(no_answer(errors.asks_again_after_bad_body(), format!("the result: {why}"), retry_after))
        };
        match (self.fetch.format, &self.fetch.pages) {
            (Format::Json, None) => {
                let document = Document::of_answer(answer);
                match document.body_error() {
                    Some(error) if !answer.body.is_empty() || self.integration.result.output.is_some() => {
                        bad_body(&error.to_string())
                    }
                    _ => Step::Over(Verdict::Ended(output(
                        &document,
                        self.integration.result.output.as_ref(),
                        "result.output",
                    ))),
                }
            }
            (Format::Json, Some(pages)) => {
                let document = Document::of_answer(answer);
                match document.body_error() {
                    Some(error) => bad_body(&error.to_string()),
                    None => self.page(pages, &document),
                }
            }
            (Format::Text, _) => match std::str::from_utf8(&answer.body) {
                Ok(text) => done(Value::from(text)),
                Err(_) => bad_body("the body is not UTF-8; write format = \"base64\" for binary results"),
            },
            (Format::Base64, _) => done(Value::from(STANDARD.encode(&answer.body))),
            (Format::Lines, _) => match parse_lines(&answer.body) {
                Ok(items) => done(Value::Array(items)),
                Err(why) => bad_body(&why),
            },
        }
    }

    fn page(mut self: Box<Self>, pages: &'i Pages, document: &Document<'_>) -> Step<'i> {
        let Some(Value::Array(items)) = pages.items.find(document) else {
            return failed(
                ErrorName::BadAnswer,
                &format!(
                    "the job is done, but a page of its result has no list at {}; check result.pages.items",
                    pages.items
                ),
            );
        };
        let count = items.len();
        self.items.extend(items);
        self.pages += 1;
        let next = match self.next_url(pages, document, count) {
            Ok(Some(url)) => url,
            Ok(None) => return done(Value::Array(std::mem::take(&mut self.items))),
            Err(reason) => return failed(ErrorName::BadAnswer, &reason),
        };
        if next.as_str() == self.current {
            return failed(
                ErrorName::BadAnswer,
                "a page of the result names itself as the next one; check result.pages",
            );
        }
        if self.pages >= pages.most {
            return failed(
                ErrorName::ResultTooLarge,
                &format!(
                    "the result has more than {} pages; raise result.pages.most, or let [result] ask for less",
                    pages.most
                ),
            );
        }
        let credentials = match trust(self.integration, &next, &self.base_url) {
            Ok(trust) => trust == Trust::Credentials,
            Err(foreign) => return failed(ErrorName::BadAnswer, &format!("the next page of the result: {foreign}")),
        };
        self.current = next.to_string();
        let mut request = OutgoingRequest { url: self.current.clone(), credentials, ..self.first.clone() };
        if self.first.credentials && !credentials {
            // What the file writes for the third party itself may hold kept tokens.
            request.headers.retain(|(name, _)| name == "accept");
            request.body = None;
        }
        Step::Send(Box::new(request), self)
    }

    /// Where the next page is; `None` after the last.
    fn next_url(&self, pages: &Pages, document: &Document<'_>, count: usize) -> Result<Option<Url>, String> {
        let wrong = || "a page of the result names a next one that is no URL; check result.pages.next".to_owned();
        let current = Url::parse(&self.current).map_err(|e| e.to_string())?;
        let given = |text: Option<String>| {
            text.filter(|t| !t.is_empty()).map(|t| resolve(&current, &t).ok_or_else(wrong)).transpose()
        };
        match &pages.next {
            NextPage::Link => given(document.headers("link").find_map(next_link)),
            NextPage::Url { from } => given(from.find_text(document)),
            NextPage::Cursor { from, query } => {
                match from.find_text(document).filter(|cursor| !cursor.is_empty() && cursor != "false") {
                    None => Ok(None),
                    Some(cursor) => {
                        let mut url = self.first.url.clone();
                        set_query(&mut url, query, &cursor);
                        Url::parse(&url).map(Some).map_err(|e| e.to_string())
                    }
                }
            }
            NextPage::Offset { query, size } => {
                if count < usize::try_from(*size).unwrap_or(usize::MAX) {
                    return Ok(None);
                }
                let mut url = self.first.url.clone();
                set_query(&mut url, query, &self.items.len().to_string());
                Url::parse(&url).map(Some).map_err(|e| e.to_string())
            }
        }
    }
}

fn done<'i>(output: Value) -> Step<'i> {
    Step::Over(Verdict::Ended(OutcomeKind::Succeeded { output }))
}

/// The lines that are not blank, with their numbers from 1.
fn lines(body: &[u8]) -> impl Iterator<Item = (usize, &[u8])> {
    (1..).zip(body.split(|b| *b == b'\n')).filter(|(_, line)| !line.trim_ascii().is_empty())
}

/// One JSON document a line; an error names the first line that is none.
fn parse_lines(body: &[u8]) -> Result<Vec<Value>, String> {
    lines(body).map(|(n, line)| parse_json(line).map_err(|e| format!("line {n}: {e}"))).collect()
}

/// Sets a query key, in place of one of that name.
fn set_query(url: &mut String, name: &str, value: &str) {
    let Ok(mut parsed) = Url::parse(url) else { return };
    // Names are compared decoded: an address out of an answer has an encoding of its own.
    let is_other = |pair: &&str| form_urlencoded::parse(pair.as_bytes()).next().is_some_and(|(known, _)| known != name);
    let others = parsed.query().unwrap_or_default().split('&').filter(is_other).map(str::to_owned);
    let this = encoded_field(name, value);
    let query = others.chain([this]).collect::<Vec<_>>().join("&");
    parsed.set_query(Some(&query));
    *url = parsed.into();
}

/// The target of the link whose relation is `next`
/// ([RFC 8288, section 3](https://www.rfc-editor.org/rfc/rfc8288#section-3)).
fn next_link(header: &str) -> Option<String> {
    let mut rest = header;
    while let Some((_, from)) = rest.split_once('<') {
        let (target, after) = from.split_once('>')?;
        // Parameters end where the next link begins.
        let parameters = after.split('<').next().unwrap_or_default();
        let is_next = parameters.split([';', ',']).any(|parameter| {
            let relation = parameter.trim().split_once('=').filter(|(name, _)| name.trim().eq_ignore_ascii_case("rel"));
            relation.is_some_and(|(_, value)| {
                value.trim().trim_matches('"').split_ascii_whitespace().any(|one| one.eq_ignore_ascii_case("next"))
            })
        });
        if is_next {
            return Some(target.trim().to_owned());
        }
        rest = after;
    }
    None
}

#[cfg(test)]
#[path = "collect_tests.rs"]
mod tests;
