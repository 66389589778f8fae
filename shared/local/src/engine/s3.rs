//! S3: a bucket for the packaged artifacts, and the objects that functions keep.

use http::Method;

use super::CallError;
use super::client::{Client, unexpected};

/// Calls to S3 on the engine.
#[derive(Clone, Debug)]
pub struct S3 {
    client: Client,
}

impl S3 {
    pub(super) fn new(client: Client) -> Self {
        Self { client }
    }

    /// The object at an address, `s3://bucket/key`.
    ///
    /// # Errors
    ///
    /// When it is no such address, or there is no such object.
    pub async fn object(&self, address: &str) -> Result<Vec<u8>, CallError> {
        const CALL: &str = "S3.GetObject";
        let place = address.strip_prefix("s3:/").ok_or_else(|| unexpected(CALL, "address"))?;
        Ok(self.client.rest(CALL, Method::GET, place, Vec::new()).await?.body.to_vec())
    }
}

pub(super) async fn create_bucket(client: &Client, name: &str) -> Result<(), CallError> {
    client.rest("S3.CreateBucket", Method::PUT, &format!("/{name}"), Vec::new()).await?;
    Ok(())
}
