//! The table of waits: the core's own rows and updates, behind the gate.

use super::{Errors, State, World};
use std::collections::BTreeMap;
use stepwait_core::Timestamp;
use stepwait_core::integration::IntegrationName;
use stepwait_core::wait::due::{DuePage, DuePosition, Sweep};
use stepwait_core::wait::memory::Memory;
use stepwait_core::wait::update::Meeting;
use stepwait_core::wait::{Change, Guarded, JobId, Rendezvous, WaitId, WaitRow};
use stepwait_flow::ports::{ResultStore, StoreError, WaitStore};

/// The rows, and every state that a wait's row has been in.
#[derive(Default)]
pub(crate) struct Store {
    pub(crate) table: Memory,
    pub(crate) pins: BTreeMap<(IntegrationName, String), String>,
    pub(crate) history: Vec<WaitRow>,
    /// Large results, by key: their types and their bytes.
    pub(crate) results: BTreeMap<String, (String, Vec<u8>)>,
}

impl Store {
    fn update(&mut self, id: &WaitId, change: &Change, now: Timestamp) -> Guarded<WaitRow> {
        let answer = self.table.update(id, change, now);
        if let Guarded::Applied(row) = &answer {
            self.history.push(row.clone());
        }
        answer
    }
}

/// What an effect on the table is called in scenarios.
fn name(change: &Change) -> &'static str {
    match change {
        Change::Register(_) => "register",
        Change::BeginSubmit { .. } => "begin submit",
        Change::ReleaseSubmit { .. } => "release submit",
        Change::SubmitUnknown { .. } => "mark submit unknown",
        Change::Submitted(_) => "mark submitted",
        Change::NoteJob(_) => "note job of ended wait",
        Change::Claim { .. } => "claim",
        Change::KeepLate(_) => "keep late",
        Change::Delivered { .. } => "mark delivered",
        Change::Postpone { .. } => "postpone",
    }
}

/// How the table says that an effect went wrong.
pub(super) fn errors() -> Errors<StoreError> {
    let error = |why: &str| StoreError::Unavailable(why.to_owned());
    Errors { not_done: error("throttled"), lost: error("the connection broke") }
}

impl World {
    /// One effect on the table.
    async fn table<T>(&self, name: &'static str, mut act: impl FnMut(&mut Store) -> T) -> Result<T, StoreError> {
        self.effect(name, errors(), |state: &mut State| Ok(act(&mut state.store))).await
    }
}

impl WaitStore for World {
    async fn update(&self, id: &WaitId, change: &Change, now: Timestamp) -> Result<Guarded<WaitRow>, StoreError> {
        self.table(name(change), |store| store.update(id, change, now)).await
    }

    async fn meet(
        &self,
        integration: &IntegrationName,
        job_id: &JobId,
        meeting: &Meeting,
    ) -> Result<Guarded<Rendezvous>, StoreError> {
        let name = match meeting {
            Meeting::Bind { .. } => "bind",
            Meeting::Mail { .. } => "mail",
        };
        self.table(name, |store| store.table.meet(integration, job_id, meeting)).await
    }

    async fn rendezvous(&self, integration: &IntegrationName, job_id: &JobId) -> Result<Rendezvous, StoreError> {
        let key = (integration.clone(), job_id.clone());
        self.table("read rendezvous", |store| store.table.rendezvous.get(&key).cloned().unwrap_or_default()).await
    }

    async fn read(&self, id: &WaitId) -> Result<Option<WaitRow>, StoreError> {
        self.table("read", |store| store.table.waits.get(id).cloned()).await
    }

    async fn due(&self, shard: u8, until: Timestamp, after: Option<&DuePosition>) -> Result<DuePage, StoreError> {
        self.table("read due", |store| store.table.due(shard, until, after)).await
    }

    async fn waits_of(&self, execution_arn: &str) -> Result<Vec<WaitId>, StoreError> {
        self.table("read execution", |store| store.table.waits_of(execution_arn)).await
    }

    async fn sweep(&self, shard: u8) -> Result<Sweep, StoreError> {
        self.table("read sweep", |store| store.table.sweeps.get(&shard).cloned().unwrap_or_default()).await
    }

    async fn keep_sweep(&self, shard: u8, seen: &Sweep, becomes: &Sweep) -> Result<Guarded<Sweep>, StoreError> {
        self.table("keep sweep", |store| store.table.keep_sweep(shard, seen, becomes)).await
    }

    async fn pin(&self, integration: &IntegrationName, digest: &str, text: &str) -> Result<(), StoreError> {
        self.table("pin", |store| {
            store.pins.entry((integration.clone(), digest.to_owned())).or_insert_with(|| text.to_owned());
        })
        .await
    }

    async fn pinned(&self, integration: &IntegrationName, digest: &str) -> Result<Option<String>, StoreError> {
        self.table("read pin", |store| store.pins.get(&(integration.clone(), digest.to_owned())).cloned()).await
    }
}

impl ResultStore for World {
    async fn keep_result(&self, key: &str, content_type: &str, body: Vec<u8>) -> Result<String, StoreError> {
        self.table("keep result", |store| {
            store.results.insert(key.to_owned(), (content_type.to_owned(), body.clone()));
            format!("s3://results/{key}")
        })
        .await
    }
}
