//! What wakes a wait: which events, how a genuine one is told, what it means.

use stepwait_core::integration::{
    Callback, CallbackAddress, EchoProof, EventState, Handshake, HandshakeReply, Integration,
};

use super::Item;
use super::answers::acceptors;
use super::words::duration;

/// The `[callback]` section in words.
pub(super) fn webhooks(integration: &Integration, callback: &Callback) -> Vec<Item> {
    let name = &integration.name;
    let mut items = vec![Item::new(match callback.address {
        CallbackAddress::Integration => format!("received at /webhooks/{name}"),
        CallbackAddress::Wait => {
            format!("received at /webhooks/{name}/WAIT/CAPABILITY, an address for each wait that nobody can guess")
        }
    })];
    items.push(Item::new(match &callback.verify {
        Some(verify) => format!("genuine if {verify}"),
        None => "genuine if it comes there: nothing else is asked".to_owned(),
    }));
    items.extend(callback.handshake.as_ref().map(|handshake| Item::new(shaken(handshake))));
    items.extend(
        callback
            .only
            .as_ref()
            .map(|only| Item::new(format!("read only if {only}; others are acknowledged and ignored"))),
    );
    items.push(Item::new(match (&callback.job_id, callback.address) {
        (Some(place), CallbackAddress::Wait) => {
            format!("the job is the wait's own; one that names another at {place} is ignored")
        }
        (Some(place), CallbackAddress::Integration) => format!("the job is the one named at {place}"),
        (None, _) => "the job is the wait's own".to_owned(),
    }));
    items.extend(acceptors(&callback.accept, |state| match state {
        EventState::Success => "the job is done",
        EventState::Failure => "the job failed: JobFailed",
        EventState::Retry => "the job is under way",
        EventState::Ignore => "it is acknowledged and ignored",
    }));
    items.extend(callback.heartbeat.map(|silence| {
        Item::new(format!(
            "every event of a job that is under way shows that it is: after {} without one, the wait is given up",
            duration(silence)
        ))
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

/// What a handshake is, and what is answered.
fn shaken(handshake: &Handshake) -> String {
    let Handshake { when, reply } = handshake;
    match reply {
        HandshakeReply::Echo { value, key, proof } => {
            let form = key.as_ref().map_or_else(|| "as text".to_owned(), |key| format!("as JSON under {key:?}"));
            let proof = match proof {
                EchoProof::Verified => ", if it is genuine".to_owned(),
                EchoProof::Token { at, secret } => format!(", if {at} is the secret {secret}"),
                EchoProof::Nothing => ", whoever asks".to_owned(),
            };
            format!("a handshake if {when}: {value} is sent back {form}{proof}")
        }
        HandshakeReply::Header { name } => {
            format!("a handshake if {when}: the header {name} is sent back, whoever asks")
        }
        HandshakeReply::Hmac { value, key, hmac_key } => format!(
            "a handshake if {when}: {value} is sent back as {key:?} with its HMAC as {hmac_key:?}, if it is genuine"
        ),
        HandshakeReply::Constant { answer } => format!("a handshake if {when}: {answer} is answered, if it is genuine"),
        HandshakeReply::Sns { topic } => {
            format!("a subscription to {topic} is confirmed, if it is genuine; what comes from other topics is ignored")
        }
    }
}
