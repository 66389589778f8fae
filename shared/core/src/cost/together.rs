//! Waits of which many are open at a time, with what the reconciler takes for them.

use super::assumed::INVOCATION;
use super::reconciler::{Load, MONTH_MS, share};
use super::walk::milliseconds;
use super::{Course, End, JobEnds, TooManyLooks, Usage, course};
use crate::integration::{Integration, Strategy};

/// How many waits are counted together, and are open at a time: a thousand, so that
/// the reconciler, which runs whether there is work or not, is a small part of each.
pub const TOGETHER: u64 = 1_000;

/// How so many waits go in the main workflow, and what they take, the reconciler's
/// part included, if a new one begins whenever one ends.
///
/// # Errors
/// [`TooManyLooks`].
pub fn together(integration: &Integration, job_ends: JobEnds) -> Result<(End, Usage), TooManyLooks> {
    let Course { end, usage, load } = course(integration, job_ends)?;
    let usage = usage.times(TOGETHER);
    let usage = match integration.strategy {
        // The reconciler is only there in case their workflow dies.
        Strategy::Poll => usage,
        Strategy::Pooled | Strategy::Callback => usage.and(of_reconciler(integration, job_ends, load)),
    };
    Ok((end, usage))
}

fn of_reconciler(integration: &Integration, job_ends: JobEnds, load: Load) -> Usage {
    let lasts = match job_ends {
        JobEnds::After(after) => after.min(integration.deadline),
        JobEnds::Never => integration.deadline,
    };
    let per_month = TOGETHER * MONTH_MS / milliseconds(lasts).max(1);
    let of_all = Load { waits: TOGETHER, listed_ms: load.listed_ms * TOGETHER, looks: load.looks * TOGETHER };
    share(of_all, per_month, INVOCATION)
}
