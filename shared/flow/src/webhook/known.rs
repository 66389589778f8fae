//! What an event says, by the version of the integration that its wait started with.

use super::reply::not_stored;
use super::route::Routed;
use super::{Reply, ours};
use crate::Book;
use crate::ports::Ports;
use std::borrow::Cow;
use stepwait_core::integration::{Callback, Integration};
use stepwait_core::wait::{JobId, WaitRow};
use stepwait_core::webhook::{Delivery, Event, EventError, News, read_event};

/// An event, with all that is known of its job.
pub(super) struct Known<'a> {
    /// The job by whose id the wait is found; absent where the event came to the
    /// wait's own address.
    pub(super) by_job: Option<JobId>,
    /// The job that an event names which came to its wait's own address.
    named: Option<JobId>,
    pub(super) news: News,
    /// The version of the integration that the wait started with, or the deployed one.
    pub(super) integration: Cow<'a, Integration>,
    /// The wait, if it is known.
    pub(super) row: Option<WaitRow>,
}

impl Known<'_> {
    /// The job, if anybody named it.
    pub(super) fn job_id(&self) -> Option<&JobId> {
        let of_row = self.row.as_ref().and_then(|row| row.job_id.as_ref());
        self.by_job.as_ref().or(self.named.as_ref()).or(of_row)
    }
}

/// The event, which was read as the deployed version of the integration says, as
/// the version says with which its wait started, if that is known. `None` if the
/// event is about something else.
pub(super) async fn known<'a, P: Ports>(
    ports: &P,
    book: &'a Book,
    routed: Routed<'a>,
    event: Event,
    delivery: &Delivery,
) -> Result<Option<Known<'a>>, Reply> {
    match event {
        Event::Other => Ok(None),
        Event::OfJob { job_id, news } => of_job(ports, book, routed.integration, job_id, news, delivery).await,
        Event::OfWait { named, news } => Ok(of_wait(routed, named, news)),
    }
}

/// The event came to the wait's own address, and is of that wait. One that names
/// another job than the wait's is not.
fn of_wait(routed: Routed<'_>, named: Option<JobId>, news: News) -> Option<Known<'_>> {
    let Routed { integration, row, .. } = routed;
    let expected = row.as_ref().and_then(|row| row.job_id.as_ref());
    if let (Some(named), Some(expected)) = (&named, expected)
        && named != expected
    {
        tracing::warn!(integration = %integration.name, job = %expected, "an event at a wait's own address names another job");
        return None;
    }
    Some(Known { by_job: None, named, news, integration, row })
}

async fn of_job<'a, P: Ports>(
    ports: &P,
    book: &'a Book,
    current: Cow<'a, Integration>,
    job_id: JobId,
    news: News,
    delivery: &Delivery,
) -> Result<Option<Known<'a>>, Reply> {
    let rendezvous = ports.rendezvous(&current.name, &job_id).await.map_err(|e| not_stored(&e))?;
    let row = match rendezvous.wait_id {
        Some(id) => ports.read(&id).await.map_err(|e| not_stored(&e))?,
        None => None,
    };
    let known = |job_id, news, integration, row| Known { by_job: Some(job_id), named: None, news, integration, row };
    let Some(digest) = row.as_ref().map(|row| row.digest.clone()).filter(|digest| *digest != current.digest) else {
        return Ok(Some(known(job_id, news, current, row)));
    };
    let pinned = book.version(ports, &current.name, &digest).await.map_err(|e| ours(&e))?;
    let again = pinned.callback.as_ref().map(|callback| read(&pinned, callback, delivery)).transpose()?;
    Ok(match again {
        Some(Event::Other) => None,
        Some(Event::OfJob { job_id: named, news }) => {
            // The wait that was found is not about a job that only its own version names.
            let row = row.filter(|_| named == job_id);
            Some(known(named, news, pinned, row))
        }
        // It gave its wait an address of its own, and the event came to the integration's: it is read as the deployed version says.
        Some(Event::OfWait { .. }) | None => Some(known(job_id, news, current, row)),
    })
}

/// What an event says by that version of the integration.
pub(super) fn read(integration: &Integration, callback: &Callback, delivery: &Delivery) -> Result<Event, Reply> {
    read_event(integration, callback, delivery).map_err(|error: EventError| {
        tracing::warn!(integration = %integration.name, %error, "genuine delivery that cannot be read");
        Reply::new(400, error.to_string())
    })
}
