//! The keys by which every leg says what it sends: method, path or URL, query,
//! headers and body.

use super::hosts::Trust;
use super::json_template::JsonTemplate;
use super::node::Node;
use super::placeholder::{Bindings, MissingValue, Placeholder, Scope};
use super::template::{Escape, Template, percent_encode};
use super::{Integration, KeyError, Method, header_name};
use crate::SecretValue;
use crate::answer::MAX_BODY_BYTES;
use crate::request::OutgoingRequest;
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeMap;
use url::Url;

/// The most query keys, headers or form fields of one request.
const MAX_ENTRIES: usize = 64;

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
        if trust == Trust::Plain && !self.secrets().is_empty() {
            // Whoever gets a secret is trusted with it by name.
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

    fn holes(&self) -> impl Iterator<Item = &Placeholder> {
        let (Target::Path(target) | Target::Url(target) | Target::Given(target)) = &self.target;
        let body = match &self.body {
            None => Vec::new(),
            Some(BodyTemplate::Json(json)) => json.holes(),
            Some(BodyTemplate::Form(fields)) => fields.iter().flat_map(|(_, value)| value.holes()).collect(),
            Some(BodyTemplate::Raw { text, .. }) => text.holes().collect(),
        };
        target.holes().chain(self.query.iter().chain(&self.headers).flat_map(|(_, value)| value.holes())).chain(body)
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
            Self::Form(fields) => {
                let pairs = fields.iter().map(|(name, value)| {
                    Ok(format!("{}={}", percent_encode(name), percent_encode(&value.render_text(bindings)?)))
                });
                ("application/x-www-form-urlencoded", pairs.collect::<Result<Vec<_>, _>>()?.join("&"))
            }
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
    let mut text = url.query().unwrap_or_default().to_owned();
    for (name, value) in query {
        if !text.is_empty() {
            text.push('&');
        }
        text.push_str(&format!("{}={}", percent_encode(name), percent_encode(&value.render_text(bindings)?)));
    }
    url.set_query(Some(&text));
    Ok(())
}

/// `raw`: a body that is neither JSON nor a form.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Raw")]
pub(super) struct RawText {
    /// Its content type, for example `application/xml`.
    content_type: String,
    /// Its text, with placeholders.
    text: String,
    /// How the values of placeholders are escaped in it; needed if there are any.
    escape: Option<Escape>,
}

/// The request of a leg as written.
pub(super) struct RawRequest {
    pub(super) method: Option<Method>,
    pub(super) path: Option<String>,
    pub(super) url: Option<String>,
    pub(super) query: BTreeMap<String, String>,
    pub(super) headers: BTreeMap<String, String>,
    pub(super) body: Option<Node>,
    pub(super) form: Option<BTreeMap<String, String>>,
    pub(super) raw: Option<RawText>,
    pub(super) redirects: bool,
}

/// Declares the raw shape of a leg: the keys of a request, and the leg's own.
macro_rules! leg {
    ($(#[$meta:meta])* $name:ident { $($(#[$field_meta:meta])* $field:ident: $type:ty,)* }) => {
        $(#[$meta])*
        #[derive(serde::Deserialize, schemars::JsonSchema)]
        #[serde(deny_unknown_fields)]
        #[schemars(inline)]
        pub(super) struct $name {
            $($(#[$field_meta])* $field: $type,)*
            /// The HTTP method: `POST` in `[submit]` and `GET` in the others unless said; `[cancel]` must say.
            method: Option<crate::integration::Method>,
            /// The path below `base_url`, for example `/v1/jobs/{job_id}`. Either this or `url`.
            path: Option<String>,
            /// An absolute URL, or one placeholder that stands for one, such as `{kept:status_url}`; the value may be relative too. Its host must be that of `base_url` or stand in `[hosts]`.
            url: Option<String>,
            /// Query keys and their values, with placeholders, for example `{ page = "{job_id}" }`.
            #[serde(default)]
            query: std::collections::BTreeMap<String, String>,
            /// Further headers, with placeholders, for example `{ Prefer = "respond-async" }`. Those with secrets stand in `[auth]`.
            #[serde(default)]
            headers: std::collections::BTreeMap<String, String>,
            /// A JSON body of any shape, with placeholders in its texts. A text that is nothing but one placeholder takes its value, of whatever type.
            #[schemars(with = "Option<serde_json::Value>", extend("additionalProperties" = true))]
            body: Option<crate::integration::node::Node>,
            /// A body of the content type `application/x-www-form-urlencoded`: fields and their values, for example `{ amount = "{request:/amount}" }`.
            form: Option<std::collections::BTreeMap<String, String>>,
            /// A body of any other content type.
            raw: Option<crate::integration::request::RawText>,
            /// Whether up to 3 redirects of a `GET` within the same host are followed.
            #[serde(default)]
            redirects: bool,
        }

        impl $name {
            fn request(&mut self) -> crate::integration::request::RawRequest {
                crate::integration::request::RawRequest {
                    method: self.method,
                    path: self.path.take(),
                    url: self.url.take(),
                    query: std::mem::take(&mut self.query),
                    headers: std::mem::take(&mut self.headers),
                    body: self.body.take(),
                    form: self.form.take(),
                    raw: self.raw.take(),
                    redirects: self.redirects,
                }
            }
        }
    };
}
pub(super) use leg;

impl RawRequest {
    /// Whether the leg says nothing of a request.
    pub(super) fn is_absent(&self) -> bool {
        self.path.is_none()
            && self.url.is_none()
            && self.method.is_none()
            && self.query.is_empty()
            && self.headers.is_empty()
            && self.body.is_none()
            && self.form.is_none()
            && self.raw.is_none()
            && !self.redirects
    }

    pub(super) fn check(self, section: &str, scope: Scope<'_>, default: Method) -> Result<RequestTemplate, KeyError> {
        let at = |key: &str| format!("{section}.{key}");
        let target = match (self.path, self.url) {
            (Some(path), None) => parse_path(&path, scope).map(Target::Path).map_err(|e| (at("path"), e))?,
            (None, Some(url)) => parse_url(&url, scope).map_err(|e| (at("url"), e))?,
            (Some(_), Some(_)) => {
                return Err((at("url"), "there is a `path` as well; keep one of them".to_owned()));
            }
            (None, None) => {
                return Err((section.to_owned(), "needs a `path` or a `url` to send its request to".to_owned()));
            }
        };
        let texts = |key: &str, map: BTreeMap<String, String>| {
            entries(map, scope).map_err(|(k, e)| (format!("{section}.{key}.{k}"), e))
        };
        let mut headers = Vec::new();
        for (name, value) in texts("headers", self.headers)? {
            let key = || format!("{section}.headers.{name}");
            let lower = header_name::parse_settable(&name).map_err(|e| (key(), e))?;
            if value.literals().any(|text| text.chars().any(char::is_control)) {
                return Err((key(), "holds a control character such as a line break; leave it out".to_owned()));
            }
            headers.push((lower, value));
        }
        let given =
            usize::from(self.body.is_some()) + usize::from(self.form.is_some()) + usize::from(self.raw.is_some());
        if given > 1 {
            return Err((
                section.to_owned(),
                "has more than one body; keep one of `body`, `form` and `raw`".to_owned(),
            ));
        }
        let body = if let Some(json) = self.body {
            Some(BodyTemplate::Json(JsonTemplate::parse(&json, scope).map_err(|e| (at("body"), e))?))
        } else if let Some(form) = self.form {
            Some(BodyTemplate::Form(texts("form", form)?))
        } else if let Some(raw) = self.raw {
            if !raw.content_type.contains('/') || raw.content_type.chars().any(char::is_control) {
                return Err((at("raw.content_type"), "must be a content type such as \"application/xml\"".to_owned()));
            }
            let text = Template::parse(&raw.text, scope).map_err(|e| (at("raw.text"), e))?;
            if text.has_holes() && raw.escape.is_none() {
                return Err((at("raw"), "has placeholders, so it must say how their values are escaped: `escape = \"json\"`, \"xml\" or \"url\"".to_owned()));
            }
            Some(BodyTemplate::Raw { content_type: raw.content_type, text, escape: raw.escape })
        } else {
            None
        };
        let query = texts("query", self.query)?;
        Ok(RequestTemplate {
            method: self.method.unwrap_or(default),
            target,
            query,
            headers,
            body,
            redirects: self.redirects,
            accept: "application/json",
        })
    }
}

fn entries(map: BTreeMap<String, String>, scope: Scope<'_>) -> Result<Vec<(String, Template)>, (String, String)> {
    if map.len() > MAX_ENTRIES {
        return Err(("(all)".to_owned(), format!("at most {MAX_ENTRIES} entries")));
    }
    map.into_iter()
        .map(|(name, text)| match Template::parse(&text, scope) {
            Ok(template) => Ok((name, template)),
            Err(e) => Err((name, e)),
        })
        .collect()
}

fn parse_path(text: &str, scope: Scope<'_>) -> Result<Template, String> {
    if !text.starts_with('/') || text.starts_with("//") {
        return Err(format!("{text:?} must start with one \"/\": it is appended to `base_url`"));
    }
    let template = Template::parse(text, scope)?;
    template.check_address().map_err(|e| format!("{text:?} {e}"))?;
    Ok(template)
}

fn parse_url(text: &str, scope: Scope<'_>) -> Result<Target, String> {
    let template = Template::parse(text, scope)?;
    if template.only_hole().is_some() {
        return Ok(Target::Given(template));
    }
    template.check_address()?;
    // The host must stand in the file: nothing that is filled in may change it.
    let start = template.literal_start();
    let host_ends = start.split_once("://").is_some_and(|(_, rest)| rest.contains('/') || !template.has_holes());
    match Url::parse(start) {
        Ok(url)
            if host_ends
                && (url.scheme() == "https" || super::is_local_http(&url))
                && url.username().is_empty()
                && url.password().is_none() =>
        {
            Ok(Target::Url(template))
        }
        _ => Err("must be https://HOST/… with the host written out, or one placeholder that stands for a whole URL"
            .to_owned()),
    }
}
