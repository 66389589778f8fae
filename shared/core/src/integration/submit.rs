//! `[submit]`: the request that starts a job, and where the answer names it.

use super::Method;
use super::template::{Allowed, JsonTemplate, Template};
use super::{KeyError, Locator, header_name};
use serde::Deserialize;

/// How a job is started.
#[derive(Clone, Debug)]
pub struct Submit {
    /// The method; POST unless the file says otherwise.
    pub method: Method,
    /// The path below `base_url`.
    pub path: Template,
    /// The JSON body.
    pub body: Option<JsonTemplate>,
    /// Where the answer names the job.
    pub job_id: Locator,
    /// The header that carries the wait's id as idempotency key, if the third
    /// party supports one. With it a submit whose fate is unknown is sent again.
    pub idempotency_header: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawSubmit {
    #[serde(default = "post")]
    method: Method,
    path: String,
    body: Option<toml::Value>,
    job_id: Locator,
    idempotency_header: Option<String>,
}

const fn post() -> Method {
    Method::Post
}

impl RawSubmit {
    pub(super) fn check(self, has_callback: bool) -> Result<Submit, KeyError> {
        let allowed = Allowed { request: true, job_id: false, callback_url: has_callback };
        Ok(Submit {
            method: self.method,
            path: Template::parse_path(&self.path, allowed).map_err(|e| ("submit.path", e))?,
            body: self.body.map(|b| JsonTemplate::parse(&b, allowed)).transpose().map_err(|e| ("submit.body", e))?,
            job_id: self.job_id,
            idempotency_header: self
                .idempotency_header
                .map(|h| header_name::parse(&h))
                .transpose()
                .map_err(|e| ("submit.idempotency_header", e))?,
        })
    }
}
