//! Every scenario with every fault at every effect, and random mixtures.

use crate::invariants::broken;
use crate::run::{Ending, Run};
use crate::scenarios::{Expected, POOLED_SCENARIOS, SCENARIOS, SENT_ONCE, Scenario, book};
use crate::world::gate::Fault;
use crate::world::{World, scramble};
use std::collections::BTreeMap;
use stepwait_core::wait::{Source, WaitId};
use stepwait_flow::Book;

/// Mixtures for each scenario; ten times as many found nothing else.
const MIXTURES: u64 = 300;

/// What is wrong with a run, and how to have it again.
#[derive(Debug, PartialEq, Eq)]
struct Finding {
    scenario: &'static str,
    effect_number: usize,
    effect: &'static str,
    fault: Fault,
    what: String,
}

fn run(scenario: &Scenario, book: &Book, faults: BTreeMap<usize, Fault>, order: Option<u64>) -> (World, Ending) {
    let world = World::new(&scenario.script);
    let ending = Run::new(&world, book, scenario, faults, order).play();
    (world, ending)
}

/// The same with the reconciler beside it.
fn reconciled(scenario: &Scenario, book: &Book, faults: BTreeMap<usize, Fault>, order: Option<u64>) -> (World, Ending) {
    let world = World::new(&scenario.script);
    let ending = Run::new(&world, book, scenario, faults, order).reconciled().play();
    (world, ending)
}

/// The same in a workflow of one's own, which has no plan.
fn direct(scenario: &Scenario, book: &Book, faults: BTreeMap<usize, Fault>, order: Option<u64>) -> (World, Ending) {
    let world = World::new(&scenario.script);
    let ending = Run::direct(&world, book, scenario, faults, order).play();
    (world, ending)
}

/// The same with the reconciler beside it.
fn direct_reconciled(
    scenario: &Scenario,
    book: &Book,
    faults: BTreeMap<usize, Fault>,
    order: Option<u64>,
) -> (World, Ending) {
    let world = World::new(&scenario.script);
    let ending = Run::direct(&world, book, scenario, faults, order).reconciled().play();
    (world, ending)
}

/// Every scenario that goes by a file that is deployed.
fn deployed() -> impl Iterator<Item = &'static Scenario> {
    all().filter(|scenario| scenario.pinned.is_none())
}

/// Every scenario.
fn all() -> impl Iterator<Item = &'static Scenario> {
    SCENARIOS.iter().chain(POOLED_SCENARIOS)
}

/// Everything that may be wrong with a run of `scenario`.
pub(crate) fn judge(scenario: &Scenario, world: &World, ending: &Ending) -> Vec<String> {
    let mut findings: Vec<String> = broken(world, ending).into_iter().map(str::to_owned).collect();
    let outcome = ending.settled.outcome.as_str();
    if outcome != scenario.expected.outcome && Some(outcome) != scenario.may_end_as {
        findings.push(format!("ended as {:?}", ending.settled));
    }
    if ending.was_left_to_its_deadline {
        findings.push("left to its deadline".to_owned());
    }
    findings
}

/// Whether the reconciler has left something in its index.
fn stays_due(world: &World) -> bool {
    world.state().store.table.waits.values().any(|row| row.due.is_some())
}

/// Who plays a run.
type Play = fn(&Scenario, &Book, BTreeMap<usize, Fault>, Option<u64>) -> (World, Ending);

/// Runs a scenario with each fault at each effect.
fn with_every_fault(scenario: &Scenario, run: Play) -> Vec<Finding> {
    let book = book();
    let is_reconciled = std::ptr::fn_addr_eq(run, reconciled as Play);
    let (undisturbed, _) = run(scenario, &book, BTreeMap::new(), None);
    let effects = undisturbed.state().gate.passed().to_vec();
    let mut findings = Vec::new();
    for (effect_number, effect) in effects.into_iter().enumerate() {
        for fault in Fault::ALL {
            let (world, ending) = run(scenario, &book, BTreeMap::from([(effect_number, fault)]), None);
            let mut found = judge(scenario, &world, &ending);
            if is_reconciled && stays_due(&world) {
                found.push("left in the index".to_owned());
            }
            let finding = |what| Finding { scenario: scenario.name, effect_number, effect, fault, what };
            findings.extend(found.into_iter().map(finding));
        }
    }
    findings
}

/// Runs a scenario undisturbed, and compares all that was seen with its table.
fn as_its_table_says(scenario: &Scenario, run: Play) {
    let (world, ending) = run(scenario, &book(), BTreeMap::new(), None);
    assert_eq!(ending.settled.outcome, scenario.expected.outcome, "{}", scenario.name);
    assert_eq!(judge(scenario, &world, &ending), Vec::<String>::new(), "{}", scenario.name);
    let state = world.state();
    let held: Vec<_> = state.shared.places.values().flatten().collect();
    assert_eq!(held, Vec::<&WaitId>::new(), "{}: places are held when all is over", scenario.name);
    let seen = Expected::seen(scenario.expected.outcome, &state.vendor, ending.attempts);
    assert_eq!(seen, scenario.expected, "{}: {:?}", scenario.name, state.gate.passed());
}

