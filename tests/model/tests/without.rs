//! What some steps are for that are easily taken for superfluous: without each of
//! them a rule is broken, with it none is.

use stepwait_model::configurations::{MAILBOX_ALONE, POLL};
use stepwait_model::run::check_for_shortest;
use stepwait_model::{Configuration, run};

/// The most steps to a broken rule.
const MOST_STEPS: usize = 30;

fn breaks(configuration: Configuration, rule: &str) {
    let report = check_for_shortest(configuration, MOST_STEPS);
    let broken: Vec<_> = report.violations.iter().map(|violation| violation.rule).collect();
    for violation in &report.violations {
        println!("{violation}");
    }
    assert_eq!(broken, [rule]);
}

#[test]
fn a_reconciler_that_does_not_read_the_mailbox_leaves_a_wait_pending_where_looks_are_not_answered() {
    let configuration = Configuration { reconciler_reads_mailbox: false, ..MAILBOX_ALONE };
    breaks(configuration, "at rest no wait is pending though its outcome is known");
}

#[test]
fn a_close_that_does_not_read_the_mailbox_gives_up_a_wait_whose_event_is_there() {
    let configuration = Configuration { close_reads_mailbox: false, ..MAILBOX_ALONE };
    breaks(configuration, "no wait is given up whose outcome was to be had");
}

#[test]
fn a_check_that_does_not_read_the_row_goes_round_although_a_person_stored_the_outcome() {
    let configuration = Configuration { checks_read_row: false, ..POLL };
    breaks(configuration, "at rest no wait is pending though its outcome is known");
}

#[test]
fn nothing_but_a_person_makes_a_check_need_the_row() {
    let configuration = Configuration { checks_read_row: false, has_operator: false, ..POLL };
    assert_eq!(run::check(configuration).violations, []);
}
