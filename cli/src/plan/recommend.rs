//! Which of our ways to take, and why.

use stepwait_core::cost::{Party, Way};

use super::compare::{Asked, Figures, Row};
use super::money::{dollars, time};

/// What nobody would trouble about, in nano-dollars a month: a dollar. Among ways
/// that differ by less, the soonest is taken.
const TRIFLE: u64 = 1_000_000_000;

/// How late an end may be known by the cheapest way, at the least: in percent of
/// the jobs' mean duration.
const PATIENCE_PERCENT: u64 = 10;

/// Of a thousand waits, so many that are given up at their deadline leave nothing to
/// recommend, half of them: what is wrong is the deadline.
const MOST_GIVEN_UP_PERMILLE: u64 = 500;

/// A way, and why.
pub(super) struct Recommendation {
    pub(super) way: Way,
    pub(super) reason: String,
    /// What to write in the file; `None` if that stands there already.
    pub(super) write: Option<&'static str>,
}

impl Recommendation {
    /// Why, and what to write in the file for it.
    pub(super) fn text(&self) -> String {
        match self.write {
            Some(keys) => format!("{}; in a file: {keys}", self.reason),
            None => format!("{}, as the file has it", self.reason),
        }
    }
}

/// Takes the cheapest of our ways that can be used and tells soon enough: in one
/// wait of twenty no later than the longest interval of the schedule, or a tenth of
/// what jobs take. `has` is the way that the file has.
pub(super) fn recommend(rows: &[Row], party: &Party, asked: &Asked, has: Option<Way>) -> Option<Recommendation> {
    let quantiles = asked.durations.quantiles();
    let mean = quantiles.iter().sum::<u64>() / (quantiles.len() as u64).max(1);
    let longest = u64::try_from(party.schedule.max.as_millis()).unwrap_or(u64::MAX);
    let patience = longest.max(mean.saturating_mul(PATIENCE_PERCENT) / 100);
    let usable = || {
        let ours = rows.iter().filter(|row| row.way.is_ours());
        let is_usable =
            |figures: &Figures| figures.but.is_none() && figures.estimate.given_up_permille <= MOST_GIVEN_UP_PERMILLE;
        ours.filter_map(|row| Some((row.way, row.figures.as_ref().ok()?)))
            .filter(move |(_, figures)| is_usable(figures))
    };
    let in_time = || usable().filter(|(_, figures)| figures.estimate.p95_delay_ms <= patience);
    let soonest = |(_, figures): &(Way, &Figures)| figures.estimate.mean_delay_ms;
    let least = in_time().map(|(_, figures)| figures.month).min();
    let (way, chosen) = match least {
        Some(least) => {
            in_time().filter(|(_, figures)| figures.month <= least.saturating_add(TRIFLE)).min_by_key(soonest)
        }
        None => usable().min_by_key(soonest),
    }?;
    let cheapest_other = usable().filter(|(other, _)| *other != way).min_by_key(|(_, figures)| figures.month);
    let write = keys(way).filter(|_| has != Some(way));
    Some(Recommendation { way, reason: reason(way, chosen, cheapest_other), write })
}

/// By which keys a file takes a way, if it is ours.
const fn keys(way: Way) -> Option<&'static str> {
    match way {
        Way::Nested => Some("strategy = \"poll\", engine = \"nested\""),
        Way::Pooled => Some("strategy = \"poll\", engine = \"pooled\""),
        Way::Reconciled => Some("strategy = \"callback\""),
        Way::StandardLoop
        | Way::RetryLoop
        | Way::ExpressOnly
        | Way::Callback
        | Way::DurablePolling
        | Way::DurableCallback => None,
    }
}

fn reason(way: Way, chosen: &Figures, other: Option<(Way, &Figures)>) -> String {
    let begins = match way {
        Way::Reconciled => {
            "the third party's webhook tells at once, and the reconciler makes good one that is lost".to_owned()
        }
        Way::Nested
        | Way::Pooled
        | Way::StandardLoop
        | Way::RetryLoop
        | Way::ExpressOnly
        | Way::Callback
        | Way::DurablePolling
        | Way::DurableCallback => {
            format!("a job's end is known after {} on average", time(chosen.estimate.mean_delay_ms))
        }
    };
    let Some((other, figures)) = other else {
        return format!("{begins}, for {} a month", dollars(chosen.month));
    };
    let later = time(figures.estimate.p95_delay_ms);
    let name = other.name();
    match figures.month.checked_sub(chosen.month) {
        Some(less) if less >= TRIFLE => {
            format!("{begins}, for {} a month, {} less than {name}", dollars(chosen.month), dollars(less))
        }
        Some(_) => format!("{begins}, for {} a month, about what {name} costs", dollars(chosen.month)),
        None => format!(
            "{begins}, for {} a month; {name} would cost {} less, and leave one end in twenty unknown for {later} or longer",
            dollars(chosen.month),
            dollars(chosen.month - figures.month)
        ),
    }
}
