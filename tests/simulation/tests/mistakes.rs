//! The checker is checked: each mistake that is built into the table or the world
//! is found within a few hundred seeds.

use stepwait_simulation::many::{Until, many};
use stepwait_simulation::{Broken, Mistake, Rule};

/// The most seeds until a mistake is found.
const SEEDS: u64 = 1_000;

#[test]
fn each_mistake_is_found_within_a_few_hundred_seeds() {
    let mut missed = Vec::new();
    for mistake in Mistake::ALL {
        match broken(mistake) {
            Some((seed, broken)) => println!("{mistake:?}: seed {seed}: {broken}"),
            None => missed.push(mistake),
        }
    }
    assert_eq!(missed, []);
}

/// The first seed that finds a mistake, and how.
fn broken(mistake: Mistake) -> Option<(u64, Broken)> {
    // One thread, so that it is the same each time.
    many(0, Until::Seeds(SEEDS), 1, Some(mistake), &mut |_| {}).broken
}

/// The rule by which a mistake is found.
fn found(mistake: Mistake) -> Option<Rule> {
    broken(mistake).map(|(_, broken)| broken.rule)
}

#[test]
fn waits_without_a_plan_are_told_apart_by_the_keys_that_their_workflow_makes() {
    // Two items with one wait leave the task of the first one without an end.
    assert_eq!(found(Mistake::KeyWithoutPlace), Some(Rule::LeftToDeadline));
    // A second attempt that names another wait than the first ends what nobody waits for.
    assert_eq!(found(Mistake::KeyOfEachAttempt), Some(Rule::StoredOutcome));
}

#[test]
fn looks_that_forget_the_submit_are_noticed_where_a_plan_was_learned() {
    assert_eq!(found(Mistake::SubmitTimeForgotten), Some(Rule::LooksByPlan));
}

#[test]
fn what_only_a_reconciler_can_do_is_missed_without_one() {
    let (_, broken) = broken(Mistake::NoReconciler).unwrap();
    let expected = [Rule::PendingThoughKnown, Rule::LeftToDeadline, Rule::LeavesIndex, Rule::Ends];
    assert!(expected.contains(&broken.rule), "{broken}");
}
