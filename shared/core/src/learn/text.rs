//! A histogram as text, for a line of a TOML file:
//! `128 per doubling, 4m 58s: 12.5, 5m: 30`.

use super::histogram::{Histogram, UNITS};
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// The most that one count may be: far above what is held, and far below what would overflow.
const MAX_COUNT: u32 = 1_000_000;

/// The longest text that is read, in bytes: 256 buckets of at most 60.
const MAX_BYTES: usize = 16_384;

/// Why a text is no histogram: where, what, and what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{at}: {what}")]
pub struct HistogramError {
    /// The item, counted from 1, and its text.
    pub at: String,
    /// What is wrong and what to do.
    pub what: String,
}

impl fmt::Display for Histogram {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} per doubling", self.per_doubling())?;
        for (_, upper, units) in self.buckets() {
            let bound = humantime::format_duration(Duration::from_millis(upper));
            write!(f, ", {bound}: {}", units / UNITS)?;
            match (units % UNITS, units % 10) {
                (0, _) => {}
                (tenths, 0) => write!(f, ".{}", tenths / 10)?,
                (hundredths, _) => write!(f, ".{hundredths:02}")?,
            }
        }
        Ok(())
    }
}

impl FromStr for Histogram {
    type Err = HistogramError;

    fn from_str(text: &str) -> Result<Self, HistogramError> {
        if text.len() > MAX_BYTES {
            let what = format!("{} bytes are more than the {MAX_BYTES} of any histogram; learn it anew", text.len());
            return Err(HistogramError { at: "whole text".to_owned(), what });
        }
        let mut items = text.split(',').map(str::trim).enumerate();
        let (_, head) = items.next().unwrap_or_default();
        let resolution = head.strip_suffix(" per doubling").and_then(|number| number.trim().parse().ok());
        let Some(mut read) = resolution.and_then(Self::with_resolution) else {
            return Err(at(0, head, "begin with \"128 per doubling\" (or 64, 32, 16 or 8)".to_owned()));
        };
        let mut last = Duration::ZERO;
        for (index, item) in items {
            let (bound, units) = pair(item).map_err(|what| at(index, item, what))?;
            if bound <= last {
                let before = humantime::format_duration(last);
                return Err(at(
                    index,
                    item,
                    format!("bounds ascend, and {before} stands before; sort them, each once"),
                ));
            }
            last = bound;
            read.put(bound, units);
        }
        read.settle();
        Ok(read)
    }
}

impl TryFrom<String> for Histogram {
    type Error = HistogramError;
    fn try_from(text: String) -> Result<Self, HistogramError> {
        text.parse()
    }
}

impl From<Histogram> for String {
    fn from(histogram: Histogram) -> Self {
        histogram.to_string()
    }
}

fn at(index: usize, item: &str, what: String) -> HistogramError {
    HistogramError { at: format!("item {} ({item:?})", index + 1), what }
}

/// An upper bound and hundredths of observations.
fn pair(item: &str) -> Result<(Duration, u32), String> {
    let example = "write for example \"4m 58s: 12.5\"";
    let (bound, count) = item.split_once(':').ok_or_else(|| format!("a colon is missing; {example}"))?;
    let bound = humantime::parse_duration(bound.trim())
        .map_err(|e| format!("{:?} is not a duration ({e}); {example}", bound.trim()))?;
    let units = hundredths(count.trim()).ok_or_else(|| {
        format!("{:?} is not a count up to {MAX_COUNT} with at most two decimals; {example}", count.trim())
    })?;
    Ok((bound, units))
}

/// A number with at most two decimals, in hundredths; zero counts nothing and is none.
fn hundredths(count: &str) -> Option<u32> {
    let (whole, decimals) = count.split_once('.').unwrap_or((count, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !digits(decimals) || decimals.len() > 2 {
        return None;
    }
    let whole: u32 = whole.parse().ok().filter(|whole| *whole < MAX_COUNT)?;
    let decimals: u32 = format!("{decimals:0<2}").parse().ok()?;
    Some(whole * UNITS + decimals).filter(|units| *units > 0)
}
