//! How many jobs may be at a third party at a time.
//!
//! A wait holds a place from before its submit until it has an outcome; the
//! places of one third party are one set of waits' ids, so that taking a place
//! twice, or giving it back twice, is the same as once. Whoever stores an outcome
//! gives the place back afterwards, and may die in between. Therefore a wait that
//! finds no place free looks at some who hold one, and clears those out that
//! cannot need theirs any more.

use crate::Timestamp;
use crate::wait::{WaitId, WaitRow};
use std::collections::BTreeSet;
use std::time::Duration;

/// How many holders are looked at by one who finds no place free, ten: that many
/// reads beside its own write, and a crowd in line looks at all of them soon.
const MAX_SUSPECTS: usize = 10;

/// How long after its deadline an open wait keeps its place, one hour: by then it
/// was closed, or nobody will close it.
const PAST_DEADLINE: Duration = Duration::from_hours(1);

/// The holders of a third party's places.
pub type Holders = BTreeSet<WaitId>;

/// The holders as they become if `wait` may take one of `most` places, or has one.
#[must_use]
pub fn taken(mut holders: Holders, wait: &WaitId, most: u16) -> Option<Holders> {
    let has_room = holders.len() < usize::from(most) || holders.contains(wait);
    holders.insert(wait.clone());
    has_room.then_some(holders)
}

/// The holders to look at, beginning at a random one.
#[must_use]
pub fn suspects(holders: &Holders, random: u64) -> Vec<WaitId> {
    let first = random.checked_rem(u64::try_from(holders.len()).unwrap_or(u64::MAX)).unwrap_or(0);
    let first = usize::try_from(first).unwrap_or(0);
    holders.iter().cycle().skip(first).take(holders.len().min(MAX_SUSPECTS)).cloned().collect()
}

/// Whether a holder, whose row is this, cannot need its place any more.
#[must_use]
pub fn is_over(row: Option<&WaitRow>, now: Timestamp) -> bool {
    let until = |row: &WaitRow| row.deadline.saturating_add(PAST_DEADLINE).unwrap_or(Timestamp::MAX);
    row.is_none_or(|row| row.outcome.is_some() || now > until(row))
}
