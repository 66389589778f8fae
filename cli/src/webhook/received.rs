//! A delivery that somebody caught: a raw HTTP request, or the event that a
//! gateway made of one.
//!
//! The body is taken to its last byte: what is signed is signed so. Only the
//! lines before it may end in either way, as editors change those without harm.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read, stdin};
use std::path::Path;

use serde_json::Value;
use stepwait_core::Timestamp;
use stepwait_core::webhook::Delivery;
use url::Url;

use crate::trial::TryError;

/// The most bytes of a file, 2 MiB: the listener takes bodies of 1 MiB, which a
/// gateway's event may hold in base64.
const MAX_BYTES: u64 = 2 * 1024 * 1024;

/// The most bytes of a raw request's body, 1 MiB, as the listener takes.
const MAX_BODY_BYTES: usize = 1024 * 1024;

/// The most headers that are read, 200, as the listener does.
const MAX_HEADERS: usize = 200;

/// What was caught.
#[derive(Debug)]
pub(super) struct Received {
    pub(super) delivery: Delivery,
    /// When a gateway received it.
    pub(super) at: Option<Timestamp>,
    /// What does not fit together in it.
    pub(super) notes: Vec<String>,
}

impl Received {
    /// Reads a file, or standard input for `-`.
    pub(super) fn read(path: &Path) -> Result<Self, TryError> {
        let shown = if path.as_os_str() == "-" { "standard input".to_owned() } else { path.display().to_string() };
        let bytes = read(path, MAX_BYTES).map_err(|why| TryError::Usage(format!("cannot read {shown}: {why}")))?;
        Self::parse(&bytes).map_err(|why| TryError::Usage(format!("{shown}: {why}")))
    }

    fn parse(bytes: &[u8]) -> Result<Self, String> {
        if bytes.trim_ascii_start().first() == Some(&b'{') { Self::of_event(bytes) } else { Self::of_http(bytes) }
    }

    fn of_event(bytes: &[u8]) -> Result<Self, String> {
        let event: Value = serde_json::from_slice(bytes).map_err(|error| {
            format!("begins as JSON and is none ({error}); write a gateway's event, or a raw HTTP request")
        })?;
        // https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
        let at = event.pointer("/requestContext/timeEpoch").and_then(Value::as_i64);
        let at = at.and_then(|ms| Timestamp::from_millisecond(ms).ok());
        let delivery = Delivery::from_event(event).map_err(|error| error.to_string())?;
        let notes = notes(&delivery);
        Ok(Self { delivery, at, notes })
    }

    fn of_http(bytes: &[u8]) -> Result<Self, String> {
        let head = known_version(bytes);
        let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
        let mut request = httparse::Request::new(&mut headers);
        let how = "write a start line such as POST /webhooks/NAME HTTP/1.1, a header on each line, an empty line, and the body";
        let length = match request.parse(&head) {
            Ok(httparse::Status::Complete(length)) => length,
            Ok(httparse::Status::Partial) => return Err(format!("the headers do not end; {how}")),
            Err(error) => return Err(format!("is no HTTP request ({error}); {how}")),
        };
        let target = request.path.unwrap_or("/");
        let mut fields = BTreeMap::<String, String>::new();
        for header in request.headers.iter() {
            let value = std::str::from_utf8(header.value)
                .map_err(|_| format!("the header {:?} is not UTF-8; headers are text", header.name))?;
            let several = |known: &mut String| *known = format!("{known},{value}");
            fields.entry(header.name.to_ascii_lowercase()).and_modify(several).or_insert_with(|| value.to_owned());
        }
        let body = head.get(length..).unwrap_or_default().to_vec();
        if body.len() > MAX_BODY_BYTES {
            return Err(format!("the body has more than {MAX_BODY_BYTES} bytes, which the listener does not take"));
        }
        let (domain, target) = match Url::parse(target) {
            Ok(url) => (url.authority().to_owned(), target.split_once(url.authority()).map_or("/", |(_, rest)| rest)),
            Err(_) => (fields.get("host").cloned().unwrap_or_default(), target),
        };
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let method = request.method.unwrap_or_default().to_owned();
        let delivery =
            Delivery { method, domain, path: path.to_owned(), query: query.to_owned(), headers: fields, body };
        let notes = notes(&delivery);
        Ok(Self { delivery, at: None, notes })
    }
}

/// Reads a file of a sensible size, or standard input for `-`.
pub(super) fn read(path: &Path, most: u64) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    let read = if path.as_os_str() == "-" {
        stdin().lock().take(most + 1).read_to_end(&mut bytes)
    } else {
        File::open(path).and_then(|file| file.take(most + 1).read_to_end(&mut bytes))
    };
    read.map_err(|error| error.to_string())?;
    let is_within = u64::try_from(bytes.len()).is_ok_and(|length| length <= most);
    if is_within { Ok(bytes) } else { Err(format!("it has more than {most} bytes; is it the right file?")) }
}

