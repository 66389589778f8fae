//! The gates and places of third parties with limits.

use super::Ports;
use super::store::errors;
use crate::fault::Effect;
use stepwait_core::integration::IntegrationName;
use stepwait_core::pace::memory::Memory;
use stepwait_core::pace::places::Holders;
use stepwait_core::pace::{Attempt, Gate, Turn};
use stepwait_core::wait::{Guarded, WaitId};
use stepwait_flow::ports::{Gates, StoreError};

impl Ports<'_> {
    async fn pace<T>(&self, effect: Effect, mut act: impl FnMut(&mut Memory) -> T) -> Result<T, StoreError> {
        self.effect(effect, errors(), |state| Ok(act(&mut state.pace))).await
    }
}

impl Gates for Ports<'_> {
    async fn gate(&self, group: &IntegrationName) -> Result<Gate, StoreError> {
        self.pace(Effect::ReadGate, |pace| pace.gate(group)).await
    }

    async fn pass(&self, group: &IntegrationName, attempt: &Attempt) -> Result<Guarded<Gate>, StoreError> {
        self.pace(Effect::PassGate, |pace| pace.pass(group, attempt)).await
    }

    async fn turn(&self, group: &IntegrationName, turn: &Turn) -> Result<Guarded<Gate>, StoreError> {
        self.pace(Effect::TurnGate, |pace| pace.turn(group, turn)).await
    }

    async fn take_place(
        &self,
        group: &IntegrationName,
        wait: &WaitId,
        most: u16,
    ) -> Result<Guarded<Holders>, StoreError> {
        self.pace(Effect::TakePlace, |pace| pace.take_place(group, wait, most)).await
    }

    async fn leave_places(&self, group: &IntegrationName, waits: &[WaitId]) -> Result<(), StoreError> {
        self.pace(Effect::LeavePlace, |pace| pace.leave_places(group, waits)).await
    }
}
