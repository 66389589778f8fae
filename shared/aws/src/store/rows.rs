//! Reads rows as the table holds them.

use aws_sdk_dynamodb::types::AttributeValue;
use std::collections::HashMap;
use std::str::FromStr;
use stepwait_core::integration::IntegrationName;
use stepwait_core::wait::{Generation, JobId, Kept, Outcome, Rendezvous, Status, SubmitMark, WaitId, WaitRow};
use stepwait_core::{TaskToken, Timestamp};
use stepwait_flow::ports::StoreError;

/// An item as the SDK gives it.
pub(super) type Item = HashMap<String, AttributeValue>;

/// A kind of row.
pub(super) trait Row: Sized {
    fn read(item: &Item) -> Result<Self, StoreError>;
}

impl Row for WaitRow {
    fn read(item: &Item) -> Result<Self, StoreError> {
        let key = text(item, "pk")?;
        let id = key.strip_prefix("W#").ok_or_else(|| corrupt("pk"))?;
        Ok(Self {
            id: serde_json::from_value::<WaitId>(id.into()).map_err(|_| corrupt("pk"))?,
            status: Status::parse(text(item, "status")?).ok_or_else(|| corrupt("status"))?,
            generation: Generation::from_u64(number(item, "generation")?),
            token: optional_text(item, "token").map(TaskToken::new),
            integration: IntegrationName::parse(text(item, "integration")?).map_err(|_| corrupt("integration"))?,
            digest: text(item, "integration_digest")?.to_owned(),
            deadline: text(item, "deadline")?.parse().map_err(|_| corrupt("deadline"))?,
            job_id: optional_text(item, "job_id").map(JobId::parse).transpose().map_err(|_| corrupt("job_id"))?,
            kept: kept(item)?,
            submit: submit_mark(item)?,
            outcome: outcome(item, "outcome")?,
            outcome_operation: optional_text(item, "outcome_operation").map(str::to_owned),
            delivered: item
                .get("delivered_generation")
                .map(|_| number(item, "delivered_generation").map(Generation::from_u64))
                .transpose()?,
        })
    }
}

impl Row for Rendezvous {
    fn read(item: &Item) -> Result<Self, StoreError> {
        let wait_id = optional_text(item, "wait_id")
            .map(|id| serde_json::from_value::<WaitId>(id.into()))
            .transpose()
            .map_err(|_| corrupt("wait_id"))?;
        Ok(Self { wait_id, event: outcome(item, "event")? })
    }
}

fn kept(item: &Item) -> Result<Kept, StoreError> {
    let text = optional_text(item, "kept");
    text.map(serde_json::from_str).transpose().map(Option::unwrap_or_default).map_err(|_| corrupt("kept"))
}

fn submit_mark(item: &Item) -> Result<Option<SubmitMark>, StoreError> {
    let Some(operation) = optional_text(item, "submit_operation") else {
        return Ok(None);
    };
    let lock_until = Timestamp::from_millisecond(number(item, "submit_lock_until")?);
    Ok(Some(SubmitMark {
        operation: operation.to_owned(),
        lock_until: lock_until.map_err(|_| corrupt("submit_lock_until"))?,
        attempts: number(item, "submit_attempts")?,
    }))
}

fn outcome(item: &Item, name: &'static str) -> Result<Option<Outcome>, StoreError> {
    // The parser's text could quote a result; the attribute's name is enough to find it.
    optional_text(item, name).map(serde_json::from_str).transpose().map_err(|_| corrupt(name))
}

fn text<'i>(item: &'i Item, name: &'static str) -> Result<&'i str, StoreError> {
    optional_text(item, name).ok_or_else(|| corrupt(name))
}

fn optional_text<'i>(item: &'i Item, name: &str) -> Option<&'i str> {
    item.get(name).and_then(|value| value.as_s().ok()).map(String::as_str)
}

fn number<N: FromStr>(item: &Item, name: &'static str) -> Result<N, StoreError> {
    item.get(name).and_then(|value| value.as_n().ok()).and_then(|text| text.parse().ok()).ok_or_else(|| corrupt(name))
}

pub(super) fn corrupt(attribute: &str) -> StoreError {
    StoreError::Corrupt(format!("attribute \"{attribute}\" is missing or malformed"))
}
