//! When the job is looked at: the first looks themselves, and how many there are.

use std::time::Duration;

use stepwait_core::cost;
use stepwait_core::decide::pooled::{GRANULARITY, average_looks};
use stepwait_core::decide::round::BreakEven;
use stepwait_core::integration::{Integration, Jitter, Limits, Schedule, Strategy};
use stepwait_core::learn::LEAST_OBSERVATIONS;
use stepwait_core::pace::FAILURES_TO_OPEN;
use stepwait_core::plan::{rounds_allowed, rounds_at_most};

use super::Item;
use super::words::{count, duration, list};

/// The most first looks and delays that are shown one by one.
const SHOWN: usize = 8;

const HOUR: Duration = Duration::from_hours(1);

/// The schedule as what it leads to.
pub(super) fn looks(integration: &Integration) -> Vec<Item> {
    if integration.strategy == Strategy::Callback {
        let every = duration(integration.schedule.reconcile);
        return vec![
            Item::new("the webhook tells when the job has ended"),
            Item::new(format!(
                "it may be lost: beside it the job is looked at every {every}, so that it is missed for no longer; the first look comes after half of that or more"
            )),
        ];
    }
    if integration.strategy == Strategy::Pooled {
        return pooled(integration);
    }
    let schedule = &integration.schedule;
    let mut items = by_schedule(schedule);
    if let Ok(times) = cost::looks(integration, integration.deadline) {
        items.extend(on_average(schedule, &times));
        items.push(Item::new(how_many(integration, &times)));
    }
    items.extend(schedule.checks.map(|most| Item::new(format!("after {} the wait is given up", looks_of(most)))));
    items.push(Item::new(format!(
        "Retry-After counts before the schedule, from {} to the deadline",
        duration(schedule.min)
    )));
    let break_even = BreakEven::default();
    let (rounds, allowed) = (rounds_at_most(integration, break_even), rounds_allowed(integration, 1));
    items.push(Item::new(format!(
        "delays up to {} are waited for inside a round of the Express workflow; a wait has {} at most, so {} in one execution",
        duration(break_even.longest_inside()),
        count(usize::try_from(rounds).unwrap_or(usize::MAX), "round"),
        fits(allowed.checked_div(rounds).unwrap_or(allowed)),
    )));
    items
}

/// The schedule of a wait that the reconciler looks at.
fn pooled(integration: &Integration) -> Vec<Item> {
    let schedule = integration.looks();
    let times: Vec<Duration> = average_looks(&integration.schedule, integration.deadline).collect();
    let mut items = by_schedule(&schedule);
    items.extend(on_average(&schedule, &times));
    items.push(Item::new(how_many(integration, &times)));
    items.push(Item::new(format!(
        "by the reconciler, which runs once a minute: each look comes up to {} later, and none sooner",
        duration(GRANULARITY)
    )));
    items.extend(schedule.checks.map(|most| Item::new(format!("after {} the wait is given up", looks_of(most)))));
    items.push(Item::new("Retry-After counts where it is longer than the schedule's own delay"));
    items.push(Item::new(
        "a wait takes one transition and no rounds, so any number of such requests fits in one execution",
    ));
    items
}

fn fits(requests: u64) -> String {
    match requests {
        0 => "not one such request fits".to_owned(),
        1 => "one such request fits".to_owned(),
        // The main workflow takes no more.
        n => format!("{} such requests fit", n.min(40)),
    }
}

fn looks_of(n: u32) -> String {
    if n == 1 { "one look".to_owned() } else { format!("{n} looks") }
}

fn delays(schedule: &Schedule) -> String {
    let first = duration(schedule.first);
    let mut longest: Vec<Duration> = Vec::new();
    for checks in 1.. {
        let delay = cost::longest_delay(schedule, checks);
        longest.push(delay);
        if delay >= schedule.max || longest.len() >= SHOWN {
            break;
        }
    }
    let is_all = longest.last().is_some_and(|last| *last >= schedule.max);
    let mut texts: Vec<String> = longest.iter().map(|delay| duration(*delay)).collect();
    if !is_all {
        texts.push(format!("… {}", duration(schedule.max)));
    }
    let (min, texts) = (duration(schedule.min), texts.join(", "));
    match schedule.jitter {
        Jitter::None if longest.len() == 1 => format!("first after {first}, then every {texts}"),
        Jitter::None => format!("first after {first}, then {texts} apart, and so on"),
        Jitter::Full if schedule.min == schedule.max => format!("first after {first}, then every {min}"),
        Jitter::Full => format!("first after {first}, then each time between {min} and at most {texts}, and so on"),
    }
}

