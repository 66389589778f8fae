//! Placeholders. The list is closed, and each leg allows only those that it can
//! fill. A value that is absent is an error, never an empty text.

use super::locator::{JsonPointer, scalar_text};
use super::{Values, header_name, secret_name};
use crate::SecretValue;
use crate::answer::Document;
use crate::wait::Kept;
use serde_json::Value;

/// What placeholders stand for while one request is made.
#[derive(Clone, Copy, Debug)]
pub struct Bindings<'a> {
    /// The caller's payload.
    pub payload: &'a Value,
    /// The jobs that the request is about.
    pub jobs: Jobs<'a>,
    /// The wait's id, if it is known.
    pub wait_id: Option<&'a str>,
    /// Where webhooks for this integration are received.
    pub callback_url: Option<&'a str>,
    /// What the submit kept for later requests.
    pub kept: &'a Kept,
    /// The answer that said that the job is done.
    pub answer: Option<&'a Document<'a>>,
    /// The secrets that [`Submit::secrets`](super::Submit::secrets) names, where they are known.
    pub secrets: &'a [(String, SecretValue)],
}

/// The jobs that a request is about, by the third party's ids.
#[derive(Clone, Copy, Debug)]
pub enum Jobs<'a> {
    /// None that is known yet.
    Unknown,
    /// The job of one wait.
    One(&'a str),
    /// All that are asked for together.
    Together(&'a [&'a str]),
}

impl<'a> Jobs<'a> {
    /// The one job, where it is one wait's own.
    fn one(self) -> Option<&'a str> {
        match self {
            Self::One(id) => Some(id),
            Self::Unknown | Self::Together(_) => None,
        }
    }

    /// All of them.
    pub(super) fn ids(self) -> impl Iterator<Item = &'a str> {
        let together = match self {
            Self::Together(ids) => ids,
            Self::Unknown | Self::One(_) => &[],
        };
        together.iter().copied().chain(self.one())
    }
}

/// A placeholder that could not be filled, or a value that may not stand where it should.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MissingValue {
    /// The payload has nothing there.
    #[error("the payload has no value at {0:?}; the integration's submit needs it")]
    Payload(String),
    /// The value is an object, an array or null where text is needed.
    #[error("the value for {{{0}}} must be a text, a number, true or false, as it becomes part of a text")]
    NotScalar(String),
    /// The value cannot be part of a path.
    #[error("the value for {{{0}}} is {1:?}, which would change the path it stands in")]
    Unsafe(String, String),
    /// The value cannot be part of a header.
    #[error("the value for {{{0}}} holds a control character, which would change the header it stands in")]
    Control(String),
    /// A value that the deployment or an earlier answer should have supplied.
    #[error("there is no value for {{{0}}}")]
    Unbound(String),
    /// The address cannot be called.
    #[error("the value for {{{0}}} is no address that can be called; it must be an absolute or relative https URL")]
    NotAnUrl(String),
    /// The address is one that the file does not allow: its scheme, host and port.
    #[error(
        "the address is on {0:?}, but requests go to that of `base_url` only, and by https to the hosts of [hosts]; name its host there if they may go to it"
    )]
    ForeignHost(String),
}

/// The legs of an integration that send requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Leg {
    Submit,
    LookUp,
    Status,
    Result,
    Cancel,
}

/// What the placeholders of a leg may stand for; known when the file is parsed.
#[derive(Clone, Copy)]
pub(super) struct Scope<'a> {
    pub(super) leg: Leg,
    pub(super) kept: &'a [String],
    pub(super) values: &'a Values,
    pub(super) has_callback: bool,
    pub(super) has_batch: bool,
}

/// A hole in a template.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Placeholder {
    Request(JsonPointer),
    JobId,
    /// All jobs that are asked for together: a list, or joined by commas.
    JobIds,
    /// The same, each in a query key or form field of its own.
    EachJobId,
    WaitId,
    CallbackUrl,
    Kept(String),
    Answer(JsonPointer),
    AnswerHeader(String),
    /// A secret that the third party is to have: what it signs its webhooks with.
    Secret(String),
    /// A configured value, looked up when the file was parsed.
    Configured(String, Value),
}

