//! Shapes that durations have, by their quantiles.

use super::super::histogram::Histogram;
use std::time::Duration;

/// How long jobs take.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Shape {
    /// About five minutes, with a standard deviation of 2 %.
    NearlyConstant,
    /// Anything from one to ten minutes.
    Uniform,
    /// A median of three minutes, and a standard deviation of the logarithm of 1.
    Lognormal,
    /// The same with 1.6: one job in a hundred takes over two hours.
    HeavyTailed,
    /// Seven of ten take half a minute, three ten minutes, each give or take 10 %.
    Bimodal,
}

impl Shape {
    pub(super) const ALL: [Self; 5] =
        [Self::NearlyConstant, Self::Uniform, Self::Lognormal, Self::HeavyTailed, Self::Bimodal];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::NearlyConstant => "nearly constant",
            Self::Uniform => "uniform",
            Self::Lognormal => "lognormal, σ = 1",
            Self::HeavyTailed => "lognormal, σ = 1.6",
            Self::Bimodal => "bimodal",
        }
    }

    /// The duration in seconds than which `share` of all jobs take less.
    fn quantile(self, normal: &Normal, share: f64) -> f64 {
        match self {
            Self::NearlyConstant => 300.0 * (1.0 + 0.02 * normal.quantile(share)),
            Self::Uniform => 60.0 + 540.0 * share,
            Self::Lognormal => 180.0 * normal.quantile(share).exp(),
            Self::HeavyTailed => 180.0 * (1.6 * normal.quantile(share)).exp(),
            Self::Bimodal if share < 0.7 => 30.0 * (1.0 + 0.1 * normal.quantile(share / 0.7)),
            Self::Bimodal => 600.0 * (1.0 + 0.1 * normal.quantile((share - 0.7) / 0.3)),
        }
    }

    /// `count` durations in seconds that stand for all, ascending, `scale` times as long.
    pub(super) fn quantiles(self, count: u32, scale: f64) -> Vec<f64> {
        let normal = Normal::new();
        let share = |at: u32| (f64::from(at) + 0.5) / f64::from(count);
        (0..count).map(|at| scale * self.quantile(&normal, share(at))).collect()
    }

    /// The durations in seconds of `count` jobs at random.
    pub(super) fn drawn(self, count: u32, scale: f64, seed: u64) -> Vec<f64> {
        let (normal, mut random) = (Normal::new(), Random(seed));
        (0..count).map(|_| scale * self.quantile(&normal, random.share())).collect()
    }

    /// What is learned from `count` jobs at random.
    pub(super) fn learned(self, count: u32, scale: f64, seed: u64) -> Histogram {
        let mut jobs = Histogram::default();
        for took in self.drawn(count, scale, seed).into_iter().map(Duration::from_secs_f64) {
            jobs.observe(took..=took);
        }
        jobs
    }
}

/// The normal distribution, added up in thousandths up to eight standard deviations.
struct Normal(Vec<f64>);

impl Normal {
    fn new() -> Self {
        let mut sum = 0.0;
        let density = |at: i32| (-(f64::from(at) / 1_000.0 + 0.0005).powi(2) / 2.0).exp();
        let sums: Vec<f64> = (-8_000..8_000)
            .map(|at| {
                sum += density(at);
                sum
            })
            .collect();
        Self(sums.into_iter().map(|upto| upto / sum).collect())
    }

    fn quantile(&self, share: f64) -> f64 {
        let at = self.0.partition_point(|upto| *upto < share).min(self.0.len() - 1);
        let before = if at == 0 { 0.0 } else { self.0[at - 1] };
        let within = (share - before) / (self.0[at] - before);
        (f64::from(u32::try_from(at).unwrap()) + within) / 1_000.0 - 8.0
    }
}

/// Random numbers from a seed: splitmix64, public domain.
pub(super) struct Random(pub(super) u64);

impl Random {
    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// From 0 up to 1.
    pub(super) fn share(&mut self) -> f64 {
        f64::from(u32::try_from(self.next() >> 32).unwrap()) / 4_294_967_296.0
    }
}
