//! What becomes of a job that a third party takes: when it ends, how, and who is
//! told of it.

use super::vendor::{Job, JobEvent, Says};
use super::{Event, State};
use crate::course::Temper;
use crate::fault::Witness;
use crate::integrations::Books;
use crate::oracle::Rule;
use crate::time::{HOUR, SECOND};
use stepwait_core::wait::{JobId, WaitId};

impl State {
    /// Starts a job, and plans its end and its events.
    pub(super) fn take(
        &mut self,
        vendor: usize,
        reference: WaitId,
        key: Option<String>,
        webhook: Option<String>,
    ) -> usize {
        let now = self.now;
        let this = &self.vendors[vendor];
        let (name, temper, number) = (this.name, this.temper.clone(), this.jobs.len() + 1);
        if this.jobs.iter().any(|job| job.reference == reference) {
            self.breaks(Rule::OneJob, || format!("{name} starts a second job for {reference}"));
        }
        let id = JobId::parse(&format!("job-{number}")).unwrap();
        if self.vendors.iter().any(|other| other.name != name && other.jobs.len() >= number) {
            self.saw(Witness::SameIdElsewhere);
        }
        let chance = &mut self.chance;
        let takes = match Books::get().learned[vendor].as_ref() {
            _ if chance.happens(temper.at_once) => 0,
            Some(learned) if chance.happens(temper.as_learned) => learned.drawn(chance),
            Some(_) | None => chance.between(temper.takes.0, temper.takes.1),
        };
        let ends_at = (!chance.happens(temper.never)).then_some(now + takes);
        let lag = chance.between(0, temper.lag_ms);
        let job = Job {
            id,
            reference,
            key,
            ends_at,
            shows_at: ends_at.filter(|_| !chance.happens(temper.mumbles)).map(|at| at + lag),
            end: if chance.happens(temper.fails) { Says::Failed } else { Says::Done },
            called_off_at: None,
            webhook,
            is_large: chance.happens(temper.large),
            is_confused: false,
            put_off_until: None,
            by_chance: (0, 0),
        };
        let (end, listens) = (job.end, job.webhook.is_some());
        let index = self.vendors[vendor].jobs.len();
        self.vendors[vendor].jobs.push(job);
        self.say(|| format!("    {name} takes job-{number}: {end:?} after {takes} ms, {ends_at:?}"));
        if listens {
            self.plan_events(vendor, index, &temper, takes, ends_at.map(|_| end));
        }
        index
    }

    fn plan_events(&mut self, vendor: usize, job: usize, temper: &Temper, takes: u64, end: Option<Says>) {
        if temper.tells_progress {
            for _ in 0..4 {
                let delay = self.chance.between(0, takes.max(SECOND));
                self.tell(vendor, job, Says::Pending, delay);
            }
        }
        let Some(end) = end else { return };
        if self.chance.happens(temper.silent) {
            return;
        }
        let dawdling = if self.chance.happens(temper.dawdles) { self.chance.magnitude(SECOND, 2 * HOUR) } else { 0 };
        let delay = takes + self.chance.magnitude(1, SECOND) + dawdling;
        self.tell(vendor, job, end, delay);
        if self.chance.happens(temper.contradicts) {
            let other = if end == Says::Done { Says::Failed } else { Says::Done };
            // Before it or after it.
            let latest = delay + self.chance.magnitude(1, HOUR);
            let delay = self.chance.between(takes, latest);
            self.tell(vendor, job, other, delay);
        }
    }

    /// A third party sends an event after a while.
    pub(super) fn tell(&mut self, vendor: usize, job: usize, says: Says, delay: u64) {
        let this = &mut self.vendors[vendor];
        if this.jobs[job].webhook.is_none() {
            return;
        }
        let event = this.events.len();
        this.events.push(JobEvent { job, says, is_acknowledged: false, was_received: false, last_answered: None });
        self.after(delay, Event::Send(vendor, event, 0));
    }
}
