//! The table of waits in DynamoDB. Each guarded update is one conditional
//! `UpdateItem` that returns the row: as it is now when the condition held, as
//! it was when it did not.
//!
//! `waits.rs` is the protocol's store; `render.rs` makes expressions of the core's
//! updates, and `rows.rs` reads what comes back. `due.rs` is how the reconciler
//! finds its work, `ended.rs` how `stepwait learn` finds waits that are over, `gates.rs`
//! what is shared by all waits on one third party; `pins.rs` keeps the texts of
//! integration files.

mod due;
mod ended;
mod gates;
mod pins;
mod render;
mod rows;
mod waits;

use crate::{Edges, at_once};
use aws_sdk_dynamodb::error::{DisplayErrorContext, SdkError};
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue, ReturnValuesOnConditionCheckFailure};
pub use ended::{EndedPage, EndedWait, Further};
pub(crate) use rows::Row;
use stepwait_core::wait::Guarded;
use stepwait_flow::ports::StoreError;

/// The most characters of an AWS error that are passed on: its code and its
/// sentence, not the chain behind them.
const MAX_ERROR_CHARS: usize = 300;

impl Edges {
    fn row_update(&self, key: String) -> UpdateItemFluentBuilder {
        self.dynamodb
            .update_item()
            .table_name(&self.settings.wait_table)
            .key("pk", AttributeValue::S(key))
            .return_values(ReturnValue::AllNew)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
    }

    /// Reads an item as it is now.
    async fn get(&self, key: String) -> Result<Option<rows::Item>, StoreError> {
        let request = self.dynamodb.get_item().table_name(&self.settings.wait_table).key("pk", s(key));
        let _leave = at_once::call_table().await;
        Ok(request.consistent_read(true).send().await.map_err(|e| unavailable(&e))?.item)
    }
}

/// Sends an update and reads the row that comes back either way.
async fn guarded<R: Row>(update: UpdateItemFluentBuilder) -> Result<Guarded<R>, StoreError> {
    let leave = at_once::call_table().await;
    let answer = update.send().await;
    drop(leave);
    let error = match answer {
        Ok(answer) => return R::read(&answer.attributes.unwrap_or_default()).map(Guarded::Applied),
        Err(error) => error,
    };
    if let SdkError::ServiceError(service) = &error
        && let UpdateItemError::ConditionalCheckFailedException(refused) = service.err()
    {
        let item = refused.item.as_ref().filter(|item| !item.is_empty());
        return item.map(R::read).transpose().map(Guarded::Refused);
    }
    Err(unavailable(&error))
}

fn unavailable(error: &(dyn std::error::Error + 'static)) -> StoreError {
    StoreError::Unavailable(DisplayErrorContext(error).to_string().chars().take(MAX_ERROR_CHARS).collect())
}

fn s(text: impl Into<String>) -> AttributeValue {
    AttributeValue::S(text.into())
}

fn n(number: impl Copy + std::fmt::Display) -> AttributeValue {
    AttributeValue::N(number.to_string())
}
