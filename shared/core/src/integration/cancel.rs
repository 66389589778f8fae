//! `[cancel]`: the request that calls a job off when its wait is given up.

use super::KeyError;
use super::Method;
use super::template::{Allowed, JsonTemplate, Template};
use serde::Deserialize;

/// How a job is called off.
#[derive(Clone, Debug)]
pub struct Cancel {
    /// The method.
    pub method: Method,
    /// The path below `base_url`.
    pub path: Template,
    /// The JSON body.
    pub body: Option<JsonTemplate>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawCancel {
    method: Method,
    path: String,
    body: Option<toml::Value>,
}

impl RawCancel {
    pub(super) fn check(self) -> Result<Cancel, KeyError> {
        let allowed = Allowed { request: false, job_id: true, callback_url: false };
        Ok(Cancel {
            method: self.method,
            path: Template::parse_path(&self.path, allowed).map_err(|e| ("cancel.path", e))?,
            body: self.body.map(|b| JsonTemplate::parse(&b, allowed)).transpose().map_err(|e| ("cancel.body", e))?,
        })
    }
}
