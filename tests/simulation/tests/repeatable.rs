//! A seed is a course: whoever runs it, and however often, it goes the same way.

use std::thread;
use stepwait_simulation::{Keep, run};

#[test]
fn the_same_seed_has_the_same_trace_line_by_line() {
    let mut lines = 0;
    for seed in 0..20 {
        let (first, again) = (run(seed, None, Keep::Lines), run(seed, None, Keep::Lines));
        for (number, (first, again)) in first.trace.lines().zip(again.trace.lines()).enumerate() {
            assert_eq!(first, again, "seed {seed}, line {}", number + 1);
        }
        assert_eq!(first, again);
        lines += first.trace.lines().count();
    }
    // Some seeds are over soon, as somebody stops their only execution.
    assert!(lines > 5_000, "{lines} lines");
}

#[test]
fn two_hundred_seeds_have_the_same_digests_in_either_of_two_threads_and_all_different_ones() {
    let digests = || (0..200).map(|seed| run(seed, None, Keep::Digest).digest).collect::<Vec<_>>();
    let (mut first, again) = thread::scope(|scope| {
        let (first, again) = (scope.spawn(digests), scope.spawn(digests));
        (first.join().unwrap(), again.join().unwrap())
    });
    assert_eq!(first, again);
    first.sort_unstable();
    first.dedup();
    assert_eq!(first.len(), 200);
}

#[test]
fn a_trace_that_is_not_kept_changes_nothing() {
    for seed in 0..50 {
        let (without, with) = (run(seed, None, Keep::Nothing), run(seed, None, Keep::Lines));
        assert_eq!((without.took_ms, without.coverage), (with.took_ms, with.coverage), "seed {seed}");
    }
}
