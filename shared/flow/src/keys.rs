//! What a delivery is verified with: signing secrets, and public keys that
//! third parties publish, kept in the function's life.
//!
//! Anybody can send a delivery, and some of them say where a key is or which it
//! is. So what is fetched is bounded: how often, how much, from where.

use crate::ports::{KeyCaches, Outside, SecretError};
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use stepwait_core::integration::{Validity, Verification};
use stepwait_core::request::OutgoingRequest;
use stepwait_core::webhook::{Delivery, KeyDocument, KeyRequest, Keys};
use stepwait_core::{SecretValue, Timestamp};

/// The most documents that are kept, 16, each of at most 64 KiB before it is
/// read: a listener has a handful of third parties that publish keys.
const MAX_DOCUMENTS: usize = 16;

/// How long a document is used without asking again, one hour: third parties
/// publish a key that long before they sign with it.
const FRESH_S: i64 = 60 * 60;

/// The same for a set whose keys no delivery names, 5 minutes: no delivery can
/// show that it is out of date.
const FRESH_UNNAMED_S: i64 = 5 * 60;

/// How often a document is asked for again because it lacks a key, at most:
/// once a minute, since forged deliveries can name any key.
const AGAIN_S: i64 = 60;

/// The most requests for keys in a minute, 10: forged deliveries can name many
/// addresses on an admitted host, and must not become a flood there.
const MAX_REQUESTS: usize = 10;

/// Public keys as far as this function has them.
#[derive(Debug, Default)]
pub struct KeyCache {
    documents: BTreeMap<String, Kept>,
    /// When keys were asked for lately, in seconds since 1970.
    asked: Vec<i64>,
}

#[derive(Debug)]
struct Kept {
    document: KeyDocument,
    since_s: i64,
}

/// What to do for keys.
#[derive(Debug, PartialEq, Eq)]
enum Plan {
    Use(KeyDocument),
    Fetch,
    /// Too much was asked for already.
    Rest,
}

impl KeyCache {
    fn plan(&mut self, request: &KeyRequest, now: Timestamp) -> Plan {
        let now_s = now.as_second();
        self.asked.retain(|at| now_s - at < AGAIN_S);
        if let Some(kept) = self.documents.get(&request.name()) {
            let age_s = now_s - kept.since_s;
            let fresh_s = if request.has_unnamed_keys() { FRESH_UNNAMED_S } else { FRESH_S };
            let has = kept.document.has(request.key_id());
            if (has && age_s < fresh_s) || (!has && age_s < AGAIN_S) {
                return Plan::Use(kept.document.clone());
            }
        }
        if self.asked.len() >= MAX_REQUESTS {
            return Plan::Rest;
        }
        self.asked.push(now_s);
        Plan::Fetch
    }

    fn keep(&mut self, request: &KeyRequest, document: KeyDocument, now: Timestamp) {
        if self.documents.len() >= MAX_DOCUMENTS {
            let oldest = self.documents.iter().min_by_key(|(_, kept)| kept.since_s).map(|(name, _)| name.clone());
            oldest.map(|name| self.documents.remove(&name));
        }
        self.documents.insert(request.name(), Kept { document, since_s: now.as_second() });
    }
}

/// What a delivery is verified with, as far as it could be had.
#[derive(Debug, Default)]
pub(crate) struct Loaded {
    secrets: Vec<(String, SecretValue)>,
    fetched: Option<KeyDocument>,
}

impl Loaded {
    /// The first of the secrets, which handshakes are answered with.
    pub(crate) fn first(&self) -> Option<&SecretValue> {
        self.secrets.first().map(|(_, value)| value)
    }

    /// Verifies, or examines, with these keys.
    pub(crate) fn with<T>(&self, then: impl FnOnce(&Keys<'_>) -> T) -> T {
        let secrets: Vec<_> = self.secrets.iter().map(|(name, value)| (name.as_str(), value.clone())).collect();
        then(&Keys { secrets: &secrets, fetched: self.fetched.as_ref() })
    }
}

/// Loads all that may have signed a delivery. What cannot be had is logged and
/// left out: whether it is missed, the verification says. Third parties are
/// asked for keys until `until` at most.
pub(crate) async fn load<P: Outside + KeyCaches>(
    ports: &P,
    verification: &Verification,
    delivery: &Delivery,
    until: Timestamp,
) -> Loaded {
    let mut loaded = Loaded::default();
    let now = ports.now();
    for secret in verification.secrets.iter().filter(|secret| secret.at(now) == Validity::Valid) {
        match ports.secret(&secret.name).await {
            Ok(value) => loaded.secrets.push((secret.name.clone(), value)),
            Err(error) => tracing::warn!(secret = %secret.name, %error, "a signing secret could not be loaded"),
        }
    }
    // A delivery that names no admitted address is refused by the verification.
    if let Ok(Some(request)) = verification.key_request(delivery) {
        loaded.fetched = fetch(ports, &request, until).await;
    }
    loaded
}

async fn fetch<P: Outside + KeyCaches>(ports: &P, request: &KeyRequest, until: Timestamp) -> Option<KeyDocument> {
    match locked(ports.key_cache()).plan(request, ports.now()) {
        Plan::Use(document) => return Some(document),
        Plan::Rest => {
            tracing::error!(host = request.host(), "keys are not asked for, as they were asked for too often");
            return None;
        }
        Plan::Fetch => {}
    }
    match ask(ports, request, until).await {
        Ok(document) => {
            locked(ports.key_cache()).keep(request, document.clone(), ports.now());
            Some(document)
        }
        Err(why) => {
            tracing::error!(host = request.host(), why, "the third party's keys could not be fetched");
            None
        }
    }
}

/// Asks for keys. What was answered is never part of an error.
async fn ask<P: Outside>(ports: &P, request: &KeyRequest, until: Timestamp) -> Result<KeyDocument, String> {
    let mut secrets = Vec::new();
    for name in request.secrets() {
        secrets.push((name, ports.secret(name).await.map_err(|e: SecretError| e.to_string())?));
    }
    let outgoing = request.request(&secrets).map_err(|e| e.to_string())?;
    // The sender of the delivery waits for its answer meanwhile.
    let outgoing = OutgoingRequest { until: Some(until), ..outgoing };
    let answer = ports.send(outgoing).await.map_err(|e| e.to_string())?;
    request.read(&answer).map_err(|e| e.to_string())
}

/// A panic elsewhere leaves nothing half done in the cache.
fn locked(cache: &Mutex<KeyCache>) -> std::sync::MutexGuard<'_, KeyCache> {
    cache.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
#[path = "keys_tests.rs"]
mod tests;
