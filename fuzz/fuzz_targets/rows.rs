//! An item of the table is a row or is refused by an attribute's name; a row
//! that was read says the same when it is written and read again, and the index
//! of due waits says of it what the row itself does.
#![no_main]

use libfuzzer_sys::fuzz_target;
use serde::Serialize;
use serde_json::Value;
use stepwait_aws::fuzzing::{self, AttributeValue, Item};
use stepwait_core::Timestamp;
use stepwait_core::pace::Gate;
use stepwait_core::wait::due::{DueWait, Sweep};
use stepwait_core::wait::{Rendezvous, WaitRow};

fuzz_target!(|input: &[u8]| {
    // The table's own JSON, as its command line prints items.
    let Ok(Value::Object(attributes)) = serde_json::from_slice(input) else { return };
    let item: Item = attributes.iter().filter_map(|(name, value)| Some((name.clone(), attribute(value)?))).collect();

    let due = fuzzing::due(&item);
    if let Some(row) = read(fuzzing::wait(&item)) {
        let again = fuzzing::wait(&wait_item(&row));
        assert_eq!(again.as_ref().ok(), Some(&row), "{again:?}");
        assert_eq!(due.as_ref().ok(), DueWait::of(&row).as_ref());
    }
    if let Some(due) = read(due) {
        let again = fuzzing::due(&due_item(&due));
        assert_eq!(again.as_ref().ok(), Some(&due), "{again:?}");
    }
    if let Some(rendezvous) = read(fuzzing::rendezvous(&item)) {
        let again = fuzzing::rendezvous(&rendezvous_item(&rendezvous));
        assert_eq!(again.as_ref().ok(), Some(&rendezvous), "{again:?}");
    }
    if let Some(sweep) = read(fuzzing::sweep(&item)) {
        let again = fuzzing::sweep(&sweep_item(&sweep));
        assert_eq!(again.as_ref().ok(), Some(&sweep), "{again:?}");
    }
    if let Some(gate) = read(fuzzing::gate(&item)) {
        let again = fuzzing::gate(&gate_item(gate));
        assert_eq!(again.as_ref().ok(), Some(&gate), "{again:?}");
    }
    if let Some(holders) = read(fuzzing::holders(&item)) {
        let ids = holders.iter().map(|wait| wait.as_str().to_owned()).collect();
        let again = fuzzing::holders(&Item::from([("holders".to_owned(), AttributeValue::Ss(ids))]));
        assert_eq!(again.as_ref().ok(), Some(&holders), "{again:?}");
    }
});

/// A row, or nothing once it was seen that the error says something.
fn read<R, E: std::error::Error>(row: Result<R, E>) -> Option<R> {
    row.inspect_err(|error| assert!(error.to_string().len() <= 200, "{error} quotes the row")).ok()
}

/// An attribute of the types that the table's rows use, and two that they do not.
fn attribute(value: &Value) -> Option<AttributeValue> {
    let (kind, value) = value.as_object()?.iter().next()?;
    let texts =
        |value: &Value| value.as_array()?.iter().map(|one| one.as_str().map(str::to_owned)).collect::<Option<Vec<_>>>();
    Some(match kind.as_str() {
        "S" => AttributeValue::S(value.as_str()?.to_owned()),
        "N" => AttributeValue::N(value.as_str()?.to_owned()),
        "BOOL" => AttributeValue::Bool(value.as_bool()?),
        "L" => AttributeValue::L(value.as_array()?.iter().map(flat).collect::<Option<_>>()?),
        "SS" => AttributeValue::Ss(texts(value)?),
        "NS" => AttributeValue::Ns(texts(value)?),
        "NULL" => AttributeValue::Null(true),
        _ => return None,
    })
}

/// An attribute within a list: a text or a number.
fn flat(value: &Value) -> Option<AttributeValue> {
    let (kind, value) = value.as_object()?.iter().next()?;
    let text = value.as_str()?.to_owned();
    Some(if kind == "S" { AttributeValue::S(text) } else { AttributeValue::N(text) })
}

/// An item under construction.
struct Written(Item);

impl Written {
    fn s(mut self, name: &str, text: impl Into<String>) -> Self {
        self.0.insert(name.to_owned(), AttributeValue::S(text.into()));
        self
    }

