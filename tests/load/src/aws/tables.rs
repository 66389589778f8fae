//! DynamoDB in memory. The crate `dynoxide` evaluates the expressions; here each
//! write is compared with what was there, so that a run can count how often an
//! attribute of a row was changed, whatever the expression that changed it.

use super::answer::Answer;
use dynoxide::errors::DynoxideError;
use dynoxide::{AttributeValue, Database};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// An item.
type Item = HashMap<String, AttributeValue>;

/// The tables.
pub struct Tables {
    database: Database,
    /// Held over each write, so that before and after are of the same write.
    log: Mutex<Log>,
}

/// The writes so far.
#[derive(Default)]
struct Log {
    /// The names of each table's key attributes.
    keys: HashMap<String, Vec<String>>,
    /// How often an attribute was changed, by row and by its name.
    changes: HashMap<String, HashMap<String, u64>>,
}

/// A table could not be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a table in memory: {0}")]
pub struct TableError(String);

/// A row, to be looked at before and after a write.
struct Place {
    table: String,
    key: Item,
}

impl Tables {
    pub(super) fn new() -> Result<Self, TableError> {
        let database = Database::memory().map_err(|e| TableError(e.to_string()))?;
        Ok(Self { database, log: Mutex::default() })
    }

    /// Makes a table, as the request of `CreateTable` describes it.
    ///
    /// # Errors
    /// [`TableError`] when DynamoDB would refuse the description.
    pub fn create(&self, description: &Value) -> Result<(), TableError> {
        let request = serde_json::from_value(description.clone()).map_err(|e| TableError(e.to_string()))?;
        self.database.create_table(request).map_err(|e| TableError(e.to_string()))?;
        let keys = description["KeySchema"].as_array().into_iter().flatten();
        let names = keys.filter_map(|key| key["AttributeName"].as_str().map(str::to_owned)).collect();
        let table = description["TableName"].as_str().unwrap_or_default();
        self.log().keys.insert(table.to_owned(), names);
        Ok(())
    }

    /// Puts an item as it is, which is counted as no change.
    ///
    /// # Errors
    /// [`TableError`] when DynamoDB would refuse it.
    pub fn put(&self, table: &str, item: &Value) -> Result<(), TableError> {
        let request = json!({ "TableName": table, "Item": item });
        let request = serde_json::from_value(request).map_err(|e| TableError(e.to_string()))?;
        self.database.put_item(request).map(drop).map_err(|e| TableError(e.to_string()))
    }

    /// How often an attribute of a row was changed, its first value included; a
    /// key of two attributes is written as both, with a `/` between them.
    #[must_use]
    pub fn changes(&self, table: &str, key: &str, attribute: &str) -> u64 {
        let log = self.log();
        log.changes.get(&row(table, key)).and_then(|row| row.get(attribute)).copied().unwrap_or(0)
    }

    /// How often an attribute was changed in all rows of all tables.
    #[must_use]
    pub fn all_changes(&self, attribute: &str) -> u64 {
        self.log().changes.values().filter_map(|row| row.get(attribute)).sum()
    }

    pub(super) fn call(&self, operation: &str, body: &[u8]) -> Answer {
        let database = &self.database;
        match operation {
            "GetItem" => read(body, |request| database.get_item(request)),
            "BatchGetItem" => read(body, |request| database.batch_get_item(request)),
            "Query" => read(body, |request| database.query(request)),
            "UpdateItem" => self.write(body, |request| database.update_item(request)),
            "PutItem" => self.write(body, |request| database.put_item(request)),
            "DeleteItem" => self.write(body, |request| database.delete_item(request)),
            _ => Answer::unknown_operation(),
        }
    }

    fn write<Q, R>(&self, body: &[u8], run: impl FnOnce(Q) -> Result<R, DynoxideError>) -> Answer
    where
        Q: DeserializeOwned,
        R: Serialize,
    {
        let mut log = self.log();
        let Some(place) = place(&log, body) else {
            return Answer::misunderstood("ValidationException", "the request names no table and key");
        };
        let before = self.item(&place);
        let answer = read(body, run);
        if matches!(answer, Answer::Done(_)) {
            let after = self.item(&place);
            log.note(&place, &before, &after);
        }
        answer
    }

    fn item(&self, place: &Place) -> Item {
        let request = json!({ "TableName": place.table, "Key": place.key, "ConsistentRead": true });
        let found = serde_json::from_value(request).ok().and_then(|request| self.database.get_item(request).ok());
        found.and_then(|found| found.item).unwrap_or_default()
    }

    fn log(&self) -> MutexGuard<'_, Log> {
        // A write that was not noted would only be missing from the counts.
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Log {
    fn note(&mut self, place: &Place, before: &Item, after: &Item) {
        let names = self.keys.get(&place.table).map(Vec::as_slice).unwrap_or_default();
        let values: Vec<&str> = names.iter().filter_map(|name| place.key.get(name)).filter_map(text).collect();
        let changes = self.changes.entry(row(&place.table, &values.join("/"))).or_default();
        let set = after.iter().filter(|(name, value)| before.get(*name) != Some(value)).map(|(name, _)| name);
        let removed = before.keys().filter(|name| !after.contains_key(*name));
        for name in set.chain(removed) {
            *changes.entry(name.clone()).or_default() += 1;
        }
    }
}

/// Runs a call that changes nothing, or that is noted by who calls this.
fn read<Q, R>(body: &[u8], run: impl FnOnce(Q) -> Result<R, DynoxideError>) -> Answer
where
    Q: DeserializeOwned,
    R: Serialize,
{
    let request = match serde_json::from_slice(body) {
        Ok(request) => request,
        Err(error) => return Answer::misunderstood("SerializationException", &error.to_string()),
    };
    match run(request) {
        Ok(response) => match serde_json::to_string(&response) {
            Ok(text) => Answer::Done(text),
            Err(error) => Answer::misunderstood("InternalServerError", &error.to_string()),
        },
        Err(error) if matches!(error, DynoxideError::ConditionalCheckFailedException(..)) => {
            Answer::Refused(error.to_json())
        }
        Err(error) => Answer::Misunderstood(error.to_json()),
    }
}

/// The row that a write is about: its `Key`, or the key within its `Item`.
fn place(log: &Log, body: &[u8]) -> Option<Place> {
    let request: Value = serde_json::from_slice(body).ok()?;
    let table = request["TableName"].as_str()?;
    let names = log.keys.get(table)?;
    let within = if request["Key"].is_object() { &request["Key"] } else { &request["Item"] };
    let part = |name: &String| Some((name.clone(), serde_json::from_value(within.get(name)?.clone()).ok()?));
    Some(Place { table: table.to_owned(), key: names.iter().map(part).collect::<Option<_>>()? })
}

fn row(table: &str, key: &str) -> String {
    format!("{table}/{key}")
}

/// The text of a key attribute, which is a text or a number.
fn text(value: &AttributeValue) -> Option<&str> {
    if let AttributeValue::S(text) | AttributeValue::N(text) = value { Some(text) } else { None }
}

impl fmt::Debug for Tables {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tables({} rows written)", self.log().changes.len())
    }
}
