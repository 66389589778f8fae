//! The reconciler's schedule: once a minute. Minutes in which no run can find
//! anything to do are not simulated one by one; what such a run leaves behind, which is
//! how far it came, is written down for it.

use super::process::{Returned, Role};
use super::{Run, next_minute};
use crate::fault::{Step, Witness};
use crate::integrations::Books;
use crate::mistake::Mistake;
use crate::time::{MINUTE, of, shown};
use crate::world::{Event, State};
use stepwait_core::decide::sweep::{CheckTimes as _, Task, Times, Window, what};
use stepwait_core::wait::due::{DueWait, SHARDS, Sweep, shard_of};
use stepwait_core::wait::{CLOSE_GRACE, WaitRow};

/// How likely a run is simulated that will find nothing to do.
const IDLE_RUNS: f64 = 0.03;

impl Run<'_> {
    /// Puts the reconciler's next minute on the agenda that may have something to do:
    /// until the next event nothing changes.
    pub(super) fn plan_reconciler(&mut self) {
        if self.reconciles_at.is_some() {
            return;
        }
        let mut state = self.world.state();
        if state.mistake == Some(Mistake::NoReconciler) {
            return;
        }
        let due = state.store.table.waits.values().filter_map(|row| next_task(&state, row)).min();
        let Some(first) = due.into_iter().chain(state.agenda.next_at()).min() else { return };
        let at = next_minute(state.now).max(first.div_ceil(MINUTE) * MINUTE);
        state.agenda.put(at, Event::Reconcile);
        drop(state);
        self.reconciles_at = Some(at);
    }

    /// The minute has come.
    pub(super) fn reconcile(&mut self) {
        self.reconciles_at = None;
        {
            let mut state = self.world.state();
            if !may_find_anything(&state) && !state.chance.happens(IDLE_RUNS) {
                sweep_idly(&mut state);
                return;
            }
            if state.doings.values().any(|doing| doing.step == Step::Reconcile && !doing.has_ended) {
                state.saw(Witness::OverlappingRuns);
            }
        }
        let world = self.world;
        self.start(Role::Nobody, Step::Reconcile, |ports, book| async move {
            if let Ok(summary) = stepwait_flow::reconcile::run(&ports, book).await
                && summary.delivered > 0
            {
                world.state().saw(Witness::DeliveredByReconciler);
            }
            Returned::Nothing
        });
    }
}

/// The reconciler's checks of a wait.
fn times(wait: &DueWait) -> Option<Times> {
    let integration = Books::get().integrations.iter().find(|i| i.name == wait.integration)?;
    Some(Times::of(wait, integration))
}

/// From when a run may have something to do for a wait; perhaps too early.
fn next_task(state: &State, row: &WaitRow) -> Option<u64> {
    let wait = DueWait::of(row)?;
    let due = of(wait.due);
    if row.outcome.is_some() {
        return Some(due);
    }
    let closes_at = of(row.deadline) + u64::try_from(CLOSE_GRACE.as_millis()).ok()?;
    let check = times(&wait).filter(|_| row.job_id.is_some()).map(|times| {
        let seen = state.store.table.sweeps.get(&shard_of(&row.id)).and_then(|sweep| sweep.done_until);
        let from = seen.map_or(wait.due, |seen| seen.max(wait.due));
        let behind = of(times.behind(from));
        if seen.is_none() || wait.due >= times.first() { behind.min(due.max(of(times.first()))) } else { behind }
    });
    Some(check.map_or(closes_at, |check| check.min(closes_at)))
}

/// Whether a run that begins now may find anything to do.
fn may_find_anything(state: &State) -> bool {
    let now = shown(state.now, 0);
    let sweeps = &state.store.table.sweeps;
    if sweeps.values().any(|sweep| sweep.under_way.is_some()) {
        return true;
    }
    state.store.table.waits.values().filter_map(DueWait::of).filter(|wait| wait.due <= now).any(|wait| {
        let from = sweeps.get(&shard_of(&wait.id)).and_then(|sweep| sweep.done_until);
        what(&wait, times(&wait).as_ref(), Window { from, until: now }, now) != Task::Nothing
    })
}

/// What a run leaves behind that found nothing to do.
fn sweep_idly(state: &mut State) {
    let now = shown(state.now, 0);
    for shard in 0..SHARDS {
        let shows = |row: &WaitRow| shard_of(&row.id) == shard && row.due.is_some_and(|due| due <= now);
        if state.store.table.waits.values().any(shows) {
            let swept = Sweep { done_until: Some(now), under_way: None };
            state.store.table.sweeps.insert(shard, swept);
        }
    }
}
