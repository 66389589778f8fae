//! One wait, from its submit to its end, as the definitions and the functions
//! would have it go.

use super::assumed::{INVOCATION, ROUND_MB};
use super::reconciler::{EVERY_MS, Load};
use super::walk::{MAX_LOOKS, Step, Walk, milliseconds, pooled_looks};
use super::writes::{
    CLOSED_WITH_TOKEN, END_POLLED, END_WITH_TOKEN, EVENT_KEPT, SUBMIT_POLLED, SUBMIT_WITH_TOKEN, units,
};
use super::{Party, TooManyLooks, Usage};
use crate::decide::pooled::first_look_on_average;
use crate::integration::{Integration, Strategy};
use std::time::Duration;

/// The states of the main workflow around its requests.
pub const AROUND: [&str; 6] =
    ["Check input", "For each request", "Record results", "Notify", "Did all succeed?", "Done"];

/// The states of a request that is polled in one round.
pub const POLLED: [&str; 6] = ["Prepare", "How to wait?", "Submit", "Poll", "Finished?", "Keep result"];

/// Those of them that wait.
pub const POLLED_WAITING: [&str; 2] = ["Poll", "Finished?"];

/// The states that each further round adds.
pub const EACH_FURTHER_ROUND: [&str; 3] = ["Wait until next round", "Poll", "Finished?"];

/// The states of a request whose task holds a token, by which a webhook or the reconciler resumes it.
pub const CALLED_BACK: [&str; 4] = ["Prepare", "How to wait?", "Submit and await", "Keep result"];

/// Those of them that wait.
pub const CALLED_BACK_WAITING: [&str; 1] = ["Submit and await"];

/// The state that a wait adds which is given up.
pub const GIVEN_UP: [&str; 1] = ["Close"];

/// Who makes the plan of a wait, and where its job is submitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Begun {
    /// `prepare` plans it, and where it is polled, a state of its own submits.
    InMain,
    /// `submit` plans it, after it has looked whether it was begun before; where it is
    /// polled, within the first round. That the version of the file is kept is a write
    /// once for each version and process, and not for each wait.
    ByFragment,
}

/// Writes of the main workflow: the result's item, and the execution's.
const RECORD_WRITES: u64 = 2;

/// When the job ends at the third party.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum JobEnds {
    /// So long after its submit.
    After(Duration),
    /// Not within the deadline.
    Never,
}

/// How a wait goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Course {
    /// How it ends.
    pub end: End,
    /// What it takes.
    pub usage: Usage,
    /// What it asks of the reconciler, which is no part of `usage`.
    pub load: Load,
}

/// How a wait ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The job's end becomes known so long after it.
    Known {
        /// From the job's end until it is known.
        after: Duration,
    },
    /// The wait is given up at its deadline, or after its last look.
    GivenUp,
}

/// A wait's course in the main workflow, with each random delay at its mean.
///
/// # Errors
/// [`TooManyLooks`].
pub fn course(integration: &Integration, job_ends: JobEnds) -> Result<Course, TooManyLooks> {
    let mut course = begun_by(Begun::InMain, integration, job_ends)?;
    course.usage = course.usage.and(main_adds(integration.strategy));
    Ok(course)
}

/// A wait's course by the states that are printed for a workflow of one's own, with
/// each random delay at its mean.
///
/// # Errors
/// [`TooManyLooks`].
pub fn course_by_fragment(integration: &Integration, job_ends: JobEnds) -> Result<Course, TooManyLooks> {
    begun_by(Begun::ByFragment, integration, job_ends)
}

fn begun_by(begun: Begun, integration: &Integration, job_ends: JobEnds) -> Result<Course, TooManyLooks> {
    let party = Party::of(integration);
    Ok(match integration.strategy {
        Strategy::Poll => polled(&party, INVOCATION, begun, &[job_ends])?.pop().ok_or(TooManyLooks)?,
        Strategy::Pooled => {
            let until = match job_ends {
                JobEnds::After(after) => after.min(party.deadline),
                JobEnds::Never => party.deadline,
            };
            let times = pooled_looks(&party, milliseconds(until))?;
            // On average half a run comes between a time and its look.
            pooled(&party, INVOCATION, begun, &times, job_ends, EVERY_MS / 2, EVERY_MS)
        }
        Strategy::Callback => called_back(&party, INVOCATION, begun, job_ends, 1, 2),
    })
}

