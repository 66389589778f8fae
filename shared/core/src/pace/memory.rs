//! What all waits on one third party share, in memory: the same guarded updates
//! as in the table, for tests and simulations.

use super::places::{Holders, taken};
use super::{Attempt, Gate, Turn};
use crate::integration::IntegrationName;
use crate::wait::{Guarded, WaitId};
use std::collections::BTreeMap;

/// Gates and places, by the group that shares them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Memory {
    /// The gates.
    pub gates: BTreeMap<IntegrationName, Gate>,
    /// The holders of places.
    pub places: BTreeMap<IntegrationName, Holders>,
    /// The most places of one group that were ever held at a time.
    pub most_places: usize,
}

impl Memory {
    /// A gate as it is now.
    #[must_use]
    pub fn gate(&self, group: &IntegrationName) -> Gate {
        self.gates.get(group).copied().unwrap_or_default()
    }

    /// Takes the right to send one request, if it may be taken.
    pub fn pass(&mut self, group: &IntegrationName, attempt: &Attempt) -> Guarded<Gate> {
        self.change(group, |gate| attempt.apply(gate))
    }

    /// Changes the health, if it is as it was seen.
    pub fn turn(&mut self, group: &IntegrationName, turn: &Turn) -> Guarded<Gate> {
        self.change(group, |gate| turn.apply(gate))
    }

    fn change(&mut self, group: &IntegrationName, becomes: impl FnOnce(Gate) -> Option<Gate>) -> Guarded<Gate> {
        let seen = self.gates.get(group).copied();
        match becomes(seen.unwrap_or_default()) {
            Some(gate) => {
                self.gates.insert(group.clone(), gate);
                Guarded::Applied(gate)
            }
            None => Guarded::Refused(seen),
        }
    }

    /// Takes one of `most` places, if one is free or the wait holds one.
    pub fn take_place(&mut self, group: &IntegrationName, wait: &WaitId, most: u16) -> Guarded<Holders> {
        let seen = self.places.get(group).cloned();
        let Some(holders) = taken(seen.clone().unwrap_or_default(), wait, most) else {
            return Guarded::Refused(seen);
        };
        self.most_places = self.most_places.max(holders.len());
        self.places.insert(group.clone(), holders.clone());
        Guarded::Applied(holders)
    }

    /// Gives the waits' places back, as far as they hold any.
    pub fn leave_places(&mut self, group: &IntegrationName, waits: &[WaitId]) {
        if let Some(holders) = self.places.get_mut(group) {
            holders.retain(|holder| !waits.contains(holder));
        }
    }
}
