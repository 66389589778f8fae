//! Rules of the end: when nothing is left to happen, nothing is left to do.

use super::Rule;
use crate::world::State;

/// The most places that an integration of the simulation gives.
const PLACES: usize = 2;

/// The world has come to rest.
pub(crate) fn at_rest(state: &mut State) {
    let rows: Vec<_> = state.store.table.waits.values().cloned().collect();
    for row in rows {
        if row.outcome.is_none() {
            state.breaks(Rule::Ends, || format!("{} has not ended", row.id));
        }
        if let Some(due) = row.due {
            state.breaks(Rule::LeavesIndex, || format!("{} stays in the index, due {due}", row.id));
        }
    }
    if state.pace.most_places > PLACES {
        let most = state.pace.most_places;
        state.breaks(Rule::Places, || format!("{most} places were held at a time"));
    }
}
