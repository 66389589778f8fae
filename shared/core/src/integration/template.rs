//! Placeholders. The list is closed: `{request:/pointer}`, `{job_id}`,
//! `{wait_id}`, `{callback_url}`. A value that is absent is an error, never an
//! empty text, and what is filled in is escaped for where it stands: it can
//! neither leave its path segment nor its JSON string. A brace that is meant
//! is doubled: `{{`, `}}`.

use super::JsonPointer;
use super::locator::scalar_text;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value};

/// All but RFC 3986's unreserved characters are escaped in paths and queries.
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// What placeholders stand for while one request is made.
#[derive(Clone, Copy, Debug)]
pub struct Bindings<'a> {
    /// The caller's payload.
    pub payload: &'a Value,
    /// The third party's id for the job, once known.
    pub job_id: Option<&'a str>,
    /// The wait's id.
    pub wait_id: &'a str,
    /// Where webhooks for this integration are received.
    pub callback_url: Option<&'a str>,
}

/// A placeholder that could not be filled.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MissingValue {
    /// The payload has nothing there.
    #[error("the payload has no value at {0:?}; the integration's submit needs it")]
    Payload(String),
    /// The payload has an object, an array or null where text is needed.
    #[error("the payload's value for {{{0}}} must be a text, a number, true or false, as it becomes part of a text")]
    NotScalar(String),
    /// The value cannot be part of a path.
    #[error("the value for {{{0}}} is {1:?}, which would change the path it stands in")]
    Unsafe(String, String),
    /// A value that the deployment or an earlier answer should have supplied.
    #[error("there is no value for {{{0}}}")]
    Unbound(&'static str),
}

/// Which placeholders a leg can fill; checked when the file is parsed.
#[derive(Clone, Copy)]
pub(super) struct Allowed {
    pub(super) request: bool,
    pub(super) job_id: bool,
    pub(super) callback_url: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Placeholder {
    Request(JsonPointer),
    JobId,
    WaitId,
    CallbackUrl,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Text(String),
    Hole(Placeholder),
}

/// A text with placeholders.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template(Vec<Piece>);

/// A JSON value with placeholders in its texts. A text that is nothing but one
/// `{request:/…}` takes the payload's value as it is, of whatever type.
#[derive(Clone, Debug, PartialEq)]
pub enum JsonTemplate {
    /// A text.
    Text(Template),
    /// A list.
    List(Vec<JsonTemplate>),
    /// An object; its keys hold no placeholders.
    Object(Vec<(String, JsonTemplate)>),
    /// Anything without placeholders.
    Plain(Value),
}

impl Placeholder {
    fn parse(inner: &str, allowed: Allowed) -> Result<Self, String> {
        let hole = match inner.split_once(':') {
            Some(("request", pointer)) => Self::Request(JsonPointer::parse(pointer)?),
            None if inner == "job_id" => Self::JobId,
            None if inner == "wait_id" => Self::WaitId,
            None if inner == "callback_url" => Self::CallbackUrl,
            _ => {
                return Err(format!(
                    "{{{inner}}} is no placeholder: there are {{request:/pointer}}, {{job_id}}, {{wait_id}} and {{callback_url}}; double a brace that is meant as one"
                ));
            }
        };
        let (fits, rule) = match hole {
            Self::Request(_) => (allowed.request, "the caller's payload is known in [submit] only"),
            Self::JobId => (allowed.job_id, "the job gets its id by the answer to [submit]"),
            Self::CallbackUrl => (allowed.callback_url, "it stands in [submit], in a file with a [callback] section"),
            Self::WaitId => (true, ""),
        };
        if fits { Ok(hole) } else { Err(format!("{{{inner}}} has no value in this place: {rule}")) }
    }

    fn value(&self, bindings: &Bindings<'_>) -> Result<Value, MissingValue> {
        let text =
            |name, value: Option<&str>| value.map(|v| Value::String(v.to_owned())).ok_or(MissingValue::Unbound(name));
        match self {
            Self::Request(pointer) => {
                pointer.find(bindings.payload).cloned().ok_or_else(|| MissingValue::Payload(pointer.to_string()))
            }
            Self::JobId => text("job_id", bindings.job_id),
            Self::WaitId => text("wait_id", Some(bindings.wait_id)),
            Self::CallbackUrl => text("callback_url", bindings.callback_url),
        }
    }

