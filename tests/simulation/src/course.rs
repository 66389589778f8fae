//! What a seed has in store: which waits there are, how their third parties
//! behave, what people do meanwhile, and how much goes wrong. It is drawn before
//! anything runs; what happens then draws on.

use crate::chance::Chance;
use crate::fault::{Effect, Fault, Mishap, Step};
use crate::integrations::FILES;
use crate::time::{DAY, HOUR, MINUTE, SECOND};

/// The most waits of a seed, four: two on each of two integrations meet at all they share.
const MOST_WAITS: u64 = 4;

/// The most faults and mishaps of a seed beside its focus, twelve: with more,
/// retries run out everywhere, and less is reached.
const MOST_FAULTS: u64 = 12;

/// How often the fault happens that a seed is about: now and then so often that
/// all retries of a state are used up.
const FOCUSED: [u32; 4] = [1, 2, 3, 12];

/// How likely an execution is of a workflow of one's own: the way that most take
/// who wait for one known third party, and no step of the others may go short.
const OWN: f64 = 0.4;

/// Effects that few seeds come to: of those that are about one of them, most never do.
const RARE: [Effect; 6] =
    [Effect::NoteJob, Effect::MarkUnknown, Effect::KeepResult, Effect::Postpone, Effect::KeepLate, Effect::Heartbeat];

/// How likely a seed is about one of these, so that ten thousand fill their cells.
const RARELY: f64 = 0.4;

/// How far clocks may be off, 3 seconds either way: the right to send (90 s)
/// outlives its function (60 s) and a request on its way (20 s) by ten, and two
/// clocks may differ by twice this. Lambda's differ by milliseconds.
const MOST_SKEW_MS: i64 = 3_000;

/// One seed.
#[derive(Debug)]
pub(crate) struct Course {
    pub(crate) waits: Vec<Wait>,
    /// Which executions are of a workflow of one's own, whose waits have no plan.
    pub(crate) own: Vec<bool>,
    /// When each execution is stopped from outside, if it is.
    pub(crate) stops: Vec<Option<u64>>,
    /// The waits that somebody ends by hand, and when.
    pub(crate) by_hand: Vec<(usize, u64)>,
    /// When the next version is deployed, if it is.
    pub(crate) deploys_at: Option<u64>,
    /// How likely each effect and each run of a step goes wrong.
    pub(crate) fault_rate: f64,
    pub(crate) mishap_rate: f64,
    /// How much may still go wrong.
    pub(crate) budget: u32,
    /// What this seed is about: it happens as soon as it can.
    pub(crate) focus: Option<(Effect, Fault)>,
    pub(crate) focus_step: Option<(Step, Mishap)>,
    pub(crate) focused: u32,
    /// How far each clock may be off, in milliseconds.
    pub(crate) skew_ms: i64,
    /// How likely the index shows the past, and how old it is then at most, in milliseconds.
    pub(crate) stale: (f64, u64),
    /// The most entries of a page of the index.
    pub(crate) page: usize,
    /// Step Functions' bucket for outcomes: how many it holds, and the milliseconds after
    /// which there is one more.
    pub(crate) bucket: (u64, u64),
    /// How long Step Functions takes to hear of an outcome at most, in milliseconds.
    pub(crate) slow_tasks_ms: u64,
    /// By what everything takes longer.
    pub(crate) slowness: u64,
    /// The third parties, in the order of the files.
    pub(crate) vendors: Vec<Temper>,
}

/// One wait.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wait {
    pub(crate) integration: usize,
    pub(crate) execution: usize,
    pub(crate) begins_at: u64,
}

/// How a third party behaves.
#[derive(Clone, Debug)]
pub(crate) struct Temper {
    /// How likely a job takes as long as earlier ones did, where that is known.
    pub(crate) as_learned: f64,
    /// How long any other job takes, in milliseconds, from the least to the most.
    pub(crate) takes: (u64, u64),
    /// How likely a job is done at once, and never.
    pub(crate) at_once: f64,
    pub(crate) never: f64,
    pub(crate) fails: f64,
    /// How likely a submit is answered with 429 or 503, taken without an answer, refused, or
    /// answered with the id of another wait's job.
    pub(crate) busy: f64,
    pub(crate) mute: f64,
    pub(crate) refuses: f64,
    pub(crate) confuses: f64,
    /// How likely a result is too large to travel.
    pub(crate) large: f64,
    /// How long a look shows a job that has ended as pending, at most.
    pub(crate) lag_ms: u64,
    /// How likely looks never show a job's end, of which events tell.
    pub(crate) mumbles: f64,
    /// When webhooks are sent again that were not acknowledged: the time since the one before.
    pub(crate) patience: &'static [u64],
    /// How likely an event is never sent, sent although it was acknowledged, contradicted, or
    /// late by minutes.
    pub(crate) silent: f64,
    pub(crate) repeats: f64,
    pub(crate) contradicts: f64,
    pub(crate) dawdles: f64,
    pub(crate) tells_progress: bool,
    /// When nothing of use is answered: from, until, and how.
    pub(crate) troubles: Vec<(u64, u64, Trouble)>,
}

/// How every request is answered for a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// With 502.
    Down,
    /// With 429, and a time to stay away.
    Throttles,
    /// With 403.
    Forbids,
    /// Not at all.
    Unreachable,
}

/// The retries of senders that keep to Standard Webhooks' recommendation, as Svix
/// does (<https://docs.svix.com/retries>).
const SVIX: &[u64] = &[5 * SECOND, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 10 * HOUR];

