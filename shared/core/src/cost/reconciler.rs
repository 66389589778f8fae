//! What the reconciler takes, which is shared by all waits that are open.
//!
//! It runs once a minute, whether there is work or not. Each run reads the index
//! of due waits shard by shard, and a wait that a task's token waits for stands in
//! it from its first possible look until its end: once a minute its entry is read,
//! which is what waiting costs here. A look writes nothing, and hundreds are under
//! way at a time, so that they lengthen a run by little.

use super::Usage;
use super::assumed::{ENTRY, ENTRY_BYTES, LOG_BYTES_OF_INVOCATION, LOG_BYTES_OF_LINE, LOOK, PAGE, RECONCILER_MB, RUN};
use super::walk::milliseconds;
use crate::wait::due::{DUE_PAGE, SHARDS};
use std::time::Duration;

/// The month that is counted, 30 days, in milliseconds.
pub const MONTH_MS: u64 = 30 * 24 * 3_600_000;

/// The time between two runs, a minute, as the template has it, in milliseconds.
pub const EVERY_MS: u64 = 60_000;

/// Runs in a month.
const RUNS: u64 = MONTH_MS / EVERY_MS;

/// The looks of a run that are under way at a time, as many as it is made for.
pub const IN_FLIGHT: u64 = 512;

/// The bytes that half a read unit reads: a page of an index is read without consistency.
const BYTES_OF_HALF_UNIT: u64 = 4096;

/// What a number of waits ask of the reconciler.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Load {
    /// How many waits these are.
    pub waits: u64,
    /// How long they stand in its index altogether, in milliseconds.
    pub listed_ms: u64,
    /// How many looks it makes of them.
    pub looks: u64,
}

/// What the reconciler takes for these waits, if so many like them begin in a
/// month, and no others; the looks themselves are counted with their waits.
#[must_use]
pub fn share(load: Load, per_month: u64, look: Duration) -> Usage {
    let in_month = |amount: u64| scaled(amount, per_month, load.waits);
    let entries = in_month(load.listed_ms) / EVERY_MS;
    let looks = in_month(load.looks);
    let sweeps = RUNS * u64::from(SHARDS);
    let (page, per_sweep) = (DUE_PAGE as u64, entries.div_ceil(sweeps));
    // Pages that are full are followed by another.
    let full_pages = entries / sweeps / page;
    // Of a shard that has nothing no place is kept.
    let pages_with_entries = entries.min(sweeps) + full_pages * sweeps;
    let half_units = (per_sweep * ENTRY_BYTES).div_ceil(BYTES_OF_HALF_UNIT).max(1) + full_pages;
    // A run with a look lasts as long as one, and one with hundreds as long as their
    // batches, or as its processor is busy with them.
    let batches = looks.div_ceil(IN_FLIGHT).max(looks.min(RUNS));
    let billed_ms = RUNS * (milliseconds(RUN) + full_pages * milliseconds(PAGE))
        + (entries.min(RUNS)) * milliseconds(PAGE)
        + entries * microseconds(ENTRY) / 1000
        + (batches * milliseconds(look)).max(looks * microseconds(LOOK) / 1000);
    let month = Usage {
        lambda_requests: RUNS,
        lambda_mb_ms: billed_ms * RECONCILER_MB,
        writes: pages_with_entries,
        // Where the last run left off, consistently, and the pages.
        reads: sweeps + (sweeps * half_units).div_ceil(2),
        log_bytes: RUNS * (LOG_BYTES_OF_INVOCATION + LOG_BYTES_OF_LINE),
        ..Usage::default()
    };
    month.part(load.waits, per_month)
}

fn scaled(amount: u64, by: u64, of: u64) -> u64 {
    let scaled = u128::from(amount) * u128::from(by) / u128::from(of.max(1));
    u64::try_from(scaled).unwrap_or(u64::MAX)
}

fn microseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}
