//! The names that are raised, retried and caught: a misspelt one matches nothing,
//! silently.

use std::collections::BTreeSet;

use stepwait_core::ErrorName;

use super::findings::Findings;
use super::jsonata::Expression;
use super::machine::{Machine, State, machines};

/// Names that AWS gives: `States.*` of the Step Functions Developer Guide,
/// "Handling errors in workflows"; `Lambda.*` of its best practice "Handle
/// transient Lambda service exceptions"; the rest are what Lambda reports of an
/// environment that ran out of time or ended.
const AWS: [&str; 25] = [
    "States.ALL",
    "States.BranchFailed",
    "States.DataLimitExceeded",
    "States.ExceedToleratedFailureThreshold",
    "States.HeartbeatTimeout",
    "States.Http.Socket",
    "States.IntrinsicFailure",
    "States.ItemReaderFailed",
    "States.NoChoiceMatched",
    "States.ParameterPathFailure",
    "States.Permissions",
    "States.QueryEvaluationError",
    "States.ResultPathMatchFailure",
    "States.ResultWriterFailed",
    "States.Runtime",
    "States.TaskFailed",
    "States.Timeout",
    "Lambda.AWSLambdaException",
    "Lambda.ClientExecutionTimeoutException",
    "Lambda.SdkClientException",
    "Lambda.ServiceException",
    "Lambda.TooManyRequestsException",
    "Lambda.Unknown",
    "Runtime.ExitError",
    "Sandbox.Timedout",
];

/// The errors of a function that pass by themselves, as `stepwait_flow` returns
/// them (`prepare`, `submit`, `check` and `close`).
fn passing_errors(function: &str) -> BTreeSet<ErrorName> {
    use ErrorName::{
        AtCapacity, SecretUnavailable, StoreUnavailable, SubmitInProgress, TaskUnavailable, ThirdPartyUnavailable,
    };
    let names: &[ErrorName] = match function {
        "prepare" => &[StoreUnavailable],
        "submit" => {
            &[ThirdPartyUnavailable, AtCapacity, SubmitInProgress, StoreUnavailable, SecretUnavailable, TaskUnavailable]
        }
        "check-status" => &[StoreUnavailable, SecretUnavailable],
        "close" => &[ThirdPartyUnavailable, StoreUnavailable, SecretUnavailable],
        other => panic!("which errors of {other} pass by themselves? add them here"),
    };
    names.iter().copied().collect()
}

/// Looks for names in Retry and Catch that nothing raises.
pub(crate) fn check_names(machine: &Machine, findings: &mut Findings) {
    for state in machine.states() {
        for name in listed(state, "Retry").chain(listed(state, "Catch")) {
            let exists = AWS.contains(&name) || ours(name).is_some();
            findings.unless(
                exists,
                &state,
                format_args!("nothing raises {name:?}; correct it, or add it to ErrorName"),
            );
        }
    }
}

#[test]
fn every_name_that_is_retried_or_caught_can_occur() {
    let mut findings = Findings::default();
    for machine in &machines() {
        check_names(machine, &mut findings);
    }
    findings.assert_none();
}

#[test]
fn every_name_that_the_definitions_raise_is_an_error_name() {
    let mut findings = Findings::default();
    for machine in &machines() {
        for (state, name) in raised(machine) {
            findings.unless(
                ours(&name).is_some(),
                &state,
                format_args!("raises {name:?}, which is not in ErrorName; add it"),
            );
        }
    }
    findings.assert_none();
}

#[test]
fn the_definitions_raise_these_errors_and_no_others() {
    let machines = machines();
    let raised: BTreeSet<String> = machines.iter().flat_map(raised).map(|(_, name)| name).collect();
    let expected =
        ["DeadlinePassed", "InvalidInput", "RequestsFailed", "ResultNotKept", "RoundsExhausted", "RoundsFailed"];
    assert_eq!(Vec::from_iter(raised), expected);
}

#[test]
fn names_are_found_wherever_a_definition_raises_them() {
    let machine = Machine::of(
        "toy.asl.json",
        r#"{"StartAt": "A", "QueryLanguage": "JSONata", "States": {
            "A": {"Type": "Pass", "Output": {"error": "OneError", "x": "NotOne",
                "y": "{% $states.input.a = 'SUCCEEDED' ? {'Error': 'TwoErrors'} : 'it failed' %}"}, "Next": "B"},
            "B": {"Type": "Fail", "Error": "Three"}
        }}"#,
    );
    let names: Vec<String> = raised(&machine).into_iter().map(|(_, name)| name).collect();
    assert_eq!(names, ["OneError", "TwoErrors", "Three"]);
}

