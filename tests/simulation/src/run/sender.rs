//! Third parties' senders: each sends an event when it is due, and again until it
//! is answered with 2xx or its patience is at its end. Some send it again all the same.

use super::Run;
use super::process::{Returned, Role};
use crate::fault::{Step, Witness};
use crate::integrations::CALLBACK_BASE;
use crate::oracle::{Rule, answers};
use crate::time::{HOUR, shown};
use crate::world::{Event, signing_key, statement};
use ring::rand::SystemRandom;
use serde_json::json;
use std::collections::BTreeMap;
use stepwait_core::webhook::{Delivery, Signing, sign};
use stepwait_flow::webhook::receive;

/// The delivery of an event that was acknowledged before.
const REPEATED: u32 = u32::MAX;

impl Run<'_> {
    /// Sends an event, for the first time or again.
    pub(super) fn deliver(&mut self, vendor: usize, event: usize, delivery: u32) {
        let Some(signed) = self.signed(vendor, event, delivery) else { return };
        self.start(Role::Sender(vendor, event, delivery), Step::Receive, |ports, book| {
            let signed = signed.clone();
            async move { Returned::Reply(receive(&ports, book, &signed).await) }
        });
    }

    /// The event as it is sent now; `None` if it is not sent any more.
    fn signed(&self, vendor: usize, event: usize, delivery: u32) -> Option<Delivery> {
        let mut guard = self.world.state();
        let state = &mut *guard;
        let this = &mut state.vendors[vendor];
        let name = this.name;
        if this.events[event].is_acknowledged && delivery != REPEATED {
            return None;
        }
        let job = this.events[event].job;
        let is_first = !std::mem::replace(&mut this.events[event].was_received, true);
        let overtakes = is_first && this.events[..event].iter().any(|older| older.job == job && !older.was_received);
        let (says, job) = (this.events[event].says, &this.jobs[job]);
        let is_early = !state
            .store
            .table
            .waits
            .values()
            .any(|row| row.integration.as_str() == name && row.job_id.as_ref() == Some(&job.id));
        let body = json!({ "data": statement(name, job, says) }).to_string();
        let path = job.webhook.as_ref()?.strip_prefix(CALLBACK_BASE)?.to_owned();
        let headers = BTreeMap::from([("content-type".to_owned(), "application/json".to_owned())]);
        let unsigned = Delivery {
            method: "POST".to_owned(),
            domain: "hooks.example.com".to_owned(),
            path,
            query: String::new(),
            headers,
            body: body.into_bytes(),
        };
        let (now, id) = (shown(state.now, 0), job.id.clone());
        for (seen, witness) in [
            (overtakes, Witness::Overtaken),
            (is_early, Witness::EarlyEvent),
            (delivery == REPEATED, Witness::Duplicate),
        ] {
            if seen {
                state.saw(witness);
            }
        }
        state.say(|| format!("{name} sends event {event} of {id}: {says:?}"));
        let verification = self.books.integrations[vendor].callback.as_ref()?.verify.as_ref()?;
        let signing = Signing {
            key: &signing_key(),
            key_id: None,
            now,
            delivery_id: &format!("{name}-{event}"),
            callback_url: None,
            random: &SystemRandom::new(),
        };
        Some(sign(verification, &unsigned, &signing).unwrap())
    }

    /// The sender learns what became of a delivery, or that nothing did.
    pub(super) fn answered(&mut self, vendor: usize, event: usize, delivery: u32, status: Option<u16>) {
        let mut guard = self.world.state();
        let state = &mut *guard;
        let name = state.vendors[vendor].name;
        state.say(|| format!("{name} is answered {status:?} to event {event}"));
        match status {
            Some(status @ 200..=299) => {
                let this = &mut state.vendors[vendor].events[event];
                let was_acknowledged = std::mem::replace(&mut this.is_acknowledged, true);
                if this.says.is_end() {
                    answers::acknowledged(state, vendor, event, status);
                }
                if !was_acknowledged && state.chance.happens(state.vendors[vendor].temper.repeats) {
                    let delay = state.chance.magnitude(1, 8 * HOUR);
                    state.after(delay, Event::Send(vendor, event, REPEATED));
                }
            }
            Some(400..=499) => {
                state.breaks(Rule::Contract, || format!("{name} was refused a genuine event: {status:?}"));
            }
            Some(_) | None => {
                let this = &mut state.vendors[vendor];
                if delivery == REPEATED || this.events[event].last_answered >= Some(delivery) {
                    return;
                }
                this.events[event].last_answered = Some(delivery);
                let gap = usize::try_from(delivery).ok().and_then(|n| this.temper.patience.get(n)).copied();
                match gap {
                    Some(gap) => state.after(gap, Event::Send(vendor, event, delivery + 1)),
                    None => state.saw(Witness::LastDeliveryLost),
                }
            }
        }
    }
}
