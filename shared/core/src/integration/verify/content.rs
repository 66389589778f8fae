//! `content`: which bytes are signed, read once when the file is.

use super::{Content, Layout, Part, TimestampAt, TimestampRule};
use crate::integration::{braces, header_name};

impl Content {
    /// Reads the text of `content`. What it may name depends on the rest of the description.
    pub(super) fn parse(text: &str, layout: &Layout, timestamp: Option<&TimestampRule>) -> Result<Self, String> {
        let parts = braces::read(text, Part::Text, |inner| Part::parse(inner, layout, timestamp))?;
        let content = Self(parts);
        content.covers_the_body()?;
        timestamp.map_or(Ok(()), |rule| content.covers(&rule.at))?;
        Ok(content)
    }

    fn covers_the_body(&self) -> Result<(), String> {
        if self.0.iter().any(|part| matches!(part, Part::Body | Part::BodySha256)) {
            Ok(())
        } else {
            Err("must hold {body} or {body_sha256}, or any body could follow a signature that was seen once".to_owned())
        }
    }

    fn covers(&self, timestamp: &TimestampAt) -> Result<(), String> {
        match timestamp.part() {
            Some(part) if !self.0.contains(&part) => {
                Err("must hold {timestamp}, or anybody could renew an old delivery; if the sender does not sign it, leave `timestamp` out".to_owned())
            }
            Some(_) | None => Ok(()),
        }
    }
}

impl Part {
    fn parse(inner: &str, layout: &Layout, timestamp: Option<&TimestampRule>) -> Result<Self, String> {
        match inner.split_once(':') {
            Some(("header", name)) => header_name::parse(name).map(Self::Header),
            Some(("field", name)) => match layout {
                Layout::Fields { .. } if !name.is_empty() => Ok(Self::Field(name.to_owned())),
                Layout::Fields { .. } => Err("{field:} names no field: write for example {field:t}".to_owned()),
                Layout::Single | Layout::List(_) => Err(format!(
                    "{{{inner}}} needs a signature header of fields: name the signature's own in `signature.field`"
                )),
            },
            None if inner == "body" => Ok(Self::Body),
            None if inner == "body_sha256" => Ok(Self::BodySha256),
            None if inner == "method" => Ok(Self::Method),
            None if inner == "path" => Ok(Self::Path),
            None if inner == "url" => Ok(Self::Url),
            None if inner == "timestamp" => timestamp.and_then(|rule| rule.at.part()).ok_or_else(|| {
                "{timestamp} needs `timestamp` with a `header` or a `field`, which says where it stands".to_owned()
            }),
            _ => Err(format!(
                "{{{inner}}} is no placeholder: there are {{body}}, {{body_sha256}}, {{timestamp}}, {{header:Name}}, {{field:name}}, {{method}}, {{path}} and {{url}}; double a brace that is meant as one"
            )),
        }
    }
}

impl TimestampAt {
    /// The part of the content that it is; one within the body is covered with the body.
    fn part(&self) -> Option<Part> {
        match self {
            Self::Header(name) => Some(Part::Header(name.clone())),
            Self::Field(name) => Some(Part::Field(name.clone())),
            Self::Body(_) => None,
        }
    }
}
