//! The effects that steps need, as traits: what is behind them is decided by
//! whoever runs a step.

use crate::KeyCache;
use std::future::Future;
use std::sync::Mutex;
use std::time::Duration;
use stepwait_core::answer::{Answer, TransportError};
use stepwait_core::authorize::AccessToken;
use stepwait_core::integration::{Integration, IntegrationName};
use stepwait_core::pace::places::Holders;
use stepwait_core::pace::{Attempt, Gate, Turn};
use stepwait_core::request::OutgoingRequest;
use stepwait_core::wait::due::{DuePage, DuePosition, Sweep};
use stepwait_core::wait::update::Meeting;
use stepwait_core::wait::{Capability, Change, Guarded, JobId, Rendezvous, WaitId, WaitRow};
use stepwait_core::{SecretValue, TaskToken, Timestamp};

/// All that a step needs of the world.
pub trait Ports: Outside + WaitStore + Gates + ResultStore + Tasks + Capabilities + KeyCaches {}
impl<P: Outside + WaitStore + Gates + ResultStore + Tasks + Capabilities + KeyCaches> Ports for P {}

/// All that an exchange with a third party needs, without a table of waits:
/// trying an integration on a laptop needs no more.
pub trait Outside: Clock + ThirdParty + Secrets + Tokens + Pace {}
impl<P: Clock + ThirdParty + Secrets + Tokens + Pace> Outside for P {}

/// Time and chance.
pub trait Clock: Sync {
    /// Now.
    fn now(&self) -> Timestamp;
    /// Any number.
    fn random(&self) -> u64;
}

/// Waiting within a step, where a step has other things to do meanwhile.
pub trait Rest: Sync {
    /// Waits for that long.
    fn rest(&self, time: Duration) -> impl Future<Output = ()> + Send;
}

/// Chance that nobody can foresee.
pub trait Capabilities: Sync {
    /// A new capability; `None` if the system has no chance to give.
    fn capability(&self) -> Option<Capability>;
}

/// The table of waits, or the store of results, did not do what was asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// It could not be reached, or was too busy; whether an update was applied is not known.
    #[error("what is stored could not be reached: {0}")]
    Unavailable(String),
    /// A row is not as this program writes it.
    #[error("a row of the table of waits cannot be read: {0}")]
    Corrupt(String),
}

/// The rows of waits, changed by guarded updates only. What the updates are and
/// what follows from their answers is in `stepwait_core::wait`.
pub trait WaitStore: Sync {
    /// Makes a change of a wait, if it may be made now: one conditional update,
    /// answered with the row as it is now or as it was found.
    fn update(
        &self,
        id: &WaitId,
        change: &Change,
        now: Timestamp,
    ) -> impl Future<Output = Result<Guarded<WaitRow>, StoreError>> + Send;

    /// Updates the rendezvous row of a third party's job, if it may be, and reads all of it back.
    fn meet(
        &self,
        integration: &IntegrationName,
        job_id: &JobId,
        meeting: &Meeting,
    ) -> impl Future<Output = Result<Guarded<Rendezvous>, StoreError>> + Send;

    /// Reads what is known of a third party's job (a consistent read).
    fn rendezvous(
        &self,
        integration: &IntegrationName,
        job_id: &JobId,
    ) -> impl Future<Output = Result<Rendezvous, StoreError>> + Send;

    /// Reads a wait as it is now (a consistent read).
    fn read(&self, id: &WaitId) -> impl Future<Output = Result<Option<WaitRow>, StoreError>> + Send;

    /// What a shard of the index of due waits shows up to a time, behind a
    /// position; perhaps a moment late.
    fn due(
        &self,
        shard: u8,
        until: Timestamp,
        after: Option<&DuePosition>,
    ) -> impl Future<Output = Result<DuePage, StoreError>> + Send;

    /// The waits of an execution, ended or not; perhaps a moment late.
    fn waits_of(&self, execution_arn: &str) -> impl Future<Output = Result<Vec<WaitId>, StoreError>> + Send;

    /// How far the reconciler has come in a shard (a consistent read).
    fn sweep(&self, shard: u8) -> impl Future<Output = Result<Sweep, StoreError>> + Send;

    /// Keeps how far it has come, if nobody else did meanwhile.
    fn keep_sweep(
        &self,
        shard: u8,
        seen: &Sweep,
        becomes: &Sweep,
    ) -> impl Future<Output = Result<Guarded<Sweep>, StoreError>> + Send;

    /// Keeps the text of an integration file under its digest.
    fn pin(
        &self,
        integration: &IntegrationName,
        digest: &str,
        text: &str,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// The text kept under a digest.
    fn pinned(
        &self,
        integration: &IntegrationName,
        digest: &str,
    ) -> impl Future<Output = Result<Option<String>, StoreError>> + Send;
}

/// What all executions together know of a third party, by the group that shares
/// its limits, changed by guarded updates only (see `stepwait_core::pace`).
pub trait Gates: Sync {
    /// Reads a gate as it is now (a consistent read).
    fn gate(&self, group: &IntegrationName) -> impl Future<Output = Result<Gate, StoreError>> + Send;

