//! What definitions and functions pass to each other, compared with the types in
//! `stepwait_core::message`.

use std::collections::{BTreeMap, BTreeSet};

use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use stepwait_core::integration::Strategy;
use stepwait_core::message::{
    Action, CheckInput, Checked, CloseEvent, CloseInput, DirectClose, DirectSubmit, Plan, PollState, PrepareInput,
    Settled, SubmitAnswer, SubmitEvent, SubmitInput, WaitRef,
};
use stepwait_core::wait::JobId;

use super::fields::fields_of;
use super::findings::Findings;
use super::jsonata::Expression;
use super::machine::{Machine, State, machine, machines};

/// Keys that a function does without.
const OPTIONAL: [&str; 4] = ["payload", "token", "job_id", "round_started_at"];

#[test]
fn every_task_passes_what_its_function_reads_and_nothing_else() {
    let mut findings = Findings::default();
    for machine in &machines() {
        check_payloads(machine, &mut findings);
    }
    findings.assert_none();
}

/// Looks for tasks whose functions cannot read what they are passed, or do not read all of it.
pub(crate) fn check_payloads(machine: &Machine, findings: &mut Findings) {
    for (task, function) in invocations(machine) {
        let message = message(task.payload());
        if let Err(why) = read(function, message.clone()) {
            let what = format_args!("{function} cannot read its Payload ({why}); pass what the message type has");
            findings.add(&task, what);
        }
        let known = input_fields(function);
        for key in message.as_object().unwrap().keys().filter(|key| !known.contains(key.as_str())) {
            findings.add(&task, format_args!("passes {key:?}, which {function} does not read; correct or remove it"));
        }
    }
}

#[test]
fn no_key_that_a_function_needs_could_be_left_out() {
    for machine in &machines() {
        for (task, function) in invocations(machine) {
            let whole = message(task.payload());
            for key in whole.as_object().unwrap().keys() {
                let mut lacking = whole.clone();
                lacking.as_object_mut().unwrap().remove(key);
                let is_optional =
                    OPTIONAL.contains(&key.as_str()) && (function, key.as_str()) != ("check-status", "job_id");
                assert_eq!(read(function, lacking).is_ok(), is_optional, "{task}: {function} without {key:?}");
            }
        }
    }
}

#[test]
fn a_token_is_passed_exactly_where_the_task_waits_for_it() {
    let mut findings = Findings::default();
    for machine in &machines() {
        for (task, _) in invocations(machine) {
            let waits = task.json["Resource"].as_str().unwrap().ends_with(".waitForTaskToken");
            let passes = !message(task.payload())["token"].is_null();
            findings.unless(
                waits == passes,
                &task,
                "a token is passed without waiting for it, or waited for and not passed",
            );
        }
    }
    findings.assert_none();
}

#[test]
fn a_round_begins_with_what_a_check_leaves_behind() {
    let main = machine("main.asl.json");
    let poll = main.state("Poll");
    let input = expression(poll.json["Arguments"]["Input"].as_str().unwrap()).unwrap();
    let given: BTreeSet<String> = input.keys_at(1).into_iter().map(str::to_owned).collect();
    let mut left_behind = after_a_check();
    left_behind.remove("settled");
    assert_eq!(given, left_behind, "{poll}: correct its Input");
}

#[test]
fn what_a_definition_reads_of_a_message_is_in_it() {
    let (main, poll) = (machine("main.asl.json"), machine("poll.asl.json"));
    let mut findings = Findings::default();
    for state in main.states() {
        for (prefix, fields) in [
            ("states.input.plan.", fields_of::<Plan>()),
            ("states.input.plan.wait.", fields_of::<WaitRef>()),
            ("states.input.settled.", fields_of::<Settled>()),
            ("states.input.poll.", fields_of::<PollState>()),
        ] {
            check_heads(state, prefix, &fields, &mut findings);
        }
        if let Some(function) = state.function() {
            check_heads(state, "states.result.Payload.", &output_fields(function), &mut findings);
        }
    }
    for name in ["What next?", "Wait inside the round", "Check status", "Round over"] {
        check_heads(poll.state(name), "states.input.", &after_a_check(), &mut findings);
    }
    findings.assert_none();
}

#[test]
fn a_choice_compares_with_values_that_occur() {
    let mut findings = Findings::default();
    let occurring = occurring_values();
    for machine in &machines() {
        for state in machine.states() {
            for (_, text) in state.texts() {
                let Some(expression) = expression(text) else { continue };
                for (field, value) in expression.comparisons() {
                    let occurs = occurring.get(field).is_none_or(|values| values.contains(value));
                    findings.unless(occurs, &state, format_args!("{field} is never {value:?}; correct it"));
                }
            }
        }
    }
    findings.assert_none();
}

#[test]
fn a_field_that_a_message_lacks_is_found() {
    let machine = Machine::of(
        "toy.asl.json",
        r#"{"StartAt": "A", "QueryLanguage": "JSONata", "States":
            {"A": {"Type": "Pass", "Output": "{% $states.input.plan.max_round & $states.input.plan.wait.id %}"}}}"#,
    );
    let mut findings = Findings::default();
    check_heads(machine.state("A"), "states.input.plan.", &fields_of::<Plan>(), &mut findings);
    let expected =
        "statemachines/toy.asl.json, state \"A\": reads $states.input.plan.max_round, which is not there; correct it";
    assert_eq!(findings.lines(), [expected]);
}

fn invocations(machine: &Machine) -> impl Iterator<Item = (State<'_>, &'static str)> {
    machine.tasks().into_iter().filter_map(|task| Some((task, task.function()?)))
}

