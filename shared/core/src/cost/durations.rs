//! How long jobs take: one time, or a distribution of times.
//!
//! A distribution is used by its quantiles, so many equally likely times, the same
//! on every machine: what is calculated from them is exact and repeatable. The
//! shape of the lognormal is computed in software floating point and rounded to
//! milliseconds; everything else is whole numbers.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// How many equally likely times stand for a distribution, 200: one in twenty is
/// ten of them, and a million waits are a whole number of each.
pub(super) const QUANTILES: u64 = 200;

/// The shortest job, a second, and the longest, a year: as long as an execution may last.
const BOUNDS_MS: (u64, u64) = (1_000, 365 * 24 * 3_600_000);

/// How long jobs take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durations {
    /// All as long.
    Constant(Duration),
    /// Evenly spread.
    Uniform {
        /// The shortest.
        from: Duration,
        /// The longest.
        to: Duration,
    },
    /// Mostly short, with a long tail: the logarithm is normally distributed.
    Lognormal {
        /// Half are shorter.
        median: Duration,
        /// The standard deviation of the logarithm, in thousandths.
        sigma_thousandths: u32,
    },
    /// Two kinds.
    Bimodal {
        /// Most of them.
        usual: Duration,
        /// The others.
        other: Duration,
        /// How many of a thousand are others.
        others_permille: u32,
    },
}

/// Why a text is no distribution.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DurationsError {
    /// A part of it is no duration.
    #[error("{0:?} is no duration; write for example 30s, 5m or 1h")]
    Duration(String),
    /// A duration that nobody waits for.
    #[error("{0:?} is out of bounds: jobs take between 1s and 365days")]
    Bounds(String),
    /// The longer time comes first.
    #[error("{0:?} runs backwards: write the shorter time first")]
    Backwards(String),
    /// A lognormal without both its parts, or with a spread out of bounds.
    #[error(
        "{0:?} is no lognormal distribution: write lognormal:MEDIAN:SIGMA, with a sigma from 0.01 to 3, such as lognormal:5m:1.0"
    )]
    Lognormal(String),
    /// Two kinds without a share, or with one out of bounds.
    #[error(
        "{0:?} names no two kinds of jobs: write TIME|TIME:SHARE, with the share of the second from 0.005 to 0.995, such as 30s|1h:0.2"
    )]
    Bimodal(String),
}

impl Durations {
    /// The equally likely times, in milliseconds, shortest first.
    #[must_use]
    pub fn quantiles(&self) -> Vec<u64> {
        let places = 0..QUANTILES;
        match *self {
            Self::Constant(time) => places.map(|_| ms(time)).collect(),
            Self::Uniform { from, to } => {
                let width = ms(to) - ms(from);
                places.map(|n| ms(from) + width * (2 * n + 1) / (2 * QUANTILES)).collect()
            }
            Self::Lognormal { median, sigma_thousandths } => {
                places.map(|n| lognormal(ms(median), sigma_thousandths, n)).collect()
            }
            Self::Bimodal { usual, other, others_permille } => {
                let others = (QUANTILES * u64::from(others_permille) + 500) / 1000;
                let mut all: Vec<u64> = places.map(|n| ms(if n < others { other } else { usual })).collect();
                all.sort_unstable();
                all
            }
        }
    }
}

/// The quantile in the middle of the `n`th part.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a time within the bounds has fewer bits than a float, and is positive"
)]
fn lognormal(median_ms: u64, sigma_thousandths: u32, n: u64) -> u64 {
    let place = (2 * n + 1) as f64 / (2 * QUANTILES) as f64;
    let sigma = f64::from(sigma_thousandths) / 1000.0;
    let time = libm::round(median_ms as f64 * libm::exp(sigma * normal_quantile(place)));
    (time.clamp(BOUNDS_MS.0 as f64, BOUNDS_MS.1 as f64)) as u64
}

