//! What a file says of earlier jobs, and the plans that come of it.

use super::histogram::Histogram;
use super::plan::{Learned, Plan, Promptness};
use crate::Timestamp;
use crate::integration::Schedule;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

/// The most plans that are kept, four: the one for the schedule as it is written
/// and the one by the minute, and two for whoever compares schedules.
const MAX_PLANS: usize = 4;

/// How long earlier jobs took, and how soon after their ends later ones are to be found.
///
/// A plan is made when it is first asked for, and kept for as long as the version
/// of the file is: making one takes milliseconds, and asking it is done at each look.
#[derive(Clone)]
pub struct Learning(Arc<Known>);

struct Known {
    jobs: Histogram,
    promptness: Promptness,
    until: Option<Timestamp>,
    /// By the backoffs that they replace; `None` where learning saves nothing.
    plans: Mutex<Vec<(Schedule, Option<Arc<Learned>>)>>,
}

impl Learning {
    /// What these jobs teach.
    #[must_use]
    pub fn new(jobs: Histogram, promptness: Promptness, until: Option<Timestamp>) -> Self {
        Self(Arc::new(Known { jobs, promptness, until, plans: Mutex::default() }))
    }

    /// How long earlier jobs took.
    #[must_use]
    pub fn jobs(&self) -> &Histogram {
        &self.0.jobs
    }

    /// How soon after its end a job is to be found.
    #[must_use]
    pub fn promptness(&self) -> Promptness {
        self.0.promptness
    }

    /// When the last wait ended whose job is counted.
    #[must_use]
    pub fn until(&self) -> Option<Timestamp> {
        self.0.until
    }

    /// The plan in place of that backoff; `None` where the backoff counts.
    pub(crate) fn plan(&self, backoff: &Schedule) -> Option<Arc<Learned>> {
        // Whoever panicked while he held it left whole plans.
        let mut plans = self.0.plans.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, plan)) = plans.iter().find(|(replaced, _)| replaced == backoff) {
            return plan.clone();
        }
        let plan = match Plan::of(&self.0.jobs, backoff, self.0.promptness) {
            Plan::Learned(learned) => Some(Arc::new(learned)),
            Plan::Backoff(_) => None,
        };
        if plans.len() >= MAX_PLANS {
            plans.remove(0);
        }
        plans.push((backoff.clone(), plan.clone()));
        plan
    }
}

impl PartialEq for Learning {
    fn eq(&self, other: &Self) -> bool {
        let said = |learning: &Self| (learning.0.promptness, learning.0.until);
        said(self) == said(other) && self.0.jobs == other.0.jobs
    }
}

impl Eq for Learning {}

/// Says what the file says, whichever plans were made of it.
impl fmt::Debug for Learning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Learning")
            .field("jobs", &format_args!("\"{}\"", self.0.jobs))
            .field("promptness", &self.0.promptness)
            .field("until", &self.0.until)
            .finish()
    }
}
