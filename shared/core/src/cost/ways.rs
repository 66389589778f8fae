//! Nine ways to wait, and what a million waits take in each.
//!
//! What is compared is the waiting itself, by states that stand in a workflow of
//! one's own: [`Estimate::waiting`]. A state that only submits is the same in every
//! workflow that has one, and is counted apart ([`Estimate::submit`]): others' loops
//! need one. Ours submit by the states that wait, in a task that holds a token or in
//! the first round of the nested workflow, and are counted with all that their
//! functions do, the submit's time and writes included; others as
//! [`others`](super::others) says.

use super::assumed::INVOCATION;
use super::course::{Begun, called_back, polled, pooled};
use super::durations::QUANTILES;
use super::reconciler::{EVERY_MS, Load, share};
use super::walk::{milliseconds, nominal, pooled_looks};
use super::{Course, Durations, End, JobEnds, Party, TooManyLooks, Usage, others};
use crate::integration::Strategy;
use std::time::Duration;

/// How many waits are estimated together.
pub const WAITS: u64 = 1_000_000;

/// The waits that each quantile of the durations stands for.
const OF_QUANTILE: u64 = WAITS / QUANTILES;

/// A way to wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Way {
    /// A loop of Wait, Task and Choice in the Standard workflow.
    StandardLoop,
    /// A Task of the Standard workflow that is retried until the job has ended.
    RetryLoop,
    /// A nested Express workflow that is left only for its five minutes.
    ExpressOnly,
    /// Ours: a nested Express workflow that is left where waiting in it costs more.
    Nested,
    /// Ours: a task token, and the reconciler that looks at all jobs together.
    Pooled,
    /// A task token that a webhook completes, and nobody if that is lost.
    Callback,
    /// Ours: a task token that a webhook completes, with the reconciler beside it.
    Reconciled,
    /// A Lambda durable function that looks.
    DurablePolling,
    /// A Lambda durable function that a webhook resumes.
    DurableCallback,
}

impl Way {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::StandardLoop,
        Self::RetryLoop,
        Self::ExpressOnly,
        Self::Nested,
        Self::Pooled,
        Self::Callback,
        Self::Reconciled,
        Self::DurablePolling,
        Self::DurableCallback,
    ];

    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::StandardLoop => "standard-loop",
            Self::RetryLoop => "retry-loop",
            Self::ExpressOnly => "express-only",
            Self::Nested => "nested",
            Self::Pooled => "pooled",
            Self::Callback => "callback-alone",
            Self::Reconciled => "callback",
            Self::DurablePolling => "durable-polling",
            Self::DurableCallback => "durable-callback",
        }
    }

    /// What it is, in a few words.
    #[must_use]
    pub const fn describe(self) -> &'static str {
        match self {
            Self::StandardLoop => "Standard loop of Wait, Task, Choice",
            Self::RetryLoop => "Standard Task with Retry",
            Self::ExpressOnly => "nested Express, left at five minutes",
            Self::Nested => "nested Express, left where that is cheaper",
            Self::Pooled => "task token, looked at by the reconciler",
            Self::Callback => "task token and webhook alone",
            Self::Reconciled => "task token and webhook, with reconciler",
            Self::DurablePolling => "Lambda durable function that polls",
            Self::DurableCallback => "Lambda durable function with callback",
        }
    }

    /// The way of an integration.
    #[must_use]
    pub const fn of(strategy: Strategy) -> Self {
        match strategy {
            Strategy::Poll => Self::Nested,
            Strategy::Pooled => Self::Pooled,
            Strategy::Callback => Self::Reconciled,
        }
    }

    /// Whether it is one of ours.
    #[must_use]
    pub const fn is_ours(self) -> bool {
        matches!(self, Self::Nested | Self::Pooled | Self::Reconciled)
    }

    /// Whether the third party must send webhooks.
    #[must_use]
    pub const fn needs_webhook(self) -> bool {
        matches!(self, Self::Callback | Self::Reconciled | Self::DurableCallback)
    }
}

/// What is waited for.
#[derive(Clone, Copy, Debug)]
pub struct Waits<'a> {
    /// The third party.
    pub party: &'a Party,
    /// How long its jobs take.
    pub durations: &'a Durations,
    /// How many waits begin in a month of 30 days.
    pub per_month: u64,
    /// How long an invocation is billed that asks the third party.
    pub look: Duration,
}

impl<'a> Waits<'a> {
    /// These waits, with invocations as long as is assumed.
    #[must_use]
    pub const fn new(party: &'a Party, durations: &'a Durations, per_month: u64) -> Self {
        Self { party, durations, per_month, look: INVOCATION }
    }
}

/// What a million waits take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Estimate {
    /// The waiting itself.
    pub waiting: Usage,
    /// The submit, as far as it is no part of that.
    pub submit: Usage,
    /// How long it takes on average until a job's end is known, in milliseconds.
    pub mean_delay_ms: u64,
    /// The same for one wait in twenty, or longer.
    pub p95_delay_ms: u64,
    /// How many of a thousand waits are given up at their deadline.
    pub given_up_permille: u64,
}

impl Estimate {
    /// All that is counted.
    #[must_use]
    pub fn whole(&self) -> Usage {
        self.waiting.and(self.submit)
    }
}

