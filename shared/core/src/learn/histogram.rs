//! How long an integration's jobs took, in little room.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::time::Duration;

/// Buckets in each doubling at the finest: nearly constant durations of five
/// minutes are told apart by two seconds, which is finer than looks are apart.
const FINEST: u32 = 128;

/// Buckets in each doubling at the coarsest: 25 doublings of 8 fit [`MAX_BUCKETS`].
const COARSEST: u32 = 8;

/// The most buckets with a count, 256: as text about 4 KB. Where durations are
/// spread wider, buckets are merged in pairs, which leaves a spread as wide as
/// that described as well as before.
const MAX_BUCKETS: usize = 256;

/// The hundredths by which an observation counts: one that is known to an
/// interval only is spread over buckets in whole hundredths.
pub(super) const UNITS: u32 = 100;

/// Once so many observations are held, all counts are halved: what a vendor did
/// 1,024 jobs ago counts half of what it does now, and the 512 that are left
/// still tell a duration that one job in a hundred has.
const MAX_OBSERVATIONS: u32 = 1_024;

/// The shortest duration that is told apart, one second, in milliseconds: looks
/// are no nearer to each other.
const SHORTEST_MS: u64 = 1_000;

/// The longest, 365 days, in milliseconds: no wait's deadline is farther away.
const LONGEST_MS: u64 = 365 * 24 * 3_600 * 1_000;

/// In how many parts an interval is cut where nothing is known of what happened within it.
const PARTS: u64 = 16;

/// How long an integration's jobs took, counted in buckets whose bounds grow by
/// a constant share.
///
/// Counts are exact hundredths of an observation. There are at most 256 buckets
/// and 1,024 observations, of which older ones fade. As text it is
/// `128 per doubling, 4m 58s: 12.5, 5m: 30`: each bucket by its upper bound.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Histogram {
    /// Buckets in each doubling, a power of two.
    per_doubling: u32,
    /// Hundredths of observations by bucket.
    units: BTreeMap<u32, u32>,
}

impl Default for Histogram {
    fn default() -> Self {
        Self { per_doubling: FINEST, units: BTreeMap::new() }
    }
}

impl Histogram {
    /// An empty one whose buckets are as wide as `per_doubling` says, if that is one of the widths there are.
    pub(super) fn with_resolution(per_doubling: u32) -> Option<Self> {
        let known = per_doubling.is_power_of_two() && (COARSEST..=FINEST).contains(&per_doubling);
        known.then(|| Self { per_doubling, ..Self::default() })
    }

    /// Counts a job that ended within `ended`, measured from its submit.
    ///
    /// Where the vendor tells when the job ended, both ends are that duration.
    /// Otherwise they are the last look that found it pending and the one that
    /// found its end; what lies between gets its share by what was seen there
    /// before and, as one more observation, by its length. A range that runs
    /// backwards, as clocks may have it, counts where it ends.
    pub fn observe(&mut self, ended: RangeInclusive<Duration>) {
        let (after, by) = (milliseconds(*ended.start()), milliseconds(*ended.end()));
        if after >= by {
            self.add(self.bucket(by), UNITS);
        } else {
            self.spread(after, by);
        }
        self.settle();
    }

    /// Adds what another one has seen; the order makes no difference.
    #[must_use]
    pub fn merge(&self, other: &Self) -> Self {
        let (mut merged, mut finer) = (self.clone(), other.clone());
        while finer.per_doubling != merged.per_doubling {
            if finer.per_doubling > merged.per_doubling { finer.coarsen() } else { merged.coarsen() }
        }
        for (bucket, units) in finer.units {
            merged.add(bucket, units);
        }
        merged.settle();
        merged
    }

    /// How many observations are held, those that faded left out.
    #[must_use]
    pub fn observations(&self) -> u32 {
        u32::try_from(self.total() / u64::from(UNITS)).unwrap_or(u32::MAX)
    }

    /// The least time within which so many of a thousand jobs ended; `None` where
    /// none is held. It is exact to a bucket, which is taken by its upper bound.
    #[must_use]
    pub fn quantile(&self, permille: u32) -> Option<Duration> {
        let wanted = (self.total() * u64::from(permille.min(1_000))).div_ceil(1_000).max(1);
        let mut ended = 0;
        self.buckets().find_map(|(_, upper, units)| {
            ended += u64::from(units);
            (ended >= wanted).then(|| Duration::from_millis(upper))
        })
    }

