//! The walks that other packages repeat with the real functions.

use std::collections::BTreeSet;
use stepwait_model::configurations::{ALL, CALLBACK, POLL};
use stepwait_model::walk::{View, walk, walks};
use stepwait_model::{Protocol, Step};

/// Steps of a walk: the longest shortest way in any configuration is 44.
const LENGTH: usize = 60;

/// Walks for each configuration.
const SEEDS: u64 = 300;

/// The most steps that the model may still take by itself. Twelve processes with
/// at most a dozen operations each.
const MOST_STEPS_TO_REST: usize = 150;

#[test]
fn the_same_seed_gives_the_same_walk_and_another_seed_another() {
    assert_eq!(walk(CALLBACK, 7, LENGTH), walk(CALLBACK, 7, LENGTH));
    assert_ne!(walk(CALLBACK, 7, LENGTH), walk(CALLBACK, 8, LENGTH));
}

#[test]
fn a_walk_shows_each_wait_after_each_of_its_steps() {
    for configuration in ALL {
        let protocol = Protocol::new(configuration);
        let mut world = protocol.beginning();
        for walked in walk(configuration, 1, LENGTH) {
            assert!(protocol.steps(&world).contains(&walked.step), "{}", walked.step);
            world = protocol.after(&world, walked.step);
            let views: Vec<_> = (0..usize::from(configuration.waits)).map(|wait| View::of(&world, wait)).collect();
            assert_eq!(walked.views, views);
        }
    }
}

#[test]
fn walks_come_through_every_status_of_a_wait_whose_job_does_not_fail() {
    let walked = walks(CALLBACK, 0..SEEDS, LENGTH).flatten();
    let statuses: BTreeSet<_> = walked.filter_map(|walked| walked.views[0].status).collect();
    assert_eq!(Vec::from_iter(statuses), ["CANCELLED", "EXPIRED", "REGISTERED", "SUBMITTED", "SUCCEEDED"]);
}

#[test]
fn wherever_a_walk_ends_the_model_comes_to_rest_by_itself() {
    for configuration in ALL {
        let protocol = Protocol::new(configuration);
        for seed in 0..SEEDS {
            let mut chance = fastrand::Rng::with_seed(seed);
            let mut world = protocol.beginning();
            for walked in walk(configuration, seed, chance.usize(0..LENGTH)) {
                world = protocol.after(&world, walked.step);
            }
            for taken in 0.. {
                let steps = protocol.steps_by_itself(&world);
                if steps.is_empty() {
                    break;
                }
                assert!(taken < MOST_STEPS_TO_REST, "\"{}\", seed {seed}", configuration.name);
                world = protocol.after(&world, steps[chance.usize(0..steps.len())]);
            }
        }
    }
}

#[test]
fn a_wait_without_a_token_is_never_sent_anything() {
    for walked in walks(POLL, 0..SEEDS, LENGTH).flatten() {
        assert!(!walked.views[0].has_token);
        assert_eq!(walked.views[0].resumed, None);
        assert!(!matches!(walked.step, Step::EventArrives { .. } | Step::TaskTimesOut { .. }));
    }
}
