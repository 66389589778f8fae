//! The checker is itself checked: each mistake that is seeded into the protocol
//! must break a rule, and the one that it is expected to break.

use stepwait_model::configurations::{
    CALLBACK, CONTRADICTIONS, DUPLICATES, MAILBOX_ALONE, ONE_JOB, SAME_TEXT, SENT_ONCE,
};
use stepwait_model::run::check_for_shortest;
use stepwait_model::{Configuration, Mistake};

/// The most steps to a broken rule. The longest takes half as many.
const MOST_STEPS: usize = 30;

/// Where a mistake shows, and by which rule.
fn shown_by(mistake: Mistake) -> (Configuration, &'static str) {
    const STORED: &str = "an event answered with 2xx is stored";
    const AT_REST: &str = "at rest no wait is pending though its outcome is known";
    const UNAIDED: &str = "an event answered with 2xx waits for no reconciler";
    const NEVER_CHANGES: &str = "a stored outcome never changes";
    match mistake {
        Mistake::NoMailbox => (CALLBACK, STORED),
        Mistake::MailboxNotRead => (CALLBACK, UNAIDED),
        Mistake::SendBeforePersist => (CALLBACK, "a task is resumed with the stored outcome"),
        Mistake::LastWriteWins => (CALLBACK, NEVER_CHANGES),
        Mistake::DedupeBeforeWork => (DUPLICATES, STORED),
        Mistake::BlindExpire => (CALLBACK, "no wait is given up whose outcome was to be had"),
        Mistake::CloseOverwrites => (CALLBACK, NEVER_CHANGES),
        Mistake::StaleToken => (CALLBACK, UNAIDED),
        Mistake::NoIntegrationInKey => (SAME_TEXT, "a job belongs to another wait only where two were given it"),
        Mistake::UnfencedTokenWrite => (CALLBACK, "a generation never goes back"),
        Mistake::AcknowledgeBeforePersist => (CALLBACK, STORED),
        Mistake::NoReconciler => (CALLBACK, AT_REST),
        Mistake::UnconditionalDeliveredMark => (CALLBACK, "a generation never goes back"),
        Mistake::MarkBeforeSend => (CALLBACK, AT_REST),
        Mistake::LoserSendsItsOwn => (CONTRADICTIONS, "a task is resumed with the stored outcome"),
        Mistake::NoSubmitIntent => (SENT_ONCE, "one job is started for a wait"),
        Mistake::ResendBlindly => (SENT_ONCE, "one job is started for a wait"),
        Mistake::CloseLeavesAbsent => (CALLBACK, "a workflow goes on with the stored outcome"),
        Mistake::CallOffBeforeMark => (CALLBACK, "no wait ends by the echo of its own cancelling"),
        Mistake::NoCallOff => (CALLBACK, "without a fault no job runs on whose wait was given up"),
        Mistake::BindBlindly => (ONE_JOB, "an outcome is of the wait's own job"),
        Mistake::DuplicateStopsAtMailbox => (DUPLICATES, UNAIDED),
        Mistake::ClaimLeavesIndex => (MAILBOX_ALONE, AT_REST),
    }
}

#[test]
fn every_seeded_mistake_is_found_by_the_rule_that_it_breaks() {
    let mut missed = Vec::new();
    for mistake in Mistake::ALL {
        let (configuration, rule) = shown_by(mistake);
        let report = check_for_shortest(configuration.with(mistake), MOST_STEPS);
        let found: Vec<_> = report.violations.iter().map(|violation| (violation.rule, violation.steps.len())).collect();
        println!("{mistake:?} in \"{}\": {found:?}", report.name);
        if !found.iter().any(|(broken, _)| *broken == rule) {
            missed.push((mistake, rule, found));
        }
    }
    assert_eq!(missed, []);
}
