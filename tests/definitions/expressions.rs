//! JSONata, and that it is not mixed with JSONPath.

use super::findings::Findings;
use super::jsonata::Expression;
use super::machine::{Language, Machine, State, machines};

/// The functions of JSONata 2.0.6 (docs.jsonata.org, function library), without
/// `$eval`, which Step Functions refuses.
const FUNCTIONS: &str = "string length substring substringBefore substringAfter uppercase lowercase trim pad contains \
    split join match replace base64encode base64decode encodeUrlComponent encodeUrl decodeUrlComponent decodeUrl \
    number abs floor ceil round power sqrt random formatNumber formatBase formatInteger parseInteger sum max min \
    average boolean not exists count append sort reverse shuffle distinct zip keys lookup spread merge sift each \
    error assert type now millis fromMillis toMillis map filter single reduce";

/// The functions that Step Functions adds (Developer Guide, "Transforming data
/// with JSONata").
const EXTRA_FUNCTIONS: &str = "partition range hash random uuid parse";

/// The fields of a state that only one language has, at the state's own level.
const JSONATA_FIELDS: [&str; 3] = ["Arguments", "Output", "Items"];
const JSON_PATH_FIELDS: [&str; 15] = [
    "InputPath",
    "Parameters",
    "ResultSelector",
    "ResultPath",
    "OutputPath",
    "ItemsPath",
    "TimeoutSecondsPath",
    "HeartbeatSecondsPath",
    "SecondsPath",
    "TimestampPath",
    "ErrorPath",
    "CausePath",
    "MaxConcurrencyPath",
    "ToleratedFailureCountPath",
    "ToleratedFailurePercentagePath",
];

/// What `$states` has, and where (Developer Guide, "Reserved variable").
const RESERVED: [&str; 4] = ["input", "result", "errorOutput", "context"];

#[test]
fn every_expression_can_be_read_and_every_name_in_it_is_defined() {
    let mut findings = Findings::default();
    for machine in &machines() {
        for (state, path, source) in sources(machine) {
            check_expression(state, &path, source, &mut findings);
        }
    }
    findings.assert_none();
}

#[test]
fn an_expression_with_an_unknown_name_is_found_wherever_it_stands() {
    let machine = Machine::of(
        "toy.asl.json",
        r#"{"StartAt": "A", "QueryLanguage": "JSONata", "States": {"A": {"Type": "Pass",
            "Assign": {"x": "{% $eval('1') %}"},
            "Output": {"a": "{% $state.input %}", "b": ["{% $states.inputs.c %}", "{% $count([%}", "see {% 1 %}"],
                "d": "{% $states.errorOutput %}"}}}}"#,
    );
    let mut findings = Findings::default();
    for (state, path, source) in sources(&machine) {
        check_expression(state, &path, source, &mut findings);
    }
    let place = "statemachines/toy.asl.json, state \"A\": ";
    let found: Vec<&str> = findings.lines().into_iter().map(|line| line.strip_prefix(place).unwrap()).collect();
    assert_eq!(
        found,
        [
            "Assign/x: $eval is no function of Step Functions, and nothing in the expression binds it; correct the name",
            "Output/a: $state is no function of Step Functions, and nothing in the expression binds it; correct the name",
            "Output/b/0: $states.inputs does not exist; use input, result, errorOutput or context",
            "Output/b/1: the expression cannot be read (`]` is missing); correct it",
            "Output/b/2: the text holds an expression without being one, and is passed on as it stands; let {% and %} enclose all of it",
            "Output/d: $states.errorOutput exists only in a Catch",
        ]
    );
}

#[test]
fn a_state_is_written_in_one_language() {
    let mut findings = Findings::default();
    for machine in &machines() {
        for state in machine.states() {
            check_language(state, &mut findings);
        }
    }
    findings.assert_none();
}

#[test]
fn a_state_that_mixes_languages_is_found() {
    let machine = Machine::of(
        "toy.asl.json",
        r#"{"StartAt": "A", "States": {
            "A": {"Type": "Task", "QueryLanguage": "JSONata", "Parameters": {"x.$": "$.x"}, "Next": "B"},
            "B": {"Type": "Task", "Catch": [{"ErrorEquals": ["States.ALL"], "Output": "{% $states.input %}"}], "End": true}
        }}"#,
    );
    let mut findings = Findings::default();
    check_language(machine.state("A"), &mut findings);
    check_language(machine.state("B"), &mut findings);
    assert_eq!(
        findings.lines(),
        [
            "statemachines/toy.asl.json, state \"A\": Parameters belongs to JSONPath; write it in JSONata",
            "statemachines/toy.asl.json, state \"A\": Parameters/x.$ is a JSONPath, which JSONata passes on as it stands",
            "statemachines/toy.asl.json, state \"B\": Output belongs to JSONata; declare the state's QueryLanguage",
            "statemachines/toy.asl.json, state \"B\": Catch/0/Output is JSONata, which JSONPath passes on as it stands",
        ]
    );
}

