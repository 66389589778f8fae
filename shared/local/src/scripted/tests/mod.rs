//! Over real HTTP on loopback: what callers and webhook receivers get to see.

mod answers;
mod jobs;
mod peers;
mod signatures;
mod stopping;
mod webhooks;
