//! Which of two ways of polling costs less, for `engine = "auto"`.
//!
//! The nested engine is paid for by the wait: each round is an Express execution,
//! each look an invocation, each way out of a round and back three transitions.
//! The pooled engine is paid for by the look: the reconciler runs once a minute
//! anyhow, and looks at hundreds of jobs at a time; a thousand waits are taken to be
//! open, and counted as they are for whoever reads the costs ([`together`]). It looks no more often than
//! once a minute, so it is no choice where the schedule asks for more and the
//! minute counts.

use super::pooled::GRANULARITY;
use crate::cost::{Architecture, JobEnds, Prices, together};
use crate::integration::{Integration, Strategy};
use std::time::Duration;

/// A wait that is expected to last for longer is a long one, half an hour: that its
/// end is known up to a minute later is three percent of it.
const LONG: Duration = Duration::from_mins(30);

/// The way that costs less for a job that ends when it is expected to.
#[must_use]
pub fn choose(integration: &Integration) -> Strategy {
    let looks_too_seldom = integration.expected <= LONG && asks_more_often(integration);
    let cost = |strategy| {
        let by_it = Integration { strategy, ..integration.clone() };
        // More looks than can be counted cost more than can be wished for.
        together(&by_it, JobEnds::After(integration.expected))
            .map_or(u64::MAX, |(_, usage)| usage.nano_dollars(&Prices::default(), Architecture::default()))
    };
    let (nested, pooled) = (cost(Strategy::Poll), cost(Strategy::Pooled));
    if pooled < nested && !looks_too_seldom { Strategy::Pooled } else { Strategy::Poll }
}

/// Whether the schedule asks for looks less than a minute apart when the job is
/// expected to end.
fn asks_more_often(integration: &Integration) -> bool {
    let schedule = &integration.schedule;
    if let Some(learned) = schedule.learned() {
        let around = learned.behind(integration.expected);
        return around.at.saturating_sub(around.before) < GRANULARITY;
    }
    let mut at = schedule.first;
    for delay in schedule.growing() {
        if at >= integration.expected || delay >= GRANULARITY {
            return delay < GRANULARITY;
        }
        at = at.saturating_add(delay);
    }
    schedule.max < GRANULARITY
}

#[cfg(test)]
#[path = "engine_tests.rs"]
mod tests;
