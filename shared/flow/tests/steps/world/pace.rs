//! What all waits on one third party share: its gate and its places, changed by
//! the guarded updates of the real table.

use super::{State, World};
use std::collections::BTreeMap;
use stepwait_core::integration::IntegrationName;
use stepwait_core::pace::places::{Holders, taken};
use stepwait_core::pace::{Attempt, Gate, Turn};
use stepwait_core::wait::{Guarded, WaitId};
use stepwait_flow::ports::{Gates, StoreError};

/// The rows, by the group that shares them.
#[derive(Default)]
pub(crate) struct Shared {
    pub(crate) gates: BTreeMap<IntegrationName, Gate>,
    pub(crate) places: BTreeMap<IntegrationName, Holders>,
    /// The most places that were ever held at a time.
    pub(crate) most_places: usize,
}

impl Shared {
    fn change(
        &mut self,
        group: &IntegrationName,
        becomes: impl FnOnce(Gate) -> Option<Gate>,
    ) -> Result<Guarded<Gate>, StoreError> {
        let seen = self.gates.get(group).copied();
        Ok(match becomes(seen.unwrap_or_default()) {
            Some(gate) => {
                self.gates.insert(group.clone(), gate);
                Guarded::Applied(gate)
            }
            None => Guarded::Refused(seen),
        })
    }
}

impl Gates for World {
    async fn gate(&self, group: &IntegrationName) -> Result<Gate, StoreError> {
        self.shared("read gate", |shared| Ok(shared.gates.get(group).copied().unwrap_or_default())).await
    }

    async fn pass(&self, group: &IntegrationName, attempt: &Attempt) -> Result<Guarded<Gate>, StoreError> {
        self.shared("pass gate", |shared| shared.change(group, |gate| attempt.apply(gate))).await
    }

    async fn turn(&self, group: &IntegrationName, turn: &Turn) -> Result<Guarded<Gate>, StoreError> {
        self.shared("turn gate", |shared| shared.change(group, |gate| turn.apply(gate))).await
    }

    async fn take_place(
        &self,
        group: &IntegrationName,
        wait: &WaitId,
        most: u16,
    ) -> Result<Guarded<Holders>, StoreError> {
        self.shared("take place", |shared| {
            let seen = shared.places.get(group).cloned();
            let Some(holders) = taken(seen.clone().unwrap_or_default(), wait, most) else {
                return Ok(Guarded::Refused(seen));
            };
            shared.most_places = shared.most_places.max(holders.len());
            shared.places.insert(group.clone(), holders.clone());
            Ok(Guarded::Applied(holders))
        })
        .await
    }

    async fn leave_places(&self, group: &IntegrationName, waits: &[WaitId]) -> Result<(), StoreError> {
        self.shared("leave place", |shared| {
            if let Some(holders) = shared.places.get_mut(group) {
                holders.retain(|holder| !waits.contains(holder));
            }
            Ok(())
        })
        .await
    }
}

impl World {
    async fn shared<T>(
        &self,
        name: &'static str,
        mut act: impl FnMut(&mut Shared) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.effect(name, super::store::errors(), |state: &mut State| act(&mut state.shared)).await
    }
}
