//! The variables that Lambda sets
//! (<https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html>), and
//! those by which AWS's services are put elsewhere
//! (<https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html>).

use crate::settings::SettingError;
use aws_sdk_dynamodb::config::{Credentials, SharedCredentialsProvider};
use aws_types::SdkConfig;
use aws_types::region::Region;
use aws_types::sdk_config::Builder;
use aws_types::service_config::{LoadServiceConfig, ServiceConfigKey};
use std::collections::BTreeMap;

/// The variable of the endpoint of all services; with a service's name behind it,
/// that of one.
const ENDPOINT: &str = "AWS_ENDPOINT_URL";

/// The services that are called, as their variables are named.
const SERVICES: [&str; 4] = ["DYNAMODB", "SFN", "SECRETS_MANAGER", "S3"];

/// Where single services are, if not where all are.
#[derive(Debug)]
struct Endpoints(BTreeMap<String, String>);

impl LoadServiceConfig for Endpoints {
    fn load_config(&self, key: ServiceConfigKey<'_>) -> Option<String> {
        let service = key.service_id().to_uppercase().replace(' ', "_");
        (key.env() == ENDPOINT).then(|| self.0.get(&service).cloned()).flatten()
    }
}

/// What the variables say. The credentials are those of the function's role; Lambda
/// sets them when it starts an environment and takes it away before they end, so
/// they are read once. Only SnapStart hands out others later, which OS-only
/// runtimes do not have (<https://docs.aws.amazon.com/lambda/latest/dg/snapstart.html>).
///
/// # Errors
/// [`SettingError`] when the Region or the credentials are missing.
pub(super) fn config(read: impl Fn(&str) -> Option<String>) -> Result<Builder, SettingError> {
    let needed = |name: &'static str, what: &str| {
        read(name).ok_or_else(|| SettingError { name, what: format!("is not set; Lambda sets it {what}") })
    };
    let region = needed("AWS_REGION", "to the function's Region")?;
    let id = needed("AWS_ACCESS_KEY_ID", "from the function's role")?;
    let secret = needed("AWS_SECRET_ACCESS_KEY", "from the function's role")?;
    let credentials = Credentials::new(id, secret, read("AWS_SESSION_TOKEN"), None, "Lambda");
    let of_service = |service: &&str| Some(((*service).to_owned(), read(&format!("{ENDPOINT}_{service}"))?));
    let mut config = SdkConfig::builder()
        .region(Region::new(region))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .service_config(Endpoints(SERVICES.iter().filter_map(of_service).collect()));
    config.set_endpoint_url(read(ENDPOINT));
    config.set_use_fips(read("AWS_USE_FIPS_ENDPOINT").map(|value| value.eq_ignore_ascii_case("true")));
    config.set_use_dual_stack(read("AWS_USE_DUALSTACK_ENDPOINT").map(|value| value.eq_ignore_ascii_case("true")));
    Ok(config)
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_dynamodb::config::ProvideCredentials as _;

    const OF_LAMBDA: [(&str, &str); 4] = [
        ("AWS_REGION", "eu-central-1"),
        ("AWS_ACCESS_KEY_ID", "AKIA"),
        ("AWS_SECRET_ACCESS_KEY", "hunter2"),
        ("AWS_SESSION_TOKEN", "session"),
    ];

    fn of(variables: &[(&str, &str)]) -> Result<SdkConfig, SettingError> {
        let read = |name: &str| variables.iter().find(|(set, _)| *set == name).map(|(_, value)| (*value).to_owned());
        config(read).map(Builder::build)
    }

    #[tokio::test]
    async fn region_and_credentials_are_those_that_lambda_sets() {
        let config = of(&OF_LAMBDA).unwrap();
        let found = config.credentials_provider().unwrap().provide_credentials().await.unwrap();
        assert_eq!(config.region().map(Region::as_ref), Some("eu-central-1"));
        assert_eq!((found.access_key_id(), found.secret_access_key()), ("AKIA", "hunter2"));
        assert_eq!((found.session_token(), found.expiry()), (Some("session"), None));
        assert_eq!((config.endpoint_url(), config.use_fips(), config.use_dual_stack()), (None, None, None));
    }

    #[test]
    fn a_variable_that_is_missing_is_named() {
        for (missing, what) in
            [(0, "to the function's Region"), (1, "from the function's role"), (2, "from the function's role")]
        {
            let left: Vec<_> =
                OF_LAMBDA.iter().enumerate().filter(|(at, _)| *at != missing).map(|(_, it)| *it).collect();
            let expected = format!("environment variable {}: is not set; Lambda sets it {what}", OF_LAMBDA[missing].0);
            assert_eq!(of(&left).unwrap_err().to_string(), expected);
        }
    }

    #[test]
    fn a_services_own_endpoint_goes_before_that_of_all() {
        let elsewhere = [
            (ENDPOINT, "http://127.0.0.1:1"),
            ("AWS_ENDPOINT_URL_SFN", "http://127.0.0.1:2"),
            ("AWS_ENDPOINT_URL_SECRETS_MANAGER", "http://127.0.0.1:3"),
        ];
        let config = of(&[&OF_LAMBDA[..], &elsewhere].concat()).unwrap();
        let endpoint = |service: &'static str, variable: &'static str| {
            let key = ServiceConfigKey::builder().service_id(service).env(variable).profile("endpoint_url").build();
            config.service_config().unwrap().load_config(key.unwrap())
        };
        assert_eq!(config.endpoint_url(), Some("http://127.0.0.1:1"));
        assert_eq!(endpoint("SFN", ENDPOINT), Some("http://127.0.0.1:2".to_owned()));
        assert_eq!(endpoint("Secrets Manager", ENDPOINT), Some("http://127.0.0.1:3".to_owned()));
        assert_eq!(endpoint("DynamoDB", ENDPOINT), None);
        assert_eq!(endpoint("SFN", "AWS_OTHER"), None);
    }

    #[test]
    fn fips_and_dual_stack_endpoints_are_taken_where_they_are_asked_for() {
        let asked = [("AWS_USE_FIPS_ENDPOINT", "TRUE"), ("AWS_USE_DUALSTACK_ENDPOINT", "false")];
        let config = of(&[&OF_LAMBDA[..], &asked].concat()).unwrap();
        assert_eq!((config.use_fips(), config.use_dual_stack()), (Some(true), Some(false)));
    }
}
