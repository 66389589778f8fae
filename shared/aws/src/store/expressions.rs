//! The transitions of the protocol as DynamoDB updates. The condition of each
//! is the one in the protocol's table; nothing else guards a wait.

use super::rows::Row as _;
use super::{guarded, n, s};
use crate::Edges;
use aws_sdk_dynamodb::types::AttributeValue;
use stepwait_core::Timestamp;
use stepwait_core::integration::IntegrationName;
use stepwait_core::wait::{
    Generation, Guarded, JobId, KEEP_AFTER_DEADLINE, Kept, Outcome, Registration, Rendezvous, SUBMIT_LOCK, Status,
    WaitId, WaitRow,
};
use stepwait_flow::ports::{StoreError, WaitStore};

/// The most late outcomes that are kept on a wait, five: enough to see what a
/// confused third party does, too few to fill the item.
const MAX_LATE: usize = 5;

/// Stands in place of the nonce of an attempt that gave the right to send back,
/// so that a repeated release finds nothing to do; no nonce looks like it.
const RELEASED: &str = "released";

/// The statuses in which a wait has no outcome yet.
const OPEN: &str = "#status IN (:registered, :submitted, :unknown)";

fn wait_key(id: &WaitId) -> String {
    format!("W#{id}")
}

fn job_key(integration: &IntegrationName, job_id: &JobId) -> String {
    format!("J#{integration}#{job_id}")
}

/// When DynamoDB may delete a row, in epoch seconds.
fn ttl(deadline: Timestamp) -> AttributeValue {
    n(deadline.as_second().saturating_add(i64::try_from(KEEP_AFTER_DEADLINE.as_secs()).unwrap_or(i64::MAX)))
}

fn json(outcome: &Outcome) -> Result<AttributeValue, StoreError> {
    serde_json::to_string(outcome).map(s).map_err(|e| StoreError::Corrupt(e.to_string()))
}

/// An update whose refusal says that there was nothing to do.
fn ignore_refusal(answer: Result<Guarded<WaitRow>, StoreError>) -> Result<(), StoreError> {
    answer.map(|_| ())
}

impl WaitStore for Edges {
    async fn register(&self, new: &Registration) -> Result<Guarded<WaitRow>, StoreError> {
        let token = if new.token.is_some() { "#token = :token, " } else { "" };
        let drop_token = if new.token.is_some() { "" } else { " REMOVE #token" };
        let mut update = self
            .update(wait_key(&new.id))
            .condition_expression("attribute_not_exists(pk) OR generation < :generation")
            .update_expression(format!(
                "SET {token}generation = :generation, #status = if_not_exists(#status, :registered), \
                 integration = if_not_exists(integration, :integration), \
                 integration_digest = if_not_exists(integration_digest, :digest), \
                 deadline = if_not_exists(deadline, :deadline), \
                 execution_arn = if_not_exists(execution_arn, :execution), \
                 #ttl = if_not_exists(#ttl, :ttl){drop_token}"
            ))
            .expression_attribute_names("#status", "status")
            .expression_attribute_names("#token", "token")
            .expression_attribute_names("#ttl", "ttl")
            .expression_attribute_values(":generation", n(new.generation.as_u64()))
            .expression_attribute_values(":registered", s(Status::Registered.as_str()))
            .expression_attribute_values(":integration", s(new.integration.as_str()))
            .expression_attribute_values(":digest", s(&new.digest))
            .expression_attribute_values(":deadline", s(new.deadline.to_string()))
            .expression_attribute_values(":execution", s(&new.execution_arn))
            .expression_attribute_values(":ttl", ttl(new.deadline));
        if let Some(token) = &new.token {
            update = update.expression_attribute_values(":token", s(token.expose()));
        }
        guarded(update).await
    }

