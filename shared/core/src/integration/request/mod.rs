//! The keys by which every leg says what it sends: method, path or URL, query,
//! headers and body.

mod raw;

pub(super) use raw::{RawRequest, RawText, leg};

use super::hosts::Trust;
use super::json_template::JsonTemplate;
use super::placeholder::{Bindings, MissingValue, Placeholder};
use super::template::{Escape, Template, encoded_field};
use super::{Integration, Method};
use crate::SecretValue;
use crate::answer::MAX_BODY_BYTES;
use crate::request::OutgoingRequest;
use url::Url;

/// A request with placeholders.
#[derive(Clone, Debug, PartialEq)]
pub struct RequestTemplate {
    /// The method.
    pub method: Method,
    /// Where it goes.
    pub target: Target,
    /// Query keys and values, beside those of the target.
    pub query: Vec<(String, Template)>,
    /// Headers by name in lower case.
    pub headers: Vec<(String, Template)>,
    /// The body.
    pub body: Option<BodyTemplate>,
    /// Whether redirects within the same host are followed.
    pub redirects: bool,
    /// What kind of answer is asked for, unless a header says so.
    pub accept: &'static str,
}

/// Where a request goes.
#[derive(Clone, Debug, PartialEq)]
pub enum Target {
    /// A path below `base_url`.
    Path(Template),
    /// An absolute URL whose host stands in the file.
    Url(Template),
    /// A URL out of an earlier answer, absolute or relative.
    Given(Template),
}

/// A body with placeholders.
#[derive(Clone, Debug, PartialEq)]
pub enum BodyTemplate {
    /// JSON.
    Json(JsonTemplate),
    /// `application/x-www-form-urlencoded`.
    Form(Vec<(String, Template)>),
    /// Anything else.
    Raw {
        /// Its content type.
        content_type: String,
        /// Its text.
        text: Template,
        /// How values are escaped in it.
        escape: Option<Escape>,
    },
}

impl RequestTemplate {
    /// The request with its placeholders filled in.
    ///
    /// # Errors
    /// [`MissingValue`] when a value is absent or may not stand where it should,
    /// or when the address is one that the file does not allow.
    pub fn render(
        &self,
        integration: &Integration,
        base_url: &Url,
        bindings: &Bindings<'_>,
    ) -> Result<OutgoingRequest, MissingValue> {
        let mut url = match &self.target {
            Target::Path(path) => below(base_url, &path.render_path(bindings)?)?,
            Target::Url(text) => absolute(&text.render_path(bindings)?)?,
            Target::Given(text) => resolve(base_url, &text.render_text(bindings)?).ok_or_else(|| {
                // The value is not quoted: a URL out of an answer may hold a signature.
                MissingValue::NotAnUrl(text.only_hole().map(Placeholder::name).unwrap_or_default())
            })?,
        };
        let trust = trust(integration, &url, base_url)?;
        if trust == Trust::Plain && self.hands_over() {
            // Whoever gets a secret, or what was kept of an answer, is trusted with it by name.
            return Err(MissingValue::ForeignHost(url.host_str().unwrap_or_default().to_owned()));
        }
        append_query(&mut url, &self.query, bindings)?;
        let mut request = OutgoingRequest {
            method: self.method,
            url: url.into(),
            headers: Vec::with_capacity(self.headers.len() + 3),
            body: None,
            credentials: trust == Trust::Credentials,
            secret_query: Vec::new(),
            redirects: self.redirects,
            most_bytes: MAX_BODY_BYTES,
            until: None,
        };
        for (name, value) in &self.headers {
            request.set_header(name, SecretValue::new(value.render_header(bindings)?));
        }
        if let Some(body) = &self.body {
            let (content_type, text) = body.render(bindings)?;
            request.default_header("content-type", content_type);
            request.body = Some(text);
        }
        request.default_header("accept", self.accept);
        Ok(request)
    }

    /// Whether the request holds a secret, or beside its address a kept value, which may be one.
    fn hands_over(&self) -> bool {
        let is_kept = |hole: &&Placeholder| matches!(hole, Placeholder::Kept(_));
        !self.secrets().is_empty() || self.content_holes().any(|hole| is_kept(&hole))
    }

    /// The query keys and form fields that are repeated for each job.
    pub(super) fn repeated(&self) -> impl Iterator<Item = &str> {
        let form = match &self.body {
            Some(BodyTemplate::Form(fields)) => fields.as_slice(),
            Some(BodyTemplate::Json(_) | BodyTemplate::Raw { .. }) | None => &[],
        };
        self.query.iter().chain(form).filter(|(_, value)| is_repeated(value)).map(|(name, _)| name.as_str())
    }

    pub(super) fn holes(&self) -> impl Iterator<Item = &Placeholder> {
        let (Target::Path(target) | Target::Url(target) | Target::Given(target)) = &self.target;
        target.holes().chain(self.content_holes())
    }

