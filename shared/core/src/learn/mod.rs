//! A schedule that learns: when to look at a job, from how long those before it took.
//!
//! Each look costs, and each second between a job's end and the look that finds
//! it is a delay. A backoff knows nothing of the job: it looks often in the
//! beginning, when no job of this vendor has ever ended, and seldom when most
//! do. Whoever knows how long jobs take can look when they end. This is the
//! inspection problem of operations research, and it has an exact answer.
//!
//! 1. [`Histogram`] counts how long jobs took, known exactly or between two looks.
//! 2. It is smoothed to a distribution, in which what was never seen has its share.
//! 3. [`Plan::of`] finds the times with the fewest looks for a mean delay, by
//!    default that of the backoff it replaces.
//!
//! Until there are [`LEAST_OBSERVATIONS`], and beyond all that was seen, the
//! schedule as written counts. A plan is a function of the file alone, the same on
//! every machine, and is made when the file is bundled: functions read its times.
//! There is no state beside it, and looks that came late or that the vendor asked
//! to delay leave it valid, since it goes by the time since the submit.
//!
//! [`Learning`] is what an integration file holds of it, and `stepwait learn`
//! writes, from what [`took()`] tells of each wait's row.

mod backoff;
mod durations;
mod histogram;
mod learning;
mod legs;
mod optimum;
mod plan;
mod sequence;
mod text;
mod text_of_plan;
mod took;

pub use durations::Expected;
pub use histogram::Histogram;
pub use learning::Learning;
pub use plan::{LEAST_OBSERVATIONS, Learned, Plan, Promptness};
pub use text::HistogramError;
pub use took::{Took, took};

#[cfg(test)]
mod tests;
