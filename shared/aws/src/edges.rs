//! All clients of a function, made once at its start.

use crate::http::{HttpEdge, Reach};
use crate::results::ResultBucket;
use crate::secrets::SecretCache;
use crate::{Settings, at_once, sdk};
use aws_types::SdkConfig;
use reqwest::Client;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use stepwait_core::answer::{Answer, TransportError};
use stepwait_core::authorize::AccessToken;
use stepwait_core::request::OutgoingRequest;
use stepwait_flow::KeyCache;
use stepwait_flow::ports::{KeyCaches, Room, ThirdParty, Tokens};

/// The ports of `stepwait-flow`, on AWS.
#[derive(Debug)]
pub struct Edges {
    pub(crate) settings: Settings,
    pub(crate) dynamodb: aws_sdk_dynamodb::Client,
    pub(crate) sfn: aws_sdk_sfn::Client,
    pub(crate) secrets_manager: aws_sdk_secretsmanager::Client,
    pub(crate) secrets: SecretCache,
    pub(crate) results: Option<ResultBucket>,
    http: HttpEdge,
    /// Digests that this function has kept already, so that it asks once each.
    pub(crate) kept_digests: Mutex<BTreeSet<String>>,
    /// Access tokens, by the digest of the integration file.
    pub(crate) tokens: Mutex<BTreeMap<String, AccessToken>>,
    /// Public keys of third parties.
    keys: Mutex<KeyCache>,
}

impl Edges {
    /// Makes all clients of a function, as Lambda's variables say.
    ///
    /// # Errors
    /// When a variable is missing, or the HTTP client cannot be made.
    pub fn start(settings: Settings) -> Result<Self, lambda_runtime::Error> {
        let client = sdk::client()?;
        let config = sdk::of_function(client.clone())?;
        Self::start_with(settings, &config, client)
    }

    /// Makes all clients of a person, as the AWS configuration of variables,
    /// profiles and machine says.
    ///
    /// # Errors
    /// As [`Edges::start`].
    pub async fn start_as_user(settings: Settings) -> Result<Self, lambda_runtime::Error> {
        let client = sdk::client()?;
        let config = sdk::of_user(client.clone()).await;
        Self::start_with(settings, &config, client)
    }

    /// Makes all clients for a local engine at `endpoint`, which asks for no
    /// credentials in particular.
    ///
    /// # Errors
    /// As [`Edges::start`].
    pub fn start_at(settings: Settings, endpoint: &str) -> Result<Self, lambda_runtime::Error> {
        let client = sdk::client()?;
        let config = sdk::at(client.clone(), endpoint);
        Self::start_with(settings, &config, client)
    }

    fn start_with(settings: Settings, config: &SdkConfig, client: Client) -> Result<Self, lambda_runtime::Error> {
        let bucket = settings.result_bucket.clone();
        let results = bucket.map(|name| ResultBucket::new(name, config, client)).transpose()?;
        Ok(Self {
            dynamodb: aws_sdk_dynamodb::Client::new(config),
            sfn: aws_sdk_sfn::Client::new(config),
            secrets_manager: aws_sdk_secretsmanager::Client::new(config),
            secrets: SecretCache::default(),
            results,
            http: HttpEdge::new(reach(&settings))?,
            kept_digests: Mutex::default(),
            tokens: Mutex::default(),
            keys: Mutex::default(),
            settings,
        })
    }
}

impl KeyCaches for Edges {
    fn key_cache(&self) -> &Mutex<KeyCache> {
        &self.keys
    }
}

impl Tokens for Edges {
    fn token(&self, digest: &str) -> Option<AccessToken> {
        self.tokens.lock().ok()?.get(digest).cloned()
    }

    fn keep_token(&self, digest: &str, token: Option<AccessToken>) {
        if let Ok(mut tokens) = self.tokens.lock() {
            match token {
                Some(token) => tokens.insert(digest.to_owned(), token),
                None => tokens.remove(digest),
            };
        }
    }
}

/// How far third parties may be. The runtime's port is closed even where this
/// machine may be called.
fn reach(settings: &Settings) -> Reach {
    let reach = if settings.allow_loopback { Reach::LOOPBACK } else { Reach::PUBLIC };
    settings.runtime_port.map_or(reach, |port| reach.except_port(port))
}

impl ThirdParty for Edges {
    async fn send(&self, request: OutgoingRequest) -> Result<Answer, TransportError> {
        self.http.send(request).await
    }

    async fn room_for_pages(&self) -> Option<Room> {
        Some(Box::new(at_once::collect_pages().await))
    }
}
