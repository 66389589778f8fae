//! What looking as the file is written takes, and what looking where jobs end does.

use std::time::Duration;

use stepwait_core::cost::{self, Architecture, JobEnds, Prices};
use stepwait_core::integration::{Integration, Schedule, Strategy};
use stepwait_core::learn::{Histogram, LEAST_OBSERVATIONS, Learning, Plan};

/// The durations that stand for all where costs are calculated, in thousandths of
/// the jobs: twenty, each in the middle of its part.
const DURATIONS: std::ops::Range<u32> = 0..20;

/// What looking takes, on average.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Figures {
    /// Looks at a job, the one that finds its end included.
    pub(super) looks: f64,
    /// From a job's end to the look that finds it, in milliseconds.
    pub(super) delay_ms: u64,
    /// What a thousand waits cost, in nano-dollars; `None` if a wait has too many looks to count.
    pub(super) nano_dollars: Option<u64>,
}

/// Both, for jobs like those that are known.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Comparison {
    pub(super) as_written: Figures,
    pub(super) learned: Figures,
}

/// Why there is nothing to compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AsWritten {
    /// Too few jobs are known.
    TooFew,
    /// No look is saved.
    SavesNothing,
    /// Nobody looks by the schedule.
    Webhook,
}

impl AsWritten {
    /// Why the schedule counts as it is written.
    pub(super) fn reason(self) -> String {
        match self {
            Self::TooFew => format!("until {LEAST_OBSERVATIONS} jobs are known, the schedule counts as it is written"),
            Self::SavesNothing => "learning saves no look here, so the schedule counts as it is written".to_owned(),
            Self::Webhook => {
                "a webhook tells when a job has ended; what was learned counts where strategy = \"poll\"".to_owned()
            }
        }
    }
}

/// What both take, if earlier jobs are known by `learning`.
pub(super) fn compare(integration: &Integration, learning: &Learning) -> Result<Comparison, AsWritten> {
    if integration.strategy == Strategy::Callback {
        return Err(AsWritten::Webhook);
    }
    let written = integration.looks().as_written();
    let jobs = learning.jobs();
    if jobs.observations() < LEAST_OBSERVATIONS {
        return Err(AsWritten::TooFew);
    }
    let plan = Plan::of(jobs, &written, learning.promptness());
    if matches!(plan, Plan::Backoff(_)) {
        return Err(AsWritten::SavesNothing);
    }
    let figures = |plan: &Plan, schedule: Schedule| {
        let expected = plan.expected(jobs).unwrap_or_default();
        let delay = Duration::try_from_secs_f64(expected.delay_s).unwrap_or_default();
        let integration = Integration { schedule, ..integration.clone() };
        Figures {
            looks: expected.checks,
            delay_ms: u64::try_from(delay.as_millis()).unwrap_or(u64::MAX),
            nano_dollars: nano_dollars(&integration, jobs),
        }
    };
    let learns = Schedule { learning: Some(learning.clone()), ..integration.schedule.clone() };
    Ok(Comparison {
        as_written: figures(&Plan::Backoff(written), integration.schedule.as_written()),
        learned: figures(&plan, learns),
    })
}

/// What a thousand waits cost whose jobs take as long as those that are known.
fn nano_dollars(integration: &Integration, jobs: &Histogram) -> Option<u64> {
    let (prices, mut sum) = (Prices::default(), 0_u64);
    let count = DURATIONS.end - DURATIONS.start;
    for place in DURATIONS {
        let took = jobs.quantile((2 * place + 1) * 1_000 / (2 * count))?;
        let (_, usage) = cost::together(integration, JobEnds::After(took)).ok()?;
        sum = sum.saturating_add(usage.nano_dollars(&prices, Architecture::default()));
    }
    Some(sum / u64::from(count))
}
