//! The figures of all ways to wait for one third party.

use std::str::FromStr;
use std::time::Duration;

use stepwait_core::cost::assumed::ROUND_MB;
use stepwait_core::cost::{
    Architecture, Durations, EACH_FURTHER_ROUND, Estimate, Party, Prices, WAITS, Waits, Way, estimate,
};
use stepwait_core::decide::round::BreakEven;
use stepwait_core::integration::{Integration, Jitter, Schedule, Strategy};
use stepwait_core::plan::{rounds_allowed, rounds_at_most};

use super::recommend::{Recommendation, recommend};

/// The bounds of an interval, as integration files have them.
const INTERVALS: (Duration, Duration) = (Duration::from_secs(1), Duration::from_hours(24));

/// When a wait without an integration is given up: the longest deadline of a file.
const DEADLINE: Duration = Duration::from_hours(90 * 24);

/// How a job is looked at without an integration, as where a file says nothing.
const SCHEDULE: Interval = Interval { min: Duration::from_secs(2), max: Duration::from_mins(1) };

/// How often the reconciler looks without an integration, as where a file says nothing.
const RECONCILE: Duration = Duration::from_mins(10);

/// The least and the most time between two looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Interval {
    min: Duration,
    max: Duration,
}

impl FromStr for Interval {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let read = |text: &str| {
            let time = humantime::parse_duration(text.trim());
            let time = time.map_err(|error| format!("{text:?} is no duration ({error}); write for example 30s"))?;
            let is_within = time >= INTERVALS.0 && time <= INTERVALS.1;
            if is_within {
                Ok(time)
            } else {
                Err(format!("{text:?} is out of bounds: an interval lies between 1s and 1day"))
            }
        };
        let (min, max) = text.split_once("..").unwrap_or((text, text));
        let (min, max) = (read(min)?, read(max)?);
        if min > max {
            Err(format!("{text:?} runs backwards: write the shorter time first"))
        } else {
            Ok(Self { min, max })
        }
    }
}

impl Interval {
    /// The same time between all looks.
    pub(super) const fn constant(every: Duration) -> Self {
        Self { min: every, max: every }
    }

    /// From the one to the other, doubled from look to look.
    pub(super) const fn growing(min: Duration, max: Duration) -> Self {
        Self { min, max }
    }

    /// The schedule with these intervals, the first one included.
    pub(super) const fn schedule(self, reconcile: Duration) -> Schedule {
        Schedule {
            first: self.min,
            min: self.min,
            max: self.max,
            growth_percent: 200,
            jitter: Jitter::Full,
            checks: None,
            reconcile,
            learning: None,
        }
    }
}

/// What is asked of all third parties alike.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked {
    pub(super) durations: Durations,
    pub(super) per_month: u64,
    pub(super) interval: Option<Interval>,
    pub(super) look: Duration,
    pub(super) architecture: Architecture,
}

/// All ways to wait for one third party.
pub(super) struct Comparison {
    /// The integration's name; absent for any third party.
    pub(super) name: Option<String>,
    /// What is waited for, in words.
    pub(super) title: String,
    pub(super) party: Party,
    pub(super) asked: Asked,
    pub(super) rows: Vec<Row>,
    pub(super) recommended: Option<Recommendation>,
}

/// One way.
pub(super) struct Row {
    pub(super) way: Way,
    pub(super) figures: Result<Figures, String>,
}

/// What a way takes.
pub(super) struct Figures {
    pub(super) estimate: Estimate,
    /// Nano-dollars for the waiting of a million.
    pub(super) waiting: u64,
    /// Nano-dollars for a million with their submit.
    pub(super) whole: u64,
    /// Nano-dollars for a month's.
    pub(super) month: u64,
    /// Why it is not to be recommended though it has figures.
    pub(super) but: Option<&'static str>,
}

impl Comparison {
    /// Compares the ways to wait for an integration, or for any third party.
    pub(super) fn of(integration: Option<&Integration>, asked: &Asked, prices: &Prices) -> Self {
        let mut party = integration.map_or_else(|| Party::plain(SCHEDULE.schedule(RECONCILE), DEADLINE), Party::of);
        if let Some(interval) = asked.interval {
            party.schedule = interval.schedule(party.schedule.reconcile);
        }
        let title = match integration {
            Some(integration) => format!("{}: {}", integration.name, integration.description),
            None => "any third party".to_owned(),
        };
        let row = |way| Row { way, figures: figures(way, integration, &party, asked, prices) };
        let rows: Vec<Row> = Way::ALL.into_iter().map(row).collect();
        let has = integration.map(|integration| Way::of(integration.strategy));
        let recommended = recommend(&rows, &party, asked, has);
        let name = integration.map(|integration| integration.name.as_str().to_owned());
        Self { name, title, party, asked: *asked, rows, recommended }
    }

    /// How jobs are looked at, in words.
    pub(super) fn schedule(&self) -> String {
        let text = |time| humantime::format_duration(time).to_string();
        let Schedule { first, min, max, .. } = self.party.schedule;
        let every =
            if min == max { format!("every {}", text(min)) } else { format!("every {} to {}", text(min), text(max)) };
        let written = if first == min { every } else { format!("after {}, then {every}", text(first)) };
        match self.party.schedule.learned() {
            Some(learned) => {
                let times = learned.times().count();
                format!("at {times} times where earlier jobs ended, and beyond them {written}")
            }
            None => written,
        }
    }
}

/// The figures of a way, or why it cannot be used.
fn figures(
    way: Way,
    integration: Option<&Integration>,
    party: &Party,
    asked: &Asked,
    prices: &Prices,
) -> Result<Figures, String> {
    if way.needs_webhook() && integration.is_some_and(|integration| integration.callback.is_none()) {
        return Err("needs a webhook; the file has no [callback]".to_owned());
    }
    let as_nested = integration.map(|integration| Integration { strategy: Strategy::Poll, ..integration.clone() });
    if way == Way::Nested
        && let Some(nested) = as_nested
        && asked.interval.is_none()
        && rounds_at_most(&nested, BreakEven::default()) > rounds_allowed(&nested, 1)
    {
        return Err("until its deadline it may take more rounds than an execution's history holds".to_owned());
    }
    let waits = Waits { party, durations: &asked.durations, per_month: asked.per_month, look: asked.look };
    let estimate = estimate(way, waits).map_err(|error| error.to_string())?;
    let nano = |usage: stepwait_core::cost::Usage| usage.nano_dollars(prices, asked.architecture);
    let (waiting, whole) = (nano(estimate.waiting), nano(estimate.whole()));
    let month = u128::from(whole) * u128::from(asked.per_month);
    Ok(Figures {
        estimate,
        waiting,
        whole,
        month: u64::try_from(month.div_ceil(u128::from(WAITS))).unwrap_or(u64::MAX),
        but: (way.needs_webhook() && integration.is_none()).then_some("if it sends webhooks"),
    })
}

/// How far away the next look must be for it to be cheaper to leave a round, by
/// these prices, in milliseconds.
pub(super) fn break_even_ms(prices: &Prices) -> u64 {
    prices.break_even_ms(EACH_FURTHER_ROUND.len() as u64, ROUND_MB)
}
