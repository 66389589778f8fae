//! The one place from which third parties are called.
//!
//! Whoever writes an integration file, and whoever answers a request, can make
//! this program call a URL; so a URL is not trusted. Only https is spoken, and
//! plain http with this machine or a private network where a [`Reach`] says so.
//! The addresses of a name are checked in the resolver, after the look-up and
//! before the dial: a name cannot mean one address when it is checked and another
//! when it is called. A proxy named in the environment is not used, as nothing
//! could be checked behind it. Redirects are handed back as answers, unless the
//! request allows them; then a few are followed, on the same server only.
//!
//! What comes back is not trusted either: time, headers and decoded bytes are
//! bounded ([`Limits`], `OutgoingRequest::most_bytes`), and whatever a server does
//! ends as an answer or as a `TransportError`.
//!
//! - `reach.rs`: which addresses and URLs may be called; pure.
//! - `resolver.rs`: names to addresses, checked.
//! - `redirect.rs`: which redirects are followed.
//! - `limits.rs`: how long things may take.
//! - `edge.rs`: one request, one answer.

mod edge;
mod limits;
mod reach;
mod redirect;
mod resolver;

pub use edge::{HttpEdge, SetUpError};
pub use limits::Limits;
pub use reach::{Place, Reach, WhyNot, may_call, may_dial, place_of};

pub(crate) use edge::client_builder;

#[cfg(test)]
mod tests;
#[cfg(test)]
pub(crate) use tests::server as test_server;