/// A message as the Payload builds it, with sample values.
fn message(payload: &Value) -> Value {
    match payload {
        Value::Object(fields) => {
            let filled = fields.iter().map(|(key, value)| {
                let key = key.strip_suffix(".$").unwrap_or(key);
                (key.to_owned(), if value.is_object() { message(value) } else { sample(key) })
            });
            Value::Object(filled.collect::<Map<_, _>>())
        }
        Value::String(text) => {
            let expression = expression(text).unwrap();
            let keys = expression.keys_at(1);
            Value::Object(keys.into_iter().map(|key| (key.to_owned(), sample(key))).collect::<Map<_, _>>())
        }
        other @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_)) => {
            panic!("a Payload is an object or an expression, and not {other}")
        }
    }
}

/// A value of the kind that stands under a key in every message.
fn sample(key: &str) -> Value {
    let instant = "2026-11-23T12:00:00Z";
    match key {
        "wait" => json!({
            "id": "w-1", "integration": "render", "digest": "d", "key": "k", "execution_arn": "arn",
            "started_at": instant, "deadline": instant,
        }),
        "direct" => json!({
            "integration": "render", "key": "k", "payload": {}, "execution_arn": "arn", "started_at": instant,
            "deadline_seconds": 1,
        }),
        "entered_at" | "started_at" | "round_started_at" => json!(instant),
        "retry_count" | "requests" | "deadline_seconds" => json!(1),
        "poll" => serde_json::to_value(PollState::default()).unwrap(),
        "error" => json!({"Error": "States.Timeout", "Cause": ""}),
        _ => json!("render"),
    }
}

fn read(function: &str, message: Value) -> serde_json::Result<()> {
    fn read_as<T: DeserializeOwned>(message: Value) -> serde_json::Result<()> {
        serde_json::from_value::<T>(message).map(|_| ())
    }
    match function {
        "prepare" => read_as::<PrepareInput>(message),
        "submit" => read_as::<SubmitEvent>(message),
        "check-status" => read_as::<CheckInput>(message),
        "close" => read_as::<CloseEvent>(message),
        other => panic!("what does {other} read? add its type here"),
    }
}

fn input_fields(function: &str) -> BTreeSet<String> {
    match function {
        "prepare" => fields_of::<PrepareInput>(),
        "submit" => &fields_of::<SubmitInput>() | &fields_of::<DirectSubmit>(),
        "check-status" => fields_of::<CheckInput>(),
        "close" => &fields_of::<CloseInput>() | &fields_of::<DirectClose>(),
        other => panic!("what does {other} read? add its type here"),
    }
}

fn output_fields(function: &str) -> BTreeSet<String> {
    let job_id = JobId::parse("job").unwrap();
    let settled = serde_json::from_value::<Settled>(json!({"outcome": "succeeded"})).unwrap();
    let poll = PollState::default();
    let sample = match function {
        "prepare" => return fields_of::<Plan>(),
        "close" => return fields_of::<Settled>(),
        "submit" => {
            let wait = serde_json::from_value(sample("wait")).unwrap();
            let (action, seconds) = (Action::Leave, 0);
            let answer = SubmitAnswer { wait: Some(wait), job_id: Some(job_id), action, seconds, poll };
            serde_json::to_value(answer).unwrap()
        }
        "check-status" => {
            serde_json::to_value(Checked { action: Action::Done, seconds: 0, poll, settled: Some(settled) }).unwrap()
        }
        other => panic!("what does {other} return? add its type here"),
    };
    sample.as_object().unwrap().keys().cloned().collect()
}

/// What a state of the round has as its input: what the check returned, and what
/// goes with it through the round.
fn after_a_check() -> BTreeSet<String> {
    let mut fields = output_fields("check-status");
    fields.extend(["wait", "job_id"].map(str::to_owned));
    fields
}

/// The values of fields that take one of a few.
fn occurring_values() -> BTreeMap<&'static str, BTreeSet<String>> {
    let mut actions = BTreeSet::from([Action::Wait, Action::Leave, Action::Done, Action::Expired].map(text));
    // The workflows set these themselves: how a round begins, and how one ended that
    // did not succeed.
    actions.extend(["submit", "check", "failed", "refused"].map(str::to_owned));
    let strategies = BTreeSet::from([Strategy::Poll, Strategy::Pooled, Strategy::Callback].map(text));
    let outcomes = BTreeSet::from(["succeeded", "failed", "expired", "cancelled"].map(str::to_owned));
    // Of an Express execution that was waited for (API reference, StartSyncExecution).
    let statuses = BTreeSet::from(["SUCCEEDED", "FAILED", "TIMED_OUT"].map(str::to_owned));
    BTreeMap::from([("action", actions), ("strategy", strategies), ("outcome", outcomes), ("Status", statuses)])
}

fn text(value: impl serde::Serialize) -> String {
    serde_json::to_value(value).unwrap().as_str().unwrap().to_owned()
}

fn expression(text: &str) -> Option<Expression> {
    let source = text.strip_prefix("{%")?.strip_suffix("%}")?;
    Some(Expression::parse(source).unwrap())
}

/// What a state reads directly below a path.
fn heads(state: State<'_>, prefix: &str) -> BTreeSet<String> {
    let texts = state.texts();
    let paths = texts.iter().flat_map(|(_, text)| match expression(text) {
        Some(expression) => expression.paths(),
        None => text.strip_prefix("$.").map(|path| format!("states.input.{path}")).into_iter().collect(),
    });
    paths.filter_map(|path| Some(path.strip_prefix(prefix)?.split('.').next()?.to_owned())).collect()
}

fn check_heads(state: State<'_>, prefix: &str, fields: &BTreeSet<String>, findings: &mut Findings) {
    for head in heads(state, prefix).difference(fields) {
        findings.add(&state, format_args!("reads ${prefix}{head}, which is not there; correct it"));
    }
}
