//! One shard of the index, page by page. How far it has come is kept after each
//! page, so that the next run goes on where this one ran out of time.

use super::entry::{self, Done, Run};
use super::together::{self, Asked};
use super::{IN_FLIGHT_OF_SHARD, Summary, TOGETHER_OF_SHARD};
use crate::ports::{Ports, Rest};
use crate::{Book, StepError};
use futures_util::{StreamExt as _, stream};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use stepwait_core::decide::sweep::Window;
use stepwait_core::integration::{Integration, IntegrationName};
use stepwait_core::wait::Guarded;
use stepwait_core::wait::due::{DueWait, Sweep, UnderWay};
use stepwait_core::{ErrorName, Timestamp};

/// The most sweeps of a shard in one run, two: the rest of the one that the last
/// run did not bring to its end, and one up to now.
const MAX_SWEEPS: usize = 2;

/// The versions of integrations that a shard's waits go by; `None` for one that is lost.
type Versions<'b> = BTreeMap<(IntegrationName, String), Option<Cow<'b, Integration>>>;

/// How a sweep went.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    /// All up to its time was looked at.
    Whole,
    /// Time was up, and the next run goes on.
    OutOfTime,
    /// Another run is on it.
    Overtaken,
}

/// Sweeps a shard up to now, or as far as time allows.
pub(super) async fn sweep<P: Ports + Rest>(
    ports: &P,
    book: &Book,
    shard: u8,
    stop_at: Timestamp,
) -> (Summary, Result<(), StepError>) {
    let mut of_shard = Shard { ports, book, shard, stop_at, versions: Versions::new(), summary: Summary::default() };
    let result = of_shard.sweep().await;
    if let Err(error) = &result {
        tracing::error!(shard, name = %error.name, "a shard was not swept");
    }
    (of_shard.summary, result)
}

struct Shard<'b, P> {
    ports: &'b P,
    book: &'b Book,
    shard: u8,
    stop_at: Timestamp,
    versions: Versions<'b>,
    summary: Summary,
}

