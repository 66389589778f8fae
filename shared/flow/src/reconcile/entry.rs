//! One wait that the index shows: what is to be done with it, and doing it.

use super::IN_LINE;
use super::together::Asked;
use crate::aftermath::{clear_up, hand_over};
use crate::check::kept;
use crate::close::{self, Because};
use crate::pace::admit;
use crate::ports::{Ports, Rest, StoreError};
use crate::settle::{claim, keep_large, mailed};
use crate::third_party::{Patience, look, look_at, without_token};
use crate::{Book, StepError};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use stepwait_core::decide::check::Verdict;
use stepwait_core::decide::in_a_row::InARow;
use stepwait_core::decide::sweep::{Task, Times, Window, left_alone, put_off, what};
use stepwait_core::integration::Integration;
use stepwait_core::pace::{Admission, Later};
use stepwait_core::request::Job;
use stepwait_core::wait::due::DueWait;
use stepwait_core::wait::{Awaited, Change, JobId, Outcome, OutcomeKind, Source, WaitRow};
use stepwait_core::{ErrorName, Timestamp};

/// What the entries of a page share.
pub(super) struct Run<'r, P> {
    pub(super) ports: &'r P,
    pub(super) book: &'r Book,
    pub(super) stop_at: Timestamp,
    pub(super) window: Window,
    /// How many stand in line for a third party's limits.
    pub(super) in_line: AtomicUsize,
}

/// What was done with an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Done {
    /// Nothing was to be done.
    Nothing,
    /// A task was resumed that was still without its outcome.
    Delivered,
    /// The job was looked at, and the wait goes on.
    Checked,
    /// The job was looked at, and the wait has ended.
    Ended,
    /// The wait was closed.
    Closed,
    /// It could not be done now.
    Left,
}

/// Does what is to be done with a wait; returns also since when that was due.
pub(super) async fn act<P: Ports + Rest>(
    run: &Run<'_, P>,
    integration: Option<&Integration>,
    wait: &DueWait,
    asked: &Asked,
) -> (Done, Option<Timestamp>) {
    let times = integration.map(|integration| Times::of(wait, integration));
    let (done, since) = match what(wait, times.as_ref(), run.window, run.ports.now()) {
        Task::Nothing => return (Done::Nothing, None),
        Task::Deliver { since } => (delivered(run, wait).await, since),
        Task::Close { since } => (closed(run, wait, Because::Overdue).await, since),
        Task::Check { since, is_last } => match (integration, &times, &wait.job_id) {
            (Some(integration), Some(times), Some(job_id)) => {
                let checked = checked(run, integration, times, wait, job_id, asked).await;
                let is_over = is_last && checked.as_ref().is_ok_and(|done| *done == Done::Checked);
                (if is_over { closed(run, wait, Because::LookedEnough).await } else { checked }, since)
            }
            (None, ..) | (_, None, _) | (.., None) => return (Done::Nothing, None),
        },
    };
    let done = done.unwrap_or_else(|error| {
        tracing::warn!(wait = %wait.id, name = %error.name, "what was due is not done");
        Done::Left
    });
    (done, Some(since))
}

/// An outcome is stored. Whoever stored it may have died before it was delivered,
/// or before anything else that follows.
async fn delivered<P: Ports>(run: &Run<'_, P>, wait: &DueWait) -> Result<Done, StepError> {
    let Some(row) = run.ports.read(&wait.id).await? else {
        return Ok(Done::Nothing);
    };
    let was_without = follow_up(run, &row).await?;
    if was_without {
        tracing::warn!(wait = %row.id, "an outcome was found that was not delivered");
    }
    Ok(if was_without { Done::Delivered } else { Done::Nothing })
}

/// Does all that follows from the row's outcome.
async fn follow_up<P: Ports>(run: &Run<'_, P>, row: &WaitRow) -> Result<bool, StepError> {
    if let Some(outcome) = &row.outcome {
        clear_up(run.ports, run.book, row, outcome.gave_up()).await;
    }
    Ok(hand_over(run.ports, row).await?)
}

/// Nobody waits for longer. A last look that gets no usable answer is made
/// again by the next runs, as often as by `close`.
async fn closed<P: Ports>(run: &Run<'_, P>, wait: &DueWait, because: Because) -> Result<Done, StepError> {
    let Some(row) = run.ports.read(&wait.id).await? else {
        return Ok(Done::Nothing);
    };
    if row.outcome.is_some() {
        follow_up(run, &row).await?;
        return Ok(Done::Nothing);
    }
    let in_a_row = InARow { failures: row.failures, refusals: row.refusals };
    let until = match because {
        // The index goes on showing it, and it stays overdue.
        Because::Overdue => row.due.unwrap_or(wait.due),
        // The next run looks, whatever the schedule says.
        Because::LookedEnough => put_off(wait, run.ports.now()),
    };
    match close::by_reconciler(run.ports, run.book, row, because, in_a_row.failures).await {
        Ok(row) => {
            follow_up(run, &row).await?;
            Ok(Done::Closed)
        }
        Err(error) => {
            remember(run, wait, until, InARow { failures: in_a_row.failures.saturating_add(1), ..in_a_row }).await?;
            Err(error)
        }
    }
}

