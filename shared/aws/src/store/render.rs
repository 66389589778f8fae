//! Guarded updates as DynamoDB expressions: a condition becomes a
//! `ConditionExpression`, changes become an `UpdateExpression`
//! (<https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.html>).
//! Every attribute is named by a placeholder, so that none can be a reserved word.

use super::{n, s};
use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::types::AttributeValue;
use std::collections::{BTreeMap, BTreeSet};
use stepwait_core::Timestamp;
use stepwait_core::wait::due::shard_of;
use stepwait_core::wait::update::{Condition, Meeting, RELEASED, Set, Update};
use stepwait_core::wait::{KEEP_AFTER_DEADLINE, Outcome, Registration, Status, WaitId};
use stepwait_flow::ports::StoreError;

/// The expressions of one update, as they grow.
#[derive(Default)]
pub(super) struct Expressions {
    names: BTreeSet<&'static str>,
    values: BTreeMap<String, AttributeValue>,
    condition: Option<String>,
    set: Vec<String>,
    remove: Vec<String>,
}

impl Expressions {
    /// The expressions of an update of the wait's row.
    pub(super) fn of_update(id: &WaitId, update: &Update) -> Result<Self, StoreError> {
        let mut expressions = Self::default();
        let condition = expressions.condition(&update.when);
        expressions.condition = Some(condition);
        for set in &update.then {
            expressions.change(id, set)?;
        }
        Ok(expressions)
    }

    /// The expressions of an update of a rendezvous row.
    pub(super) fn of_meeting(meeting: &Meeting) -> Result<Self, StoreError> {
        let mut expressions = Self::default();
        match meeting {
            Meeting::Bind { wait, digest, keep_until } => {
                let (name, value) = (expressions.name("wait_id"), expressions.value(s(wait.as_str())));
                expressions.condition = Some(format!("attribute_not_exists({name}) OR {name} = {value}"));
                expressions.set.push(format!("{name} = {value}"));
                expressions.put("integration_digest", s(digest));
                expressions.put("ttl", seconds(*keep_until));
            }
            Meeting::Mail { event, read_by, keep_until } => {
                if let Some(digest) = read_by {
                    let link = expressions.name("wait_id");
                    let same = expressions.compare("integration_digest", "=", s(digest));
                    expressions.condition = Some(format!("attribute_not_exists({link}) OR {same}"));
                }
                expressions.put_if_absent("event", json(event)?);
                expressions.put_if_absent("ttl", seconds(*keep_until));
            }
        }
        Ok(expressions)
    }

    /// The request with these expressions.
    pub(super) fn on(self, mut update: UpdateItemFluentBuilder) -> UpdateItemFluentBuilder {
        for name in self.names {
            update = update.expression_attribute_names(format!("#{name}"), name);
        }
        for (key, value) in self.values {
            update = update.expression_attribute_values(key, value);
        }
        let mut clauses = Vec::new();
        if !self.set.is_empty() {
            clauses.push(format!("SET {}", self.set.join(", ")));
        }
        if !self.remove.is_empty() {
            clauses.push(format!("REMOVE {}", self.remove.join(", ")));
        }
        update.set_condition_expression(self.condition).update_expression(clauses.join(" "))
    }

    fn name(&mut self, attribute: &'static str) -> String {
        self.names.insert(attribute);
        format!("#{attribute}")
    }

    fn value(&mut self, value: AttributeValue) -> String {
        let key = format!(":v{}", self.values.len());
        self.values.insert(key.clone(), value);
        key
    }

    fn put(&mut self, attribute: &'static str, value: AttributeValue) {
        let (name, value) = (self.name(attribute), self.value(value));
        self.set.push(format!("{name} = {value}"));
    }

    fn put_if_absent(&mut self, attribute: &'static str, value: AttributeValue) {
        let (name, value) = (self.name(attribute), self.value(value));
        self.set.push(format!("{name} = if_not_exists({name}, {value})"));
    }

    fn drop(&mut self, attribute: &'static str) {
        let name = self.name(attribute);
        self.remove.push(name);
    }

    fn compare(&mut self, attribute: &'static str, operator: &str, value: AttributeValue) -> String {
        let (name, value) = (self.name(attribute), self.value(value));
        format!("{name} {operator} {value}")
    }

    fn joined(&mut self, conditions: &[Condition], with: &str) -> String {
        let parts: Vec<String> = conditions.iter().map(|one| format!("({})", self.condition(one))).collect();
        parts.join(with)
    }

