//! Over real HTTP on loopback: what callers and webhook receivers get to see.

mod answers;
mod jobs;
mod peers;
mod renderings;
mod signatures;
mod stopping;
mod webhooks;
