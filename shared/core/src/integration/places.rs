//! The places in answers that a file names. A query string is a part of events
//! alone, so a file that seeks something there in an answer is refused.

use super::{Acceptor, Condition, Extract, Integration, KeyError, Locator, NextPage, WhenUnknown};

/// Refuses places that no answer has.
pub(super) fn check(integration: &Integration) -> Result<(), KeyError> {
    let is_of_event = |at: &Locator| matches!(at, Locator::Query(_));
    match answer_places(integration).into_iter().find(|(_, at)| is_of_event(at)) {
        None => Ok(()),
        Some((key, at)) => {
            Err((key.to_owned(), format!("{at} is a place in events only; an answer has no query string")))
        }
    }
}

/// Every place in an answer that the file names, with its key.
fn answer_places(integration: &Integration) -> Vec<(&'static str, &Locator)> {
    let Integration { submit, status, result, .. } = integration;
    let mut places = Vec::new();
    let mut add = |key, at| places.push((key, at));
    submit.job_id.place().into_iter().for_each(|at| add("submit.job_id", at));
    submit.keep.iter().filter_map(|(_, extract)| Extract::place(extract)).for_each(|at| add("submit.keep", at));
    submit.output.iter().for_each(|at| add("submit.output", at));
    if let WhenUnknown::LookUp(look_up) = &submit.when_unknown {
        add("submit.look_up.job_id", &look_up.job_id);
    }
    if let Some(batch) = &status.batch {
        add("status.batch.items", &batch.items);
        batch.job_id.iter().for_each(|at| add("status.batch.job_id", at));
    }
    status.map.iter().for_each(|map| add("status.value", &map.value));
    status.progress.iter().for_each(|at| add("status.progress", at));
    status.error.places().iter().for_each(|at| add("status.error", at));
    result.output.iter().for_each(|at| add("result.output", at));
    if let Some(fetch) = &result.fetch {
        fetch.when.iter().for_each(|when| of_condition(when, "result.when", &mut add));
        if let Some(pages) = &fetch.pages {
            add("result.pages.items", &pages.items);
            match &pages.next {
                NextPage::Cursor { from, .. } | NextPage::Url { from } => add("result.pages.next", from),
                NextPage::Link | NextPage::Offset { .. } => {}
            }
        }
    }
    of_acceptors(&submit.accept, "submit.accept", &mut add);
    of_acceptors(&status.accept, "status.accept", &mut add);
    places
}

fn of_acceptors<'i>(list: &'i [Acceptor], key: &'static str, add: &mut impl FnMut(&'static str, &'i Locator)) {
    list.iter().for_each(|acceptor| of_condition(&acceptor.when, key, add));
}

fn of_condition<'i>(when: &'i Condition, key: &'static str, add: &mut impl FnMut(&'static str, &'i Locator)) {
    match when {
        Condition::All(members) | Condition::Any(members) => {
            members.iter().for_each(|member| of_condition(member, key, add));
        }
        Condition::Value { at, .. } => add(key, at),
    }
}
