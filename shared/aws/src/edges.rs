//! All clients of a function, made once at its start.

use crate::Settings;
use crate::secrets::SecretCache;
use crate::third_party::HttpEdge;
use aws_config::BehaviorVersion;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use std::collections::BTreeSet;
use std::sync::Mutex;

/// The ports of `stepwait-flow`, on AWS.
#[derive(Debug)]
pub struct Edges {
    pub(crate) settings: Settings,
    pub(crate) dynamodb: aws_sdk_dynamodb::Client,
    pub(crate) sfn: aws_sdk_sfn::Client,
    pub(crate) secrets_manager: aws_sdk_secretsmanager::Client,
    pub(crate) secrets: SecretCache,
    pub(crate) http: HttpEdge,
    /// Digests that this function has kept already, so that it asks once each.
    pub(crate) kept_digests: Mutex<BTreeSet<String>>,
}

impl Edges {
    /// Makes all clients.
    ///
    /// # Errors
    /// When the HTTP client cannot be built, which is a defect of the build.
    pub async fn start(settings: Settings) -> Result<Self, lambda_runtime::Error> {
        let tls = aws_smithy_http_client::Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https();
        let config = aws_config::defaults(BehaviorVersion::latest()).http_client(tls).load().await;
        Ok(Self {
            dynamodb: aws_sdk_dynamodb::Client::new(&config),
            sfn: aws_sdk_sfn::Client::new(&config),
            secrets_manager: aws_sdk_secretsmanager::Client::new(&config),
            secrets: SecretCache::default(),
            http: HttpEdge::new(settings.allow_loopback)?,
            kept_digests: Mutex::default(),
            settings,
        })
    }
}
