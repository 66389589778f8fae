//! Names to addresses. What is out of reach is dropped here, between the look-up
//! and the dial, so that the address that was checked is the one that is dialled.

use super::reach::{Reach, WhyNot, may_dial};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use std::net::SocketAddr;

/// The machine's own resolver, within reach.
#[derive(Clone, Copy, Debug)]
pub(super) struct CheckedResolver(pub(super) Reach);

impl Resolve for CheckedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let Self(reach) = *self;
        Box::pin(async move {
            // Port 0 stands for the URL's port, which is put in later.
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let addresses: Addrs = Box::new(within(found, reach)?.into_iter());
            Ok(addresses)
        })
    }
}

/// The addresses within reach; an error, if all are out of it.
pub(super) fn within(found: impl IntoIterator<Item = SocketAddr>, reach: Reach) -> Result<Vec<SocketAddr>, WhyNot> {
    let mut first_refused = None;
    let mut allowed = Vec::new();
    for address in found {
        match may_dial(address.ip(), reach) {
            Ok(()) => allowed.push(address),
            Err(why) => first_refused = first_refused.or(Some(why)),
        }
    }
    match first_refused {
        Some(why) if allowed.is_empty() => Err(why),
        Some(_) | None => Ok(allowed),
    }
}
