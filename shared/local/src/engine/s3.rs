//! S3: a bucket for the packaged artifacts, and nothing else.

use http::Method;

use super::CallError;
use super::client::Client;

pub(super) async fn create_bucket(client: &Client, name: &str) -> Result<(), CallError> {
    client.rest("S3.CreateBucket", Method::PUT, &format!("/{name}"), Vec::new()).await?;
    Ok(())
}
