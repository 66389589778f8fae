//! The table of waits, with the conditions of the real one: each method is one
//! conditional update, refused with the row as it is or applied with the row as
//! it becomes.

use super::{Errors, State, World};
use std::collections::BTreeMap;
use stepwait_core::Timestamp;
use stepwait_core::integration::IntegrationName;
use stepwait_core::wait::{
    Generation, Guarded, JobId, Kept, Outcome, Registration, Rendezvous, SUBMIT_LOCK, Status, SubmitMark, WaitId,
    WaitRow,
};
use stepwait_flow::ports::{ResultStore, StoreError, WaitStore};

/// As many late outcomes as the real table keeps on a wait.
const MAX_LATE: usize = 5;

/// The rows, and every state that a wait's row has been in.
#[derive(Default)]
pub(crate) struct Store {
    pub(crate) waits: BTreeMap<WaitId, WaitRow>,
    pub(crate) rendezvous: BTreeMap<(IntegrationName, JobId), Rendezvous>,
    pub(crate) late: BTreeMap<WaitId, Vec<Outcome>>,
    pub(crate) pins: BTreeMap<(IntegrationName, String), String>,
    pub(crate) history: Vec<WaitRow>,
    /// Large results, by key: their types and their bytes.
    pub(crate) results: BTreeMap<String, (String, Vec<u8>)>,
}

impl Store {
    fn update(
        &mut self,
        id: &WaitId,
        holds: impl FnOnce(&WaitRow) -> bool,
        change: impl FnOnce(&mut WaitRow),
    ) -> Guarded<WaitRow> {
        match self.waits.get_mut(id) {
            None => Guarded::Refused(None),
            Some(row) if holds(row) => {
                change(row);
                self.history.push(row.clone());
                Guarded::Applied(row.clone())
            }
            Some(row) => Guarded::Refused(Some(row.clone())),
        }
    }

    fn register(&mut self, new: &Registration) -> Guarded<WaitRow> {
        if self.waits.contains_key(&new.id) {
            return self.update(
                &new.id,
                |row| row.generation < new.generation,
                |row| {
                    row.generation = new.generation;
                    row.token.clone_from(&new.token);
                },
            );
        }
        let row = WaitRow {
            id: new.id.clone(),
            status: Status::Registered,
            generation: new.generation,
            token: new.token.clone(),
            integration: new.integration.clone(),
            digest: new.digest.clone(),
            deadline: new.deadline,
            job_id: None,
            kept: Kept::default(),
            submit: None,
            outcome: None,
            outcome_operation: None,
            delivered: None,
        };
        self.waits.insert(new.id.clone(), row.clone());
        self.history.push(row.clone());
        Guarded::Applied(row)
    }
}

/// Whether a wait has no outcome yet.
fn is_open(row: &WaitRow) -> bool {
    matches!(row.status, Status::Registered | Status::Submitted | Status::SubmitUnknown)
}

fn holds_right(row: &WaitRow, operation: &str) -> bool {
    row.submit.as_ref().is_some_and(|mark| mark.operation == operation)
}

/// How the table says that an effect went wrong.
pub(super) fn errors() -> Errors<StoreError> {
    let error = |why: &str| StoreError::Unavailable(why.to_owned());
    Errors { not_done: error("throttled"), lost: error("the connection broke") }
}

impl World {
    /// One effect on the table.
    async fn table<T>(&self, name: &'static str, act: impl FnOnce(&mut Store) -> T) -> Result<T, StoreError> {
        self.effect(name, errors(), |state: &mut State| Ok(act(&mut state.store))).await
    }
}

impl WaitStore for World {
    async fn register(&self, new: &Registration) -> Result<Guarded<WaitRow>, StoreError> {
        self.table("register", |store| store.register(new)).await
    }

    async fn begin_submit(
        &self,
        id: &WaitId,
        mine: Generation,
        operation: &str,
        now: Timestamp,
    ) -> Result<Guarded<WaitRow>, StoreError> {
        let is_free = |row: &WaitRow| row.submit.as_ref().is_none_or(|mark| mark.lock_until < now);
        self.table("begin submit", |store| {
            store.update(
                id,
                |row| row.generation == mine && row.status == Status::Registered && is_free(row),
                |row| {
                    row.submit = Some(SubmitMark {
                        operation: operation.to_owned(),
                        lock_until: now + SUBMIT_LOCK,
                        attempts: row.submit.as_ref().map_or(0, |mark| mark.attempts) + 1,
                    });
                },
            )
        })
        .await
    }