/// The job is looked at.
async fn checked<P: Ports + Rest>(
    run: &Run<'_, P>,
    integration: &Integration,
    times: &Times,
    wait: &DueWait,
    job_id: &JobId,
    asked: &Asked,
) -> Result<Done, StepError> {
    let ports = run.ports;
    let before = InARow { failures: wait.failures, refusals: wait.refusals };
    let in_line = match asked {
        Asked::Alone => stand_in_line(run, integration).await?,
        Asked::InLine(later) => Some(*later),
        Asked::Failed(error) => return Err(error.clone()),
        Asked::Received(_) | Asked::NoToken(_) => None,
    };
    if let Some(later) = in_line {
        // Whatever the schedule says: a crowd that is turned away together would
        // otherwise wait for as long as between two looks, over and over.
        let then = ports.now().saturating_add(later.away()).unwrap_or(Timestamp::MAX);
        remember(run, wait, put_off(wait, then), before).await?;
        return Ok(Done::Left);
    }
    let kept = kept(ports, integration, &wait.id).await?;
    let since_submit = wait.submitted_at.and_then(|at| Duration::try_from(ports.now().duration_since(at)).ok());
    let job = Job { wait_id: Some(&wait.id), job_id: job_id.as_str(), kept: &kept };
    let base_url = run.book.base_url(integration);
    let looked = match asked {
        Asked::Received(received) => {
            let of_job = received.as_ref().map(|parts| parts.of_job(job_id.as_str())).map_err(|error| *error);
            look_at(ports, integration, base_url, job, since_submit, of_job, Patience::of_look(ports.now())).await
        }
        Asked::NoToken(why) => Ok(without_token(why)),
        Asked::Alone | Asked::InLine(_) | Asked::Failed(_) => {
            look(ports, integration, base_url, job, since_submit).await
        }
    };
    let verdict = match looked {
        Ok(looked) => looked.verdict,
        // The request cannot be made, and neither could any later one.
        Err(error) if error.name == ErrorName::BadAnswer => {
            return ended(run, integration, wait, job_id, OutcomeKind::failed(error.name, &error.message), true).await;
        }
        Err(error) => return Err(error),
    };
    let (in_a_row, is_over) = before.after(&verdict, &integration.errors);
    let until = left_alone(wait, times, verdict.retry_after(), ports.now());
    match verdict {
        Verdict::Ended(kind) => return ended(run, integration, wait, job_id, kind, false).await,
        Verdict::Pending { .. } => {}
        Verdict::AskAgain { reason, .. } | Verdict::Refused { reason, .. } => {
            tracing::warn!(wait = %wait.id, job = %job_id, ?in_a_row, "no usable answer, or refused");
            // A listener may have kept the event and died: it says what the third party does not.
            if let Some(event) = mailed(ports, &wait.id, &wait.integration, job_id).await? {
                return end(run, wait, &event, false).await;
            }
            if let Some(error) = is_over {
                return ended(run, integration, wait, job_id, OutcomeKind::failed(error, &reason), true).await;
            }
        }
    }
    if until.is_some() || in_a_row != before {
        remember(run, wait, until.unwrap_or(wait.due), in_a_row).await?;
    }
    Ok(Done::Checked)
}

/// Waits until the third party's limits let the look go, while others are worked
/// on. `None` if it may go; why not, when time or the line's room is up.
pub(super) async fn stand_in_line<P: Ports + Rest>(
    run: &Run<'_, P>,
    integration: &Integration,
) -> Result<Option<Later>, StoreError> {
    let Admission::Later(mut why) = admit(run.ports, integration).await? else {
        return Ok(None);
    };
    if run.in_line.fetch_add(1, Ordering::Relaxed) < IN_LINE {
        // Bounded by time: each round waits for at least a moment.
        while run.ports.now().saturating_add(why.away()).is_ok_and(|then| then < run.stop_at) {
            run.ports.rest(why.away().max(LEAST_REST)).await;
            match admit(run.ports, integration).await {
                Ok(Admission::Later(later)) => why = later,
                Ok(Admission::Go) => {
                    run.in_line.fetch_sub(1, Ordering::Relaxed);
                    return Ok(None);
                }
                Err(error) => {
                    run.in_line.fetch_sub(1, Ordering::Relaxed);
                    return Err(error);
                }
            }
        }
    }
    run.in_line.fetch_sub(1, Ordering::Relaxed);
    Ok(Some(why))
}

/// The shortest time between two tries to be let in, 50 milliseconds: what a try
/// costs the table.
const LEAST_REST: Duration = Duration::from_millis(50);

/// The wait ends: the outcome is stored, and then all follows from what is stored.
async fn ended<P: Ports>(
    run: &Run<'_, P>,
    integration: &Integration,
    wait: &DueWait,
    job_id: &JobId,
    kind: OutcomeKind,
    gives_up: bool,
) -> Result<Done, StepError> {
    let ports = run.ports;
    let kind = keep_large(ports, integration, Some(&wait.id), kind).await?;
    let outcome =
        Outcome { kind, source: Source::Reconciler, at: ports.now(), job_id: Some(job_id.clone()), event_id: None };
    end(run, wait, &outcome, gives_up).await
}

async fn end<P: Ports>(run: &Run<'_, P>, wait: &DueWait, outcome: &Outcome, gives_up: bool) -> Result<Done, StepError> {
    let ports = run.ports;
    let row = claim(ports, &wait.id, &wait.integration, outcome, Awaited::ByToken).await?;
    let row = row.ok_or_else(|| StepError::new(ErrorName::Defect, format!("wait {} has no row to end", wait.id)))?;
    let is_ours = row.outcome.as_ref().is_some_and(|stored| stored == outcome);
    clear_up(ports, run.book, &row, (gives_up && is_ours) || row.outcome.as_ref().is_some_and(Outcome::gave_up)).await;
    hand_over(ports, &row).await?;
    Ok(Done::Ended)
}

/// Remembers an exception from the schedule. Refused, the wait has ended.
async fn remember<P: Ports>(
    run: &Run<'_, P>,
    wait: &DueWait,
    until: Timestamp,
    InARow { failures, refusals }: InARow,
) -> Result<(), StoreError> {
    let change = Change::Postpone { until, failures, refusals };
    run.ports.update(&wait.id, &change, run.ports.now()).await.map(|_| ())
}
