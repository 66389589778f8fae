//! Names of HTTP headers in integration files, checked before anything is sent with them.

/// Headers of the connection, and the one that names the host: whoever sets
/// them changes where a request goes or where it ends.
const HOP_HEADERS: [&str; 8] =
    ["host", "connection", "content-length", "transfer-encoding", "upgrade", "te", "trailer", "expect"];

/// Checks the name of a header that a request is to carry, and returns it in lower case.
pub(super) fn parse_settable(text: &str) -> Result<String, String> {
    let name = parse(text)?;
    if HOP_HEADERS.contains(&name.as_str()) {
        return Err(format!("`{name}` is set by the HTTP client itself; leave it out"));
    }
    Ok(name)
}

/// Checks a header's name and returns it in lower case: a token, as
/// [RFC 9110, section 5.6.2](https://www.rfc-editor.org/rfc/rfc9110#section-5.6.2) has it.
pub(super) fn parse(text: &str) -> Result<String, String> {
    let is_token_char = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b);
    if !text.is_empty() && text.bytes().all(is_token_char) {
        Ok(text.to_ascii_lowercase())
    } else {
        Err(format!("{text:?} is not a header's name: write for example \"Idempotency-Key\""))
    }
}