    async fn begin_submit(
        &self,
        id: &WaitId,
        mine: Generation,
        operation: &str,
        now: Timestamp,
    ) -> Result<Guarded<WaitRow>, StoreError> {
        let until = now.as_millisecond().saturating_add(i64::try_from(SUBMIT_LOCK.as_millis()).unwrap_or(i64::MAX));
        guarded(
            self.update(wait_key(id))
                .condition_expression(
                    "generation = :mine AND #status = :registered \
                     AND (attribute_not_exists(submit_lock_until) OR submit_lock_until < :now)",
                )
                .update_expression(
                    "SET submit_operation = :operation, submit_lock_until = :until, \
                     submit_attempts = if_not_exists(submit_attempts, :zero) + :one",
                )
                .expression_attribute_names("#status", "status")
                .expression_attribute_values(":mine", n(mine.as_u64()))
                .expression_attribute_values(":registered", s(Status::Registered.as_str()))
                .expression_attribute_values(":now", n(now.as_millisecond()))
                .expression_attribute_values(":operation", s(operation))
                .expression_attribute_values(":until", n(until))
                .expression_attribute_values(":zero", n(0))
                .expression_attribute_values(":one", n(1)),
        )
        .await
    }

    async fn release_submit(&self, id: &WaitId, operation: &str) -> Result<(), StoreError> {
        ignore_refusal(
            guarded(
                self.update(wait_key(id))
                    .condition_expression("submit_operation = :operation")
                    .update_expression(
                        "SET submit_lock_until = :zero, submit_operation = :released, \
                         submit_attempts = submit_attempts - :one",
                    )
                    .expression_attribute_values(":operation", s(operation))
                    .expression_attribute_values(":released", s(RELEASED))
                    .expression_attribute_values(":zero", n(0))
                    .expression_attribute_values(":one", n(1)),
            )
            .await,
        )
    }

    async fn submit_unknown(&self, id: &WaitId, operation: &str) -> Result<(), StoreError> {
        ignore_refusal(
            guarded(
                self.update(wait_key(id))
                    .condition_expression("submit_operation = :operation AND #status = :registered")
                    .update_expression("SET #status = :unknown")
                    .expression_attribute_names("#status", "status")
                    .expression_attribute_values(":operation", s(operation))
                    .expression_attribute_values(":registered", s(Status::Registered.as_str()))
                    .expression_attribute_values(":unknown", s(Status::SubmitUnknown.as_str())),
            )
            .await,
        )
    }

    async fn bind(
        &self,
        integration: &IntegrationName,
        job_id: &JobId,
        wait_id: &WaitId,
        deadline: Timestamp,
    ) -> Result<Guarded<Rendezvous>, StoreError> {
        guarded(
            self.update(job_key(integration, job_id))
                .condition_expression("attribute_not_exists(wait_id) OR wait_id = :wait")
                .update_expression("SET wait_id = :wait, #ttl = :ttl")
                .expression_attribute_names("#ttl", "ttl")
                .expression_attribute_values(":wait", s(wait_id.as_str()))
                .expression_attribute_values(":ttl", ttl(deadline)),
        )
        .await
    }

    async fn submitted(
        &self,
        id: &WaitId,
        mine: Generation,
        operation: &str,
        job_id: &JobId,
        kept: &Kept,
    ) -> Result<Guarded<WaitRow>, StoreError> {
        const MAY: &str = "(generation = :mine OR submit_operation = :operation)";
        // The first attempt that notes the job keeps what its answer held; an empty map keeps nothing.
        let kept = serde_json::to_string(kept).map(s).map_err(|e| StoreError::Corrupt(e.to_string()))?;
        let answer: Guarded<WaitRow> = guarded(
            self.update(wait_key(id))
                .condition_expression(format!("{MAY} AND {OPEN}"))
                .update_expression("SET #status = :submitted, job_id = :job, kept = if_not_exists(kept, :kept)")
                .expression_attribute_names("#status", "status")
                .expression_attribute_values(":mine", n(mine.as_u64()))
                .expression_attribute_values(":operation", s(operation))
                .expression_attribute_values(":registered", s(Status::Registered.as_str()))
                .expression_attribute_values(":submitted", s(Status::Submitted.as_str()))
                .expression_attribute_values(":unknown", s(Status::SubmitUnknown.as_str()))
                .expression_attribute_values(":kept", kept.clone())
                .expression_attribute_values(":job", s(job_id.as_str())),
        )
        .await?;
        match &answer {
            // The wait ended before this note: its status stays.
            Guarded::Refused(Some(row)) if row.outcome.is_some() => {
                guarded(
                    self.update(wait_key(id))
                        .condition_expression(MAY)
                        .update_expression("SET job_id = :job, kept = if_not_exists(kept, :kept)")
                        .expression_attribute_values(":kept", kept)
                        .expression_attribute_values(":mine", n(mine.as_u64()))
                        .expression_attribute_values(":operation", s(operation))
                        .expression_attribute_values(":job", s(job_id.as_str())),
                )
                .await
            }
            Guarded::Applied(_) | Guarded::Refused(_) => Ok(answer),
        }
    }