/// What a million waits take in one way.
///
/// # Errors
/// [`TooManyLooks`], if a single one has more looks than are counted.
pub fn estimate(way: Way, waits: Waits<'_>) -> Result<Estimate, TooManyLooks> {
    let Waits { party, look, per_month, .. } = waits;
    let quantiles = waits.durations.quantiles();
    let ends = || quantiles.iter().map(|ms| JobEnds::After(Duration::from_millis(*ms)));
    let by_time = |of: &dyn Fn(u64, u64) -> Usage| loops(party, &quantiles, of);
    let nobody_asks = |usage: Usage| {
        let known = Course { end: End::Known { after: Duration::ZERO }, usage, load: Load::default() };
        vec![known; quantiles.len()]
    };
    let courses = match way {
        Way::StandardLoop => by_time(&|n, _| others::standard_loop(n, look))?,
        Way::RetryLoop => by_time(&|n, _| others::retry_loop(n, look))?,
        Way::ExpressOnly => by_time(&|n, until| others::express_only(n, until, look))?,
        Way::DurablePolling => by_time(&|n, _| others::durable_polling(n, look))?,
        Way::Callback => nobody_asks(others::callback(look)),
        Way::DurableCallback => nobody_asks(others::durable_callback(look)),
        Way::Nested => polled(party, look, Begun::ByFragment, &ends().collect::<Vec<_>>())?,
        Way::Reconciled => (0..)
            .zip(ends())
            .map(|(n, end)| called_back(party, look, Begun::ByFragment, end, place(n), 2 * QUANTILES))
            .collect(),
        Way::Pooled => {
            let times = pooled_looks(party, last(party, &quantiles))?;
            // Submits come at any time between two runs.
            let run = |n| EVERY_MS * place(n) / (2 * QUANTILES);
            (0..)
                .zip(ends())
                .map(|(n, end)| pooled(party, look, Begun::ByFragment, &times, end, run(n), EVERY_MS))
                .collect()
        }
    };
    let submit = match way {
        Way::StandardLoop | Way::RetryLoop | Way::ExpressOnly => others::submit_by_state(look),
        Way::Callback | Way::DurablePolling | Way::DurableCallback => others::submit_by_function(look),
        Way::Nested | Way::Pooled | Way::Reconciled => Usage::default(),
    };
    let (mut waiting, load) = sum(&courses);
    if matches!(way, Way::Pooled | Way::Reconciled) {
        waiting = waiting.and(share(load, per_month, look));
    }
    Ok(delays(&courses, waiting, submit.times(WAITS)))
}

/// Spreads what goes by chance evenly over the quantiles, each at the middle of a
/// part of its own, so that it has nothing to do with their times: 37 and 200 have
/// no common divisor. Counted in halves of parts.
const fn place(n: u64) -> u64 {
    n * 37 % QUANTILES * 2 + 1
}

/// Until when looks are needed, in milliseconds.
fn last(party: &Party, quantiles: &[u64]) -> u64 {
    quantiles.last().copied().unwrap_or_default().min(milliseconds(party.deadline))
}

/// Waits that end by a look at the times of the schedule, after so many looks and so long.
fn loops(party: &Party, quantiles: &[u64], of: &dyn Fn(u64, u64) -> Usage) -> Result<Vec<Course>, TooManyLooks> {
    let times = nominal(&party.schedule, last(party, quantiles))?;
    let deadline = milliseconds(party.deadline);
    let course = |ends_at: &u64| {
        let before = times.partition_point(|time| time < ends_at);
        match times.get(before).filter(|time| **time <= deadline) {
            Some(at) => {
                let after = Duration::from_millis(at - ends_at);
                Course { end: End::Known { after }, usage: of(before as u64 + 1, *at), load: Load::default() }
            }
            None => Course { end: End::GivenUp, usage: of(before as u64, deadline), load: Load::default() },
        }
    };
    Ok(quantiles.iter().map(course).collect())
}

fn sum(courses: &[Course]) -> (Usage, Load) {
    let load = |load: Load, course: &Course| Load {
        waits: WAITS,
        listed_ms: load.listed_ms + course.load.listed_ms * OF_QUANTILE,
        looks: load.looks + course.load.looks * OF_QUANTILE,
    };
    let usage = courses.iter().fold(Usage::default(), |usage, course| usage.and(course.usage.times(OF_QUANTILE)));
    (usage, courses.iter().fold(Load { waits: WAITS, ..Load::default() }, load))
}

fn delays(courses: &[Course], waiting: Usage, submit: Usage) -> Estimate {
    let known = |course: &Course| match course.end {
        End::Known { after } => Some(milliseconds(after)),
        End::GivenUp => None,
    };
    let mut delays: Vec<u64> = courses.iter().filter_map(known).collect();
    delays.sort_unstable();
    let n = delays.len() as u64;
    let at = usize::try_from((n * 95).div_ceil(100).saturating_sub(1)).unwrap_or(usize::MAX);
    Estimate {
        waiting,
        submit,
        mean_delay_ms: delays.iter().sum::<u64>().checked_div(n).unwrap_or_default(),
        p95_delay_ms: delays.get(at).copied().unwrap_or_default(),
        given_up_permille: (courses.len() as u64 - n) * 1000 / (courses.len() as u64).max(1),
    }
}
