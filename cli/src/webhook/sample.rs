//! An event made from what a file says of events: the job's id, its status, and
//! whatever [callback] asks for besides.

use serde_json::{Map, Value};
use stepwait_core::integration::{
    Callback, Condition, EventState, Extract, Integration, JsonPointer, Locator, Pattern, Test,
};

/// What stands for a value that nothing is known of.
const SAMPLE: &str = "sample";

/// The largest index of an array that is made, 8: places name the first few.
const MAX_INDEX: usize = 8;

/// An event before it is signed.
#[derive(Debug, Default)]
pub(super) struct Sample {
    /// Headers by their names in lower case.
    pub(super) headers: Vec<(String, String)>,
    /// Fields of the query string.
    pub(super) query: Vec<(String, String)>,
    pub(super) body: Value,
}

impl Sample {
    /// An event of this job; one that says success unless `status` is given.
    ///
    /// # Errors
    /// What the file does not say.
    pub(super) fn of(
        integration: &Integration,
        callback: &Callback,
        job_id: &str,
        status: Option<&str>,
    ) -> Result<Self, String> {
        let mut sample = Self { headers: Vec::new(), query: Vec::new(), body: Value::Object(Map::new()) };
        if let Some(only) = &callback.only {
            sample.satisfy(only);
        }
        let map = integration.status.map.as_ref();
        let place = map.map(|map| callback.value.as_ref().unwrap_or(&map.value));
        match (status, place) {
            (Some(status), Some(place)) => sample.put(place, Value::from(status)),
            (Some(_), None) => {
                return Err("the file reads no status from events; give the event by --body".to_owned());
            }
            (None, _) => {
                if let Some(acceptor) = callback.accept.iter().find(|acceptor| acceptor.state == EventState::Success) {
                    sample.satisfy(&acceptor.when);
                } else if let (Some(place), Some(value)) = (place, map.and_then(|map| map.succeeded.first())) {
                    sample.put(place, Value::from(value.as_str()));
                }
            }
        }
        let output = callback.output.as_ref().or(integration.result.output.as_ref());
        if let Some(Locator::Body(pointer)) = output.filter(|_| !callback.thin && integration.result.fetch.is_none())
            && pointer.find(&sample.body).is_none()
        {
            put(&mut sample.body, pointer, Value::from(SAMPLE));
        }
        match &callback.job_id {
            Some(Extract::Place(place)) => sample.put(place, Value::from(job_id)),
            Some(Extract::Part { from, pattern }) => {
                let text = text_with(pattern, job_id).ok_or_else(|| {
                    format!("no text could be made from which /{pattern}/ takes {job_id:?}; give the event by --body")
                })?;
                sample.put(from, Value::from(text));
            }
            // At a wait's own address an event need not name its job.
            Some(Extract::Request(_)) | None => {}
        }
        Ok(sample)
    }

    /// Makes a condition hold, as far as that is easy.
    fn satisfy(&mut self, condition: &Condition) {
        match condition {
            Condition::All(members) => members.iter().for_each(|member| self.satisfy(member)),
            Condition::Any(members) => members.iter().take(1).for_each(|member| self.satisfy(member)),
            Condition::Value { at, test } => {
                let value = match test {
                    Test::Equals(text) => Some(Value::from(text.as_str())),
                    Test::OneOf(texts) => texts.first().map(|text| Value::from(text.as_str())),
                    Test::Exists(true) => Some(Value::from(SAMPLE)),
                    Test::Exists(false) => None,
                    Test::Matches(pattern) => {
                        texts_like(pattern, "").into_iter().find(|text| pattern.is_match(text)).map(Value::from)
                    }
                    Test::Within { at_least, at_most } => at_least.or(*at_most).map(Value::from),
                };
                if let Some(value) = value {
                    self.put(at, value);
                }
            }
        }
    }

    fn put(&mut self, at: &Locator, value: Value) {
        match at {
            Locator::Body(pointer) => put(&mut self.body, pointer, value),
            Locator::Header(name) => set(&mut self.headers, name, &value),
            Locator::Query(name) => set(&mut self.query, name, &value),
            // An event has no status code.
            Locator::Code => {}
        }
    }
}

/// Puts a value under a name, in place of the one that was there.
fn set(fields: &mut Vec<(String, String)>, name: &str, value: &Value) {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    fields.retain(|(known, _)| known != name);
    fields.push((name.to_owned(), text));
}

/// Puts a value where a pointer leads, and makes what is between.
fn put(body: &mut Value, pointer: &JsonPointer, value: Value) {
    let mut at = body;
    for step in pointer.as_str().split('/').skip(1) {
        let step = step.replace("~1", "/").replace("~0", "~");
        let index = step.parse::<usize>().ok().filter(|index| *index <= MAX_INDEX);
        let fits = match &at {
            Value::Object(members) => !members.is_empty() || index.is_none(),
            Value::Array(_) => index.is_some(),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
        };
        if !fits {
            *at = if index.is_some() { Value::Array(Vec::new()) } else { Value::Object(Map::new()) };
        }
        at = match (at, index) {
            (Value::Array(items), Some(index)) => {
                if items.len() <= index {
                    items.resize(index + 1, Value::Null);
                }
                match items.get_mut(index) {
                    Some(item) => item,
                    None => return,
                }
            }
            (Value::Object(members), _) => members.entry(step).or_insert(Value::Null),
            (Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_), _) => return,
        };
    }
    *at = value;
}

/// A text out of which the pattern takes the id.
fn text_with(pattern: &Pattern, id: &str) -> Option<String> {
    texts_like(pattern, id).into_iter().find(|text| pattern.find(text) == Some(id))
}

/// Texts that a pattern may match: its own, with `id` for its group.
fn texts_like(pattern: &Pattern, id: &str) -> Vec<String> {
    let source = pattern.to_string();
    let (mut text, mut depth, mut is_escaped) = (String::new(), 0_u32, false);
    for char in source.chars() {
        match char {
            '\\' if !is_escaped => {
                is_escaped = true;
                continue;
            }
            '(' if !is_escaped => {
                depth = depth.saturating_add(1);
                if depth == 1 {
                    text.push_str(id);
                }
            }
            ')' if !is_escaped => depth = depth.saturating_sub(1),
            '^' | '$' if !is_escaped => {}
            _ if depth == 0 => text.push(char),
            _ => {}
        }
        is_escaped = false;
    }
    vec![
        text,
        id.to_owned(),
        format!("/{id}"),
        format!("https://api.example.com/{id}"),
        SAMPLE.to_owned(),
        "1".to_owned(),
    ]
}
