//! All chance of one seed.

use fastrand::Rng;

/// The chance of one seed: the same numbers in the same order.
#[derive(Debug)]
pub(crate) struct Chance(Rng);

impl Chance {
    pub(crate) fn of(seed: u64) -> Self {
        Self(Rng::with_seed(seed))
    }

    /// Any number.
    pub(crate) fn any(&mut self) -> u64 {
        self.0.u64(..)
    }

    /// Any 128 bits.
    pub(crate) fn bits(&mut self) -> u128 {
        self.0.u128(..)
    }

    /// At least 0 and below 1.
    pub(crate) fn share(&mut self) -> f64 {
        self.0.f64()
    }

    /// True with that probability.
    pub(crate) fn happens(&mut self, probability: f64) -> bool {
        probability > 0.0 && self.share() < probability
    }

    /// Anything from `least` up to `most`, both included.
    pub(crate) fn between(&mut self, least: u64, most: u64) -> u64 {
        self.0.u64(least..=most.max(least))
    }

    /// The same for times on both sides of zero.
    pub(crate) fn off_by(&mut self, most: i64) -> i64 {
        self.0.i64(-most..=most)
    }

    /// Anything from `least` up to `most`, each order of magnitude as likely as any other.
    pub(crate) fn magnitude(&mut self, least: u64, most: u64) -> u64 {
        let octaves = (most / least.max(1)).max(1).ilog2();
        let floor = least << self.0.u32(0..=octaves);
        self.between(floor, (floor * 2).min(most))
    }

    /// An index below `count`.
    pub(crate) fn index(&mut self, count: usize) -> usize {
        self.0.usize(..count)
    }

    /// One of them.
    pub(crate) fn one<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.index(of.len())]
    }
}
