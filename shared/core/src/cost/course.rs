//! One wait, from its submit to its end, as the definitions and the functions
//! would have it go.

use super::assumed::{FUNCTION_MB, INVOCATION, ROUND_MB, ROW_UNITS, TOKEN_ROW_UNITS};
use super::walk::{MAX_LOOKS, Step, Walk, milliseconds};
use super::{TooManyLooks, Usage};
use crate::decide::engine::pooled_part;
use crate::integration::{Integration, Limits, Strategy};
use std::time::Duration;

/// The states of the main workflow around its requests.
pub const AROUND: [&str; 6] =
    ["Check input", "For each request", "Record results", "Notify", "Did all succeed?", "Done"];

/// The states of a request that is polled in one round.
pub const POLLED: [&str; 6] = ["Prepare", "How to wait?", "Submit", "Poll", "Finished?", "Keep result"];

/// The states that each further round adds.
pub const EACH_FURTHER_ROUND: [&str; 3] = ["Wait until next round", "Poll", "Finished?"];

/// The states of a request whose task is resumed by a webhook.
pub const CALLED_BACK: [&str; 4] = ["Prepare", "How to wait?", "Submit and await", "Keep result"];

/// The state that a wait adds which is given up.
pub const GIVEN_UP: [&str; 1] = ["Close"];

/// Writes of a wait's row: it is registered, the right to send taken, the job
/// noted, the outcome stored.
const ROW_WRITES: u64 = 4;

/// Writes of the link from the job to its wait.
const LINK_WRITES: u64 = 1;

/// Writes of the main workflow: the result's item, and the execution's.
const RECORD_WRITES: u64 = 2;

/// When the job ends at the third party.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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

/// A wait's course, with each random delay at its mean.
///
/// # Errors
/// [`TooManyLooks`].
pub fn course(integration: &Integration, job_ends: JobEnds) -> Result<Course, TooManyLooks> {
    let mut counter = Counter::default();
    // `prepare` and `submit`.
    counter.invocations(2);
    counter.admitted += 1;
    counter.usage.requests += u64::from(integration.submit.request.is_some());
    let finish = match integration.strategy {
        Strategy::Poll => polled(integration, job_ends, &mut counter)?,
        Strategy::Pooled => pooled(integration, job_ends, &mut counter),
        Strategy::Callback => called_back(integration, job_ends, &mut counter),
    };
    let end = match finish {
        Finish::Seen { after } => End::Known { after },
        Finish::Closed { at } => closed(integration, job_ends, at, &mut counter),
    };
    let usage = &mut counter.usage;
    if let End::Known { .. } = end {
        usage.requests += u64::from(integration.result.fetch.is_some());
    }
    usage.transitions += count(&AROUND);
    usage.writes += RECORD_WRITES;
    if let Some(limits) = &integration.limits {
        kept_within(limits, counter.admitted, usage);
    }
    Ok(Course { end, usage: counter.usage })
}

/// `close` reads the row and looks a last time; a job that is still under way is called off.
fn closed(integration: &Integration, job_ends: JobEnds, at: Duration, counter: &mut Counter) -> End {
    counter.invocations(1);
    let usage = &mut counter.usage;
    usage.transitions += count(&GIVEN_UP);
    usage.reads += 1;
    usage.looks += 1;
    usage.requests += 1;
    if let Some(after) = since_end(job_ends, at) {
        return End::Known { after };
    }
    usage.requests += u64::from(integration.cancel.is_some());
    End::GivenUp
}

/// What `[limits]` adds, where nobody has to wait for another.
fn kept_within(limits: &Limits, admitted: u64, usage: &mut Usage) {
    if limits.has_gate() {
        // Read before a request is let through, before the submit once more, and after each answer.
        usage.reads += admitted + 1 + usage.requests;
    }
    if limits.interval.is_some() {
        usage.writes += admitted;
    }
    if limits.in_flight.is_some() {
        // The place is taken, and left.
        usage.writes += 2;
    }
}

/// How long ago the job ended, if it has.
fn since_end(job_ends: JobEnds, at: Duration) -> Option<Duration> {
    match job_ends {
        JobEnds::After(duration) => at.checked_sub(duration),
        JobEnds::Never => None,
    }
}