    /// The placeholders beside those of the address.
    fn content_holes(&self) -> impl Iterator<Item = &Placeholder> {
        let body = match &self.body {
            None => Vec::new(),
            Some(BodyTemplate::Json(json)) => json.holes(),
            Some(BodyTemplate::Form(fields)) => fields.iter().flat_map(|(_, value)| value.holes()).collect(),
            Some(BodyTemplate::Raw { text, .. }) => text.holes().collect(),
        };
        self.query.iter().chain(&self.headers).flat_map(|(_, value)| value.holes()).chain(body)
    }

    /// The names of the secrets that are handed over in the request.
    #[must_use]
    pub fn secrets(&self) -> Vec<&str> {
        self.holes()
            .filter_map(|hole| if let Placeholder::Secret(name) = hole { Some(name.as_str()) } else { None })
            .collect()
    }

    /// The headers of the answer before it that the request needs, in lower case.
    #[must_use]
    pub fn answer_headers(&self) -> Vec<&str> {
        self.holes()
            .filter_map(|hole| if let Placeholder::AnswerHeader(name) = hole { Some(name.as_str()) } else { None })
            .collect()
    }

    /// Whether the request carries the wait's id.
    #[must_use]
    pub fn carries_wait_id(&self) -> bool {
        self.holes().any(|hole| matches!(hole, Placeholder::WaitId))
    }

    /// Whether the request needs what the submit kept.
    #[must_use]
    pub fn needs_kept(&self) -> bool {
        self.holes().any(|hole| matches!(hole, Placeholder::Kept(_)))
    }

    /// Whether the request tells where webhooks are to be sent.
    pub(super) fn tells_callback_url(&self) -> bool {
        self.holes().any(|hole| matches!(hole, Placeholder::CallbackUrl))
    }

    /// The host that stands in the file, if the target is an absolute URL.
    #[must_use]
    pub fn literal_url(&self) -> Option<Url> {
        match &self.target {
            Target::Url(text) => absolute(text.literal_start()).ok(),
            Target::Path(_) | Target::Given(_) => None,
        }
    }
}

impl BodyTemplate {
    fn render<'a>(&'a self, bindings: &Bindings<'_>) -> Result<(&'a str, String), MissingValue> {
        Ok(match self {
            Self::Json(json) => ("application/json", json.render(bindings)?.to_string()),
            Self::Form(fields) => ("application/x-www-form-urlencoded", encoded_fields(fields, bindings)?),
            Self::Raw { content_type, text, escape } => (content_type, text.render_escaped(bindings, *escape)?),
        })
    }
}

/// How far the host of a URL is trusted.
pub(crate) fn trust(integration: &Integration, url: &Url, base_url: &Url) -> Result<Trust, MissingValue> {
    integration.hosts.trust(url, base_url).ok_or_else(|| MissingValue::ForeignHost(origin(url)))
}

/// Scheme, host and port, for messages.
fn origin(url: &Url) -> String {
    let origin = url.origin();
    if origin.is_tuple() { origin.ascii_serialization() } else { format!("{}:", url.scheme()) }
}

/// A URL out of an answer, absolute or relative to `base_url`; `None` if it is none, or carries a user.
pub(crate) fn resolve(base_url: &Url, text: &str) -> Option<Url> {
    let mut url = base_url.join(text).ok().filter(|url| url.host_str().is_some())?;
    url.set_fragment(None);
    (url.username().is_empty() && url.password().is_none()).then_some(url)
}

fn below(base_url: &Url, path: &str) -> Result<Url, MissingValue> {
    absolute(&format!("{}{path}", base_url.as_str().trim_end_matches('/')))
}

fn absolute(text: &str) -> Result<Url, MissingValue> {
    Url::parse(text).ok().filter(Url::has_host).ok_or_else(|| MissingValue::NotAnUrl(text.to_owned()))
}

fn append_query(url: &mut Url, query: &[(String, Template)], bindings: &Bindings<'_>) -> Result<(), MissingValue> {
    if query.is_empty() {
        return Ok(());
    }
    let fields = encoded_fields(query, bindings)?;
    let text = match url.query() {
        None | Some("") => fields,
        Some(before) => format!("{before}&{fields}"),
    };
    url.set_query(Some(&text));
    Ok(())
}

/// Fields of a form or of a query string.
fn encoded_fields(fields: &[(String, Template)], bindings: &Bindings<'_>) -> Result<String, MissingValue> {
    let mut pairs = Vec::with_capacity(fields.len());
    for (name, value) in fields {
        if is_repeated(value) {
            pairs.extend(bindings.jobs.ids().map(|id| encoded_field(name, id)));
        } else {
            pairs.push(encoded_field(name, &value.render_text(bindings)?));
        }
    }
    Ok(pairs.join("&"))
}

/// Whether a field is repeated for each job.
fn is_repeated(value: &Template) -> bool {
    matches!(value.only_hole(), Some(Placeholder::EachJobId))
}
