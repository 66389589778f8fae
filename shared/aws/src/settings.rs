//! What the template tells a function through its environment.

use std::collections::BTreeMap;
use std::env;
use stepwait_core::decide::round::BreakEven;
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
    /// `BREAK_EVEN_SECONDS`: the longest delay that is waited for inside a round.
    pub break_even: BreakEven,
    /// `AWS_LAMBDA_RUNTIME_API`: the port that the Lambda runtime answers at, on this machine.
    pub runtime_port: Option<u16>,
    /// `RESULT_BUCKET`: the bucket of large results.
    pub result_bucket: Option<String>,
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
        let break_even = match read("BREAK_EVEN_SECONDS") {
            None => BreakEven::default(),
            Some(text) => break_even(&text).map_err(|what| SettingError { name: "BREAK_EVEN_SECONDS", what })?,
        };
        Ok(Self {
            wait_table,
            secret_prefix: read("SECRET_PREFIX").unwrap_or_default(),
            base_urls,
            callback_base: read("CALLBACK_BASE").map(|url| url.trim_end_matches('/').to_owned()),
            allow_loopback: read("ALLOW_LOOPBACK").as_deref() == Some("true"),
            break_even,
            runtime_port: read("AWS_LAMBDA_RUNTIME_API").and_then(|api| api.rsplit_once(':')?.1.parse().ok()),
            result_bucket: read("RESULT_BUCKET"),
        })
    }

    /// The part of the settings that steps go by.
    #[must_use]
    pub fn for_steps(&self) -> stepwait_flow::Settings {
        stepwait_flow::Settings {
            base_urls: self.base_urls.clone(),
            callback_base: self.callback_base.clone(),
            break_even: self.break_even,
        }
    }
}

fn break_even(text: &str) -> Result<BreakEven, String> {
    let seconds =
        text.parse().map_err(|_| format!("{text:?} is no number of seconds; see the parameter BreakEvenSeconds"))?;
    BreakEven::of_seconds(seconds).map_err(|e| e.to_string())
}

#[cfg(test)]
mod tests {
    use super::break_even;
    use std::time::Duration;

    #[test]
    fn a_break_even_is_a_number_of_seconds_within_a_round() {
        assert_eq!(break_even("30").map(|it| it.longest_inside()), Ok(Duration::from_secs(30)));
        assert_eq!(
            break_even("231").unwrap_err(),
            "231 s is no break-even between waiting inside a round and leaving it: write 1 to 230 s"
        );
        assert_eq!(
            break_even("1.5").unwrap_err(),
            "\"1.5\" is no number of seconds; see the parameter BreakEvenSeconds"
        );
    }
}