    fn n(mut self, name: &str, number: impl ToString) -> Self {
        self.0.insert(name.to_owned(), AttributeValue::N(number.to_string()));
        self
    }

    fn json(self, name: &str, value: Option<&impl Serialize>) -> Self {
        match value.and_then(|value| serde_json::to_string(value).ok()) {
            Some(text) => self.s(name, text),
            None => self,
        }
    }

    fn maybe_s(self, name: &str, text: Option<impl Into<String>>) -> Self {
        match text {
            Some(text) => self.s(name, text),
            None => self,
        }
    }

    fn maybe_ms(self, name: &str, time: Option<Timestamp>) -> Self {
        match time {
            Some(time) => self.n(name, time.as_millisecond()),
            None => self,
        }
    }
}

fn wait_item(row: &WaitRow) -> Item {
    let mut item = Written(Item::new())
        .s("pk", format!("W#{}", row.id))
        .s("status", row.status.as_str())
        .n("generation", row.generation.as_u64())
        .maybe_s("token", row.token.as_ref().map(|token| token.expose()))
        .s("integration", row.integration.as_str())
        .s("integration_digest", &row.digest)
        .s("started_at", row.started_at.to_string())
        .s("deadline", row.deadline.to_string())
        .s("execution_arn", &row.execution_arn)
        .maybe_s("capability", row.capability.as_ref().map(|capability| capability.expose()))
        .maybe_s("job_id", row.job_id.as_ref().map(|id| id.as_str()))
        .json("kept", Some(&row.kept))
        .maybe_s("submitted_at", row.submitted_at.map(|time| time.to_string()))
        .json("outcome", row.outcome.as_ref())
        .maybe_s("outcome_operation", row.outcome_operation.as_deref())
        .maybe_ms("due_at", row.due)
        .n("failures", row.failures)
        .n("refusals", row.refusals);
    if let Some(mark) = &row.submit {
        item = item
            .s("submit_operation", &mark.operation)
            .n("submit_lock_until", mark.lock_until.as_millisecond())
            .n("submit_attempts", mark.attempts);
    }
    if let Some(delivered) = row.delivered {
        item = item.n("delivered_generation", delivered.as_u64());
    }
    let late = row.late.iter().filter_map(|outcome| serde_json::to_string(outcome).ok());
    item.0.insert("late".to_owned(), AttributeValue::L(late.map(AttributeValue::S).collect()));
    item.0
}

fn due_item(due: &DueWait) -> Item {
    Written(Item::new())
        .s("pk", format!("W#{}", due.id))
        .n("due_at", due.due.as_millisecond())
        .s("status", due.status.as_str())
        .s("integration", due.integration.as_str())
        .s("integration_digest", &due.digest)
        .s("started_at", due.started_at.to_string())
        .s("deadline", due.deadline.to_string())
        .maybe_s("job_id", due.job_id.as_ref().map(|id| id.as_str()))
        .maybe_s("submitted_at", due.submitted_at.map(|time| time.to_string()))
        .n("failures", due.failures)
        .n("refusals", due.refusals)
        .0
}

fn rendezvous_item(row: &Rendezvous) -> Item {
    let wait = row.wait_id.as_ref().map(|wait| wait.as_str());
    Written(Item::new())
        .maybe_s("wait_id", wait)
        .maybe_s("integration_digest", row.digest.as_deref())
        .json("event", row.event.as_ref())
        .0
}

fn sweep_item(sweep: &Sweep) -> Item {
    let under_way = sweep.under_way.as_ref();
    Written(Item::new())
        .maybe_ms("done_until", sweep.done_until)
        .maybe_ms("sweep_until", under_way.map(|under_way| under_way.until))
        .maybe_ms("after_due", under_way.map(|under_way| under_way.after.due))
        .maybe_s("after_wait", under_way.map(|under_way| under_way.after.id.as_str()))
        .0
}

fn gate_item(gate: Gate) -> Item {
    let mut item = Written(Item::new())
        .n("next_at_us", gate.next_at_us)
        .n("failures", gate.health.failures)
        .n("paused_until_us", gate.health.paused_until_us);
    item.0.insert("probing".to_owned(), AttributeValue::Bool(gate.health.probing));
    item.0
}