impl<P: Ports + Rest> Shard<'_, P> {
    async fn sweep(&mut self) -> Result<(), StepError> {
        let mut seen = self.ports.sweep(self.shard).await?;
        for _ in 0..MAX_SWEEPS {
            let goes_on = seen.under_way.is_some();
            let until = seen.under_way.as_ref().map_or_else(|| self.ports.now(), |sweep| sweep.until);
            let end = self.pages(&mut seen, until).await?;
            if end == End::OutOfTime {
                let now = self.ports.now();
                self.summary.was_due(seen.done_until.unwrap_or(until), now);
            }
            if end != End::Whole || !goes_on {
                break;
            }
        }
        Ok(())
    }

    async fn pages(&mut self, seen: &mut Sweep, until: Timestamp) -> Result<End, StepError> {
        let window = Window { from: seen.done_until, until };
        // Bounded by time, and by the index: each page begins behind the one before.
        while self.ports.now() < self.stop_at {
            let after = seen.under_way.as_ref().map(|sweep| &sweep.after);
            let page = self.ports.due(self.shard, until, after).await?;
            if page.waits.is_empty() && page.next.is_none() && after.is_none() {
                // Nothing was due, so there is nothing to be kept from being found again.
                return Ok(End::Whole);
            }
            let begun = self.page(&page.waits, window).await?;
            let is_whole = begun == page.waits.len();
            let after = match page.waits.get(..begun).and_then(<[DueWait]>::last) {
                _ if is_whole => page.next,
                Some(last) => Some(last.position()),
                None => return Ok(End::OutOfTime),
            };
            let becomes = match after {
                Some(after) => Sweep { done_until: seen.done_until, under_way: Some(UnderWay { until, after }) },
                None => Sweep { done_until: Some(until), under_way: None },
            };
            if let Guarded::Refused(_) = self.ports.keep_sweep(self.shard, seen, &becomes).await? {
                return Ok(End::Overtaken);
            }
            *seen = becomes;
            match (is_whole, &seen.under_way) {
                (true, None) => return Ok(End::Whole),
                (true, Some(_)) => {}
                (false, _) => return Ok(End::OutOfTime),
            }
        }
        Ok(End::OutOfTime)
    }

    /// Works on the entries of a page; returns how many of the first were all begun
    /// before time was up.
    async fn page(&mut self, waits: &[DueWait], window: Window) -> Result<usize, StepError> {
        for wait in waits {
            self.find_version(wait).await?;
        }
        let Self { ports, book, stop_at, versions, .. } = &*self;
        let run = Run { ports: *ports, book, stop_at: *stop_at, window, in_line: AtomicUsize::new(0) };
        let version = |wait: &DueWait| versions.get(&key(wait)).and_then(Option::as_deref);
        let (groups, others) = together::gather(waits, version, window, ports.now());
        // How many of them were begun before time was up.
        let (groups_begun, others_begun) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let begins = |begun: &AtomicUsize| {
            let in_time = ports.now() < *stop_at;
            begun.fetch_add(usize::from(in_time), Ordering::Relaxed);
            in_time
        };
        let alone = Arc::new(Asked::Alone);
        let asked_alone = others.iter().take_while(|_| begins(&others_begun)).map(|wait| (*wait, Arc::clone(&alone)));
        let asked_together = stream::iter(groups.iter().take_while(|_| begins(&groups_begun)))
            .map(|group| together::ask(&run, group))
            .buffer_unordered(TOGETHER_OF_SHARD)
            .flat_map(stream::iter);
        let act = async |(wait, asked): (&DueWait, Arc<Asked>)| entry::act(&run, version(wait), wait, &asked).await;
        let add = |summary, (done, since)| std::future::ready(tally(summary, done, since, ports.now()));
        let work = stream::select(stream::iter(asked_alone), asked_together).map(act);
        let of_page = work.buffer_unordered(IN_FLIGHT_OF_SHARD).fold(Summary::default(), add).await;
        let left_alone = others.iter().skip(others_begun.into_inner()).copied();
        let left_together = groups.iter().skip(groups_begun.into_inner()).flat_map(|group| group.waits.iter().copied());
        let left: BTreeSet<_> = left_alone.chain(left_together).map(|wait| &wait.id).collect();
        let begun = waits.iter().position(|wait| left.contains(&wait.id)).unwrap_or(waits.len());
        self.summary = self.summary.and(of_page);
        Ok(begun)
    }

    async fn find_version(&mut self, wait: &DueWait) -> Result<(), StepError> {
        if self.versions.contains_key(&key(wait)) {
            return Ok(());
        }
        let version = match self.book.version(self.ports, &wait.integration, &wait.digest).await {
            Ok(version) => Some(version),
            // Not this one wait's trouble: the whole page comes later.
            Err(error) if error.name == ErrorName::StoreUnavailable => return Err(error),
            Err(error) => {
                tracing::error!(integration = %wait.integration, digest = wait.digest, name = %error.name, "waits on this version are not looked at, only closed");
                None
            }
        };
        self.versions.insert(key(wait), version);
        Ok(())
    }
}

fn key(wait: &DueWait) -> (IntegrationName, String) {
    (wait.integration.clone(), wait.digest.clone())
}

/// Counts what was done with an entry.
fn tally(mut summary: Summary, done: Done, since: Option<Timestamp>, now: Timestamp) -> Summary {
    summary.looked_at += 1;
    if let Some(since) = since {
        summary.was_due(since, now);
    }
    match done {
        Done::Nothing => {}
        Done::Delivered => summary.delivered += 1,
        Done::Checked => summary.checked += 1,
        Done::Ended => {
            summary.checked += 1;
            summary.ended += 1;
        }
        Done::Closed => summary.closed += 1,
        Done::Left => summary.left += 1,
    }
    summary
}
