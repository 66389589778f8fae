//! Keeping within a third party's limits: asked before a request, told after it.
//!
//! An integration without `[limits]` goes through here without any access to the
//! table. What may be done, and what an answer means for everybody else, is
//! decided in `stepwait_core::pace`; here the row is read, the update tried, and
//! the next decision asked for.

use crate::ports::{Clock, Gates, StoreError, WaitStore};
use stepwait_core::answer::{Answer as Received, TransportError};
use stepwait_core::integration::{Integration, Limits};
use stepwait_core::pace::places::{is_over, suspects};
use stepwait_core::pace::{Admission, Answer, Heard, Later, MAX_TRIES, Turn, ask, crowded, stay_away};
use stepwait_core::wait::{Guarded, WaitId};

/// The limits of an integration whose requests pass a gate.
fn gated(integration: &Integration) -> Option<&Limits> {
    integration.limits.as_ref().filter(|limits| limits.has_gate())
}

/// Whether a request might be sent now, for all that can be seen without sending one.
///
/// # Errors
/// [`StoreError`], when it is not known.
pub async fn peek<P: Gates + Clock>(ports: &P, integration: &Integration) -> Result<Admission, StoreError> {
    let Some(limits) = gated(integration) else {
        return Ok(Admission::Go);
    };
    let gate = ports.gate(&limits.group).await?;
    Ok(match ask(limits, &gate, ports.now(), ports.random()) {
        Answer::Go | Answer::Try(_) => Admission::Go,
        Answer::Later(later) => Admission::Later(later),
    })
}

/// Whether a request may be sent now. One that may go counts as sent.
///
/// # Errors
/// [`StoreError`], when it is not known.
pub async fn admit<P: Gates + Clock>(ports: &P, integration: &Integration) -> Result<Admission, StoreError> {
    let Some(limits) = gated(integration) else {
        return Ok(Admission::Go);
    };
    let mut gate = ports.gate(&limits.group).await?;
    for _ in 0..MAX_TRIES {
        let attempt = match ask(limits, &gate, ports.now(), ports.random()) {
            Answer::Go => return Ok(Admission::Go),
            Answer::Later(later) => return Ok(Admission::Later(later)),
            Answer::Try(attempt) => attempt,
        };
        match ports.pass(&limits.group, &attempt).await? {
            Guarded::Applied(_) => return Ok(Admission::Go),
            Guarded::Refused(seen) => gate = seen.unwrap_or_default(),
        }
    }
    Ok(Admission::Later(crowded(limits, ports.random())))
}

/// Tells everybody what an exchange says of the third party, if that is news.
/// Whether it can be written changes nothing for the exchange.
pub async fn note<P: Gates + Clock>(ports: &P, integration: &Integration, received: &Result<Received, TransportError>) {
    let Some(limits) = gated(integration) else {
        return;
    };
    let heard = match Heard::of(received, ports.now()) {
        Heard::Nothing => return,
        // Not to be counted; a good answer counts also where others of the group have a breaker.
        Heard::Failed if !limits.breaker => return,
        heard @ (Heard::Good | Heard::Failed | Heard::Throttled(_)) => heard,
    };
    if let Err(error) = turn(ports, limits, heard).await {
        tracing::warn!(group = %limits.group, ?heard, %error, "the third party's health was not noted");
    }
}

async fn turn<P: Gates + Clock>(ports: &P, limits: &Limits, heard: Heard) -> Result<(), StoreError> {
    let mut gate = ports.gate(&limits.group).await?;
    for _ in 0..MAX_TRIES {
        let seen = gate.health;
        let Some(becomes) = seen.after(heard, ports.now()) else {
            return Ok(());
        };
        match ports.turn(&limits.group, &Turn { seen, becomes }).await? {
            Guarded::Applied(_) => {
                tracing::info!(group = %limits.group, ?heard, failures = becomes.failures, "health noted");
                return Ok(());
            }
            Guarded::Refused(seen) => gate = seen.unwrap_or_default(),
        }
    }
    // Others have noted as often what they heard; one exchange more or less tells little.
    Ok(())
}

/// Why everybody stays away from the third party now, if they do.
pub(crate) async fn pause<P: Gates + Clock>(ports: &P, integration: &Integration) -> Option<Later> {
    let limits = gated(integration)?;
    match ports.gate(&limits.group).await {
        Ok(gate) => stay_away(limits, gate.health, ports.now(), ports.random()),
        Err(error) => {
            tracing::warn!(group = %limits.group, %error, "the third party's health could not be read");
            None
        }
    }
}

/// Whether another job may be started; one that may holds a place until
/// [`leave_place`]. A wait that holds one already goes on holding it.
///
/// # Errors
/// [`StoreError`], when it is not known.
pub async fn take_place<P: Gates + WaitStore + Clock>(
    ports: &P,
    integration: &Integration,
    wait: &WaitId,
) -> Result<Admission, StoreError> {
    let Some((limits, most)) = integration.limits.as_ref().and_then(|limits| Some((limits, limits.in_flight?))) else {
        return Ok(Admission::Go);
    };
    let Guarded::Refused(holders) = ports.take_place(&limits.group, wait, most).await? else {
        return Ok(Admission::Go);
    };
    let mut over = Vec::new();
    for holder in suspects(&holders.unwrap_or_default(), ports.random()) {
        if is_over(ports.read(&holder).await?.as_ref(), ports.now()) {
            over.push(holder);
        }
    }
    if !over.is_empty() {
        tracing::warn!(group = %limits.group, places = over.len(), "places were not given back; cleared");
        ports.leave_places(&limits.group, &over).await?;
        if let Guarded::Applied(_) = ports.take_place(&limits.group, wait, most).await? {
            return Ok(Admission::Go);
        }
    }
    Ok(Admission::Later(Later::Full { most }))
}

/// Gives the wait's place back, if it has one. Whether that works changes nothing
/// for the wait; a place that was not given back is cleared by who needs it.
pub async fn leave_place<P: Gates>(ports: &P, integration: &Integration, wait: &WaitId) {
    let Some(limits) = integration.limits.as_ref().filter(|limits| limits.in_flight.is_some()) else {
        return;
    };
    if let Err(error) = ports.leave_places(&limits.group, std::slice::from_ref(wait)).await {
        tracing::warn!(wait = %wait, %error, "the wait's place was not given back");
    }
}
