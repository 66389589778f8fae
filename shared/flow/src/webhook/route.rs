//! For whom a delivery is, by its path alone.
//!
//! A wait's own address holds a capability: a text that cannot be guessed, and
//! that only the third party was told. Whoever calls such an address and is
//! wrong in any way gets the answer of an address that never was: it must not
//! be possible to find out which waits there are.

use super::Reply;
use super::reply::not_stored;
use crate::Book;
use crate::metric::DELIVERY_REFUSED;
use crate::ports::Ports;
use std::borrow::Cow;
use stepwait_core::integration::{Callback, CallbackAddress, Integration};
use stepwait_core::wait::{WaitId, WaitRow};
use stepwait_core::webhook::Delivery;

/// Whom a delivery is for.
pub(super) struct Routed<'b> {
    /// The deployed version of the integration; at a wait's own address the one
    /// that the wait started with, as nobody else's events come there.
    pub(super) integration: Cow<'b, Integration>,
    /// The wait whose own address was called.
    pub(super) row: Option<WaitRow>,
    callback: Callback,
}

/// Finds whom a delivery is for.
///
/// # Errors
/// The answer to a delivery that is for nobody, or of whom nobody can say.
pub(super) async fn route<'b, P: Ports>(ports: &P, book: &'b Book, delivery: &Delivery) -> Result<Routed<'b>, Reply> {
    let address = delivery.address().ok_or_else(nobody)?;
    let (current, _) = book.current(address.integration).ok_or_else(nobody)?;
    let Some((wait, capability)) = address.wait else {
        let callback = current.callback.clone().ok_or_else(nobody)?;
        return Ok(Routed { integration: Cow::Borrowed(current), row: None, callback });
    };
    let wait = WaitId::parse(wait).ok_or_else(nobody)?;
    let row = ports.read(&wait).await.map_err(|e| not_stored(&e))?;
    let held = row.filter(|row| {
        row.integration == current.name && row.capability.as_ref().is_some_and(|held| held.is(capability))
    });
    let Some(row) = held else {
        tracing::warn!(metric = DELIVERY_REFUSED, integration = %current.name, "an address of no wait was called");
        return Err(nobody());
    };
    let integration = book.version(ports, &row.integration, &row.digest).await.map_err(|e| not_stored(&e))?;
    let callback = integration.callback.clone().filter(|callback| callback.address == CallbackAddress::Wait);
    Ok(Routed { callback: callback.ok_or_else(nobody)?, integration, row: Some(row) })
}

impl Routed<'_> {
    /// What the integration says of webhooks.
    pub(super) const fn callback(&self) -> &Callback {
        &self.callback
    }

    /// The same, if it may be an event: where each wait has its own address, only
    /// handshakes come to the integration's.
    pub(super) fn into_event(self) -> Result<Self, Reply> {
        match (self.callback.address, &self.row) {
            (CallbackAddress::Wait, None) => Err(nobody()),
            (CallbackAddress::Wait, Some(_)) | (CallbackAddress::Integration, _) => Ok(self),
        }
    }
}

/// Nobody receives webhooks at this path.
fn nobody() -> Reply {
    Reply::new(404, "no integration receives webhooks at this path; the path is /webhooks/INTEGRATION")
}
