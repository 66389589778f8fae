//! How the AWS SDK is set up, and how it sends.
//!
//! A function is told everything by Lambda's variables, so nothing else is looked
//! for: no profiles, no metadata services. A person at the command line has
//! profiles, and there the SDK's own search is right. Both send over reqwest, as
//! third parties are called, so that a function holds one HTTP library.
//!
//! - `environment.rs`: a function's variables; pure.
//! - `transport.rs`: the SDK's requests over reqwest.

mod environment;
mod transport;

use crate::settings::SettingError;
use aws_sdk_dynamodb::config::{Credentials, SharedCredentialsProvider};
use aws_smithy_runtime_api::client::behavior_version::BehaviorVersion;
use aws_types::SdkConfig;
use aws_types::region::Region;
use reqwest::Client;
use std::env;
use transport::Transport;

pub(crate) use transport::client;

/// As Lambda's variables say.
pub(crate) fn of_function(client: Client) -> Result<SdkConfig, SettingError> {
    let read = |name: &str| env::var(name).ok().filter(|value| !value.is_empty());
    let config = environment::config(read)?;
    Ok(config.behavior_version(BehaviorVersion::latest()).http_client(Transport::over(client)).build())
}

/// A local engine at `endpoint`, which asks for no credentials in particular.
pub(crate) fn at(client: Client, endpoint: &str) -> SdkConfig {
    let credentials = Credentials::new("local", "local", None, None, "local");
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .http_client(Transport::over(client))
        .endpoint_url(endpoint)
        .region(Region::from_static("us-east-1"))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .build()
}

/// As the person's variables, profiles and machine say.
pub(crate) async fn of_user(client: Client) -> SdkConfig {
    aws_config::defaults(BehaviorVersion::latest()).http_client(Transport::over(client)).load().await
}
