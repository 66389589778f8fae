//! Names of HTTP headers in integration files, checked before anything is sent with them.

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
