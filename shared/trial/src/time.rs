//! Time: told and let pass by whoever runs a trial.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use stepwait_core::Timestamp;

/// How a pause ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pause {
    /// It is over.
    Over,
    /// The trial is to end, and its job to be called off.
    Stop,
}

/// Time and chance.
pub trait Time: Sync {
    /// Now.
    fn now(&self) -> Timestamp;
    /// Any number.
    fn random(&self) -> u64;
    /// Lets time pass.
    fn pause(&self, length: Duration) -> impl Future<Output = Pause> + Send;
}

/// Time that passes only where somebody pauses, and then at once.
#[derive(Debug)]
pub struct VirtualTime(Mutex<Timestamp>);

impl VirtualTime {
    /// Begins at a moment.
    #[must_use]
    pub const fn from(start: Timestamp) -> Self {
        Self(Mutex::new(start))
    }

    /// Moves on.
    pub fn advance(&self, length: Duration) {
        let mut now = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *now = now.saturating_add(length).unwrap_or(Timestamp::MAX);
    }
}

impl Time for VirtualTime {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn random(&self) -> u64 {
        0
    }

    async fn pause(&self, length: Duration) -> Pause {
        self.advance(length);
        Pause::Over
    }
}
