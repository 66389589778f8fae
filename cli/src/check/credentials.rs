//! Texts that look like credentials: to say so, and never to print them.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::locate::{Document, Text};

/// How keys and tokens of well-known services begin, and what they are. Each is
/// followed by at least [`MIN_TOKEN_CHARS`] characters of a token.
const PREFIXES: [(&str, &str); 24] = [
    ("sk_live_", "a Stripe secret key"),
    ("sk_test_", "a Stripe test key"),
    ("rk_live_", "a Stripe restricted key"),
    ("whsec_", "a webhook's signing secret"),
    ("sk-", "a secret API key"),
    ("xoxb-", "a Slack bot token"),
    ("xoxp-", "a Slack user token"),
    ("xapp-", "a Slack app token"),
    ("ghp_", "a GitHub token"),
    ("gho_", "a GitHub token"),
    ("ghs_", "a GitHub token"),
    ("github_pat_", "a GitHub token"),
    ("glpat-", "a GitLab token"),
    ("AKIA", "an AWS access key"),
    ("ASIA", "an AWS access key"),
    ("AIza", "a Google API key"),
    ("ya29.", "a Google access token"),
    ("SG.", "a SendGrid key"),
    ("r8_", "a Replicate token"),
    ("hf_", "a Hugging Face token"),
    ("shpat_", "a Shopify token"),
    ("npm_", "an npm token"),
    ("dop_v1_", "a DigitalOcean token"),
    ("eyJ", "a JSON Web Token"),
];

/// Fewer characters after a prefix are a word that happens to begin like it.
const MIN_TOKEN_CHARS: usize = 12;

/// Keys under which a random text is a credential.
const KEYS: [&str; 10] = [
    "token",
    "secret",
    "password",
    "passwd",
    "api_key",
    "apikey",
    "authorization",
    "access_key",
    "private_key",
    "credential",
];

/// The fewest characters, without a break, of a text that may be random.
const MIN_RANDOM_CHARS: usize = 20;

/// The least entropy of a random text, in bits a character: hex has up to 4,
/// words joined together have about 3.
const MIN_BITS_PER_CHAR: f64 = 3.3;

/// What stands for a credential in output.
const REDACTED: &str = "[REDACTED]";

/// A text of a file that looks like a credential.
#[derive(Debug)]
pub(crate) struct Credential<'d> {
    pub(crate) text: Text<'d>,
    /// What it looks like.
    pub(crate) kind: &'static str,
}

/// All that look like credentials in a file.
pub(crate) fn find<'d>(document: &'d Document<'_>) -> Vec<Credential<'d>> {
    let texts = document.texts().into_iter();
    texts.filter_map(|text| Some(Credential { kind: kind(text.key, text.text)?, text })).collect()
}

/// A file's text with every credential's characters replaced one by one: places stay.
pub(crate) fn mask<'t>(source: &'t str, credentials: &[Credential<'_>]) -> Cow<'t, str> {
    if credentials.is_empty() {
        return Cow::Borrowed(source);
    }
    let is_secret = |at| credentials.iter().any(|credential| credential.text.span.contains(&at));
    let masked = source.char_indices().map(|(at, c)| match c {
        '"' | '\'' | '\n' | '\r' => Cow::Borrowed(source.get(at..=at).unwrap_or_default()),
        _ if is_secret(at) => Cow::Owned("*".repeat(c.len_utf8())),
        _ => Cow::Borrowed(source.get(at..at + c.len_utf8()).unwrap_or_default()),
    });
    Cow::Owned(masked.collect())
}

/// A message without the credentials that it quotes.
pub(crate) fn redact(message: &str, credentials: &[Credential<'_>]) -> String {
    credentials.iter().fold(message.to_owned(), |message, credential| message.replace(credential.text.text, REDACTED))
}

/// What a text under a key looks like, if it looks like a credential.
fn kind(key: &str, text: &str) -> Option<&'static str> {
    if text.contains("-----BEGIN ") && text.contains("PRIVATE KEY-----") {
        return Some("a private key");
    }
    if has_password(text) {
        return Some("a URL with a password");
    }
    if let Some(kind) = text.split([' ', '\n', '\t', '"', '\'', '=', ',', ':']).find_map(prefixed) {
        return Some(kind);
    }
    let scheme = ["bearer ", "basic ", "token "].into_iter();
    let mut credentials = scheme.filter_map(|scheme| after_ignoring_case(text, scheme));
    if credentials.any(|token| token.len() >= MIN_TOKEN_CHARS && is_token(token)) {
        return Some("an Authorization header's value");
    }
    let key = key.to_ascii_lowercase().replace('-', "_");
    (KEYS.iter().any(|name| key.contains(name)) && is_random(text)).then_some("a key or password")
}

fn prefixed(word: &str) -> Option<&'static str> {
    let matches = |prefix: &str| word.strip_prefix(prefix).is_some_and(|t| t.len() >= MIN_TOKEN_CHARS && is_token(t));
    PREFIXES.iter().find(|(prefix, _)| matches(prefix)).map(|(_, kind)| *kind)
}

