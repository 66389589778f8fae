//! How times are spread.

use std::time::Duration;

/// Half of the times are at most `p50`, 99 of 100 at most `p99`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Spread {
    pub(super) p50: Duration,
    pub(super) p99: Duration,
    pub(super) max: Duration,
}

impl Spread {
    /// By the nearest rank, so that each is a time that was measured; zero of none.
    pub(super) fn of(times: impl IntoIterator<Item = Duration>) -> Self {
        let mut times: Vec<Duration> = times.into_iter().collect();
        times.sort_unstable();
        let rank = |percent: usize| {
            let index = (times.len() * percent).div_ceil(100).saturating_sub(1);
            times.get(index).copied().unwrap_or_default()
        };
        Self { p50: rank(50), p99: rank(99), max: rank(100) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_times_that_were_measured() {
        let millis = Duration::from_millis;
        let spread = Spread::of((1..=200).rev().map(millis));
        assert_eq!(spread, Spread { p50: millis(100), p99: millis(198), max: millis(200) });
        assert_eq!(Spread::of([millis(3)]), Spread { p50: millis(3), p99: millis(3), max: millis(3) });
        assert_eq!(Spread::of([]), Spread::default());
    }
}