    async fn release_submit(&self, id: &WaitId, operation: &str) -> Result<(), StoreError> {
        self.table("release submit", |store| {
            store.update(
                id,
                |row| holds_right(row, operation),
                |row| {
                    row.submit = row.submit.take().map(|mark| SubmitMark {
                        operation: "released".to_owned(),
                        lock_until: Timestamp::UNIX_EPOCH,
                        attempts: mark.attempts - 1,
                    });
                },
            );
        })
        .await
    }

    async fn submit_unknown(&self, id: &WaitId, operation: &str) -> Result<(), StoreError> {
        self.table("mark submit unknown", |store| {
            store.update(
                id,
                |row| holds_right(row, operation) && row.status == Status::Registered,
                |row| row.status = Status::SubmitUnknown,
            );
        })
        .await
    }

    async fn bind(
        &self,
        integration: &IntegrationName,
        job_id: &JobId,
        wait_id: &WaitId,
        _deadline: Timestamp,
    ) -> Result<Guarded<Rendezvous>, StoreError> {
        self.table("bind", |store| {
            let row = store.rendezvous.entry((integration.clone(), job_id.clone())).or_default();
            if row.wait_id.as_ref().is_some_and(|bound| bound != wait_id) {
                return Guarded::Refused(Some(row.clone()));
            }
            row.wait_id = Some(wait_id.clone());
            Guarded::Applied(row.clone())
        })
        .await
    }

    async fn submitted(
        &self,
        id: &WaitId,
        mine: Generation,
        operation: &str,
        job_id: &JobId,
        kept: &Kept,
    ) -> Result<Guarded<WaitRow>, StoreError> {
        let may = |row: &WaitRow| row.generation == mine || holds_right(row, operation);
        let answer = self
            .table("mark submitted", |store| {
                store.update(
                    id,
                    |row| may(row) && is_open(row),
                    |row| {
                        row.status = Status::Submitted;
                        note_job(row, job_id, kept);
                    },
                )
            })
            .await?;
        match &answer {
            Guarded::Refused(Some(row)) if row.outcome.is_some() => {
                self.table("note job of ended wait", |store| store.update(id, may, |row| note_job(row, job_id, kept)))
                    .await
            }
            Guarded::Applied(_) | Guarded::Refused(_) => Ok(answer),
        }
    }

    async fn rendezvous(&self, integration: &IntegrationName, job_id: &JobId) -> Result<Rendezvous, StoreError> {
        self.table("read rendezvous", |store| {
            store.rendezvous.get(&(integration.clone(), job_id.clone())).cloned().unwrap_or_default()
        })
        .await
    }

    async fn mail(
        &self,
        integration: &IntegrationName,
        job_id: &JobId,
        event: &Outcome,
    ) -> Result<Rendezvous, StoreError> {
        self.table("mail", |store| {
            let row = store.rendezvous.entry((integration.clone(), job_id.clone())).or_default();
            row.event.get_or_insert_with(|| event.clone());
            row.clone()
        })
        .await
    }

    async fn claim(
        &self,
        id: &WaitId,
        integration: &IntegrationName,
        outcome: &Outcome,
        operation: &str,
    ) -> Result<Guarded<WaitRow>, StoreError> {
        self.table("claim", |store| {
            store.update(
                id,
                |row| is_open(row) && row.integration == *integration,
                |row| {
                    row.status = Status::of(&outcome.kind);
                    row.outcome = Some(outcome.clone());
                    row.outcome_operation = Some(operation.to_owned());
                },
            )
        })
        .await
    }

    async fn keep_late(&self, id: &WaitId, late: &Outcome) -> Result<(), StoreError> {
        self.table("keep late", |store| {
            if store.waits.contains_key(id) {
                let kept = store.late.entry(id.clone()).or_default();
                if kept.len() < MAX_LATE {
                    kept.push(late.clone());
                }
            }
        })
        .await
    }

    async fn delivered(&self, id: &WaitId, to: Generation) -> Result<Guarded<WaitRow>, StoreError> {
        self.table("mark delivered", |store| {
            store.update(id, |row| row.generation == to, |row| row.delivered = Some(to))
        })
        .await
    }

    async fn read(&self, id: &WaitId) -> Result<Option<WaitRow>, StoreError> {
        self.table("read", |store| store.waits.get(id).cloned()).await
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

fn note_job(row: &mut WaitRow, job_id: &JobId, kept: &Kept) {
    // What was kept first stays, also if it is nothing.
    if row.job_id.is_none() {
        row.kept = kept.clone();
    }
    row.job_id = Some(job_id.clone());
}

impl ResultStore for World {
    async fn keep_result(&self, key: &str, content_type: &str, body: Vec<u8>) -> Result<String, StoreError> {
        self.table("keep result", |store| {
            store.results.insert(key.to_owned(), (content_type.to_owned(), body));
            format!("s3://results/{key}")
        })
        .await
    }
}
