//! DynamoDB. Items keep their typed form: `{"pk": {"S": "…"}}`.

use serde_json::{Value, json};

use super::CallError;
use super::client::{Client, list};

/// Calls to DynamoDB on the engine.
#[derive(Clone, Debug)]
pub struct DynamoDb {
    client: Client,
}

impl DynamoDb {
    pub(super) fn new(client: Client) -> Self {
        Self { client }
    }

    /// One item, read consistently; `None` if there is none.
    ///
    /// # Errors
    ///
    /// When the table is unknown or the key does not fit it.
    pub async fn get_item(&self, table: &str, key: &Value) -> Result<Option<Value>, CallError> {
        let input = json!({ "TableName": table, "Key": key, "ConsistentRead": true });
        let mut answer = self.client.json("DynamoDB_20120810.GetItem", &input).await?;
        Ok(Some(answer["Item"].take()).filter(|item| !item.is_null()))
    }

    /// Writes one item, over whatever is there.
    ///
    /// # Errors
    ///
    /// When the table is unknown or the item does not fit it.
    pub async fn put_item(&self, table: &str, item: &Value) -> Result<(), CallError> {
        let input = json!({ "TableName": table, "Item": item });
        self.client.json("DynamoDB_20120810.PutItem", &input).await?;
        Ok(())
    }

    /// Sets one attribute of an item and leaves the others as they are.
    ///
    /// # Errors
    ///
    /// When the table is unknown or the key does not fit it.
    pub async fn set(&self, table: &str, key: &Value, attribute: &str, value: &Value) -> Result<(), CallError> {
        let input = json!({
            "TableName": table,
            "Key": key,
            "UpdateExpression": "SET #a = :v",
            "ExpressionAttributeNames": { "#a": attribute },
            "ExpressionAttributeValues": { ":v": value },
        });
        self.client.json("DynamoDB_20120810.UpdateItem", &input).await?;
        Ok(())
    }

    /// The items of a table: its first page, one megabyte.
    ///
    /// # Errors
    ///
    /// When the table is unknown.
    pub async fn scan(&self, table: &str) -> Result<Vec<Value>, CallError> {
        let input = json!({ "TableName": table, "ConsistentRead": true });
        self.items("DynamoDB_20120810.Scan", &input).await
    }

    /// The items a Query finds: its first page, one megabyte. `input` is the
    /// operation's own.
    ///
    /// # Errors
    ///
    /// When the table is unknown or the expression does not fit it.
    pub async fn query(&self, input: &Value) -> Result<Vec<Value>, CallError> {
        self.items("DynamoDB_20120810.Query", input).await
    }

    async fn items(&self, call: &str, input: &Value) -> Result<Vec<Value>, CallError> {
        let mut answer = self.client.json(call, input).await?;
        list(call, &mut answer, "Items")
    }
}
