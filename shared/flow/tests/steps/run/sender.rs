//! The third party's sender: sends each webhook when it is due, and again until
//! it is answered with 2xx or the script's patience is at its end.

use super::{Returned, Role, Run, Timer};
use std::time::Duration;
use stepwait_flow::webhook::receive;

/// From a delivery that was not acknowledged to the next one.
const REDELIVERY: Duration = Duration::from_secs(10);

impl Run<'_> {
    /// Sends an event that is due; false if none is.
    pub(super) fn send_due_event(&mut self) -> bool {
        let idle = self.is_idle();
        let due = {
            let state = self.world.state();
            state.vendor.due(state.now, state.gate.passed().len(), idle)
        };
        due.map(|event| self.deliver(event)).is_some()
    }

    /// Sends an event, for the first time or again.
    pub(super) fn deliver(&mut self, event: usize) {
        let delivery = {
            let mut state = self.world.state();
            state.vendor.events[event].sent += 1;
            state.vendor.delivery(event, self.workflow.integration(), state.now)
        };
        let (world, book) = (self.world, self.book);
        self.start(Role::Delivery(event), async move { Returned::Reply(receive(world, book, &delivery).await) });
    }

    /// The sender learns what became of a delivery, or that nothing did.
    pub(super) fn answered(&mut self, event: usize, status: Option<u16>) {
        let goes_on = {
            let mut state = self.world.state();
            let most = state.vendor.script.deliveries;
            let event = &mut state.vendor.events[event];
            event.answer = status;
            !event.is_acknowledged() && event.sent < most
        };
        if goes_on {
            self.set_timer(REDELIVERY, Timer::Redeliver(event));
        }
    }
}