#[test]
fn every_scenario_goes_as_its_table_says_when_nothing_goes_wrong() {
    for scenario in all().chain([&SENT_ONCE]) {
        as_its_table_says(scenario, run);
    }
}

#[test]
fn every_scenario_goes_the_same_way_without_a_plan() {
    for scenario in deployed() {
        as_its_table_says(scenario, direct);
    }
}

#[test]
fn without_a_plan_no_single_fault_breaks_an_invariant_changes_how_a_wait_ends_or_leaves_it_to_its_deadline() {
    for scenario in deployed() {
        assert_eq!(with_every_fault(scenario, direct), []);
    }
}

#[test]
fn no_single_fault_breaks_an_invariant_changes_how_a_wait_ends_or_leaves_it_to_its_deadline() {
    for scenario in all() {
        assert_eq!(with_every_fault(scenario, run), []);
    }
}

#[test]
fn with_the_reconciler_no_single_fault_does_either_and_nothing_stays_in_its_index() {
    for scenario in all() {
        assert_eq!(with_every_fault(scenario, reconciled), []);
    }
}

#[test]
fn with_any_single_fault_a_pooled_wait_is_ended_by_the_reconciler_and_not_by_its_deadline() {
    let book = book();
    for scenario in POOLED_SCENARIOS {
        let (undisturbed, _) = reconciled(scenario, &book, BTreeMap::new(), None);
        let effects = undisturbed.state().gate.passed().to_vec();
        let faults = (0..effects.len()).flat_map(|number| Fault::ALL.map(|fault| BTreeMap::from([(number, fault)])));
        for faults in [BTreeMap::new()].into_iter().chain(faults) {
            let (world, ending) = reconciled(scenario, &book, faults.clone(), None);
            let state = world.state();
            let row = &state.store.table.waits[&ending.plan.wait.id];
            let source = row.outcome.as_ref().map(|outcome| outcome.source);
            assert_eq!(source, Some(Source::Reconciler), "{}: {faults:?}", scenario.name);
            assert!(row.outcome.as_ref().is_some_and(|outcome| outcome.at < row.deadline), "{}", scenario.name);
        }
    }
}

/// Nobody else sends an outcome that the sender's last delivery has stored and
/// not sent: without the reconciler the wait ends well, but only at its deadline.
#[test]
fn an_outcome_whose_last_delivery_dies_between_claim_and_send_is_delivered_by_the_reconciler() {
    let findings = with_every_fault(&SENT_ONCE, run);
    let seen: Vec<_> = findings.iter().map(|f| (f.fault, f.effect, f.what.as_str())).collect();
    let left = |fault, effect| (fault, effect, "left to its deadline");
    assert_eq!(
        seen,
        [
            left(Fault::CrashAfter, "claim"),
            left(Fault::LostAnswer, "claim"),
            left(Fault::CrashBefore, "resume"),
            left(Fault::NotDone, "resume"),
        ]
    );
    assert_eq!(with_every_fault(&SENT_ONCE, reconciled), []);
}

/// Up to four faults of any kind in one run, and the effects of those who run at
/// the same time in any order. What a wait ends with may then differ.
#[test]
fn no_mixture_of_faults_and_orders_breaks_an_invariant() {
    let book = book();
    for scenario in all().chain([&SENT_ONCE]) {
        for seed in 0..MIXTURES {
            let faults: BTreeMap<usize, Fault> = (0..seed % 5)
                .map(|nth| scramble(seed * 31 + nth))
                .map(|any| (below(48, any >> 8), Fault::ALL[below(Fault::ALL.len(), any)]))
                .collect();
            let run_again = format!("{}: seed {seed}, faults {faults:?}", scenario.name);
            // Every third without a plan, where that can be.
            let play = if seed % 3 == 0 && scenario.pinned.is_none() { direct_reconciled } else { reconciled };
            let (world, ending) = play(scenario, &book, faults, Some(seed));
            let effects = world.state().gate.passed().to_vec();
            assert_eq!(broken(&world, &ending), Vec::<&str>::new(), "{run_again}: {effects:?}, {ending:?}");
            assert!(!ending.was_left_to_its_deadline, "{run_again}: left to its deadline: {effects:?}");
            assert!(!stays_due(&world), "{run_again}: left in the index: {effects:?}");
        }
    }
}

/// Any index below `count`.
fn below(count: usize, any: u64) -> usize {
    usize::try_from(any % u64::try_from(count).unwrap()).unwrap()
}
