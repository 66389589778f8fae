//! Every state of every configuration keeps every rule.

use std::collections::BTreeSet;
use stepwait_model::Witness;
use stepwait_model::configurations::ALL;
use stepwait_model::run::{check, table};

/// The fewest distinct states that all configurations have together: fewer
/// would mean that something was taken out of the model.
const FEWEST_STATES: usize = 5_000_000;

#[test]
fn no_rule_is_broken_in_any_state_and_no_rule_holds_for_want_of_a_case() {
    let mut reports = Vec::new();
    let mut reached = BTreeSet::new();
    for configuration in ALL {
        let report = check(configuration);
        let broken: Vec<String> = report.violations.iter().map(ToString::to_string).collect();
        assert!(broken.is_empty(), "in \"{}\": {}", report.name, broken.join("\n"));
        reached.extend(report.witnesses.iter().copied());
        reports.push(report);
    }
    println!("{}", table(&reports));
    let states: usize = reports.iter().map(|report| report.states).sum();
    assert!(states >= FEWEST_STATES, "{states} distinct states");
    assert_eq!(Vec::from_iter(reached), Witness::ALL);
}
