//! What a third party answered: a status, headers and bytes, none of which is
//! trusted. The body is parsed once, and only as far as a locator asks.

use serde_json::Value;

/// The most bytes of an answer's body that are read, 1 MiB: results that go
/// into an execution must fit into 256 KiB, and a status answer is far smaller.
pub const MAX_BODY_BYTES: usize = 1024 * 1024;

/// An HTTP answer as received.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status code.
    pub status: u16,
    /// Header names in lower case, with their values, in the order received.
    pub headers: Vec<(String, String)>,
    /// The body, cut off at [`MAX_BODY_BYTES`].
    pub body: Vec<u8>,
    /// Whether the body was longer than [`MAX_BODY_BYTES`].
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
    #[error("a header value cannot be sent; look for a line break in the secret")]
    Unsendable,
    /// The address is not one that may be called.
    #[error("the address is not allowed: use https, or plain http to loopback where the deployment allows it")]
    Refused,
}

/// Why a body could not be read as JSON.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BodyError {
    /// The body is larger than is read.
    #[error("the body is larger than {MAX_BODY_BYTES} bytes")]
    TooLarge,
    /// The body is not JSON.
    #[error("the body is not JSON ({0} bytes of {1})")]
    NotJson(usize, &'static str),
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
            return Err(BodyError::TooLarge);
        }
        parse_json(&self.body)
    }
}

/// Parses bytes as JSON; nesting is bounded by `serde_json` (128 levels).
///
/// # Errors
/// [`BodyError::NotJson`], with a guess at what the bytes are instead.
pub fn parse_json(bytes: &[u8]) -> Result<Value, BodyError> {
    serde_json::from_slice(bytes).map_err(|_| BodyError::NotJson(bytes.len(), guess_kind(bytes)))
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
