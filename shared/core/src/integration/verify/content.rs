//! `content`: which bytes are signed, read once when the file is.

use super::scheme::{Layout, Place, TimestampRule};
use crate::integration::{JsonPointer, braces, header_name};
use std::collections::BTreeMap;

/// The most lines of `{body_lines:…}`, 32: SNS, which signs so, has ten.
const MAX_LINES: usize = 32;

/// The signed content: its parts, one after the other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Content(pub(crate) Vec<Part>);

/// A part of the signed content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// A text of the file.
    Text(String),
    /// A value of the delivery, which must be there.
    Value(Place),
    /// A value of a JSON body, or nothing where it is absent or null.
    Optional(JsonPointer),
    /// The body, byte by byte.
    Body,
    /// The body's SHA-256, in lower-case hex.
    BodySha256,
    /// The body's CRC-32, in decimal.
    BodyCrc32,
    /// The names and values of a form's fields, in the order of both.
    SortedForm,
    /// Those of these members of a JSON body that are there: name and value, each on a line.
    BodyLines(Vec<String>),
    /// The request's method.
    Method,
    /// The request's path.
    Path,
    /// The listener's URL, as the third party was told it.
    Url,
    /// The same with the query string that came.
    FullUrl,
}

/// What the rest of the description lets the content name.
pub(super) struct Known<'a> {
    pub(super) layout: &'a Layout,
    pub(super) timestamp: Option<&'a TimestampRule>,
    pub(super) values: &'a BTreeMap<String, String>,
}

impl Content {
    /// Reads the text of `content`. What it may name depends on the rest of the description.
    pub(super) fn parse(text: &str, known: &Known<'_>) -> Result<Self, String> {
        let parts = braces::read(text, Part::Text, |inner| Part::parse(inner, known))?;
        let content = Self(parts);
        match known.timestamp {
            Some(rule) if !content.covers(&rule.at) => Err(
                "must hold {timestamp}, or anybody could renew an old delivery; if the sender does not sign it, leave `timestamp` out".to_owned(),
            ),
            Some(_) | None => Ok(content),
        }
    }

    /// Whether another body would need another signature. A checksum that
    /// anybody can match with another body does not count.
    pub(super) fn covers_body(&self) -> bool {
        self.0.iter().any(|part| matches!(part, Part::Body | Part::BodySha256 | Part::SortedForm))
    }

    /// Whether another value at this place would need another signature.
    pub(super) fn covers(&self, place: &Place) -> bool {
        self.0.iter().any(|part| match (part, place) {
            (Part::Value(value), place) => value == place,
            (Part::Body | Part::BodySha256, Place::Body(_) | Place::Form(_))
            | (Part::SortedForm, Place::Form(_))
            | (Part::FullUrl, Place::Query(_)) => true,
            (Part::BodyLines(names), Place::Body(pointer)) => {
                names.iter().any(|name| pointer.as_str().strip_prefix('/') == Some(name.as_str()))
            }
            (Part::Optional(signed), Place::Body(pointer)) => signed == pointer,
            (
                Part::Text(_)
                | Part::Optional(_)
                | Part::Body
                | Part::BodySha256
                | Part::BodyCrc32
                | Part::SortedForm
                | Part::BodyLines(_)
                | Part::Method
                | Part::Path
                | Part::Url
                | Part::FullUrl,
                _,
            ) => false,
        })
    }
}

impl Part {
    fn parse(inner: &str, known: &Known<'_>) -> Result<Self, String> {
        let Some((kind, name)) = inner.split_once(':') else {
            return Self::parse_word(inner, known);
        };
        match kind {
            "header" => header_name::parse(name).map(|name| Self::Value(Place::Header(name))),
            "field" => match known.layout {
                Layout::Fields { .. } if !name.is_empty() => Ok(Self::Value(Place::Field(name.to_owned()))),
                Layout::Fields { .. } => Err("{field:} names no field: write for example {field:t}".to_owned()),
                Layout::Single | Layout::List(_) => Err(format!(
                    "{{{inner}}} needs a signature header of fields: name the signature's own in `signature.field`"
                )),
            },
            "query" | "form" if name.is_empty() => {
                Err(format!("{{{inner}}} names no field: write for example {{{kind}:id}}"))
            }
            "query" => Ok(Self::Value(Place::Query(name.to_owned()))),
            "form" => Ok(Self::Value(Place::Form(name.to_owned()))),
            "body" => JsonPointer::parse(name).map(|pointer| Self::Value(Place::Body(pointer))),
            "body?" => JsonPointer::parse(name).map(Self::Optional),
            "body_lines" => lines(name).map(Self::BodyLines),
            "value" => known.values.get(name).map(|value| Self::Text(value.clone())).ok_or_else(|| {
                format!("{{{inner}}} stands for nothing: write values = {{ {name} = \"…\" }} beside it")
            }),
            _ => Err(unknown(inner)),
        }
    }

    fn parse_word(word: &str, known: &Known<'_>) -> Result<Self, String> {
        match word {
            "body" => Ok(Self::Body),
            "body_sha256" => Ok(Self::BodySha256),
            "body_crc32" => Ok(Self::BodyCrc32),
            "sorted_form" => Ok(Self::SortedForm),
            "method" => Ok(Self::Method),
            "path" => Ok(Self::Path),
            "url" => Ok(Self::Url),
            "full_url" => Ok(Self::FullUrl),
            "timestamp" => known
                .timestamp
                .map(|rule| Self::Value(rule.at.clone()))
                .ok_or_else(|| "{timestamp} needs `timestamp`, which says where it stands".to_owned()),
            _ => Err(unknown(word)),
        }
    }
}

fn unknown(inner: &str) -> String {
    format!(
        "{{{inner}}} is no placeholder: there are {{body}}, {{body_sha256}}, {{body_crc32}}, {{body:/pointer}}, {{body?:/pointer}}, {{body_lines:A,B}}, {{timestamp}}, {{header:Name}}, {{field:name}}, {{query:name}}, {{form:name}}, {{sorted_form}}, {{method}}, {{path}}, {{url}}, {{full_url}} and {{value:name}}; double a brace that is meant as one"
    )
}

/// The names of `{body_lines:A,B}`.
fn lines(text: &str) -> Result<Vec<String>, String> {
    let names: Vec<String> = text.split(',').map(str::trim).map(str::to_owned).collect();
    if names.len() > MAX_LINES || names.iter().any(|name| name.is_empty() || name.contains(['/', '~'])) {
        return Err(format!(
            "{{body_lines:{text}}} does not name 1 to {MAX_LINES} members of the body: write for example {{body_lines:Message,MessageId}}"
        ));
    }
    Ok(names)
}