/// Where the standard normal distribution has `place` of itself below: its
/// distribution function is turned round by halving.
fn normal_quantile(place: f64) -> f64 {
    let below = |z: f64| 0.5 * libm::erfc(-z / std::f64::consts::SQRT_2);
    let (mut low, mut high) = (-8.0, 8.0);
    // 16 halved 60 times is below what a float of that size can tell.
    for _ in 0..60 {
        let middle = f64::midpoint(low, high);
        if below(middle) < place { low = middle } else { high = middle }
    }
    f64::midpoint(low, high)
}

impl FromStr for Durations {
    type Err = DurationsError;

    fn from_str(text: &str) -> Result<Self, DurationsError> {
        let whole = || text.to_owned();
        if let Some(rest) = text.strip_prefix("lognormal:") {
            let (median, sigma) = rest.split_once(':').ok_or_else(|| DurationsError::Lognormal(whole()))?;
            let sigma = thousandths(sigma).filter(|sigma| (10..=3_000).contains(sigma));
            let sigma_thousandths = sigma.ok_or_else(|| DurationsError::Lognormal(whole()))?;
            return Ok(Self::Lognormal { median: time(median)?, sigma_thousandths });
        }
        if let Some((usual, rest)) = text.split_once('|') {
            let (other, share) = rest.split_once(':').ok_or_else(|| DurationsError::Bimodal(whole()))?;
            let share = thousandths(share).filter(|share| (5..=995).contains(share));
            let others_permille = share.ok_or_else(|| DurationsError::Bimodal(whole()))?;
            return Ok(Self::Bimodal { usual: time(usual)?, other: time(other)?, others_permille });
        }
        if let Some((from, to)) = text.split_once("..") {
            let (from, to) = (time(from)?, time(to)?);
            return if from > to { Err(DurationsError::Backwards(whole())) } else { Ok(Self::Uniform { from, to }) };
        }
        time(text).map(Self::Constant)
    }
}

impl fmt::Display for Durations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = humantime::format_duration;
        let decimal = |thousandths: u32| format!("{}.{:03}", thousandths / 1000, thousandths % 1000);
        match *self {
            Self::Constant(time) => write!(f, "{}", text(time)),
            Self::Uniform { from, to } => write!(f, "{} to {}, evenly spread", text(from), text(to)),
            Self::Lognormal { median, sigma_thousandths } => {
                let sigma = decimal(sigma_thousandths);
                write!(
                    f,
                    "{} at the median, lognormal with a sigma of {}",
                    text(median),
                    sigma.trim_end_matches('0').trim_end_matches('.')
                )
            }
            Self::Bimodal { usual, other, others_permille } => {
                write!(
                    f,
                    "{}, and {} in {}.{} % of the cases",
                    text(usual),
                    text(other),
                    others_permille / 10,
                    others_permille % 10
                )
            }
        }
    }
}

fn time(text: &str) -> Result<Duration, DurationsError> {
    let time = humantime::parse_duration(text.trim()).map_err(|_| DurationsError::Duration(text.to_owned()))?;
    let is_within = (BOUNDS_MS.0..=BOUNDS_MS.1).contains(&ms(time));
    if is_within { Ok(time) } else { Err(DurationsError::Bounds(text.to_owned())) }
}

/// A decimal number such as `1.0` or `.25`, in thousandths.
fn thousandths(text: &str) -> Option<u32> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if fraction.len() > 3 || !digits(whole) || !digits(fraction) || (whole.is_empty() && fraction.is_empty()) {
        return None;
    }
    let read = |text: &str| if text.is_empty() { Some(0) } else { text.parse::<u32>().ok() };
    read(whole)?.checked_mul(1000)?.checked_add(read(&format!("{fraction:0<3}"))?)
}

fn ms(duration: Duration) -> u64 {
    super::walk::milliseconds(duration)
}

#[cfg(test)]
#[path = "durations_tests.rs"]
mod tests;
