//! What an integration file points to in an answer: the values that a person
//! wants to see beside a status code.

use crate::event::{Leg, Located};
use crate::veil::{REDACTED, Veil};
use serde_json::Value;
use stepwait_core::answer::Document;
use stepwait_core::integration::{Acceptor, Condition, Integration, Locator, NextPage, WhenUnknown, scalar_text};

/// The most characters of a value that are shown, what a line has room for.
const MAX_VALUE_CHARS: usize = 80;

/// The values that the file points to in the answer of a leg, each place once.
pub(crate) fn located(
    integration: &Integration,
    leg: Leg,
    document: &Document<'_>,
    payload: &Value,
    veil: &Veil,
) -> Vec<Located> {
    let mut found: Vec<Located> = Vec::new();
    let mut add = |key: String, at: String, value: String| {
        if !found.iter().any(|known| known.at == at) {
            found.push(Located { key, at, value: cut(&veil.hide(&value)) });
        }
    };
    if leg == Leg::Submit {
        let submit = &integration.submit;
        if let (Some(_), Some(id)) = (submit.job_id.place(), submit.job_id.find(document, payload)) {
            add("submit.job_id".to_owned(), submit.job_id.to_string(), id);
        }
        for (name, extract) in &submit.keep {
            if extract.place().is_some() && extract.find(document, payload).is_some() {
                add(format!("submit.keep.{name}"), extract.to_string(), REDACTED.to_owned());
            }
        }
    }
    for (key, place) in places(integration, leg) {
        if let Some(value) = place.find(document) {
            add(key, place.to_string(), summary(&value));
        }
    }
    found
}

/// The headers that the file looks into, in the answers of any leg.
pub(crate) fn headers(integration: &Integration) -> Vec<String> {
    let submit = &integration.submit;
    let extracts = [&submit.job_id].into_iter().chain(submit.keep.iter().map(|(_, extract)| extract));
    let fetch = integration.result.fetch.as_ref();
    let legs = [Leg::Submit, Leg::LookUp, Leg::Status, Leg::Result, Leg::Cancel];
    let places = legs.into_iter().flat_map(|leg| places(integration, leg)).map(|(_, place)| place);
    let named = fetch.map(|fetch| fetch.request.answer_headers()).unwrap_or_default();
    extracts
        .filter_map(|extract| extract.place())
        .chain(places)
        .filter_map(|place| if let Locator::Header(name) = place { Some(name.clone()) } else { None })
        .chain(named.into_iter().map(str::to_owned))
        .collect()
}

fn places(integration: &Integration, leg: Leg) -> Vec<(String, &Locator)> {
    let mut places = Vec::new();
    let status = &integration.status;
    let errors = status.error.places().iter().map(|place| ("status.error".to_owned(), place));
    match leg {
        Leg::Token => {}
        Leg::Submit => {
            acceptors(&integration.submit.accept, "submit.accept", &mut places);
            places.extend(integration.submit.output.iter().map(|place| ("submit.output".to_owned(), place)));
            places.extend(errors);
        }
        Leg::LookUp => {
            if let WhenUnknown::LookUp(look_up) = &integration.submit.when_unknown {
                places.push(("submit.look_up.job_id".to_owned(), &look_up.job_id));
            }
        }
        Leg::Status => {
            places.extend(status.map.iter().map(|map| ("status.value".to_owned(), &map.value)));
            acceptors(&status.accept, "status.accept", &mut places);
            places.extend(status.progress.iter().map(|place| ("status.progress".to_owned(), place)));
            places.extend(errors);
            if let Some(fetch) = &integration.result.fetch {
                fetch.when.iter().for_each(|when| condition(when, "result.when", &mut places));
            } else {
                places.extend(integration.result.output.iter().map(|place| ("result.output".to_owned(), place)));
            }
        }
        Leg::Result => {
            places.extend(integration.result.output.iter().map(|place| ("result.output".to_owned(), place)));
            if let Some(pages) = integration.result.fetch.as_ref().and_then(|fetch| fetch.pages.as_ref()) {
                places.push(("result.pages.items".to_owned(), &pages.items));
                match &pages.next {
                    NextPage::Cursor { from, .. } | NextPage::Url { from } => {
                        places.push(("result.pages.next".to_owned(), from));
                    }
                    NextPage::Link | NextPage::Offset { .. } => {}
                }
            }
        }
        Leg::Cancel => places.extend(errors),
    }
    places
}

fn acceptors<'i>(list: &'i [Acceptor], key: &str, places: &mut Vec<(String, &'i Locator)>) {
    for (n, acceptor) in (1..).zip(list) {
        condition(&acceptor.when, &format!("{key} {n}"), places);
    }
}

fn condition<'i>(when: &'i Condition, key: &str, places: &mut Vec<(String, &'i Locator)>) {
    match when {
        Condition::All(members) | Condition::Any(members) => {
            members.iter().for_each(|member| condition(member, key, places));
        }
        // The code is shown in any case.
        Condition::Value { at: Locator::Code, .. } => {}
        Condition::Value { at, .. } => places.push((key.to_owned(), at)),
    }
}

fn summary(value: &Value) -> String {
    match value {
        Value::Array(items) => format!("a list of {}", items.len()),
        Value::Object(fields) => format!("an object of {}", fields.len()),
        scalar @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_)) => {
            scalar_text(scalar).unwrap_or_else(|| "null".to_owned())
        }
    }
}

fn cut(text: &str) -> String {
    let mut line: String = text.chars().filter(|c| !c.is_control()).take(MAX_VALUE_CHARS).collect();
    if line.len() < text.len() {
        line.push('…');
    }
    line
}
