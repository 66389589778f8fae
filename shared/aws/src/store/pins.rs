//! The texts of integration files, kept under their digests, so that a wait goes
//! on by the version that it started with.

use super::{s, unavailable};
use crate::Edges;
use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use stepwait_core::integration::IntegrationName;
use stepwait_flow::ports::StoreError;

fn pin_key(integration: &IntegrationName, digest: &str) -> String {
    format!("I#{integration}#{digest}")
}

impl Edges {
    /// Keeps a text unless it is kept already; asks once in a function's life.
    pub(super) async fn keep_text(
        &self,
        integration: &IntegrationName,
        digest: &str,
        text: &str,
    ) -> Result<(), StoreError> {
        let key = pin_key(integration, digest);
        if self.kept_digests.lock().is_ok_and(|kept| kept.contains(&key)) {
            return Ok(());
        }
        let answer = self
            .dynamodb
            .put_item()
            .table_name(&self.settings.wait_table)
            .item("pk", s(&key))
            .item("text", s(text))
            .condition_expression("attribute_not_exists(pk)")
            .send()
            .await;
        match answer {
            Ok(_) => {}
            Err(SdkError::ServiceError(e)) if matches!(e.err(), PutItemError::ConditionalCheckFailedException(_)) => {}
            Err(other) => return Err(unavailable(&other)),
        }
        if let Ok(mut kept) = self.kept_digests.lock() {
            kept.insert(key);
        }
        Ok(())
    }

    /// The text kept under a digest.
    pub(super) async fn kept_text(
        &self,
        integration: &IntegrationName,
        digest: &str,
    ) -> Result<Option<String>, StoreError> {
        let item = self.get(pin_key(integration, digest)).await?;
        Ok(item.and_then(|mut item| item.remove("text")).and_then(|text| text.as_s().ok().cloned()))
    }
}
