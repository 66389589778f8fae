//! `[schedule]`: when a job is looked at.
//!
//! The delay before check number *n* grows from the minimum to the maximum
//! interval and is then drawn at random ("full jitter", as Smithy's waiters do:
//! <https://smithy.io/2.0/additional-specs/waiters.html>), so that many waits
//! that started together do not ask together.

use super::learned::RawLearned;
use super::{KeyError, duration};
use crate::learn::{Learned, Learning};
use schemars::JsonSchema;
use serde::Deserialize;
use std::sync::Arc;
use std::time::Duration;

/// The shortest interval, one second: Wait states count whole seconds.
pub(super) const MIN_INTERVAL: Duration = Duration::from_secs(1);

/// The longest interval, one day: a wait that is looked at less often than that
/// is not being waited for.
pub(super) const MAX_INTERVAL: Duration = Duration::from_hours(24);

/// The shortest time between two of the reconciler's looks, one minute: it runs
/// once a minute.
pub(super) const MIN_RECONCILE: Duration = Duration::from_mins(1);

/// The time between two of the reconciler's looks where the file says none, ten
/// minutes: a lost webhook delays its wait by no more, and a look costs little.
pub(super) const DEFAULT_RECONCILE: Duration = Duration::from_mins(10);

/// When a job is looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule {
    /// From the submit to the first look.
    pub first: Duration,
    /// The least time between two looks.
    pub min: Duration,
    /// The most time between two looks.
    pub max: Duration,
    /// How much the delay grows from look to look, in percent: 200 doubles it.
    pub growth_percent: u32,
    /// How the delay is spread.
    pub jitter: Jitter,
    /// The most looks, the last one at the deadline apart; `None`: as many as fit.
    pub checks: Option<u32>,
    /// The time between two of the reconciler's looks at a job that a webhook is to tell of.
    pub reconcile: Duration,
    /// What is known of earlier jobs.
    pub learning: Option<Learning>,
}

/// How delays are spread.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum Jitter {
    /// Anywhere between the minimum interval and the grown delay.
    #[default]
    Full,
    /// Exactly the grown delay.
    None,
}

impl Schedule {
    /// The delay before the next look, `elapsed` since the submit and after `checks`
    /// looks that found the job pending: by what earlier jobs teach, or else as it is
    /// written. `random` is any number; each gives another delay.
    #[must_use]
    pub fn delay_after(&self, elapsed: Option<Duration>, checks: u32, random: u64) -> Duration {
        match (self.learned(), elapsed) {
            (Some(learned), Some(elapsed)) => learned.next(elapsed, random),
            (None, _) | (_, None) => self.delay(checks, random),
        }
    }

    /// What earlier jobs teach of when to look; `None` where the schedule counts as
    /// it is written, since it is known of too few, or learning saves no look.
    #[must_use]
    pub fn learned(&self) -> Option<Arc<Learned>> {
        let learning = self.learning.as_ref()?;
        learning.plan(&self.as_written())
    }

    /// The schedule without what earlier jobs teach.
    #[must_use]
    pub fn as_written(&self) -> Self {
        Self { learning: None, ..self.clone() }
    }

    /// The delay before the next look as the schedule is written, after `checks` looks
    /// that found the job pending. `random` is any number; each gives another delay.
    #[must_use]
    pub fn delay(&self, checks: u32, random: u64) -> Duration {
        if checks == 0 { self.first } else { self.drawn(self.grown(checks - 1), random) }
    }

    /// A delay of at most `longest`, by chance as far as the schedule wants it so.
    pub(crate) fn drawn(&self, longest: Duration, random: u64) -> Duration {
        match self.jitter {
            Jitter::None => longest,
            Jitter::Full => {
                let spread_ms = u64::try_from(longest.saturating_sub(self.min).as_millis()).unwrap_or(u64::MAX);
                self.min + Duration::from_millis(random % spread_ms.saturating_add(1))
            }
        }
    }

    /// The longest delays between looks as long as they grow, the first of them
    /// between the first look and the second; from then on it is the maximum.
    pub(crate) fn growing(&self) -> impl Iterator<Item = Duration> {
        let (max, growth_percent) = (self.max, self.growth_percent);
        std::iter::successors(Some(self.min), move |delay| Some(delay.saturating_mul(growth_percent) / 100))
            .take_while(move |delay| *delay < max)
            .take(usize::try_from(MAX_GROWTH_STEPS).unwrap_or(usize::MAX))
    }

    /// The same schedule with no two looks nearer to each other than that.
    #[must_use]
    pub fn no_closer_than(&self, least: Duration) -> Self {
        Self { min: self.min.max(least), max: self.max.max(least), ..self.clone() }
    }

