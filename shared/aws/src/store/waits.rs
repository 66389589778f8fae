//! The table of waits: each change is one conditional update, whose expressions
//! [`render`](super::render) makes of the core's data.

use super::guarded;
use super::render::Expressions;
use super::rows::Row as _;
use crate::Edges;
use stepwait_core::Timestamp;
use stepwait_core::integration::IntegrationName;
use stepwait_core::wait::due::{DuePage, DuePosition, Sweep};
use stepwait_core::wait::update::Meeting;
use stepwait_core::wait::{Change, Guarded, JobId, Rendezvous, WaitId, WaitRow};
use stepwait_flow::ports::{StoreError, WaitStore};

pub(super) fn wait_key(id: &WaitId) -> String {
    format!("W#{id}")
}

fn job_key(integration: &IntegrationName, job_id: &JobId) -> String {
    format!("J#{integration}#{job_id}")
}

impl WaitStore for Edges {
    async fn update(&self, id: &WaitId, change: &Change, now: Timestamp) -> Result<Guarded<WaitRow>, StoreError> {
        let expressions = Expressions::of_update(id, &change.update(now))?;
        guarded(expressions.on(self.row_update(wait_key(id)))).await
    }

    async fn meet(
        &self,
        integration: &IntegrationName,
        job_id: &JobId,
        meeting: &Meeting,
    ) -> Result<Guarded<Rendezvous>, StoreError> {
        let expressions = Expressions::of_meeting(meeting)?;
        guarded(expressions.on(self.row_update(job_key(integration, job_id)))).await
    }

    async fn rendezvous(&self, integration: &IntegrationName, job_id: &JobId) -> Result<Rendezvous, StoreError> {
        let item = self.get(job_key(integration, job_id)).await?;
        item.as_ref().map_or_else(|| Ok(Rendezvous::default()), Rendezvous::read)
    }

    async fn read(&self, id: &WaitId) -> Result<Option<WaitRow>, StoreError> {
        self.get(wait_key(id)).await?.as_ref().map(WaitRow::read).transpose()
    }

    async fn due(&self, shard: u8, until: Timestamp, after: Option<&DuePosition>) -> Result<DuePage, StoreError> {
        self.query_due(shard, until, after).await
    }

    async fn waits_of(&self, execution_arn: &str) -> Result<Vec<WaitId>, StoreError> {
        self.query_execution(execution_arn).await
    }

    async fn sweep(&self, shard: u8) -> Result<Sweep, StoreError> {
        self.read_sweep(shard).await
    }

    async fn keep_sweep(&self, shard: u8, seen: &Sweep, becomes: &Sweep) -> Result<Guarded<Sweep>, StoreError> {
        self.write_sweep(shard, seen, becomes).await
    }

    async fn pin(&self, integration: &IntegrationName, digest: &str, text: &str) -> Result<(), StoreError> {
        self.keep_text(integration, digest, text).await
    }

    async fn pinned(&self, integration: &IntegrationName, digest: &str) -> Result<Option<String>, StoreError> {
        self.kept_text(integration, digest).await
    }
}
