//! What all executions together know of a third party: one row for its gate, and
//! one for its places. Both are written for every job, so that the places, up to
//! 200 ids, do not make each request's update as large as they are. Neither row
//! expires: there is one of each for each group of integration files.

use super::rows::{Item, Row, corrupt, number_or_zero};
use super::{guarded, n, s};
use crate::Edges;
use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::types::AttributeValue;
use stepwait_core::integration::IntegrationName;
use stepwait_core::pace::places::Holders;
use stepwait_core::pace::{Attempt, FAILURES_TO_OPEN, Gate, Health, Turn};
use stepwait_core::wait::{Guarded, WaitId};
use stepwait_flow::ports::{Gates, StoreError};

/// Nobody is to stay away, as [`Health::lets_through`] has it.
const LETS_THROUGH: &str = "(attribute_not_exists(paused_until_us) OR paused_until_us <= :now) \
     AND (attribute_not_exists(failures) OR failures < :down)";

/// The health as it becomes.
const BECOMES: &str = "failures = :new_failures, paused_until_us = :new_paused, probing = :new_probing";

fn gate_key(group: &IntegrationName) -> String {
    format!("V#{group}")
}

/// No name holds a `#`, so that no group's gate has this key.
fn places_key(group: &IntegrationName) -> String {
    format!("V#{group}#places")
}

fn ids<'w>(waits: impl IntoIterator<Item = &'w WaitId>) -> AttributeValue {
    AttributeValue::Ss(waits.into_iter().map(|wait| wait.as_str().to_owned()).collect())
}

impl Row for Gate {
    fn read(item: &Item) -> Result<Self, StoreError> {
        Ok(Self {
            next_at_us: number_or_zero(item, "next_at_us")?,
            health: Health {
                failures: number_or_zero(item, "failures")?,
                paused_until_us: number_or_zero(item, "paused_until_us")?,
                probing: item.get("probing").is_some_and(|value| value.as_bool() == Ok(&true)),
            },
        })
    }
}

impl Row for Holders {
    fn read(item: &Item) -> Result<Self, StoreError> {
        let Some(holders) = item.get("holders") else {
            return Ok(Self::new());
        };
        let ids = holders.as_ss().map_err(|_| corrupt("holders"))?;
        let id = |text: &String| serde_json::from_value(text.as_str().into()).map_err(|_| corrupt("holders"));
        ids.iter().map(id).collect()
    }
}

/// An update of the health, if it is as it was seen; an attribute that is absent
/// is 0 or false.
fn turning(update: UpdateItemFluentBuilder, Turn { seen, becomes }: &Turn) -> UpdateItemFluentBuilder {
    let is = |attribute: &str, is_zero: bool| {
        if is_zero {
            format!("(attribute_not_exists({attribute}) OR {attribute} = :{attribute})")
        } else {
            format!("{attribute} = :{attribute}")
        }
    };
    let is_as_seen = [
        is("failures", seen.failures == 0),
        is("paused_until_us", seen.paused_until_us == 0),
        is("probing", !seen.probing),
    ];
    update
        .condition_expression(is_as_seen.join(" AND "))
        .expression_attribute_values(":failures", n(seen.failures))
        .expression_attribute_values(":paused_until_us", n(seen.paused_until_us))
        .expression_attribute_values(":probing", AttributeValue::Bool(seen.probing))
        .expression_attribute_values(":new_failures", n(becomes.failures))
        .expression_attribute_values(":new_paused", n(becomes.paused_until_us))
        .expression_attribute_values(":new_probing", AttributeValue::Bool(becomes.probing))
}

impl Gates for Edges {
    async fn gate(&self, group: &IntegrationName) -> Result<Gate, StoreError> {
        let item = self.get(gate_key(group)).await?;
        item.as_ref().map_or_else(|| Ok(Gate::default()), Gate::read)
    }

    async fn pass(&self, group: &IntegrationName, attempt: &Attempt) -> Result<Guarded<Gate>, StoreError> {
        let update = self.row_update(gate_key(group));
        let update = match attempt {
            Attempt::Queue { now_us, latest_us, interval_us } => update
                .condition_expression(format!("next_at_us > :now AND next_at_us <= :latest AND {LETS_THROUGH}"))
                .update_expression("SET next_at_us = next_at_us + :interval")
                .expression_attribute_values(":latest", n(*latest_us))
                .expression_attribute_values(":interval", n(*interval_us))
                .expression_attribute_values(":now", n(*now_us))
                .expression_attribute_values(":down", n(FAILURES_TO_OPEN)),
            Attempt::Restart { now_us, next_at_us } => update
                .condition_expression(format!(
                    "(attribute_not_exists(next_at_us) OR next_at_us <= :now) AND {LETS_THROUGH}"
                ))
                .update_expression("SET next_at_us = :next")
                .expression_attribute_values(":next", n(*next_at_us))
                .expression_attribute_values(":now", n(*now_us))
                .expression_attribute_values(":down", n(FAILURES_TO_OPEN)),
            Attempt::Probe { turn, next_at_us } => turning(update, turn)
                .update_expression(format!("SET {BECOMES}, next_at_us = :next"))
                .expression_attribute_values(":next", n(*next_at_us)),
        };
        guarded(update).await
    }

    async fn turn(&self, group: &IntegrationName, turn: &Turn) -> Result<Guarded<Gate>, StoreError> {
        guarded(turning(self.row_update(gate_key(group)), turn).update_expression(format!("SET {BECOMES}"))).await
    }

    async fn take_place(
        &self,
        group: &IntegrationName,
        wait: &WaitId,
        most: u16,
    ) -> Result<Guarded<Holders>, StoreError> {
        guarded(
            self.row_update(places_key(group))
                .condition_expression(
                    "attribute_not_exists(holders) OR size(holders) < :most OR contains(holders, :wait)",
                )
                .update_expression("ADD holders :waits")
                .expression_attribute_values(":most", n(most))
                .expression_attribute_values(":wait", s(wait.as_str()))
                .expression_attribute_values(":waits", ids([wait])),
        )
        .await
    }

    async fn leave_places(&self, group: &IntegrationName, waits: &[WaitId]) -> Result<(), StoreError> {
        let update = self.row_update(places_key(group)).update_expression("DELETE holders :waits");
        guarded::<Holders>(update.expression_attribute_values(":waits", ids(waits))).await.map(|_| ())
    }
}
