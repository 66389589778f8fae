//! Texts with placeholders. What is filled in is escaped for
//! where it stands: it can leave neither its path segment, its query value, its
//! header, its form field nor its JSON string. A brace that is meant is doubled:
//! `{{`, `}}`.

use super::braces;
use super::placeholder::{Bindings, MissingValue, Placeholder, Scope};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;
use std::fmt::{self, Write as _};

/// All but RFC 3986's unreserved characters are escaped in paths, queries and forms.
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A text, escaped for a path segment, a query value or a form field.
#[must_use]
pub fn percent_encode(text: &str) -> String {
    utf8_percent_encode(text, UNRESERVED).to_string()
}

/// A field of a form or of a query string, both parts encoded.
pub(crate) fn encoded_field(name: &str, value: &str) -> String {
    format!("{}={}", percent_encode(name), percent_encode(value))
}

#[derive(Clone, Debug, PartialEq)]
enum Piece {
    Text(String),
    Hole(Placeholder),
}

/// A text with placeholders.
#[derive(Clone, Debug, PartialEq)]
pub struct Template(Vec<Piece>);

/// How values are escaped within a text of a content type of the file's choice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum Escape {
    /// As within a JSON string.
    Json,
    /// As within XML's text and attributes.
    Xml,
    /// As within a URL.
    Url,
}

impl Template {
    pub(super) fn parse(text: &str, scope: Scope<'_>) -> Result<Self, String> {
        braces::read(text, Piece::Text, |inner| Placeholder::parse(inner, scope).map(Piece::Hole)).map(Self)
    }

    /// The texts around the placeholders.
    pub(super) fn literals(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|piece| match piece {
            Piece::Text(text) => Some(text.as_str()),
            Piece::Hole(_) => None,
        })
    }

    /// Checks a text that becomes a path or a URL: what the file writes there
    /// must mean the same to everybody who reads it.
    pub(super) fn check_address(&self) -> Result<(), String> {
        if self.literals().any(|text| text.contains('#')) {
            return Err("has a fragment (\"#\"), which is never sent; leave it out".to_owned());
        }
        if self.literals().any(|text| text.contains('\\') || text.chars().any(char::is_control)) {
            return Err("has a backslash or a control character, which URLs do not have; leave it out".to_owned());
        }
        let any_value = self.0.iter().map(|piece| match piece {
            Piece::Text(text) => text.as_str(),
            Piece::Hole(_) => "x",
        });
        match dot_segment(&any_value.collect::<String>()) {
            Some(dots) => {
                Err(format!("has the segment {dots:?}, which is not sent as it stands; write the path it leads to"))
            }
            None => Ok(()),
        }
    }

    /// The text before the first placeholder.
    pub(super) fn literal_start(&self) -> &str {
        match self.0.first() {
            Some(Piece::Text(text)) => text,
            Some(Piece::Hole(_)) | None => "",
        }
    }

    /// The one placeholder that the text consists of.
    pub(super) fn only_hole(&self) -> Option<&Placeholder> {
        match self.0.as_slice() {
            [Piece::Hole(hole)] => Some(hole),
            _ => None,
        }
    }

    /// Whether anything is to be filled in.
    pub(super) fn has_holes(&self) -> bool {
        self.holes().next().is_some()
    }

    pub(super) fn holes(&self) -> impl Iterator<Item = &Placeholder> {
        self.0.iter().filter_map(|piece| match piece {
            Piece::Hole(hole) => Some(hole),
            Piece::Text(_) => None,
        })
    }

    /// The path with its placeholders filled in, each escaped so that it stays
    /// within its segment or query value.
    ///
    /// # Errors
    /// [`MissingValue`] when a value is absent, not a scalar, or a dot segment.
    pub fn render_path(&self, bindings: &Bindings<'_>) -> Result<String, MissingValue> {
        let mut path = String::new();
        for piece in &self.0 {
            match piece {
                Piece::Text(text) => path.push_str(text),
                Piece::Hole(hole) => {
                    let value = hole.text(bindings)?;
                    // A query value may be empty, or dots.
                    if matches!(value.as_str(), "" | "." | "..") && !path.contains('?') {
                        return Err(MissingValue::Unsafe(hole.name(), value));
                    }
                    path.push_str(&percent_encode(&value));
                }
            }
        }
        // Values could still make a dot segment together with what stands beside them.
        match dot_segment(&path) {
            Some(dots) => {
                let hole = self.holes().next().map(Placeholder::name).unwrap_or_default();
                Err(MissingValue::Unsafe(hole, dots.to_owned()))
            }
            None => Ok(path),
        }
    }

    /// The text of a query value or a form field, not yet escaped: it is escaped as a whole.
    ///
    /// # Errors
    /// [`MissingValue`] when a value is absent or not a scalar.
    pub fn render_text(&self, bindings: &Bindings<'_>) -> Result<String, MissingValue> {
        self.render(bindings, |_, value| Ok(value.to_owned()))
    }

    /// The text of a header.
    ///
    /// # Errors
    /// [`MissingValue`] when a value is absent, not a scalar, or would end the header.
    pub fn render_header(&self, bindings: &Bindings<'_>) -> Result<String, MissingValue> {
        self.render(bindings, |hole, value| {
            if value.chars().any(char::is_control) {
                return Err(MissingValue::Control(hole.name()));
            }
            Ok(value.to_owned())
        })
    }

    /// The text with its values escaped for its content type.
    ///
    /// # Errors
    /// [`MissingValue`] when a value is absent or not a scalar.
    pub fn render_escaped(&self, bindings: &Bindings<'_>, escape: Option<Escape>) -> Result<String, MissingValue> {
        self.render(bindings, |_, value| {
            Ok(match escape {
                // A file whose text has placeholders must say how they are escaped.
                None => value.to_owned(),
                Some(Escape::Url) => percent_encode(value),
                Some(Escape::Xml) => escape_xml(value),
                Some(Escape::Json) => {
                    let quoted = Value::from(value).to_string();
                    quoted.strip_prefix('"').and_then(|q| q.strip_suffix('"')).unwrap_or(&quoted).to_owned()
                }
            })
        })
    }

    fn render(
        &self,
        bindings: &Bindings<'_>,
        escape: impl Fn(&Placeholder, &str) -> Result<String, MissingValue>,
    ) -> Result<String, MissingValue> {
        let mut out = String::new();
        for piece in &self.0 {
            match piece {
                Piece::Text(text) => out.push_str(text),
                Piece::Hole(hole) => out.push_str(&escape(hole, &hole.text(bindings)?)?),
            }
        }
        Ok(out)
    }
}

/// The first segment of a path that the URL standard takes for a step within it
/// (<https://url.spec.whatwg.org/#single-dot-path-segment>).
fn dot_segment(path: &str) -> Option<&str> {
    let before_query = path.split('?').next().unwrap_or_default();
    before_query.split('/').find(|segment| {
        let decoded = segment.to_ascii_lowercase().replace("%2e", ".");
        decoded == "." || decoded == ".."
    })
}

/// The text as files write it, but for braces, which are not doubled.
impl fmt::Display for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|piece| match piece {
            Piece::Text(text) => f.write_str(text),
            Piece::Hole(hole) => write!(f, "{{{}}}", hole.name()),
        })
    }
}

/// A text within XML: the five characters that mean something there are
/// escaped, and so is whatever XML 1.0 cannot hold (it becomes U+FFFD).
fn escape_xml(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&apos;"),
            '\t' | '\n' | '\r' => {
                // Writing to a String cannot fail.
                let _ = write!(out, "&#{};", u32::from(c));
            }
            c if c.is_control() => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}
