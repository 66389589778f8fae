//! Where results go that are too large to travel: a bucket in S3.
//!
//! One signed PUT over the HTTP client that the SDK sends over; its own S3 client
//! would add megabytes to every function for it. The HTTP client is not that of
//! third parties: the bucket may be behind a VPC endpoint, or on this machine.
//!
//! - `address.rs`: the URL of an object; pure.
//! - `signing.rs`: Signature Version 4; pure.

mod address;
mod signing;

use crate::{Edges, at_once};
use address::object_url;
use aws_sdk_dynamodb::config::{ProvideCredentials, SharedCredentialsProvider};
use aws_types::SdkConfig;
use aws_types::service_config::ServiceConfigKey;
use bytes::Bytes;
use reqwest::Client;
use signing::{Signer, sign};
use std::time::{Duration, SystemTime};
use stepwait_flow::ports::{ResultStore, StoreError};
use tokio::time::timeout;
use url::Url;

/// One attempt, 2 seconds: a megabyte takes a tenth of that.
const ATTEMPT: Duration = Duration::from_secs(2);

/// How often an object is sent, 2 times: the second one is for a server that was
/// busy or a connection that broke. The same object may be stored twice.
const ATTEMPTS: usize = 2;

/// All attempts and the credentials, 5 seconds: what a step can spare for it.
const WHOLE: Duration = Duration::from_secs(5);

/// The most bytes of an error's document that are read, 4 KiB: its code stands
/// at its beginning.
const MAX_ERROR_BYTES: usize = 4 * 1024;

/// The bucket of a deployment.
#[derive(Debug)]
pub(crate) struct ResultBucket {
    name: String,
    endpoint: Option<String>,
    region: String,
    credentials: SharedCredentialsProvider,
    client: Client,
}

/// Why an attempt did not store the object.
enum Failed {
    /// Another attempt may.
    ForNow(String),
    /// No other attempt will.
    ForGood(String),
}

impl ResultBucket {
    /// The bucket of that name, reached over `client` where the AWS configuration says.
    pub(crate) fn new(name: String, config: &SdkConfig, client: Client) -> Result<Self, StoreError> {
        let missing = |what: &str| StoreError::Unavailable(format!("s3: the aws configuration names no {what}"));
        Ok(Self {
            name,
            endpoint: endpoint(config),
            region: config.region().ok_or_else(|| missing("region"))?.to_string(),
            credentials: config.credentials_provider().ok_or_else(|| missing("credentials"))?,
            client,
        })
    }

    async fn put(&self, key: &str, content_type: &str, body: Vec<u8>) -> Result<(), StoreError> {
        let url = object_url(&self.name, key, &self.region, self.endpoint.as_deref())
            .map_err(|e| StoreError::Unavailable(format!("s3: no url for bucket {:?}: {e}", self.name)))?;
        let body = Bytes::from(body);
        let mut last = String::new();
        for _ in 0..ATTEMPTS {
            match self.attempt(&url, content_type, &body).await {
                Ok(()) => return Ok(()),
                Err(Failed::ForNow(why)) => last = why,
                Err(Failed::ForGood(why)) => return Err(StoreError::Unavailable(why)),
            }
        }
        Err(StoreError::Unavailable(last))
    }

    async fn attempt(&self, url: &Url, content_type: &str, body: &Bytes) -> Result<(), Failed> {
        let credentials = self.credentials.provide_credentials().await;
        let credentials = credentials.map_err(|e| Failed::ForNow(format!("s3: no credentials: {e}")))?;
        let signer = Signer { region: &self.region, credentials, time: SystemTime::now() };
        let headers = [("content-type", content_type)];
        let signed = sign(&signer, url, &headers, body).map_err(|e| Failed::ForGood(format!("s3: {e}")))?;
        let request = self.client.put(url.clone()).timeout(ATTEMPT).body(body.clone());
        let request = headers.into_iter().fold(request, |request, (name, value)| request.header(name, value));
        let request = signed.into_iter().fold(request, |request, (name, value)| request.header(name, value));
        let mut answer = request.send().await.map_err(|e| {
            // Without the URL, which adds nothing to the bucket's name.
            let what = format!("s3: no answer from bucket {:?}: {}", self.name, e.without_url());
            Failed::ForNow(what)
        })?;
        let status = answer.status();
        if status.is_success() {
            return Ok(());
        }
        let mut document = Vec::new();
        while document.len() < MAX_ERROR_BYTES
            && let Ok(Some(chunk)) = answer.chunk().await
        {
            document.extend_from_slice(&chunk);
        }
        let code = error_code(&document).unwrap_or("no code");
        let what = format!("s3 answered {} ({code}) to a put into bucket {:?}", status.as_u16(), self.name);
        Err(if status.is_server_error() { Failed::ForNow(what) } else { Failed::ForGood(what) })
    }
}

/// Where S3 is, if not at its own address: its own endpoint goes before that of all
/// services.
fn endpoint(config: &SdkConfig) -> Option<String> {
    let key = ServiceConfigKey::builder().service_id("S3").env("AWS_ENDPOINT_URL").profile("endpoint_url").build();
    let own = key.ok().and_then(|key| config.service_config()?.load_config(key));
    own.or_else(|| config.endpoint_url().map(str::to_owned))
}

/// The code in an error's document, if it is one: letters, as S3 writes them.
fn error_code(document: &[u8]) -> Option<&str> {
    let text = std::str::from_utf8(document).ok()?;
    let code = text.split_once("<Code>")?.1.split_once("</Code>")?.0;
    code.chars().all(|c| c.is_ascii_alphanumeric()).then_some(code)
}

impl ResultStore for Edges {
    async fn keep_result(&self, key: &str, content_type: &str, body: Vec<u8>) -> Result<String, StoreError> {
        let bucket = self.results.as_ref().ok_or_else(|| {
            StoreError::Unavailable(format!(
                "a result of {} bytes has nowhere to go, as RESULT_BUCKET is not set; the template sets it",
                body.len()
            ))
        })?;
        let _leave = at_once::keep_result().await;
        let put = timeout(WHOLE, bucket.put(key, content_type, body));
        put.await.map_err(|_| StoreError::Unavailable(format!("s3: bucket {:?} took too long", bucket.name)))??;
        Ok(format!("s3://{}/{key}", bucket.name))
    }
}

#[cfg(test)]
mod tests;
