//! What answers mean, in the order in which they are read.

use stepwait_core::integration::{Acceptor, AcceptorState, Integration, Locator, UnknownStatus, WhenUnknown};

use super::words::{duration, list, quoted};
use super::{Item, legs};

/// The answer to the submit.
pub(super) fn to_submit(integration: &Integration) -> Vec<Item> {
    let submit = &integration.submit;
    if submit.request.is_none() {
        return vec![Item::new("There is none: nothing is sent")];
    }
    let mut items = acceptors(&submit.accept, |state| match state {
        AcceptorState::Success => "the job is done already",
        AcceptorState::Failure => "the job was refused: SubmitRefused",
        AcceptorState::Retry => "the job was certainly not taken, and the request is sent again",
    });
    let kept = submit.keep.iter().map(|(name, from)| format!("{{kept:{name}}} is kept from {from}")).collect();
    items.push(Item::with(format!("2xx: the job was taken, and its id is {}", submit.job_id), kept));
    items.push(Item::new(
        "429, or 503 with Retry-After, or no connection: it was certainly not taken, and the request is sent again",
    ));
    let policy = match &submit.when_unknown {
        WhenUnknown::Resend => "the request is sent again under the same idempotency key",
        WhenUnknown::LookUp(_) => "the job is looked up, and the request sent again if there is none",
        WhenUnknown::Fail => "the request is not sent again, as it could start a second job: SubmitUnknown",
    };
    // Under a key, these say that an earlier request is still being served.
    let conflicts = if submit.may_resend() { "409, 425, " } else { "" };
    items.push(Item::new(format!("408, {conflicts}5xx, or cut off: it may have been taken, and {policy}")));
    items.push(Item::new("anything else: it was refused: SubmitRefused"));
    items
}

/// The answer to a look.
pub(super) fn to_look(integration: &Integration) -> Vec<Item> {
    let status = &integration.status;
    let mut items = acceptors(&status.accept, |state| match state {
        AcceptorState::Success => "the job is done",
        AcceptorState::Failure => "the job failed: JobFailed",
        AcceptorState::Retry => "the job is under way",
    });
    let first = if items.is_empty() { "" } else { "otherwise, " };
    items.push(Item::new(format!("{first}not 2xx: an error, see below")));
    match &status.map {
        None => items.push(Item::new("otherwise: the job is under way")),
        Some(map) => {
            let lists = [
                (&map.succeeded, "the job is done"),
                (&map.failed, "the job failed: JobFailed"),
                (&map.pending, "the job is under way"),
            ];
            let lists = lists.into_iter().filter(|(values, _)| !values.is_empty());
            let mut details: Vec<String> =
                lists.map(|(values, means)| format!("{}: {means}", quoted(values, "or"))).collect();
            details.push(match map.unknown {
                UnknownStatus::Retry => {
                    "any other: the job is taken to be under way, with a warning in the log".to_owned()
                }
                UnknownStatus::Failure => "any other: the job failed: JobFailed".to_owned(),
            });
            items.push(Item::with(format!("otherwise, by the value of {}", map.value), details));
        }
    }
    items.extend(places("why it failed stands at", status.error.places()));
    items.extend(status.progress.as_ref().map(|place| Item::new(format!("how far it is stands at {place}"))));
    items
}

fn places(says: &str, places: &[Locator]) -> Option<Item> {
    let texts: Vec<String> = places.iter().map(ToString::to_string).collect();
    (!texts.is_empty()).then(|| Item::new(format!("{says} {}", list(&texts, "or else"))))
}

/// Acceptors in words; the first that applies decides.
pub(super) fn acceptors<S: Copy>(acceptors: &[Acceptor<S>], means: fn(S) -> &'static str) -> Vec<Item> {
    let lines = (1..).zip(acceptors).map(|(n, acceptor)| {
        let otherwise = if n == 1 { "" } else { "otherwise, " };
        Item::new(format!("{otherwise}if {}: {}", acceptor.when, means(acceptor.state)))
    });
    lines.collect()
}

/// Answers that say nothing about the job.
pub(super) fn errors(integration: &Integration) -> Vec<Item> {
    let errors = &integration.errors;
    let again: Vec<String> = errors.ask_again.iter().map(ToString::to_string).collect();
    let mut items = Vec::new();
    if !errors.missing_grace.is_zero() {
        let grace = duration(errors.missing_grace);
        items.push(Item::new(format!("404 within {grace} of the submit: the job is not visible yet, and under way")));
    }
    let bound = match errors.budget {
        None => "until the deadline".to_owned(),
        Some(1) => "never: the first fails the wait with ThirdPartyUnavailable".to_owned(),
        Some(budget) => format!("up to the {budget}th in a row, which fails the wait with ThirdPartyUnavailable"),
    };
    if !again.is_empty() {
        items.push(Item::new(format!("{}: asked again, {bound}", list(&again, "or"))));
    }
    items.push(Item::new(match errors.refusals {
        1 => "anything else, such as 403 or 404: fails the wait with CheckRefused".to_owned(),
        refusals => format!(
            "anything else, such as 403 or 404: asked again, until the {refusals}th in a row fails the wait with CheckRefused"
        ),
    }));
    items.push(Item::new("a good answer starts both counts anew; Retry-After is heeded"));
    items
}

/// Where the result comes from.
pub(super) fn result(integration: &Integration) -> Vec<Item> {
    let result = &integration.result;
    let part =
        |place: &Option<Locator>| place.as_ref().map_or_else(|| "the whole body".to_owned(), ToString::to_string);
    let mut items = Vec::new();
    match &result.fetch {
        None => items.push(Item::new(format!("{} of the answer that says that the job is done", part(&result.output)))),
        Some(fetch) => {
            let what = match &fetch.pages {
                Some(pages) => format!("the list of all items at {} of each page", pages.items),
                None => format!("{}, read {}", part(&result.output), legs::format(fetch.format)),
            };
            items.push(Item::new(format!("{what}, of the answer to the request that fetches it")));
        }
    }
    items.extend(
        integration
            .submit
            .output
            .as_ref()
            .map(|place| Item::new(format!("{place} where the submit says that the job is done already"))),
    );
    items.push(Item::new("over 32 KiB, it is stored in the result bucket, and its address takes its place"));
    items
}
