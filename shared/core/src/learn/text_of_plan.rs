//! A plan as text, for what functions are bundled with: its legs in seconds, such as
//! `24 60/5 7` for a look after 24 seconds, five in the minute after it, and one
//! seven seconds later.

use super::legs::{Leg, MAX_LEGS};
use super::plan::Learned;
use crate::integration::Schedule;
use std::fmt;
use std::time::Duration;

/// The most looks of a plan, 16,384: twice as many as there are candidates for them.
const MAX_LOOKS: u64 = 1 << 14;

/// The latest time of a plan, 34 years in seconds: plans end at 8 times the longest
/// duration, whose bucket ends after a year at most and may be smoothed to two.
const MAX_END_S: u64 = 1 << 30;

/// The longest text that is read, in bytes: 64 legs, each of a time with 10 digits, a
/// number with 5, and what parts them from each other and from the next.
const MAX_BYTES: usize = MAX_LEGS * 17;

impl fmt::Display for Learned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parted = "";
        for leg in &self.legs {
            write!(f, "{parted}{}", leg.span_s)?;
            if leg.looks > 1 {
                write!(f, "/{}", leg.looks)?;
            }
            parted = " ";
        }
        Ok(())
    }
}

impl Learned {
    /// The plan of that text in place of `backoff`, if its looks are at least `apart`.
    pub(crate) fn read(text: &str, apart: Duration, backoff: Schedule) -> Result<Self, String> {
        if text.len() > MAX_BYTES {
            return Err(format!(
                "{} bytes are more than the {MAX_BYTES} of any plan; bundle the file anew",
                text.len()
            ));
        }
        let (mut legs, mut looks, mut end_s) = (Vec::new(), 0_u64, 0_u64);
        for (index, item) in text.split(' ').enumerate() {
            let wrong = |what: &str| Err(format!("item {} ({item:?}) {what}; bundle the file anew", index + 1));
            let Some(leg) = leg(item) else {
                return wrong("is no time in seconds with a number of looks, such as \"60/5\"");
            };
            // Within a leg times are rounded down, so that two may be nearer than they are on average.
            let least_s = leg.span_s.checked_div(leg.looks);
            if least_s.is_none_or(|least_s| Duration::from_secs(least_s) < apart.max(Duration::from_secs(1))) {
                return wrong("has looks that are nearer to each other than schedule.interval allows");
            }
            (looks, end_s) = (looks.saturating_add(leg.looks), end_s.saturating_add(leg.span_s));
            if legs.len() >= MAX_LEGS || looks > MAX_LOOKS || end_s > MAX_END_S {
                return wrong("is beyond the end of any plan");
            }
            legs.push(leg);
        }
        Ok(Self { legs, backoff })
    }
}

/// A time in seconds, and the number of looks in it unless that is one.
fn leg(item: &str) -> Option<Leg> {
    let number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?;
    let (span, looks) = item.split_once('/').unwrap_or((item, "1"));
    Some(Leg { looks: number(looks)?, span_s: number(span)? })
}
