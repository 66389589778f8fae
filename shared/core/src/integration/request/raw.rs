//! The keys of a request as files write them, the same in every leg, and their checks.

use super::{BodyTemplate, RequestTemplate, Target};
use crate::integration::json_template::JsonTemplate;
use crate::integration::node::Node;
use crate::integration::placeholder::Scope;
use crate::integration::template::{Escape, Template};
use crate::integration::{KeyError, Method, header_name, is_local_http};
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeMap;
use url::Url;

/// The most query keys, headers or form fields of one request.
const MAX_ENTRIES: usize = 64;

/// `raw`: a body that is neither JSON nor a form.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Raw")]
pub(in crate::integration) struct RawText {
    /// Its content type, for example `application/xml`.
    content_type: String,
    /// Its text, with placeholders.
    text: String,
    /// How the values of placeholders are escaped in it; needed if there are any.
    escape: Option<Escape>,
}

/// The request of a leg as written.
pub(in crate::integration) struct RawRequest {
    pub(in crate::integration) method: Option<Method>,
    pub(in crate::integration) path: Option<String>,
    pub(in crate::integration) url: Option<String>,
    pub(in crate::integration) query: BTreeMap<String, String>,
    pub(in crate::integration) headers: BTreeMap<String, String>,
    pub(in crate::integration) body: Option<Node>,
    pub(in crate::integration) form: Option<BTreeMap<String, String>>,
    pub(in crate::integration) raw: Option<RawText>,
    pub(in crate::integration) redirects: bool,
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
            /// An absolute URL, or one placeholder that stands for one, such as `{kept:status_url}`; the value may be relative to `base_url`. Its host must be that of `base_url` or stand in `[hosts]`.
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
pub(in crate::integration) use leg;

impl RawRequest {
    /// Whether the leg says nothing of a request.
    pub(in crate::integration) fn is_absent(&self) -> bool {
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

    pub(in crate::integration) fn check(
        self,
        section: &str,
        scope: Scope<'_>,
        default: Method,
    ) -> Result<RequestTemplate, KeyError> {
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
                && (url.scheme() == "https" || is_local_http(&url))
                && url.username().is_empty()
                && url.password().is_none() =>
        {
            Ok(Target::Url(template))
        }
        _ => Err("must be https://HOST/… with the host written out, or one placeholder that stands for a whole URL"
            .to_owned()),
    }
}
