//! The table of waits: the core's own rows and updates. Each change is held
//! against the rules at once. The indexes may show the past.

use super::effect::Errors;
use super::{Doing, Ports, State};
use crate::fault::{Effect, Fault, Step, Witness};
use crate::mistake::Mistake;
use crate::oracle::rows;
use std::collections::BTreeMap;
use stepwait_core::Timestamp;
use stepwait_core::integration::IntegrationName;
use stepwait_core::wait::due::{DuePage, DuePosition, DueWait, Sweep};
use stepwait_core::wait::memory::Memory;
use stepwait_core::wait::update::Meeting;
use stepwait_core::wait::{Change, Guarded, JobId, Rendezvous, Status, WaitId, WaitRow};
use stepwait_flow::ports::{ResultStore, StoreError, WaitStore};

/// The rows, and what they were.
#[derive(Default)]
pub(crate) struct Store {
    pub(crate) table: Memory,
    /// Each state of each row, and since when.
    pub(crate) past: BTreeMap<WaitId, Vec<(u64, WaitRow)>>,
    pins: BTreeMap<(IntegrationName, String), String>,
    /// Large results, by address.
    pub(crate) results: BTreeMap<String, Vec<u8>>,
}

impl Store {
    /// The table as it was so long ago.
    fn as_of(&self, time: u64) -> Memory {
        let then =
            |rows: &Vec<(u64, WaitRow)>| rows.iter().rev().find(|(at, _)| *at <= time).map(|(_, row)| row.clone());
        let waits = self.past.iter().filter_map(|(id, rows)| Some((id.clone(), then(rows)?)));
        Memory { waits: waits.collect(), ..Memory::default() }
    }
}

/// How the table says that an effect went wrong.
pub(super) fn errors() -> Errors<StoreError> {
    let error = |why: &str| StoreError::Unavailable(why.to_owned());
    Errors { not_done: error("throttled"), lost: error("the connection broke") }
}

impl State {
    fn update(&mut self, id: &WaitId, change: &Change, now: Timestamp) -> Guarded<WaitRow> {
        let before = self.store.table.waits.get(id).cloned();
        let answer = match self.mistake.and_then(|mistake| mistaken(mistake, before.as_ref(), change)) {
            Some((row, change)) => change.update(now).apply(id, Some(&row)),
            None => change.update(now).apply(id, before.as_ref()),
        };
        let answer = self.leave_early(change, answer);
        if let Guarded::Applied(row) = &answer {
            self.store.table.waits.insert(id.clone(), row.clone());
            self.store.past.entry(id.clone()).or_default().push((self.now, row.clone()));
            rows::changed(self, before.as_ref(), row, change);
        }
        rows::answered(self, change, &answer);
        self.say(|| match &answer {
            Guarded::Applied(row) => format!("    {id}: {}", shown(row)),
            Guarded::Refused(Some(row)) => format!("    refused, {id}: {}", shown(row)),
            Guarded::Refused(None) => format!("    refused, there is no {id}"),
        });
        answer
    }

    fn leave_early(&self, change: &Change, answer: Guarded<WaitRow>) -> Guarded<WaitRow> {
        match (change, answer) {
            (Change::Claim { .. }, Guarded::Applied(mut row)) if self.mistake == Some(Mistake::LeavesIndexEarly) => {
                row.due = None;
                Guarded::Applied(row)
            }
            (_, answer) => answer,
        }
    }

