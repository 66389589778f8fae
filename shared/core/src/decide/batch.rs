//! What one answer about many jobs says of each.
//!
//! Each job gets an answer of its own, which is read as if it had been asked for
//! alone: code and headers are those of the whole, the body is the job's part. A
//! part counts for the job whose id it holds and for no other, in whatever order
//! parts come; of several with the same id the first counts. An error is an answer
//! to everybody.

use crate::answer::Answer;
use crate::integration::{Batch, Locator, scalar_text};
use serde_json::Value;
use std::collections::BTreeMap;

/// The code by which third parties say that they know no such job: what a job
/// without a part of the answer is taken to have been answered.
const NOT_FOUND: u16 = 404;

/// An answer about many jobs, taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parts {
    whole: Answer,
    parts: Held,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Held {
    /// The bodies by job.
    ById(BTreeMap<String, Vec<u8>>),
    /// It is no answer about jobs at all.
    Nobody,
    /// It says of no job anything that could be read: why.
    Unreadable(String),
}

/// What the answer says of one job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// As if it had been asked for alone.
    Answer(Answer),
    /// Nothing that could be read, and why; the answer's own headers still count.
    Unreadable(Answer, String),
}

impl Parts {
    /// Takes an answer apart.
    #[must_use]
    pub fn of(batch: &Batch, answer: Answer) -> Self {
        let parts = if (200..=299).contains(&answer.status) { held(batch, &answer) } else { Held::Nobody };
        // What was read is held by the parts.
        let body = if parts == Held::Nobody { answer.body } else { Vec::new() };
        Self { whole: Answer { body, ..answer }, parts }
    }

    /// What it says of a job.
    #[must_use]
    pub fn of_job(&self, job_id: &str) -> Part {
        let by_id = match &self.parts {
            Held::ById(by_id) => by_id,
            Held::Nobody => return Part::Answer(self.whole.clone()),
            Held::Unreadable(why) => return Part::Unreadable(self.whole.clone(), why.clone()),
        };
        Part::Answer(match by_id.get(job_id) {
            Some(body) => Answer { body: body.clone(), ..self.whole.clone() },
            None => Answer { status: NOT_FOUND, ..self.whole.clone() },
        })
    }
}

fn held(batch: &Batch, answer: &Answer) -> Held {
    let body = match answer.json() {
        Ok(body) => body,
        Err(error) => return Held::Unreadable(error.to_string()),
    };
    let place = &batch.items;
    let found = match place {
        Locator::Body(pointer) => pointer.find(&body),
        Locator::Code | Locator::Header(_) | Locator::Query(_) => None,
    };
    // Of two parts with one id the first is to count: later ones are put in before it.
    let pairs: Vec<(String, &Value)> = match (found, &batch.job_id) {
        (Some(Value::Array(items)), Some(Locator::Body(at))) => {
            items.iter().rev().filter_map(|item| Some((at.find(item).and_then(scalar_text)?, item))).collect()
        }
        (Some(Value::Object(items)), None) => items.iter().map(|(id, item)| (id.clone(), item)).collect(),
        (Some(_), None) => {
            return Held::Unreadable(format!("{place} is no object by job ids; see status.batch.job_id"));
        }
        (Some(_), Some(_)) => return Held::Unreadable(format!("{place} is no list")),
        (None, _) => return Held::Unreadable(format!("no jobs at {place}")),
    };
    Held::ById(pairs.into_iter().map(|(id, item)| (id, item.to_string().into_bytes())).collect())
}

#[cfg(test)]
#[path = "batch_tests.rs"]
mod tests;
