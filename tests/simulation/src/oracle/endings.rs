//! Rules of time, and of what a workflow goes on with.

use super::Rule;
use super::looks::EARLY_MS;
use super::rows::stored as stored_of;
use crate::fault::Witness;
use crate::integrations::Books;
use crate::time::{MINUTE, SECOND, of};
use crate::world::State;
use stepwait_core::decide::pooled::GRANULARITY;
use stepwait_core::integration::Strategy;
use stepwait_core::message::Settled;
use stepwait_core::wait::{CLOSE_GRACE, Outcome, Source, WaitId, WaitRow};

/// What of the patience is for runs of the reconciler, in milliseconds: an event that
/// is kept needs none.
const A_LOOK_MS: u64 = 7 * MINUTE;

/// An outcome was stored: not long after it could be known, and not long after the
/// deadline.
pub(crate) fn stored(state: &mut State, row: &WaitRow) {
    found(state, row);
    let patience = state.course.patience_ms(state.promises.faults);
    let now = state.now;
    let grace = u64::try_from(CLOSE_GRACE.as_millis()).unwrap_or(u64::MAX);
    let ends_by = of(row.deadline) + grace + patience;
    if now > ends_by {
        state.breaks(Rule::Ends, || format!("{} ended {} s after it had to", row.id, (now - ends_by) / 1_000));
    }
    if let Some(since) = kept_since(state, row)
        && now > since + patience - A_LOOK_MS
    {
        let late = (now - since) / 1_000;
        state.breaks(Rule::PendingThoughKnown, || {
            format!("{} ended {late} s after its job's end was kept and linked to it", row.id)
        });
    }
    if let Some(known_by) = known_by(state, row) {
        let known_by = known_by + patience;
        if now > known_by {
            let late = (now - known_by) / 1_000;
            state.breaks(Rule::PendingThoughKnown, || {
                format!("{} ended {late} s after a look had to show its job's end", row.id)
            });
        }
    }
}

/// A look found how a job has ended: whether that was by what was learned, or behind it.
fn found(state: &mut State, row: &WaitRow) {
    let by_look = |outcome: &Outcome| matches!(outcome.source, Source::Poll | Source::Reconciler) && !outcome.gave_up();
    let learned = vendor_of(state, row).and_then(|number| Books::get().learned[number].as_ref());
    let is_found = row.outcome.as_ref().is_some_and(by_look);
    if let (Some(learned), Some((_, submitted_at)), true) = (learned, noted(state, row), is_found) {
        let (_, next) = learned.around(state.now.saturating_sub(submitted_at));
        state.saw(if next.is_some() { Witness::FoundByPlan } else { Witness::FoundBehindPlan });
    }
}

/// Since when the end of the wait's job is kept and linked to it, of which its
/// sender was told.
fn kept_since(state: &State, row: &WaitRow) -> Option<u64> {
    let linked = state.store.table.rendezvous.iter().filter(|(_, of)| of.wait_id.as_ref() == Some(&row.id));
    let since = linked.filter_map(|(key, _)| {
        let (kept, linked) = (state.promises.kept.get(key)?, state.promises.linked.get(key)?);
        Some(*kept.max(linked))
    });
    since.min().filter(|_| !state.promises.left.contains(&row.id))
}

/// When a look must have shown the end of the wait's job: the job was noted, its
/// end is shown, the third party answers, and the time between two looks has passed, once
/// more for the reconciler, whose index may have shown the past, and for each fault. Where
/// times were learned, those count.
fn known_by(state: &State, row: &WaitRow) -> Option<u64> {
    let number = vendor_of(state, row)?;
    let (vendor, integration) = (&state.vendors[number], &Books::get().integrations[number]);
    let job_id = row.job_id.as_ref()?;
    let (noted_at, submitted_at) = noted(state, row)?;
    let shows_at = vendor.jobs.iter().find(|job| job.id == *job_id)?.shows_at?;
    let mut known_at = shows_at.max(noted_at);
    let mut troubles = vendor.temper.troubles.clone();
    troubles.sort_by_key(|(from, ..)| *from);
    if integration.strategy == Strategy::Poll && state.promises.left.contains(&row.id) {
        // Its workflow alone asked; the reconciler closes it after its deadline.
        return None;
    }
    let is_by_index = integration.strategy != Strategy::Poll;
    // Each fault may have cost a look.
    let looks = 1 + u64::from(is_by_index) + u64::from(state.promises.faults);
    let schedule = &integration.schedule;
    let between = match integration.strategy {
        Strategy::Callback => schedule.reconcile,
        Strategy::Poll => schedule.max,
        Strategy::Pooled => schedule.max + GRANULARITY,
    };
    let between = u64::try_from(between.as_millis()).ok()?;
    let looked_by = |known_at: u64| match &Books::get().learned[number] {
        // As clocks differ, a look may come before its time, and too early; one that comes late
        // leaves its least distance to the next one, and the reconciler comes by the minute.
        Some(learned) => {
            let since = (known_at + EARLY_MS).saturating_sub(submitted_at);
            submitted_at + learned.looks_behind(since, looks) + looks * learned.least
        }
        None => known_at + looks * between,
    };
    for (from, until, _) in troubles {
        if from <= looked_by(known_at) {
            // A breaker pauses for five minutes, a round that failed for longer.
            let pause = if integration.strategy == Strategy::Poll { 60 * MINUTE } else { 10 * MINUTE };
            known_at = known_at.max(until + pause);
        }
    }
    Some(looked_by(known_at))
}

/// The third party of a wait, by its place among all.
fn vendor_of(state: &State, row: &WaitRow) -> Option<usize> {
    state.vendors.iter().position(|vendor| vendor.name == row.integration.as_str())
}

/// When the wait's job was noted, and when it was submitted as its row says: a note may
/// be on its way for long.
fn noted(state: &State, row: &WaitRow) -> Option<(u64, u64)> {
    let (at, row) = state.store.past.get(&row.id)?.iter().find(|(_, row)| row.job_id.is_some())?;
    Some((*at, of(row.submitted_at?)))
}

/// A task's time is up: nothing was known for long by then.
pub(crate) fn timed_out(state: &mut State, wait: &WaitId) {
    let patience = state.course.patience_ms(state.promises.faults);
    let Some((at, _)) = stored_of(state, wait) else { return };
    if at + patience < state.now {
        let late = (state.now - at) / 1_000;
        state.breaks(Rule::LeftToDeadline, || {
            format!("the task of {wait} timed out {late} s after its outcome was stored")
        });
    }
}

/// A workflow goes on that waits until then at most.
pub(crate) fn went_on(state: &mut State, wait: &WaitId, by: u64, settled: &Settled) {
    if state.store.table.waits.get(wait).is_some_and(|row| of(row.deadline) + SECOND < by) {
        state.saw(Witness::ShorterThanMade);
    }
    let expected = stored_of(state, wait).map(|(_, outcome)| Settled::of(outcome));
    if expected.as_ref() != Some(settled) {
        state.breaks(Rule::WentOnWithStored, || {
            format!("the workflow of {wait} went on with {settled:?}, and stored is {expected:?}")
        });
    }
}

/// A workflow could not close its wait.
pub(crate) fn not_closed(state: &mut State) {
    state.saw(Witness::CloseFailed);
}
