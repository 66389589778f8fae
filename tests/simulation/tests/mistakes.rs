//! The checker is checked: each mistake that is built into the table or the world
//! is found within a few hundred seeds.

use stepwait_simulation::many::{Until, many};
use stepwait_simulation::{Mistake, Rule};

/// The most seeds until a mistake is found.
const SEEDS: u64 = 1_000;

#[test]
fn each_mistake_is_found_within_a_few_hundred_seeds() {
    let mut missed = Vec::new();
    for mistake in Mistake::ALL {
        // One thread, so that the first seed that finds it is the same each time.
        let total = many(0, Until::Seeds(SEEDS), 1, Some(mistake), &mut |_| {});
        match total.broken {
            Some((seed, broken)) => println!("{mistake:?}: seed {seed}: {broken}"),
            None => missed.push(mistake),
        }
    }
    assert_eq!(missed, []);
}

#[test]
fn what_only_a_reconciler_can_do_is_missed_without_one() {
    let total = many(0, Until::Seeds(SEEDS), 1, Some(Mistake::NoReconciler), &mut |_| {});
    let (_, broken) = total.broken.unwrap();
    let expected = [Rule::PendingThoughKnown, Rule::LeftToDeadline, Rule::LeavesIndex, Rule::Ends];
    assert!(expected.contains(&broken.rule), "{broken}");
}