impl Placeholder {
    pub(super) fn parse(inner: &str, scope: Scope<'_>) -> Result<Self, String> {
        let hole = match inner.split_once(':') {
            Some(("request", pointer)) => Self::Request(JsonPointer::parse(pointer)?),
            Some(("answer", pointer)) => Self::Answer(JsonPointer::parse(pointer)?),
            Some(("answer_header", name)) => Self::AnswerHeader(header_name::parse(name)?),
            Some(("kept", name)) => Self::Kept(name.to_owned()),
            Some(("secret", name)) => Self::Secret(secret_name::parse(name.to_owned())?),
            Some(("value", name)) => {
                let value = scope.values.get(name).ok_or_else(|| format!("{{{inner}}}: [values] has no {name:?}"))?;
                Self::Configured(name.to_owned(), value.clone())
            }
            None if inner == "job_id" => Self::JobId,
            None if inner == "job_ids" => Self::JobIds,
            None if inner == "each_job_id" => Self::EachJobId,
            None if inner == "wait_id" => Self::WaitId,
            None if inner == "callback_url" => Self::CallbackUrl,
            _ => {
                return Err(format!(
                    "{{{inner}}} is no placeholder: there are {{request:/pointer}}, {{job_id}}, {{job_ids}}, {{each_job_id}}, {{wait_id}}, {{callback_url}}, {{kept:name}}, {{value:name}}, {{secret:name}}, {{answer:/pointer}} and {{answer_header:Name}}; double a brace that is meant as one"
                ));
            }
        };
        let starts = matches!(scope.leg, Leg::Submit | Leg::LookUp);
        let (fits, rule) = match &hole {
            Self::Request(_) => (
                starts,
                "the caller's payload is known in [submit] only; let submit.keep keep what later requests need",
            ),
            Self::JobId => (!starts, "the job gets its id by the answer to [submit]"),
            Self::JobIds | Self::EachJobId => (
                scope.leg == Leg::Status && scope.has_batch,
                "it stands in [status], in a file with a [status.batch] section",
            ),
            Self::Kept(name) if !starts && !scope.kept.contains(name) => {
                (false, "submit.keep keeps no value of that name")
            }
            Self::Kept(_) => (!starts, "values are kept from the answer to [submit] on"),
            Self::CallbackUrl => (
                scope.leg == Leg::Submit && scope.has_callback,
                "it stands in [submit], in a file with a [callback] section",
            ),
            Self::Answer(_) | Self::AnswerHeader(_) => {
                (scope.leg == Leg::Result, "only [result] follows an answer that says that the job is done")
            }
            Self::Secret(_) => (
                scope.leg == Leg::Submit,
                "secrets that authorize requests stand in [auth]; only [submit] may hand one over, for the third party to send its webhooks with",
            ),
            Self::WaitId | Self::Configured(..) => (true, ""),
        };
        if fits { Ok(hole) } else { Err(format!("{{{inner}}} has no value in this place: {rule}")) }
    }

    /// The value it stands for.
    pub(super) fn value(&self, bindings: &Bindings<'_>) -> Result<Value, MissingValue> {
        let unbound = || MissingValue::Unbound(self.name());
        let text = |value: Option<&str>| value.map(|v| Value::String(v.to_owned())).ok_or_else(unbound);
        match self {
            Self::Request(pointer) => {
                pointer.find(bindings.payload).cloned().ok_or_else(|| MissingValue::Payload(pointer.to_string()))
            }
            Self::JobId => text(bindings.jobs.one()),
            Self::JobIds | Self::EachJobId => {
                let ids = bindings.jobs.ids().map(Value::from).collect::<Vec<_>>();
                if ids.is_empty() { Err(unbound()) } else { Ok(Value::Array(ids)) }
            }
            Self::WaitId => text(bindings.wait_id),
            Self::CallbackUrl => text(bindings.callback_url),
            Self::Kept(name) => text(bindings.kept.get(name)),
            Self::Answer(pointer) => bindings.answer.and_then(|a| pointer.find(a.body()?)).cloned().ok_or_else(unbound),
            Self::AnswerHeader(name) => text(bindings.answer.and_then(|a| a.header(name))),
            Self::Secret(name) => {
                text(bindings.secrets.iter().find(|(known, _)| known == name).map(|(_, value)| value.expose().trim()))
            }
            Self::Configured(_, value) => Ok(value.clone()),
        }
    }

    /// The value as text.
    pub(super) fn text(&self, bindings: &Bindings<'_>) -> Result<String, MissingValue> {
        if let Self::JobIds | Self::EachJobId = self {
            let ids = bindings.jobs.ids().collect::<Vec<_>>();
            return if ids.is_empty() { Err(MissingValue::Unbound(self.name())) } else { Ok(ids.join(",")) };
        }
        scalar_text(&self.value(bindings)?).ok_or_else(|| MissingValue::NotScalar(self.name()))
    }

    /// Whether its value is one wait's own.
    pub(super) const fn is_of_one_wait(&self) -> bool {
        match self {
            Self::Request(_)
            | Self::JobId
            | Self::WaitId
            | Self::CallbackUrl
            | Self::Kept(_)
            | Self::Answer(_)
            | Self::AnswerHeader(_) => true,
            Self::JobIds | Self::EachJobId | Self::Secret(_) | Self::Configured(..) => false,
        }
    }

    /// The placeholder as files write it, without its braces.
    pub(super) fn name(&self) -> String {
        match self {
            Self::Request(pointer) => format!("request:{pointer}"),
            Self::JobId => "job_id".to_owned(),
            Self::JobIds => "job_ids".to_owned(),
            Self::EachJobId => "each_job_id".to_owned(),
            Self::WaitId => "wait_id".to_owned(),
            Self::CallbackUrl => "callback_url".to_owned(),
            Self::Kept(name) => format!("kept:{name}"),
            Self::Answer(pointer) => format!("answer:{pointer}"),
            Self::AnswerHeader(name) => format!("answer_header:{name}"),
            Self::Secret(name) => format!("secret:{name}"),
            Self::Configured(name, _) => format!("value:{name}"),
        }
    }
}
