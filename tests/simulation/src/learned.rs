//! What was learned of how long jobs take, where an integration's file says so: third
//! parties draw from it, and the rules hold looks against the times that come of it.

use crate::chance::Chance;
use std::time::Duration;
use stepwait_core::integration::Integration;
use stepwait_core::learn::Learning;

/// A bucket's least duration is smaller than its most by this share of it, a 64th or less.
const BUCKET: u64 = 64;

/// When jobs are looked at, by what was learned. Times are milliseconds since the submit.
#[derive(Clone, Debug)]
pub(crate) struct Learned {
    learning: Learning,
    /// The plan's times, ascending.
    times: Vec<u64>,
    /// The least and the most time between two looks that the schedule has as it is written.
    pub(crate) least: u64,
    most: u64,
}

impl Learned {
    pub(crate) fn of(integration: &Integration) -> Option<Self> {
        let schedule = integration.looks();
        let times = integration.learned()?.times().map(milliseconds).collect();
        let learning = schedule.learning?;
        Some(Self { learning, times, least: milliseconds(schedule.min), most: milliseconds(schedule.max) })
    }

    /// How long one of the jobs took.
    pub(crate) fn drawn(&self, chance: &mut Chance) -> u64 {
        let permille = u32::try_from(chance.between(1, 1_000)).unwrap_or(1);
        let most = self.learning.jobs().quantile(permille).map_or(0, milliseconds);
        chance.between(most - most / BUCKET, most)
    }

    /// The last time of the plan that is no later than `time`, and the first that is later.
    pub(crate) fn around(&self, time: u64) -> (Option<u64>, Option<u64>) {
        let later = self.times.partition_point(|at| *at <= time);
        (later.checked_sub(1).map(|last| self.times[last]), self.times.get(later).copied())
    }

    /// Whether two looks are so far apart that there may be one between them by chance.
    pub(crate) const fn are_far_apart(&self, one: u64, other: u64) -> bool {
        other - one > 2 * self.most
    }

    /// By when so many looks have come that are later than `time`.
    pub(crate) fn looks_behind(&self, time: u64, looks: u64) -> u64 {
        let later = self.times.partition_point(|at| *at <= time);
        let mut by_plan = (1..=looks).zip(&self.times[later..]);
        match by_plan.by_ref().last() {
            Some((so_far, at)) => at + (looks - so_far) * self.most,
            None => time + looks * self.most,
        }
    }
}

fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::Learned;
    use crate::chance::Chance;
    use crate::integrations::{Books, FILES};
    use crate::time::{MINUTE, SECOND};

    /// Those of that name.
    fn learned(name: &str) -> &'static Learned {
        let number = FILES.iter().position(|(file, _)| *file == name).unwrap();
        Books::get().learned[number].as_ref().unwrap()
    }

    #[test]
    fn a_plan_looks_where_jobs_end_and_leaves_out_what_lies_between() {
        for (name, gap) in [("transcripts", (2 * MINUTE, 20 * MINUTE)), ("audits", (20 * MINUTE, 90 * MINUTE))] {
            let learned = learned(name);
            let between = learned.times.iter().filter(|at| (gap.0..gap.1).contains(at)).count();
            assert!(between <= 1, "{name}: {:?}", learned.times);
            let (before, behind) = learned.around(gap.0);
            assert!(learned.are_far_apart(before.unwrap(), behind.unwrap()), "{name}: {:?}", learned.times);
        }
    }

    #[test]
    fn looks_are_counted_by_the_plan_and_behind_it_by_the_longest_interval() {
        let learned = learned("transcripts");
        let (first, last) = (learned.times[0], *learned.times.last().unwrap());
        assert_eq!(learned.looks_behind(0, 1), first);
        assert_eq!(learned.looks_behind(first, 2), learned.times[2]);
        assert_eq!(learned.looks_behind(last - 1, 3), last + 2 * 4 * MINUTE);
        assert_eq!(learned.looks_behind(last + SECOND, 2), last + SECOND + 2 * 4 * MINUTE);
    }

    #[test]
    fn jobs_take_as_long_as_those_that_were_counted() {
        let (learned, mut chance) = (learned("audits"), Chance::of(1));
        let took: Vec<u64> = (0..1_000).map(|_| learned.drawn(&mut chance)).collect();
        let short = took.iter().filter(|took| (5 * MINUTE..9 * MINUTE).contains(took)).count();
        let long = took.iter().filter(|took| (100 * MINUTE..141 * MINUTE).contains(took)).count();
        assert!((550..650).contains(&short) && short + long == 1_000, "{short} and {long}");
    }
}
