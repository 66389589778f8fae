//! What a third party answered: a status, headers and bytes, none of which is
//! trusted. The body is parsed once, and only as far as a locator asks.

use serde_json::Value;
use std::borrow::Cow;
use std::collections::BTreeMap;
use url::form_urlencoded;

/// The most bytes of an answer's body that are read, 1 MiB: a status answer is
/// far smaller, also where it holds the result.
pub const MAX_BODY_BYTES: usize = 1024 * 1024;

/// The most bytes of the body of an answer that is a result, 2 MiB, and of all
/// pages of one together: what a function of 128 MB can hold several times over,
/// as bytes, as JSON and as text.
pub const MAX_RESULT_BYTES: usize = 2 * 1024 * 1024;

/// The most bytes of memory that a parsed body may take, 24 MiB: a few bytes of
/// JSON can take a hundred times as many once parsed, and a function of 128 MB
/// must not be killed by what somebody else wrote.
pub(crate) const MAX_PARSED_BYTES: usize = 24 * 1024 * 1024;

/// The most fields of a form or a query string that are looked at, 1,000; third
/// parties send a few dozen.
pub(crate) const MAX_FIELDS: usize = 1_000;

/// What an object takes at least once parsed, in bytes: room for its first eleven entries.
const OBJECT_BYTES: usize = 640;

/// What any other value takes, in bytes, a short text included.
const VALUE_BYTES: usize = 64;

/// An HTTP answer as received.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status code.
    pub status: u16,
    /// Header names in lower case, with their values, in the order received.
    pub headers: Vec<(String, String)>,
    /// The body, cut off where the request said.
    pub body: Vec<u8>,
    /// Whether the body was longer than that.
    pub truncated: bool,
}

/// Why no answer came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TransportError {
    /// No connection was made, so the request has certainly not arrived.
    #[error("could not connect")]
    NotConnected,
    /// The connection was made, then something went wrong: the request may have arrived.
    #[error("the connection broke or timed out before the answer was complete")]
    Broken,
    /// The request cannot be written as HTTP.
    #[error(
        "it cannot be written as HTTP; look for a line break in a header's value or its secret, or for a value too long for an address"
    )]
    Unsendable,
    /// The address is not one that may be called.
    #[error("the address is not allowed: use https, or plain http to loopback where the deployment allows it")]
    Refused,
}

/// Why a body could not be read as JSON.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BodyError {
    /// The body is larger than is read.
    #[error("the body is larger than {0} bytes")]
    TooLarge(usize),
    /// The body would take too much memory.
    #[error("the body holds too many values to be read ({0} bytes)")]
    TooManyValues(usize),
    /// The body is not JSON.
    #[error("the body is not JSON ({0} bytes of {1})")]
    NotJson(usize, &'static str),
}

impl BodyError {
    /// Whether there is no body at all.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        matches!(self, Self::NotJson(0, _))
    }
}

impl Answer {
    /// The first value of a header, whatever the case of its name.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v.as_str())
    }

    /// The body as JSON.
    ///
    /// # Errors
    /// [`BodyError`] when the body is too large or not JSON; it names the size
    /// and the kind of the content, never the content.
    pub fn json(&self) -> Result<Value, BodyError> {
        if self.truncated {
            return Err(BodyError::TooLarge(self.body.len()));
        }
        parse_json(&self.body)
    }
}

/// An answer or an event as locators and conditions see it: its body is parsed
/// once, and if it is not JSON there is simply nothing in it.
#[derive(Clone, Debug)]
pub struct Document<'a> {
    code: Option<u16>,
    headers: Headers<'a>,
    /// The query string of an event, as sent; empty for an answer.
    query: &'a str,
    body: Result<Value, BodyError>,
}

