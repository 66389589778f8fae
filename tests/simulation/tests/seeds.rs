//! Ten thousand seeds or more break no rule, and leave no cell of the table empty.

use stepwait_simulation::coverage::Coverage;
use stepwait_simulation::many::{Total, Until, many};

/// As many are run in any case.
const LEAST: u64 = 10_000;

/// By so many more at a time, until every cell was hit.
const STEP: u64 = 2_000;

/// With so many a cell that is still empty is one that cannot happen any more.
const MOST: u64 = 30_000;

#[test]
fn no_rule_is_broken_and_whatever_can_go_wrong_anywhere_did() {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let (mut covered, mut ran, mut next) = (Coverage::default(), 0, LEAST);
    while next > 0 {
        let Total { broken, coverage, seeds, .. } = many(ran, Until::Seeds(next), threads, None, &mut |_| {});
        if let Some((seed, broken)) = broken {
            panic!("seed {seed} broke {broken}; cargo run -p stepwait-simulation -- --seed {seed} --trace");
        }
        assert_eq!(seeds, next);
        covered.add(&coverage);
        ran += next;
        next = if covered.holes().is_empty() || ran >= MOST { 0 } else { STEP };
    }
    println!("{ran} seeds");
    assert_eq!(covered.holes(), Vec::<String>::new());
}