fn on_average(schedule: &Schedule, times: &[Duration]) -> Option<Item> {
    // What was learned goes by no chance, but for a look that is seldom made.
    let is_written = schedule.learned().is_none();
    is_written.then(|| Item::new(format!("on average that is {} after the submit", first_of(times.iter().copied()))))
}

/// The first times in whole seconds.
fn first_of(times: impl Iterator<Item = Duration>) -> String {
    let mut shown: Vec<String> = times.take(SHOWN + 1).map(|at| duration(Duration::from_secs(at.as_secs()))).collect();
    let has_more = shown.len() > SHOWN;
    shown.truncate(SHOWN);
    format!("{}{}", shown.join(", "), if has_more { " …" } else { "" })
}

/// When looks come: where earlier jobs ended, or as the schedule is written.
fn by_schedule(schedule: &Schedule) -> Vec<Item> {
    let Some(learning) = &schedule.learning else {
        return vec![Item::new(delays(schedule))];
    };
    let known = usize::try_from(learning.jobs().observations()).unwrap_or(usize::MAX);
    let mut from = format!("learned from {}", count(known, "job"));
    if let Some(until) = learning.until() {
        from = format!("{from}, the last of {until:.0}");
    }
    let Some(learned) = schedule.learned() else {
        let why = if learning.jobs().observations() < LEAST_OBSERVATIONS {
            format!("until there are {LEAST_OBSERVATIONS}")
        } else {
            "as no look would be saved".to_owned()
        };
        let written = format!("{from}; {why}, the schedule counts as it is written");
        return vec![Item::new(written), Item::new(delays(schedule))];
    };
    let (min, max) = (duration(schedule.min), duration(schedule.max));
    vec![
        Item::new(format!(
            "{from}: looks at {} after the submit, {} in all",
            first_of(learned.times()),
            learned.times().count()
        )),
        Item::new(format!(
            "a job that takes longer than any of them is looked at from {min} to {max} apart, ever more seldom"
        )),
        Item::new(
            "where long times lie between two looks, one wait in 16 looks once more, so that a change is noticed",
        ),
    ]
}

fn how_many(integration: &Integration, times: &[Duration]) -> String {
    let within_hour = times.iter().filter(|time| **time <= HOUR).count();
    let mut texts = Vec::new();
    if integration.deadline > HOUR {
        texts.push(format!("about {} in the first hour", count(within_hour, "look")));
    }
    texts.push(format!(
        "about {} until the deadline after {}",
        count(times.len(), "look"),
        duration(integration.deadline)
    ));
    format!("{}, and the one as the wait is closed", list(&texts, "and"))
}

/// The `[limits]` section in words.
pub(super) fn limits(limits: &Limits) -> Vec<Item> {
    let mut items = Vec::new();
    items.extend(limits.in_flight.map(|most| {
        let jobs = count(usize::from(most), "job");
        Item::new(format!(
            "{jobs} at a time; a submit beyond them stands in line for hours, then fails with AtCapacity"
        ))
    }));
    items.extend(limits.interval.map(|interval| {
        Item::new(format!("{}; after a quiet second, as many as a second allows may go at once", rate(interval)))
    }));
    if limits.breaker {
        items.push(Item::new(format!(
            "after {FAILURES_TO_OPEN} requests in a row without an answer, or with 5xx, everybody stays away for a while"
        )));
    }
    items.push(Item::new(format!("counted for all executions together, under the name {}", limits.group)));
    items
}

/// A rate by the time between two requests.
fn rate(interval: Duration) -> String {
    if interval >= Duration::from_secs(1) {
        return format!("one request in {}", duration(interval));
    }
    let micros = interval.as_micros().max(1);
    let tenths = (10_000_000 + micros / 2) / micros;
    format!("{}.{} requests a second", tenths / 10, tenths % 10)
}

/// How a wait ends that nothing else ended.
pub(super) fn end(integration: &Integration) -> Vec<Item> {
    let called_off = match &integration.cancel {
        Some(_) => "it is called off",
        None => "it runs on, as there is no [cancel]",
    };
    vec![
        Item::new(format!("after {}, or when the execution's own error gives it up", duration(integration.deadline))),
        Item::new(format!("the job is looked at once more; if it is done, that counts; if not, {called_off}")),
        Item::new("the request then fails with DeadlinePassed, or with the error that gave it up"),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_told_as_files_write_them() {
        let rates = [100_000_000, 1_250_000, 769_230, 66_666].map(|us| rate(Duration::from_micros(us)));
        let expected =
            ["one request in 1m 40s", "one request in 1s 250ms", "1.3 requests a second", "15.0 requests a second"];
        assert_eq!(rates, expected);
    }
}
