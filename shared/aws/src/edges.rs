//! All clients of a function, made once at its start.

use crate::Settings;
use crate::secrets::SecretCache;
use crate::third_party::HttpEdge;
use aws_config::BehaviorVersion;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use stepwait_core::authorize::AccessToken;
use stepwait_core::integration::IntegrationName;
use stepwait_flow::ports::Tokens;

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
    /// Access tokens, by integration.
    pub(crate) tokens: Mutex<BTreeMap<IntegrationName, AccessToken>>,
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
            tokens: Mutex::default(),
            settings,
        })
    }
}

impl Tokens for Edges {
    fn token(&self, integration: &IntegrationName) -> Option<AccessToken> {
        self.tokens.lock().ok()?.get(integration).cloned()
    }

    fn keep_token(&self, integration: &IntegrationName, token: Option<AccessToken>) {
        if let Ok(mut tokens) = self.tokens.lock() {
            match token {
                Some(token) => tokens.insert(integration.clone(), token),
                None => tokens.remove(integration),
            };
        }
    }
}