fn after_ignoring_case<'t>(text: &'t str, prefix: &str) -> Option<&'t str> {
    let (start, rest) = text.split_at_checked(prefix.len())?;
    start.eq_ignore_ascii_case(prefix).then_some(rest)
}

/// The characters of tokens; a placeholder's braces are not among them.
fn is_token(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-.+/=~".contains(&b))
}

/// Whether a URL carries `user:password@`.
fn has_password(text: &str) -> bool {
    let authorities = text.split("://").skip(1).filter_map(|rest| rest.split(['/', '?', '#', ' ', '"']).next());
    let user_infos = authorities.filter_map(|authority| Some(authority.rsplit_once('@')?.0));
    user_infos.filter_map(|user| user.split_once(':')).any(|(_, password)| !password.is_empty() && is_token(password))
}

/// Whether a text looks as if it had been drawn rather than thought of: one long
/// run of letters and digits, or a UUID.
fn is_random(text: &str) -> bool {
    let is_uuid =
        text.split('-').map(str::len).eq([8, 4, 4, 4, 12]) && text.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-');
    let runs = text.split(|c: char| !c.is_ascii_alphanumeric());
    let has_run = runs.filter(|run| run.len() >= MIN_RANDOM_CHARS).any(|run| {
        let has = |kind: fn(&u8) -> bool| run.as_bytes().iter().any(kind);
        has(u8::is_ascii_digit) && has(u8::is_ascii_alphabetic) && bits_per_char(run) >= MIN_BITS_PER_CHAR
    });
    is_token(text) && (is_uuid || has_run)
}

/// Shannon's entropy of the characters of a text.
fn bits_per_char(text: &str) -> f64 {
    let mut counts = BTreeMap::<char, u32>::new();
    for c in text.chars() {
        *counts.entry(c).or_default() += 1;
    }
    let total = counts.values().sum::<u32>();
    let parts = counts.values().map(|count| f64::from(*count) / f64::from(total));
    parts.map(|part| -part * part.log2()).sum()
}

#[cfg(test)]
mod tests {
    use super::{find, kind, mask, redact};
    use crate::check::locate::Document;

    #[test]
    fn credentials_are_told_by_their_beginnings() {
        let cases = [
            ("x", "sk_live_51H8aBcDeFgHiJkL", Some("a Stripe secret key")),
            ("x", "key=ghp_16C7e42F292c6912E7710c838347Ae178B4a", Some("a GitHub token")),
            ("x", "AKIAIOSFODNN7EXAMPLE", Some("an AWS access key")),
            ("x", "Bearer 0123456789abcdef", Some("an Authorization header's value")),
            ("x", "https://me:hunter2@example.com/", Some("a URL with a password")),
            ("x", "-----BEGIN PRIVATE KEY-----\nMC4CAQ", Some("a private key")),
            ("x", "sk-something", None),
            ("x", "Bearer {kept:token}", None),
            ("x", "bearer of good news", None),
            ("x", "vendor/sk-live-token-of-the-account", None),
            ("x", "https://{value:user}:{value:password}@example.com", None),
        ];
        for (key, text, expected) in cases {
            assert_eq!(kind(key, text), expected, "{text}");
        }
    }

    #[test]
    fn a_random_text_is_a_credential_under_a_telling_key_only() {
        let random = "q7Xb2LmN9pRt4VwZ8kYc";
        assert_eq!(kind("X-Api-Key", random), Some("a key or password"));
        assert_eq!(kind("client_secret", "0f8fad5b-d9cb-469f-a165-70867728950e"), Some("a key or password"));
        assert_eq!(kind("version", random), None);
        assert_eq!(kind("secret", "identity-check/api-token"), None);
        assert_eq!(kind("token", "AAAAAAAAAAAAAAAAAAAAAAA1"), None);
    }

    #[test]
    fn a_masked_text_keeps_its_places_and_a_message_says_only_that_there_was_one() {
        let text = "a = 1\ntoken = \"q7Xb2LmN9pRt4VwZ8kYc\" # why\n";
        let document = Document::read(text);
        let credentials = find(&document);
        assert_eq!(mask(text, &credentials), "a = 1\ntoken = \"********************\" # why\n");
        assert_eq!(redact("\"q7Xb2LmN9pRt4VwZ8kYc\" is none", &credentials), "\"[REDACTED]\" is none");
    }
}
