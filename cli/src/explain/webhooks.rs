//! What wakes a wait: which events, how a genuine one is told, what it means.

use stepwait_core::integration::{AcceptorState, Callback, Integration};

use super::Item;
use super::answers::acceptors;

/// The `[callback]` section in words.
pub(super) fn webhooks(integration: &Integration, callback: &Callback) -> Vec<Item> {
    let mut items = vec![
        Item::new(format!("received at POST /webhooks/{}", integration.name)),
        Item::new(format!("genuine if {}", callback.verify)),
    ];
    items.extend(
        callback
            .only
            .as_ref()
            .map(|only| Item::new(format!("read only if {only}; others are acknowledged and ignored"))),
    );
    items.push(Item::new(format!("the job is the one named at {}", callback.job_id)));
    items.extend(acceptors(&callback.accept, |state| match state {
        AcceptorState::Success => "the job is done",
        AcceptorState::Failure => "the job failed: JobFailed",
        AcceptorState::Retry => "the job is under way",
    }));
    if callback.thin {
        items.push(Item::new(
            "the event says only that something happened: the job is looked at before its wait is resumed",
        ));
        return items;
    }
    if let Some(place) = callback.value.as_ref().or(integration.status.map.as_ref().map(|map| &map.value)) {
        items.push(Item::new(format!("the value at {place} means what it means in the answer to a look")));
    }
    if callback.output.is_none() && integration.result.fetch.is_some() {
        items.push(Item::new("the result is fetched: if the job is done, it is looked at first"));
        return items;
    }
    match callback.output.as_ref().or(integration.result.output.as_ref()) {
        Some(place) => items.push(Item::new(format!("the result stands at {place} of the event"))),
        None => items.push(Item::new("the whole event is the result")),
    }
    items
}