/// What the main workflow adds to the waiting of a request: the states around it,
/// `prepare`, and what it records.
#[must_use]
pub fn main_adds(strategy: Strategy) -> Usage {
    let around = match strategy {
        Strategy::Poll => count(&POLLED) - count(&POLLED_WAITING),
        Strategy::Pooled | Strategy::Callback => count(&CALLED_BACK) - count(&CALLED_BACK_WAITING),
    };
    let mut usage = Usage { transitions: count(&AROUND) + around, writes: RECORD_WRITES, ..Usage::default() };
    usage.invoke(1, INVOCATION, 1);
    usage
}

/// How long ago the job ended, if it has.
fn since_end(job_ends: JobEnds, at: Duration) -> Option<Duration> {
    match job_ends {
        JobEnds::After(duration) => at.checked_sub(duration),
        JobEnds::Never => None,
    }
}

/// Waits that are polled by rounds of the Express workflow, for jobs that end in
/// this order: one walk passes the ends of all. `look` is how long a check is billed.
pub(super) fn polled(
    party: &Party,
    look: Duration,
    begun: Begun,
    job_ends: &[JobEnds],
) -> Result<Vec<Course>, TooManyLooks> {
    let mut walk = Walk::begin(&party.schedule, party.deadline, look);
    if begun == Begun::ByFragment {
        walk = walk.submits_in_its_round();
    }
    let mut counter = Counter::submitted(party, look, begun);
    counter.usage.writes += units(&SUBMIT_POLLED) + units(&END_POLLED);
    let mut courses = Vec::with_capacity(job_ends.len());
    while let Some(waiting) = job_ends.get(courses.len()..).filter(|waiting| !waiting.is_empty()) {
        match walk.step() {
            Step::Over { looked } => {
                // The check that finds time to be up is an invocation, and looks at nothing.
                counter.usage.invoke(u64::from(!looked), look, 0);
                let at = walk.elapsed();
                let counter = counter.with_rounds(&walk);
                courses.extend(waiting.iter().map(|job_ends| counter.closed(*job_ends, at)));
            }
            Step::Look { at, begins_round } => {
                counter.usage.invoke(1, look, 1);
                counter.looked(1);
                let ended = waiting.iter().map_while(|job_ends| since_end(*job_ends, at));
                let known = ended.map(|after| counter.with_rounds(&walk).known(after));
                courses.extend(known);
                // Whether somebody else has ended the wait.
                counter.usage.reads += u64::from(begins_round);
                if counter.usage.looks >= MAX_LOOKS {
                    return Err(TooManyLooks);
                }
            }
        }
    }
    Ok(courses)
}

/// A wait that a webhook ends, with the reconciler beside it. Its first look lies
/// in the second half of the first period, at the `part`th of `parts`.
pub(super) fn called_back(
    party: &Party,
    look: Duration,
    begun: Begun,
    job_ends: JobEnds,
    part: u64,
    parts: u64,
) -> Course {
    let mut counter = Counter::submitted(party, look, begun);
    counter.usage.transitions += count(&CALLED_BACK_WAITING);
    counter.usage.writes += units(&SUBMIT_WITH_TOKEN);
    let ended = match job_ends {
        JobEnds::After(duration) => Some(duration).filter(|duration| *duration < party.deadline),
        JobEnds::Never => None,
    };
    let (until, period) = (milliseconds(ended.unwrap_or(party.deadline)), milliseconds(party.schedule.reconcile));
    let listed_ms = until.saturating_sub(period / 2);
    let first = period / 2 + (period / 2) * part / parts.max(1);
    let looks = until.checked_sub(first).map_or(0, |since| since / period.max(1) + 1);
    counter.looked_by_reconciler(looks, listed_ms);
    match ended {
        Some(_) => {
            // The event is kept beside the link.
            counter.usage.writes += units(&EVENT_KEPT) + units(&END_WITH_TOKEN);
            let asks = u64::from(party.looks_after_event);
            // For a look the link and the wait are read first.
            counter.usage.reads += 2 * asks;
            counter.usage.looks += asks;
            counter.usage.requests += asks;
            counter.usage.invoke(1, look, 2);
            counter.known(Duration::ZERO)
        }
        None => {
            counter.usage.writes += units(&CLOSED_WITH_TOKEN);
            counter.closed(job_ends, party.deadline)
        }
    }
}