    async fn rendezvous(&self, integration: &IntegrationName, job_id: &JobId) -> Result<Rendezvous, StoreError> {
        let item = self.get(job_key(integration, job_id)).await?;
        item.as_ref().map_or_else(|| Ok(Rendezvous::default()), Rendezvous::read)
    }

    async fn mail(
        &self,
        integration: &IntegrationName,
        job_id: &JobId,
        event: &Outcome,
    ) -> Result<Rendezvous, StoreError> {
        let answer: Guarded<Rendezvous> = guarded(
            self.update(job_key(integration, job_id))
                .update_expression("SET #event = if_not_exists(#event, :event), #ttl = if_not_exists(#ttl, :ttl)")
                .expression_attribute_names("#event", "event")
                .expression_attribute_names("#ttl", "ttl")
                .expression_attribute_values(":event", json(event)?)
                .expression_attribute_values(":ttl", ttl(event.at)),
        )
        .await?;
        match answer {
            Guarded::Applied(rendezvous) => Ok(rendezvous),
            Guarded::Refused(_) => Err(StoreError::Corrupt("an update without a condition was refused".to_owned())),
        }
    }

    async fn claim(
        &self,
        id: &WaitId,
        integration: &IntegrationName,
        outcome: &Outcome,
        operation: &str,
    ) -> Result<Guarded<WaitRow>, StoreError> {
        guarded(
            self.update(wait_key(id))
                .condition_expression(format!("{OPEN} AND integration = :integration"))
                .update_expression("SET #status = :ended, outcome = :outcome, outcome_operation = :operation")
                .expression_attribute_names("#status", "status")
                .expression_attribute_values(":registered", s(Status::Registered.as_str()))
                .expression_attribute_values(":submitted", s(Status::Submitted.as_str()))
                .expression_attribute_values(":unknown", s(Status::SubmitUnknown.as_str()))
                .expression_attribute_values(":integration", s(integration.as_str()))
                .expression_attribute_values(":ended", s(Status::of(&outcome.kind).as_str()))
                .expression_attribute_values(":outcome", json(outcome)?)
                .expression_attribute_values(":operation", s(operation)),
        )
        .await
    }

    async fn keep_late(&self, id: &WaitId, late: &Outcome) -> Result<(), StoreError> {
        ignore_refusal(
            guarded(
                self.update(wait_key(id))
                    .condition_expression("attribute_exists(pk) AND (attribute_not_exists(late) OR size(late) < :most)")
                    .update_expression("SET late = list_append(if_not_exists(late, :none), :late)")
                    .expression_attribute_values(":most", n(MAX_LATE))
                    .expression_attribute_values(":none", AttributeValue::L(Vec::new()))
                    .expression_attribute_values(":late", AttributeValue::L(vec![json(late)?])),
            )
            .await,
        )
    }

    async fn delivered(&self, id: &WaitId, to: Generation) -> Result<Guarded<WaitRow>, StoreError> {
        guarded(
            self.update(wait_key(id))
                .condition_expression("generation = :to")
                .update_expression("SET delivered_generation = :to")
                .expression_attribute_values(":to", n(to.as_u64())),
        )
        .await
    }

    async fn read(&self, id: &WaitId) -> Result<Option<WaitRow>, StoreError> {
        self.get(wait_key(id)).await?.as_ref().map(WaitRow::read).transpose()
    }

    async fn pin(&self, integration: &IntegrationName, digest: &str, text: &str) -> Result<(), StoreError> {
        self.keep_text(integration, digest, text).await
    }

    async fn pinned(&self, integration: &IntegrationName, digest: &str) -> Result<Option<String>, StoreError> {
        self.kept_text(integration, digest).await
    }
}
