//! The table of waits in memory: the same guarded updates on the same rows, for
//! tests and simulations. It is no double with a mind of its own: what it
//! applies is what the table in DynamoDB renders as expressions.

use super::change::Change;
use super::due::{DUE_PAGE, DuePage, DuePosition, DueWait, MAX_WAITS_OF_EXECUTION, Sweep, shard_of};
use super::update::Meeting;
use super::{Guarded, JobId, Rendezvous, WaitId, WaitRow};
use crate::Timestamp;
use crate::integration::IntegrationName;
use std::collections::BTreeMap;

/// A table of waits.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Memory {
    /// The waits.
    pub waits: BTreeMap<WaitId, WaitRow>,
    /// The links from third parties' ids, and their mailboxes.
    pub rendezvous: BTreeMap<(IntegrationName, JobId), Rendezvous>,
    /// How far the reconciler has come.
    pub sweeps: BTreeMap<u8, Sweep>,
}

impl Memory {
    /// Makes a change of a wait, if it may be made now.
    pub fn update(&mut self, id: &WaitId, change: &Change, now: Timestamp) -> Guarded<WaitRow> {
        let answer = change.update(now).apply(id, self.waits.get(id));
        if let Guarded::Applied(row) = &answer {
            self.waits.insert(id.clone(), row.clone());
        }
        answer
    }

    /// Updates the rendezvous row of a job, if it may be.
    pub fn meet(&mut self, integration: &IntegrationName, job_id: &JobId, meeting: &Meeting) -> Guarded<Rendezvous> {
        let key = (integration.clone(), job_id.clone());
        let answer = meeting.apply(self.rendezvous.get(&key));
        if let Guarded::Applied(row) = &answer {
            self.rendezvous.insert(key, row.clone());
        }
        answer
    }

    /// What a shard of the index shows up to a time, behind a position.
    #[must_use]
    pub fn due(&self, shard: u8, until: Timestamp, after: Option<&DuePosition>) -> DuePage {
        let in_shard = self.waits.values().filter(|row| shard_of(&row.id) == shard);
        let mut waits: Vec<DueWait> = in_shard
            .filter_map(DueWait::of)
            .filter(|wait| wait.due <= until && after.is_none_or(|after| wait.position() > *after))
            .collect();
        waits.sort_by_key(DueWait::position);
        waits.truncate(DUE_PAGE);
        let next = (waits.len() == DUE_PAGE).then(|| waits.last().map(DueWait::position)).flatten();
        DuePage { waits, next }
    }

    /// The waits of an execution.
    #[must_use]
    pub fn waits_of(&self, execution_arn: &str) -> Vec<WaitId> {
        let waits = self.waits.values().filter(|row| row.execution_arn == execution_arn);
        waits.map(|row| row.id.clone()).take(MAX_WAITS_OF_EXECUTION).collect()
    }

    /// Keeps how far the reconciler has come, if nobody else did meanwhile.
    pub fn keep_sweep(&mut self, shard: u8, seen: &Sweep, becomes: &Sweep) -> Guarded<Sweep> {
        let kept = self.sweeps.entry(shard).or_default();
        if kept != seen {
            return Guarded::Refused(Some(kept.clone()));
        }
        *kept = becomes.clone();
        Guarded::Applied(becomes.clone())
    }
}