/// A wait whose task holds a token and that the reconciler alone looks at, once each
/// of these times has come, but only as it runs: once in `every_ms`, first so long
/// after the submit. After the most looks that its schedule allows it is closed.
pub(super) fn pooled(
    party: &Party,
    look: Duration,
    begun: Begun,
    times: &[u64],
    job_ends: JobEnds,
    first_run_ms: u64,
    every_ms: u64,
) -> Course {
    let mut counter = Counter::submitted(party, look, begun);
    counter.usage.transitions += count(&CALLED_BACK_WAITING);
    counter.usage.writes += units(&SUBMIT_WITH_TOKEN);
    let (deadline, first) = (milliseconds(party.deadline), milliseconds(first_look_on_average(&party.schedule)));
    // The index shows it from the first time on.
    let listed_until = |at: u64| at.saturating_sub(first);
    // A run makes one check of all times since the one before.
    let run_of = |time: u64| first_run_ms + time.saturating_sub(first_run_ms).div_ceil(every_ms) * every_ms;
    let (mut looks, mut last) = (0, None);
    for time in times.iter().take_while(|time| run_of(**time) < deadline) {
        let run = run_of(*time);
        if last != Some(run) {
            last = Some(run);
            looks += 1;
        }
        if let Some(after) = since_end(job_ends, Duration::from_millis(run)) {
            counter.looked_by_reconciler(looks, listed_until(run));
            counter.usage.writes += units(&END_WITH_TOKEN);
            counter.usage.invoke(0, look, 2);
            return counter.known(after);
        }
    }
    let most = party.schedule.checks.map(u64::from);
    if let Some(run) = last.filter(|_| most.is_some_and(|most| times.len() as u64 >= most)) {
        counter.looked_by_reconciler(looks, listed_until(run));
        // The reconciler reads the row, looks a last time and delivers; `close` finds that.
        counter.usage.reads += 1;
        counter.usage.writes += units(&END_WITH_TOKEN);
        counter.usage.invoke(0, look, 2);
        return counter.closed(job_ends, Duration::from_millis(run));
    }
    counter.looked_by_reconciler(looks, listed_until(deadline));
    counter.usage.writes += units(&CLOSED_WITH_TOKEN);
    counter.closed(job_ends, party.deadline)
}

const fn count(states: &[&str]) -> u64 {
    states.len() as u64
}

/// What one wait has taken so far.
#[derive(Clone, Copy)]
struct Counter<'a> {
    party: &'a Party,
    /// How long an invocation is billed.
    invocation: Duration,
    usage: Usage,
    load: Load,
    /// Requests that limits would let through one by one: the submit, and the looks of checks.
    admitted: u64,
}

impl<'a> Counter<'a> {
    /// The job is submitted.
    fn submitted(party: &'a Party, invocation: Duration, begun: Begun) -> Self {
        let reads = u64::from(begun == Begun::ByFragment);
        let mut usage = Usage { requests: u64::from(party.submits), reads, ..Usage::default() };
        usage.invoke(1, invocation, 1);
        Self { party, invocation, usage, load: Load { waits: 1, ..Load::default() }, admitted: 1 }
    }

    fn looked(&mut self, looks: u64) {
        self.admitted += looks;
        self.usage.looks += looks;
        self.usage.requests += looks;
        self.usage.reads += looks * u64::from(self.party.needs_kept);
    }

    /// The looks themselves are counted by what the reconciler takes; what each reads is not.
    fn looked_by_reconciler(&mut self, looks: u64, listed_ms: u64) {
        self.looked(looks);
        self.load.looks = looks;
        self.load.listed_ms = listed_ms;
    }

    fn with_rounds(mut self, walk: &Walk<'_>) -> Self {
        let rounds = walk.rounds();
        self.usage.express_requests = rounds.count;
        self.usage.express_mb_ms = rounds.billed_ms * ROUND_MB;
        self.usage.transitions += count(&POLLED_WAITING) + (rounds.count - 1) * count(&EACH_FURTHER_ROUND);
        self
    }

    /// The job's end is seen.
    fn known(mut self, after: Duration) -> Course {
        self.usage.requests += u64::from(self.party.fetches);
        self.over(End::Known { after })
    }

    /// `close` reads the row and looks a last time; a job that is still under way is called off.
    fn closed(mut self, job_ends: JobEnds, at: Duration) -> Course {
        self.usage.invoke(1, self.invocation, 1);
        self.usage.transitions += count(&GIVEN_UP);
        self.usage.reads += 1;
        self.usage.looks += 1;
        self.usage.requests += 1;
        if let Some(after) = since_end(job_ends, at) {
            return self.known(after);
        }
        self.usage.requests += u64::from(self.party.cancels);
        self.over(End::GivenUp)
    }

    fn over(mut self, end: End) -> Course {
        self.party.keep_within_limits(self.admitted, &mut self.usage);
        Course { end, usage: self.usage, load: self.load }
    }
}
