//! One listener: how it is started, and what was measured of it.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use stepwait_local::runtime::{Environment, Invocation, LISTENER_LIMIT};

use super::super::spread::Spread;
use crate::Trouble;

/// A listener.
#[derive(Debug)]
pub(super) struct Rival {
    /// What is said of it.
    pub(super) name: &'static str,
    /// Whether it finds tokens in a table of its own, by the job's id.
    pub(super) is_plain: bool,
    pub(super) bootstrap: PathBuf,
    pub(super) variables: BTreeMap<String, String>,
    pub(super) measured: Measured,
}

/// What was measured.
#[derive(Clone, Debug, Default)]
pub(super) struct Measured {
    pub(super) zipped_bytes: u64,
    pub(super) starts: Vec<Begun>,
    /// Each invocation of an environment that has had many.
    pub(super) warm: Vec<Duration>,
    /// The time on a core of all of these.
    pub(super) warm_on_core: Duration,
    /// Calls of DynamoDB and Step Functions of all of these.
    pub(super) warm_calls: u64,
    /// From the first event handed over to the last answer of each round.
    pub(super) warm_lasted: Duration,
    pub(super) peak_memory_bytes: u64,
    /// Deliveries a second to several environments at once.
    pub(super) at_once_per_second: f64,
    /// Deliveries, answers with status 200, and tasks that have their own job's result.
    pub(super) deliveries: usize,
    pub(super) accepted: usize,
    pub(super) resumed: usize,
}

/// One start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Begun {
    /// Until it asked for its first invocation.
    pub(super) ready: Duration,
    /// Until the first answer was there.
    pub(super) answered: Duration,
    /// The first invocation.
    pub(super) first: Duration,
    /// The time on a core of all that.
    pub(super) on_core: Duration,
}

impl Rival {
    pub(super) async fn start(&self) -> Result<Environment, Trouble> {
        Ok(Environment::start(&self.bootstrap, &self.variables, LISTENER_LIMIT).await?)
    }
}

impl Begun {
    pub(super) fn of(environment: &Environment, first: &Invocation) -> Self {
        let times = environment.start_times();
        Self {
            ready: times.ready,
            answered: times.answered.unwrap_or_default(),
            first: first.took,
            on_core: environment.time_on_core().unwrap_or_default(),
        }
    }
}

impl Measured {
    /// One of a start's times, over all starts.
    pub(super) fn start(&self, time: impl Fn(&Begun) -> Duration) -> Spread {
        Spread::of(self.starts.iter().map(time))
    }

    pub(super) fn warm_spread(&self) -> Spread {
        Spread::of(self.warm.iter().copied())
    }

    /// The time on a core of a warm invocation, on average.
    pub(super) fn warm_on_core_each(&self) -> Duration {
        let count = u32::try_from(self.warm.len()).unwrap_or(u32::MAX);
        self.warm_on_core.checked_div(count).unwrap_or_default()
    }

    /// Warm invocations a second, one after the other.
    pub(super) fn per_second(&self) -> f64 {
        let count = f64::from(u32::try_from(self.warm.len()).unwrap_or(u32::MAX));
        count / self.warm_lasted.as_secs_f64().max(f64::EPSILON)
    }

    /// Calls of DynamoDB and Step Functions for each delivery.
    pub(super) fn calls_each(&self) -> u64 {
        self.warm_calls.checked_div(u64::try_from(self.warm.len()).unwrap_or(u64::MAX)).unwrap_or(0)
    }
}
