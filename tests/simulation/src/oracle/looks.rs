//! Rules of looks, where times were learned: a job is looked at when its plan says, or
//! when an exception from it does.

use super::Rule;
use crate::fault::{Step, Witness};
use crate::integrations::Books;
use crate::time::{MINUTE, SECOND, of};
use crate::world::State;
use stepwait_core::integration::Strategy;
use stepwait_core::wait::{JobId, WaitId, WaitRow};

/// How much later than its time a look may come, 20 seconds: clocks differ by six,
/// seconds are rounded up, and what comes before the request takes its time too.
const LATE_MS: u64 = 20 * SECOND;

/// The reconciler comes once a minute.
const A_MINUTE_LATE_MS: u64 = MINUTE;

/// How much earlier it may come, 7 seconds: clocks differ.
pub(super) const EARLY_MS: u64 = 7 * SECOND;

/// What one fault may cost, 4 minutes, as of the patience.
const A_FAULT_MS: u64 = 4 * MINUTE;

/// The most looks by chance between two times of a plan, five: where these are far
/// apart, one look in sixteen comes sooner, and six in a row once in sixteen million.
const MOST_BY_CHANCE: u32 = 5;

/// A third party is asked for a job by that step.
pub(crate) fn looked(state: &mut State, vendor: usize, job: usize, step: Step) {
    let Some(learned) = Books::get().learned[vendor].as_ref() else { return };
    // What closes a wait looks whenever that is given up.
    if !matches!(step, Step::Check | Step::Reconcile) {
        return;
    }
    let this = &state.vendors[vendor].jobs[job];
    let (id, wait) = (this.id.clone(), this.reference.clone());
    if this.is_confused {
        return;
    }
    let Some(row) = noted(state, &wait, &id) else { return };
    let Some(submitted_at) = row.submitted_at.map(of) else { return };
    let since = state.now.saturating_sub(submitted_at);
    let is_pooled = Books::get().integrations[vendor].strategy == Strategy::Pooled;
    let late = LATE_MS + u64::from(state.promises.faults) * A_FAULT_MS + if is_pooled { A_MINUTE_LATE_MS } else { 0 };
    let (last, next) = learned.around(since + EARLY_MS);
    if last.is_some_and(|last| since <= last + late) || next.is_none() {
        return;
    }
    let is_put_off =
        state.vendors[vendor].jobs[job].put_off_until.is_some_and(|at| is_about(at, state.now, late + learned.least));
    let was_due = |row: &WaitRow| row.due.is_some_and(|due| is_about(of(due), state.now, late));
    let deadline = of(row.deadline);
    if is_put_off || (is_pooled && state.store.past[&wait].iter().any(|(_, row)| was_due(row))) {
        return state.saw(Witness::LookPutOff);
    }
    // The last look before the deadline keeps its distance from the closing one.
    if state.now + learned.least + EARLY_MS >= deadline {
        return;
    }
    if let Some(next) = next.filter(|next| learned.are_far_apart(last.unwrap_or(0), *next)) {
        let (before, looks) = &mut state.vendors[vendor].jobs[job].by_chance;
        *looks = if *before == next { *looks + 1 } else { 1 };
        *before = next;
        if *looks <= MOST_BY_CHANCE {
            return state.saw(Witness::LookedByChance);
        }
    }
    state.breaks(Rule::LooksByPlan, || {
        format!(
            "{id} of {wait} is looked at {} s after its submit, and the plan has {last:?} and {next:?} ms",
            since / SECOND
        )
    });
}

/// The row as the job was noted.
fn noted(state: &State, wait: &WaitId, job_id: &JobId) -> Option<WaitRow> {
    state.store.past.get(wait)?.iter().map(|(_, row)| row).find(|row| row.job_id.as_ref() == Some(job_id)).cloned()
}

fn is_about(time: u64, now: u64, late: u64) -> bool {
    (time.saturating_sub(EARLY_MS)..=time + late).contains(&now)
}
