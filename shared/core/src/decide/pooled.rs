//! When the reconciler looks at a wait that nobody else looks at: its schedule as
//! a sequence that anybody can tell who knows when the job was submitted, the
//! wait's id and the schedule.
//!
//! The first time lies `schedule.first` behind the submit, each further one a
//! delay of the schedule behind the one before, drawn by the wait's id and the
//! time's place. While the delays grow, these are added up; there are at most 1,200
//! of them, and mostly a dozen. From then on the times lie in slots of equal
//! length, each somewhere within its own, such that two neighbours are as far apart
//! as the schedule allows: so the time behind any other is found by a division,
//! however long the wait has lasted.
//!
//! Where earlier jobs have taught a plan, its times are those of all waits, and the
//! wait's id says only which of them look once more where the plan leaves a long
//! time out.

use super::sweep::{CheckTimes, later, spread};
use crate::Timestamp;
use crate::integration::{Jitter, Schedule};
use crate::learn::Learned;
use crate::wait::WaitId;
use crate::wait::due::DueWait;
use std::sync::Arc;
use std::time::Duration;

/// How near to each other two looks at one job may lie, one minute: the reconciler
/// runs once a minute, and what becomes due between two of its runs is one look.
pub const GRANULARITY: Duration = Duration::from_mins(1);

/// The slots that may have to be tried for the one behind a time, five: a time lies
/// up to half a slot beside its slot's beginning, on either side.
const MOST_SLOTS_TRIED: u64 = 5;

/// The times of a pooled wait's checks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pooled {
    schedule: Schedule,
    /// The plan that counts instead, if there is one.
    learned: Option<Arc<Learned>>,
    /// What delays are drawn by; `None`: each is the mean of what it may be.
    seed: Option<u64>,
    began: Timestamp,
    first: Timestamp,
}

/// A time, and how many there are up to it.
#[derive(Clone, Copy)]
struct Place {
    at: Timestamp,
    number: u64,
}

impl Pooled {
    /// The times of a wait's checks by that schedule, none nearer to another than
    /// [`GRANULARITY`].
    #[must_use]
    pub fn of(wait: &DueWait, schedule: &Schedule) -> Self {
        Self::since(wait.submitted_at.unwrap_or(wait.started_at), schedule, Some(spread(&wait.id)))
    }

    /// The times of a wait that began then, with each random delay at its mean.
    fn on_average(began: Timestamp, schedule: &Schedule) -> Self {
        Self::since(began, schedule, None)
    }

    fn since(began: Timestamp, schedule: &Schedule, seed: Option<u64>) -> Self {
        let schedule = schedule.no_closer_than(GRANULARITY);
        let learned = schedule.learned();
        let mut times = Self { first: later(began, schedule.first), seed, schedule, learned, began };
        if let Some(learned) = &times.learned {
            times.first = times.learned_behind(learned, began);
        }
        times
    }

    /// The plan's first time that is later than `time`, or a look by chance before it.
    fn learned_behind(&self, learned: &Learned, time: Timestamp) -> Timestamp {
        let elapsed = self.elapsed(time);
        let place = learned.behind(elapsed);
        let between = self.random(place.number).and_then(|random| learned.look_between(place, random));
        later(self.began, between.filter(|at| *at > elapsed).unwrap_or(place.at))
    }

    /// How many of the plan's times, and looks by chance, there are up to `time`.
    fn learned_by(&self, learned: &Learned, time: Timestamp) -> u64 {
        let elapsed = self.elapsed(time);
        let far_apart = learned.far_apart().take_while(|place| place.before < elapsed);
        let between = far_apart.filter_map(|place| learned.look_between(place, self.random(place.number)?));
        let explored = between.filter(|at| *at <= elapsed).count();
        (learned.behind(elapsed).number - 1).saturating_add(u64::try_from(explored).unwrap_or(u64::MAX))
    }

    fn elapsed(&self, time: Timestamp) -> Duration {
        Duration::try_from(time.duration_since(self.began)).unwrap_or(Duration::ZERO)
    }

    /// The schedule's first time that is later than `time`.
    fn place_behind(&self, time: Timestamp) -> Place {
        let mut place = Place { at: self.first, number: 1 };
        for longest in self.schedule.growing() {
            if place.at > time {
                return place;
            }
            let mean = milliseconds(longest.saturating_sub(self.schedule.min)) / 2;
            let delay = self.schedule.drawn(longest, self.random(place.number).unwrap_or(mean));
            place = Place { at: later(place.at, delay), number: place.number + 1 };
        }
        if place.at > time { place } else { self.slot_behind(place, time) }
    }