/// The request, of a version that is written out: tools show others by the same lines.
fn known_version(bytes: &[u8]) -> Vec<u8> {
    let end = bytes.iter().position(|byte| *byte == b'\n').unwrap_or(bytes.len());
    let (line, rest) = bytes.split_at(end);
    let (line, carriage) = line.strip_suffix(b"\r").map_or((line, &b""[..]), |line| (line, &b"\r"[..]));
    for version in [&b" HTTP/2"[..], b" HTTP/2.0", b" HTTP/3", b" HTTP/3.0"] {
        if let Some(line) = line.strip_suffix(version) {
            return [line, b" HTTP/1.1", carriage, rest].concat();
        }
    }
    bytes.to_vec()
}

/// What the headers say of the body, and is not so.
fn notes(delivery: &Delivery) -> Vec<String> {
    let mut notes = Vec::new();
    let said = delivery.header("content-length").and_then(|text| text.trim().parse::<usize>().ok());
    if let Some(said) = said.filter(|said| *said != delivery.body.len()) {
        notes.push(format!(
            "the header content-length says {said} bytes, the body here has {}: it is not the body that was sent",
            delivery.body.len()
        ));
    }
    for (name, means) in [("content-encoding", "compressed"), ("transfer-encoding", "sent in pieces")] {
        if let Some(value) = delivery.header(name).filter(|value| !value.eq_ignore_ascii_case("identity")) {
            notes.push(format!("the header {name} says {value:?}: the body was {means}, and is signed as it was before or after; take it as the listener got it"));
        }
    }
    notes
}

#[cfg(test)]
mod tests {
    use super::Received;

    #[test]
    fn the_head_may_end_its_lines_either_way_and_the_body_is_kept_to_its_last_byte() {
        for (head, body) in [
            ("POST /webhooks/a?x=1&y HTTP/1.1\r\nHost: h.example\r\nX-A: 1\r\nx-a: 2\r\n\r\n", "{\"a\": 1}\r\n\r\n"),
            ("POST /webhooks/a?x=1&y HTTP/1.1\nHost: h.example\nX-A: 1\nx-a: 2\n\n", "\n\r\n {\"a\": 1}\n"),
            ("POST https://h.example/webhooks/a?x=1&y HTTP/2\nX-A: 1\nx-a: 2\n\n", "\0\u{7f}"),
        ] {
            let received = Received::parse(format!("{head}{body}").as_bytes()).unwrap();
            let delivery = received.delivery;
            assert_eq!(delivery.body, body.as_bytes());
            assert_eq!((delivery.method.as_str(), delivery.path.as_str()), ("POST", "/webhooks/a"));
            assert_eq!((delivery.query.as_str(), delivery.domain.as_str()), ("x=1&y", "h.example"));
            assert_eq!(delivery.header("x-a"), Some("1,2"));
            assert_eq!(received.notes, Vec::<String>::new());
        }
    }

    #[test]
    fn an_event_of_a_gateway_says_when_it_came() {
        let event = r#"{"rawPath": "/webhooks/a", "headers": {"X-A": "1"}, "body": "aGk=", "isBase64Encoded": true,
            "requestContext": {"domainName": "h.example", "timeEpoch": 1764000000123, "http": {"method": "POST"}}}"#;
        let received = Received::parse(event.as_bytes()).unwrap();
        assert_eq!(received.delivery.body, b"hi");
        assert_eq!(received.at.map(|at| at.as_millisecond()), Some(1_764_000_000_123));
    }

    #[test]
    fn what_is_no_request_says_what_one_is() {
        let said = |text: &str| Received::parse(text.as_bytes()).unwrap_err();
        assert!(said("POST /a HTTP/1.1\nHost: h\n").starts_with("the headers do not end; write a start line"));
        assert!(said("hello\n\n").starts_with("is no HTTP request (invalid token); write a start line"));
        assert!(said("{\"a\":").starts_with("begins as JSON and is none (EOF"));
        assert!(said("{\"detail\": 1}").starts_with("the event is not an HTTP request"));
        let long = format!("POST / HTTP/1.1\n\n{}", "x".repeat(1024 * 1024 + 1));
        assert_eq!(said(&long), "the body has more than 1048576 bytes, which the listener does not take");
    }

    #[test]
    fn whatever_is_cut_or_flipped_is_read_or_refused_and_the_body_is_as_it_came() {
        let whole = b"POST https://h.example/webhooks/a?x=1 HTTP/2\r\nContent-Length: 2\r\nX-A: 1\n\n{}".to_vec();
        for at in 0..whole.len() {
            drop(Received::parse(&whole[..at]));
            for bit in 0..8 {
                let mut flipped = whole.clone();
                flipped[at] ^= 1 << bit;
                let read = Received::parse(&flipped);
                if at >= whole.len() - 2 {
                    assert_eq!(read.unwrap().delivery.body, flipped[whole.len() - 2..]);
                }
            }
        }
    }

    #[test]
    fn a_body_of_another_length_than_it_was_sent_with_is_noted() {
        let received = Received::parse(b"POST / HTTP/1.1\nContent-Length: 2\n\n{}\n").unwrap();
        assert_eq!(
            received.notes,
            ["the header content-length says 2 bytes, the body here has 3: it is not the body that was sent"]
        );
    }
}