    fn meet(&mut self, integration: &IntegrationName, job_id: &JobId, meeting: &Meeting) -> Guarded<Rendezvous> {
        let key = (integration.clone(), job_id.clone());
        let before = self.store.table.rendezvous.get(&key).cloned();
        let mut answer = match self.mistake {
            Some(Mistake::LastBindWins) if matches!(meeting, Meeting::Bind { .. }) => {
                let unbound = Rendezvous { wait_id: None, ..before.clone().unwrap_or_default() };
                let answer = meeting.apply(Some(&unbound));
                if let Guarded::Applied(row) = &answer {
                    self.store.table.rendezvous.insert(key.clone(), row.clone());
                }
                answer
            }
            Some(Mistake::MailNotKept) if matches!(meeting, Meeting::Mail { .. }) => meeting.apply(before.as_ref()),
            Some(_) | None => self.store.table.meet(integration, job_id, meeting),
        };
        let after = self.store.table.rendezvous.get(&key).cloned();
        rows::met(self, &key, before.as_ref(), after.as_ref(), meeting);
        if let (Guarded::Applied(row), Meeting::Bind { .. }) = (&answer, meeting)
            && row.event.is_some()
        {
            self.saw(Witness::MailMet);
        }
        self.say(|| {
            let refused = if matches!(answer, Guarded::Refused(_)) { "refused, " } else { "" };
            let row = after.unwrap_or_default();
            let wait = row.wait_id.as_ref().map_or("nobody", WaitId::as_str);
            let event = row.event.as_ref().map_or("no event", |event| Status::of(&event.kind).as_str());
            format!("    {refused}{integration} {job_id}: {wait}, {event}")
        });
        if let (Some(Mistake::MailboxNotRead), Meeting::Bind { .. }, Guarded::Applied(row)) =
            (self.mistake, meeting, &mut answer)
        {
            row.event = None;
        }
        answer
    }

    /// The table as an index shows it now.
    fn index(&mut self, effect: Effect) -> Option<Memory> {
        let (probability, oldest) = self.course.stale;
        if !self.chance.happens(probability) {
            return None;
        }
        self.coverage.fault(effect, Fault::Stale);
        let age = self.chance.magnitude(1, oldest);
        self.say(|| format!("    as it was {age} ms ago"));
        Some(self.store.as_of(self.now.saturating_sub(age)))
    }

    fn due(&mut self, shard: u8, until: Timestamp, after: Option<&DuePosition>) -> DuePage {
        let past = self.index(Effect::ReadDue);
        let mut page = past.as_ref().unwrap_or(&self.store.table).due(shard, until, after);
        if page.waits.len() > self.course.page {
            // A page ends where the table wants it to.
            page.waits.truncate(self.course.page);
            page.next = page.waits.last().map(DueWait::position);
        }
        page
    }
}

/// The row and the change that a mistaken table works with.
fn mistaken(mistake: Mistake, before: Option<&WaitRow>, change: &Change) -> Option<(WaitRow, Change)> {
    let mut row = before?.clone();
    let mut change = change.clone();
    match (mistake, &mut change) {
        (Mistake::LastClaimWins, Change::Claim { .. }) => row.status = Status::Submitted,
        (Mistake::DeliveredWhateverAttempt, Change::Delivered { to }) => *to = row.generation,
        (Mistake::EarlierAttemptTakesOver, Change::Register(new)) if new.generation < row.generation => {
            row.generation = stepwait_core::wait::Generation::from_u64(0);
        }
        (Mistake::LockIgnored, Change::BeginSubmit { .. }) => {
            if let Some(mark) = &mut row.submit {
                mark.lock_until = Timestamp::UNIX_EPOCH;
            }
        }
        _ => return None,
    }
    Some((row, change))
}

/// A row in a line of the trace.
fn shown(row: &WaitRow) -> String {
    let outcome = row.outcome.as_ref().map(|outcome| format!(" by {:?}", outcome.source)).unwrap_or_default();
    let job = row.job_id.as_ref().map(|job| format!(", {job}")).unwrap_or_default();
    let delivered = if row.delivered == Some(row.generation) { ", delivered" } else { "" };
    let due = row.due.map(|due| format!(", due {due}")).unwrap_or_default();
    let retry = row.generation.as_u64() % 1_000;
    format!("{}{outcome}, attempt {retry}{job}{delivered}{due}", row.status.as_str())
}

impl Ports<'_> {
    /// One effect on the table.
    async fn table<T>(&self, effect: Effect, mut act: impl FnMut(&mut State) -> T) -> Result<T, StoreError> {
        self.effect(effect, errors(), |state| Ok(act(state))).await
    }
}

