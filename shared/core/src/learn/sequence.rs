//! A learned plan as a sequence of times, for whoever looks at a job without
//! knowing of the looks before: the time behind any other is found by little work.

use super::plan::Learned;
use std::time::Duration;

/// The steps that grow behind the last leg, 1,300 at most: at the least growth of 1 %
/// they stay at the minimum for 100, and grow a day's 86,400 seconds in 1,142 more.
const MAX_GROWING: u32 = 1_300;

/// A time of the plan, since the submit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    /// The time before it, or the submit.
    pub(crate) before: Duration,
    /// The time.
    pub(crate) at: Duration,
    /// How many there are up to it.
    pub(crate) number: u64,
}

impl Learned {
    /// The first time that is later than `time`.
    pub(crate) fn behind(&self, time: Duration) -> Place {
        // Nothing is shorter than a nanosecond.
        let earliest = time.saturating_add(Duration::from_nanos(1));
        let (mut begin_s, mut number) = (0, 0);
        for leg in &self.legs {
            if let Some(look) = leg.look_from(begin_s, earliest) {
                let at = |look| Duration::from_secs(begin_s + leg.offset_s(look));
                return Place { before: at(look - 1), at: at(look), number: number + look };
            }
            (begin_s, number) = (begin_s + leg.span_s, number + leg.looks);
        }
        self.behind_legs(Duration::from_secs(begin_s), number, time)
    }

    /// The first time that is later than `time`, which is none before the end of the last leg.
    fn behind_legs(&self, end: Duration, looks: u64, time: Duration) -> Place {
        let (mut at, mut number) = (end, looks);
        for _ in 0..MAX_GROWING {
            let step = self.beyond(at.saturating_sub(end));
            let next = at.saturating_add(step);
            number += 1;
            if next > time {
                return Place { before: at, at: next, number };
            }
            at = next;
            if step >= self.backoff.max {
                break;
            }
        }
        // From here on the steps are equal.
        let step = self.beyond(at.saturating_sub(end));
        let step_ms = step.as_millis().max(1);
        let passed = time.saturating_sub(at).as_millis() / step_ms;
        let before = u64::try_from(passed * step_ms).map_or(Duration::MAX, Duration::from_millis).saturating_add(at);
        let passed = u64::try_from(passed).unwrap_or(u64::MAX);
        Place { before, at: before.saturating_add(step), number: passed.saturating_add(number + 1) }
    }

    /// A look between a time and the one before, by chance: one in 16 has one that is
    /// more than twice as far from it as any two of the backoff's. `random` is any number.
    pub(crate) fn look_between(&self, place: Place, random: u64) -> Option<Duration> {
        let delay = place.at.saturating_sub(place.before);
        let explored = self.explored(delay, random);
        (explored < delay).then(|| place.before.saturating_add(explored))
    }

    /// The times between which there may be another look by chance.
    pub(crate) fn far_apart(&self) -> impl Iterator<Item = Place> {
        let far = self.backoff.max.saturating_mul(2);
        let befores = std::iter::once(Duration::ZERO).chain(self.times());
        let places = befores.zip(self.times()).zip(1..);
        let places = places.map(|((before, at), number)| Place { before, at, number });
        places.filter(move |place| place.at.saturating_sub(place.before) > far)
    }
}
