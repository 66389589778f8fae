//! Every state: its comment, its way in, its ways out, its protection.

use std::collections::BTreeSet;

use serde_json::Value;

use super::findings::Findings;
use super::machine::{Machine, Scope, State, machines};

#[test]
fn every_state_says_why_it_is_there() {
    let mut findings = Findings::default();
    for machine in &machines() {
        findings.unless(has_comment(&machine.json), machine, "has no Comment; say what it is for");
        for state in machine.states() {
            findings.unless(has_comment(state.json), &state, "has no Comment; say why it is there");
        }
    }
    findings.assert_none();
}

#[test]
fn every_way_leads_to_a_state_and_every_state_is_on_a_way() {
    let mut findings = Findings::default();
    for machine in &machines() {
        check_ways(machine, &mut findings);
    }
    findings.assert_none();
}

#[test]
fn a_lost_state_and_a_way_into_nothing_are_found() {
    let machine = Machine::of(
        "toy.asl.json",
        r#"{"StartAt": "A", "States": {
            "A": {"Type": "Task", "Next": "Gone", "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "B"}]},
            "B": {"Type": "Succeed"},
            "C": {"Type": "Pass", "Next": "B"}
        }}"#,
    );
    let mut findings = Findings::default();
    check_ways(&machine, &mut findings);
    assert_eq!(
        findings.lines(),
        [
            "statemachines/toy.asl.json, state \"A\": goes on to \"Gone\", which is not there; correct the name",
            "statemachines/toy.asl.json, state \"C\": cannot be reached; remove it, or lead a way to it",
        ]
    );
}

#[test]
fn every_task_is_retried_within_bounds_and_caught_and_ends_in_time() {
    let mut findings = Findings::default();
    for machine in &machines() {
        for task in machine.tasks() {
            check_protection(task, &mut findings);
        }
    }
    findings.assert_none();
}

#[test]
fn a_task_without_protection_is_found() {
    let machine = Machine::of(
        "toy.asl.json",
        r#"{"StartAt": "A", "States": {"A": {"Type": "Task", "End": true,
            "Retry": [{"ErrorEquals": ["States.TaskFailed"], "MaxAttempts": 3, "BackoffRate": 2}]}}}"#,
    );
    let mut findings = Findings::default();
    check_protection(machine.state("A"), &mut findings);
    let place = "statemachines/toy.asl.json, state \"A\"";
    assert_eq!(
        findings.lines(),
        [
            format!("{place}: Retry 0 has no bound on its delays; set MaxDelaySeconds, or BackoffRate 1"),
            format!("{place}: nothing catches all errors; add a Catch of States.ALL as its last"),
            format!("{place}: may last for ever; set TimeoutSeconds"),
        ]
    );
}

#[test]
fn every_state_machine_has_a_time_limit() {
    let mut findings = Findings::default();
    for machine in &machines() {
        findings.unless(machine.timeout().is_some(), machine, "may last for ever; set TimeoutSeconds");
    }
    findings.assert_none();
}

fn has_comment(json: &Value) -> bool {
    json["Comment"].as_str().is_some_and(|comment| !comment.trim().is_empty())
}

/// Looks for ways that lead nowhere, and states that no way leads to.
pub(crate) fn check_ways(machine: &Machine, findings: &mut Findings) {
    for scope in machine.scopes() {
        let reached = reached(scope);
        for (name, json) in scope.states {
            let state = State { machine, name, json };
            for target in state.targets() {
                let exists = scope.states.contains_key(target);
                findings.unless(
                    exists,
                    &state,
                    format_args!("goes on to {target:?}, which is not there; correct the name"),
                );
            }
            let on_a_way = reached.contains(name.as_str());
            findings.unless(on_a_way, &state, "cannot be reached; remove it, or lead a way to it");
        }
        let exists = scope.states.contains_key(scope.start);
        findings.unless(exists, machine, format_args!("starts at {:?}, which is not there", scope.start));
    }
}

fn reached<'a>(scope: Scope<'a>) -> BTreeSet<&'a str> {
    let mut reached = BTreeSet::new();
    let mut ahead = vec![scope.start];
    while let Some(name) = ahead.pop() {
        if let Some(json) = scope.states.get(name)
            && reached.insert(name)
        {
            ahead.extend(State { machine: scope.machine, name, json }.targets());
        }
    }
    reached
}

fn check_protection(task: State<'_>, findings: &mut Findings) {
    findings.unless(!task.list("Retry").is_empty(), &task, "has no Retry; name the errors that pass by themselves");
    for (index, retry) in task.list("Retry").iter().enumerate() {
        let counted = retry["MaxAttempts"].is_u64();
        findings.unless(counted, &task, format_args!("Retry {index} has no bound on its attempts; set MaxAttempts"));
        let delay_bound = retry["MaxDelaySeconds"].is_u64() || retry["BackoffRate"].as_f64() == Some(1.0);
        findings.unless(
            delay_bound,
            &task,
            format_args!("Retry {index} has no bound on its delays; set MaxDelaySeconds, or BackoffRate 1"),
        );
    }
    let caught = task.list("Catch").last().is_some_and(|last| last["ErrorEquals"] == serde_json::json!(["States.ALL"]));
    findings.unless(caught, &task, "nothing catches all errors; add a Catch of States.ALL as its last");
    let limited = task.timeout().is_some() || task.json["TimeoutSecondsPath"].is_string();
    findings.unless(limited, &task, "may last for ever; set TimeoutSeconds");
    let waits = task.json["Resource"].as_str().is_some_and(|resource| resource.ends_with(".waitForTaskToken"));
    let beats = task.json["HeartbeatSecondsPath"].is_string();
    findings.unless(waits == beats, &task, "must have a heartbeat if it waits for a token, and only then");
}
