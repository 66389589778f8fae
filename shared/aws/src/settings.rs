//! What the template tells a function through its environment.

use std::collections::BTreeMap;
use std::env;
use url::Url;

/// A deployment's settings. Absent ones stay `None`: a function that does not
/// need a setting is not given it.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// `WAIT_TABLE`: the name of the table of waits.
    pub wait_table: String,
    /// `SECRET_PREFIX`: what stands before the names of secrets in integration files.
    pub secret_prefix: String,
    /// `BASE_URLS`: base URLs that replace those of integration files, by name.
    pub base_urls: BTreeMap<String, Url>,
    /// `CALLBACK_BASE`: where the webhook listener is reached.
    pub callback_base: Option<String>,
    /// `ALLOW_LOOPBACK`: whether plain HTTP to this machine is allowed, for local runs.
    pub allow_loopback: bool,
    /// `AWS_LAMBDA_RUNTIME_API`: the port that the Lambda runtime answers at, on this machine.
    pub runtime_port: Option<u16>,
    /// `RESULT_BUCKET`: the bucket of large results.
    pub result_bucket: Option<String>,
    /// `AWS_ENDPOINT_URL_S3`: where S3 is, if not where the AWS configuration says.
    pub s3_endpoint: Option<String>,
}

/// A setting that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("environment variable {name}: {what}")]
pub struct SettingError {
    /// The variable.
    pub name: &'static str,
    /// What is wrong with it.
    pub what: String,
}

impl Settings {
    /// Reads the settings of this function.
    ///
    /// # Errors
    /// [`SettingError`] when a setting is missing or malformed.
    pub fn from_env() -> Result<Self, SettingError> {
        let read = |name: &'static str| env::var(name).ok().filter(|v| !v.is_empty());
        let wait_table = read("WAIT_TABLE")
            .ok_or_else(|| SettingError { name: "WAIT_TABLE", what: "is not set; the template sets it".to_owned() })?;
        let base_urls = match read("BASE_URLS") {
            None => BTreeMap::new(),
            Some(text) => serde_json::from_str::<BTreeMap<String, Url>>(&text).map_err(|e| SettingError {
                name: "BASE_URLS",
                what: format!("is not a JSON object of URLs by integration ({e}); see the parameter BaseUrlOverrides"),
            })?,
        };
        Ok(Self {
            wait_table,
            secret_prefix: read("SECRET_PREFIX").unwrap_or_default(),
            base_urls,
            callback_base: read("CALLBACK_BASE").map(|url| url.trim_end_matches('/').to_owned()),
            allow_loopback: read("ALLOW_LOOPBACK").as_deref() == Some("true"),
            runtime_port: read("AWS_LAMBDA_RUNTIME_API").and_then(|api| api.rsplit_once(':')?.1.parse().ok()),
            result_bucket: read("RESULT_BUCKET"),
            s3_endpoint: read("AWS_ENDPOINT_URL_S3"),
        })
    }

    /// The part of the settings that steps go by.
    #[must_use]
    pub fn for_steps(&self) -> stepwait_flow::Settings {
        stepwait_flow::Settings { base_urls: self.base_urls.clone(), callback_base: self.callback_base.clone() }
    }
}
