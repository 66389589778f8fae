//! How long the next job takes, as far as can be told from those before.
//!
//! All arithmetic is on `f64` with the four operations and the square root
//! only, which IEEE 754 rounds in one way everywhere: no logarithm, no power.
//! The same histogram therefore gives the same plan on every machine.

use super::histogram::{Histogram, UNITS};

/// A distribution of durations, with a constant density between any two edges.
#[derive(Clone, Debug)]
pub(super) struct Durations {
    /// Where the density changes, in seconds; begins with 0.
    edges: Vec<f64>,
    /// The share of jobs that ended by each edge.
    ended: Vec<f64>,
    /// The mean duration of those, times their share.
    moment: Vec<f64>,
}

/// What is known of the jobs that ended by some time.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Ended {
    /// Their share of all.
    pub(super) share: f64,
    /// Their mean duration in seconds, times their share.
    pub(super) moment: f64,
}

/// What a schedule costs and brings, on average.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Expected {
    /// Looks at a job, the one that finds its end included.
    pub checks: f64,
    /// Seconds from a job's end to the look that finds it.
    pub delay_s: f64,
}

impl Durations {
    /// What the histogram tells of the next job; `None` where it has seen none.
    ///
    /// Each bucket is spread over its surroundings, as far as it takes to meet as
    /// many observations as the square root of all, on the side where they are
    /// denser: what is only chance in neighbouring buckets is smoothed, and a
    /// gap between two kinds of jobs stays a gap.
    ///
    /// The next of *n* + 1 jobs is as likely as any other to be the shortest or
    /// the longest of them. So one share in *n* + 1 lies below all that was
    /// seen, spread evenly, and one above it, thinned out by half with each
    /// doubling up to the eightfold.
    #[expect(clippy::cast_precision_loss, reason = "milliseconds of a year and 256 buckets are exact in f64")]
    pub(super) fn of(jobs: &Histogram) -> Option<Self> {
        let buckets: Vec<Bucket> = jobs
            .buckets()
            .map(|(low, high, units)| Bucket {
                low: low as f64 / 1_000.0,
                high: high as f64 / 1_000.0,
                jobs: f64::from(units) / f64::from(UNITS),
            })
            .collect();
        let seen: f64 = buckets.iter().map(|bucket| bucket.jobs).sum();
        let wanted = seen.sqrt();
        let spread: Vec<Bucket> = (0..buckets.len()).filter_map(|at| smoothed(&buckets, at, wanted)).collect();
        let shortest = spread.iter().map(|part| part.low).reduce(f64::min)?;
        let longest = spread.iter().map(|part| part.high).reduce(f64::max)?;
        let mut parts = spread;
        if shortest > 0.0 {
            parts.push(Bucket { low: 0.0, high: shortest, jobs: seen / (seen + 1.0) });
        }
        for (from, to, share) in [(1.0, 2.0, 0.5), (2.0, 4.0, 0.25), (4.0, 8.0, 0.25)] {
            parts.push(Bucket { low: longest * from, high: longest * to, jobs: share * seen / (seen + 1.0) });
        }
        Some(Self::from_parts(&parts))
    }

    /// Adds up what lies over each other; the shares need not add up to 1.
    pub(super) fn from_parts(parts: &[Bucket]) -> Self {
        let total: f64 = parts.iter().map(|part| part.jobs).sum();
        let mut steps: Vec<(f64, f64)> = parts
            .iter()
            .flat_map(|part| {
                let density = part.jobs / (total * (part.high - part.low));
                [(part.low, density), (part.high, -density)]
            })
            .collect();
        steps.sort_by(|one, other| one.0.total_cmp(&other.0));
        let mut all = Self { edges: vec![0.0], ended: vec![0.0], moment: vec![0.0] };
        let (mut edge, mut density, mut ended) = (0.0, 0.0_f64, Ended::default());
        for (to, change) in steps {
            if to > edge {
                let share = density.max(0.0) * (to - edge);
                ended = Ended { share: ended.share + share, moment: ended.moment + share * (to + edge) / 2.0 };
                all.edges.push(to);
                all.ended.push(ended.share);
                all.moment.push(ended.moment);
                edge = to;
            }
            density += change;
        }
        all
    }

    /// Where the density changes, in seconds.
    pub(super) fn edges(&self) -> &[f64] {
        &self.edges
    }

    /// The longest duration, in seconds.
    pub(super) fn longest(&self) -> f64 {
        self.edges.last().copied().unwrap_or_default()
    }

    /// What ended by `time`, in seconds.
    pub(super) fn by(&self, time: f64) -> Ended {
        let next = self.edges.partition_point(|edge| *edge <= time);
        let last = next.saturating_sub(1);
        let at = Ended { share: self.ended[last], moment: self.moment[last] };
        let Some(edge) = self.edges.get(next) else { return at };
        let part = (time - self.edges[last]) / (edge - self.edges[last]);
        let share = (self.ended[next] - at.share) * part;
        Ended { share: at.share + share, moment: at.moment + share * (time + self.edges[last]) / 2.0 }
    }

    /// What a look at `to` costs and brings that follows one at `from`.
    pub(super) fn look(from: Ended, to: Ended, to_s: f64) -> Expected {
        let delay_s = to_s * (to.share - from.share) - (to.moment - from.moment);
        Expected { checks: (1.0 - from.share).max(0.0), delay_s: delay_s.max(0.0) }
    }

    /// What looks at these times cost and bring, up to the last of them.
    pub(super) fn expected(&self, times: impl IntoIterator<Item = f64>) -> Expected {
        let (mut sum, mut from) = (Expected::default(), Ended::default());
        for time in times {
            let to = self.by(time);
            sum = sum.plus(Self::look(from, to, time));
            from = to;
        }
        sum
    }
}

impl Expected {
    pub(super) fn plus(self, other: Self) -> Self {
        Self { checks: self.checks + other.checks, delay_s: self.delay_s + other.delay_s }
    }
}

/// So many jobs took more than `low` and at most `high` seconds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bucket {
    pub(super) low: f64,
    pub(super) high: f64,
    pub(super) jobs: f64,
}

/// A bucket, spread until `wanted` jobs lie on its denser side.
fn smoothed(buckets: &[Bucket], at: usize, wanted: f64) -> Option<Bucket> {
    let own = buckets.get(at)?;
    let middle = (own.low + own.high) / 2.0;
    let reach = |others: &mut dyn Iterator<Item = &Bucket>| {
        let mut met = own.jobs / 2.0;
        if met >= wanted {
            return Some(0.0);
        }
        for other in others {
            met += other.jobs;
            if met >= wanted {
                return Some(((other.low + other.high) / 2.0 - middle).abs());
            }
        }
        None
    };
    let left = reach(&mut buckets[..at].iter().rev());
    let right = reach(&mut buckets[at + 1..].iter());
    let reached = match (left, right) {
        (Some(left), Some(right)) => left.min(right),
        (one, other) => one.or(other).unwrap_or_default(),
    };
    let half = reached.max((own.high - own.low) / 2.0);
    Some(Bucket { low: (middle - half).max(0.0), high: middle + half, jobs: own.jobs })
}
