//! Errors of integration files: where, what, and what to do.

use std::ops::Range;

/// Why an integration file was not accepted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("integrations/{file}.toml: {at}: {what}")]
pub struct ConfigError {
    /// The integration's name.
    pub file: String,
    /// The key, or the line and column.
    pub at: String,
    /// What is wrong and what to do.
    pub what: String,
    /// The bytes of the text where it stands, if the parser knows them;
    /// otherwise `at` is a key path such as `submit.path`.
    pub span: Option<Range<usize>>,
}

impl ConfigError {
    pub(super) fn new(file: &str, at: &str, what: String) -> Self {
        Self { file: file.to_owned(), at: at.to_owned(), what, span: None }
    }

    /// An error of the TOML parser or of a type, with the line it stands in.
    pub(super) fn syntax(file: &str, error: &toml::de::Error) -> Self {
        // The parser's own text is "TOML parse error at line L, column C", the line, and the message.
        let text = error.to_string();
        let message = error.message();
        let (at, what) = match text.strip_prefix("TOML parse error at ").and_then(|t| t.split_once('\n')) {
            Some((at, rest)) => {
                let line = rest.trim_end().trim_end_matches(message).trim_end();
                let advice = if message.starts_with("missing field") { "; add it to the section shown" } else { "" };
                (at, format!("{message}{advice}\n{line}"))
            }
            None => ("(whole file)", message.to_owned()),
        };
        Self { span: error.span(), ..Self::new(file, at, what) }
    }
}
