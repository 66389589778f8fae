//! Reads rows as the table holds them.

use aws_sdk_dynamodb::types::AttributeValue;
use std::collections::HashMap;
use std::str::FromStr;
use stepwait_core::integration::IntegrationName;
use stepwait_core::wait::due::DueWait;
use stepwait_core::wait::{
    Capability, Generation, JobId, Kept, Outcome, Rendezvous, Status, SubmitMark, WaitId, WaitRow,
};
use stepwait_core::{TaskToken, Timestamp};
use stepwait_flow::ports::StoreError;

/// An item as the SDK gives it.
pub(crate) type Item = HashMap<String, AttributeValue>;

/// A kind of row.
pub(crate) trait Row: Sized {
    fn read(item: &Item) -> Result<Self, StoreError>;
}

impl Row for WaitRow {
    fn read(item: &Item) -> Result<Self, StoreError> {
        Ok(Self {
            id: wait_id(item)?,
            status: status(item)?,
            generation: Generation::from_u64(number(item, "generation")?),
            token: optional_text(item, "token").map(TaskToken::new),
            integration: integration(item)?,
            digest: text(item, "integration_digest")?.to_owned(),
            started_at: time(item, "started_at")?,
            deadline: time(item, "deadline")?,
            execution_arn: text(item, "execution_arn")?.to_owned(),
            capability: capability(item)?,
            job_id: job_id(item)?,
            kept: kept(item)?,
            submit: submit_mark(item)?,
            submitted_at: item.get("submitted_at").map(|_| time(item, "submitted_at")).transpose()?,
            outcome: outcome(item, "outcome")?,
            outcome_operation: optional_text(item, "outcome_operation").map(str::to_owned),
            delivered: item
                .get("delivered_generation")
                .map(|_| number(item, "delivered_generation").map(Generation::from_u64))
                .transpose()?,
            late: late(item)?,
            due: item.get("due_at").map(|_| milliseconds(item, "due_at")).transpose()?,
            failures: number_or_zero(item, "failures")?,
            refusals: number_or_zero(item, "refusals")?,
        })
    }
}

/// What the index of due waits holds of a row.
impl Row for DueWait {
    fn read(item: &Item) -> Result<Self, StoreError> {
        Ok(Self {
            id: wait_id(item)?,
            due: milliseconds(item, "due_at")?,
            status: status(item)?,
            integration: integration(item)?,
            digest: text(item, "integration_digest")?.to_owned(),
            started_at: time(item, "started_at")?,
            deadline: time(item, "deadline")?,
            job_id: job_id(item)?,
            submitted_at: item.get("submitted_at").map(|_| time(item, "submitted_at")).transpose()?,
            failures: number_or_zero(item, "failures")?,
            refusals: number_or_zero(item, "refusals")?,
        })
    }
}

pub(super) fn wait_id(item: &Item) -> Result<WaitId, StoreError> {
    let id = text(item, "pk")?.strip_prefix("W#").ok_or_else(|| corrupt("pk"))?;
    serde_json::from_value(id.into()).map_err(|_| corrupt("pk"))
}

fn status(item: &Item) -> Result<Status, StoreError> {
    Status::parse(text(item, "status")?).ok_or_else(|| corrupt("status"))
}

fn integration(item: &Item) -> Result<IntegrationName, StoreError> {
    IntegrationName::parse(text(item, "integration")?).map_err(|_| corrupt("integration"))
}

fn job_id(item: &Item) -> Result<Option<JobId>, StoreError> {
    optional_text(item, "job_id").map(JobId::parse).transpose().map_err(|_| corrupt("job_id"))
}

fn capability(item: &Item) -> Result<Option<Capability>, StoreError> {
    let text = optional_text(item, "capability");
    text.map(|text| Capability::parse(text).ok_or_else(|| corrupt("capability"))).transpose()
}

fn late(item: &Item) -> Result<Vec<Outcome>, StoreError> {
    let Some(late) = item.get("late") else {
        return Ok(Vec::new());
    };
    let texts = late.as_l().map_err(|_| corrupt("late"))?.iter().map(|one| one.as_s().map(String::as_str));
    texts.map(|text| serde_json::from_str(text.unwrap_or_default()).map_err(|_| corrupt("late"))).collect()
}

/// A time that people read.
fn time(item: &Item, name: &'static str) -> Result<Timestamp, StoreError> {
    text(item, name)?.parse().map_err(|_| corrupt(name))
}

/// A time that the table compares.
pub(super) fn milliseconds(item: &Item, name: &'static str) -> Result<Timestamp, StoreError> {
    Timestamp::from_millisecond(number(item, name)?).map_err(|_| corrupt(name))
}

impl Row for Rendezvous {
    fn read(item: &Item) -> Result<Self, StoreError> {
        let wait_id = optional_text(item, "wait_id")
            .map(|id| serde_json::from_value::<WaitId>(id.into()))
            .transpose()
            .map_err(|_| corrupt("wait_id"))?;
        let digest = optional_text(item, "integration_digest").map(str::to_owned);
        Ok(Self { wait_id, digest, event: outcome(item, "event")? })
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
    Ok(Some(SubmitMark {
        operation: operation.to_owned(),
        lock_until: milliseconds(item, "submit_lock_until")?,
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

pub(super) fn optional_text<'i>(item: &'i Item, name: &str) -> Option<&'i str> {
    item.get(name).and_then(|value| value.as_s().ok()).map(String::as_str)
}

/// A count that is absent until it is not zero.
pub(super) fn number_or_zero<N: FromStr + Default>(item: &Item, name: &'static str) -> Result<N, StoreError> {
    if item.contains_key(name) { number(item, name) } else { Ok(N::default()) }
}

pub(super) fn number<N: FromStr>(item: &Item, name: &'static str) -> Result<N, StoreError> {
    item.get(name).and_then(|value| value.as_n().ok()).and_then(|text| text.parse().ok()).ok_or_else(|| corrupt(name))
}

pub(super) fn corrupt(attribute: &str) -> StoreError {
    StoreError::Corrupt(format!("attribute \"{attribute}\" is missing or malformed"))
}