    /// The least and the most that a bucket's jobs took, in milliseconds, and its hundredths of observations, ascending.
    pub(super) fn buckets(&self) -> impl Iterator<Item = (u64, u64, u32)> {
        self.units.iter().map(|(bucket, units)| (self.lower(*bucket), self.upper(*bucket), *units))
    }

    /// Buckets in each doubling.
    pub(super) fn per_doubling(&self) -> u32 {
        self.per_doubling
    }

    /// Counts `units` hundredths at `duration`, without fading anything.
    pub(super) fn put(&mut self, duration: Duration, units: u32) {
        self.add(self.bucket(milliseconds(duration)), units);
    }

    /// Fades and merges until the bounds are kept.
    pub(super) fn settle(&mut self) {
        while self.total() > u64::from(MAX_OBSERVATIONS * UNITS) {
            self.units.retain(|_, units| {
                *units /= 2;
                *units > 0
            });
        }
        while self.units.len() > MAX_BUCKETS && self.per_doubling > COARSEST {
            self.coarsen();
        }
    }

    fn total(&self) -> u64 {
        self.units.values().copied().map(u64::from).sum()
    }

    fn add(&mut self, bucket: u32, units: u32) {
        if units > 0 {
            let held = self.units.entry(bucket).or_default();
            *held = held.saturating_add(units);
        }
    }

    /// One observation over an interval: in proportion to what its buckets hold
    /// already, with one observation more spread evenly over it.
    fn spread(&mut self, after: u64, by: u64) {
        let mut shares: BTreeMap<u32, u64> = BTreeMap::new();
        // Shares are counted in millionths of a hundredth, so that a part of a bucket has one.
        for (low, high, units) in self.buckets() {
            let overlap = high.min(by).saturating_sub(low.max(after));
            let share = u64::from(units) * (overlap * 1_000_000 / (high - low).max(1));
            *shares.entry(self.bucket(high)).or_default() += share;
        }
        for part in 1..=PARTS {
            let within = after + (by - after) * part / PARTS;
            *shares.entry(self.bucket(within)).or_default() += u64::from(UNITS) * 1_000_000 / PARTS;
        }
        let sum: u128 = shares.values().copied().map(u128::from).sum();
        let (mut so_far, mut given) = (0_u128, 0_u32);
        for (bucket, share) in shares {
            so_far += u128::from(share);
            let due = u32::try_from(so_far * u128::from(UNITS) / sum.max(1)).unwrap_or(UNITS);
            self.add(bucket, due - given);
            given = due;
        }
    }

    /// Merges the buckets in pairs.
    fn coarsen(&mut self) {
        self.per_doubling /= 2;
        let mut merged = BTreeMap::new();
        for (bucket, units) in std::mem::take(&mut self.units) {
            let held: &mut u32 = merged.entry(bucket / 2).or_default();
            *held = held.saturating_add(units);
        }
        self.units = merged;
    }

    /// The bucket of a duration; each takes its upper bound and not its lower.
    fn bucket(&self, ms: u64) -> u32 {
        let below = ms.min(LONGEST_MS).saturating_sub(1).max(SHORTEST_MS);
        let doubling = (below / SHORTEST_MS).ilog2();
        let base = SHORTEST_MS << doubling;
        let within = (below - base) * u64::from(self.per_doubling) / base;
        doubling * self.per_doubling + u32::try_from(within).unwrap_or(0)
    }

    /// The lower bound of a bucket in milliseconds; the first one's is 0.
    fn lower(&self, bucket: u32) -> u64 {
        if bucket == 0 { 0 } else { self.bound(bucket) }
    }

    fn upper(&self, bucket: u32) -> u64 {
        self.bound(bucket + 1)
    }

    fn bound(&self, bucket: u32) -> u64 {
        let base = SHORTEST_MS << (bucket / self.per_doubling);
        let within = u64::from(self.per_doubling + bucket % self.per_doubling);
        (base * within).div_ceil(u64::from(self.per_doubling))
    }
}

fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(LONGEST_MS).min(LONGEST_MS)
}
