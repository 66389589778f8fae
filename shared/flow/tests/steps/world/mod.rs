//! A world in memory behind all the ports: the table of waits, the waiting
//! tasks, a third party, secrets, a clock that stands still until it is moved,
//! and chance that is the same in every run.
//!
//! Each port call is one numbered effect that passes the [`gate`]. A step that
//! is polled once does one effect and stops before the next, so a run is a
//! sequence of effects that whoever polls may order, cut off, or let go wrong.

pub(crate) mod gate;
mod pace;
mod store;
mod tasks;
mod third_party;

pub(crate) use store::Store;
pub(crate) use tasks::{Taken, TaskState, Tokens};
pub(crate) use third_party::{
    Api, End, Script, Submission, Trouble, Vendor, When, answer, document, signature, signed,
};

use gate::{Fault, Gate, Pause};
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard};
use std::time::Duration;
use stepwait_core::authorize::AccessToken;
use stepwait_core::pace::memory::Memory;
use stepwait_core::wait::Capability;
use stepwait_core::{SecretValue, Timestamp};
use stepwait_flow::KeyCache;
use stepwait_flow::ports::{self, Clock, SecretError, Secrets};

/// Everything that outlives a step.
pub(crate) struct World {
    state: Mutex<State>,
    keys: Mutex<KeyCache>,
}

/// What a step's effects read and change.
pub(crate) struct State {
    pub(crate) now: Timestamp,
    pub(crate) gate: Gate,
    pub(crate) store: Store,
    pub(crate) shared: Memory,
    pub(crate) tokens: Tokens,
    pub(crate) vendor: Vendor,
    /// Access tokens, by the digest of the file they belong to.
    pub(crate) access: BTreeMap<String, AccessToken>,
    chance: u64,
}

/// How a port says that an effect went wrong.
struct Errors<E> {
    /// It has certainly not happened.
    not_done: E,
    /// It may have happened.
    lost: E,
}

impl World {
    /// A world at its beginning, with a third party that follows `script`.
    pub(crate) fn new(script: &Script) -> Self {
        let now = "2026-11-23T12:00:00Z".parse().unwrap();
        Self {
            state: Mutex::new(State {
                now,
                gate: Gate::default(),
                store: Store::default(),
                shared: Memory::default(),
                tokens: Tokens::default(),
                vendor: Vendor::new(script.clone(), now),
                access: BTreeMap::new(),
                chance: 0,
            }),
            keys: Mutex::default(),
        }
    }

    /// The state, between two effects.
    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// One effect: waits for its turn, then does what the gate lets happen.
    async fn effect<T, E>(
        &self,
        name: &'static str,
        errors: Errors<E>,
        mut act: impl FnMut(&mut State) -> Result<T, E>,
    ) -> Result<T, E> {
        self.state().gate.knock(name);
        Pause::default().await;
        while self.state().gate.is_closed() {
            Pause::default().await;
        }
        let fault = self.state().gate.enter(name);
        match fault {
            None => act(&mut self.state()),
            Some(Fault::CrashBefore) => std::future::pending().await,
            Some(Fault::CrashAfter) => {
                let _unseen = act(&mut self.state());
                std::future::pending().await
            }
            Some(Fault::LostAnswer) => {
                let _unseen = act(&mut self.state());
                Err(errors.lost)
            }
            Some(Fault::Twice) => {
                let _unseen = act(&mut self.state());
                act(&mut self.state())
            }
            Some(Fault::NotDone) => Err(errors.not_done),
            Some(Fault::Stall) => {
                Pause::default().await;
                act(&mut self.state())
            }
        }
    }
}

/// Splitmix64, by Sebastiano Vigna: any number, the same in every run.
pub(crate) fn scramble(number: u64) -> u64 {
    let mut z = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

impl Clock for World {
    fn now(&self) -> Timestamp {
        self.state().now
    }

    fn random(&self) -> u64 {
        let mut state = self.state();
        state.chance += 1;
        scramble(state.chance)
    }
}

impl ports::Rest for World {
    /// Until whoever drives the world has moved the clock so far.
    async fn rest(&self, time: Duration) {
        let until = self.state().now + time;
        while self.state().now < until {
            Pause::default().await;
        }
    }
}

impl ports::Capabilities for World {
    fn capability(&self) -> Option<Capability> {
        Some(Capability::of(0xfeed))
    }
}

impl Secrets for World {
    async fn secret(&self, name: &str) -> Result<SecretValue, SecretError> {
        let error = || SecretError { name: name.to_owned(), why: "throttled".to_owned() };
        self.effect("read secret", Errors { not_done: error(), lost: error() }, |_| {
            Ok(if name.ends_with("/webhook") { third_party::signing_secret() } else { SecretValue::new("api-token") })
        })
        .await
    }

    // Nothing is remembered, so there is nothing to forget.
    fn forget_secret(&self, _name: &str) {}
}

impl ports::KeyCaches for World {
    fn key_cache(&self) -> &Mutex<KeyCache> {
        &self.keys
    }
}

impl ports::Tokens for World {
    fn token(&self, digest: &str) -> Option<AccessToken> {
        self.state().access.get(digest).cloned()
    }

    fn keep_token(&self, digest: &str, token: Option<AccessToken>) {
        let access = &mut self.state().access;
        match token {
            Some(token) => access.insert(digest.to_owned(), token),
            None => access.remove(digest),
        };
    }
}