    fn condition(&mut self, condition: &Condition) -> String {
        match condition {
            Condition::All(conditions) => self.joined(conditions, " AND "),
            Condition::Any(conditions) => self.joined(conditions, " OR "),
            Condition::New => format!("attribute_not_exists({})", self.name("pk")),
            Condition::Exists => format!("attribute_exists({})", self.name("pk")),
            Condition::GenerationIs(generation) => self.compare("generation", "=", n(generation.as_u64())),
            Condition::GenerationBelow(generation) => self.compare("generation", "<", n(generation.as_u64())),
            Condition::StatusIn(statuses) => {
                let values: Vec<String> = statuses.iter().map(|status| self.value(s(status.as_str()))).collect();
                format!("{} IN ({})", self.name("status"), values.join(", "))
            }
            Condition::IntegrationIs(name) => self.compare("integration", "=", s(name.as_str())),
            Condition::OperationIs(operation) => self.compare("submit_operation", "=", s(operation)),
            Condition::LockFree(now) => {
                let row = self.name("pk");
                let name = self.name("submit_lock_until");
                let free = self.compare("submit_lock_until", "<", n(now.as_millisecond()));
                format!("attribute_exists({row}) AND (attribute_not_exists({name}) OR {free})")
            }
            Condition::LateBelow(most) => {
                let (name, most) = (self.name("late"), self.value(n(*most)));
                format!("attribute_not_exists({name}) OR size({name}) < {most}")
            }
        }
    }

    fn change(&mut self, id: &WaitId, set: &Set) -> Result<(), StoreError> {
        match set {
            Set::Origin(registration) => self.origin(registration),
            Set::Generation(generation) => self.put("generation", n(generation.as_u64())),
            Set::Token(Some(token)) => self.put("token", s(token.expose())),
            Set::Token(None) => self.drop("token"),
            Set::Status(status) => self.put("status", s(status.as_str())),
            Set::SubmitBegun { operation, until } => {
                self.put("submit_operation", s(operation));
                self.put("submit_lock_until", n(until.as_millisecond()));
                self.count_attempts("+");
            }
            Set::SubmitReleased => {
                self.put("submit_operation", s(RELEASED));
                self.put("submit_lock_until", n(0));
                self.count_attempts("-");
            }
            Set::Job(job_id) => self.put("job_id", s(job_id.as_str())),
            Set::Kept(kept, at) => {
                // The first attempt that notes the job keeps what its answer held; an empty map keeps nothing.
                let kept = serde_json::to_string(kept).map_err(|e| StoreError::Corrupt(e.to_string()))?;
                self.put_if_absent("kept", s(kept));
                self.put_if_absent("submitted_at", s(at.to_string()));
            }
            Set::Outcome(outcome, operation) => {
                self.put("outcome", json(outcome)?);
                self.put("outcome_operation", s(operation));
            }
            Set::Late(outcome) => {
                let late = AttributeValue::L(vec![json(outcome)?]);
                let (none, late) = (self.value(AttributeValue::L(Vec::new())), self.value(late));
                let name = self.name("late");
                self.set.push(format!("{name} = list_append(if_not_exists({name}, {none}), {late})"));
            }
            Set::Delivered(generation) => self.put("delivered_generation", n(generation.as_u64())),
            Set::Due(Some(due)) => {
                self.put("due_shard", s(shard_of(id).to_string()));
                self.put("due_at", n(due.as_millisecond()));
            }
            Set::Due(None) => {
                self.drop("due_shard");
                self.drop("due_at");
            }
            Set::Trouble { failures, refusals } => {
                self.put("failures", n(*failures));
                self.put("refusals", n(*refusals));
            }
        }
        Ok(())
    }

    fn origin(&mut self, new: &Registration) {
        self.put_if_absent("status", s(Status::Registered.as_str()));
        self.put_if_absent("integration", s(new.integration.as_str()));
        self.put_if_absent("integration_digest", s(&new.digest));
        self.put_if_absent("started_at", s(new.started_at.to_string()));
        self.put_if_absent("deadline", s(new.deadline.to_string()));
        self.put_if_absent("ttl", seconds_after_deadline(new.deadline));
        self.put_if_absent("execution_arn", s(&new.execution_arn));
        if let Some(capability) = &new.capability {
            self.put_if_absent("capability", s(capability.expose()));
        }
    }

    fn count_attempts(&mut self, sign: &str) {
        let (zero, one) = (self.value(n(0)), self.value(n(1)));
        let name = self.name("submit_attempts");
        self.set.push(format!("{name} = if_not_exists({name}, {zero}) {sign} {one}"));
    }
}

/// An outcome, as the table holds it.
fn json(outcome: &Outcome) -> Result<AttributeValue, StoreError> {
    serde_json::to_string(outcome).map(s).map_err(|e| StoreError::Corrupt(e.to_string()))
}

/// A time as DynamoDB's TTL takes it, in epoch seconds.
fn seconds(time: Timestamp) -> AttributeValue {
    n(time.as_second())
}

fn seconds_after_deadline(deadline: Timestamp) -> AttributeValue {
    n(deadline.as_second().saturating_add(i64::try_from(KEEP_AFTER_DEADLINE.as_secs()).unwrap_or(i64::MAX)))
}