#[derive(Clone, Copy, Debug)]
enum Headers<'a> {
    OfAnswer(&'a [(String, String)]),
    OfEvent(&'a BTreeMap<String, String>),
}

impl<'a> Document<'a> {
    /// An answer.
    #[must_use]
    pub fn of_answer(answer: &'a Answer) -> Self {
        Self { code: Some(answer.status), headers: Headers::OfAnswer(&answer.headers), query: "", body: answer.json() }
    }

    /// An event: headers by their names in lower case, and a parsed body.
    #[must_use]
    pub const fn of_event(headers: &'a BTreeMap<String, String>, body: Value) -> Self {
        Self { code: None, headers: Headers::OfEvent(headers), query: "", body: Ok(body) }
    }

    /// The same event, which came with this query string.
    #[must_use]
    pub fn with_query(self, query: &'a str) -> Self {
        Self { query, ..self }
    }

    /// The first field of that name in an event's query string, decoded.
    #[must_use]
    pub fn query(&self, name: &str) -> Option<Cow<'a, str>> {
        form_urlencoded::parse(self.query.as_bytes())
            .take(MAX_FIELDS)
            .find_map(|(known, value)| (known == name).then_some(value))
    }

    /// The HTTP status code of an answer.
    #[must_use]
    pub const fn code(&self) -> Option<u16> {
        self.code
    }

    /// The first value of a header, whatever the case of its name.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        match self.headers {
            Headers::OfAnswer(list) => list.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v.as_str()),
            Headers::OfEvent(map) => map.get(name).map(String::as_str),
        }
    }

    /// All values of a header, by its name in lower case.
    pub(crate) fn headers(&self, name: &str) -> impl Iterator<Item = &str> {
        let (list, map) = match self.headers {
            Headers::OfAnswer(list) => (list, None),
            Headers::OfEvent(map) => (&[][..], map.get(name)),
        };
        let in_list = list.iter().filter(move |(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v.as_str());
        in_list.chain(map.map(String::as_str))
    }

    /// The body, if it is JSON.
    #[must_use]
    pub fn body(&self) -> Option<&Value> {
        self.body.as_ref().ok()
    }

    /// Why the body is of no use, if it is not JSON.
    #[must_use]
    pub fn body_error(&self) -> Option<&BodyError> {
        self.body.as_ref().err()
    }
}

/// Parses bytes as JSON; nesting is bounded by `serde_json` (128 levels), and the
/// memory that the values take by a count of what may begin one.
///
/// # Errors
/// [`BodyError::TooManyValues`], or [`BodyError::NotJson`], with a guess at what the bytes are instead.
pub fn parse_json(bytes: &[u8]) -> Result<Value, BodyError> {
    if parsed_bytes(bytes) > MAX_PARSED_BYTES {
        return Err(BodyError::TooManyValues(bytes.len()));
    }
    serde_json::from_slice(bytes).map_err(|_| BodyError::NotJson(bytes.len(), guess_kind(bytes)))
}

/// The bytes of memory that JSON takes once parsed, at most: what may begin a
/// value is counted.
pub(crate) fn parsed_bytes(json: &[u8]) -> usize {
    // Strings are counted too: that overestimates, and needs no parser.
    json.iter().fold(0, |sum, byte| {
        sum.saturating_add(match byte {
            b'{' => OBJECT_BYTES,
            b'[' | b',' => VALUE_BYTES,
            _ => 0,
        })
    })
}

fn guess_kind(bytes: &[u8]) -> &'static str {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return "binary data";
    };
    match text.trim_start().chars().next() {
        None => "nothing",
        Some('<') => "HTML or XML",
        Some('{' | '[') => "cut-off or malformed JSON",
        Some(_) => "plain text",
    }
}

#[cfg(test)]
mod tests {
    use super::{BodyError, parse_json};

    #[test]
    fn a_body_that_is_not_json_is_described_and_not_quoted() {
        let cases: [(&[u8], &str); 5] = [
            (b"", "nothing"),
            (b"  <html>secret</html>", "HTML or XML"),
            (b"{\"id\": 1", "cut-off or malformed JSON"),
            (b"OK", "plain text"),
            (b"\xff\xfe", "binary data"),
        ];
        for (bytes, kind) in cases {
            assert_eq!(parse_json(bytes), Err(BodyError::NotJson(bytes.len(), kind)));
        }
    }

    #[test]
    fn a_body_nested_deeper_than_the_parser_allows_is_an_error_and_not_a_crash() {
        let deep = "[".repeat(100_000);
        assert_eq!(parse_json(deep.as_bytes()), Err(BodyError::NotJson(100_000, "cut-off or malformed JSON")));
    }
}