    /// The same, where the delays grow no more, `since` then.
    fn slot_behind(&self, since: Place, time: Timestamp) -> Place {
        let half_ms = self.half_ms();
        let slot_ms = match self.schedule.jitter {
            Jitter::None => milliseconds(self.schedule.max),
            Jitter::Full => milliseconds(self.schedule.min) + half_ms,
        };
        let passed_ms = Duration::try_from(time.duration_since(since.at)).map_or(0, milliseconds);
        let earliest = passed_ms.saturating_sub(half_ms) / slot_ms.max(1);
        let offset_ms = |number| self.random(number).map_or(0, |random| random % (half_ms + 1));
        let place = |slot: u64| {
            let number = since.number.saturating_add(slot);
            let ahead_ms = slot.saturating_mul(slot_ms).saturating_add(offset_ms(number));
            let behind_ms = ahead_ms.saturating_sub(offset_ms(since.number));
            Place { at: later(since.at, Duration::from_millis(behind_ms)), number }
        };
        let mut slots = (earliest.max(1)..).take(usize::try_from(MOST_SLOTS_TRIED).unwrap_or(usize::MAX)).map(place);
        // None of them is later only at the end of time.
        slots.find(|place| place.at > time).unwrap_or(Place { at: Timestamp::MAX, number: u64::MAX })
    }

    /// Half of what two delays may differ by, once they grow no more.
    fn half_ms(&self) -> u64 {
        match self.schedule.jitter {
            Jitter::None => 0,
            Jitter::Full => milliseconds(self.schedule.max.saturating_sub(self.schedule.min)) / 2,
        }
    }

    /// A number that goes by the wait and the time's place, as `SplitMix64` makes
    /// them (<https://prng.di.unimi.it/splitmix64.c>).
    fn random(&self, number: u64) -> Option<u64> {
        let mixed = self.seed?.wrapping_add(number.wrapping_mul(0x9E37_79B9_7F4A_7C15));
        let mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        Some(mixed ^ (mixed >> 31))
    }
}

impl CheckTimes for Pooled {
    fn first(&self) -> Timestamp {
        self.first
    }

    fn behind(&self, time: Timestamp) -> Timestamp {
        match &self.learned {
            _ if time < self.first => self.first,
            Some(learned) => self.learned_behind(learned, time),
            None => self.place_behind(time).at,
        }
    }

    fn margin(&self) -> Duration {
        self.schedule.min
    }

    fn is_used_up(&self, by: Timestamp) -> bool {
        let by_then = || match &self.learned {
            Some(learned) => self.learned_by(learned, by),
            None => self.place_behind(by).number - 1,
        };
        self.schedule.checks.is_some_and(|most| by_then() >= u64::from(most))
    }
}

/// How long after its submit a wait's job is looked at first.
#[must_use]
pub fn first_look(id: &WaitId, schedule: &Schedule) -> Duration {
    let times = Pooled::since(Timestamp::UNIX_EPOCH, schedule, Some(spread(id)));
    times.elapsed(times.first)
}

/// The same with each random delay at its mean.
#[must_use]
pub fn first_look_on_average(schedule: &Schedule) -> Duration {
    let times = Pooled::on_average(Timestamp::UNIX_EPOCH, schedule);
    times.elapsed(times.first)
}

/// When each look at a job that never ends becomes due, from the submit on, with
/// each random delay at its mean.
pub fn average_looks(schedule: &Schedule, deadline: Duration) -> impl Iterator<Item = Duration> + use<> {
    let begun = Timestamp::UNIX_EPOCH;
    let times = Pooled::on_average(begun, schedule);
    let until_last = deadline.saturating_sub(times.margin());
    let most = schedule.checks.map_or(usize::MAX, |most| usize::try_from(most).unwrap_or(usize::MAX));
    // Bounded: 90 days have 129,600 minutes.
    std::iter::successors(Some(times.first()), move |at| Some(times.behind(*at)))
        .map(move |at| Duration::try_from(at.duration_since(begun)).unwrap_or(Duration::ZERO))
        .take_while(move |at| *at <= until_last)
        .take(most)
}

fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
#[path = "pooled_tests.rs"]
mod tests;
