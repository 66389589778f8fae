//! How the reconciler finds its work: two sparse indexes over the waits, and one
//! row a shard that says how far it has come. The indexes are read without
//! consistency, which DynamoDB has no other way for; they are hints.

use super::rows::{Item, Row, corrupt, milliseconds, optional_text, wait_id};
use super::waits::wait_key;
use super::{guarded, n, s, unavailable};
use crate::Edges;
use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use std::collections::HashMap;
use stepwait_core::Timestamp;
use stepwait_core::wait::due::{DUE_PAGE, DuePage, DuePosition, DueWait, MAX_WAITS_OF_EXECUTION, Sweep, UnderWay};
use stepwait_core::wait::{Guarded, WaitId};
use stepwait_flow::ports::StoreError;

/// The index of due waits: `due_shard`, `due_at`.
const DUE_INDEX: &str = "due";

/// The index of waits by their execution: `execution_arn`.
const EXECUTION_INDEX: &str = "execution";

/// The most pages of an execution's waits, four; one holds thousands of keys.
const MAX_PAGES: usize = 4;

fn sweep_key(shard: u8) -> String {
    format!("R#{shard}")
}

impl Edges {
    fn query(&self, index: &str) -> QueryFluentBuilder {
        self.dynamodb.query().table_name(&self.settings.wait_table).index_name(index)
    }

    pub(super) async fn query_due(
        &self,
        shard: u8,
        until: Timestamp,
        after: Option<&DuePosition>,
    ) -> Result<DuePage, StoreError> {
        if after.is_some_and(|after| after.due > until) {
            // DynamoDB refuses to start behind the end.
            return Ok(DuePage::default());
        }
        let start = after.map(|after| {
            HashMap::from([
                ("pk".to_owned(), s(wait_key(&after.id))),
                ("due_shard".to_owned(), s(shard.to_string())),
                ("due_at".to_owned(), n(after.due.as_millisecond())),
            ])
        });
        let query = self
            .query(DUE_INDEX)
            .key_condition_expression("due_shard = :shard AND due_at <= :until")
            .expression_attribute_values(":shard", s(shard.to_string()))
            .expression_attribute_values(":until", n(until.as_millisecond()))
            .set_exclusive_start_key(start)
            .limit(i32::try_from(DUE_PAGE).unwrap_or(i32::MAX));
        let page = query.send().await.map_err(|e| unavailable(&e))?;
        // A row that this program cannot read must not hide the others.
        let read =
            |item: &Item| DueWait::read(item).map_err(|error| tracing::error!(%error, "a due wait is unreadable"));
        let waits = page.items.unwrap_or_default().iter().filter_map(|item| read(item).ok()).collect();
        let next = page.last_evaluated_key.as_ref().map(position).transpose()?;
        Ok(DuePage { waits, next })
    }

    pub(super) async fn query_execution(&self, execution_arn: &str) -> Result<Vec<WaitId>, StoreError> {
        let mut waits = Vec::new();
        let mut start = None;
        for _ in 0..MAX_PAGES {
            let query = self
                .query(EXECUTION_INDEX)
                .key_condition_expression("execution_arn = :execution")
                .expression_attribute_values(":execution", s(execution_arn))
                .set_exclusive_start_key(start);
            let page = query.send().await.map_err(|e| unavailable(&e))?;
            for item in page.items.unwrap_or_default() {
                waits.push(wait_id(&item)?);
            }
            start = page.last_evaluated_key;
            if start.is_none() || waits.len() >= MAX_WAITS_OF_EXECUTION {
                break;
            }
        }
        waits.truncate(MAX_WAITS_OF_EXECUTION);
        Ok(waits)
    }

    pub(super) async fn read_sweep(&self, shard: u8) -> Result<Sweep, StoreError> {
        self.get(sweep_key(shard)).await?.as_ref().map_or_else(|| Ok(Sweep::default()), Sweep::read)
    }

    /// Replaces the shard's row, if it still says what was seen.
    pub(super) async fn write_sweep(
        &self,
        shard: u8,
        seen: &Sweep,
        becomes: &Sweep,
    ) -> Result<Guarded<Sweep>, StoreError> {
        let mut update = self.row_update(sweep_key(shard));
        let (mut conditions, mut set, mut remove) = (Vec::new(), Vec::new(), Vec::new());
        for ((name, was), (_, is)) in attributes(seen).into_iter().zip(attributes(becomes)) {
            match was {
                Some(was) => {
                    conditions.push(format!("{name} = :seen_{name}"));
                    update = update.expression_attribute_values(format!(":seen_{name}"), was);
                }
                None => conditions.push(format!("attribute_not_exists({name})")),
            }
            match is {
                Some(is) => {
                    set.push(format!("{name} = :{name}"));
                    update = update.expression_attribute_values(format!(":{name}"), is);
                }
                None => remove.push(name),
            }
        }
        let mut clauses = Vec::new();
        if !set.is_empty() {
            clauses.push(format!("SET {}", set.join(", ")));
        }
        if !remove.is_empty() {
            clauses.push(format!("REMOVE {}", remove.join(", ")));
        }
        guarded(update.condition_expression(conditions.join(" AND ")).update_expression(clauses.join(" "))).await
    }
}

/// A sweep, attribute by attribute; none of the names is a reserved word.
fn attributes(sweep: &Sweep) -> [(&'static str, Option<aws_sdk_dynamodb::types::AttributeValue>); 4] {
    let under_way = sweep.under_way.as_ref();
    [
        ("done_until", sweep.done_until.map(|time| n(time.as_millisecond()))),
        ("sweep_until", under_way.map(|sweep| n(sweep.until.as_millisecond()))),
        ("after_due", under_way.map(|sweep| n(sweep.after.due.as_millisecond()))),
        ("after_wait", under_way.map(|sweep| s(sweep.after.id.as_str()))),
    ]
}

fn position(item: &Item) -> Result<DuePosition, StoreError> {
    Ok(DuePosition { due: milliseconds(item, "due_at")?, id: wait_id(item)? })
}

impl Row for Sweep {
    fn read(item: &Item) -> Result<Self, StoreError> {
        let there = |name| item.contains_key(name);
        let under_way = || -> Result<UnderWay, StoreError> {
            let wait = optional_text(item, "after_wait").ok_or_else(|| corrupt("after_wait"))?;
            let id = serde_json::from_value(wait.into()).map_err(|_| corrupt("after_wait"))?;
            Ok(UnderWay {
                until: milliseconds(item, "sweep_until")?,
                after: DuePosition { due: milliseconds(item, "after_due")?, id },
            })
        };
        Ok(Self {
            done_until: there("done_until").then(|| milliseconds(item, "done_until")).transpose()?,
            under_way: there("sweep_until").then(under_way).transpose()?,
        })
    }
}
