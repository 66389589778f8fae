//! Usual mistakes: each is undone, and the delivery looked at again. What then
//! bears one of its signatures is what was wrong.
//!
//! - `bodies`: a body that was written anew on its way;
//! - `secrets`: a secret in another form, or another one;
//! - `places`: headers that were renamed, and other URLs;
//! - `times`: times in another unit, and clocks.
//!
//! Nothing is told here that a forger could use: whoever sees a hint holds the
//! secret already.

mod bodies;
mod places;
mod secrets;
mod times;

use stepwait_core::integration::{Integration, Verification};
use stepwait_core::webhook::{Delivery, KeyDocument, Refusal};
use stepwait_core::{SecretValue, Timestamp};
use stepwait_trial::Veil;

use super::record::{Noted, NotedOutcome};
use crate::trial::TryError;
use crate::trial::secrets::GivenSecrets;
pub(super) use times::of_time;

/// The most bytes of a body that is tried under two changes at once, 64 KiB:
/// there are a few hundred pairs.
const MAX_PAIRED_BYTES: usize = 64 * 1024;

/// What is said where nothing would help that was tried.
const UNUSUAL: &str = "no usual mistake accounts for it: compare the secret with the one that the third party shows, for this very endpoint; if it is the same, the body or a signed header is not what was sent";

/// A delivery, and what it is verified with.
#[derive(Clone, Debug)]
pub(super) struct Case {
    pub(super) verification: Verification,
    pub(super) delivery: Delivery,
    pub(super) secrets: Vec<(String, SecretValue)>,
    pub(super) url: Option<String>,
}

/// A mistake, and the case without it.
struct Change {
    says: String,
    case: Case,
}

/// What would make a refused delivery genuine, apart from the time.
pub(super) fn find(
    case: &Case,
    refusal: &Refusal,
    fetched: Option<&KeyDocument>,
    given: &GivenSecrets,
    integration: &Integration,
    now: Timestamp,
    veil: &Veil,
) -> Vec<String> {
    let mut hints = places::near(case, refusal);
    hints.extend(secrets::oddities(case));
    if is_signed(refusal) {
        return hints;
    }
    let is_genuine = |case: &Case| case.examine(fetched, now).verdict().map_or_else(is_signed, |_| true);
    let mut changes = places::changes(case, refusal);
    changes.extend(secrets::changes(case, given, integration, veil));
    let bodies = bodies::changes(&case.delivery.body);
    let with_body = |case: &Case, body: &[u8]| {
        let mut case = case.clone();
        case.delivery.body = body.to_vec();
        case
    };
    hints.extend(changes.iter().filter(|change| is_genuine(&change.case)).map(|change| change.says.clone()));
    hints.extend(bodies.iter().filter(|(_, body)| is_genuine(&with_body(case, body))).map(|(says, _)| says.clone()));
    if !hints.is_empty() || case.delivery.body.len() > MAX_PAIRED_BYTES || case.secrets.is_empty() && fetched.is_none()
    {
        return hints;
    }
    for change in &changes {
        for (says, body) in &bodies {
            if is_genuine(&with_body(&change.case, body)) {
                return vec![format!("two things together: {}; and {says}", change.says)];
            }
        }
    }
    if let Refusal::NoMatch { .. } | Refusal::WrongSecret { .. } = refusal {
        hints.push(UNUSUAL.to_owned());
    }
    hints
}

/// Whether one of the signatures was found genuine: what speaks against the
/// delivery comes after that.
const fn is_signed(refusal: &Refusal) -> bool {
    matches!(refusal, Refusal::OutsideTolerance { .. } | Refusal::BadTimestamp { .. })
}

/// What a record alone shows.
pub(super) fn of_record(noted: &Noted) -> Vec<String> {
    let mut hints = Vec::new();
    let named = |outcome: NotedOutcome| {
        let keys = noted.keys.iter().filter(move |key| key.outcome == outcome);
        keys.map(|key| key.name.clone()).collect::<Vec<_>>().join(", ")
    };
    let not_loaded = named(NotedOutcome::NotLoaded);
    if !not_loaded.is_empty() {
        hints.push(format!("the function could not read {not_loaded}: create it below the deployment's SecretPrefix, and see that the function's role may read it"));
    }
    let outside = [named(NotedOutcome::NotYetValid), named(NotedOutcome::NoLongerValid)].join("");
    if !outside.is_empty() {
        hints.push(format!("{outside} counts at another time only; look at `from` and `until` in the file"));
    }
    if noted.signatures.iter().any(|signature| signature.readable && !signature.matched)
        && noted.keys.iter().any(|key| key.outcome == NotedOutcome::DidNotMatch)
    {
        hints.push("which of secret, body and headers is wrong does not show from here: catch a delivery, and look at it by --request".to_owned());
    }
    let is_late = noted.timestamp.as_ref().is_some_and(|time| !time.within);
    match times::of_unit(noted) {
        Some(unit) => hints.push(unit),
        None if is_late && noted.signatures.iter().any(|signature| signature.matched) => {
            hints.push("a signature matches, and the time alone speaks against it: was it sent again late, or is the sender's clock wrong?".to_owned());
        }
        None => {}
    }
    hints
}

/// Why the listener refused what is looked at here, if that shows: the same body,
/// or what became of it.
pub(super) fn of_difference(
    there: &Noted,
    here: &Noted,
    case: &Case,
    now: Timestamp,
) -> Result<Option<String>, TryError> {
    if there.body == here.body {
        return Ok((there.genuine != here.genuine).then(|| {
            "the same body is accepted here: the listener had another secret, other headers, or another file".to_owned()
        }));
    }
    for (says, body) in bodies::changes(&case.delivery.body) {
        let mut case = case.clone();
        case.delivery.body = body;
        if Noted::of(&case.examine(None, now))?.body == there.body {
            let what = says.split_once(": ").map_or(says.as_str(), |(what, _)| what);
            return Ok(Some(format!("beside what the listener got, {what}")));
        }
    }
    Ok(Some("the listener got another body: is it the same delivery?".to_owned()))
}