/// What ends the waiting itself.
enum Finish {
    /// The job's end was seen, so long after it.
    Seen { after: Duration },
    /// Time was up, or the looks were: `close` follows, so long after the submit.
    Closed { at: Duration },
}

fn polled(integration: &Integration, job_ends: JobEnds, counter: &mut Counter) -> Result<Finish, TooManyLooks> {
    let mut walk = Walk::begin(&integration.schedule, integration.deadline);
    let reads = u64::from(integration.look_needs_kept());
    let finish = loop {
        match walk.step() {
            Step::Over { looked } => {
                // The check that finds time to be up is an invocation, and looks at nothing.
                counter.invocations(u64::from(!looked));
                break Finish::Closed { at: walk.elapsed() };
            }
            Step::Look { at, begins_round } => {
                counter.invocations(1);
                counter.admitted += 1;
                counter.usage.looks += 1;
                counter.usage.requests += 1;
                counter.usage.reads += reads;
                if let Some(after) = since_end(job_ends, at) {
                    break Finish::Seen { after };
                }
                // Whether somebody else has ended the wait.
                counter.usage.reads += u64::from(begins_round);
                if counter.usage.looks >= MAX_LOOKS {
                    return Err(TooManyLooks);
                }
            }
        }
    };
    let rounds = walk.end();
    let usage = &mut counter.usage;
    usage.express_requests = rounds.count;
    usage.express_mb_ms = rounds.billed_ms * ROUND_MB;
    usage.transitions += count(&POLLED) + (rounds.count - 1) * count(&EACH_FURTHER_ROUND);
    usage.writes += ROW_WRITES * ROW_UNITS + LINK_WRITES;
    Ok(finish)
}

fn pooled(integration: &Integration, job_ends: JobEnds, counter: &mut Counter) -> Finish {
    let ends = match job_ends {
        JobEnds::After(after) => Some(after),
        JobEnds::Never => None,
    };
    let part = pooled_part(integration, ends);
    counter.admitted += part.looks;
    let usage = &mut counter.usage;
    usage.transitions += count(&CALLED_BACK);
    usage.writes += ROW_WRITES * TOKEN_ROW_UNITS + LINK_WRITES;
    usage.reads += part.reads + part.looks * u64::from(integration.look_needs_kept());
    usage.looks += part.looks;
    usage.requests += part.looks;
    usage.lambda_mb_ms += part.lambda_mb_ms;
    let Some(after) = part.known_after else {
        return Finish::Closed { at: part.lasted };
    };
    // That it was delivered is noted.
    usage.writes += TOKEN_ROW_UNITS;
    Finish::Seen { after }
}

fn called_back(integration: &Integration, job_ends: JobEnds, counter: &mut Counter) -> Finish {
    let usage = &mut counter.usage;
    usage.transitions += count(&CALLED_BACK);
    usage.writes += ROW_WRITES * TOKEN_ROW_UNITS + LINK_WRITES;
    match job_ends {
        JobEnds::After(duration) if duration < integration.deadline => {
            // The link and the wait are read; the event is kept beside the link, and marked as delivered.
            usage.reads += 2;
            usage.writes += LINK_WRITES + TOKEN_ROW_UNITS;
            let looks = u64::from(
                integration
                    .callback
                    .as_ref()
                    .is_some_and(|event| event.thin || (event.output.is_none() && integration.result.fetch.is_some())),
            );
            usage.looks += looks;
            usage.requests += looks;
            counter.invocations(1);
            Finish::Seen { after: Duration::ZERO }
        }
        JobEnds::After(_) | JobEnds::Never => Finish::Closed { at: integration.deadline },
    }
}

const fn count(states: &[&str]) -> u64 {
    states.len() as u64
}

/// What one wait has taken so far.
#[derive(Default)]
struct Counter {
    usage: Usage,
    /// Requests that `[limits]` would let through one by one: the submit, and the looks of checks.
    admitted: u64,
}

impl Counter {
    fn invocations(&mut self, n: u64) {
        self.usage.lambda_requests += n;
        self.usage.lambda_mb_ms += n * milliseconds(INVOCATION) * FUNCTION_MB;
    }
}