    fn name(&self) -> String {
        match self {
            Self::Request(pointer) => format!("request:{pointer}"),
            Self::JobId => "job_id".to_owned(),
            Self::WaitId => "wait_id".to_owned(),
            Self::CallbackUrl => "callback_url".to_owned(),
        }
    }

    fn text(&self, bindings: &Bindings<'_>) -> Result<String, MissingValue> {
        scalar_text(&self.value(bindings)?).ok_or_else(|| MissingValue::NotScalar(self.name()))
    }
}

impl Template {
    pub(super) fn parse(text: &str, allowed: Allowed) -> Result<Self, String> {
        let mut pieces = Vec::new();
        let mut plain = String::new();
        let mut rest = text;
        while let Some(at) = rest.find(['{', '}']) {
            let (before, from) = rest.split_at(at);
            plain.push_str(before);
            if let Some(after) = from.strip_prefix("{{") {
                plain.push('{');
                rest = after;
            } else if let Some(after) = from.strip_prefix("}}") {
                plain.push('}');
                rest = after;
            } else if let Some((inner, after)) = from.strip_prefix('{').and_then(|f| f.split_once('}')) {
                if !plain.is_empty() {
                    pieces.push(Piece::Text(std::mem::take(&mut plain)));
                }
                pieces.push(Piece::Hole(Placeholder::parse(inner, allowed)?));
                rest = after;
            } else {
                return Err(format!("{text:?} has a brace without its partner; double a brace that is meant as one"));
            }
        }
        plain.push_str(rest);
        if !plain.is_empty() {
            pieces.push(Piece::Text(plain));
        }
        Ok(Self(pieces))
    }

    pub(super) fn parse_path(text: &str, allowed: Allowed) -> Result<Self, String> {
        if !text.starts_with('/') || text.starts_with("//") {
            return Err(format!("{text:?} must start with one \"/\": it is appended to `base_url`"));
        }
        Self::parse(text, allowed)
    }

    /// The path with its placeholders filled in, each escaped so that it stays
    /// within its segment or query value.
    ///
    /// # Errors
    /// [`MissingValue`] when a value is absent, not a scalar, or a dot segment.
    pub fn render_path(&self, bindings: &Bindings<'_>) -> Result<String, MissingValue> {
        self.render(bindings, |hole, value| {
            if value.is_empty() || value == "." || value == ".." {
                return Err(MissingValue::Unsafe(hole.name(), value.to_owned()));
            }
            Ok(utf8_percent_encode(value, UNRESERVED).to_string())
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

impl JsonTemplate {
    pub(super) fn parse(value: &toml::Value, allowed: Allowed) -> Result<Self, String> {
        use toml::Value as Toml;
        Ok(match value {
            Toml::String(text) => Self::Text(Template::parse(text, allowed)?),
            Toml::Array(items) => Self::List(items.iter().map(|v| Self::parse(v, allowed)).collect::<Result<_, _>>()?),
            Toml::Table(map) => Self::Object(
                map.iter().map(|(k, v)| Ok((k.clone(), Self::parse(v, allowed)?))).collect::<Result<_, String>>()?,
            ),
            Toml::Boolean(flag) => Self::Plain(Value::Bool(*flag)),
            Toml::Integer(number) => Self::Plain(Value::from(*number)),
            Toml::Float(number) if number.is_finite() => Self::Plain(Value::from(*number)),
            Toml::Float(number) => return Err(format!("{number} does not exist in JSON; write a finite number")),
            Toml::Datetime(time) => return Err(format!("JSON has no dates; write {time} as a text, in quotes")),
        })
    }

    /// The value with its placeholders filled in.
    ///
    /// # Errors
    /// [`MissingValue`] when a value is absent, or not a scalar within a text.
    pub fn render(&self, bindings: &Bindings<'_>) -> Result<Value, MissingValue> {
        Ok(match self {
            Self::Text(template) => match template.0.as_slice() {
                [Piece::Hole(hole)] => hole.value(bindings)?,
                // The JSON encoder escapes the text when the body is written.
                _ => Value::String(template.render(bindings, |_, value| Ok(value.to_owned()))?),
            },
            Self::List(items) => Value::Array(items.iter().map(|v| v.render(bindings)).collect::<Result<_, _>>()?),
            Self::Object(entries) => Value::Object(
                entries.iter().map(|(k, v)| Ok((k.clone(), v.render(bindings)?))).collect::<Result<Map<_, _>, _>>()?,
            ),
            Self::Plain(value) => value.clone(),
        })
    }
}
