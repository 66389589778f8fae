//! What all waits on one third party share: its gate and its places, changed by
//! the guarded updates of the real table.

use super::World;
use stepwait_core::integration::IntegrationName;
use stepwait_core::pace::memory::Memory;
use stepwait_core::pace::places::Holders;
use stepwait_core::pace::{Attempt, Gate, Turn};
use stepwait_core::wait::{Guarded, WaitId};
use stepwait_flow::ports::{Gates, StoreError};

impl Gates for World {
    async fn gate(&self, group: &IntegrationName) -> Result<Gate, StoreError> {
        self.shared("read gate", |shared| shared.gate(group)).await
    }

    async fn pass(&self, group: &IntegrationName, attempt: &Attempt) -> Result<Guarded<Gate>, StoreError> {
        self.shared("pass gate", |shared| shared.pass(group, attempt)).await
    }

    async fn turn(&self, group: &IntegrationName, turn: &Turn) -> Result<Guarded<Gate>, StoreError> {
        self.shared("turn gate", |shared| shared.turn(group, turn)).await
    }

    async fn take_place(
        &self,
        group: &IntegrationName,
        wait: &WaitId,
        most: u16,
    ) -> Result<Guarded<Holders>, StoreError> {
        self.shared("take place", |shared| shared.take_place(group, wait, most)).await
    }

    async fn leave_places(&self, group: &IntegrationName, waits: &[WaitId]) -> Result<(), StoreError> {
        self.shared("leave place", |shared| shared.leave_places(group, waits)).await
    }
}

impl World {
    async fn shared<T>(&self, name: &'static str, mut act: impl FnMut(&mut Memory) -> T) -> Result<T, StoreError> {
        self.effect(name, super::store::errors(), |state| Ok(act(&mut state.shared))).await
    }
}
