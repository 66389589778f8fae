//! Many seeds, on all cores.

use crate::coverage::Coverage;
use crate::mistake::Mistake;
use crate::oracle::Broken;
use crate::run::run;
use crate::trace::Keep;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// How many seeds a thread runs before it tells of them.
const BATCH: u64 = 16;

/// How often whoever watches is told.
const TICK: Duration = Duration::from_millis(100);

/// Until when seeds are run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Until {
    /// So many seeds were run.
    Seeds(u64),
    /// So much time has passed.
    Time(Duration),
}

/// What came of many seeds.
#[derive(Clone, Debug, Default)]
pub struct Total {
    /// How many seeds were run.
    pub seeds: u64,
    /// How many waits they had.
    pub waits: u64,
    /// How long they went on, in virtual milliseconds.
    pub virtual_ms: u64,
    /// How long that took.
    pub took: Duration,
    /// What happened.
    pub coverage: Coverage,
    /// The first seed that was found to break a rule. Others may, too.
    pub broken: Option<(u64, Broken)>,
}

/// Runs the seeds from `from` on, until a rule is broken or enough was run; tells
/// `watch` from time to time how far it is. `threads` is 1 at least.
pub fn many(from: u64, until: Until, threads: usize, mistake: Option<Mistake>, watch: &mut dyn FnMut(&Total)) -> Total {
    let began = Instant::now();
    let (next, is_over) = (AtomicU64::new(from), AtomicBool::new(false));
    let end = match until {
        Until::Seeds(seeds) => from.saturating_add(seeds),
        Until::Time(_) => u64::MAX,
    };
    let total = Mutex::new(Total::default());
    let batch = || {
        let first = next.fetch_add(BATCH, Ordering::Relaxed);
        let mut of_batch = Total::default();
        for seed in first..first.saturating_add(BATCH).min(end) {
            let outcome = run(seed, mistake, Keep::Nothing);
            of_batch.seeds += 1;
            of_batch.waits += outcome.waits;
            of_batch.virtual_ms += outcome.took_ms;
            of_batch.coverage.add(&outcome.coverage);
            if let Some(broken) = outcome.broken {
                of_batch.broken = Some((seed, broken));
                is_over.store(true, Ordering::Relaxed);
                break;
            }
        }
        total.lock().unwrap_or_else(PoisonError::into_inner).add(of_batch);
        first.saturating_add(BATCH) < end && !is_over.load(Ordering::Relaxed)
    };
    thread::scope(|scope| {
        let workers: Vec<_> = (0..threads.max(1)).map(|_| scope.spawn(|| while batch() {})).collect();
        while workers.iter().any(|worker| !worker.is_finished()) {
            thread::sleep(TICK);
            let mut so_far = total.lock().unwrap_or_else(PoisonError::into_inner).clone();
            so_far.took = began.elapsed();
            watch(&so_far);
            if matches!(until, Until::Time(time) if so_far.took >= time) {
                is_over.store(true, Ordering::Relaxed);
            }
        }
    });
    let mut total = total.into_inner().unwrap_or_else(PoisonError::into_inner);
    total.took = began.elapsed();
    total
}

impl Total {
    fn add(&mut self, other: Self) {
        self.seeds += other.seeds;
        self.waits += other.waits;
        self.virtual_ms += other.virtual_ms;
        self.coverage.add(&other.coverage);
        // The smallest seed of those that are at hand.
        self.broken = match (self.broken.take(), other.broken) {
            (Some(mine), Some(other)) => Some(if other.0 < mine.0 { other } else { mine }),
            (mine, other) => mine.or(other),
        };
    }
}