#[test]
fn json_path_is_used_only_where_a_timeout_is_a_path() {
    let mut findings = Findings::default();
    for machine in &machines() {
        for state in machine.states() {
            let uses_paths = state.texts().iter().any(|(_, text)| is_json_path(text));
            let needs_them = state.json["TimeoutSecondsPath"].is_string();
            findings.unless(!uses_paths || needs_them, &state, "uses JSONPath without need; write it in JSONata");
        }
    }
    findings.assert_none();
}

/// Every text with a mark of JSONata, and where it stands.
fn sources(machine: &Machine) -> Vec<(State<'_>, String, &str)> {
    let marked = |text: &str| text.contains("{%") || text.contains("%}");
    let mut sources = Vec::new();
    for state in machine.states() {
        let marked = state.texts().into_iter().filter(|(_, text)| marked(text));
        sources.extend(marked.map(|(path, text)| (state, path, text)));
    }
    sources
}

fn check_expression(state: State<'_>, path: &str, text: &str, findings: &mut Findings) {
    let Some(source) = enclosed(text) else {
        let what = "the text holds an expression without being one, and is passed on as it stands; let {% and %} enclose all of it";
        findings.add(&state, format_args!("{path}: {what}"));
        return;
    };
    let expression = match Expression::parse(source) {
        Ok(expression) => expression,
        Err(why) => {
            findings.add(&state, format_args!("{path}: the expression cannot be read ({why}); correct it"));
            return;
        }
    };
    for name in expression.free_variables() {
        let mut known = FUNCTIONS.split_whitespace().chain(EXTRA_FUNCTIONS.split_whitespace()).chain(["states", ""]);
        findings.unless(
            known.any(|known| known == name),
            &state,
            format_args!(
                "{path}: ${name} is no function of Step Functions, and nothing in the expression binds it; correct the name"
            ),
        );
    }
    for of_states in expression.paths().iter().filter_map(|path| path.strip_prefix("states.")) {
        let reserved = of_states.split('.').next().unwrap_or_default();
        let exists = RESERVED.contains(&reserved);
        let what = format_args!("{path}: $states.{reserved} does not exist; use input, result, errorOutput or context")
            .to_string();
        findings.unless(exists, &state, what);
        let in_place = reserved != "errorOutput" || path.starts_with("Catch/");
        findings.unless(in_place, &state, format_args!("{path}: $states.errorOutput exists only in a Catch"));
        let gives_result = ["Task", "Map", "Parallel"].iter().any(|kind| state.json["Type"] == *kind);
        let in_place =
            reserved != "result" || gives_result && (path.starts_with("Output") || path.starts_with("Assign"));
        findings.unless(
            in_place,
            &state,
            format_args!("{path}: $states.result exists only in what a Task or Map gives"),
        );
    }
}

/// What stands between `{%` and `%}`, if they enclose the whole text.
fn enclosed(text: &str) -> Option<&str> {
    let inside = text.strip_prefix("{%")?.strip_suffix("%}")?;
    (!inside.contains("{%") && !inside.contains("%}")).then_some(inside)
}

fn is_json_path(text: &str) -> bool {
    ["$.", "$$.", "$[", "States."].iter().any(|mark| text.starts_with(mark)) && !text.starts_with("States.ALL")
        || text == "$"
        || text == "$$"
}

fn check_language(state: State<'_>, findings: &mut Findings) {
    let language = state.language();
    let entries = state.list("Catch").iter().chain(state.list("Choices"));
    for field in entries.chain([state.json]).filter_map(|entry| entry.as_object()).flat_map(|entry| entry.keys()) {
        let foreign_jsonata = language == Language::JsonPath && JSONATA_FIELDS.contains(&field.as_str());
        let what = format_args!("{field} belongs to JSONata; declare the state's QueryLanguage").to_string();
        findings.unless(!foreign_jsonata, &state, what);
        let foreign_path = language == Language::Jsonata && JSON_PATH_FIELDS.contains(&field.as_str());
        findings.unless(!foreign_path, &state, format_args!("{field} belongs to JSONPath; write it in JSONata"));
    }
    for (path, text) in state.texts() {
        match language {
            Language::Jsonata => findings.unless(
                !path.ends_with(".$") && !is_json_path(text),
                &state,
                format_args!("{path} is a JSONPath, which JSONata passes on as it stands"),
            ),
            Language::JsonPath => findings.unless(
                !text.contains("{%"),
                &state,
                format_args!("{path} is JSONata, which JSONPath passes on as it stands"),
            ),
        }
    }
}
