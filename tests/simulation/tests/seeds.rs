//! Twenty thousand seeds break no rule, and leave no cell of the table empty.

use stepwait_simulation::many::{Total, Until, many};

const SEEDS: u64 = 20_000;

#[test]
fn no_rule_is_broken_and_whatever_can_go_wrong_anywhere_did() {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let Total { broken, coverage, seeds, .. } = many(0, Until::Seeds(SEEDS), threads, None, &mut |_| {});
    if let Some((seed, broken)) = broken {
        panic!("seed {seed} broke {broken}; cargo run -p stepwait-simulation -- --seed {seed} --trace");
    }
    assert_eq!(seeds, SEEDS);
    assert_eq!(coverage.holes(), Vec::<String>::new());
}