    /// The minimum interval, grown `steps` times and capped at the maximum.
    fn grown(&self, steps: u32) -> Duration {
        let mut delay = self.min;
        // Growth of at least 1 % a step reaches any cap within the bound; equal bounds need no step.
        for _ in 0..steps.min(MAX_GROWTH_STEPS) {
            if delay >= self.max {
                break;
            }
            delay = delay.saturating_mul(self.growth_percent) / 100;
        }
        delay.min(self.max)
    }

    /// An upper bound of the rounds that a nested wait with this schedule can
    /// take until `deadline`, when a round is left for delays over
    /// `break_even` and lasts at most `round`.
    ///
    /// A round that is left for a long delay covers more than the larger of
    /// `break_even` and the minimum interval, even where the maximum interval
    /// is shorter: the third party may ask for a longer delay each time, and so may
    /// a learned plan, which has no two looks nearer to each other either. One that
    /// is left because it is full covers `round`. The last delay may be cut short
    /// by the deadline, and one more round makes the last look.
    #[must_use]
    pub fn rounds_at_most(&self, deadline: Duration, break_even: Duration, round: Duration) -> u64 {
        let covered = round.min(break_even.max(self.min));
        let covered_ms = covered.as_millis().max(1);
        u64::try_from(deadline.as_millis() / covered_ms).unwrap_or(u64::MAX).saturating_add(2)
    }
}

/// After this many growth steps the maximum is reached: one day is 86,400 times
/// the least interval, and 1.01 to the power of 1,200 is more than that.
const MAX_GROWTH_STEPS: u32 = 1_200;

/// `[schedule]`: when a job is looked at.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(inline)]
pub(super) struct RawSchedule {
    /// From the submit to the first look, 1s to 1day.
    first: String,
    /// The least and the most time between two looks, such as `"2s..60s"`, or one time for both; each 1s to 1day. Where looks are pooled, less than a minute counts as a minute.
    interval: String,
    /// By what the delay grows from look to look, 1.01 to 10.
    growth: f64,
    /// `full` draws each delay at random between the least interval and the grown delay, so that waits that began together do not ask together; `none` takes the grown delay itself.
    #[schemars(extend("default" = "full"))]
    jitter: Jitter,
    /// The most looks; as many as fit before the deadline if absent. After them the wait is given up, with one more look as at its deadline. Where looks are pooled, the times of the schedule are counted, those included that a `Retry-After` put off.
    checks: Option<u32>,
    /// With `strategy = "callback"`: how often the job is looked at beside the webhook, which may be lost; 1m to 1day.
    #[schemars(extend("default" = "10m"))]
    reconcile: Option<String>,
    /// How long earlier jobs took, as `stepwait learn` writes it: looks come where jobs end, and beyond all that was seen as the other keys say.
    learned: Option<RawLearned>,
}

impl Default for RawSchedule {
    fn default() -> Self {
        Self {
            first: "2s".to_owned(),
            interval: "2s..60s".to_owned(),
            growth: 2.0,
            jitter: Jitter::Full,
            checks: None,
            reconcile: None,
            learned: None,
        }
    }
}

impl RawSchedule {
    /// The plan that stands in it.
    pub(super) fn take_plan(&mut self) -> Option<String> {
        self.learned.as_mut()?.plan.take()
    }

    pub(super) fn check(self) -> Result<Schedule, KeyError> {
        let fail = |key: &str, what: &str| Err((format!("schedule.{key}"), what.to_owned()));
        let read = |key: &str, text: &str| duration::parse(text).map_err(|e| (format!("schedule.{key}"), e));
        let first = read("first", &self.first)?;
        let (low, high) = self.interval.split_once("..").unwrap_or((&self.interval, &self.interval));
        let (min, max) = (read("interval", low)?, read("interval", high)?);
        if min > max {
            return fail("interval", &format!("{:?} runs backwards: write the shorter time first", self.interval));
        }
        for (key, time) in [("first", first), ("interval", min), ("interval", max)] {
            if time < MIN_INTERVAL || time > MAX_INTERVAL {
                return fail(key, "must lie between 1s and 1day");
            }
        }
        if !(1.01..=10.0).contains(&self.growth) {
            return fail("growth", &format!("{} is no growth factor: write one from 1.01 to 10", self.growth));
        }
        if self.checks.is_some_and(|checks| checks == 0) {
            return fail("checks", "must be at least 1");
        }
        let reconcile = self.reconcile.as_deref().map_or(Ok(DEFAULT_RECONCILE), |text| read("reconcile", text))?;
        if reconcile < MIN_RECONCILE || reconcile > MAX_INTERVAL {
            return fail("reconcile", "must lie between 1m and 1day: the reconciler runs once a minute");
        }
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "1.01 to 10 was just checked")]
        let growth_percent = (self.growth * 100.0).round() as u32;
        let learning = self.learned.map(RawLearned::check).transpose()?;
        Ok(Schedule { first, min, max, growth_percent, jitter: self.jitter, checks: self.checks, reconcile, learning })
    }
}
