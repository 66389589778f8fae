//! Times in little room: legs in which looks are equally far apart.

use super::durations::Durations;
use std::time::Duration;

/// The most legs, 64: short plans keep each time as it is, and long ones lose
/// a few percent of what they save.
pub(super) const MAX_LEGS: usize = 64;

/// The least loss, in looks, that joins two legs, and the share by which it
/// rises from pass to pass: from one look in a million to any in 60 passes.
const LEAST_LOSS: f64 = 1e-6;
const RISE: f64 = 1.5;

/// After so many passes, legs are joined whatever they lose. Each halves them,
/// and no plan has more than 2^14 looks.
const PASSES_BY_LOSS: u32 = 60;

/// Looks that are equally far apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Leg {
    /// How many, at least one; the last lies at the leg's end.
    pub(super) looks: u64,
    /// The leg's length in seconds, at least one for each look.
    pub(super) span_s: u64,
}

impl Leg {
    /// Its times in seconds, where it begins at `begin_s`.
    pub(super) fn times_s(self, begin_s: u64) -> impl Iterator<Item = u64> {
        (1..=self.looks).map(move |look| begin_s + self.offset_s(look))
    }

    /// Its first look, counted from 1, that is not before `earliest`, if there is one.
    pub(super) fn look_from(self, begin_s: u64, earliest: Duration) -> Option<u64> {
        let (mut low, mut high) = (1, self.looks + 1);
        while low < high {
            let look = u64::midpoint(low, high);
            let before = Duration::from_secs(begin_s + self.offset_s(look)) < earliest;
            if before { low = look + 1 } else { high = look }
        }
        (low <= self.looks).then_some(low)
    }

    /// How far behind its beginning a look lies, in seconds.
    pub(super) fn offset_s(self, look: u64) -> u64 {
        let offset = u128::from(self.span_s) * u128::from(look) / u128::from(self.looks.max(1));
        u64::try_from(offset).unwrap_or(u64::MAX)
    }

    fn and(self, next: Self) -> Self {
        Self { looks: self.looks + next.looks, span_s: self.span_s + next.span_s }
    }

    /// About how many looks it costs to join two legs, where `running` is the
    /// share of jobs that get there: a gap that is off by some share costs the
    /// square of that share, and the joint gap is off in both.
    #[expect(clippy::cast_precision_loss, reason = "looks and seconds of one plan are exact in f64")]
    fn loss(self, next: Self, running: f64) -> f64 {
        let (one, other) = (self.looks as f64, next.looks as f64);
        let (gap, gap_after) = (self.span_s as f64 / one, next.span_s as f64 / other);
        let apart = gap - gap_after;
        running * one * other / (one + other) * apart * apart / (gap * gap_after)
    }
}

/// Legs that follow `times`, ascending whole seconds, as closely as their number allows.
pub(super) fn legs(times: &[f64], durations: &Durations) -> Vec<Leg> {
    let mut before = 0;
    let mut legs = Vec::with_capacity(times.len());
    for time in times {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "whole seconds of a few years")]
        let time = *time as u64;
        legs.push(Leg { looks: 1, span_s: time - before });
        before = time;
    }
    let (mut loss, mut pass) = (LEAST_LOSS, 0);
    while legs.len() > MAX_LEGS {
        let most = if pass < PASSES_BY_LOSS { loss } else { f64::INFINITY };
        legs = joined(&legs, durations, most);
        (loss, pass) = (loss * RISE, pass + 1);
    }
    legs
}

/// Joins neighbours that lose at most `most` looks by it, each with one other.
#[expect(clippy::cast_precision_loss, reason = "seconds of a few years are exact in f64")]
fn joined(legs: &[Leg], durations: &Durations, most: f64) -> Vec<Leg> {
    let mut joined = Vec::with_capacity(legs.len());
    let (mut rest, mut begin_s) = (legs, 0_u64);
    while let [leg, after @ ..] = rest {
        let running = 1.0 - durations.by(begin_s as f64).share;
        let both = after.first().filter(|next| leg.loss(**next, running) <= most).map(|next| leg.and(*next));
        let kept = both.unwrap_or(*leg);
        rest = if both.is_some() { &after[1..] } else { after };
        begin_s += kept.span_s;
        joined.push(kept);
    }
    joined
}
