//! Names of secrets in integration files.

/// The most characters of a secret's name: Secrets Manager allows 512, and the
/// deployment puts a prefix before it.
const MAX_SECRET_NAME_CHARS: usize = 256;

/// Checks a secret's name: what Secrets Manager allows in one. Most values
/// that are pasted here by mistake fit as well, so it is never quoted.
pub(super) fn parse(text: String) -> Result<String, String> {
    let fits = (1..=MAX_SECRET_NAME_CHARS).contains(&text.len());
    if fits && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"/_+=.@-".contains(&b)) {
        Ok(text)
    } else {
        Err(format!(
            "a secret is named by 1 to {MAX_SECRET_NAME_CHARS} letters, digits and any of /_+=.@-, for example \"vendor/api-token\""
        ))
    }
}