/// Those of a sender that tries for three days with growing gaps, as Stripe does
/// (<https://docs.stripe.com/webhooks#automatic-retries>).
const THREE_DAYS: &[u64] = &[10 * MINUTE, 30 * MINUTE, HOUR, 2 * HOUR, 4 * HOUR, 8 * HOUR, 12 * HOUR, 20 * HOUR, DAY];

/// Those of a sender in a hurry.
const HURRIED: &[u64] = &[10 * SECOND, 10 * SECOND, 10 * SECOND];

impl Course {
    pub(crate) fn draw(chance: &mut Chance) -> Self {
        let count = chance.between(1, MOST_WAITS);
        // Two integrations at least where there is more than one wait, so that the same job ids meet.
        let first = chance.index(FILES.len());
        let second = (first + 1 + chance.index(FILES.len() - 1)) % FILES.len();
        let executions = chance.between(1, 2);
        let mut waits = Vec::new();
        for number in 0..count {
            let integration = if number == 1 || chance.happens(0.5) { second } else { first };
            let execution = usize::try_from(chance.between(1, executions) - 1).unwrap_or(0);
            waits.push(Wait {
                integration,
                execution,
                begins_at: chance.between(0, 20) * chance.between(0, 3 * SECOND),
            });
        }
        let own = (0..executions).map(|_| chance.happens(OWN)).collect();
        let mut stops = Vec::new();
        for _ in 0..executions {
            stops.push(chance.happens(0.12).then(|| chance.magnitude(100, 4 * HOUR)));
        }
        let mut by_hand = Vec::new();
        if chance.happens(0.15) {
            by_hand.push((chance.index(waits.len()), chance.magnitude(SECOND, 4 * HOUR)));
        }
        let budget = u32::try_from(chance.between(0, MOST_FAULTS)).unwrap_or(0);
        let (focus, focus_step) = focus(chance);
        Self {
            waits,
            own,
            stops,
            by_hand,
            deploys_at: chance.happens(0.25).then(|| chance.magnitude(SECOND, 2 * HOUR)),
            fault_rate: chance.one(&[0.0, 0.003, 0.01, 0.03, 0.1]),
            mishap_rate: chance.one(&[0.0, 0.01, 0.05]),
            budget,
            focus,
            focus_step,
            focused: chance.one(&FOCUSED),
            skew_ms: if chance.happens(0.5) { MOST_SKEW_MS } else { 0 },
            stale: chance.one(&[(0.0, 0), (0.3, 5 * SECOND), (0.3, 90 * SECOND)]),
            page: chance.one(&[1, 2, 500]),
            bucket: chance.one(&[(3_000, 2), (3_000, 2), (2, 20 * SECOND), (1, 5 * SECOND)]),
            slow_tasks_ms: chance.one(&[40, 40, 20 * SECOND]),
            slowness: chance.one(&[1, 1, 1, 4]),
            vendors: (0..FILES.len()).map(|_| Temper::draw(chance)).collect(),
        }
    }
}

/// What goes wrong as soon as it can: at an effect, and at a step.
type Focus = (Option<(Effect, Fault)>, Option<(Step, Mishap)>);

/// One cell of the table, so that no cell waits for luck.
fn focus(chance: &mut Chance) -> Focus {
    let effects = if chance.happens(RARELY) { &RARE } else { Effect::ALL };
    let effect = (chance.one(effects), chance.one(&Fault::DRAWN));
    let step = (chance.one(Step::ALL), chance.one(Mishap::ALL));
    (
        Some(effect).filter(|_| chance.happens(0.7)),
        Some(step).filter(|(step, mishap)| mishap.impossible(*step).is_none() && chance.happens(0.4)),
    )
}

impl Temper {
    fn draw(chance: &mut Chance) -> Self {
        let mut troubles = Vec::new();
        while chance.happens(0.2) && troubles.len() < 3 {
            let from = chance.magnitude(100, 3 * HOUR);
            let how =
                chance.one(&[Trouble::Down, Trouble::Down, Trouble::Throttles, Trouble::Unreachable, Trouble::Forbids]);
            troubles.push((from, from + chance.magnitude(SECOND, 20 * MINUTE), how));
        }
        let mut rarely = |share: f64, probability: f64| if chance.happens(share) { probability } else { 0.0 };
        let (at_once, never) = (rarely(0.5, 0.5), rarely(0.2, 0.5));
        let (busy, mute) = (rarely(0.25, 0.5), rarely(0.25, 0.5));
        let (refuses, confuses, large) = (rarely(0.1, 0.3), rarely(0.1, 0.5), rarely(0.1, 0.5));
        let (silent, repeats) = (rarely(0.25, 0.6), rarely(0.3, 0.5));
        let (contradicts, dawdles, mumbles) = (rarely(0.25, 0.6), rarely(0.3, 0.5), rarely(0.15, 0.6));
        Self {
            // What changes at a third party is not learned before it has.
            as_learned: chance.one(&[1.0, 0.9, 0.5, 0.0]),
            takes: chance.one(&[(SECOND, 20 * SECOND), (MINUTE, HOUR), (SECOND, 3 * HOUR), (HOUR, 30 * HOUR)]),
            at_once,
            never,
            fails: 0.3,
            busy,
            mute,
            refuses,
            confuses,
            large,
            mumbles,
            lag_ms: chance.one(&[0, 0, 2 * SECOND, MINUTE]),
            patience: chance.one(&[SVIX, THREE_DAYS, HURRIED, &[]]),
            silent,
            repeats,
            contradicts,
            dawdles,
            tells_progress: chance.happens(0.5),
            troubles,
        }
    }
}