#[test]
fn a_task_retries_what_passes_by_itself_and_nothing_that_is_final() {
    let mut findings = Findings::default();
    for machine in &machines() {
        for task in machine.tasks() {
            let retried: BTreeSet<ErrorName> = listed(task, "Retry").filter_map(ours).collect();
            // Tried again elsewhere, as by standing in line outside of a round.
            let caught: BTreeSet<ErrorName> = listed(task, "Catch").filter_map(ours).collect();
            for name in retried.iter().filter(|name| !name.is_retryable()) {
                findings.add(&task, format_args!("retries {name}, which is final; remove it from the Retry"));
            }
            let passing = task.function().map(passing_errors).unwrap_or_default();
            for name in passing.difference(&retried).filter(|name| !caught.contains(name)) {
                findings
                    .add(&task, format_args!("does not retry {name}, which its function returns; add it to the Retry"));
            }
            for name in retried.difference(&passing).filter(|name| name.is_retryable()) {
                findings.add(&task, format_args!("retries {name}, which its function never returns; remove it"));
            }
        }
    }
    findings.assert_none();
}

#[test]
fn what_a_function_may_return_again_is_retryable() {
    for function in ["prepare", "submit", "check-status", "close"] {
        for name in passing_errors(function) {
            assert!(name.is_retryable(), "{name} of {function} is final: correct the table here, or ErrorName");
        }
    }
}

#[test]
fn every_invocation_of_a_function_survives_what_the_lambda_service_recommends_to_retry() {
    const RECOMMENDED: [&str; 4] = [
        "Lambda.ServiceException",
        "Lambda.AWSLambdaException",
        "Lambda.SdkClientException",
        "Lambda.TooManyRequestsException",
    ];
    let mut findings = Findings::default();
    for machine in &machines() {
        for task in machine.tasks().into_iter().filter(|task| task.function().is_some()) {
            let retried: BTreeSet<&str> = listed(task, "Retry").collect();
            for name in RECOMMENDED.iter().filter(|name| !retried.contains(**name)) {
                findings.add(&task, format_args!("does not retry {name}; add it to the Retry"));
            }
        }
    }
    findings.assert_none();
}

/// The names in all entries of `Retry` or `Catch`.
fn listed<'a>(state: State<'a>, field: &str) -> impl Iterator<Item = &'a str> {
    let entries = state.list(field).iter().filter_map(|entry| entry["ErrorEquals"].as_array());
    entries.flatten().map(|name| name.as_str().unwrap())
}

fn ours(name: &str) -> Option<ErrorName> {
    ErrorName::parse(name)
}

/// Every name that a machine raises: of its Fail states, in its values named
/// `error`, and in texts within expressions that are built like one.
fn raised(machine: &Machine) -> Vec<(State<'_>, String)> {
    let mut raised = Vec::new();
    for state in machine.states() {
        for (path, text) in state.texts() {
            let is_error = path.to_lowercase().ends_with("error");
            match text.strip_prefix("{%").and_then(|text| text.strip_suffix("%}")) {
                None if is_error => raised.push((state, text.to_owned())),
                None => {}
                Some(source) => {
                    let expression = Expression::parse(source).unwrap();
                    let names = expression.texts().into_iter().filter(|text| is_built_like_a_name(text));
                    raised.extend(names.map(|name| (state, name.to_owned())));
                }
            }
        }
    }
    raised
}

/// Two words or more, run together, each with a capital letter.
fn is_built_like_a_name(text: &str) -> bool {
    let capitals = text.chars().filter(char::is_ascii_uppercase).count();
    let letters = text.chars().all(|c| c.is_ascii_alphabetic());
    letters && text.starts_with(|c: char| c.is_ascii_uppercase()) && (2..text.len() / 2 + 1).contains(&capitals)
}

#[test]
fn a_name_is_told_from_other_texts() {
    let texts = ["RoundsFailed", "SUCCEEDED", "Error", "failed", "wait for It", "S"];
    let told: Vec<bool> = texts.into_iter().map(is_built_like_a_name).collect();
    assert_eq!(told, [true, false, false, false, false, false]);
}
