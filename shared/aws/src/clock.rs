//! Time and chance, from the machine.

use crate::Edges;
use ring::rand::SystemRandom;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use stepwait_core::Timestamp;
use stepwait_core::wait::Capability;
use stepwait_flow::ports::{Capabilities, Clock, Rest};

/// Now, to the millisecond.
pub(crate) fn now() -> Timestamp {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since_epoch.as_millis())
        .ok()
        .and_then(|millis| Timestamp::from_millisecond(millis).ok())
        .unwrap_or(Timestamp::MAX)
}

impl Clock for Edges {
    fn now(&self) -> Timestamp {
        now()
    }

    fn random(&self) -> u64 {
        fastrand::u64(..)
    }
}

impl Rest for Edges {
    async fn rest(&self, time: Duration) {
        tokio::time::sleep(time).await;
    }
}

impl Capabilities for Edges {
    fn capability(&self) -> Option<Capability> {
        // Of the operating system, by the library that TLS takes its chance from.
        let bits = ring::rand::generate::<[u8; 16]>(&SystemRandom::new()).ok()?;
        Some(Capability::of(u128::from_be_bytes(bits.expose())))
    }
}
