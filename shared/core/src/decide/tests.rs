//! What answers mean, subject by subject, for integrations of every kind.

mod acceptors;
mod any_answer;
mod error_policy;
mod events;
mod life;
mod look_ups;
mod pages;
mod submits;
