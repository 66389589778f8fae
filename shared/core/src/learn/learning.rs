//! What a file says of earlier jobs, and the plans that come of it.

use super::histogram::Histogram;
use super::plan::{Learned, Plan, Promptness};
use crate::Timestamp;
use crate::integration::Schedule;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

/// The most plans that are kept of a file as it is written, four: the one for its
/// schedule and the one by the minute, and two for whoever compares schedules.
const MAX_PLANS: usize = 4;

/// How long earlier jobs took, and how soon after their ends later ones are to be found.
///
/// The plan of a bundled file was made with the bundle. That of a file as it is written
/// is made when it is first asked for, and kept for as long as the version of the file
/// is: making one takes milliseconds, and asking it is done at each look.
#[derive(Clone)]
pub struct Learning(Arc<Known>);

struct Known {
    jobs: Histogram,
    promptness: Promptness,
    until: Option<Timestamp>,
    plans: Plans,
}

/// Plans by the backoffs that they replace; `None` where learning saves nothing.
enum Plans {
    /// Those that were asked for so far.
    WhenAsked(Mutex<Vec<(Schedule, Option<Arc<Learned>>)>>),
    /// The one that was made before, beside which none is ever made.
    Before(Schedule, Option<Arc<Learned>>),
}

impl Learning {
    /// What these jobs teach.
    #[must_use]
    pub fn new(jobs: Histogram, promptness: Promptness, until: Option<Timestamp>) -> Self {
        Self(Arc::new(Known { jobs, promptness, until, plans: Plans::WhenAsked(Mutex::default()) }))
    }

    /// The same, with the plan that was made in place of that backoff, and no other.
    pub(crate) fn planned(&self, backoff: Schedule, plan: Option<Learned>) -> Self {
        let Known { jobs, promptness, until, .. } = &*self.0;
        let plans = Plans::Before(backoff, plan.map(Arc::new));
        Self(Arc::new(Known { jobs: jobs.clone(), promptness: *promptness, until: *until, plans }))
    }

    /// Whether its plan was made before.
    #[must_use]
    pub fn is_planned(&self) -> bool {
        matches!(self.0.plans, Plans::Before(..))
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

    /// The plan in place of that backoff; `None` where the backoff counts, as it does
    /// where a plan was made before in place of another one.
    pub(crate) fn plan(&self, backoff: &Schedule) -> Option<Arc<Learned>> {
        let plans = match &self.0.plans {
            Plans::WhenAsked(plans) => plans,
            Plans::Before(replaced, plan) => return plan.clone().filter(|_| replaced == backoff),
        };
        // Whoever panicked while he held it left whole plans.
        let mut plans = plans.lock().unwrap_or_else(PoisonError::into_inner);
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