    /// Takes the right to send one request.
    fn pass(
        &self,
        group: &IntegrationName,
        attempt: &Attempt,
    ) -> impl Future<Output = Result<Guarded<Gate>, StoreError>> + Send;

    /// Changes the health, if it is as it was seen.
    fn turn(
        &self,
        group: &IntegrationName,
        turn: &Turn,
    ) -> impl Future<Output = Result<Guarded<Gate>, StoreError>> + Send;

    /// Takes one of `most` places, if one is free or the wait holds one.
    fn take_place(
        &self,
        group: &IntegrationName,
        wait: &WaitId,
        most: u16,
    ) -> impl Future<Output = Result<Guarded<Holders>, StoreError>> + Send;

    /// Gives the waits' places back, as far as they hold any.
    fn leave_places(
        &self,
        group: &IntegrationName,
        waits: &[WaitId],
    ) -> impl Future<Output = Result<(), StoreError>> + Send;
}

/// Whoever keeps the pace of requests is told what each exchange says of the
/// third party's health. All that have [`Gates`] tell everybody by them.
pub trait Pace: Sync {
    /// Notes an exchange.
    fn note(
        &self,
        integration: &Integration,
        received: &Result<Answer, TransportError>,
    ) -> impl Future<Output = ()> + Send;
}

impl<P: Gates + Clock> Pace for P {
    async fn note(&self, integration: &Integration, received: &Result<Answer, TransportError>) {
        crate::pace::note(self, integration, received).await;
    }
}

/// Where results go that are too large to travel.
pub trait ResultStore: Sync {
    /// Stores a result and returns its address, `s3://bucket/key`. Storing the
    /// same again does no harm: the key tells the content.
    fn keep_result(
        &self,
        key: &str,
        content_type: &str,
        body: Vec<u8>,
    ) -> impl Future<Output = Result<String, StoreError>> + Send;
}

/// Room in memory, until dropped.
pub type Room = Box<dyn Send>;

/// The third party's API.
pub trait ThirdParty: Sync {
    /// Sends one request, once.
    fn send(&self, request: OutgoingRequest) -> impl Future<Output = Result<Answer, TransportError>> + Send;

    /// Waits for room in memory for a result that comes in pages, which are kept
    /// until the last one is there. `None` where nobody else may need the memory.
    fn room_for_pages(&self) -> impl Future<Output = Option<Room>> + Send {
        std::future::ready(None)
    }
}

/// A secret could not be had.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the secret {name:?} could not be read ({why}); create it, or let the function's role read it")]
pub struct SecretError {
    /// Its full name.
    pub name: String,
    /// Why.
    pub why: String,
}

/// Secrets by name.
pub trait Secrets: Sync {
    /// The value of a secret.
    fn secret(&self, name: &str) -> impl Future<Output = Result<SecretValue, SecretError>> + Send;

    /// Forgets a value that was refused, so that the next one asked for is fresh.
    fn forget_secret(&self, name: &str);
}

/// Access tokens, kept as long as they are good, by the digest of the file that
/// says where they come from: another version of it may trust another host.
pub trait Tokens: Sync {
    /// The token kept for a version of an integration.
    fn token(&self, digest: &str) -> Option<AccessToken>;

    /// Keeps a token, or forgets the one kept.
    fn keep_token(&self, digest: &str, token: Option<AccessToken>);
}

/// Public keys that were fetched, kept as long as whoever runs the steps lives.
pub trait KeyCaches: Sync {
    /// The keys that are kept.
    fn key_cache(&self) -> &Mutex<KeyCache>;
}

/// What a waiting task is resumed with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Resumption {
    /// It goes on with this JSON.
    Success(String),
    /// It fails.
    Failure {
        /// The error's name, as Retry and Catch match it.
        error: String,
        /// The cause.
        cause: String,
    },
}

/// What became of a resumption.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resumed {
    /// The task took it.
    Taken,
    /// The token is of no use any more: used, timed out or never known. Final.
    Gone,
}

/// A task could not be resumed for now; it may work later.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("step functions did not take the outcome: {0}")]
pub struct TaskError(pub String);

/// Waiting tasks.
pub trait Tasks: Sync {
    /// Tells the task that holds the token that its job is under way.
    fn heartbeat(&self, token: &TaskToken) -> impl Future<Output = Result<Resumed, TaskError>> + Send;

    /// Resumes the task that holds the token.
    fn resume(&self, token: &TaskToken, with: &Resumption) -> impl Future<Output = Result<Resumed, TaskError>> + Send;
}