impl WaitStore for Ports<'_> {
    async fn update(&self, id: &WaitId, change: &Change, now: Timestamp) -> Result<Guarded<WaitRow>, StoreError> {
        self.table(Effect::of_change(change), |state| state.update(id, change, now)).await
    }

    async fn meet(
        &self,
        integration: &IntegrationName,
        job_id: &JobId,
        meeting: &Meeting,
    ) -> Result<Guarded<Rendezvous>, StoreError> {
        self.table(Effect::of_meeting(meeting), |state| state.meet(integration, job_id, meeting)).await
    }

    async fn rendezvous(&self, integration: &IntegrationName, job_id: &JobId) -> Result<Rendezvous, StoreError> {
        let key = (integration.clone(), job_id.clone());
        self.table(Effect::ReadRendezvous, |state| {
            let mut row = state.store.table.rendezvous.get(&key).cloned().unwrap_or_default();
            if state.mistake == Some(Mistake::MailboxNotRead) {
                row.event = None;
            }
            row
        })
        .await
    }

    async fn read(&self, id: &WaitId) -> Result<Option<WaitRow>, StoreError> {
        let Doing { step, has_begun, .. } = self.doing();
        let effect = Effect::of_read(step, !has_begun);
        self.table(effect, |state| {
            let row = state.store.table.waits.get(id).cloned();
            match (&row, step) {
                (Some(_), Step::SubmitUnplanned | Step::SubmitInRound) if effect == Effect::ReadBegun => {
                    state.saw(Witness::BegunBefore);
                }
                (None, Step::CloseUnplanned) => state.saw(Witness::ClosedUnbegun),
                _ => {}
            }
            row
        })
        .await
    }

    async fn due(&self, shard: u8, until: Timestamp, after: Option<&DuePosition>) -> Result<DuePage, StoreError> {
        self.table(Effect::ReadDue, |state| state.due(shard, until, after)).await
    }

    async fn waits_of(&self, execution_arn: &str) -> Result<Vec<WaitId>, StoreError> {
        self.table(Effect::ReadExecution, |state| {
            let past = state.index(Effect::ReadExecution);
            past.as_ref().unwrap_or(&state.store.table).waits_of(execution_arn)
        })
        .await
    }

    async fn sweep(&self, shard: u8) -> Result<Sweep, StoreError> {
        self.table(Effect::ReadSweep, |state| {
            let sweep = state.store.table.sweeps.get(&shard).cloned().unwrap_or_default();
            if sweep.under_way.is_some() {
                state.saw(Witness::SweepContinued);
            }
            sweep
        })
        .await
    }

    async fn keep_sweep(&self, shard: u8, seen: &Sweep, becomes: &Sweep) -> Result<Guarded<Sweep>, StoreError> {
        self.table(Effect::KeepSweep, |state| {
            let kept = state.store.table.keep_sweep(shard, seen, becomes);
            if matches!(kept, Guarded::Refused(_)) {
                state.saw(Witness::SweepOvertaken);
            }
            kept
        })
        .await
    }

    async fn pin(&self, integration: &IntegrationName, digest: &str, text: &str) -> Result<(), StoreError> {
        let key = (integration.clone(), digest.to_owned());
        self.table(Effect::of_pin(self.doing().step), |state| {
            state.store.pins.entry(key.clone()).or_insert_with(|| text.to_owned());
        })
        .await
    }

    async fn pinned(&self, integration: &IntegrationName, digest: &str) -> Result<Option<String>, StoreError> {
        let key = (integration.clone(), digest.to_owned());
        self.table(Effect::ReadPin, |state| {
            state.saw(Witness::Deployed);
            state.store.pins.get(&key).cloned()
        })
        .await
    }
}

impl ResultStore for Ports<'_> {
    async fn keep_result(&self, key: &str, _content_type: &str, body: Vec<u8>) -> Result<String, StoreError> {
        let address = format!("s3://results/{key}");
        self.table(Effect::KeepResult, |state| {
            state.saw(Witness::LargeResult);
            state.store.results.insert(address.clone(), body.clone());
            address.clone()
        })
        .await
    }
}
