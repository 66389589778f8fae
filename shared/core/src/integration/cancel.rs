//! `[cancel]`: the request that calls a job off when its wait is given up.

use super::placeholder::{Leg, Scope};
use super::request::{RequestTemplate, leg};
use super::{KeyError, Values};

/// How a job is called off.
#[derive(Clone, Debug)]
pub struct Cancel {
    /// The request.
    pub request: RequestTemplate,
}

leg! {
    /// `[cancel]`: calls a job off when its wait is given up. Without this section such a job runs on.
    RawCancel {}
}

impl RawCancel {
    pub(super) fn check(mut self, kept: &[String], values: &Values) -> Result<Cancel, KeyError> {
        let raw = self.request();
        let Some(method) = raw.method else {
            return Err((
                "cancel.method".to_owned(),
                "is missing: write for example method = \"DELETE\" or \"POST\"".to_owned(),
            ));
        };
        let scope = Scope { leg: Leg::Cancel, kept, values, has_callback: false, has_batch: false };
        Ok(Cancel { request: raw.check("cancel", scope, method)? })
    }
}
